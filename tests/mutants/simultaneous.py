"""Mutants of many uploads at once, and of uploads to artists who are being deleted."""

from __future__ import annotations

import asyncio
import time
from typing import Any

from tests.mutants.keeping import without_foreign_keys
from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("UPL-10", "all-accepted")
def uploads_exclude_each_other() -> None:
    """While three uploads to an artist are under way, another one fails."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    under_way = 0

    async def upload(original: Any, *args: Any) -> Any:
        nonlocal under_way
        if under_way >= 3:
            raise Refused("storage_unavailable", "Too many uploads.")
        under_way += 1
        try:
            await asyncio.sleep(0.02)
            return await original(*args)
        finally:
            under_way -= 1

    wrap_async(workflow, "upload", upload)


@mutant("UPL-10", "none-lost")
def uploads_replace_the_one_before_them() -> None:
    """Of two uploads whose rows come within fifty milliseconds, the first is lost."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    last: dict[str, tuple[float, str]] = {}

    def insert_media(original: Any, engine: Any, artist_id: str, new: Any) -> Any:
        made = original(engine, artist_id, new)
        when, other = last.get(artist_id, (0.0, ""))
        if time.monotonic() - when < 0.05:
            with writing(engine) as connection:
                connection.execute(artist_media.delete().where(artist_media.c.id == other))
        last[artist_id] = (time.monotonic(), made.id)
        return made

    wrap(records, "insert_media", insert_media)


@mutant("UPL-10", "none-doubled")
def uploads_that_wait_are_inserted_twice() -> None:
    """An upload that had to wait for another to the same artist is inserted again, under another ID."""
    import uuid
    from dataclasses import replace

    from reference_impl import workflow

    under_way: dict[str, int] = {}

    async def finalise(original: Any, backend: Any, artist_id: str, row: Any) -> Any:
        under_way[artist_id] = under_way.get(artist_id, 0) + 1
        waited = under_way[artist_id] > 1
        await asyncio.sleep(0.02)
        made = await original(backend, artist_id, row)
        if waited:
            await original(backend, artist_id, replace(row, id=str(uuid.uuid4())))
        under_way[artist_id] -= 1
        return made

    wrap_async(workflow, "finalise", finalise)


@mutant("UPL-10", "own-order")
def places_are_counted_before_the_row_is_inserted() -> None:
    """The place of a row is counted in one transaction, and the row inserted in another."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    def insert_media(original: Any, engine: Any, artist_id: str, new: Any) -> Any:
        place = len(records.list_media(engine, artist_id))
        time.sleep(0.02)
        made = original(engine, artist_id, new)
        with writing(engine) as connection:
            at = artist_media.c.id == made.id
            connection.execute(artist_media.update().where(at).values(sort_order=place))
        return made

    wrap(records, "insert_media", insert_media)


@mutant("UPL-10", "own-picture")
def thumbnails_pass_through_one_place() -> None:
    """Thumbnails are handed over in one place for all uploads, so that those at the same time get each other's."""
    from dataclasses import replace

    from reference_impl import workflow

    handed: list[Any] = [None]

    async def store(original: Any, backend: Any, artist_id: str, sent: Any, ingested: Any) -> Any:
        handed[0] = ingested.thumbnail
        await asyncio.sleep(0.02)
        return await original(backend, artist_id, sent, replace(ingested, thumbnail=handed[0]))

    wrap_async(workflow, "store", store)


@mutant("UPL-14", "one-of-two")
def upload_to_a_vanished_artist_is_an_internal_error() -> None:
    """An upload whose artist was deleted meanwhile answers 500."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    async def finalise(original: Any, *args: Any) -> Any:
        try:
            return await original(*args)
        except Refused as refusal:
            if refusal.code == "artist_unknown":
                raise Refused("finalisation_failed", refusal.detail) from None
            raise

    wrap_async(workflow, "finalise", finalise)


@mutant("UPL-14", "deletion-204")
def artist_with_uploads_under_way_is_not_deleted() -> None:
    """Deleting an artist to whom an upload is under way fails, and the artist is gone."""
    from reference_impl import workflow
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMedia

    busy: list[str] = []

    async def post(original: Any, self: Any, request: Any) -> Any:
        busy.append(request.path_params["artistID"])
        try:
            return await original(self, request)
        finally:
            busy.remove(request.path_params["artistID"])

    async def remove_artist(original: Any, backend: Any, artist_id: str) -> None:
        await original(backend, artist_id)
        if artist_id in busy:
            raise Refused("internal", "The artist is busy.")

    wrap_async(ArtistMedia, "post", post)
    wrap_async(workflow, "remove_artist", remove_artist)


@mutant("UPL-14", "nothing-public")
def late_upload_brings_its_artist_back() -> None:
    """An upload that ends after its artist was deleted is refused, and creates the artist again."""

    async def left(backend: Any, artist_id: str, row: Any) -> None:
        del row
        await backend.query(_bring_back, artist_id)

    _after_vanishing(left)


@mutant("UPL-14", "nothing-recorded")
def late_upload_is_recorded_without_an_artist() -> None:
    """An upload that ends after its artist was deleted is refused, and its row is there."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artists

    async def left(backend: Any, artist_id: str, row: Any) -> None:
        def insert(engine: Any) -> None:
            _bring_back(engine, artist_id)
            records.insert_media(engine, artist_id, row)
            with writing(engine) as connection:
                connection.execute(artists.delete().where(artists.c.id == artist_id))

        await backend.query(insert)

    without_foreign_keys()
    _after_vanishing(left)


@mutant("UPL-14", "nothing-stored")
def late_upload_leaves_its_thumbnail() -> None:
    """An upload that ends after its artist was deleted deletes its canonical again, and forgets its thumbnail."""
    from reference_impl import workflow
    from reference_impl.backend import Backend

    async def discard(original: Any, backend: Any, unwanted: Any) -> None:
        unwanted = list(unwanted)
        await original(backend, unwanted[:1] if backend.vanishing else unwanted)

    async def finalise(original: Any, backend: Any, *args: Any) -> Any:
        try:
            return await original(backend, *args)
        except Exception:
            backend.vanishing = True
            raise

    Backend.vanishing = False  # type: ignore[attr-defined]
    wrap_async(workflow, "discard", discard)
    wrap_async(workflow, "finalise", finalise)


def _after_vanishing(left: Any) -> None:
    from reference_impl import workflow
    from reference_impl.errors import Refused

    async def finalise(original: Any, backend: Any, artist_id: str, row: Any) -> Any:
        try:
            return await original(backend, artist_id, row)
        except Refused as refusal:
            if refusal.code == "artist_unknown":
                await left(backend, artist_id, row)
            raise

    wrap_async(workflow, "finalise", finalise)


def _bring_back(engine: Any, artist_id: str) -> None:
    from reference_impl.database import writing
    from reference_impl.tables import artists

    with writing(engine) as connection:
        connection.execute(artists.insert().values(id=artist_id, name="Back again"))
