"""Mutants of what the records say of a picture, and when they begin to say it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.mutants.answering import on_items, on_new_rows, on_records
from tests.mutants.mutant import mutant, wrap, wrap_async
from tests.mutants.remaking import leave


@mutant("REC-1", "kind-vocabulary")
def kind_is_the_media_type() -> None:
    """kind is the media type of the file."""
    on_records(lambda row: row | {"kind": row["mimeType"] or row["kind"]})


@mutant("REC-1", "purpose-vocabulary")
def purpose_is_the_artifact() -> None:
    """The purpose of a gallery picture is canonical."""
    on_records(lambda row: row | {"purpose": "canonical" if row["purpose"] == "gallery" else row["purpose"]})


@mutant("REC-1", "purpose-vocabulary")
def every_purpose_is_gallery() -> None:
    """The records know every picture as one of the gallery."""
    on_records(lambda row: row | {"purpose": "gallery"})


@mutant("REC-1", "status-vocabulary")
def status_is_uploaded() -> None:
    """The status of a ready row is uploaded."""
    on_records(lambda row: row | {"status": "uploaded" if row["status"] == "ready" else row["status"]})


@mutant("REC-1", "one-row")
def thumbnails_are_rows() -> None:
    """A profile picture has a row for its thumbnail besides its own."""
    from reference_impl import workflow

    async def finalise(original: Any, backend: Any, artist_id: str, row: Any) -> Any:
        if row.purpose == "profile":
            await _insert(backend, artist_id, status="processing", storage_key=row.thumbnail_storage_key)
        return await original(backend, artist_id, row)

    wrap_async(workflow, "finalise", finalise)


@mutant("REC-6", "type-id")
def images_are_of_type_2() -> None:
    """The row of a WebP or JPEG has mediaTypeID 2, and its kind agrees."""
    on_records(lambda row: row | {"mediaTypeID": 2, "kind": "video"})


@mutant("REC-6", "exports-agree")
def kind_in_exports_is_guessed() -> None:
    """The kind of a profile picture is audio in exports, whatever its mediaTypeID."""
    on_records(lambda row: row | {"kind": "audio" if row["purpose"] == "profile" else row["kind"]})


@mutant("REC-6", "reads-agree")
def kind_in_reads_is_picture() -> None:
    """The kind of a gallery item in reads is picture."""
    on_items(lambda item, row: item | {"kind": "picture" if row.purpose == "gallery" and row.sort_order else item["kind"]})


@mutant("REC-7", "metadata")
def records_have_the_size_of_the_upload() -> None:
    """byteSize in the records is a byte more than the stored canonical has."""
    on_records(lambda row: row | {"byteSize": (row["byteSize"] or 0) + 1})


@mutant("REC-7", "metadata")
def records_turn_pictures() -> None:
    """Width and height are exchanged in the records."""
    on_records(lambda row: row | {"width": row["height"], "height": row["width"]})


@mutant("REC-7", "no-provider-url")
def thumbnail_key_is_an_address() -> None:
    """The thumbnail's key is the address of a blob."""
    on_records(lambda row: row | {"thumbnailStorageKey": f"account.blob.core.windows.net/media/{row['thumbnailStorageKey']}"})


@mutant("REC-7", "legacy-empty")
def new_rows_have_an_empty_legacy_url() -> None:
    """The legacy thumbnail URL of a new row is empty and not null."""
    on_new_rows(lambda row: replace(row, legacy_thumbnail_url=""))


@mutant("REC-8", "exported")
def exports_leave_failed_rows_out() -> None:
    """The record export has no rows that failed."""
    from reference_impl import exports

    def media_after(original: Any, engine: Any, sequence: int) -> Any:
        return [media for media in original(engine, sequence) if media.status != "failed"]

    wrap(exports, "media_after", media_after)


@mutant("REC-8", "hidden")
def processing_rows_are_shown() -> None:
    """A row that is being processed is shown in the collection."""
    _shown("list_media", "processing")


@mutant("REC-8", "not-profile")
def pending_rows_give_a_profile_image() -> None:
    """A pending row gives the profile image of cards."""
    _shown("list_profile_media", "pending")


@mutant("UPL-8", "ready")
def rows_are_processed_afterwards() -> None:
    """A row is inserted as processing, and made ready only a moment after the answer."""
    from reference_impl import views

    seen: dict[str, int] = {}

    def record(original: Any, media: Any) -> Any:
        seen[media.id] = seen.get(media.id, 0) + 1
        return original(media) | ({"status": "processing"} if seen[media.id] == 1 else {})

    wrap(views, "media_record", record)


@mutant("UPL-8", "none-while-uploading")
def rows_begin_as_pending() -> None:
    """A row is there as pending while the picture is worked on."""
    from reference_impl import workflow
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    async def upload(original: Any, backend: Any, artist_id: str, sent: Any) -> Any:
        begun = await _insert(backend, artist_id, status="pending")

        def forget(engine: Any) -> None:
            with writing(engine) as connection:
                connection.execute(artist_media.delete().where(artist_media.c.id == begun))

        try:
            return await original(backend, artist_id, sent)
        finally:
            await backend.query(forget)

    wrap_async(workflow, "upload", upload)


@mutant("UPL-8", "none-after-refusal")
def damaged_pictures_are_recorded_as_failed() -> None:
    """A damaged picture leaves a failed row."""

    async def left(backend: Any, artist_id: str, _: Any) -> None:
        await _insert(backend, artist_id, status="failed")

    leave({"image_undecodable"}, left)


def _shown(query: str, status: str) -> None:
    """A query that shows ready rows alone shows those of another status too."""
    from sqlalchemy import select

    from reference_impl import records
    from reference_impl.database import reading
    from reference_impl.tables import artist_media

    def finding(original: Any, engine: Any, wanted: Any) -> Any:
        artists = [wanted] if isinstance(wanted, str) else wanted
        condition = (artist_media.c.artist_id.in_(artists), artist_media.c.status == status)
        with reading(engine) as connection:
            more = [records.Media(*row) for row in connection.execute(select(artist_media).where(*condition))]
        return sorted([*original(engine, wanted), *more], key=lambda media: (media.artist_id, media.status, media.sort_order))

    wrap(records, query, finding)


async def _insert(backend: Any, artist_id: str, **fields: Any) -> str:
    import uuid

    from reference_impl import records

    new = records.NewMedia(id=str(uuid.uuid4()), purpose="gallery", **fields)
    await backend.query(records.insert_media, artist_id, new)
    return new.id
