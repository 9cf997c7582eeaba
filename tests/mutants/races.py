"""Mutants of uploads and saves that overlap."""

from __future__ import annotations

from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("SYN-7", "both-succeed")
def sync_that_does_not_name_all_is_a_conflict() -> None:
    """A sync during which an item came is refused."""
    from reference_impl import records
    from reference_impl.errors import Refused

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        if any(media.id in unknown for media in records.list_media(engine, artist_id)):
            raise Refused("sync_invalid", "The collection has changed meanwhile.")
        return original(engine, artist_id, arranged, unknown)

    wrap(records, "replace_collection", replace_collection)


@mutant("SYN-7", "sync-kept")
def upload_restores_the_order_it_began_with() -> None:
    """An upload puts its item behind the collection as it was when the upload began, and that back into its order."""
    from reference_impl import records
    from reference_impl.routes.media import ArtistMedia
    from tests.mutants.collection import arrange

    async def post(original: Any, self: Any, request: Any) -> Any:
        artist_id = request.path_params["artistID"]
        before = await self.backend.query(records.list_media, artist_id)
        answer = await original(self, request)
        now = await self.backend.query(records.list_media, artist_id)
        known = {media.id for media in before}
        await self.backend.query(arrange, [*before, *(media for media in now if media.id not in known)])
        return answer

    wrap_async(ArtistMedia, "post", post)


@mutant("SYN-7", "upload-kept")
def sync_deletes_whatever_it_does_not_name() -> None:
    """A sync deletes every item that it does not name, also one that came while it was under way."""
    from reference_impl import records

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, _: Any) -> Any:
        return original(engine, artist_id, arranged, ())

    wrap(records, "replace_collection", replace_collection)


@mutant("SYN-7", "upload-kept")
def sync_begins_with_its_last_byte() -> None:
    """What was uploaded before the last byte of a sync arrived counts as known to it."""
    from reference_impl.routes.media import ArtistMedia

    async def put(original: Any, self: Any, request: Any) -> Any:
        await request.body()
        return await original(self, request)

    wrap_async(ArtistMedia, "put", put)


@mutant("SYN-7", "new-last")
def item_that_came_during_a_sync_stands_first() -> None:
    """An item that came while a sync was under way is put before those that the sync names."""
    from reference_impl import records
    from tests.mutants.collection import arrange

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        left_out = original(engine, artist_id, arranged, unknown)
        items = records.list_media(engine, artist_id)
        arrange(engine, sorted(items, key=lambda media: media.id not in unknown))
        return left_out

    wrap(records, "replace_collection", replace_collection)


@mutant("SYN-7", "new-last")
def upload_takes_the_place_that_was_free_when_it_began() -> None:
    """The place of an item is settled when its upload begins, also if the collection grows meanwhile or is saved smaller."""
    from reference_impl import records
    from reference_impl.routes.media import ArtistMedia
    from tests.mutants.collection import arrange

    async def post(original: Any, self: Any, request: Any) -> Any:
        artist_id = request.path_params["artistID"]
        before = await self.backend.query(records.list_media, artist_id)
        answer = await original(self, request)
        now = await self.backend.query(records.list_media, artist_id)
        if [media.id for media in before] != [media.id for media in now[:-1]]:
            await self.backend.query(arrange, [*now[-1:], *now[:-1]])
        return answer

    wrap_async(ArtistMedia, "post", post)


@mutant("SYN-7", "new-renders")
def sync_deletes_thumbnails_of_newcomers() -> None:
    """A sync leaves an item that came meanwhile its row and its canonical, and deletes its thumbnail."""
    from reference_impl import records, workflow
    from reference_impl.resolution import artifacts

    async def arrange(original: Any, backend: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        items = await original(backend, artist_id, arranged, unknown)
        for media in await backend.query(records.list_media, artist_id):
            if media.id in unknown:
                await backend.stores.delete(list(artifacts(backend, media))[1])
        return items

    wrap_async(workflow, "arrange", arrange)
