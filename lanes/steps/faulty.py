"""Steps about uploads that fail on the way: nothing of them is left, and the next one succeeds."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_bdd import parsers, then, when

from lanes.client import Answer
from lanes.steps.hooks import FINALISATION, STORAGE, armed
from lanes.steps.races import arrive
from lanes.steps.refusals import begin
from lanes.steps.remains import check_nothing_left, objects, records
from lanes.steps.world import Uploaded, World


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that can be made to fail: the rule about it, the hook, and how the upload has to be answered."""

    rule: str
    path: str
    armed: dict[str, object]
    status: int
    code: str


FAULTS = {
    "the picture cannot be stored": Fault(
        "UPL-3", STORAGE, {"operation": "put", "artifact": "canonical", "times": 1}, 503, "storage_unavailable"
    ),
    "its thumbnail cannot be stored": Fault(
        "UPL-4", STORAGE, {"operation": "put", "artifact": "thumbnail", "times": 1}, 503, "storage_unavailable"
    ),
    "it cannot be entered into the records": Fault("UPL-5", FINALISATION, {"times": 1}, 500, "finalisation_failed"),
}


@when(parsers.parse("a picture is sent while {fault}"))
def _(world: World, fault: str) -> None:
    begin(world, FAULTS[fault].rule)
    world.notes["fault"] = FAULTS[fault]
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


@then("nothing of what they sent is left")
@then("nothing of it is left")
def _(world: World) -> None:
    check_nothing_left(world, world.notes["rule"], world.notes["before"])


@then("it is there once, with everything that belongs to it")
def _(world: World) -> None:
    check_there_once(world)


def send_while(world: World, fault: Fault) -> Uploaded:
    """One upload, of a picture that the artist does not have, during the fault."""
    with armed(world, fault.path, fault.armed):
        return world.send(world.corpus.of("small")[-1])


def check_failed(world: World, fault: Fault, answer: Answer) -> None:
    """The status of the fault, and the code where the rule has a clause for it."""
    clause = f"answers-{fault.status}"
    world.check(fault.rule, clause, answer.status == fault.status, f"{answer}, should be {fault.status}", answer)
    if fault.rule == "UPL-5":
        world.check(fault.rule, "code", answer.code == fault.code, f"{answer}, code should be {fault.code}", answer)


def lose_and_send_again(world: World, fault: Fault) -> None:
    """Notes what is there, lets an upload fail, and sends the same again."""
    if not world.check.due("UPL-9", "accepted"):
        return
    world.notes["rows"] = {row["ID"] for row in records(world)} if world.check.due("UPL-9", "one-recorded") else set()
    world.notes["stored"] = set(objects(world)) if world.check.due("UPL-9", "one-stored") else set()
    lost = send_while(world, fault)
    failed = lost.answer.status == fault.status
    world.check.presume(fault.rule, f"answers-{fault.status}", failed, f"{lost.answer}, should be {fault.status}", lost.answer)
    world.notes["again"] = world.send(lost.row)


def check_there_once(world: World) -> None:
    """201; then one item more that renders, one row more, and two objects more."""
    again = world.notes["again"]
    answer = again.answer
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
