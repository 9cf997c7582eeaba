"""Steps about the details of artists: their name and bio."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pytest_bdd import given, then, when

from lanes.checks import Blocked
from lanes.client import Answer
from lanes.steps.cards import all_cards
from lanes.steps.saving import save, shuffled
from lanes.steps.world import World

_PROFILE_IMAGE = ("profileImageURL", "profileImageThumbnailURL", "profileImageBlurDataURL")
_MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}
_IMAGE_URL = "https://media.example/media/1/2.jpg"

# What an artist has been created from, and therefore has to be: letters of every width, an accent that
# is a character of its own, and the bounds of a name.
_DETAILS: tuple[dict[str, str | None], ...] = (
    {"name": "Ø"},
    {"name": "Zoe\u0308 & the 🎻 of Łódź", "bio": "First line\nsecond line, <b>not bold</b>  "},
    {"name": "\U0001d11e" * 200, "bio": None},
    {"name": "An artist with an empty bio", "bio": ""},
)

# One edit after another, of an artist who has both a name and a bio at first.
_EDITS: tuple[tuple[dict[str, str | None], Mapping[str, str]], ...] = (
    ({"name": "The Quarterdeck Ensemble"}, {}),
    ({"bio": "Rewritten, at length, 🎶"}, _MERGE_PATCH),
    ({}, {}),
    ({"name": "Both at once", "bio": "in one edit"}, {}),
    ({"bio": None}, {}),
    ({"name": "Without a bio"}, _MERGE_PATCH),
    ({"bio": ""}, {}),
    ({"bio": None, "name": "Cleared in passing"}, _MERGE_PATCH),
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Details that have to be refused: by which clause and status, what came, and who there was afterwards."""

    clause: str
    status: int
    answer: Answer
    left: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit: what it named, what the artist was before, what was answered, and what reads showed afterwards."""

    named: Mapping[str, str | None]
    before: dict[str, Any]
    answer: Answer
    artist: dict[str, Any]
    items: list[dict[str, Any]]
    card: dict[str, Any]


@given("an artist with details")
def _(world: World) -> None:
    answer = world.client.call("createArtist", json={"name": "The Quarterdeck Choir", "bio": "Founded in 1983."})
    world.artist = str(world.told(answer, 201, "ART-2", "created")["artist"]["ID"])


@given("four pictures in an order of their own")
def _(world: World) -> None:
    for row in world.corpus.of("small")[:4]:
        world.upload(row)
    save(world, shuffled(world.collection()))


@when("details come as a form, with pictures, and with things that no artist has")
def _(world: World) -> None:
    world.notes["left"] = artists_as_they_are(world)
    world.notes["attempts"] = try_details(world)


@when("artists are created from details alone")
def _(world: World) -> None:
    world.answers = [world.client.call("createArtist", json=details) for details in _DETAILS]


@when("a profile picture and a gallery picture are added")
def _(world: World) -> None:
    world.notes["artist"] = world.read_artist()
    for row, purpose in zip(world.corpus.of("small"), ("profile", "gallery"), strict=False):
        world.upload(row, purpose)


@when("the details are edited in every way there is")
def _(world: World) -> None:
    world.notes["edits"] = [edit(world, named, headers) for named, headers in _EDITS]


@then("each attempt is refused for what it brought")
def _(world: World) -> None:
    for attempt in world.notes["attempts"]:
        right = attempt.answer.status == attempt.status
        world.check("ART-1", attempt.clause, right, f"{attempt.answer}, should be {attempt.status}", attempt.answer)


@then("each attempt left every artist as it was")
def _(world: World) -> None:
    for attempt in world.notes["attempts"]:
        same = attempt.left == world.notes["left"]
        world.check("ART-1", "unchanged", same, f"{attempt.answer}: artists are not what they were", attempt.answer)


@then("each has the details that were given")
def _(world: World) -> None:
    for answer in world.answers:
        check_created(world, {"bio": None} | answer.request.json, answer)


@then("each has no picture, wherever it is looked for")
def _(world: World) -> None:
    cards = all_cards(world)
    for answer in world.answers:
        check_no_picture(world, artist_in(answer), cards)


@then("the artist shows both")
def _(world: World) -> None:
    shown = [item["ID"] for item in world.read_artist()["media"]]
    for upload in world.uploads:
        there = upload.item["ID"] in shown
        world.check("ART-2", "attached-later", there, f"{upload.row.id} was accepted and is not shown", upload.answer)


@then("the artist's details are as they were")
def _(world: World) -> None:
    was, now = world.notes["artist"], world.read_artist()
    for key in ("ID", "name", "bio"):
        world.check("ART-2", "attached-later", now[key] == was[key], f"{key} was {was[key]!r}, is {now[key]!r}")


@then("each edit changed what it named and nothing else")
def _(world: World) -> None:
    for each in world.notes["edits"]:
        check_edit(world, each)


@then("each edit left every picture where and what it was")
def _(world: World) -> None:
    for each in world.notes["edits"]:
        check_pictures(world, each)


def artists_as_they_are(world: World) -> tuple[Any, ...]:
    """The details of the scenario's artist, and who else there is."""
    artist = world.read_artist()
    return artist["name"], artist["bio"], tuple(all_cards(world))


