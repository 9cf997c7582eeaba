"""Steps about what pictures are for, and about the profile picture that follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_bdd import given, then, when

from lanes.client import Answer
from lanes.steps.cards import all_cards
from lanes.steps.hooks import insert_row
from lanes.steps.saving import Item, as_saved, save, send_as, send_sync
from lanes.steps.world import World

_FOURFOLD = ("gallery", "profile", "gallery", "profile")
_NONE_AT_ALL = ("clip", "track", "", "Profile", "GALLERY", "profile ", "profile,gallery", "avatar", "null")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A purpose that has to be refused: by which clause, and what came."""

    clause: str
    purpose: Any
    answer: Answer


@dataclass(frozen=True, slots=True)
class Moment:
    """What there was after a step: the items in their order, the artist, its card; and which clause is about the step."""

    clause: str
    step: str
    items: list[Item]
    artist: dict[str, Any]
    card: dict[str, Any]


@given("an artist with pictures for the gallery, the profile, the gallery and the profile again")
def _(world: World) -> None:
    world.artist = world.create_artist()
    for row, purpose in zip(world.corpus.of("small"), _FOURFOLD, strict=False):
        world.upload(row, purpose)


@when("a picture is uploaded for the profile and another for the gallery")
def _(world: World) -> None:
    for row, purpose in zip(world.corpus.of("small"), ("profile", "gallery"), strict=False):
        world.uploads.append(send_as(world, row, purpose))


@when("pictures are uploaded for nothing and for anything else")
def _(world: World) -> None:
    world.notes["before"] = world.collection()
    row = world.corpus.of("small")[2]
    world.notes["attempts"] = [Attempt("missing-refused", None, send_as(world, row, None).answer)]
    for purpose in _NONE_AT_ALL:
        world.notes["attempts"].append(Attempt("other-refused", purpose, send_as(world, row, purpose).answer))


@when("the collection is saved with pictures for nothing and for anything else")
def _(world: World) -> None:
    for purpose in (*_NONE_AT_ALL, None, 1, ["profile"]):
        world.notes["attempts"].append(save_for(world, purpose))


@when("pictures are uploaded for the gallery, the profile, the gallery and the profile again")
def _(world: World) -> None:
    world.notes["moments"] = [look(world, "null-without", "the creation")]
    for row, purpose in zip(world.corpus.of("small"), _FOURFOLD, strict=False):
        world.upload(row, purpose)
        clause = "null-without" if "profile" not in _FOURFOLD[: len(world.uploads)] else "first-in-order"
        world.notes["moments"].append(look(world, clause, f"the upload of {row.id} for the {purpose}"))


@when("the collection is turned round, given other purposes, and deleted from the front")
def _(world: World) -> None:
    world.notes["moments"] = change_everything(world)


@when("pictures for the profile that cannot be shown are put before them")
def _(world: World) -> None:
    if world.check.due("REC-4", "skips-without-src"):
        put_before(world)


@then("each is kept for what it was uploaded for")
def _(world: World) -> None:
    for upload, purpose in zip(world.uploads, ("profile", "gallery"), strict=True):
        clause = f"{purpose}-accepted"
        if world.check("REC-2", clause, upload.answer.status == 201, f"{upload.answer}, should be 201", upload.answer):
            kept = {item["ID"]: item["purpose"] for item in world.collection()}.get(upload.item["ID"])
            right = kept == upload.item["purpose"] == purpose
            world.check("REC-2", clause, right, f"uploaded as {purpose}, reads back as {kept}", upload.answer)


@then("each attempt is refused")
def _(world: World) -> None:
    for each in world.notes["attempts"]:
        refused = each.answer.status == 422
        world.check("REC-2", each.clause, refused, f"{each.answer} with {each.purpose!r}, should be 422", each.answer)


@then("after the attempts the collection is as it was")
def _(world: World) -> None:
    was, now = world.notes["before"], world.collection()
    world.check("REC-2", "nothing-public", now == was != [], f"the collection had {len(was)} items, and is not what it was")


@then("after each upload the others are for what they were for")
def _(world: World) -> None:
    for moment in world.notes["moments"]:
        purposes = tuple(item["purpose"] for item in moment.items)
        wanted = _FOURFOLD[: len(purposes)]
        world.check("REC-4", "purposes-kept", purposes == wanted, f"after {moment.step}: {purposes}, should be {wanted}")


@then("after each step the artist shows the first picture for the profile")
def _(world: World) -> None:
    for moment in world.notes["moments"]:
        check_profile_image(world, moment)


@then("the artist shows the first picture for the profile that can be shown")
def _(world: World) -> None:
    if world.check.due("REC-4", "skips-without-src"):
        check_profile_image(world, look(world, "skips-without-src", "two items without a src were put first"))


def save_for(world: World, purpose: Any) -> Attempt:
    """A save that would turn the collection round, and gives this purpose to its last picture."""
    wanted = as_saved(reversed(world.notes["before"]))
    wanted[-1]["purpose"] = purpose
    return Attempt("sync-refused", purpose, send_sync(world, wanted))


def look(world: World, clause: str, step: str) -> Moment:
    """What everybody sees of the artist now."""
    return Moment(clause, step, world.collection(), world.read_artist(), all_cards(world).get(world.artist, {}))


def change_everything(world: World) -> list[Moment]:
    """Turns the collection round, exchanges its purposes, and deletes its profile picture until there is none."""
    save(world, as_saved(reversed(world.collection())))
    moments = [look(world, "follows-order", "the collection was turned round")]
    swapped = as_saved(world.collection())
    for item in swapped:
        item["purpose"] = "gallery" if item["purpose"] == "profile" else "profile"
    save(world, swapped)
    moments.append(look(world, "follows-order", "the purposes were exchanged"))
    for clause in ("follows-deletion", "null-without"):
        first = next(item for item in world.collection() if item["purpose"] == "profile")
        gone = world.client.call("deleteArtistMedia", world.artist, first["ID"])
        world.check.presume("SYN-6", "deleted", gone.status == 204, f"{gone}, should be 204", gone)
        moments.append(look(world, clause, "the profile picture was deleted"))
    return moments


def put_before(world: World) -> None:
    """Two profile-purpose items without a src at the front: one that names no object, one in a store that nobody knows."""
    nowhere = {"storageProvider": "unheard-of", "storageLocation": "media", "storageKey": "media/1/2.jpg"}
    rows = {insert_row(world, purpose="profile"), insert_row(world, purpose="profile", **nowhere)}
    items = save(world, as_saved(sorted(world.collection(), key=lambda item: item["ID"] not in rows)))
    shown = [item["ID"] for item in items if item["src"] is None]
    told = f"{len(shown)} items have no src, the two without an object should be first and have none"
    world.check.presume("LEG-4", "null-src", set(shown) == rows == {item["ID"] for item in items[:2]}, told)


def check_profile_image(world: World, moment: Moment) -> None:
    """profileImageURL, in artist and card, is the src of the first profile-purpose item that has one."""
    urls = [item["src"] for item in moment.items if item["purpose"] == "profile" and item["src"]]
    wanted = urls[0] if urls else None
    empty = (wanted is None) == (moment.clause == "null-without")
    world.check.presume("REC-4", moment.clause, empty, f"after {moment.step} the collection has {len(urls)} profile pictures")
    for what, shown in (("artist", moment.artist), ("card", moment.card)):
        url = shown.get("profileImageURL", "absent")
        told = f"after {moment.step} the {what} shows {url}, should be {wanted}"
        world.check("REC-4", moment.clause, url == wanted, told)
