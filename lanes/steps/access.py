"""Steps about who may change what."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

from pytest_bdd import parsers, then, when

from lanes.client import Answer
from lanes.steps.remains import look
from lanes.steps.world import World


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who may not write: what they send, and how they have to be turned away."""

    clause: str
    status: int
    code: str
    role: str | None = None
    unknown: bool = False


_VISITORS = {
    "a visitor without a credential": Visitor("missing-401", 401, "credential_missing"),
    "a visitor with an unknown credential": Visitor("unknown-401", 401, "credential_unknown", unknown=True),
    "an operator": Visitor("wrong-role-403", 403, "credential_wrong_role", role="operator"),
}


@when(parsers.parse("{visitor} tries to change everything that can be changed"))
def _(world: World, visitor: str) -> None:
    world.notes["state"] = state(world)
    world.notes["visitor"] = _VISITORS[visitor]
    world.answers = try_everything(world, _VISITORS[visitor])


@then("every attempt is turned away for that reason")
def _(world: World) -> None:
    for answer in world.answers:
        check_turned_away(world, world.notes["visitor"], answer)


@then("nothing has changed")
def _(world: World) -> None:
    check_unchanged(world)


def try_everything(world: World, visitor: Visitor) -> list[Answer]:
    """Every write operation of the contract, each of which would succeed with the right credential."""
    if visitor.role and not world.check.due("ART-6", visitor.clause):
        return []
    sender: dict[str, Any] = {"role": visitor.role, "token": secrets.token_urlsafe(24) if visitor.unknown else None}
    call = world.client.call
    ids = [upload.item["ID"] for upload in world.uploads]
    turned_round = [{"ID": each, "purpose": "gallery", "altText": None} for each in reversed(ids)]
    return [
        call("createArtist", json={"name": "An intruder"}, **sender),
        call("editArtist", world.artist, json={"name": "An intruder"}, **sender),
        call("syncArtistMedia", world.artist, json={"media": turned_round}, **sender),
        call(
            "uploadArtistMedia",
            world.artist,
            form={"purpose": "gallery"},
            files=(world.corpus.upload(world.corpus.of("small")[0]),),
            **sender,
        ),
        call("deleteArtistMedia", world.artist, ids[0], **sender),
        call("deleteArtist", world.artist, **sender),
    ]


def check_turned_away(world: World, visitor: Visitor, answer: Answer) -> None:
    """Status, code, and for 401 the challenge (RFC 9110, section 11.6.1)."""
    world.check("ART-6", visitor.clause, answer.status == visitor.status, f"{answer}, should be {visitor.status}", answer)
    world.check("ART-6", "codes", answer.code == visitor.code, f"{answer}, code should be {visitor.code}", answer)
    if visitor.status == 401:
        challenge = answer.headers.get("WWW-Authenticate", "")
        names_bearer = challenge.lower().split(" ")[0] == "bearer"
        world.check("ART-6", "challenge", names_bearer, f"{answer} with WWW-Authenticate {challenge!r}", answer)


def check_unchanged(world: World) -> None:
    """The artist, its collection and the number of artists are as they were before."""
    before, after = world.notes["state"], state(world)
    for what, was in before.items():
        world.check("ART-6", "unchanged", after[what] == was, f"{what} was {was}, is {after[what]}")


def state(world: World) -> dict[str, Any]:
    """What an intruder could have changed: the artist as anybody reads it, and everybody's cards."""
    artist = world.client.call("readArtist", world.artist)
    return {
        "the artist": artist.json if artist.status == 200 else artist.status,
        "the items": sorted(look(world, "ART-6").public),
        "the cards": cards(world),
    }


def cards(world: World) -> list[str]:
    """The IDs of all artists, page by page. Raises Blocked, blaming ART-7, when a page cannot be read."""
    found: list[str] = []
    cursor = None
    while True:
        answer = world.client.call("listArtists", query={"limit": "100"} | ({"cursor": cursor} if cursor else {}))
        world.check.presume("ART-7", "each-once", answer.status == 200, f"{answer}, no cards to read", answer)
        found.extend(card["ID"] for card in answer.json["artists"])
        cursor = answer.json["nextCursor"]
        if not cursor:
            return found