def try_details(world: World) -> list[Attempt]:
    """Creating and editing with a form, with media fields, and with unknown fields; what stands beside them is valid."""
    picture = world.corpus.upload(world.corpus.of("small")[0])
    name = {"name": "Refused"}
    whole = {**name, "bio": "Refused too"}
    media = {"ID": "1", "purpose": "profile", "altText": None}
    forms: list[dict[str, Any]] = [{"form": name}, {"form": whole, "files": (picture,)}]
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("media-field-refused", {**whole, "media": []}),
        ("media-field-refused", {**name, "media": None}),
        ("media-field-refused", {"media": [media], **name}),
        ("media-field-refused", {**name, "profileImageURL": _IMAGE_URL}),
        ("unknown-field-refused", {**name, "nickname": "Refused"}),
        ("unknown-field-refused", {"country": None, **whole}),
        ("unknown-field-refused", {**name, "Bio": "Refused"}),
        # Names that every object has where objects are dictionaries.
        ("unknown-field-refused", {**name, "toString": "Refused"}),
        ("unknown-field-refused", {**name, "__proto__": {"bio": "Refused"}}),
    ]
    alone = [("media-field-refused", {"media": []}), ("unknown-field-refused", {"nickname": None})]
    create, change = ("createArtist",), ("editArtist", world.artist)
    return [
        *(try_one(world, "multipart-refused", 415, who, form) for who in (create, change) for form in forms),
        *(try_one(world, clause, 422, who, {"json": body}) for who in (create, change) for clause, body in bodies),
        *(try_one(world, clause, 422, change, {"json": body}) for clause, body in alone),
        try_one(world, "unknown-field-refused", 422, change, {"json": bodies[4][1], "headers": _MERGE_PATCH}),
    ]


def try_one(world: World, clause: str, status: int, operation: tuple[str, ...], sent: dict[str, Any]) -> Attempt:
    """One attempt, and who there was after it."""
    answer = world.client.call(*operation, **sent)
    return Attempt(clause, status, answer, artists_as_they_are(world))


def artist_in(answer: Answer) -> dict[str, Any]:
    """The artist that an answer shows. Raises Blocked where it shows none."""
    body = answer.json
    artist = body.get("artist") if isinstance(body, dict) else None
    if not isinstance(artist, dict) or "ID" not in artist:
        raise Blocked(f"{answer} shows no artist")
    return artist


