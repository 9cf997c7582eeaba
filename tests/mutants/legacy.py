"""Mutants of what is left from times before there were locators."""

from __future__ import annotations

from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("LEG-3", "null-without-media")
def cards_fall_back_on_the_old_image() -> None:
    """A card without a profile picture shows the artist's old image; the artist itself does not."""
    _fall_back("artist_card", lambda shown, old: shown | {"profileImageURL": shown["profileImageURL"] or old})


@mutant("LEG-3", "follows-media")
def the_old_image_goes_first() -> None:
    """An artist with an old image and a profile picture shows the old image."""
    _fall_back(
        "artist", lambda shown, old: shown | {"profileImageURL": shown["profileImageURL"] and (old or shown["profileImageURL"])}
    )


@mutant("LEG-3", "null-after-deletion")
def the_old_image_comes_back() -> None:
    """After the deletion of the profile picture the old image is shown."""
    had: set[str] = set()

    def change(shown: Any, old: Any) -> Any:
        if shown["profileImageURL"]:
            had.add(shown["ID"])
        return shown if shown["profileImageURL"] or shown["ID"] not in had else shown | {"profileImageURL": old}

    _fall_back("artist", change)


@mutant("LEG-4", "listed")
def unrecognised_pictures_are_not_listed() -> None:
    """An item whose old URL nobody recognises is left out of the collection."""
    from reference_impl import catalogue

    async def collection(original: Any, backend: Any, found: Any) -> Any:
        return [item for item in await original(backend, found) if item["src"]]

    wrap_async(catalogue, "collection", collection)


@mutant("LEG-4", "null-src")
def unrecognised_addresses_are_passed_on() -> None:
    """An old URL that nobody recognises is the item's src, as it is."""
    from reference_impl import views

    def render_url(original: Any, backend: Any, media: Any, kind: str) -> Any:
        found = original(backend, media, kind)
        return found or (media.legacy_url if kind == "canonical" and "pictures.nobody" in (media.legacy_url or "") else None)

    wrap(views, "render_url", render_url)


@mutant("LEG-4", "look-alike")
def hosts_are_recognised_by_a_part() -> None:
    """A host that has an S3 host in it is taken for one, and its path for a key of the store."""
    _locating(lambda url: ".amazonaws.com." in url)


@mutant("LEG-4", "look-alike")
def paths_are_recognised_by_a_part() -> None:
    """A URL with an S3 host anywhere in it is taken for one."""
    _locating(lambda url: ".amazonaws.com/" in url)


@mutant("LEG-4", "deleted-204")
def unrecognised_pictures_cannot_be_deleted() -> None:
    """Deleting an item whose old URL nobody recognises answers 404."""
    from reference_impl import records

    def delete_media(original: Any, engine: Any, artist_id: str, media_id: str) -> Any:
        found = records.find_media(engine, media_id)
        return None if found and found.legacy_url else original(engine, artist_id, media_id)

    wrap(records, "delete_media", delete_media)


@mutant("LEG-4", "nothing-deleted")
def keys_in_old_urls_are_deleted() -> None:
    """Deleting an old item deletes the object whose key its URL ends with, whatever its host."""
    from reference_impl import workflow
    from reference_impl.storage.locator import Artifact

    async def delete_objects(original: Any, backend: Any, removed: Any) -> None:
        gone = list(removed)
        await original(backend, gone)
        for media in gone:
            _, found, key = (media.legacy_url or "").partition("/media/")
            if found:
                await workflow.discard(backend, [Artifact("canonical", backend.stores.place(f"media/{key}"))])

    wrap_async(workflow, "delete_objects", delete_objects)


def _fall_back(view: str, change: Any) -> None:
    from reference_impl import views

    def shown(original: Any, backend: Any, artist: Any, media: Any) -> Any:
        found = original(backend, artist, media)
        return change(found, artist.legacy_image_url) if artist.legacy_image_url else found

    wrap(views, view, shown)


def _locating(recognised: Any) -> None:
    from reference_impl import resolution

    def locator(original: Any, backend: Any, media: Any, kind: str) -> Any:
        url = (media.legacy_url if kind == "canonical" else media.legacy_thumbnail_url) or ""
        _, found, key = url.partition("/media/")
        if found and recognised(url):
            return backend.stores.place(f"media/{key.removeprefix('media/')}")
        return original(backend, media, kind)

    wrap(resolution, "legacy_locator", locator)
