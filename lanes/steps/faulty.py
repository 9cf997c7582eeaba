"""Steps about uploads that fail on the way: nothing of them is left, and the next one succeeds."""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass

from pytest_bdd import parsers, then, when

from lanes.client import Answer
from lanes.stack.gateway.record import Call, good
from lanes.steps.hooks import unrecordable, unstorable
from lanes.steps.races import arrive
from lanes.steps.refusals import begin
from lanes.steps.remains import check_nothing_left, objects, records
from lanes.steps.world import Uploaded, World


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can be made to fail: the rule about it, how it is done, and how the upload has to be answered."""

    rule: str
    arranged: Callable[[World], contextlib.AbstractContextManager[None]]
    status: int
    code: str


FAULTS = {
    "the picture cannot be stored": Fault("UPL-3", lambda world: unstorable(world, "canonical"), 503, "storage_unavailable"),
    "its thumbnail cannot be stored": Fault("UPL-4", lambda world: unstorable(world, "thumbnail"), 503, "storage_unavailable"),
    "it cannot be entered into the records": Fault("UPL-5", unrecordable, 500, "finalisation_failed"),
}


@when(parsers.parse("a picture is sent while {fault}"))
def _(world: World, fault: str) -> None:
    begin(world, FAULTS[fault].rule)
    world.notes["fault"] = FAULTS[fault]
    world.notes["mark"] = world.gateway.record.mark() if world.stack.grounds.stores else None
    world.uploads.append(send_while(world, FAULTS[fault]))


@when(parsers.parse("a picture is sent again that was lost because {fault}"))
def _(world: World, fault: str) -> None:
    lose_and_send_again(world, FAULTS[fault])


@when("clients leave in the middle of sending pictures")
def _(world: World) -> None:
    begin(world, "UPL-11")
    leave_in_the_middle(world)


@then("the upload has failed for that reason")
def _(world: World) -> None:
    check_failed(world, world.notes["fault"], world.uploads[-1].answer)


@then("what had been stored of it was deleted again")
def _(world: World) -> None:
    if world.notes["mark"] is not None:
        check_compensated(world, world.notes["fault"], world.gateway.record.since(world.notes["mark"]))


@then("nothing of what they sent is left")
@then("nothing of it is left")
def _(world: World) -> None:
    check_nothing_left(world, world.notes["rule"], world.notes["before"])


@then("it is there once, with everything that belongs to it")
def _(world: World) -> None:
    check_there_once(world)


def send_while(world: World, fault: Fault) -> Uploaded:
    """One upload, of a picture that the artist does not have, during the fault."""
    with fault.arranged(world):
        return world.send(world.corpus.of("small")[-1])


def check_compensated(world: World, fault: Fault, calls: tuple[Call, ...]) -> None:
    """The gateway has seen what was stored deleted again, after what failed."""
    clause = {"UPL-4": "canonical-deleted", "UPL-5": "both-deleted"}.get(fault.rule)
    if clause is None or not world.check.due(fault.rule, clause):
        return
    stored = {key: call for call in calls for key in call.keys if call.operation == "put" and good(call.store_status)}
    wanted = 1 if fault.rule == "UPL-4" else 2
    refused = any(call.operation == "put" and call.fault for call in calls) or fault.rule == "UPL-5"
    last = defaultdict(int, {key: call.number for call in calls for key in call.keys if call.operation == "put"})
    deletions = [call for call in calls if call.operation == "delete" and good(call.status)]
    deleted = {key for call in deletions for key in call.keys if call.number > last[key]}
    told = f"{len(stored)} objects stored and {len(deleted)} deleted, should be all: {'; '.join(map(str, calls))}"
    # More may be stored on the way, under a name for the time being.
    world.check(fault.rule, clause, refused and len(stored) >= wanted and set(stored) <= deleted, told)


def check_failed(world: World, fault: Fault, answer: Answer) -> None:
    """The status of the fault, and the code where the rule has a clause for it."""
    clause = f"answers-{fault.status}"
    world.check(fault.rule, clause, answer.status == fault.status, f"{answer}, should be {fault.status}", answer)
    if fault.rule == "UPL-5":
        world.check(fault.rule, "code", answer.code == fault.code, f"{answer}, code should be {fault.code}", answer)


def lose_and_send_again(world: World, fault: Fault) -> None:
    """Notes what is there, lets an upload fail, and sends the same again."""
    if not (world.check.due("UPL-9", "accepted") and world.check.due(fault.rule, f"answers-{fault.status}")):
        return  # it cannot be made to fail in this way
    world.notes["rows"] = {row["ID"] for row in records(world)} if world.check.due("UPL-9", "one-recorded") else set()
    world.notes["stored"] = set(objects(world)) if world.check.due("UPL-9", "one-stored") else set()
    lost = send_while(world, fault)
    failed = lost.answer.status == fault.status
    world.check.presume(fault.rule, f"answers-{fault.status}", failed, f"{lost.answer}, should be {fault.status}", lost.answer)
    world.notes["again"] = world.send(lost.row)


def check_there_once(world: World) -> None:
    """201; then one item more that renders, one row more, and two objects more."""
    if "again" not in world.notes:
        return
    answer = world.notes["again"].answer
    if not world.check("UPL-9", "accepted", answer.status == 201, f"{answer} to a retry, should be 201", answer):
        return
    before = [upload.item["ID"] for upload in world.uploads]
    new = [item for item in world.collection() if item["ID"] not in before]
    world.check("UPL-9", "one-public", len(new) == 1, f"the collection has {len(new)} items of it", answer)
    for item in new:
        for key in ("src", "thumbnailSrc"):
            seen = world.fetch(item[key])
            world.check("UPL-9", "one-public", seen.status == 200, f"{key}: {seen}", answer, seen)
    if world.check.due("UPL-9", "one-recorded"):
        rows = [row["ID"] for row in records(world) if row["ID"] not in world.notes["rows"]]
        world.check("UPL-9", "one-recorded", len(rows) == 1, f"the records have {len(rows)} rows of it", answer)
    if world.check.due("UPL-9", "one-stored"):
        stored = sorted(set(objects(world)) - world.notes["stored"])
        world.check("UPL-9", "one-stored", len(stored) == 2, f"the store has {len(stored)} objects of it", answer)


def leave_in_the_middle(world: World) -> None:
    """Connections that break off: in the fields, in the picture, and just before the end."""
    picture = world.corpus.of("small")[-1]
    size = len(world.upload_by_hand(picture).prepared.body)
    for left in (size - 40, size // 2, 60, 2, 1):
        with world.upload_by_hand(picture) as sending:
            sending.send_all_but(left)
            # Servers prefer to hear that somebody has left to reading what they sent: it has to be taken in before.
            arrive(world)
            sending.abort()
    # A refused upload from end to end: by its answer the target has had time for what came before it.
    for damaged in world.corpus.of("damaged")[:3]:
        refused = world.send(damaged).answer
        world.check.presume("ING-12", "refused", refused.status == damaged.status, f"{damaged.id}: {refused}", refused)
