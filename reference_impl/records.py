"""Artists and their media as rows: every query. Knows no HTTP and no storage client.

Functions take an engine, block, and may raise DatabaseError. Media that the public sees is ready; rows in any other
state keep their places behind it, so that the collection order of what is seen has no gaps.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Literal

from sqlalchemy import delete, func, insert, or_, select, text, update

from reference_impl.database import reading, writing
from reference_impl.errors import Refused
from reference_impl.tables import artist_media, artists, metadata

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from sqlalchemy import Connection, Engine

Purpose = Literal["profile", "gallery"]

MEDIA_TYPES = {1: "image", 2: "video", 3: "audio"}
IMAGE = 1
READY = "ready"
# Serialises the creation of artists, so that their sequence is the order in which they become visible.
CREATION_LOCK = 7_236_041


@dataclass(frozen=True)
class Artist:
    sequence: int
    id: str
    name: str
    bio: str | None
    legacy_image_url: str | None


@dataclass(frozen=True)
class NewMedia:
    """A row that is yet to be given its place."""

    id: str
    purpose: str
    status: str = READY
    original_file_name: str | None = None
    mime_type: str | None = None
    byte_size: int | None = None
    width: int | None = None
    height: int | None = None
    alt_text: str | None = None
    storage_provider: str | None = None
    storage_location: str | None = None
    storage_key: str | None = None
    thumbnail_storage_provider: str | None = None
    thumbnail_storage_location: str | None = None
    thumbnail_storage_key: str | None = None
    blur_data_url: str | None = None
    legacy_url: str | None = None
    legacy_thumbnail_url: str | None = None


@dataclass(frozen=True)
class Media:
    """A row of artist_media, its fields in the order of the columns."""

    sequence: int
    id: str
    artist_id: str
    media_type_id: int
    purpose: str
    status: str
    original_file_name: str | None
    mime_type: str | None
    byte_size: int | None
    width: int | None
    height: int | None
    duration_ms: int | None
    alt_text: str | None
    sort_order: int
    storage_provider: str | None
    storage_location: str | None
    storage_key: str | None
    thumbnail_storage_provider: str | None
    thumbnail_storage_location: str | None
    thumbnail_storage_key: str | None
    blur_data_url: str | None
    legacy_url: str | None
    legacy_thumbnail_url: str | None


@dataclass(frozen=True)
class Arranged:
    """An item of a collection as a sync wants it; its place in the sync is its place in the order."""

    id: str
    purpose: str
    alt_text: str | None


def create_artist(engine: Engine, name: str, bio: str | None) -> Artist:
    with writing(engine) as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": CREATION_LOCK})
        row = connection.execute(insert(artists).values(id=str(uuid.uuid4()), name=name, bio=bio).returning(artists)).one()
        return Artist(*row)


def find_artist(engine: Engine, artist_id: str) -> Artist | None:
    with reading(engine) as connection:
        row = connection.execute(select(artists).where(artists.c.id == artist_id)).one_or_none()
        return Artist(*row) if row else None


def list_artists(engine: Engine, after: int, limit: int) -> list[Artist]:
    """At most `limit` artists in creation order, behind the sequence `after`."""
    query = select(artists).where(artists.c.sequence > after).order_by(artists.c.sequence).limit(limit)
    with reading(engine) as connection:
        return [Artist(*row) for row in connection.execute(query)]


def newest_artists(engine: Engine, limit: int) -> list[Artist]:
    """At most `limit` artists who have ready media, the newest first."""
    with_media = select(artist_media.c.artist_id).where(artist_media.c.status == READY)
    query = select(artists).where(artists.c.id.in_(with_media)).order_by(artists.c.sequence.desc()).limit(limit)
    with reading(engine) as connection:
        return [Artist(*row) for row in connection.execute(query)]


def search_artists(engine: Engine, part: str, limit: int) -> list[Artist]:
    """At most `limit` artists whose name contains the part, in whatever case, in creation order."""
    query = select(artists).where(artists.c.name.icontains(part, autoescape=True)).order_by(artists.c.sequence).limit(limit)
    with reading(engine) as connection:
        return [Artist(*row) for row in connection.execute(query)]


def edit_artist(engine: Engine, artist_id: str, changes: Mapping[str, str | None]) -> Artist | None:
    with writing(engine) as connection:
        if changes:
            connection.execute(update(artists).where(artists.c.id == artist_id).values(**changes))
        row = connection.execute(select(artists).where(artists.c.id == artist_id)).one_or_none()
        return Artist(*row) if row else None


def delete_artist(engine: Engine, artist_id: str) -> list[Media] | None:
    """Deletes the artist with its media and returns the media that was, or None where there is no such artist."""
    with writing(engine) as connection:
        if not _lock_artist(connection, artist_id):
            return None
        removed = _collection(connection, artist_id)
        connection.execute(delete(artist_media).where(artist_media.c.artist_id == artist_id))
        connection.execute(delete(artists).where(artists.c.id == artist_id))
        return removed


def set_legacy_artist_image(engine: Engine, artist_id: str, url: str | None) -> bool:
    with writing(engine) as connection:
        changed = connection.execute(update(artists).where(artists.c.id == artist_id).values(legacy_image_url=url))
        return changed.rowcount == 1


def list_media(engine: Engine, artist_id: str) -> list[Media]:
    """The ready media of an artist in collection order."""
    with reading(engine) as connection:
        return [media for media in _collection(connection, artist_id) if media.status == READY]


def list_first_media(engine: Engine, artist_ids: Sequence[str], count: int) -> list[Media]:
    """The first `count` ready media of each of several artists, each artist's in collection order."""
    query = (
        select(artist_media)
        # Ready rows come before all others, without gaps.
        .where(artist_media.c.artist_id.in_(artist_ids), artist_media.c.status == READY, artist_media.c.sort_order < count)
        .order_by(artist_media.c.artist_id, artist_media.c.sort_order)
    )
    with reading(engine) as connection:
        return [Media(*row) for row in connection.execute(query)]


