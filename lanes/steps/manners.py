"""Steps about headers that every answer has: what may be guessed of it, kept of it, and remembered by it."""

from __future__ import annotations

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.steps.caching import directives
from lanes.steps.world import World


@when("pictures are asked for in every way, and some that are not there")
def _(world: World) -> None:
    world.answers = ask_for_pictures(world)


@then("no browser will take them for anything else, or be remembered by them")
def _(world: World) -> None:
    for answer in world.answers:
        check_manners(world, answer)


@when("everything is asked for that is not a picture, rightly and wrongly")
def _(world: World) -> None:
    world.answers = ask_for_everything_else(world)


@then("nobody may keep a copy of the answers")
def _(world: World) -> None:
    for answer in world.answers:
        check_not_kept(world, answer)


def ask_for_pictures(world: World) -> list[Answer]:
    """Every kind of answer that the delivery path has."""
    found = []
    for shown in world.shown():
        url, size = shown.answer.request.url, len(shown.answer.body)
        etag = shown.answer.headers.get("ETag", '""')
        fetch = world.client.fetch
        found += [
            shown.answer,
            fetch(url, "HEAD"),
            fetch(url, "GET", {"If-None-Match": etag}),
            fetch(url, "GET", {"Range": "bytes=1-10"}),
            fetch(url, "GET", {"Range": f"bytes={size}-"}),
            fetch(url, "POST"),
            fetch(f"{url}x"),
            fetch(f"{url}x", "HEAD"),
            fetch(url.rpartition("/")[0]),
            fetch(f"{url}/further"),
        ]
    return found


def check_manners(world: World, answer: Answer) -> None:
    """X-Content-Type-Options says nosniff, and no cookie is set."""
    said = answer.headers.get("X-Content-Type-Options", "")
    told = f"{answer} with X-Content-Type-Options {said!r}, should be nosniff"
    world.check("DEL-7", "nosniff", said.strip().lower() == "nosniff", told, answer)
    cookie = answer.headers.get("Set-Cookie")
    world.check("DEL-7", "no-cookie", cookie is None, f"{answer} and sets a cookie", answer)


def ask_for_everything_else(world: World) -> list[Answer]:
    """JSON of every operation, and errors of every kind of several of them."""
    call, artist = world.client.call, world.artist
    wanted = [{"ID": each.item["ID"], "purpose": "gallery", "altText": None} for each in world.uploads]
    return [
        *(upload.answer for upload in world.uploads),
        call("createArtist", json={"name": "The Prompter", "bio": None}),
        call("listArtists"),
        call("readArtist", artist),
        call("listArtistMedia", artist),
        call("editArtist", artist, json={"bio": "Back from tour"}),
        call("syncArtistMedia", artist, json={"media": wanted}),
        call("readMediaPolicy"),
        call("readHealth"),
        call("createArtist", role=None, json={"name": "Nobody"}),
        call("createArtist", token="no-credential-of-anybody", json={"name": "Nobody"}),  # noqa: S106 - that is the point
        call("createArtist", json={"name": ""}),
        call("createArtist", form={"name": "A form"}),
        call("readArtist", "nobody"),
        call("deleteArtistMedia", artist, "nothing"),
        call("listArtists", query={"limit": "0"}),
        call("syncArtistMedia", artist, json={"media": [*wanted, *wanted]}),
        call("uploadArtistMedia", artist, form={"purpose": "gallery"}),
        world.send(world.corpus.of("other-types")[0]).answer,
        world.send(world.corpus.of("damaged")[0]).answer,
        world.client.fetch(f"{world.client.base_url}/nowhere"),
        world.client.fetch(f"{world.client.base_url}/media-policy", "POST"),
    ]


def check_not_kept(world: World, answer: Answer) -> None:
    """Cache-Control is no-store; only what is not found may be kept, and for a minute at most."""
    said = directives(answer)
    ages = [said[name] for name in ("max-age", "s-maxage") if name in said]
    brief = answer.status == 404 and bool(ages) and all(age.isdecimal() and int(age) <= 60 for age in ages)
    told = f"{answer} with Cache-Control {answer.headers.get('Cache-Control')!r}, should be no-store"
    world.check("DEL-7", "json-no-store", "no-store" in said or brief, told, answer)
