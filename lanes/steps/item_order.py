"""Steps about the order of a collection."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_bdd import then, when

from lanes.steps.saving import Item, as_saved, send_as, send_sync
from lanes.steps.world import Uploaded, World

_MORE = 19  # uploads: beyond ten, where texts sort otherwise than numbers, and beyond a page of twenty


@dataclass(frozen=True, slots=True)
class Moment:
    """The collection after a step, as each of several reads showed it."""

    step: str
    reads: dict[str, list[Item]]


@dataclass(frozen=True, slots=True)
class Addition:
    """A picture that was added, and the collection right after."""

    upload: Uploaded
    moment: Moment


@when("pictures are added after the others were turned round, deleted and left out")
def _(world: World) -> None:
    world.notes["moments"], world.notes["additions"] = [look(world, "three uploads")], []
    change_and_add(world)


@then("each picture that was added was the last one then")
def _(world: World) -> None:
    for addition in world.notes["additions"]:
        check_last(world, addition)


@then("at each moment the order had no gap and was the same for everybody")
def _(world: World) -> None:
    for moment in world.notes["moments"]:
        check_order(world, moment)


def look(world: World, step: str, **more: list[Item]) -> Moment:
    """The collection, read twice in each way there is."""
    reads = {"listArtistMedia": world.collection(), "readArtist": world.read_artist()["media"]}
    reads |= {"listArtistMedia again": world.collection(), "readArtist again": world.read_artist()["media"]}
    return Moment(step, more | reads)


def change_and_add(world: World) -> None:
    """Turns the collection round, deletes its first item, then its last, and leaves one out; uploads go between."""
    turned = arrange(world, as_saved(reversed(world.collection())))
    world.notes["moments"].append(look(world, "turning it round", sync=turned))
    add(world, "the collection was turned round")
    for place, which in ((0, "first"), (-1, "last")):
        gone = world.client.call("deleteArtistMedia", world.artist, world.collection()[place]["ID"])
        world.check.presume("SYN-6", "deleted", gone.status == 204, f"{gone}, should be 204", gone)
        world.notes["moments"].append(look(world, f"deleting the {which}"))
        add(world, f"the {which} was deleted")
    wanted = as_saved(world.collection())
    arrange(world, [*wanted[2:], wanted[0]])
    for which in ("the second was left out", *("another upload",) * _MORE):
        add(world, which)


def arrange(world: World, wanted: list[Item]) -> list[Item]:
    """Syncs the collection, and answers what the sync answered. Raises Blocked, blaming SYN-1, when it is refused."""
    media: list[Item] = world.told(send_sync(world, wanted), 200, "SYN-1", "order")["media"]
    return media


def add(world: World, step: str) -> None:
    """Uploads a picture, and notes what there is then."""
    rows = world.corpus.of("small")
    row = rows[len(world.notes["additions"]) % len(rows)]
    sent = send_as(world, row)
    world.told(sent.answer, 201, "UPL-1", "created")
    moment = look(world, f"adding a picture after {step}")
    world.notes["moments"].append(moment)
    world.notes["additions"].append(Addition(sent, moment))


def check_last(world: World, addition: Addition) -> None:
    """The new item is at the end, and was answered with its place there."""
    new, moment = addition.upload.item, addition.moment
    for what, items in moment.reads.items():
        last = bool(items) and items[-1]["ID"] == new["ID"]
        told = f"{what} after {moment.step}: the new item is not the last of {len(items)}"
        world.check("REC-3", "appended", last, told, addition.upload.answer)
    place, count = new["sortOrder"], len(moment.reads["listArtistMedia"])
    told = f"{moment.step}: the upload answered the place {place} of {count}"
    world.check("REC-3", "appended", place == count - 1, told, addition.upload.answer)


def check_order(world: World, moment: Moment) -> None:
    """sortOrder is 0 to n-1, in that order, and every read shows the same items."""
    first = moment.reads["listArtistMedia"]
    for what, items in moment.reads.items():
        places = [item["sortOrder"] for item in items]
        told = f"{what} after {moment.step}: sortOrder {places}"
        world.check("REC-3", "gapless", sorted(places) == list(range(len(items))) != [], told)
        world.check("REC-3", "in-order", places == sorted(places), told)
        told = f"{what} after {moment.step} differs from listArtistMedia: {[item['ID'] for item in items]}"
        world.check("REC-3", "same-everywhere", items == first, told)
