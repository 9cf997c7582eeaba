"""Mutants of deleting: single items, and what happens when the store cannot delete."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("SYN-5", "sync-succeeds")
def sync_fails_with_the_store() -> None:
    """A sync whose thumbnails cannot be deleted answers 503, with its rows as requested."""
    _failing("arrange", lambda artifact: artifact.kind == "thumbnail")


@mutant("SYN-5", "item-delete-succeeds")
def deletion_fails_with_the_store() -> None:
    """Deleting an item whose canonical cannot be deleted answers 503, with the row gone."""
    _failing("remove_media", lambda artifact: artifact.kind == "canonical")


@mutant("SYN-5", "artist-delete-succeeds")
def artist_stays_while_the_store_fails() -> None:
    """Objects of an artist are deleted before the artist, who stays when one cannot be."""
    from reference_impl import records, workflow
    from reference_impl.resolution import artifacts

    async def remove_artist(original: Any, backend: Any, artist_id: str) -> None:
        for media in await backend.query(records.list_media, artist_id):
            for artifact in artifacts(backend, media):
                await backend.stores.delete(artifact)
        await original(backend, artist_id)

    wrap_async(workflow, "remove_artist", remove_artist)


@mutant("SYN-5", "rows-gone")
def row_of_an_undeletable_thumbnail_is_kept() -> None:
    """An item whose thumbnail cannot be deleted is hidden and kept in the records, to be tried again."""
    from reference_impl import records, workflow
    from reference_impl.errors import Refused
    from reference_impl.resolution import artifacts

    async def remove_media(original: Any, backend: Any, artist_id: str, media_id: str) -> None:
        media = await backend.query(records.find_media, media_id)
        await original(backend, artist_id, media_id)
        try:
            await backend.stores.delete(list(artifacts(backend, media))[1])
        except Refused:
            row = records.NewMedia(id=media_id, purpose=media.purpose, status="failed")
            await backend.query(records.insert_media, artist_id, row)

    wrap_async(workflow, "remove_media", remove_media)


@mutant("SYN-5", "only-undeletable-left")
def deletion_ends_with_the_first_failure() -> None:
    """Once an object of a deleted artist cannot be deleted, the ones behind it are left too."""
    from reference_impl import workflow
    from reference_impl.errors import Refused
    from reference_impl.resolution import artifacts

    async def delete_objects(original: Any, backend: Any, removed: Any) -> None:
        removed = list(removed)
        if len(removed) < 3:
            await original(backend, removed)
            return
        try:
            for media in removed:
                for artifact in artifacts(backend, media):
                    await backend.stores.delete(artifact)
        except Refused:
            return

    wrap_async(workflow, "delete_objects", delete_objects)


@mutant("SYN-6", "deleted")
def deletion_answers_200() -> None:
    """deleteArtistMedia answers 200 with an empty object."""
    from reference_impl.answers import Answer
    from reference_impl.routes.media import ArtistMediaItem

    async def delete(original: Any, self: Any, request: Any) -> Any:
        await original(self, request)
        return Answer({})

    wrap_async(ArtistMediaItem, "delete", delete)


@mutant("SYN-6", "deleted")
def last_item_is_shown_once_more() -> None:
    """The first readArtist after the deletion of the last item still shows it."""
    from reference_impl import catalogue, records, views, workflow

    ghosts: dict[str, Any] = {}

    async def remove_media(original: Any, backend: Any, artist_id: str, media_id: str) -> None:
        items = await backend.query(records.list_media, artist_id)
        await original(backend, artist_id, media_id)
        if items[-1].id == media_id:
            ghosts[artist_id] = items[-1]

    async def artist(original: Any, backend: Any, found: Any) -> Any:
        shown, ghost = await original(backend, found), ghosts.pop(found.id, None)
        return shown | {"media": [*shown["media"], views.media_item(backend, ghost)]} if ghost else shown

    wrap_async(workflow, "remove_media", remove_media)
    wrap_async(catalogue, "artist", artist)


@mutant("SYN-6", "again-404")
def second_deletion_succeeds() -> None:
    """Deleting what has been deleted answers 204 again."""
    from starlette.responses import Response

    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMediaItem

    gone: set[str] = set()

    async def delete(original: Any, self: Any, request: Any) -> Any:
        media_id = request.path_params["mediaID"]
        try:
            answer = await original(self, request)
        except Refused as refusal:
            if refusal.code == "media_unknown" and media_id in gone:
                return Response(status_code=204)
            raise
        gone.add(media_id)
        return answer

    wrap_async(ArtistMediaItem, "delete", delete)


@mutant("SYN-6", "foreign-404")
def foreign_item_is_left_without_a_word() -> None:
    """Deleting another artist's item answers 204 and deletes nothing."""
    from starlette.responses import Response

    from reference_impl import records
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMediaItem

    async def delete(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused:
            if await self.backend.query(records.find_media, request.path_params["mediaID"]):
                return Response(status_code=204)
            raise

    wrap_async(ArtistMediaItem, "delete", delete)


@mutant("SYN-6", "foreign-kept")
def foreign_objects_are_deleted() -> None:
    """Deleting another artist's item is refused after its thumbnail was deleted."""
    from reference_impl import records, workflow
    from reference_impl.resolution import artifacts

    async def remove_media(original: Any, backend: Any, artist_id: str, media_id: str) -> None:
        media = await backend.query(records.find_media, media_id)
        if media:
            await backend.stores.delete(list(artifacts(backend, media))[1])
        await original(backend, artist_id, media_id)

    wrap_async(workflow, "remove_media", remove_media)


@mutant("SYN-6", "order-closes")
def last_item_takes_the_place_of_the_deleted_one() -> None:
    """The gap of a deleted item is closed by the last one."""
    from reference_impl import records
    from tests.mutants.collection import arrange

    def delete_media(original: Any, engine: Any, artist_id: str, media_id: str) -> Any:
        removed = original(engine, artist_id, media_id)
        if removed:
            items = records.list_media(engine, artist_id)
            arrange(engine, [*items[: removed.sort_order], *items[-1:], *items[removed.sort_order : -1]])
        return removed

    wrap(records, "delete_media", delete_media)


def _failing(operation: str, fatal: Callable[[Any], bool]) -> None:
    """An operation of the workflow answers the failure of the store to delete such an object."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    failures: list[Refused] = []

    async def discard(original: Any, backend: Any, unwanted: Any) -> None:
        for artifact in unwanted:
            try:
                await backend.stores.delete(artifact)
            except Refused as refusal:
                if fatal(artifact):
                    failures.append(refusal)
        await original(backend, [])

    async def answer(original: Any, *args: Any) -> Any:
        failures.clear()
        answered = await original(*args)
        if failures:
            raise failures.pop()
        return answered

    wrap_async(workflow, "discard", discard)
    wrap_async(workflow, operation, answer)
