"""Every way in which the public reads an artist's pictures."""

from __future__ import annotations

import re
from typing import Any

from lanes.client import Answer
from lanes.steps.remains import prove_records, records
from lanes.steps.world import World

PROFILE_FIELDS = {
    "profileImageURL": "src",
    "profileImageThumbnailURL": "thumbnailSrc",
    "profileImageBlurDataURL": "blurDataURL",
}


def new_artist(world: World) -> str:
    """The ID of a new artist, whatever else is wrong with the answer. Raises Blocked, blaming ART-2, where there is none."""
    answer = world.client.call("createArtist", json={"name": "The Quarterdeck Choir", "bio": None})
    artist = answer.json.get("artist") if answer.status == 201 and isinstance(answer.json, dict) else None
    there = isinstance(artist, dict) and isinstance(artist.get("ID"), str)
    world.check.presume("ART-2", "created", there, f"{answer}, should be 201 with an artist", answer)
    return str(answer.json["artist"]["ID"])


def public_reads(world: World) -> dict[str, Answer]:
    """What anybody is told of the scenario's artist: its collection, itself, and the page that its card is on."""
    return {
        "listArtistMedia": world.client.call("listArtistMedia", world.artist),
        "readArtist": world.client.call("readArtist", world.artist),
        "listArtists": page_with(world, world.artist),
    }


def pages(world: World) -> list[Answer]:
    """The listing of artists page by page, as far as it can be followed."""
    found: list[Answer] = []
    seen: list[str] = []
    query = {"limit": "100"}
    while True:
        answer = world.client.call("listArtists", query=query)
        found.append(answer)
        cursor = answer.json.get("nextCursor") if answer.status == 200 and isinstance(answer.json, dict) else None
        if not isinstance(cursor, str) or cursor in seen:
            return found
        seen.append(cursor)
        query = {"limit": "100", "cursor": cursor}


def cards_in(answer: Answer) -> dict[str, dict[str, Any]]:
    """The cards on a page, by the artist's ID."""
    body = answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}
    return {card["ID"]: card for card in body.get("artists") or () if isinstance(card, dict) and "ID" in card}


def page_with(world: World, artist: str) -> Answer:
    """The page of cards that an artist is on. Raises Blocked, blaming ART-7, where it is on none."""
    found = pages(world)
    there = [answer for answer in found if artist in cards_in(answer)]
    world.check.presume("ART-7", "each-once", bool(there), f"no page of the listing has a card of {artist}", found[-1])
    return there[0]


def card(world: World) -> dict[str, Any]:
    """The card of the scenario's artist. Raises Blocked, blaming ART-7, where there is none."""
    answer = page_with(world, world.artist)
    cards = world.told(answer, 200, "ART-7", "each-once")["artists"]
    return next(each for each in cards if each["ID"] == world.artist)


def rows_of_uploads(world: World) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Each upload of the scenario: the item that it was answered with, and its row in the records."""
    items = [upload.item for upload in world.uploads]
    rows: dict[str, dict[str, Any]] = world.notes.setdefault("rows by ID", {})
    if any(item["ID"] not in rows for item in items):
        # Once for all of a scenario: the records are long.
        rows |= {row["ID"]: row for row in records(world)}
        if any(item["ID"] not in rows for item in items):
            prove_records(world, items)
    return [(item, rows[item["ID"]]) for item in items]


def has_word(text: str, word: str) -> bool:
    """Whether a text has this word, whatever its case."""
    return re.search(rf"(?i)(?<![a-z0-9]){re.escape(word)}(?![a-z0-9])", text) is not None
