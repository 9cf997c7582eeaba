"""From a row to its objects, and to the URLs that they are rendered by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_impl.storage.locator import Artifact, Locator, is_plain

if TYPE_CHECKING:
    from reference_impl.backend import Backend
    from reference_impl.records import Media
    from reference_impl.storage.locator import ArtifactKind


def artifact(backend: Backend, media: Media, kind: ArtifactKind) -> Artifact | None:
    """The object of that kind that the row names: by its locator, else by its old URL.

    None where it names none, or none that a store of this process could hold.
    """
    locator = stored_locator(media, kind) or legacy_locator(backend, media, kind)
    return Artifact(kind, locator) if locator and backend.stores.knows(locator) else None


def artifacts(backend: Backend, media: Media) -> list[Artifact]:
    found = (artifact(backend, media, "canonical"), artifact(backend, media, "thumbnail"))
    return [each for each in found if each]


def stored_locator(media: Media, kind: ArtifactKind) -> Locator | None:
    if kind == "canonical":
        parts = (media.storage_provider, media.storage_location, media.storage_key)
    else:
        parts = (media.thumbnail_storage_provider, media.thumbnail_storage_location, media.thumbnail_storage_key)
    provider, location, key = parts
    return Locator(provider, location, key) if provider and location and key else None


def legacy_locator(backend: Backend, media: Media, kind: ArtifactKind) -> Locator | None:
    url = media.legacy_url if kind == "canonical" else media.legacy_thumbnail_url
    return backend.legacy.locate(url) if url else None


def render_url(backend: Backend, media: Media, kind: ArtifactKind) -> str | None:
    """The absolute URL of an object: its key, or the row's ID where the key cannot stand for it.

    An old object keeps its key as its path only where new ones go too: that is where the path is served from.
    """
    found = artifact(backend, media, kind)
    if found is None:
        return None
    stored = stored_locator(media, kind) is not None
    by_key = is_plain(found.locator.key) and (stored or backend.stores.serves_from(found.locator))
    path = found.locator.key if by_key else f"media/{media.id}/{kind}"
    return f"{backend.runtime.public_base_url}/{path}"
