"""Steps about a store in which every call goes wrong in every way."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from pytest_bdd import then, when

from lanes.checks import Blocked
from lanes.client import Answer
from lanes.discrepancy.comparison import Finding
from lanes.stack.gateway.calls import Word
from lanes.stack.gateway.faults import Fault, What, When
from lanes.steps.agreement import check_none, differences
from lanes.steps.hanging import LETS_GO, MARGIN, impatient, let_go_after
from lanes.steps.hooks import leaving_behind, place_of, unstorable
from lanes.steps.saving import as_saved, send_sync
from lanes.steps.world import World

_TIMEOUT = 1  # seconds that the target is told to wait for its store, the least that there is
_SLOW = 0.3  # seconds that are no reason to give up

_WAYS: tuple[tuple[str, What, When], ...] = (
    ("is refused", "refuse", "before"),
    ("fails", "fail", "before"),
    ("breaks off", "reset", "before"),
    ("hangs", "hang", "before"),
    ("is slow", "slow", "before"),
    ("is done and fails all the same", "fail", "after"),
    ("is done and breaks off all the same", "reset", "after"),
    ("is done and hangs all the same", "hang", "after"),
)
_NEEDED: tuple[Word, ...] = ("put", "delete")  # whoever stores pictures does both; not everybody looks before reading
_CALLS = 3  # calls that one request may have to give up one after another: a write, and both objects to clear away
_ENOUGH = _CALLS * _TIMEOUT + MARGIN


@dataclass(frozen=True, slots=True)
class Broken:
    """One thing that was done while one kind of storage call went wrong: how, the answer, and what did not agree afterwards.

    `hit` is whether there was such a call.
    """

    how: str
    answer: Answer
    fault: Fault
    hit: bool
    about: tuple[str, str] | None  # the clause about its answer
    seconds: float
    findings: list[Finding]


@when("every call to the store goes wrong in every way, one after another")
def _(world: World) -> None:
    if world.check.due("CON-6", "no-orphan"):
        with impatient(world, _TIMEOUT) as alone:
            world.notes["broken"] = break_everything(alone)


@then("each time no entry lacks its picture or its thumbnail")
def _(world: World) -> None:
    for each in world.notes.get("broken", ()):
        _check(world, each, "no-missing-canonical")
        _check(world, each, "no-missing-thumbnail")


@then("nothing in the store is without an entry, but what could not be deleted")
def _(world: World) -> None:
    for each in world.notes.get("broken", ()):
        _check(world, each, "no-orphan")


@then("each time the answer is what it should be, in time")
def _(world: World) -> None:
    for each in world.notes.get("broken", ()):
        check_answer(world, each)
    if "broken" in world.notes:
        check_hit(world.notes["broken"])  # last of all: what was found by then has been judged


@then("they agree on what each is, each time")
def _(world: World) -> None:
    for each in world.notes.get("broken", ()):
        _check(world, each, "no-mismatch")


def break_everything(world: World) -> list[Broken]:
    """Each kind of storage call that an upload, a deletion, a save or a read makes, going wrong in each way."""
    tried: list[tuple[str, Callable[[], Answer], Word, int, tuple[str, str] | None]] = [
        ("storing the picture", partial(_send, world), "put", place_of("canonical"), ("UPL-3", "answers-503")),
        ("storing the thumbnail", partial(_send, world), "put", place_of("thumbnail"), ("UPL-4", "answers-503")),
        ("clearing away after a failed upload", partial(_fail_upload, world), "delete", 1, ("UPL-7", "answer-kept")),
        ("deleting the first file of a picture", partial(_delete, world), "delete", 1, ("SYN-5", "item-delete-succeeds")),
        ("deleting the second file of a picture", partial(_delete, world), "delete", 2, ("SYN-5", "item-delete-succeeds")),
        ("deleting what a save leaves out", partial(_leave_out, world), "delete", 1, ("SYN-5", "sync-succeeds")),
        ("looking for a picture", partial(_show, world), "head", 1, None),
        ("reading a picture", partial(_show, world), "read", 1, None),
    ]
    return [
        _broken(world, f"{what} {way}", task, Fault(kind, moment, operation=operation, nth=nth, seconds=_seconds(kind)), about)
        for what, task, operation, nth, about in tried
        for way, kind, moment in _WAYS
    ]


def check_hit(broken: list[Broken]) -> None:
    """Raises Blocked where nothing was broken: then that rows and objects agree says nothing."""
    for operation in _NEEDED:
        if not any(each.hit for each in broken if each.fault.operation == operation):
            raise Blocked(f"the gateway has seen no {operation} of an object, so that none could go wrong")


def _broken(world: World, how: str, task: Callable[[], Answer], fault: Fault, about: tuple[str, str] | None) -> Broken:
    while len(world.collection()) < 2:
        world.upload(world.corpus.of("small")[1])
    with leaving_behind(world, fault) as armed:
        began = time.perf_counter()
        with let_go_after(_ENOUGH, armed):
            answer = task()
        seconds = time.perf_counter() - began
        armed.wait_ended(LETS_GO)
    hit = bool(armed.calls)
    return Broken(how, answer, fault, hit, about if hit else None, seconds, differences(world))


def check_answer(world: World, broken: Broken) -> None:
    """What cannot be stored fails, what is deleted succeeds, and nothing waits without end.

    Other scenarios are about these rules: here they stand for every way in which a call can go wrong.
    """
    what = broken.fault.what
    if what == "hang" and world.check.due("OPS-3", "storage-timeout"):
        told = f"{broken.how}: {broken.answer} after {broken.seconds:.1f} s, should be after {_ENOUGH:g} s at most"
        world.check.presume("OPS-3", "storage-timeout", broken.seconds <= _ENOUGH, told, broken.answer)
    if broken.about is None or not world.check.due(*broken.about):
        return
    if broken.about[0] in {"UPL-3", "UPL-4"}:
        # What may be tried again may take until it is given up for that.
        wanted = {"hang": {504}, "slow": {201}, "refuse": {503}}.get(what, {503, 504})
    else:
        wanted = {"answer-kept": {503, 504}, "sync-succeeds": {200}}.get(broken.about[1], {204})
    told = f"{broken.how}: {broken.answer}, should be {' or '.join(map(str, sorted(wanted)))}"
    world.check.presume(*broken.about, broken.answer.status in wanted, told, broken.answer)


def _seconds(kind: What) -> float:
    return _SLOW if kind == "slow" else 0.0


def _send(world: World) -> Answer:
    return world.send(world.corpus.of("small")[0]).answer


def _fail_upload(world: World) -> Answer:
    with unstorable(world, "thumbnail"):
        return _send(world)


def _delete(world: World) -> Answer:
    return world.client.call("deleteArtistMedia", world.artist, world.collection()[0]["ID"])


def _leave_out(world: World) -> Answer:
    return send_sync(world, as_saved(world.collection()[1:]))


def _show(world: World) -> Answer:
    return world.fetch(world.collection()[0]["src"])


def _check(world: World, broken: Broken, clause: str) -> None:
    check_none(world, clause, broken.findings, f"after {broken.how}: {broken.answer}", broken.answer)
