"""Steps about artists who are not there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.steps.cards import all_cards
from lanes.steps.remains import check_nothing_left, look, prove_sight
from lanes.steps.saving import as_saved
from lanes.steps.world import World


@dataclass(frozen=True, slots=True)
class Stranger:
    """The ID of an artist who is not there, and the clause about such IDs."""

    clause: str
    id: str
    badly: bool = False  # whether requests with something else wrong in them are tried with it too


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that was tried with an artist who is not there."""

    stranger: Stranger
    answer: Answer


@when("everything is tried with artists who are gone, who never were, and who could not be")
def _(world: World) -> None:
    world.notes["attempts"] = [
        Attempt(stranger, answer)
        for stranger in strangers(world)
        for answer in (*try_everything(world, stranger.id), *(try_badly(world, stranger.id) if stranger.badly else ()))
    ]


@when("pictures are uploaded to artists who are gone, who never were, and who could not be")
def _(world: World) -> None:
    world.notes["strangers"] = strangers(world)
    prove_sight(world, "ART-4")
    world.notes["before"] = look(world, "ART-4")
    world.notes["cards"] = list(all_cards(world))
    world.notes["attempts"] = [Attempt(each, upload_to(world, each.id)) for each in world.notes["strangers"]]


@then("each attempt is told that there is no such artist")
def _(world: World) -> None:
    for attempt in world.notes["attempts"]:
        check_no_such_artist(world, attempt)


@then("none of these artists is there afterwards")
def _(world: World) -> None:
    for attempt in world.notes["attempts"]:
        check_no_such_artist(world, attempt)
    check_still_unknown(world)


@then("the pictures for nobody left nothing behind")
def _(world: World) -> None:
    check_nothing_left(world, "ART-4", world.notes["before"])


def strangers(world: World) -> list[Stranger]:
    """IDs that no artist has: one who is gone, one who never was; then no IDs at all, two of them almost the artist's."""
    gone = world.create_artist()
    deleted = world.client.call("deleteArtist", gone)
    world.check.presume("ART-5", "artist-gone", deleted.status == 204, f"{deleted}, should be 204", deleted)
    malformed = ["no such artist", f"{world.artist}\n", f"{world.artist} ", "' OR '1'='1", "Zoë", "x" * 255]
    if not world.check.plan.lane.deployed:
        malformed.append("a\x00b")  # what stands before a deployed target may refuse it by itself (RFC 3986, section 7.3)
    return [
        Stranger("unknown-404", gone, badly=True),
        Stranger("unknown-404", str(uuid.uuid4())),
        *(Stranger("unknown-404", each) for each in otherwise_spelt(world.artist)),
        *(Stranger("malformed-404", each, badly=each in malformed[:2]) for each in malformed),
    ]


def otherwise_spelt(name: str) -> list[str]:
    """An ID in small letters and in large ones: another ID each, where it is not that already."""
    return sorted({name.upper(), name.lower()} - {name})


def try_everything(world: World, artist: str) -> list[Answer]:
    """Every artist and media operation, each of which would succeed with the scenario's artist."""
    call, items = world.client.call, world.uploads
    return [
        call("readArtist", artist),
        call("editArtist", artist, json={"name": "Nobody"}),
        call("listArtistMedia", artist),
        upload_to(world, artist),
        call("syncArtistMedia", artist, json={"media": as_saved(upload.item for upload in items)}),
        call("syncArtistMedia", artist, json={"media": []}),
        call("deleteArtistMedia", artist, items[0].item["ID"]),
        call("deleteArtist", artist),
    ]


def try_badly(world: World, artist: str) -> list[Answer]:
    """Requests with something else wrong in them: the artist is judged before the request's type and its fields."""
    call = world.client.call
    picture = world.corpus.upload(world.corpus.of("small")[0])
    bodies: tuple[Any, ...] = ({"nickname": 1}, [])
    return [
        *(call("editArtist", artist, json=body) for body in bodies),
        call("editArtist", artist, form={"name": "Nobody"}),
        *(call("syncArtistMedia", artist, json=body) for body in bodies),
        call("syncArtistMedia", artist, form={"media": "[]"}),
        call("uploadArtistMedia", artist, json={"purpose": "gallery"}),
        call("uploadArtistMedia", artist, form={"purpose": "track"}, files=(picture,)),
        call("deleteArtistMedia", artist, "no such item"),
    ]


def upload_to(world: World, artist: str) -> Answer:
    """A valid upload."""
    return world.send_file(world.corpus.upload(world.corpus.of("small")[0]), artist=artist)


def check_no_such_artist(world: World, attempt: Attempt) -> None:
    """404, and a problem document that says why."""
    answer, who = attempt.answer, repr(attempt.stranger.id[:48])
    told = f"{answer} for the artist {who}"
    world.check("ART-4", attempt.stranger.clause, answer.status == 404, f"{told}, should be 404", answer)
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    problem = kind == "application/problem+json" and answer.code == "artist_unknown"
    world.check("ART-4", "problem", problem, f"{told} as {kind or 'nothing'}, should be artist_unknown", answer)


def check_still_unknown(world: World) -> None:
    """The artists that pictures were uploaded to answer 404 still, and there are as many cards as before."""
    for each in world.notes["strangers"]:
        for operation in ("readArtist", "listArtistMedia"):
            answer = world.client.call(operation, each.id)
            world.check("ART-4", "nothing-public", answer.status == 404, f"{answer} after an upload, should be 404", answer)
    was, now = world.notes["cards"], list(all_cards(world))
    world.check("ART-4", "nothing-public", now == was, f"there were {len(was)} cards, there are {len(now)}")