def list_profile_media(engine: Engine, artist_ids: Sequence[str]) -> list[Media]:
    """The ready profile-purpose media of several artists, each artist's in collection order."""
    query = (
        select(artist_media)
        .where(
            artist_media.c.artist_id.in_(artist_ids),
            artist_media.c.purpose == "profile",
            artist_media.c.status == READY,
        )
        .order_by(artist_media.c.artist_id, artist_media.c.sort_order)
    )
    with reading(engine) as connection:
        return [Media(*row) for row in connection.execute(query)]


def find_media(engine: Engine, media_id: str) -> Media | None:
    with reading(engine) as connection:
        row = connection.execute(select(artist_media).where(artist_media.c.id == media_id)).one_or_none()
        return Media(*row) if row else None


def find_media_by_key(engine: Engine, key: str) -> list[Media]:
    """The ready rows that name an object with this key by a locator, else those with an old URL that contains it."""
    named = or_(artist_media.c.storage_key == key, artist_media.c.thumbnail_storage_key == key)
    containing = or_(
        artist_media.c.legacy_url.contains(f"/{key}", autoescape=True),
        artist_media.c.legacy_thumbnail_url.contains(f"/{key}", autoescape=True),
    )
    with reading(engine) as connection:
        for condition in (named, containing):
            rows = connection.execute(select(artist_media).where(condition, artist_media.c.status == READY)).all()
            if rows:
                return [Media(*row) for row in rows]
        return []


