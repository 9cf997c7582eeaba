"""Steps about how long what a render URL serves may be kept, and what becomes of it after a deletion."""

from __future__ import annotations

from typing import Any

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.steps.saving import as_saved, send_sync
from lanes.steps.world import Shown, World

_YEAR, _DAY, _MINUTE = 31_536_000, 86_400, 60
DELETED = ("SYN-6", "deleted")  # whom to blame where an item cannot be deleted
_KEYS = ("src", "thumbnailSrc")


@when("details are edited, the order is saved anew, and a deleted picture is uploaded again")
def _(world: World) -> None:
    world.notes["addresses"] = live_through_changes(world)


@then("every picture has kept its addresses")
def _(world: World) -> None:
    check_stable(world, world.notes["addresses"])


@then("no picture has an address that another one had")
def _(world: World) -> None:
    check_never_reused(world)


@then("browsers may keep each picture for a year and shared caches for a day")
def _(world: World) -> None:
    world.notes["shown"] = shown_of(world)
    for shown in world.notes["shown"]:
        check_kept_long(world, shown)


@then("whoever has kept a picture is told that it is still the same")
def _(world: World) -> None:
    for shown in world.notes["shown"]:
        check_revalidation(world, shown)


@when("one picture is deleted, one left out of a save, and another one deleted with its artist")
def _(world: World) -> None:
    world.notes["shown"] = delete_every_way(world)


@then("their addresses lead nowhere, whoever asks and however")
def _(world: World) -> None:
    for shown in world.notes["shown"]:
        check_gone(world, shown)


def live_through_changes(world: World) -> list[dict[str, dict[str, str]]]:
    """The addresses of every item, by ID, as read after each of several changes that should leave them alone."""
    call = world.client.call
    read = [addresses(world)]
    call("editArtist", world.artist, json={"name": "The Quarterdeck Choir and Band"})
    read.append(addresses(world))
    turned = [{"ID": each, "purpose": "profile", "altText": "Turned round"} for each in reversed(read[0])]
    world.told(call("syncArtistMedia", world.artist, json={"media": turned}), 200, "SYN-1", "order")
    read.append(addresses(world))
    last = world.uploads[-1]
    world.told(call("deleteArtistMedia", world.artist, last.item["ID"]), 204, *DELETED)
    for row in (last.row, world.uploads[0].row):
        world.accepted(row)
    read.append(addresses(world))
    return read


def addresses(world: World) -> dict[str, dict[str, str]]:
    """What src and thumbnailSrc of each item are in the next read of either kind."""
    return {
        item["ID"]: {f"{key} in {name}": str(item.get(key)) for key in _KEYS for name, item in read.items()}
        for item, read in _both_reads(world)
    }


def _both_reads(world: World) -> list[tuple[dict[str, Any], dict[str, dict[str, Any]]]]:
    shown = {item["ID"]: item for item in world.read_artist()["media"]}
    return [(item, {"listArtistMedia": item, "readArtist": shown.get(item["ID"], {})}) for item in world.collection()]


def check_stable(world: World, read: list[dict[str, dict[str, str]]]) -> None:
    """Each read shows an item at the addresses that its upload answered."""
    for upload in world.uploads:
        for place, each in enumerate(read):
            for what, url in each.get(upload.item["ID"], {}).items():
                was = upload.item[what.partition(" ")[0]]
                told = f"{upload.row.id}, read {place + 1}: {what} is {url}, was {was}"
                world.check("DEL-3", "stable", url == was, told, upload.answer)


def check_never_reused(world: World) -> None:
    """All uploads of the scenario, one of them deleted and two the same file again, have different addresses."""
    seen: dict[str, str] = {}
    for upload in world.uploads:
        for key in _KEYS:
            url = str(upload.item.get(key))
            new = url not in seen
            world.check("DEL-3", "never-reused", new, f"{key} of {upload.row.id} was {seen.get(url)} before", upload.answer)
            seen[url] = f"{key} of {upload.row.id}"


def shown_of(world: World) -> list[Shown]:
    """What the items that are still there serve."""
    there = {item["ID"] for item in world.collection()}
    return world.shown([upload for upload in world.uploads if upload.item["ID"] in there])


