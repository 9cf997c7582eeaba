"""Mutants of following old URLs: reading, deleting, and thumbnails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.mutants.mutant import mutant, wrap


@mutant("LEG-1", "renders")
def old_addresses_are_not_followed() -> None:
    """An item that has only an old URL has no src."""
    _misread(lambda _: True)


@mutant("LEG-1", "url-forms")
def buckets_in_hosts_are_not_recognised() -> None:
    """An old URL with the bucket in its host is not recognised."""
    _misread(lambda url: (url.hostname or "").startswith("medialane-"))


@mutant("LEG-1", "url-forms")
def buckets_in_paths_are_not_recognised() -> None:
    """An old URL with the bucket in its path is not recognised, at Amazon's own host."""
    _misread(lambda url: (url.hostname or "").startswith("s3."))


@mutant("LEG-1", "url-forms")
def endpoints_are_not_recognised() -> None:
    """An old URL at the endpoint of the store is not recognised."""
    _misread(lambda url: url.hostname == "127.0.0.1")


@mutant("LEG-1", "url-forms")
def distributions_are_not_recognised() -> None:
    """An old URL at the host of a distribution is not recognised."""
    _misread(lambda url: (url.hostname or "").startswith("pictures."))


@mutant("LEG-1", "url-forms")
def keys_stay_encoded() -> None:
    """The key in an old URL is not decoded."""
    from reference_impl.storage import legacy

    wrap(legacy, "unquote", lambda _, text: text)


@mutant("LEG-1", "url-forms")
def spaces_are_written_as_plus() -> None:
    """A plus in an old URL is taken for a space."""
    from reference_impl.storage import legacy

    wrap(legacy, "unquote", lambda original, text: original(text.replace("%2B", "+")).replace("+", " "))


@mutant("LEG-1", "url-forms")
def queries_belong_to_the_key() -> None:
    """An old URL with a query is read with the query as a part of the key."""
    from reference_impl.storage.legacy import LegacyURLs

    def locate(original: Any, self: Any, url: str) -> Any:
        found, query = original(self, url), url.partition("?")[2]
        return replace(found, key=f"{found.key}?{query}") if found and query else found

    wrap(LegacyURLs, "locate", locate)


@mutant("LEG-1", "not-echoed")
def old_addresses_are_passed_on() -> None:
    """src of an item that has only an old URL is that URL."""
    _rendering(lambda src, media: media.legacy_url if src and media.legacy_url else src)


@mutant("LEG-1", "not-echoed")
def signatures_are_passed_on() -> None:
    """src carries the query of the old URL, signature and all."""
    _rendering(lambda src, media: "?".join(filter(None, (src, (media.legacy_url or "").partition("?")[2]))) or None)


@mutant("LEG-1", "not-echoed")
def distributions_are_passed_on() -> None:
    """src of a picture at a distribution is at that distribution."""
    from urllib.parse import urlsplit

    def change(src: str | None, media: Any) -> str | None:
        old = urlsplit(media.legacy_url or "")
        return f"https://{old.hostname}{old.path}" if (old.hostname or "").startswith("pictures.") else src

    _rendering(change)


@mutant("LEG-1", "other-provider")
def only_the_active_provider_is_recognised() -> None:
    """An old URL is recognised only if it is one of the provider that is written to."""
    _locating(lambda stores, found: found if found.provider == stores.provider else None)


@mutant("LEG-1", "other-provider")
def old_addresses_are_read_at_the_active_provider() -> None:
    """An old URL tells location and key; the provider is the one that is written to."""
    _locating(lambda stores, found: replace(found, provider=stores.provider))


@mutant("LEG-2", "canonical-deleted")
def old_canonicals_are_left() -> None:
    """Deleting an item does not delete the object that its old URL names."""
    _deleting(lambda _, media, found: [each for each in found if not _is_old(media, each, "canonical")])


@mutant("LEG-2", "thumbnail-deleted")
def old_thumbnails_are_left() -> None:
    """Deleting an item does not delete the object that its old thumbnail URL names."""
    _deleting(lambda _, media, found: [each for each in found if not _is_old(media, each, "thumbnail")])


@mutant("LEG-2", "other-provider")
def old_pictures_of_others_are_left() -> None:
    """Deleting an item deletes nothing where its old URL is not one of the provider that is written to."""
    _deleting(lambda backend, _, found: [each for each in found if each.locator.provider == backend.stores.provider])


@mutant("LEG-2", "other-provider")
def old_pictures_are_deleted_at_the_active_provider() -> None:
    """Deleting an item deletes the key of its old URL at the provider that is written to."""
    _deleting(lambda backend, _, found: [_moved(each, provider=backend.stores.provider) for each in found])


@mutant("LEG-2", "same-key-kept")
def old_keys_are_deleted_where_new_ones_go() -> None:
    """Deleting an item deletes the key of its old URL where new objects go, wherever the URL leads."""
    _deleting(lambda backend, _, found: [replace(each, locator=backend.stores.place(each.locator.key)) for each in found])


@mutant("LEG-2", "same-key-kept")
def old_keys_are_deleted_in_both_places() -> None:
    """Deleting an item deletes the key of its old URL where new objects go, too: it might have been moved there."""
    _deleting(lambda backend, _, found: [*found, *(_moved(each, location=backend.stores.location) for each in found)])


