"""Contract fuzzing: requests that Schemathesis makes of the contract, valid and not, sent to the target.

Its engine makes and sends them and says which are invalid; what an answer may be is said by the contract client, as everywhere.
"""

from __future__ import annotations

import email
import email.policy
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from requests.structures import CaseInsensitiveDict

from lanes.client import Answer, Request
from lanes.contract import contract
from lanes.files import read_contract
from lanes.places import CONTRACTS

if TYPE_CHECKING:
    from schemathesis import Case

EXAMPLES = 12  # made up for each operation and kind, besides those that cover its schema
_FIELDS = {"file", "purpose", "altText"}  # of the form of an upload
_MOST_SHOWN = 600  # characters of a curl line


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is made up: a number that decides what (None: always the same), and how many of a kind."""

    seed: int | None = None
    examples: int = EXAMPLES
    long: bool = False


NORMAL = Effort()


@dataclass(frozen=True, slots=True)
class Fuzzed:
    """A request that was made up, and what came of it.

    `invalid_accepted` says why a request that the contract calls invalid was not refused; None where all is well.
    """

    operation: str
    answer: Answer
    invalid_accepted: str | None
    curl: str


@dataclass(frozen=True, slots=True)
class Supplies:
    """What made-up requests are given so that some of them succeed.

    `artist` and `item` answer IDs that exist, fresh ones where the request is to delete them; `picture` the folder and file of
    a render URL, None where the target does not deliver itself; `images` valid files by media type.
    """

    artist: Callable[[bool], str]
    item: Callable[[bool], tuple[str, str]]
    picture: tuple[str, str] | None
    images: Mapping[str, Iterable[bytes]]


def fuzz(
    base_url: str, credentials: Mapping[str, str], without: Iterable[str], supplies: Supplies, effort: Effort
) -> Iterator[Fuzzed]:
    """Sends requests to every operation but those `without`, and answers what came of each."""
    # Only here, and only for those who come here: it takes a second to load.
    import schemathesis
    from hypothesis import strategies
    from schemathesis.engine import events, from_schema

    for media_type, images in supplies.images.items():
        schemathesis.openapi.media_type(media_type, strategies.sampled_from(list(images)))
    schema: Any = schemathesis.openapi.from_path(CONTRACTS / "openapi.yaml", config=_config(credentials, effort))
    schema.config.update(base_url=base_url)
    for operation in without:
        schema = schema.exclude(operation_id=operation)
    hook = _supplied(supplies)
    schemathesis.hook("before_call")(hook)
    try:
        for event in from_schema(schema).execute():
            match event:
                case events.ScenarioFinished():
                    yield from _fuzzed(event.recorder)
                case events.NonFatalError() | events.FatalError():
                    raise RuntimeError(f"no requests can be made up: {getattr(event, 'info', event)}")
    finally:
        schemathesis.hooks.unregister(hook)


def _config(credentials: Mapping[str, str], effort: Effort) -> Any:
    from schemathesis.config import SchemathesisConfig

    operator = {"headers": {"Authorization": f"Bearer {credentials.get('operator', '')}"}}
    config: dict[str, Any] = {
        "headers": {"Authorization": f"Bearer {credentials['write']}"},
        "generation": {"mode": "all", "max-examples": effort.examples, "deterministic": effort.seed is None},
        "phases": {"stateful": {"enabled": False}},
        # A request may be valid by its schema and name what is not there.
        "checks": {"positive_data_acceptance": {"enabled": False}},
        "operations": [
            # Its coverage of a form fills the other required fields with nothing, which is not valid.
            {"include-operation-id": "uploadArtistMedia", "phases": {"coverage": {"enabled": False}}},
            *({"include-operation-id": name} | operator for name in operator_reads()),
            # A Range that is none is ignored (RFC 9110, section 14.2), and with it whatever is wrong with the request.
            *(
                {"include-operation-id": name, "checks": {"negative_data_rejection": {"enabled": False}}}
                for name in ("deliverMedia", "headMedia")
            ),
        ],
    }
    if effort.seed is not None:
        config["seed"] = effort.seed
    return SchemathesisConfig.from_dict(config)


def operator_reads() -> list[str]:
    """The operations that need the operator credential."""
    paths: dict[str, Any] = read_contract("openapi.yaml")["paths"]
    operations = (each for path in paths.values() for each in path.values() if isinstance(each, dict) and "operationId" in each)
    return [str(each["operationId"]) for each in operations if {"operatorCredential": []} in each.get("security", [])]


def _supplied(supplies: Supplies) -> Callable[[Any, Case[Any], dict[str, Any]], None]:
    """A hook that gives three of four requests IDs that exist; the rest keep what was made up."""
    numbers = itertools.count()

    def before_call(context: Any, case: Case[Any], kwargs: dict[str, Any]) -> None:
        del context, kwargs
        path = case.path_parameters
        if not path or next(numbers) % 4 == 0:
            return
        deletes = case.method == "DELETE"
        if "mediaID" in path:
            path["artistID"], path["mediaID"] = supplies.item(deletes)
        elif "artistID" in path:
            path["artistID"] = supplies.artist(deletes)
        elif supplies.picture and len(path) == len(supplies.picture):
            path.update(dict(zip(path, supplies.picture, strict=True)))

    return before_call


def _fuzzed(recorder: Any) -> Iterator[Fuzzed]:
    for case_id, interaction in recorder.interactions.items():
        case, response = recorder.cases[case_id].value, interaction.response
        if response is None:
            continue  # the engine says so with an error
        request = Request(interaction.request.method, interaction.request.uri, None, {})
        headers = CaseInsensitiveDict({name: ", ".join(values) for name, values in response.headers.items()})
        answer = Answer(request, response.status_code, headers, response.content, response.elapsed, ())
        failed = [
            check
            for check in recorder.checks.get(case_id, ())
            if check.name == "negative_data_rejection" and check.failure_info
        ]
        why = str(failed[0].failure_info.failure).splitlines()[0] if failed else None
        if why and is_valid_form(interaction.request):
            why = None
        yield Fuzzed(case.operation.definition.raw["operationId"], answer, why, _curl(case))


def is_valid_form(request: Any) -> bool:
    """Whether a body is an upload that keeps its schema as it was sent.

    In a form (RFC 7578) everything but a file is text: what was made up as null, say, arrives as the word.
    """
    kind = request.headers.get("Content-Type", [""])[0]
    if not kind.startswith("multipart/form-data") or not request.body:
        return False
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    form: dict[str, str] = {}
    for part in message.iter_parts():
        name = str(part.get_param("name", header="content-disposition"))
        is_double = name in form and name in _FIELDS
        if is_double or (name == "file" and part.get_filename() is None):
            return False
        payload: Any = part.get_payload(decode=True)
        form[name] = payload.decode("utf-8", "replace")
    return contract().keeps("Upload", form)


def _curl(case: Any) -> str:
    try:
        line = str(case.as_curl_command())
    except (TypeError, ValueError, UnicodeError):
        return "a request that no curl line can tell"
    return line if len(line) <= _MOST_SHOWN else f"{line[:_MOST_SHOWN]}…"
