"""Mutants of saving a whole collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("SYN-2", "omitted-gone")
def sync_deletes_only_the_first_left_out() -> None:
    """Of several items left out, only the first is deleted."""
    _delete_at_most(1)


@mutant("SYN-2", "omitted-gone")
def sync_deletes_three_at_most() -> None:
    """Of more than three items left out, three are deleted."""
    _delete_at_most(3)


@mutant("SYN-2", "omitted-unrecorded")
def sync_hides_what_was_left_out() -> None:
    """Rows left out are marked as failed, so that no read shows them, and stay for ever."""
    from reference_impl import records
    from reference_impl.tables import artist_media

    def remove(original: Any, connection: Any, artist_id: str, removed: Any) -> None:
        original(connection, artist_id, removed)
        for place, media in enumerate(removed):
            values = {column.key: getattr(media, column.key) for column in artist_media.columns}
            connection.execute(artist_media.insert().values(values | {"status": "failed", "sort_order": 1000 + place}))

    wrap(records, "_remove", remove)


@mutant("SYN-2", "omitted-objects-gone")
def sync_keeps_thumbnails_of_what_was_left_out() -> None:
    """Rows and canonicals are deleted, thumbnails stay in the bucket, where no URL leads to them."""
    _keep_objects(lambda artifact: artifact.kind == "thumbnail")


@mutant("SYN-2", "omitted-urls-gone")
def sync_leaves_urls_answering() -> None:
    """Render URLs of deleted items go on serving from a cache of the server's own."""
    from reference_impl import catalogue
    from reference_impl.storage.stores import Stores

    known: dict[tuple[str, str], Any] = {}

    async def deliverable(original: Any, backend: Any, folder: str, file: str) -> Any:
        found = await original(backend, folder, file)
        if found:
            known[folder, file] = found
        return known.get((folder, file))

    async def delete(original: Any, self: Any, artifact: Any) -> None:
        del original, self, artifact

    wrap_async(catalogue, "deliverable", deliverable)
    wrap_async(Stores, "delete", delete)


@mutant("SYN-2", "ids-kept")
def sync_gives_the_last_item_a_new_id() -> None:
    """The last item of a sync that leaves something out is inserted anew, under another ID."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        left_out = original(engine, artist_id, arranged, unknown)
        if left_out and arranged:
            with writing(engine) as connection:
                last = artist_media.c.id == arranged[-1].id
                connection.execute(artist_media.update().where(last).values(id=arranged[-1].id[:-4] + "0000"))
        return left_out

    wrap(records, "replace_collection", replace_collection)


@mutant("SYN-2", "urls-kept")
def sync_moves_thumbnails() -> None:
    """A sync that leaves something out gives the first of the rest a new thumbnail URL, and breaks the old one."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        left_out = original(engine, artist_id, arranged, unknown)
        if left_out and arranged:
            with writing(engine) as connection:
                first = artist_media.c.id == arranged[0].id
                moved = artist_media.update().where(first).values(thumbnail_storage_key="media/moved/elsewhere.jpg")
                connection.execute(moved)
        return left_out

    wrap(records, "replace_collection", replace_collection)


@mutant("SYN-2", "omitted-gone")
def empty_sync_deletes_nothing() -> None:
    """A sync without any item is taken for no sync at all."""
    from reference_impl import records

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        return original(engine, artist_id, arranged, unknown) if arranged else []

    wrap(records, "replace_collection", replace_collection)


@mutant("SYN-2", "ids-kept")
def sync_deletes_everybody_elses_items() -> None:
    """What a sync does not name is deleted, whoever's it is."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        left_out = original(engine, artist_id, arranged, unknown)
        named = [item.id for item in arranged]
        with writing(engine) as connection:
            connection.execute(artist_media.delete().where(artist_media.c.id.not_in(named)))
        return left_out

    wrap(records, "replace_collection", replace_collection)


def _keep_objects(keep: Callable[[Any], bool]) -> None:
    from reference_impl import workflow

    async def discard(original: Any, backend: Any, unwanted: Any) -> None:
        await original(backend, [artifact for artifact in unwanted if not keep(artifact)])

    wrap_async(workflow, "discard", discard)


def _delete_at_most(number: int) -> None:
    """Of the items left out of a sync, those behind the first so many count as unknown to it."""
    from reference_impl import records

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        held = [media.id for media in records.list_media(engine, artist_id)]
        named = {item.id for item in arranged}
        return original(engine, artist_id, arranged, {*unknown, *[each for each in held if each not in named][number:]})

    wrap(records, "replace_collection", replace_collection)
