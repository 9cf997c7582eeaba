"""Steps about what is left from times before there were locators: images of artists, and addresses of pictures."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from pytest_bdd import given, then, when

from lanes.stack.emulators.azurite import connection_fields
from lanes.steps.hooks import insert_row
from lanes.steps.reads import card
from lanes.steps.remains import objects, prove_records, records
from lanes.steps.world import World

_OLD_FACE = "https://media.s3.eu-west-1.amazonaws.com/media/old/face.jpg"


@given("an artist with an image from former times")
def _(world: World) -> None:
    world.artist = world.create_artist()
    world.notes["old"] = set_legacy_image(world)


@when("a profile picture is added and deleted again")
def _(world: World) -> None:
    world.notes["shown"] = live_with_legacy_image(world)


@then("the artist is shown by that picture while it is there, and by none otherwise")
def _(world: World) -> None:
    for clause, when_, wanted, shown in world.notes["shown"]:
        check_profile(world, clause, f"{when_}", wanted, shown)


@given("old pictures of the artist at addresses that belong to nobody we know")
def _(world: World) -> None:
    world.notes["strange"] = add_strangers(world)


@then("each of them is listed, and has no address any more")
def _(world: World) -> None:
    check_listed_without_src(world)


@then("deleting them takes nothing from the store")
def _(world: World) -> None:
    check_deletion_takes_nothing(world)


def set_legacy_image(world: World) -> str:
    """Gives the scenario's artist the image URL that old rows carry."""
    if not world.check.due("LEG-3", "null-without-media"):
        return ""
    answer = world.client.state("PUT", f"/states/artists/{world.artist}/legacy-image", {"legacyImageURL": _OLD_FACE})
    if answer.status != 204:
        raise LookupError(f"{answer}: the target offers `states`, so it should set the image")
    return _OLD_FACE


def live_with_legacy_image(world: World) -> list[tuple[str, str, Any, dict[str, Any]]]:
    """The profile image of artist and card before, with, and after a profile picture: by clause, with what it should be."""
    found: list[tuple[str, str, Any, dict[str, Any]]] = []

    def note(clause: str, when_: str, wanted: Any) -> None:
        found.append((clause, f"readArtist {when_}", wanted, world.read_artist()))
        found.append((clause, f"the card {when_}", wanted, card(world)))

    note("null-without-media", "without media", None)
    gallery, profile = world.corpus.of("small")[:2]
    world.upload(gallery)
    note("null-without-media", "with a gallery picture", None)
    item = world.upload(profile, "profile").item
    note("follows-media", "with a profile picture", item["src"])
    deleted = world.client.call("deleteArtistMedia", world.artist, item["ID"])
    world.check.presume("SYN-6", "deleted", deleted.status == 204, f"{deleted}, should be 204", deleted)
    note("null-after-deletion", "after its deletion", None)
    return found


def check_profile(world: World, clause: str, when_: str, wanted: Any, shown: dict[str, Any]) -> None:
    """profileImageURL is what it should be, and the two fields beside it are null together with it."""
    found = shown["profileImageURL"]
    world.check("LEG-3", clause, found == wanted, f"{when_}: profileImageURL is {found}, should be {wanted}")
    beside = [shown[name] for name in ("profileImageThumbnailURL", "profileImageBlurDataURL")]
    world.check("LEG-3", clause, all(beside) == (wanted is not None), f"{when_}: beside it are {beside}")


def add_strangers(world: World) -> dict[str, str]:
    """Rows with old URLs that no provider recognises, keys of real objects in some of them: the URL of each by its ID."""
    if not world.check.due("LEG-4", "listed"):
        return {}
    prove_records(world, [upload.item for upload in world.uploads])
    ids = [upload.item["ID"] for upload in world.uploads]
    real = [row for row in records(world) if row["ID"] in ids]
    location, key, thumbnail = real[0]["storageLocation"], real[0]["storageKey"], real[1]["thumbnailStorageKey"]
    own = urlsplit(world.client.base_url).netloc
    urls = (
        "https://pictures.nobody.example/old/photo.jpg",
        f"https://pictures.nobody.example/{key}",
        # Hosts and paths that only resemble those of a provider, or of the target.
        f"https://{location}.s3.eu-west-1.amazonaws.com.nobody.example/{key}",
        f"https://nobody.example/{location}.s3.eu-west-1.amazonaws.com/{key}",
        f"https://s3.nobody.example/{location}/{key}",
        f"https://{location}.s3.amazonaws.community/{key}",
        f"https://nots3.amazonaws.com.example/{location}/{thumbnail}",
        f"https://account.blob.core.windows.net.nobody.example/{location}/{key}",
        f"https://blob.core.windows.net@nobody.example/{location}/{key}",
        f"https://nobody.example/?from=https://{own}/{key}",
        "no URL at all",
        *_strangers(world, str(location), str(key)),
    )
    return {insert_row(world, legacyURL=url, legacyThumbnailURL=url if "nobody" in url else None): url for url in urls}


def _strangers(world: World, location: str, key: str) -> Iterator[str]:
    """Addresses at the kind of place where an object of ours lies, but somebody else's."""
    if endpoint := world.settings.get("MEDIA_S3_ENDPOINT"):
        yield f"http://{urlsplit(endpoint).hostname}:1/{location}/{key}"  # nobody
    if account := connection_fields(world.settings.get("MEDIA_AZURE_CONNECTION_STRING", "")).get("AccountName"):
        yield f"https://{account}two.blob.core.windows.net/{location}/{key}"  # nobody


def check_listed_without_src(world: World) -> None:
    """Both reads answer, have every such item, and show it without src."""
    strange = world.notes["strange"]
    for name in ("listArtistMedia", "readArtist"):
        answer = world.client.call(name, world.artist)
        body = answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}
        shown = body.get("media") or body.get("artist", {}).get("media") or []
        items = {item["ID"]: item for item in shown}
        lacking = [url for media, url in strange.items() if media not in items]
        told = f"{answer} without the pictures at {lacking[:2]}"
        world.check("LEG-4", "listed", answer.status == 200 and not lacking, told, answer)
        for media, url in strange.items():
            src = items.get(media, {}).get("src", "absent")
            clause = "null-src" if url.startswith(("https://pictures.nobody", "no URL")) else "look-alike"
            world.check("LEG-4", clause, src is None, f"{name}: src of {url} is {src!r}, should be null", answer)


def check_deletion_takes_nothing(world: World) -> None:
    """Each is deleted with 204 and is gone; every object is where it was, and the uploads are still served."""
    stored = set(objects(world)) if world.check.due("LEG-4", "nothing-deleted") else None
    world.check.presume("DEL-2", "stored-bytes", stored is None or len(stored) >= 4, "the store lacks objects of uploads")
    for media, url in world.notes["strange"].items():
        answer = world.client.call("deleteArtistMedia", world.artist, media)
        world.check("LEG-4", "deleted-204", answer.status == 204, f"{answer}, should be 204, of {url}", answer)
    still = [item["ID"] for item in world.collection() if item["ID"] in world.notes["strange"]]
    world.check("LEG-4", "deleted-204", not still, f"after their deletion the collection still has {still[:2]}")
    if stored is not None:
        lost = sorted(stored - set(objects(world)))
        world.check("LEG-4", "nothing-deleted", not lost, f"the store lost {lost}")
        for upload in world.uploads:
            seen = world.fetch(upload.item["src"])
            world.check("LEG-4", "nothing-deleted", seen.status == 200, f"{seen}: an upload whose key was in such a URL", seen)
