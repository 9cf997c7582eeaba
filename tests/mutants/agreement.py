"""Mutants of rows and objects that do not agree when a run is over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.mutants.answering import on_new_rows, on_records
from tests.mutants.keeping import after_upload, artifact_of, keep_as_sent, on_put, store_beside
from tests.mutants.mutant import mutant, wrap


@mutant("CON-6", "no-missing-canonical")
def canonicals_vanish() -> None:
    """The canonical of a picture is deleted once its upload is over, and its row stays."""
    _vanishing("canonical")


@mutant("CON-6", "no-missing-thumbnail")
def thumbnails_vanish() -> None:
    """The thumbnail of a picture is deleted once its upload is over, and its row stays."""
    _vanishing("thumbnail")


@mutant("CON-6", "no-orphan")
def uploads_leave_their_file() -> None:
    """The file of an upload stays in the store as it was sent, under a key of its own."""
    keep_as_sent(lambda media: f"incoming/{media.id}")


@mutant("CON-6", "no-orphan")
def superseded_thumbnails_stay() -> None:
    """A first thumbnail stays in the store beside the one that the row names."""

    async def leave(backend: Any, _: Any, ingested: Any, media: Any) -> None:
        await store_beside(backend, f"{media.thumbnail_storage_key}.draft", ingested.thumbnail, ingested.mime_type)

    after_upload(leave)


@mutant("CON-6", "no-mismatch")
def sizes_are_one_too_many() -> None:
    """byteSize in the row is one more than the canonical has."""
    on_new_rows(lambda row: replace(row, byte_size=row.byte_size + 1))


@mutant("CON-6", "no-mismatch")
def sizes_are_those_of_the_file() -> None:
    """byteSize in the row is that of the file as it was sent."""
    from reference_impl import workflow

    def new_row(original: Any, sent: Any, *rest: Any) -> Any:
        sent.file.seek(0)
        return replace(original(sent, *rest), byte_size=len(sent.file.read()))

    wrap(workflow, "new_row", new_row)


@mutant("CON-6", "no-mismatch")
def types_are_misspelt() -> None:
    """Objects are stored as image/jpg, whatever they are."""

    async def put(original: Any, self: Any, artifact: Any, data: bytes, _: str, policy: str) -> None:
        await original(self, artifact, data, "image/jpg", policy)

    on_put(put)


@mutant("CON-6", "no-mismatch")
def thumbnails_have_no_bucket() -> None:
    """The record of a thumbnail has provider and key, and no location."""
    on_records(lambda row: row | {"thumbnailStorageLocation": None})


def _vanishing(kind: str) -> None:
    async def delete(backend: Any, _: Any, __: Any, media: Any) -> None:
        await backend.stores.delete(artifact_of(media, kind))

    after_upload(delete)
