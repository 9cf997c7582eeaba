"""Mutants of uploads that fail on the way."""

from __future__ import annotations

from typing import Any

from tests.mutants.keeping import a_failed_row, an_object, on_put, undone, undone_later
from tests.mutants.mutant import mutant, wrap_async
from tests.mutants.remaking import Leave, an_item


@mutant("UPL-3", "answers-503")
def unavailable_storage_is_internal() -> None:
    """A canonical that cannot be stored answers 500."""
    _failing("canonical", "internal")


@mutant("UPL-3", "nothing-public")
def unstored_pictures_are_listed() -> None:
    """A canonical that cannot be stored is in the collection all the same."""
    _leaving("canonical", an_item)


@mutant("UPL-3", "nothing-recorded")
def unstored_pictures_are_recorded() -> None:
    """A canonical that cannot be stored leaves a failed row."""
    _leaving("canonical", a_failed_row)


@mutant("UPL-3", "nothing-stored")
def thumbnails_are_stored_first() -> None:
    """A thumbnail is stored before its canonical, and stays when that cannot be."""
    _leaving("canonical", an_object)


@mutant("UPL-4", "answers-503")
def thumbnails_may_fail() -> None:
    """A thumbnail that cannot be stored is passed over: the upload succeeds."""
    _failing("thumbnail", None)


@mutant("UPL-4", "nothing-public")
def pictures_without_thumbnail_are_listed() -> None:
    """A picture whose thumbnail cannot be stored is in the collection, although the answer says otherwise."""
    _leaving("thumbnail", an_item)


@mutant("UPL-4", "nothing-recorded")
def pictures_without_thumbnail_are_recorded() -> None:
    """A picture whose thumbnail cannot be stored leaves a failed row."""
    _leaving("thumbnail", a_failed_row)


@mutant("UPL-4", "nothing-stored")
def canonicals_stay_without_thumbnail() -> None:
    """A canonical stays when its thumbnail cannot be stored."""
    undone(lambda code, _: code == "storage_unavailable")


@mutant("UPL-4", "canonical-deleted")
def canonicals_are_left_to_the_next_upload() -> None:
    """A canonical whose thumbnail cannot be stored stays until the next upload clears it away."""
    undone_later(lambda code, kind: code == "storage_unavailable" and kind == "canonical")


@mutant("UPL-4", "canonical-deleted")
def only_what_failed_is_deleted() -> None:
    """When a thumbnail cannot be stored it is the thumbnail that is deleted, and not the canonical."""
    undone(lambda code, kind: code == "storage_unavailable" and kind == "canonical")


@mutant("UPL-5", "answers-500")
def failed_finalisation_is_unavailable() -> None:
    """A finalisation that fails answers 503."""
    _finalising("storage_unavailable")


@mutant("UPL-5", "code")
def failed_finalisation_is_internal() -> None:
    """A finalisation that fails has the code of any other failure."""
    _finalising("internal")


@mutant("UPL-5", "nothing-public")
def pictures_are_listed_before_finalisation() -> None:
    """A picture that could not be finalised is in the collection."""
    _leaving("finalisation", an_item)


@mutant("UPL-5", "nothing-recorded")
def failed_finalisation_is_recorded() -> None:
    """A picture that could not be finalised leaves a failed row."""
    _leaving("finalisation", a_failed_row)


@mutant("UPL-5", "nothing-stored")
def thumbnails_stay_unfinalised() -> None:
    """Only the canonical of a picture that could not be finalised is deleted again."""
    undone(lambda code, kind: code == "finalisation_failed" and kind == "thumbnail")


@mutant("UPL-5", "both-deleted")
def unfinalised_pictures_stay() -> None:
    """Nothing that was stored of a picture that could not be finalised is deleted again."""
    undone(lambda code, _: code == "finalisation_failed")


@mutant("UPL-5", "both-deleted")
def unfinalised_canonicals_are_left_to_the_next_upload() -> None:
    """The canonical of a picture that could not be finalised stays until the next upload clears it away."""
    undone_later(lambda code, kind: code == "finalisation_failed" and kind == "canonical")