@mutant("LEG-5", "read-follows")
def reads_prefer_the_old_address() -> None:
    """An item with a locator and an old URL shows what the URL names, and is deleted by its locator."""
    from reference_impl import resolution, workflow

    by_locator = resolution.artifact
    _prefer_old(resolution)
    kinds: tuple[Any, ...] = ("canonical", "thumbnail")
    setattr(  # noqa: B010 - the workflow imports it from elsewhere
        workflow, "artifacts", lambda backend, media: list(filter(None, (by_locator(backend, media, kind) for kind in kinds)))
    )


@mutant("LEG-5", "read-follows")
def the_old_address_counts() -> None:
    """An item with a locator and an old URL is shown and deleted by the URL."""
    from reference_impl import resolution

    _prefer_old(resolution)


@mutant("LEG-5", "delete-follows")
def deletes_prefer_the_old_address() -> None:
    """An item with a locator and an old URL shows what its locator names; what the URL names is deleted."""
    _deleting(lambda backend, media, found: _old(backend, media) or found)


@mutant("LEG-5", "legacy-kept")
def deletes_follow_both() -> None:
    """Deleting an item with a locator and an old URL deletes both objects."""
    _deleting(lambda backend, media, found: [*found, *_old(backend, media)])


@mutant("LEG-6", "from-legacy-url")
def old_thumbnails_are_not_shown() -> None:
    """An item without a thumbnail locator has no thumbnail, whatever its old thumbnail URL."""
    _thumbnails(lambda media, thumbnail, _: thumbnail if media.thumbnail_storage_key else None)


@mutant("LEG-6", "from-legacy-url")
def old_pictures_are_their_own_thumbnail() -> None:
    """The thumbnail of an item that has only old URLs is its picture."""
    _thumbnails(lambda media, thumbnail, picture: picture if media.legacy_url else thumbnail)


@mutant("LEG-6", "null-without")
def pictures_stand_in_for_missing_thumbnails() -> None:
    """The thumbnail of an item that has none is its picture."""
    _thumbnails(lambda media, thumbnail, picture: thumbnail or (None if media.legacy_thumbnail_url else picture))


@mutant("LEG-6", "null-without")
def pictures_with_a_locator_stand_in() -> None:
    """The thumbnail of an item that has none is its picture, if that has a locator."""
    _thumbnails(
        lambda media, thumbnail, picture: (
            thumbnail or (picture if media.storage_key and not media.legacy_thumbnail_url else None)
        )
    )


@mutant("LEG-6", "null-unrecognised")
def pictures_stand_in_for_unknown_thumbnails() -> None:
    """The thumbnail of an item whose old thumbnail URL nobody recognises is its picture."""
    _thumbnails(lambda media, thumbnail, picture: thumbnail or (picture if media.legacy_thumbnail_url else None))


@mutant("LEG-6", "null-unrecognised")
def unknown_thumbnails_are_passed_on() -> None:
    """An old thumbnail URL that nobody recognises is the item's thumbnailSrc, as it is."""
    _thumbnails(lambda media, thumbnail, _: thumbnail or media.legacy_thumbnail_url)


def _misread(unknown: Callable[[Any], bool]) -> None:
    """An old URL like this is not recognised."""
    from urllib.parse import urlsplit

    from reference_impl.storage.legacy import LegacyURLs

    wrap(LegacyURLs, "locate", lambda original, self, url: None if unknown(urlsplit(url)) else original(self, url))


def _locating(change: Callable[[Any, Any], Any]) -> None:
    """The locator that an old URL is read as goes through `change`, with the stores."""
    from reference_impl import resolution

    def locate(original: Any, backend: Any, media: Any, kind: str) -> Any:
        found = original(backend, media, kind)
        return change(backend.stores, found) if found else None

    wrap(resolution, "legacy_locator", locate)


def _rendering(change: Callable[[str | None, Any], str | None]) -> None:
    """The src of an item that has only an old URL goes through `change`, with its row."""
    from reference_impl import views

    def render_url(original: Any, backend: Any, media: Any, kind: str) -> Any:
        src = original(backend, media, kind)
        return change(src, media) if kind == "canonical" and not media.storage_key else src

    wrap(views, "render_url", render_url)


def _thumbnails(change: Callable[[Any, str | None, str | None], str | None]) -> None:
    """thumbnailSrc goes through `change`, with the row before it and src behind it."""
    from reference_impl import views

    def render_url(original: Any, backend: Any, media: Any, kind: str) -> Any:
        found = original(backend, media, kind)
        return change(media, found, original(backend, media, "canonical")) if kind == "thumbnail" else found

    wrap(views, "render_url", render_url)


def _deleting(change: Callable[[Any, Any, list[Any]], list[Any]]) -> None:
    """The objects that are deleted with a row go through `change`, with backend and row."""
    from reference_impl import workflow

    wrap(workflow, "artifacts", lambda original, backend, media: change(backend, media, original(backend, media)))


def _is_old(media: Any, artifact: Any, kind: str) -> bool:
    from reference_impl.resolution import stored_locator

    return artifact.kind == kind and stored_locator(media, artifact.kind) is None


def _old(backend: Any, media: Any) -> list[Any]:
    from reference_impl.resolution import legacy_locator
    from reference_impl.storage.locator import Artifact

    found = legacy_locator(backend, media, "canonical")
    return [Artifact("canonical", found)] if found else []


def _moved(artifact: Any, **place: str) -> Any:
    return replace(artifact, locator=replace(artifact.locator, **place))


def _prefer_old(module: Any) -> None:
    def artifact(original: Any, backend: Any, media: Any, kind: str) -> Any:
        old = _old(backend, media) if kind == "canonical" else []
        return old[0] if old else original(backend, media, kind)

    from reference_impl import catalogue

    for each in (module, catalogue):
        wrap(each, "artifact", artifact)
