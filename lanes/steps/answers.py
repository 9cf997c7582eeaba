"""Steps about the form of answers, which every scenario holds against the contract: here each operation is asked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.contract import NOBODY
from lanes.steps.world import World


@when("everything that can be asked is asked, rightly and wrongly")
def _(world: World) -> None:
    world.answers = list(ask_everything(world))


@then("every answer is as it was described")
def _(world: World) -> None:
    for answer in world.answers:
        world.check.violations(answer)


def ask_everything(world: World) -> Iterator[Answer]:
    """Every operation of the contract, as it should be asked and in some ways in which it should not."""
    call = world.client.call
    yield call("readHealth")
    yield call("readMediaPolicy")
    yield from _about_artists(world)
    yield from _about_media(world)
    yield from _beyond_measure(world)
    if "operator" in world.check.plan.target.capabilities:
        for read in ("readRuntime", "exportMediaRecords", "exportMediaObjects"):
            for role in ("operator", "write", None):
                yield call(read, role=role)
    yield call("deleteArtist", world.artist)
    yield call("deleteArtist", world.artist)


def _about_artists(world: World) -> Iterator[Answer]:
    call = world.client.call
    made = call("createArtist", json={"name": "A choir", "bio": None})
    world.artist = str(world.told(made, 201, "ART-2", "created")["artist"]["ID"])
    yield made
    yield call("createArtist", json={"name": ""})
    yield call("createArtist", role=None, json={"name": "A choir"})
    yield call("createArtist", form={"name": "A choir"})
    yield call("listArtists", query={"limit": "1"})
    yield call("listArtists", query={"limit": "none"})
    yield call("editArtist", world.artist, json={"bio": "They sing."})
    yield call("editArtist", world.artist, json={"media": []})
    for artist in (world.artist, NOBODY):
        yield call("readArtist", artist)
        yield call("listArtistMedia", artist)


def _about_media(world: World) -> Iterator[Answer]:
    call = world.client.call
    sent = world.send(world.corpus.of("small")[0])
    yield sent.answer
    item: dict[str, Any] = world.told(sent.answer, 201, "UPL-1", "created")["media"]
    yield world.send(world.corpus.of("damaged")[0]).answer
    yield world.send(world.corpus.of("small")[0], purpose="track").answer
    yield call("uploadArtistMedia", world.artist, json={"purpose": "gallery"})
    named = {"ID": item["ID"], "purpose": "profile", "altText": "A choir"}
    for media in ([named], [named, named], [named | {"purpose": "clip"}], [named | {"altText": 7}]):
        yield call("syncArtistMedia", world.artist, json={"media": media})
    etag = ""
    for method, headers in (("GET", {}), ("HEAD", {}), ("GET", {"Range": "bytes=0-9"}), ("GET", {"Range": "bytes=99999999-"})):
        answer = world.client.fetch(str(item["src"]), method, headers)
        etag = etag or answer.headers.get("ETag", "")
        yield answer
    yield world.client.fetch(str(item["src"]), "GET", {"If-None-Match": etag})
    yield call("deleteArtistMedia", world.artist, item["ID"])
    yield call("deleteArtistMedia", world.artist, item["ID"])
    yield world.client.fetch(str(item["src"]))


def _beyond_measure(world: World) -> Iterator[Answer]:
    """Bodies that are no JSON or form at all, and bodies that are too long."""
    long = b"[" + b" " * world.policy()["maxRequestBytes"] + b"]"
    for operation, path, bodies in (
        ("createArtist", (), (b"{", long)),
        ("editArtist", (world.artist,), (b"{", long)),
        ("syncArtistMedia", (world.artist,), (b"{", long)),
    ):
        request = replace(world.client.request(operation, *path), headers={"Content-Type": "application/json"})
        for body in bodies:
            with world.client.by_hand(request, body=body) as sending:
                yield sending.finish()
    form = {"Content-Type": "multipart/form-data; boundary=limit"}
    request = replace(world.client.request("uploadArtistMedia", world.artist), headers=form)
    with world.client.by_hand(request, body=b"--limit\r\nContent-Disposition: form-data; name=purpose\r\n\r\ngall") as sending:
        yield sending.finish()
