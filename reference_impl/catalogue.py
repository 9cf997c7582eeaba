"""Reads: artists, collections, objects and exports."""

from __future__ import annotations

import base64
import binascii
import re
from itertools import groupby
from typing import TYPE_CHECKING

from reference_impl import exports, records, views
from reference_impl.errors import Refused
from reference_impl.resolution import artifact, artifacts

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from reference_impl.backend import Backend
    from reference_impl.records import Artist, Media
    from reference_impl.storage.locator import Artifact, ArtifactKind
    from reference_impl.views import JSON

ARTIFACT_KINDS: dict[str, ArtifactKind] = {"canonical": "canonical", "thumbnail": "thumbnail"}
IDENTIFIER = re.compile(r"[A-Za-z0-9_-]{1,64}")


async def known_artist(backend: Backend, artist_id: str) -> Artist:
    """Raises Refused (artist_unknown), also where no artist could have such an ID."""
    found = await backend.query(records.find_artist, artist_id) if IDENTIFIER.fullmatch(artist_id) else None
    if found is None:
        raise Refused("artist_unknown", "There is no such artist.")
    return found


async def artist(backend: Backend, found: Artist) -> JSON:
    return views.artist(backend, found, await backend.query(records.list_media, found.id))


async def collection(backend: Backend, found: Artist) -> list[JSON]:
    return [views.media_item(backend, media) for media in await backend.query(records.list_media, found.id)]


async def page(backend: Backend, cursor: str | None, limit: int) -> tuple[list[JSON], str | None]:
    """Cards in creation order behind the cursor, and the cursor of the next page. Raises Refused (cursor_invalid)."""
    shown, following = await listed(backend, cursor, limit)
    by_artist = of_artists(await backend.query(records.list_profile_media, [each.id for each in shown]))
    return [views.artist_card(backend, each, by_artist.get(each.id, [])) for each in shown], following


async def listed(backend: Backend, cursor: str | None, limit: int) -> tuple[list[Artist], str | None]:
    """Artists in creation order behind the cursor, and the cursor of the next page. Raises Refused (cursor_invalid)."""
    after = position(cursor) if cursor is not None else 0
    # One more than asked for tells whether there is a next page.
    found = await backend.query(records.list_artists, after, limit + 1)
    shown = found[:limit]
    return shown, cursor_behind(shown[-1]) if len(found) > limit else None


def of_artists(media: Iterable[Media]) -> dict[str, list[Media]]:
    """Media that comes artist by artist, by the artist's ID."""
    return {key: list(group) for key, group in groupby(media, key=lambda each: each.artist_id)}


def cursor_behind(last: Artist) -> str:
    return base64.urlsafe_b64encode(b"%d" % last.sequence).decode("ascii").rstrip("=")


def position(cursor: str) -> int:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except (binascii.Error, ValueError):
        text = ""
    # The largest integer that the sequence can hold has 19 digits.
    if not re.fullmatch(r"[1-9][0-9]{0,17}", text):
        raise Refused("cursor_invalid", "The cursor is not one of this listing.")
    return int(text)


async def deliverable(backend: Backend, folder: str, file: str) -> Artifact | None:
    """The object behind a render URL, if a ready row names one."""
    key = f"media/{folder}/{file}"
    for media in await backend.query(records.find_media_by_key, key):
        for each in artifacts(backend, media):
            if each.locator.key == key:
                return each
    kind = ARTIFACT_KINDS.get(file)
    named = await ready_media(backend, folder) if kind else None
    return artifact(backend, named, kind) if named and kind else None


async def ready_media(backend: Backend, media_id: str) -> Media | None:
    found = await backend.query(records.find_media, media_id)
    return found if found and found.status == records.READY else None


async def media_records(backend: Backend) -> AsyncIterator[JSON]:
    sequence = 0
    while batch := await backend.query(exports.media_after, sequence):
        for media in batch:
            yield views.media_record(media)
        sequence = batch[-1].sequence


async def media_objects(backend: Backend) -> AsyncIterator[JSON]:
    place: tuple[str, ...] | None = None
    while batch := await backend.query(exports.objects_after, place):
        for named in batch:
            yield views.media_object(named)
        place = batch[-1].place
