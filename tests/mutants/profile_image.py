"""Mutants of the profile picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.mutants.mutant import mutant, wrap


@mutant("REC-4", "first-in-order")
def newest_profile_picture_is_shown() -> None:
    """The artist shows the profile-purpose item that was uploaded last."""
    _profile_from(lambda items: sorted(items, key=lambda media: -media.sequence))


@mutant("REC-4", "follows-order")
def card_shows_profile_pictures_in_order_of_upload() -> None:
    """The card shows the oldest profile-purpose item; the artist shows the first."""
    from reference_impl import records

    def list_profile_media(original: Any, *args: Any) -> Any:
        return sorted(original(*args), key=lambda media: (media.artist_id, media.sequence))

    wrap(records, "list_profile_media", list_profile_media)


@mutant("REC-4", "follows-order")
def profile_picture_stays_while_it_is_there() -> None:
    """Once shown as the profile picture, an item stays it until it is deleted, whatever purpose it gets."""
    shown: dict[str, str] = {}

    def pinned(items: Any) -> Any:
        items = list(items)
        for media in items:
            pin = shown.setdefault(media.artist_id, media.id) if media.purpose == "profile" else shown.get(media.artist_id)
            if media.id == pin:
                return [replace(media, purpose="profile"), *items]
        for media in items:
            if media.purpose == "profile":
                shown[media.artist_id] = media.id
                break
        return items

    _profile_from(pinned)


@mutant("REC-4", "follows-deletion")
def deleted_profile_picture_leaves_none() -> None:
    """After the profile picture was deleted, the artist has none until the collection is saved again."""
    from reference_impl import records

    without: set[str] = set()

    def delete_media(original: Any, engine: Any, artist_id: str, media_id: str) -> Any:
        removed = original(engine, artist_id, media_id)
        if removed and removed.purpose == "profile":
            without.add(artist_id)
        return removed

    wrap(records, "delete_media", delete_media)
    _profile_from(lambda items: [media for media in items if media.artist_id not in without])


@mutant("REC-4", "null-without")
def gallery_picture_stands_in_for_the_profile() -> None:
    """Without a profile-purpose item, the artist shows the first of the gallery."""

    def standing_in(items: Any) -> Any:
        items = list(items)
        return items if any(media.purpose == "profile" for media in items) else [replace(m, purpose="profile") for m in items]

    _profile_from(standing_in)


@mutant("REC-4", "skips-without-src")
def first_profile_picture_counts_without_src_too() -> None:
    """The first profile-purpose item is the profile picture, even if it has no src."""
    _profile_from(lambda items: [media for media in items if media.purpose == "profile"][:1])


@mutant("REC-4", "purposes-kept")
def new_profile_picture_retires_the_others() -> None:
    """An upload for the profile moves the profile picture before it to the gallery."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    def insert_media(original: Any, engine: Any, artist_id: str, new: Any) -> Any:
        if new.purpose == "profile":
            with writing(engine) as connection:
                mine = artist_media.c.artist_id == artist_id
                connection.execute(artist_media.update().where(mine).values(purpose="gallery"))
        return original(engine, artist_id, new)

    wrap(records, "insert_media", insert_media)


def _profile_from(made: Callable[[Any], Any]) -> None:
    """The profile picture is looked for among other items."""
    from reference_impl import views

    wrap(views, "profile_image", lambda original, backend, items: original(backend, made(items)))
