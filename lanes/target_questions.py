"""What somebody who begins a target file is asked, as far as options do not say it."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Mapping
from typing import Any

from jsonschema.exceptions import best_match

from lanes.errors import Refused, one_of
from lanes.files import explain, validator
from lanes.target import malformed
from lanes.target_file import Sketch

Wrong = Callable[[str], str | None]  # what is wrong with an answer, None where nothing is
Ask = Callable[[str, str | None, Wrong], str]  # asks a question with a proposal, and again for as long as the answer is wrong
_ENVIRONMENTS = ("test", "dev")  # of those that a target may report, what lanes judge


def sketched(given: Mapping[str, str | None], ask: Ask | None) -> Sketch:
    """What options say, by their names, and what somebody answers who is asked for the rest; None: nobody is there.

    Raises Refused.
    """

    def answer(option: str, question: str, proposal: str | None, wrong: Wrong) -> str:
        if (found := given[option]) is not None:
            return found
        if ask:
            return ask(question, proposal, wrong)
        if proposal is None:
            raise Refused(f"--{option} is missing, and nobody is there to be asked")
        return proposal

    if given["command"] and given["base_url"]:
        raise Refused("--command and --base-url: a target is either launched or reached")
    name = answer("name", "How shall verdicts call it?", None, lambda each: _misfit(each, "name"))
    url = given["base_url"]
    place = url or answer("command", "Which command line launches it, or at which URL is it there already?", None, _no_place)
    reached = bool(url) or (given["command"] is None and _is_url(place))
    environment = "test"
    if reached:
        question = f"In which application environment is it: {' or '.join(_ENVIRONMENTS)}?"
        environment = answer("environment", question, "test", _no_environment)
    claims = answer(
        "claims", f"Which profiles does it claim, of {_all('claims')}?", "core", lambda each: _misfits(each, "claims")
    )
    question = f"What does it offer beyond the HTTP contract, of {_all('offers')}? Nothing is fine."
    offers = answer("offers", question, "", lambda each: _misfits(each, "offers"))
    where = {"base_url": place} if reached else {"command": place}
    return Sketch(name, _split(claims), _split(offers), environment=environment, **where)


def _no_place(answer: str) -> str | None:
    if _is_url(answer):
        return _misfit(answer, "reach", "base_url") or malformed(answer)
    try:
        return None if shlex.split(answer) else "a command line has a word at least"
    except ValueError as error:
        return f"this is no command line: {error}"


def _no_environment(answer: str) -> str | None:
    return None if answer in _ENVIRONMENTS else f"no lane judges {answer!r}; {one_of(answer, _ENVIRONMENTS)}"


def _is_url(answer: str) -> bool:
    return answer.startswith(("http://", "https://"))


def _misfit(value: object, *keys: str) -> str | None:
    """What the schema of target files has against a value of this key, None where it has nothing."""
    violation = best_match(validator("target").evolve(schema=_schema(*keys)).iter_errors(value))
    return explain(violation).removeprefix("top level: ") if violation else None


def _misfits(names: str, key: str) -> str | None:
    return _misfit(list(_split(names)), key)


def _all(key: str) -> str:
    return ", ".join(_schema(key)["items"]["enum"])


def _schema(*keys: str) -> Any:
    found: Any = validator("target").schema
    for key in keys:
        found = found["properties"][key]
    return found


def _split(names: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in names.split(",") if each.strip())
