"""Tries what a target file says, harmlessly: launch or reach, credentials, capabilities, hooks; and says what can be judged."""

from __future__ import annotations

import contextlib
import os
import tempfile
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from lanes import profile
from lanes.anonymous import Anonymous, doors
from lanes.client import Answer, Client
from lanes.contract import contract
from lanes.deployment import Deployment, Eyes
from lanes.errors import Refused, StackError, TargetSilent
from lanes.files import read_contract
from lanes.guards import check_deployed, check_roles, check_runtime
from lanes.patience import Patience, RunOver
from lanes.plan import make_plan, placed
from lanes.profile import LaneProfile
from lanes.record_sources import Unreadable, read_rows
from lanes.redact import Redactor
from lanes.rules import catalogue
from lanes.stack.services import Services
from lanes.stack.slot import Stack
from lanes.stack.watchdog import Watchdog
from lanes.surfaces import vocabulary
from lanes.target import Bucket, Launch, Reach, Target

_NAMED = 6  # clauses that share a reason; `medialane run LANE --dry-run` names all
_PATIENCE = 60.0  # seconds for a reset
_NOBODY = str(uuid.UUID(int=0))
# A call of each state hook that changes nothing: what has a body is sent one that every target has to refuse.
_HOOKS = (
    ("DELETE", "/states/failures", 204),
    ("POST", "/states/finalisation-failures", 422),
    ("POST", "/states/storage-failures", 422),
    ("POST", "/states/media-rows", 422),
    ("PUT", f"/states/artists/{_NOBODY}/legacy-image", 404),
)


@dataclass(frozen=True, slots=True)
class Tried:
    """One thing of the target file that was tried, and what came of it."""

    what: str
    works: bool | None  # None: there was nothing to try it by
    found: str


def check(target: Target, lane: LaneProfile) -> Iterator[Tried]:
    """Everything that the target file says, tried in order; stops at what the rest stands on. Nothing is created.

    Raises Refused where the lane's guards say no.
    """
    if lane.guarded:
        check_deployed(target, os.environ)
    if isinstance(target.how, Reach):
        check_roles(target)
    with tempfile.TemporaryDirectory(prefix="medialane-check-") as output, Watchdog() as watchdog:
        redactor = Redactor()
        services = Services(lane.stack if isinstance(target.how, Launch) else (), "auto", Path(output), redactor)
        stack = Stack(0, lane, target, Path(output), redactor, watchdog, services)
        try:
            with services, stack:
                if isinstance(target.how, Launch):
                    yield Tried("serves", True, stack.place.base_url)
                yield from _answers(target, lane, stack)
                if stack.place.deployment:
                    yield from try_bucket(stack.place.deployment, target.source)
                if isinstance(target.how, Launch) and not lane.deployed:
                    yield _restart(stack)
                    if target.how.reset:
                        yield _reset(stack)
        except StackError as error:
            yield Tried("serves", False, str(error))


def try_bucket(deployment: Deployment, source: str) -> Iterator[Tried]:
    """What the bucket of a deployment answers to strangers, and what its operator sees of it. Nothing is changed.

    `source` is the target file, for messages.
    """
    bucket = deployment.bucket
    if bucket is None:
        yield Tried("bucket", None, "the target file has no [bucket] to try")
        return
    nowhere = f"{bucket.prefix}media/medialane-{uuid.uuid4()}"
    with contextlib.closing(Anonymous(bucket, source)) as anonymous:
        try:
            attempt = anonymous.knock(doors(bucket)[0], nowhere)
            yield Tried("bucket denies strangers", attempt.denied, str(attempt))
        except StackError as error:
            yield Tried("bucket denies strangers", False, str(error))
    if deployment.eyes is None:
        yield Tried("operator's eyes", None, "the target file has no [bucket.operator] to try")
    else:
        yield from _eyes(bucket, deployment.eyes, nowhere)


def _eyes(bucket: Bucket, eyes: Eyes, nowhere: str) -> Iterator[Tried]:
    from lanes.stores.operator import OperatorEyes, Unseen  # boto3 is slow to load

    what = "operator's eyes"
    try:
        seeing = OperatorEyes(bucket, eyes)
        for what, look in (
            ("operator's eyes on objects", lambda: seeing.head(nowhere)),
            ("operator's eyes on the policy", seeing.policy_is_public),
        ):
            try:
                look()
                yield Tried(what, True, "may look")
            except Unseen as unseen:
                yield Tried(what, False, str(unseen))
    except StackError as error:
        yield Tried(what, False, str(error))


def verifiable(target: Target, lane: LaneProfile) -> Iterator[str]:
    """What the lane will and will not be able to establish of the target's claims, and why, a line each."""
    plan = make_plan(lane, target, catalogue())
    due = sum(len(planned.due) for planned in plan.rules.values())
    rules = [planned for planned in plan.rules.values() if planned.due]
    yield f"{due} clauses of {len(rules)} rules can be established on {lane.name}"
    lacking: dict[str, list[str]] = {}
    for rule, planned in plan.rules.items():
        if planned.settled != "unclaimed":
            for clause, why in planned.absent.items():
                lacking.setdefault(why, []).append(f"{rule} {clause}")
    for why, clauses in sorted(lacking.items(), key=lambda each: -len(each[1])):
        named = ", ".join(clauses[:_NAMED]) + (", …" if len(clauses) > _NAMED else "")
        yield f"{len(clauses)} clauses cannot: {why} ({named})"


