"""Mutants of what comes first: objects or rows, in uploads and in deletions."""

from __future__ import annotations

from typing import Any

from tests.mutants.keeping import on_put, record_early
from tests.mutants.mutant import mutant, wrap_async


@mutant("UPL-2", "hidden-during-canonical")
def pictures_are_shown_before_they_are_stored() -> None:
    """A picture is in the collection before anything of it is stored."""
    record_early("canonical", "ready")


@mutant("UPL-2", "hidden-during-thumbnail")
def pictures_are_shown_before_their_thumbnail() -> None:
    """A picture is in the collection once its canonical is stored, before its thumbnail is."""
    record_early("thumbnail", "ready")


@mutant("UPL-2", "hidden-during-thumbnail")
def thumbnails_are_stored_after_the_answer() -> None:
    """The upload is answered before the thumbnail is stored, which is done in the background."""
    import asyncio

    from reference_impl import workflow

    waiting: list[Any] = []
    running: set[Any] = set()

    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        if artifact.kind == "thumbnail":
            waiting.append(original(self, artifact, *rest))
        else:
            await original(self, artifact, *rest)

    async def store(original: Any, *arguments: Any) -> Any:
        media = await original(*arguments)
        running.update(asyncio.ensure_future(waiting.pop()) for _ in waiting[:])
        return media

    on_put(put)
    wrap_async(workflow, "store", store)


@mutant("UPL-2", "unrecorded-during-canonical")
def pictures_are_recorded_before_they_are_stored() -> None:
    """A picture is recorded as pending before anything of it is stored."""
    record_early("canonical", "pending")


@mutant("UPL-2", "unrecorded-during-thumbnail")
def pictures_are_recorded_before_their_thumbnail() -> None:
    """A picture is recorded as processing once its canonical is stored, before its thumbnail is."""
    record_early("thumbnail", "processing")


@mutant("SYN-5", "rows-first")
def deletion_begins_with_the_objects() -> None:
    """The objects of an item are deleted before its row is."""
    from reference_impl import records, workflow

    async def remove_media(original: Any, backend: Any, artist_id: str, media_id: str) -> None:
        media = await backend.query(records.find_media, media_id)
        await workflow.delete_objects(backend, [media] if media else [])
        await original(backend, artist_id, media_id)

    wrap_async(workflow, "remove_media", remove_media)


@mutant("SYN-5", "rows-first")
def syncs_begin_with_the_objects() -> None:
    """The objects of what a sync leaves out are deleted before it is saved."""
    from reference_impl import records, workflow

    async def arrange(original: Any, backend: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        kept = {item.id for item in arranged} | set(unknown)
        items = await backend.query(records.list_media, artist_id)
        await workflow.delete_objects(backend, [media for media in items if media.id not in kept])
        return await original(backend, artist_id, arranged, unknown)

    wrap_async(workflow, "arrange", arrange)


@mutant("SYN-5", "rows-first")
def artists_go_last() -> None:
    """The objects of an artist's pictures are deleted before the artist is."""
    from reference_impl import records, workflow

    async def remove_artist(original: Any, backend: Any, artist_id: str) -> None:
        await workflow.delete_objects(backend, await backend.query(records.list_media, artist_id))
        await original(backend, artist_id)

    wrap_async(workflow, "remove_artist", remove_artist)
