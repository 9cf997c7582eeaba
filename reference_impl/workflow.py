"""Writes: what happens in which order, and what is undone when it fails.

An upload stores its objects first and inserts its row last, so that no row ever names an object that is not there. A
deletion commits its rows first and deletes the objects after, for the same reason. What is left over when an object
cannot be deleted is an orphan: it is logged, and found by comparing exports with the store.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from reference_impl import ingest, records
from reference_impl.database import DatabaseError
from reference_impl.errors import Refused
from reference_impl.logs import logger
from reference_impl.policy import CACHE_CONTROL, EXTENSIONS
from reference_impl.records import NewMedia
from reference_impl.resolution import artifacts
from reference_impl.storage.locator import Artifact, fresh_keys

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from reference_impl.backend import Backend
    from reference_impl.ingest import Ingested
    from reference_impl.policy import MediaPolicy
    from reference_impl.records import Arranged, Artist, Media

    Details = Mapping[str, str | None]


async def create_artist(backend: Backend, details: Details) -> Artist:
    return await backend.query(records.create_artist, details["name"] or "", details["bio"])


async def edit_artist(backend: Backend, artist_id: str, changes: Details) -> Artist:
    """Raises Refused (artist_unknown) where the artist was deleted meanwhile."""
    edited = await backend.query(records.edit_artist, artist_id, changes)
    if edited is None:
        raise Refused("artist_unknown", "There is no such artist.")
    return edited


@dataclass(frozen=True)
class Upload:
    """One image as it was sent, its fields already judged. The file is read once."""

    file: BinaryIO
    declared_type: str
    purpose: str
    alt_text: str | None
    original_file_name: str | None


async def upload(backend: Backend, artist_id: str, sent: Upload) -> Media:
    """Adds an image to the end of an artist's collection.

    Raises Refused with the code of what was wrong with the file, or of what failed on the way; then nothing is left.
    """
    ingested = await backend.compute(read_and_ingest, sent, backend.policy)
    return await backend.see_through(store(backend, artist_id, sent, ingested))


def read_and_ingest(sent: Upload, policy: MediaPolicy) -> Ingested:
    # The file is read here, in the worker: no more files are in memory than are being worked on.
    return ingest.ingest(sent.file.read(), sent.declared_type, policy)


async def store(backend: Backend, artist_id: str, sent: Upload, ingested: Ingested) -> Media:
    """Objects first, then the row. Undoes the objects if anything fails."""
    keys = fresh_keys(EXTENSIONS[ingested.mime_type])
    canonical = Artifact("canonical", backend.stores.place(keys["canonical"]))
    thumbnail = Artifact("thumbnail", backend.stores.place(keys["thumbnail"]))
    row = new_row(sent, ingested, canonical, thumbnail)
    begun: list[Artifact] = []
    try:
        for artifact, data in ((canonical, ingested.canonical), (thumbnail, ingested.thumbnail)):
            # Noted before the call: a store that failed to answer may have stored the object all the same.
            begun.append(artifact)
            await backend.stores.put(artifact, data, ingested.mime_type, CACHE_CONTROL)
        return await finalise(backend, artist_id, row)
    except Exception:
        backend.newcomers.answer(row.id)
        await discard(backend, begun)
        raise


def new_row(sent: Upload, ingested: Ingested, canonical: Artifact, thumbnail: Artifact) -> NewMedia:
    return NewMedia(
        id=str(uuid.uuid4()),
        purpose=sent.purpose,
        original_file_name=sent.original_file_name,
        mime_type=ingested.mime_type,
        byte_size=len(ingested.canonical),
        width=ingested.width,
        height=ingested.height,
        alt_text=sent.alt_text,
        storage_provider=canonical.locator.provider,
        storage_location=canonical.locator.location,
        storage_key=canonical.locator.key,
        thumbnail_storage_provider=thumbnail.locator.provider,
        thumbnail_storage_location=thumbnail.locator.location,
        thumbnail_storage_key=thumbnail.locator.key,
        blur_data_url=ingested.blur_data_url,
    )


async def finalise(backend: Backend, artist_id: str, row: NewMedia) -> Media:
    """Inserts the row, ready.

    Raises Refused: artist_unknown where the artist was deleted meanwhile; finalisation_failed.
    """
    backend.faults.strike_finalisation()
    backend.newcomers.arrive(row.id)
    try:
        return await backend.query(records.insert_media, artist_id, row)
    except DatabaseError as error:
        logger.exception("finalisation failed")
        raise Refused("finalisation_failed", "The upload could not be finalised.") from error


async def sync(backend: Backend, artist_id: str, arranged: Sequence[Arranged], unknown: Collection[str]) -> list[Media]:
    """Replaces the state of a collection and returns it. Items that the sync could not know of go to its end.

    Raises Refused: artist_unknown, sync_invalid.
    """
    return await backend.see_through(arrange(backend, artist_id, arranged, unknown))


async def arrange(backend: Backend, artist_id: str, arranged: Sequence[Arranged], unknown: Collection[str]) -> list[Media]:
    left_out = await backend.query(records.replace_collection, artist_id, arranged, unknown)
    await delete_objects(backend, left_out)
    return await backend.query(records.list_media, artist_id)


async def delete_media(backend: Backend, artist_id: str, media_id: str) -> None:
    """Raises Refused (media_unknown)."""
    await backend.see_through(remove_media(backend, artist_id, media_id))


async def remove_media(backend: Backend, artist_id: str, media_id: str) -> None:
    removed = await backend.query(records.delete_media, artist_id, media_id)
    if removed is None:
        raise Refused("media_unknown", "The artist has no such item.")
    await delete_objects(backend, [removed])


async def delete_artist(backend: Backend, artist_id: str) -> None:
    """Raises Refused (artist_unknown)."""
    await backend.see_through(remove_artist(backend, artist_id))


async def remove_artist(backend: Backend, artist_id: str) -> None:
    removed = await backend.query(records.delete_artist, artist_id)
    if removed is None:
        raise Refused("artist_unknown", "There is no such artist.")
    await delete_objects(backend, removed)


async def delete_objects(backend: Backend, removed: Iterable[Media]) -> None:
    for media in removed:
        await discard(backend, artifacts(backend, media))


async def discard(backend: Backend, unwanted: Iterable[Artifact]) -> None:
    """Deletes objects that no row names. One that cannot be deleted stays behind as an orphan."""
    for artifact in unwanted:
        try:
            await backend.stores.delete(artifact)
        except Refused as error:
            locator = artifact.locator
            fields = {
                "provider": locator.provider,
                "location": locator.location,
                "key": locator.key,
                "code": error.code,
            }
            logger.error("object left behind", extra={"fields": fields})


async def insert_planned(backend: Backend, artist_id: str, row: NewMedia) -> Media:
    """Writes a row as it is given, without touching storage. For state hooks only."""
    return await backend.query(records.insert_media, artist_id, row)


async def set_legacy_image(backend: Backend, artist_id: str, url: str | None) -> None:
    """Gives an artist row the image URL that old ones carry. For state hooks only."""
    await backend.query(records.set_legacy_artist_image, artist_id, url)