def _answers(target: Target, lane: LaneProfile, stack: Stack) -> Iterator[Tried]:
    client = Client(
        stack.place.base_url,
        stack.place.credentials,
        contract(),
        patience=Patience(target.limits),
        headers=stack.place.headers,
        polite=stack.place.polite,
        authority=stack.place.authority,
    )
    with contextlib.closing(client):
        try:
            if lane.deployed:
                check_runtime(make_plan(lane, target, catalogue()), client)
            yield from _public(client)
            yield from _credentials(client, target)
            if "operator" in target.capabilities:
                yield _expect("operator reads", client.call("readRuntime"), 200)
            if "records" in target.capabilities:
                yield _records(client, target, stack)
            if "pages" in target.capabilities:
                yield from _pages(client, target)
            if "states" in target.capabilities:
                yield from (_hook(client, *hook) for hook in _HOOKS)
        except (TargetSilent, RunOver) as error:
            yield Tried("answers", False, str(error))


def _public(client: Client) -> Iterator[Tried]:
    health = client.call("readHealth")
    yield _expect("health", health, 200)
    told = (health.json or {}).get("contractVersion") if health.status == 200 else None
    if told:
        yield Tried("contract version", told == contract().version, f"{told}, judged by {contract().version}")
    yield _expect("media policy", client.call("readMediaPolicy"), 200)
    yield _expect("artists", client.call("listArtists"), 200)


def _credentials(client: Client, target: Target) -> Iterator[Tried]:
    # Deleting an artist that cannot exist tells whether the credential was taken, and changes nothing.
    yield _expect("write credential", client.call("deleteArtist", _NOBODY), 404)
    yield _expect("no credential", client.call("deleteArtist", _NOBODY, role=None), 401)
    if "operator" in target.capabilities:
        yield _expect("operator credential for a write", client.call("deleteArtist", _NOBODY, role="operator"), 403)


def _records(client: Client, target: Target, stack: Stack) -> Tried:
    what = f"records ({target.records.source})"
    try:
        rows = read_rows(target.records, client, stack.place.settings)
    except (Unreadable, StackError) as error:
        return Tried(what, False, str(error))
    wanted = read_contract("openapi.yaml")["components"]["schemas"]["MediaRecord"]["required"]
    if not rows:
        return Tried(what, None, "0 rows: nothing to try it by yet")
    if missing := sorted(set(wanted) - rows[0].keys()):
        return Tried(what, False, f"{len(rows)} rows without {', '.join(missing)}")
    return Tried(what, True, f"{len(rows)} rows")


def _pages(client: Client, target: Target) -> Iterator[Tried]:
    """Those of its pages that need nobody's ID. Which surfaces they have is seen in a browser."""
    words = vocabulary(target.naming)
    for name in ("showcase", "card", "create"):
        answer = client.read(client.base_url + words.path(name))
        kind = answer.headers.get("Content-Type", "")
        works = answer.status == 200 and kind.startswith("text/html")
        yield Tried(
            f"page with {name}", works, f"{answer}, {kind or 'of no type'}{'' if works else ', should be 200 and text/html'}"
        )


def _hook(client: Client, method: str, path: str, status: int) -> Tried:
    body = {"legacyImageURL": None} if status == 404 else {} if status == 422 else None
    answer = client.state(method, path, body)
    what = f"state hook {method} {path.replace(_NOBODY, '…')}"
    if answer.status == 404 and answer.code == "not_found":
        return Tried(what, False, f"{answer}: there is no such hook")
    return _expect(what, answer, status)


def _restart(stack: Stack) -> Tried:
    """A second process beside the first, in a runtime that no target may accept."""
    code = read_contract("runtime.yaml")["exit_code"]
    with stack.folder() as folder:
        settings = stack.settings(folder, APP_ENV="dev", MEDIA_STORAGE_PROVIDER="mocked", MEDIA_EXECUTION_TARGET="mocked")
        with stack.process(settings, folder) as process:
            ended = process.settle()
    found = "it went on running" if ended is None else f"exit code {ended}"
    return Tried("rejects a runtime that is not allowed", ended == code, f"{found}, should be {code}")


def _reset(stack: Stack) -> Tried:
    """Its reset command, on a database and a store of its own."""
    with stack.folder() as folder, stack.resetting(stack.settings(folder), folder, ()) as running:
        ended = running.wait_exit(_PATIENCE)
        said = "" if ended == 0 else f", should be 0; its last lines:\n{running.last_lines or '(none)'}"
    found = f"it goes on after {_PATIENCE:g} s" if ended is None else f"exit code {ended}"
    return Tried("reset command", ended == 0, found + said)


def _expect(what: str, answer: Answer, status: int) -> Tried:
    wrong = "; ".join(violation.text for violation in answer.violations)
    works = answer.status == status and not wrong
    return Tried(what, works, f"{answer}{f', should be {status}' if answer.status != status else ''}{wrong and f': {wrong}'}")


def lane_for(target: Target, name: str | None) -> LaneProfile:
    """The lane to try a target in: the one named, else of those that judge its environment the one that starts least.

    Raises Refused.
    """
    if name:
        return placed(profile.load(name), target)
    lanes = [profile.load(each) for each in profile.names()]
    environment = getattr(target.how, "environment", None)
    fitting = [lane for lane in lanes if environment in {None, lane.environment} and lane.letter != "B"]
    if not fitting:
        raise Refused(f"no lane of this version judges the environment {environment!r}; name one with --lane")
    return min(fitting, key=lambda lane: (lane.deployed, len(lane.stack)))