def check_created(world: World, details: Mapping[str, str | None], answer: Answer) -> None:
    """201 with the artist as it was described, and the same on the next read."""
    if not world.check("ART-2", "created", answer.status == 201, f"{answer}, should be 201", answer):
        return
    created = artist_in(answer)
    read = world.client.call("readArtist", created["ID"])
    if not world.check("ART-2", "created", read.status == 200, f"{read} right after the creation", answer, read):
        return
    for seen, artist in ((answer, created), (read, artist_in(read))):
        differ = {key: artist.get(key) for key, value in details.items() if artist.get(key, "absent") != value}
        detail = f"{seen}: created with {json.dumps(details)[:120]}, shows {json.dumps(differ)[:120]}"
        world.check("ART-2", "created", not differ and artist["ID"] == created["ID"], detail, seen)


def check_no_picture(world: World, created: dict[str, Any], cards: Mapping[str, dict[str, Any]]) -> None:
    """An empty list and null profile image fields, in the creation's answer, in every read and in the card."""
    artist = artist_in(world.client.call("readArtist", created["ID"]))
    listed = world.client.call("listArtistMedia", created["ID"]).json
    for what, shown in (("the creation", created), ("readArtist", artist), ("listArtistMedia", listed)):
        media = shown.get("media", "absent") if isinstance(shown, dict) else "unreadable"
        world.check("ART-2", "empty-media", media == [], f"media of a new artist in {what}: {media!r}")
    card = cards.get(created["ID"])
    if not world.check("ART-2", "created", card is not None, f"a new artist, {created['ID']}, has no card"):
        return
    for what, where in (("the creation", created), ("readArtist", artist), ("the card", card or {})):
        shown = {key: where.get(key, "absent") for key in _PROFILE_IMAGE}
        null = all(value is None for value in shown.values())
        world.check("ART-2", "null-profile-image", null, f"profile image of a new artist in {what}: {shown}")


def edit(world: World, named: Mapping[str, str | None], headers: Mapping[str, str]) -> Edit:
    """Edits the artist's details, and looks at it in every way."""
    before = world.read_artist()
    answer = world.client.call("editArtist", world.artist, json=dict(named), headers=headers)
    sent = answer.request.json
    return Edit(sent, before, answer, world.read_artist(), world.collection(), all_cards(world).get(world.artist, {}))


def check_edit(world: World, each: Edit) -> None:
    """The fields that it named are as it said, the others as they were, in the answer and afterwards."""
    if not world.check("ART-3", "applied", each.answer.status == 200, f"{each.answer}, should be 200", each.answer):
        return
    wanted = {key: each.before[key] for key in ("name", "bio")} | dict(each.named)
    for what, shown in (("the answer", artist_in(each.answer)), ("readArtist", each.artist), ("the card", each.card)):
        for key in ("name",) if what == "the card" else ("name", "bio"):
            clause = "absent-kept" if key not in each.named else "null-clears" if each.named[key] is None else "applied"
            now = shown.get(key, "absent")
            detail = f"after {json.dumps(each.named)[:120]} {what} has the {key} {now!r}, should be {wanted[key]!r}"
            world.check("ART-3", clause, now == wanted[key], detail, each.answer)


def check_pictures(world: World, each: Edit) -> None:
    """The items in the answer and in both reads are those that were there, and in that order."""
    was = each.before["media"]
    world.check.presume("UPL-1", "listed", len(was) == 4, f"readArtist shows {len(was)} of 4 pictures")
    for what, items in (
        ("the answer", artist_in(each.answer)["media"] if each.answer.status == 200 else was),
        ("readArtist", each.artist["media"]),
        ("listArtistMedia", each.items),
    ):
        now = {item["ID"]: item for item in items}
        for item in was:
            kept = {key: value for key, value in item.items() if key != "sortOrder"}
            same = {key: value for key, value in now.get(item["ID"], {}).items() if key != "sortOrder"} == kept
            world.check("ART-3", "items-kept", same, f"{what}: {item['ID']} is not what it was before {dict(each.named)}")
        order = [item["ID"] for item in items] == [item["ID"] for item in was]
        places = [item["sortOrder"] for item in items] == [item["sortOrder"] for item in was]
        world.check("ART-3", "order-kept", order and places, f"{what}: the order is not what it was before {dict(each.named)}")
