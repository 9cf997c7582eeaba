"""Steps about deletions while the store cannot delete."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from pytest_bdd import parsers, then, when

from lanes.client import Answer
from lanes.steps.deletion import note_what_there_is
from lanes.steps.hooks import ArtifactKind, undeletable
from lanes.steps.remains import key_of, objects, records, stored_at
from lanes.steps.saving import Item, as_saved, failing_urls, send_sync
from lanes.steps.world import World

_KEYS: dict[str, tuple[ArtifactKind, str]] = {"canonicals": ("canonical", "src"), "thumbnails": ("thumbnail", "thumbnailSrc")}


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion that the store did not follow: the clause about it, what it deleted, what it left, and what came."""

    clause: str
    gone: list[Item]
    kept: list[Item]
    answer: Answer


@when(parsers.parse("two pictures are left out of a save while {what} cannot be deleted"))
def _(world: World, what: str) -> None:
    if world.check.due("SYN-5", "sync-succeeds"):
        first, *gone = prepare(world, what)
        with not_deleting(world, what):
            world.notes["deletion"] = Deletion("sync-succeeds", gone, [first], send_sync(world, as_saved([first])))


@when(parsers.parse("one picture is deleted while {what} cannot be deleted"))
def _(world: World, what: str) -> None:
    if world.check.due("SYN-5", "item-delete-succeeds"):
        first, *kept = prepare(world, what)
        with not_deleting(world, what):
            answer = world.client.call("deleteArtistMedia", world.artist, first["ID"])
        world.notes["deletion"] = Deletion("item-delete-succeeds", [first], kept, answer)


@when(parsers.parse("the whole artist is deleted while {what} cannot be deleted"))
def _(world: World, what: str) -> None:
    if world.check.due("SYN-5", "artist-delete-succeeds"):
        items = prepare(world, what)
        with not_deleting(world, what):
            answer = world.client.call("deleteArtist", world.artist)
        world.notes["deletion"] = Deletion("artist-delete-succeeds", items, [], answer)


@then("the deletion succeeds and everybody sees its outcome")
def _(world: World) -> None:
    if "deletion" in world.notes:
        check_outcome(world, world.notes["deletion"])


@then("nothing of what was deleted is in the records")
def _(world: World) -> None:
    if "deletion" in world.notes and world.check.due("SYN-5", "rows-gone"):
        gone = {item["ID"] for item in world.notes["deletion"].gone}
        still = sorted(row["ID"] for row in records(world) if row["ID"] in gone)
        world.check("SYN-5", "rows-gone", not still, f"the records still have {still}")


@then("of what was deleted only that is left in the store which could not be deleted")
def _(world: World) -> None:
    if "deletion" in world.notes and world.check.due("SYN-5", "only-undeletable-left"):
        check_left(world, world.notes["deletion"])


def not_deleting(world: World, what: str) -> contextlib.AbstractContextManager[None]:
    """The store deletes none of these of the artist."""
    artifact, url = _KEYS[what]
    return undeletable(world, artifact, [key_of(world, item[url]) for item in world.notes["items"]])


def prepare(world: World, what: str) -> list[Item]:
    """The items that there are, and which of their objects it is that cannot be deleted."""
    note_what_there_is(world, "SYN-5", "rows-gone", "only-undeletable-left")
    if world.check.due("SYN-5", "only-undeletable-left"):
        key = _KEYS[what][1]
        stored = {item["ID"]: {each.name for each in stored_at(world, item[key])} for item in world.notes["items"]}
        world.notes["undeletable"] = stored
    items: list[Item] = world.notes["items"]
    return items


def check_outcome(world: World, deletion: Deletion) -> None:
    """The deletion succeeds; then the collection is as it was asked for, and whatever it shows renders."""
    wanted = 200 if deletion.clause == "sync-succeeds" else 204
    told = f"{deletion.answer} while an object cannot be deleted, should be {wanted}"
    world.check("SYN-5", deletion.clause, deletion.answer.status == wanted, told, deletion.answer)
    if deletion.clause == "artist-delete-succeeds":
        for operation in ("readArtist", "listArtistMedia"):
            answer = world.client.call(operation, world.artist)
            world.check("SYN-5", deletion.clause, answer.status == 404, f"{answer}, should be 404", answer)
        return
    shown = world.collection()
    same = [item["ID"] for item in shown] == [item["ID"] for item in deletion.kept]
    world.check("SYN-5", deletion.clause, same, f"{len(shown)} items are shown, should be the {len(deletion.kept)} others")
    failing = failing_urls(world, shown)
    world.check(
        "SYN-5", deletion.clause, not failing, f"of what is shown {len(failing)} URLs fail: {failing[:1]}", *failing[:1]
    )


def check_left(world: World, deletion: Deletion) -> None:
    """Of the deleted items' objects the store holds those that could not be deleted, and of the others all."""
    stored = objects(world).keys()
    for item in deletion.gone:
        left, wanted = world.notes["objects"][item["ID"]] & stored, world.notes["undeletable"][item["ID"]]
        # A call that is to delete several objects at once fails as a whole.
        wanted = wanted | (world.notes["objects"][item["ID"]] & world.stack.grounds.planted)
        told = f"of {item['ID']} the store holds {sorted(left)}, should be {sorted(wanted)}"
        world.check("SYN-5", "only-undeletable-left", left == wanted, told)
    for item in deletion.kept:
        lost = world.notes["objects"][item["ID"]] - stored
        world.check("SYN-5", "only-undeletable-left", not lost, f"{item['ID']} was not deleted, and the store lost {lost}")