def check_kept_long(world: World, shown: Shown) -> None:
    """Cache-Control of GET, HEAD and 304 says a year, a day, and that nothing will change."""
    etag = shown.answer.headers.get("ETag", '""')
    for answer in (shown.answer, ask(world, shown, "HEAD"), ask(world, shown, "GET", etag)):
        said = directives(answer)
        told = f"{shown}: {answer} with Cache-Control {answer.headers.get('Cache-Control')!r}"
        browser = "public" in said and "immutable" in said and said.get("max-age") == str(_YEAR)
        world.check("DEL-3", "browser-cache", browser, told, answer)
        world.check("DEL-3", "shared-cache", said.get("s-maxage") == str(_DAY), told, answer)


def check_revalidation(world: World, shown: Shown) -> None:
    """A strong ETag, always the same; 304 without a body for whoever has it, the whole for whoever has another."""
    etag = shown.answer.headers.get("ETag", "")
    again = [ask(world, shown, "GET"), ask(world, shown, "HEAD")]
    strong = len(etag) > 2 and etag.startswith('"') and etag.endswith('"')
    world.check("DEL-3", "etag", strong, f"{shown}: ETag {etag!r} is no strong one", shown.answer)
    for answer in again:
        found = answer.headers.get("ETag")
        world.check("DEL-3", "etag", found == etag, f"{shown}: {answer} with ETag {found!r}, was {etag!r}", answer)
    for held in (etag, f'"another", {etag}', f'{etag},"another"', f"W/{etag}"):
        for method in ("GET", "HEAD"):
            answer = ask(world, shown, method, held)
            kept = answer.status == 304 and not answer.body
            told = f"{shown}: {answer} with {len(answer.body)} bytes to If-None-Match {held}, should be 304"
            world.check("DEL-3", "not-modified", kept, told, answer)
    for held in ('"another"', f'{etag[:-2]}{"0" if etag[-2:-1] != "0" else "1"}"', f'{etag[:-2]}"'):
        answer = ask(world, shown, "GET", held)
        whole = answer.status == 200 and answer.body == shown.answer.body
        told = f"{shown}: {answer} with {len(answer.body)} bytes to If-None-Match {held}, ETag is {etag}"
        world.check("DEL-3", "modified", whole, told, answer)


def delete_every_way(world: World) -> list[Shown]:
    """What three pictures served before one was deleted by itself, one left out of a save, and one gone with its artist."""
    shown = world.shown()
    first, _, last = (upload.item for upload in world.uploads)
    world.told(world.client.call("deleteArtistMedia", world.artist, first["ID"]), 204, *DELETED)
    world.told(send_sync(world, as_saved([last])), 200, "SYN-1", "order")
    world.told(world.client.call("deleteArtist", world.artist), 204, "ART-5", "artist-gone")
    return shown


def check_gone(world: World, shown: Shown) -> None:
    """404 to GET, HEAD and whoever kept the picture, to be remembered for a minute at most."""
    etag = shown.answer.headers.get("ETag", '""')
    for clause, method, held in (
        (f"{shown.artifact}-404", "GET", None),
        (f"{shown.artifact}-404", "HEAD", None),
        ("not-modified-404", "GET", etag),
        ("not-modified-404", "HEAD", etag),
        ("not-modified-404", "GET", "*"),
    ):
        answer = ask(world, shown, method, held)
        told = f"{shown}: {answer}{f' to If-None-Match {held}' if held else ''}, should be 404"
        world.check("DEL-4", clause, answer.status == 404, told, answer, shown.answer)
        said = directives(answer)
        ages = [said[name] for name in ("max-age", "s-maxage") if name in said]
        brief = "no-store" in said or (bool(ages) and all(age.isdecimal() and int(age) <= _MINUTE for age in ages))
        told = f"{shown}: {answer} with Cache-Control {answer.headers.get('Cache-Control')!r}, at most {_MINUTE} s"
        world.check("DEL-4", "brief", brief, told, answer)


def ask(world: World, shown: Shown, method: str, held: str | None = None) -> Answer:
    """What the URL answers to somebody who holds a version of it, or none."""
    return world.client.fetch(shown.answer.request.url, method, {"If-None-Match": held} if held else None)


def directives(answer: Answer) -> dict[str, str]:
    """The Cache-Control of an answer, by directive."""
    return directives_of(answer.headers.get("Cache-Control", ""))


def directives_of(policy: str) -> dict[str, str]:
    """A Cache-Control by directive, in lower case (RFC 9111, section 5.2)."""
    pairs = (part.strip().partition("=") for part in policy.split(","))
    return {name.lower(): value.strip('"') for name, _, value in pairs if name}
