"""Steps about what no answer gives away, and about what render URLs are built on."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from pytest_bdd import then, when

from lanes import leaks
from lanes.client import Answer
from lanes.oracle import pictures
from lanes.steps.reads import new_artist, page_with
from lanes.steps.saving import as_saved
from lanes.steps.world import Shown, World

_SESSION_FIELD = re.compile(
    r"upload(url|uri|id|session|target|endpoint|token|href)|presign|signedurl|sessionid|resumable|^(put|post)url$"
)
_ELSEWHERE = "pictures.intruder.example"


@when("an artist's whole life is watched")
def _(world: World) -> None:
    world.answers = live(world)


@then("no answer gives away what opens the storage")
def _(world: World) -> None:
    for answer in world.answers:
        check_no_credential(world, answer)


@then("no answer sends anybody elsewhere with a picture")
def _(world: World) -> None:
    for answer in world.answers:
        check_no_session(world, answer)
        check_not_signed(world, answer)


@then("each picture has addresses that anybody may open anywhere")
def _(world: World) -> None:
    check_absolute(world)
    for shown in world.shown():
        check_public(world, shown)


@then("the addresses are the same, whatever name the service is called by")
def _(world: World) -> None:
    check_host_ignored(world, "host-ignored", {"Host": _ELSEWHERE})
    forwarded = (
        {"Forwarded": f"for=192.0.2.1;host={_ELSEWHERE};proto=https"},
        {"X-Forwarded-Host": _ELSEWHERE},
        {"X-Forwarded-Host": _ELSEWHERE, "X-Forwarded-Proto": "https", "X-Forwarded-Port": "8443"},
    )
    for headers in forwarded:
        check_host_ignored(world, "forwarded-host-ignored", headers)


def live(world: World) -> list[Answer]:
    """Answers of every operation in the life of an artist and its pictures, refusals among them."""
    call = world.client.call
    world.artist = new_artist(world)
    found = [call("createArtist", json={"name": "The Extras", "bio": None})]
    for row, purpose in zip(world.corpus.of("small"), ("profile", "gallery"), strict=False):
        found.append(world.accepted(row, purpose).answer)
    found += [shown.answer for shown in world.shown()]
    found += [world.client.fetch(str(shown.answer.request.url), "HEAD") for shown in world.shown()]
    ids = [upload.item["ID"] for upload in world.uploads]
    wanted = [{"ID": each, "purpose": "gallery", "altText": None} for each in ids]
    found += [
        call("readArtist", world.artist),
        call("listArtistMedia", world.artist),
        page_with(world, world.artist),
        call("editArtist", world.artist, json={"bio": "Farewell tour"}),
        call("syncArtistMedia", world.artist, json={"media": wanted}),
        call("readMediaPolicy"),
        call("readHealth"),
        call("uploadArtistMedia", world.artist, form={"purpose": "gallery"}),
        call("createArtist", role=None, json={"name": "Nobody"}),
        world.send(world.corpus.of("damaged")[0]).answer,
        world.client.fetch(f"{world.client.base_url}/media/nothing/here.jpg"),
        call("deleteArtistMedia", world.artist, ids[0]),
        call("deleteArtistMedia", world.artist, ids[0]),
        call("deleteArtist", world.artist),
    ]
    return found


def check_no_credential(world: World, answer: Answer) -> None:
    """No storage credential, account key or connection string, in body or headers, nor a field for one."""
    said = told_by(answer)
    known = [name for name, value in leaks.secrets_among(world.stack.place.settings).items() if value in said]
    known += [*leaks.credentials_in(said), *leaks.credential_fields(answer.json)]
    world.check("SCO-2", "no-credential", not known, f"{answer} and gives away {', '.join(known)}", answer)


def check_no_session(world: World, answer: Answer) -> None:
    """No redirect, no Location but one on the target itself, no field for a place to send bytes to."""
    place = answer.headers.get("Location", "")
    origin = urlsplit(world.client.base_url)
    leads = urlsplit(place)
    own = not place or leads.netloc in {"", origin.netloc}
    redirected = 300 <= answer.status < 400 and answer.status != 304
    fields = [name for name in leaks.fields_of(answer.json) if _SESSION_FIELD.search(name)]
    told = f"{answer} with Location {place!r} and fields {fields}"
    world.check("SCO-2", "no-upload-session", own and not redirected and not fields, told, answer)


def check_not_signed(world: World, answer: Answer) -> None:
    """No URL, in body or headers, has a signature, a token or an expiry in its query."""
    signed = leaks.signed_requests_in(told_by(answer))
    world.check("SCO-2", "no-signed-url", not signed, f"{answer} with {signed[:1]}", answer)


def told_by(answer: Answer) -> str:
    """Headers and body of an answer as text; pictures are told by their headers alone."""
    picture = answer.headers.get("Content-Type", "").startswith("image/")
    body = "" if picture else answer.body.decode("utf-8", "replace")
    return "\n".join([*(f"{name}: {value}" for name, value in answer.headers.items()), body])


def check_absolute(world: World) -> None:
    """src and thumbnailSrc have scheme and authority, in the answer to the upload and in both reads."""
    reads = {
        "the upload": [upload.item for upload in world.uploads],
        "listArtistMedia": _items(world.client.call("listArtistMedia", world.artist)),
        "readArtist": _items(world.client.call("readArtist", world.artist)),
    }
    for name, items in reads.items():
        for item in items:
            for key in ("src", "thumbnailSrc"):
                parts = urlsplit(str(item.get(key)))
                absolute = parts.scheme in {"http", "https"} and bool(parts.netloc)
                world.check("SCO-5", "absolute", absolute, f"{name}: {key} is {item.get(key)!r}")


def check_public(world: World, shown: Shown) -> None:
    """Without credential and cookie, and with an unknown one of either, the image comes."""
    url = shown.answer.request.url
    for who, headers in (
        ("anybody", {}),
        ("a stranger's page", {"Referer": f"https://{_ELSEWHERE}/", "Origin": f"https://{_ELSEWHERE}"}),
        ("a page that embeds it", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}),
    ):
        answer = world.client.fetch(url, "GET", headers)
        world.check("SCO-5", "public", answer.status == 200, f"{shown}: {answer} to {who}", answer)
    try:
        pictures.decode(shown.answer.body)
    except pictures.Undecodable as error:
        world.check("SCO-5", "public", False, f"{shown} is no image: {error}", *shown.seen)


def check_host_ignored(world: World, clause: str, headers: dict[str, str]) -> None:
    """Reads and an upload under another name of the service show render URLs on the same base."""
    if not world.check.due("SCO-5", clause):
        return
    call = world.client.call
    before = {name: _urls(answer) for name, answer in _reads(world, {}).items()}
    for name, answer in _reads(world, headers).items():
        same = _urls(answer) == before[name] != []
        world.check("SCO-5", clause, same, f"{name} with {headers}: {_urls(answer)[:1]}, was {before[name][:1]}", answer)
    form, file = {"purpose": "gallery"}, world.corpus.upload(world.corpus.of("small")[0])
    sent = call("uploadArtistMedia", world.artist, form=form, files=(file,), headers=headers)
    saved = call("syncArtistMedia", world.artist, json={"media": as_saved(world.collection())}, headers=headers)
    edited = call("editArtist", world.artist, json={"bio": None}, headers=headers)
    wanted = {urlsplit(world.uploads[0].item["src"])[:2], urlsplit(world.uploads[0].item["thumbnailSrc"])[:2]}
    for answer in (sent, saved, edited):
        bases = {urlsplit(url)[:2] for url in _urls(answer)}
        world.check("SCO-5", clause, bases == wanted, f"{answer} with {headers}: {_urls(answer)[:1]}", answer)


def _reads(world: World, headers: dict[str, str]) -> dict[str, Answer]:
    call = world.client.call
    return {
        "listArtistMedia": call("listArtistMedia", world.artist, headers=headers),
        "readArtist": call("readArtist", world.artist, headers=headers),
    }


def _urls(answer: Answer) -> list[str]:
    return [str(item.get(key)) for item in _items(answer) for key in ("src", "thumbnailSrc")]


def _items(answer: Answer) -> list[dict[str, Any]]:
    body = answer.json if isinstance(answer.json, dict) else {}
    found = body.get("media", (body.get("artist") or {}).get("media", []))
    return [found] if isinstance(found, dict) else list(found)
