"""Steps about the fields that a page needs to show a picture: its addresses, its preview and its measures."""

from __future__ import annotations

from typing import Any

from pytest_bdd import given, then, when

from lanes.client import Answer
from lanes.steps.hooks import insert_row
from lanes.steps.reads import PROFILE_FIELDS, new_artist, public_reads
from lanes.steps.world import World

_ITEM_FIELDS = ("src", "thumbnailSrc", "blurDataURL", "width", "height")
_NOWHERE = "https://pictures.nobody.example/old/photo.jpg"  # an old URL that no provider recognises


@given("an artist with gallery and profile pictures")
def _(world: World) -> None:
    world.artist = new_artist(world)
    for row, purpose in zip(world.corpus.of("small"), ("gallery", "profile", "profile"), strict=False):
        world.accepted(row, purpose)


@when("the artist is read, edited and saved")
def _(world: World) -> None:
    world.notes["answers"] = read_edit_and_save(world)


@then("each picture carries its addresses, preview and measures")
def _(world: World) -> None:
    for name, answer in world.notes["answers"].items():
        check_item_fields(world, name, answer)


@then("artist and card carry those of one profile picture")
def _(world: World) -> None:
    for name, answer in world.notes["answers"].items():
        check_profile_fields(world, name, answer)


@then("what is not known of an old picture is said to be unknown")
def _(world: World) -> None:
    if world.check.due("DEL-1", "null-unknown"):
        check_null_unknown(world)


def read_edit_and_save(world: World) -> dict[str, Answer]:
    """Every answer that shows items, artists or cards."""
    wanted = [{"ID": each.item["ID"], "purpose": each.item["purpose"], "altText": None} for each in world.uploads]
    written = {
        **{f"the upload of {each.row.id}": each.answer for each in world.uploads},
        "createArtist": world.client.call("createArtist", json={"name": "The Empty Stage", "bio": None}),
        "editArtist": world.client.call("editArtist", world.artist, json={"bio": "On tour"}),
        "syncArtistMedia": world.client.call("syncArtistMedia", world.artist, json={"media": wanted}),
    }
    return written | public_reads(world)


def check_item_fields(world: World, name: str, answer: Answer) -> None:
    """Every item in an answer has the five fields, and none of them is empty: all of it is known of an upload."""
    for item in items_in(answer.json):
        lacking = [field for field in _ITEM_FIELDS if not item.get(field)]
        world.check("DEL-1", "item-fields", not lacking, f"{name}: {item.get('ID')} is without {lacking}", answer)


def check_profile_fields(world: World, name: str, answer: Answer) -> None:
    """Artist and card have the three fields, null for who has no picture, and otherwise all from one profile item."""
    body = answer.json if isinstance(answer.json, dict) else {}
    shown = [("artist-fields", body["artist"])] if "artist" in body else []
    shown += [("card-fields", each) for each in body.get("artists", ()) if each.get("ID") == world.artist]
    wanted = [tuple(each.item.get(key) for key in PROFILE_FIELDS.values()) for each in world.uploads]
    for clause, found in shown:
        lacking = [field for field in PROFILE_FIELDS if field not in found]
        world.check("DEL-1", clause, not lacking, f"{name} is without {lacking}", answer)
        triple = tuple(found.get(field) for field in PROFILE_FIELDS)
        if found.get("ID") == world.artist:
            same = triple in wanted[1:]
            world.check("DEL-1", "same-item", same, f"{name}: the three are not those of a profile picture: {triple}", answer)
            world.notes.setdefault("triples", []).append((name, triple))
            first_name, first = world.notes["triples"][0]
            world.check("DEL-1", clause, triple == first, f"{name} shows {triple}, {first_name} shows {first}", answer)
        else:
            world.check("DEL-1", clause, not any(triple), f"{name}: no picture, and it shows {triple}", answer)


def check_null_unknown(world: World) -> None:
    """Of an old picture at an address that nobody knows, all five fields are there and null, and so is the artist's image."""
    world.artist = new_artist(world)
    insert_row(world, purpose="profile", legacyURL=_NOWHERE)
    answers = public_reads(world)
    for name, answer in answers.items():
        for item in items_in(answer.json):
            wrong = {field: item.get(field, "absent") for field in _ITEM_FIELDS if item.get(field, "absent") is not None}
            world.check("DEL-1", "null-unknown", not wrong, f"{name}: not null although unknown: {wrong}", answer)
    shown = sum(len(items_in(answer.json)) for answer in answers.values())
    world.check.presume("LEG-4", "listed", shown == 2, f"{shown} reads show the old picture, should be two")
    for name in ("readArtist", "listArtists"):
        body = answers[name].json
        for found in body.get("artists", [body.get("artist")]):
            if found["ID"] == world.artist:
                wrong = {
                    field: found.get(field, "absent") for field in PROFILE_FIELDS if found.get(field, "absent") is not None
                }
                world.check("DEL-1", "null-unknown", not wrong, f"{name}: not null although unknown: {wrong}", answers[name])


def items_in(body: Any) -> list[dict[str, Any]]:
    """The items that an answer shows, wherever in it they are."""
    if not isinstance(body, dict):
        return []
    found = body.get("media", body["artist"].get("media", ()) if isinstance(body.get("artist"), dict) else ())
    return [found] if isinstance(found, dict) else [each for each in found if isinstance(each, dict)]