def insert_media(engine: Engine, artist_id: str, new: NewMedia) -> Media:
    """Puts a row at the end of the artist's collection. Raises Refused (artist_unknown)."""
    with writing(engine) as connection:
        if not _lock_artist(connection, artist_id):
            raise Refused("artist_unknown", "There is no such artist.")
        values = {field.name: getattr(new, field.name) for field in fields(new)}
        values |= {"artist_id": artist_id, "media_type_id": IMAGE}
        values["sort_order"] = _make_room(connection, artist_id, new.status)
        return Media(*connection.execute(insert(artist_media).values(values).returning(artist_media)).one())


def delete_media(engine: Engine, artist_id: str, media_id: str) -> Media | None:
    """Deletes a ready item of the artist, closes up the order, and returns the item that was."""
    with writing(engine) as connection:
        _lock_artist(connection, artist_id)
        for media in _collection(connection, artist_id):
            if media.id == media_id and media.status == READY:
                _remove(connection, artist_id, [media])
                return media
        return None


def replace_collection(
    engine: Engine, artist_id: str, arranged: Sequence[Arranged], unknown: Collection[str] = ()
) -> list[Media]:
    """Gives the ready media of an artist the order and details of a sync; deletes and returns what the sync left out.

    Items whose IDs are among the unknown were not left out on purpose: they go to the end.
    Raises Refused: artist_unknown; sync_invalid where it names an item that the artist has not.
    """
    with writing(engine) as connection:
        if not _lock_artist(connection, artist_id):
            raise Refused("artist_unknown", "There is no such artist.")
        held = {media.id: media for media in _collection(connection, artist_id) if media.status == READY}
        if any(item.id not in held for item in arranged):
            raise Refused("sync_invalid", "An item is not the artist's.")
        for place, item in enumerate(arranged):
            connection.execute(
                update(artist_media)
                .where(artist_media.c.id == item.id)
                .values(purpose=item.purpose, alt_text=item.alt_text, sort_order=place)
            )
        unnamed = [media for media in held.values() if media.id not in {item.id for item in arranged}]
        left_out = [media for media in unnamed if media.id not in unknown]
        newcomers = [media for media in unnamed if media.id in unknown]
        for place, media in enumerate(newcomers, start=len(arranged)):
            connection.execute(update(artist_media).where(artist_media.c.id == media.id).values(sort_order=place))
        _remove(connection, artist_id, left_out)
        return left_out


def empty(engine: Engine) -> None:
    """Deletes every row. Objects stay where they are."""
    with writing(engine) as connection:
        for table in reversed(metadata.sorted_tables):
            connection.execute(delete(table))


def _lock_artist(connection: Connection, artist_id: str) -> bool:
    """Whether the artist is there; if so, its collection is this transaction's until the end."""
    return connection.execute(select(artists.c.id).where(artists.c.id == artist_id).with_for_update()).first() is not None


def _collection(connection: Connection, artist_id: str) -> list[Media]:
    query = select(artist_media).where(artist_media.c.artist_id == artist_id).order_by(artist_media.c.sort_order)
    return [Media(*row) for row in connection.execute(query)]


def _make_room(connection: Connection, artist_id: str, status: str) -> int:
    """The place of a new row: behind all ready ones, and behind the others too unless it is ready itself."""
    rows = artist_media.c.artist_id == artist_id
    if status != READY:
        return connection.execute(select(func.count()).where(rows)).scalar_one()
    others = artist_media.c.status != READY
    connection.execute(update(artist_media).where(rows, others).values(sort_order=artist_media.c.sort_order + 1))
    return connection.execute(select(func.count()).where(rows, artist_media.c.status == READY)).scalar_one()


def _remove(connection: Connection, artist_id: str, removed: Sequence[Media]) -> None:
    connection.execute(delete(artist_media).where(artist_media.c.id.in_([media.id for media in removed])))
    remaining = sorted(_collection(connection, artist_id), key=lambda media: (media.status != READY, media.sort_order))
    for place, media in enumerate(remaining):
        if media.sort_order != place:
            connection.execute(update(artist_media).where(artist_media.c.id == media.id).values(sort_order=place))
