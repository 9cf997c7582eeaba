"""Steps about clearing away what a failed upload has stored, and nothing else."""

from __future__ import annotations

import contextlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pytest_bdd import parsers, then, when

from lanes.client import Answer
from lanes.stack.gateway.faults import Fault
from lanes.stack.gateway.record import Call, good
from lanes.steps.holding import REACHED, row_ids
from lanes.steps.hooks import leaving_behind, place_of, plant
from lanes.steps.reads import public_reads
from lanes.steps.remains import key_of, objects, sha256_of
from lanes.steps.saving import failing_urls
from lanes.steps.world import World

# What goes wrong with the thumbnail; then at least one object is there to be deleted, or both.
_FAULTS = {
    "its thumbnail cannot be stored": Fault("fail", operation="put", nth=place_of("thumbnail")),
    "its thumbnail is stored without a word": Fault("fail", "after", operation="put", nth=place_of("thumbnail")),
}


@dataclass(frozen=True, slots=True)
class Failed:
    """An upload that failed: the answer, the storage calls that were made meanwhile, and the keys of others among them."""

    answer: Answer
    calls: tuple[Call, ...]
    others: frozenset[str] = frozenset()


@when("a picture that is there already is sent again and fails")
def _(world: World) -> None:
    if world.check.due("UPL-6", "own-keys-only"):
        # As somebody else's upload has it that is not through yet: no row names it.
        plant(world, "media/somebody/elses.jpg", b"somebody else's")
        world.notes["before"] = _bytes_of_all(world)
        world.notes["failed"] = [fail_twin(world)]


@when("another one fails while yet another is sent and succeeds")
def _(world: World) -> None:
    if world.check.due("UPL-6", "concurrent-kept"):
        fail_beside_another(world)


@then("the failed ones have touched nothing but their own")
def _(world: World) -> None:
    for failed in world.notes.get("failed", ()):
        check_own_keys(world, failed)


@then("everything else is there and can be shown")
def _(world: World) -> None:
    if "failed" in world.notes:
        check_others_kept(world)


@when(parsers.parse("a picture is lost because {fault} and the store cannot delete one of its files"))
def _(world: World, fault: str) -> None:
    if world.check.due("UPL-7", "answer-kept"):
        fail_and_leave(world, _FAULTS[fault])


@then("the upload has failed as if it had been cleared away")
def _(world: World) -> None:
    if "answer" in world.notes:
        answer: Answer = world.notes["answer"]
        held = answer.status == 503 and answer.code == "storage_unavailable"
        world.check("UPL-7", "answer-kept", held, f"{answer}, should be 503 storage_unavailable", answer)


@then("nobody sees it")
def _(world: World) -> None:
    if "answer" in world.notes:
        check_no_row(world)


@then("only what could not be deleted is left of it")
def _(world: World) -> None:
    if "answer" in world.notes:
        left = sorted(objects(world).keys() - world.notes["before"])
        told = f"left are {left}, undeletable was {sorted(world.notes['undeletable'])}"
        world.check("UPL-7", "only-undeletable-left", left == sorted(world.notes["undeletable"]), told, world.notes["answer"])


def fail_twin(world: World) -> Failed:
    """Sends the first picture of the scenario once more, while its thumbnail cannot be stored."""
    mark = world.gateway.record.mark()
    with world.gateway.faulty(_FAULTS["its thumbnail cannot be stored"]):
        answer = world.send(world.uploads[0].row).answer
    world.check.presume("UPL-4", "answers-503", answer.status == 503, f"{answer}, should be 503", answer)
    return Failed(answer, world.gateway.record.since(mark))