@mutant("UPL-9", "accepted")
def a_lost_picture_is_a_duplicate() -> None:
    """A picture that was lost is remembered, and refused when it comes again."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    seen: set[str] = set()

    async def store(original: Any, backend: Any, artist_id: str, sent: Any, ingested: Any) -> Any:
        name = f"{artist_id}/{sent.original_file_name}"
        if name in seen:
            raise Refused("storage_unavailable", "It is being stored already.")
        try:
            return await original(backend, artist_id, sent, ingested)
        except Refused:
            seen.add(name)
            raise

    wrap_async(workflow, "store", store)


@mutant("UPL-9", "one-public")
def a_retry_brings_back_what_was_lost() -> None:
    """A picture that was lost for want of a thumbnail appears together with its retry."""
    _twice(an_item)


@mutant("UPL-9", "one-recorded")
def a_retry_records_what_was_lost() -> None:
    """A picture that was lost leaves a failed row once it is sent again."""
    _twice(lambda backend, artist, _: a_failed_row(backend, artist, None))


@mutant("UPL-9", "one-stored")
def a_retry_stores_what_was_lost() -> None:
    """A canonical that was lost is stored once more with the retry."""
    _twice(lambda backend, artist, _: an_object(backend, artist, None))


@mutant("UPL-11", "nothing-public")
def half_a_picture_is_listed() -> None:
    """A client that disconnects leaves an item."""
    _on_disconnect(an_item)


@mutant("UPL-11", "nothing-recorded")
def half_a_picture_is_recorded() -> None:
    """A client that disconnects leaves a pending row."""
    _on_disconnect(a_failed_row)


@mutant("UPL-11", "nothing-stored")
def half_a_picture_is_stored() -> None:
    """What had come of a picture before its client left stays in the store."""
    _on_disconnect(an_object)


def _failing(kind: str, code: str | None) -> None:
    """An artifact of a kind that cannot be stored is refused with a code, or passed over."""
    from reference_impl.errors import Refused

    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        try:
            await original(self, artifact, *rest)
        except Refused as refusal:
            if artifact.kind != kind:
                raise
            if code:
                raise Refused(code, refusal.detail) from None

    on_put(put)


def _finalising(code: str) -> None:
    from reference_impl import workflow
    from reference_impl.errors import Refused

    async def finalise(original: Any, *arguments: Any) -> Any:
        try:
            return await original(*arguments)
        except Refused as refusal:
            raise Refused(code, refusal.detail) from None

    wrap_async(workflow, "finalise", finalise)


def _leaving(what: str, left: Leave) -> None:
    """A failure of this artifact, or of the finalisation, leaves something behind."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    failed: list[str] = []

    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        try:
            await original(self, artifact, *rest)
        except Refused:
            failed.append(artifact.kind)
            raise

    async def store(original: Any, backend: Any, artist_id: str, *rest: Any) -> Any:
        try:
            return await original(backend, artist_id, *rest)
        except Refused as refusal:
            if refusal.code == "finalisation_failed":
                failed.append("finalisation")
            if what in failed:
                await left(backend, artist_id, None)
            raise

    on_put(put)
    wrap_async(workflow, "store", store)


def _twice(left: Leave) -> None:
    """An upload after a failed one of the same artist leaves something more."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    lost: set[str] = set()

    async def store(original: Any, backend: Any, artist_id: str, *rest: Any) -> Any:
        try:
            done = await original(backend, artist_id, *rest)
        except Refused:
            lost.add(artist_id)
            raise
        if artist_id in lost:
            lost.discard(artist_id)
            await left(backend, artist_id, None)
        return done

    wrap_async(workflow, "store", store)


def _on_disconnect(left: Leave) -> None:
    from starlette.requests import ClientDisconnect

    from reference_impl.routes.media import ArtistMedia

    async def post(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except ClientDisconnect:
            await left(self.backend, request.path_params["artistID"], None)
            raise

    wrap_async(ArtistMedia, "post", post)
