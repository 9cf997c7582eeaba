"""Steps about deleting single pictures."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.steps.deletion import check_others_kept
from lanes.steps.saving import Item
from lanes.steps.world import World


@dataclass(frozen=True, slots=True)
class Deletion:
    """A deletion: of which item, what was answered and to the same again, and what there was before and after."""

    item: Item
    answer: Answer
    before: list[Item]
    reads: dict[str, list[Item]]
    again: Answer


@when("the second, the last and the first picture are deleted one after another")
def _(world: World) -> None:
    world.notes["deletions"] = [delete(world, place) for place in (1, -1, 0)]


@when("the other artist's pictures are deleted as if they were the artist's own")
def _(world: World) -> None:
    items = world.notes["other items"]
    world.answers = [world.client.call("deleteArtistMedia", world.artist, item["ID"]) for item in items]


@then("each was there before and gone after")
def _(world: World) -> None:
    for each in world.notes["deletions"]:
        check_deleted(world, each)


@then("after each deletion the others closed up")
def _(world: World) -> None:
    for each in world.notes["deletions"]:
        check_closed_up(world, each)


@then("none can be deleted again")
def _(world: World) -> None:
    for each in world.notes["deletions"]:
        later = world.client.call("deleteArtistMedia", world.artist, each.item["ID"])
        for answer in (each.again, later):
            world.check("SYN-6", "again-404", answer.status == 404, f"{answer} to a second time, should be 404", answer)


@then("each deletion is told that there is no such picture")
def _(world: World) -> None:
    for answer in world.answers:
        world.check("SYN-6", "foreign-404", answer.status == 404, f"{answer}: another's item, should be 404", answer)


@then("the other artist still has them all")
def _(world: World) -> None:
    check_others_kept(world, "SYN-6", "foreign-kept", "foreign-kept")


def delete(world: World, place: int) -> Deletion:
    """Deletes the item at a place, twice."""
    before = world.collection()
    answer = world.client.call("deleteArtistMedia", world.artist, before[place]["ID"])
    reads = {"listArtistMedia": world.collection(), "readArtist": world.read_artist()["media"]}
    again = world.client.call("deleteArtistMedia", world.artist, before[place]["ID"])
    return Deletion(before[place], answer, before, reads, again)


def check_deleted(world: World, each: Deletion) -> None:
    """204, and no read shows the item."""
    world.check("SYN-6", "deleted", each.answer.status == 204, f"{each.answer}, should be 204", each.answer)
    for what, items in each.reads.items():
        gone = each.item["ID"] not in [item["ID"] for item in items]
        world.check("SYN-6", "deleted", gone, f"{what} still shows {each.item['ID']}", each.answer)


def check_closed_up(world: World, each: Deletion) -> None:
    """The others are in the order that they had, with sortOrder 0 to n-1."""
    wanted = [item["ID"] for item in each.before if item["ID"] != each.item["ID"]]
    for what, items in each.reads.items():
        shown, places = [item["ID"] for item in items], [item["sortOrder"] for item in items]
        closed = shown == wanted and places == list(range(len(wanted)))
        told = f"{what}: {shown} with sortOrder {places}, should be {wanted}"
        world.check("SYN-6", "order-closes", closed, told, each.answer)