def fail_beside_another(world: World) -> None:
    """An upload fails, and while it is being cleared away another one to the same artist succeeds."""
    lost, kept = world.uploads[1].row, world.uploads[2].row
    mark = world.gateway.record.mark()
    with contextlib.ExitStack() as undo:
        undo.enter_context(world.gateway.faulty(_FAULTS["its thumbnail cannot be stored"]))
        holding = undo.enter_context(world.gateway.faulty(Fault("hold", operation="delete")))
        pool = undo.enter_context(ThreadPoolExecutor(1))
        failing = pool.submit(world.send, lost)
        try:
            reached = holding.wait_reached(REACHED)
            beside = world.upload(kept)
        finally:
            holding.release()
        answer = failing.result().answer
    world.check.presume("UPL-4", "canonical-deleted", reached, f"nothing was ever deleted: {answer}", answer)
    world.check.presume("UPL-4", "answers-503", answer.status == 503, f"{answer}, should be 503", answer)
    keys = frozenset(key_of(world, beside.item[name]) for name in ("src", "thumbnailSrc"))
    world.notes["beside"] = beside
    world.notes["failed"].append(Failed(answer, world.gateway.record.since(mark), keys))


def check_own_keys(world: World, failed: Failed) -> None:
    """What it wrote was not there before; what it deleted neither was nor is another's."""
    before = {name.partition("/")[2] for name in world.notes["before"]}
    written = {key for call in failed.calls for key in call.keys if call.operation == "put"} - failed.others
    deleted = {key for call in failed.calls for key in call.keys if call.operation == "delete"}
    foreign = sorted((written & before) | (deleted & (before | failed.others)))
    told = f"written {sorted(written)}, deleted {sorted(deleted)}; of them are others' {foreign}"
    world.check("UPL-6", "own-keys-only", bool(written) and not foreign, told, failed.answer)


def check_others_kept(world: World) -> None:
    """Every object is there with its bytes; the first twin and the upload beside the second one render."""
    now = _bytes_of_all(world)
    changed = sorted(name for name, digest in world.notes["before"].items() if now.get(name) != digest)
    world.check("UPL-6", "others-kept", not changed, f"{len(changed)} objects changed or gone, the first: {changed[:1]}")
    shown = world.collection()
    for clause, upload in (("same-file-kept", world.uploads[0]), ("concurrent-kept", world.notes.get("beside"))):
        if upload is None:
            continue
        there = [item for item in shown if item["ID"] == upload.item["ID"]]
        failing = failing_urls(world, there)
        told = f"it is {len(there)} times in the collection, {len(failing)} of its URLs fail"
        world.check("UPL-6", clause, len(there) == 1 and not failing, told, upload.answer, *failing[:1])


def fail_and_leave(world: World, fault: Fault) -> None:
    """An upload fails, and the store will not delete the first of its objects that it is told to."""
    world.notes["before"] = objects(world).keys()
    world.notes["items"], world.notes["rows"] = world.collection(), row_ids(world)
    mark = world.gateway.record.mark()
    with world.gateway.faulty(fault), leaving_behind(world, Fault("fail", operation="delete", nth=1)) as undeletable:
        world.notes["answer"] = world.send(world.corpus.of("small")[-1]).answer
    # What was never stored cannot be left, in whatever order it is cleared away.
    puts = world.gateway.record.since(mark, operation="put")
    stored = {f"{call.location}/{key}" for call in puts for key in call.keys if good(call.store_status)}
    world.notes["undeletable"] = stored & {f"{call.location}/{key}" for call in undeletable.calls for key in call.keys}


def check_no_row(world: World) -> None:
    """Neither reads nor records have anything more."""
    answer = world.notes["answer"]
    same = world.collection() == world.notes["items"]
    reads = public_reads(world)
    artist = world.told(reads["readArtist"], 200, "UPL-1", "listed")["artist"]["media"] == world.notes["items"]
    world.check("UPL-7", "no-row-public", same and artist, "the collection is not as it was", answer)
    if world.check.due("UPL-7", "no-row-recorded"):
        more = sorted((row_ids(world) or set()) - (world.notes["rows"] or set()))
        world.check("UPL-7", "no-row-recorded", not more, f"the records have {more} more", answer)


def _bytes_of_all(world: World) -> dict[str, str | None]:
    """The digest of every object of the scenario's artist, and of all others that they are there."""
    keys = {key_of(world, item[name]) for item in world.collection() for name in ("src", "thumbnailSrc")}
    return {name: sha256_of(world, stored) if stored.key in keys else "there" for name, stored in objects(world).items()}
