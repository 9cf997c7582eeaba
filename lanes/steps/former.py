"""Steps about old pictures that are found by their addresses alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from pytest_bdd import given, then, when

from lanes.client import Answer
from lanes.stack.emulators.azurite import connection_fields
from lanes.stack.grounds import PUBLIC_HOST
from lanes.steps.hooks import insert_row, plant
from lanes.steps.remains import read_again
from lanes.steps.saving import as_saved, send_sync
from lanes.steps.world import World
from lanes.stores.store import Stored

_KEYS = ("media/old/face.jpg", "media/old pictures/Três mãos + 100%.jpg")
_SIGNED = "?X-Amz-Signature=0123456789abcdef&X-Amz-Expires=900"
_SHARED = "?sv=2024-11-04&sr=b&sig=bWVkaWFsYW5l%3D"


@dataclass(frozen=True, slots=True)
class Former:
    """An old row: the clause about its form, its ID, its address, and the objects that canonical and thumbnail are."""

    clause: str
    media: str
    url: str
    canonical: Stored
    thumbnail: Stored


@given("an artist with old pictures at addresses of every form")
def _(world: World) -> None:
    world.artist = world.create_artist()
    world.notes["former"] = add_former(world) if world.check.due("LEG-1", "renders") else []


@then("each of them is shown with the picture that lies there")
def _(world: World) -> None:
    for former, item in _shown(world):
        check_renders(world, former, item)


@then("nothing of its old address comes through")
def _(world: World) -> None:
    for former, item in _shown(world):
        check_not_echoed(world, former, item)


@when("the old pictures are deleted")
def _(world: World) -> None:
    if world.check.due("LEG-2", "canonical-deleted"):
        delete_all(world)


@then("what their addresses named is gone from the store")
def _(world: World) -> None:
    for former in world.notes["former"]:
        check_deleted(world, former)


@then("what only resembles it is not")
def _(world: World) -> None:
    for twin in world.notes.get("twins", ()):
        kept = read_again(world, twin) is not None
        world.check(
            "LEG-2", "same-key-kept", kept, f"{twin.provider} {twin.name} was deleted; only its key is that of an old picture"
        )


@given("an artist with a picture that has a place and an old address")
def _(world: World) -> None:
    world.artist = world.create_artist()
    if world.check.due("LEG-5", "read-follows"):
        add_both(world)


@then("it is shown from its place")
def _(world: World) -> None:
    if "both" in world.notes:
        here, _, media = world.notes["both"]
        answer = world.fetch(str(_item(world, media)["src"]))
        held = answer.status == 200 and answer.body == here.data
        world.check("LEG-5", "read-follows", held, f"{answer}: not what lies at its locator", answer)


@then("deleting it deletes what lies there, and not what its old address names")
def _(world: World) -> None:
    if "both" in world.notes:
        check_delete_follows(world)


@given("an artist with old pictures with and without thumbnails")
def _(world: World) -> None:
    world.artist = world.create_artist()
    if world.check.due("LEG-6", "from-legacy-url"):
        add_thumbnails(world)


@then("each thumbnail is the one that lies at its old address, or there is none")
def _(world: World) -> None:
    for clause, media, thumbnail in world.notes.get("thumbnails", ()):
        check_thumbnail(world, clause, media, thumbnail)


def forms(world: World, provider: str, location: str, key: str) -> Iterator[str]:
    """Every form of address that an object of the provider may have been given in former times."""
    path = quote(key)
    if provider == "s3":
        endpoint = world.settings["MEDIA_S3_ENDPOINT"]
        region = world.settings["MEDIA_S3_REGION"]
        yield f"https://{location}.s3.{region}.amazonaws.com/{path}"
        yield f"https://{location}.s3.amazonaws.com/{path}{_SIGNED}"
        yield f"https://s3.{region}.amazonaws.com/{location}/{path}"
        yield f"{endpoint}/{location}/{path}{_SIGNED}"
        if location == world.location and provider == world.provider:
            yield f"https://{PUBLIC_HOST}/{path}"
    else:
        fields = connection_fields(world.settings["MEDIA_AZURE_CONNECTION_STRING"])
        yield f"https://{fields['AccountName']}.blob.core.windows.net/{location}/{path}"
        yield f"https://{fields['AccountName']}.blob.core.windows.net/{location}/{path}{_SHARED}"
        yield f"{fields['BlobEndpoint'].rstrip('/')}/{location}/{path}{_SHARED}"


def picture(world: World, place: int) -> bytes:
    """A picture of its own for each place."""
    rows = world.corpus.of("small")
    return world.corpus.upload(rows[place % len(rows)]).data + place.to_bytes(2, "big")


def add_former(world: World) -> list[Former]:
    """Old rows at every form of address, each with objects of its own, at the active provider and at all others.

    Each form names a plain key where new objects go, and one that has to be encoded where they never went, if it can.
    """
    found: list[Former] = []
    elsewhere = world.stack.grounds.location()
    for provider in world.stack.grounds.stores:
        other = provider != world.provider
        for place in range(len(list(forms(world, provider, world.location, "")))):
            for name, wanted in zip(_KEYS, (world.location, elsewhere), strict=True):
                number = len(found)
                location = wanted if place < len(list(forms(world, provider, wanted, ""))) else world.location
                key = name.replace("old", f"old-{number}")
                canonical = plant(world, key, picture(world, 2 * number), location, provider)
                thumbnail = plant(world, f"{key}.small.jpg", picture(world, 2 * number + 1), location, provider)
                url = list(forms(world, provider, location, canonical.key))[place]
                small = list(forms(world, provider, location, thumbnail.key))[place]
                media = insert_row(world, legacyURL=url, legacyThumbnailURL=small)
                found.append(Former("other-provider" if other else "url-forms", media, url, canonical, thumbnail))
    return found


def check_renders(world: World, former: Former, item: dict[str, Any]) -> None:
    """src serves the bytes of the object that its address names."""
    src = item["src"]
    answer = world.fetch(src) if src else None
    held = answer is not None and answer.status == 200 and answer.body == former.canonical.data
    told = f"{former.url}: {answer or 'src is null'}, should be what lies there"
    seen = (answer,) if answer else ()
    world.check("LEG-1", "renders", held, told, *seen)
    if world.check.due("LEG-1", former.clause):
        world.check("LEG-1", former.clause, held, told, *seen)


def check_not_echoed(world: World, former: Former, item: dict[str, Any]) -> None:
    """src is on the usual base, and has neither host nor query of the old address."""
    src, old = urlsplit(str(item["src"])), urlsplit(former.url)
    base = urlsplit(world.settings["MEDIA_PUBLIC_BASE_URL"])
    usual = item["src"] is None or (src.scheme, src.netloc) == (base.scheme, base.netloc)
    echoed = str(old.hostname) in str(item["src"]) and old.hostname != base.hostname
    world.check("LEG-1", "not-echoed", usual and not src.query and not echoed, f"{former.url} is shown as {item['src']}")


def delete_all(world: World) -> None:
    """Deletes the old pictures; objects with their keys lie elsewhere too, at their provider and at every other."""
    old: list[Former] = world.notes["former"]
    places = {former.canonical.location for former in old} | {world.location, world.stack.grounds.location()}
    twins = [
        plant(world, former.canonical.key, b"somebody else's", location=place, provider=provider)
        for former in old
        for provider in world.stack.grounds.stores
        for place in sorted(places)
        if (provider, place) != (former.canonical.provider, former.canonical.location)
    ]
    world.notes["twins"] = twins
    # One by one, left out of a save, and with their artist.
    for former in old[::3]:
        answer = world.client.call("deleteArtistMedia", world.artist, former.media)
        world.check.presume("SYN-6", "deleted", answer.status == 204, f"{answer}, should be 204, of {former.url}", answer)
    left_out = {former.media for former in old[1::3]}
    kept = [item for media, item in _listed(world).items() if media not in left_out]
    answer = send_sync(world, as_saved(kept))
    world.check.presume("SYN-1", "order", answer.status == 200, f"{answer}, should be 200", answer)
    answer = world.client.call("deleteArtist", world.artist)
    world.check.presume("ART-5", "artist-gone", answer.status == 204, f"{answer}, should be 204", answer)


def check_deleted(world: World, former: Former) -> None:
    """The objects of both addresses are gone."""
    for clause, stored in (("canonical-deleted", former.canonical), ("thumbnail-deleted", former.thumbnail)):
        gone = read_again(world, stored) is None
        told = f"{stored.provider} {stored.name} is still there; its old address was {former.url}"
        world.check("LEG-2", clause, gone, told)
        if former.clause == "other-provider" and world.check.due("LEG-2", "other-provider"):
            world.check("LEG-2", "other-provider", gone, told)


def add_both(world: World) -> None:
    """A row with a locator and an old address that names another object."""
    # Where new objects do not go: a locator is all of it, not its key alone.
    here = plant(world, "media/both/here.jpg", picture(world, 0), world.stack.grounds.location())
    there = plant(world, "media/both/there.jpg", picture(world, 1))
    url = next(forms(world, world.provider, there.location, there.key))
    locator = {"storageProvider": here.provider, "storageLocation": here.location, "storageKey": here.key}
    world.notes["both"] = (here, there, insert_row(world, legacyURL=url, **locator))


def check_delete_follows(world: World) -> None:
    """The object at the locator is deleted, the other one kept."""
    here, there, media = world.notes["both"]
    answer = world.client.call("deleteArtistMedia", world.artist, media)
    world.check.presume("SYN-6", "deleted", answer.status == 204, f"{answer}, should be 204", answer)
    gone, kept = read_again(world, here) is None, read_again(world, there) is not None
    world.check("LEG-5", "delete-follows", gone, f"{here.name} is still there, where its locator points", answer)
    world.check("LEG-5", "legacy-kept", kept, f"{there.name} is gone, which its old address names", answer)


def add_thumbnails(world: World) -> None:
    """Rows with a thumbnail address that is known, that is missing, and that nobody recognises; with and without a locator."""
    large = plant(world, "media/thumbs/large.jpg", picture(world, 0))
    small = plant(world, "media/thumbs/small.jpg", picture(world, 1))
    url = next(forms(world, world.provider, large.location, large.key))
    known = next(forms(world, world.provider, small.location, small.key))
    strange = "https://pictures.nobody.example/small.jpg"
    locator = {"storageProvider": large.provider, "storageLocation": large.location, "storageKey": large.key}
    world.notes["thumbnails"] = [
        (clause, insert_row(world, legacyThumbnailURL=address, **where), thumbnail)
        for where in ({"legacyURL": url}, locator)
        for clause, address, thumbnail in (
            ("from-legacy-url", known, small),
            ("null-without", None, None),
            ("null-unrecognised", strange, None),
        )
    ]


def check_thumbnail(world: World, clause: str, media: str, thumbnail: Stored | None) -> None:
    """thumbnailSrc serves that object, or is null."""
    url = _item(world, media)["thumbnailSrc"]
    if thumbnail is None:
        world.check("LEG-6", clause, url is None, f"thumbnailSrc is {url}, should be null")
        return
    answer: Answer | None = world.fetch(url) if url else None
    held = answer is not None and answer.status == 200 and answer.body == thumbnail.data
    told = f"thumbnailSrc: {answer or 'null'}, should be what lies at the old thumbnail address"
    world.check("LEG-6", clause, held, told, *((answer,) if answer else ()))


def _shown(world: World) -> list[tuple[Former, dict[str, Any]]]:
    old: list[Former] = world.notes["former"]
    if not old:
        return []
    items = _listed(world)
    for former in old:
        world.check.presume("LEG-4", "listed", former.media in items, f"the picture at {former.url} is not listed")
    return [(former, items[former.media]) for former in old]


def _item(world: World, media: str) -> dict[str, Any]:
    items = _listed(world)
    world.check.presume("LEG-4", "listed", media in items, f"the old picture {media} is not listed")
    return items[media]


def _listed(world: World) -> dict[str, dict[str, Any]]:
    """The items by ID, with addresses that no contract would let pass: they are judged here."""
    answer = world.client.call("listArtistMedia", world.artist)
    if answer.status != 200 or not isinstance(answer.json, dict):
        world.told(answer, 200, "UPL-1", "listed")
    return {item["ID"]: item for item in answer.json["media"]}
