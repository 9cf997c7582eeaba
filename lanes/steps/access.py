"""Steps about who may change what."""

from __future__ import annotations

import base64
import re
import secrets
import uuid
from dataclasses import dataclass
from typing import Any

from pytest_bdd import parsers, then, when

from lanes.client import Answer
from lanes.steps.cards import all_cards
from lanes.steps.remains import look, prove_sight
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
    prove_sight(world, "ART-6")
    world.notes["state"] = state(world)
    world.notes["visitor"] = _VISITORS[visitor]
    world.answers = try_everything(world, _VISITORS[visitor])


@when("somebody tries credentials that are almost right")
def _(world: World) -> None:
    world.notes["state"] = state(world)
    world.answers = try_almost_right(world)


@then("every one of them is unknown")
def _(world: World) -> None:
    for answer in world.answers:
        check_unknown(world, answer)


@then("every attempt is turned away for that reason")
def _(world: World) -> None:
    for answer in world.answers:
        check_turned_away(world, world.notes["visitor"], answer)


@then("nothing has changed")
def _(world: World) -> None:
    check_unchanged(world)


def try_everything(world: World, visitor: Visitor) -> list[Answer]:
    """Every write operation of the contract, each of which would succeed with the right credential.

    And some that would not: nobody who may not write is told what else is wrong.
    """
    if visitor.role and not world.check.due("ART-6", visitor.clause):
        return []
    sender: dict[str, Any] = {"role": visitor.role, "token": secrets.token_urlsafe(24) if visitor.unknown else None}
    call = world.client.call
    ids = [upload.item["ID"] for upload in world.uploads]
    nobody, files = str(uuid.uuid4()), (world.corpus.upload(world.corpus.of("small")[0]),)
    turned_round = [{"ID": each, "purpose": "gallery", "altText": None} for each in reversed(ids)]
    return [
        call("createArtist", json={"name": "An intruder"}, **sender),
        call("editArtist", world.artist, json={"name": "An intruder"}, **sender),
        call("syncArtistMedia", world.artist, json={"media": turned_round}, **sender),
        call(
            "uploadArtistMedia",
            world.artist,
            form={"purpose": "gallery"},
            files=files,
            **sender,
        ),
        call("deleteArtistMedia", world.artist, ids[0], **sender),
        call("deleteArtist", world.artist, **sender),
        call("createArtist", json={"name": 7}, **sender),
        call("editArtist", world.artist, json=[], **sender),
        call("syncArtistMedia", world.artist, json={"media": "all"}, **sender),
        call("uploadArtistMedia", nobody, form={"purpose": "gallery"}, files=files, **sender),
        call("deleteArtist", nobody, **sender),
    ]


def try_almost_right(world: World) -> list[Answer]:
    """A write with the right credential cut short, lengthened, in other letters, under other schemes, or empty."""
    right = world.stack.place.credentials["write"]
    almost = [right[:-1], right[:16], f"{right}x", right.swapcase(), f"x{right}", "undefined", "null"]
    headers = [f"Bearer {each}" for each in almost]
    headers += [
        f"Basic {right}",
        f"Token {right}",
        right,
        "Bearer",
        "Bearer  ",
        f"Basic {base64.b64encode(right.encode()).decode()}",
    ]
    return [
        world.client.call("createArtist", role=None, json={"name": "An intruder"}, headers={"Authorization": each})
        for each in headers
    ]


def check_unknown(world: World, answer: Answer) -> None:
    """401, whichever of the two codes; an empty or foreign scheme may count as none."""
    world.check(
        "ART-6", "unknown-401", answer.status == 401, f"{answer} with an almost right credential, should be 401", answer
    )
    known = answer.code in {"credential_missing", "credential_unknown"}
    world.check("ART-6", "codes", known, f"{answer}, code should be credential_unknown or credential_missing", answer)


def check_turned_away(world: World, visitor: Visitor, answer: Answer) -> None:
    """Status, code, and for 401 the challenge (RFC 9110, section 11.6.1)."""
    world.check("ART-6", visitor.clause, answer.status == visitor.status, f"{answer}, should be {visitor.status}", answer)
    world.check("ART-6", "codes", answer.code == visitor.code, f"{answer}, code should be {visitor.code}", answer)
    if visitor.status == 401:
        challenge = answer.headers.get("WWW-Authenticate", "")
        names_bearer = re.search(r"(?i)(^|,\s*)bearer(\s|,|$)", challenge) is not None
        world.check("ART-6", "challenge", names_bearer, f"{answer} with WWW-Authenticate {challenge!r}", answer)


def check_unchanged(world: World) -> None:
    """The artist, its collection, the number of artists, the records and the store are as they were before."""
    before, after = world.notes["state"], state(world)
    for what, was in before.items():
        if what not in _SEEN_BY or world.check.due("ART-6", _SEEN_BY[what]):
            clause = _SEEN_BY.get(what, "unchanged")
            world.check("ART-6", clause, after[what] == was, f"{what} are no longer what they were")


_SEEN_BY = {"the records": "nothing-recorded", "the stored objects": "nothing-stored"}


def state(world: World) -> dict[str, Any]:
    """What an intruder could have changed: the artist as anybody reads it, everybody's cards, rows and objects."""
    remains = look(world, "ART-6")
    return {
        "the artist's details": world.read_artist(),
        "the items": remains.public,
        "the cards": list(all_cards(world)),
        "the records": remains.recorded,
        "the stored objects": remains.stored,
    }
