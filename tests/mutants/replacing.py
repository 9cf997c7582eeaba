"""Mutants of saving a collection: whole or not at all, once or twice."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("SYN-1", "order")
def sync_of_the_whole_collection_keeps_the_order() -> None:
    """A sync that leaves nothing out changes purposes and texts, and leaves the order as it is."""

    def ordered(engine: Any, artist_id: str, arranged: Any) -> Any:
        from reference_impl import records

        places = {media.id: media.sort_order for media in records.list_media(engine, artist_id)}
        named = {item.id for item in arranged}
        return sorted(arranged, key=lambda item: places[item.id]) if named == places.keys() else arranged

    _arranged(ordered)


@mutant("SYN-1", "purpose")
def sync_keeps_one_profile_picture() -> None:
    """Of several items saved as profile, the first alone becomes one."""

    def first(_: Any, __: Any, arranged: Any) -> Any:
        seen = [place for place, item in enumerate(arranged) if item.purpose == "profile"][:1]
        return [replace(item, purpose="profile" if place in seen else "gallery") for place, item in enumerate(arranged)]

    _arranged(first)


@mutant("SYN-1", "alt-text")
def sync_keeps_a_text_that_is_to_go() -> None:
    """A text of null leaves the item the text that it has."""

    def kept(engine: Any, artist_id: str, arranged: Any) -> Any:
        from reference_impl import records

        texts = {media.id: media.alt_text for media in records.list_media(engine, artist_id)}
        return [replace(item, alt_text=texts.get(item.id)) if item.alt_text is None else item for item in arranged]

    _arranged(kept)


@mutant("SYN-1", "alt-text")
def saved_texts_are_composed() -> None:
    """A text is stored in Unicode's composed form, and no longer what was sent."""
    import unicodedata

    def composed(_engine: Any, _artist_id: str, arranged: Any) -> Any:
        return [
            item if item.alt_text is None else replace(item, alt_text=unicodedata.normalize("NFC", item.alt_text))
            for item in arranged
        ]

    _arranged(composed)


@mutant("SYN-1", "field-missing")
def text_may_be_left_out() -> None:
    """An item without altText is saved without one."""
    from reference_impl import fields

    wrap(fields, "arranged", lambda original, item, maximum: original({"altText": None} | item, maximum))


@mutant("SYN-1", "field-missing")
def sync_of_nothing_is_an_empty_one() -> None:
    """A sync without the field media deletes the collection."""
    from reference_impl import fields

    wrap(fields, "collection", lambda original, body, maximum: original(body or {"media": []}, maximum))


@mutant("SYN-1", "at-once")
def sync_writes_texts_after_the_order() -> None:
    """A sync writes the order, and in a second transaction the alternative texts."""
    from reference_impl import records

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        texts = {media.id: media.alt_text for media in records.list_media(engine, artist_id)}
        early = [replace(item, alt_text=texts.get(item.id)) for item in arranged]
        left_out = original(engine, artist_id, early, unknown)
        time.sleep(0.03)
        original(engine, artist_id, arranged, unknown)
        return left_out

    wrap(records, "replace_collection", replace_collection)


@mutant("SYN-1", "at-once")
def sync_deletes_before_it_arranges() -> None:
    """A sync deletes what it leaves out in a transaction of its own, and arranges the rest after it."""
    from reference_impl import records

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        named = {item.id for item in arranged}
        held = [media for media in records.list_media(engine, artist_id) if media.id in named]
        as_it_is = [records.Arranged(media.id, media.purpose, media.alt_text) for media in held]
        if len(as_it_is) < len(arranged):
            return original(engine, artist_id, arranged, unknown)
        left_out = original(engine, artist_id, as_it_is, unknown)
        time.sleep(0.03 if left_out else 0)
        original(engine, artist_id, arranged, unknown)
        return left_out

    wrap(records, "replace_collection", replace_collection)


@mutant("SYN-3", "unknown-item")
def unknown_items_are_skipped() -> None:
    """A sync skips items that nobody has, and saves the rest."""
    _skipping(lambda found, _: found is None)


@mutant("SYN-3", "foreign-item")
def foreign_items_are_skipped() -> None:
    """A sync skips another artist's items, and saves the rest."""
    _skipping(lambda found, artist_id: found is not None and found.artist_id != artist_id)


@mutant("SYN-3", "item-twice")
def second_naming_counts() -> None:
    """Of two namings of one item the second counts."""
    from reference_impl import fields

    def collection(original: Any, body: Any, maximum: int) -> Any:
        media = body.get("media") if isinstance(body, dict) else None
        if not isinstance(media, list) or not all(isinstance(item, dict) and "ID" in item for item in media):
            return original(body, maximum)
        return original({"media": list({item["ID"]: item for item in media}.values())}, maximum)

    wrap(fields, "collection", collection)


@mutant("SYN-3", "unchanged")
def refused_sync_has_written_what_came_before() -> None:
    """A sync that names an unknown item last is refused after the items before it were written."""
    _writing_before_refusing(lambda media, artist_id: media is not None and media.artist_id == artist_id)


@mutant("SYN-3", "unchanged")
def refused_sync_has_deleted_thumbnails() -> None:
    """A sync that names an item twice is refused after the thumbnails of what it leaves out were deleted."""
    from reference_impl import records
    from reference_impl.errors import Refused
    from reference_impl.resolution import artifacts
    from reference_impl.routes.media import ArtistMedia

    async def put(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            body = await request.json() if refusal.code == "sync_invalid" else {"media": [None]}
            named = [item["ID"] for item in body["media"] if item]
            if len(set(named)) < len(named):
                for media in await self.backend.query(records.list_media, request.path_params["artistID"]):
                    if media.id not in named:
                        await self.backend.stores.delete(list(artifacts(self.backend, media))[1])
            raise

    wrap_async(ArtistMedia, "put", put)


@mutant("SYN-3", "foreign-unchanged")
def refused_sync_has_written_foreign_texts() -> None:
    """A sync that names another artist's item is refused after that item's fields were written."""
    _writing_before_refusing(lambda media, artist_id: media is not None and media.artist_id != artist_id)


@mutant("SYN-4", "accepted-twice")
def second_sync_is_a_conflict() -> None:
    """A sync that would change nothing is refused."""
    from reference_impl import records
    from reference_impl.errors import Refused

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        held = [(media.id, media.purpose, media.alt_text) for media in records.list_media(engine, artist_id)]
        if held and held == [(item.id, item.purpose, item.alt_text) for item in arranged]:
            raise Refused("sync_invalid", "The collection is already so.")
        return original(engine, artist_id, arranged, unknown)

    wrap(records, "replace_collection", replace_collection)


@mutant("SYN-4", "same-collection")
def second_sync_turns_the_purposes_round() -> None:
    """A sync that changes nothing leaves the last item with the other purpose, and answers as if it had not."""
    from reference_impl import workflow
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    def write(engine: Any, media_id: str, purpose: str) -> None:
        with writing(engine) as connection:
            at = artist_media.c.id == media_id
            connection.execute(artist_media.update().where(at).values(purpose=purpose))

    async def arrange(original: Any, backend: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        from reference_impl import records

        before = await backend.query(records.list_media, artist_id)
        after = await original(backend, artist_id, arranged, unknown)
        if before == after and after:
            other = "profile" if after[-1].purpose == "gallery" else "gallery"
            await backend.query(write, after[-1].id, other)
        return after

    wrap_async(workflow, "arrange", arrange)


@mutant("SYN-4", "same-objects")
def second_sync_stores_thumbnails_again() -> None:
    """A sync that leaves nothing out stores a fresh thumbnail of the first item, which no row names."""
    from reference_impl import workflow
    from reference_impl.storage.locator import Artifact, fresh_keys

    async def delete_objects(original: Any, backend: Any, removed: Any) -> None:
        removed = list(removed)
        await original(backend, removed)
        if not removed:
            place = backend.stores.place(fresh_keys("jpg")["thumbnail"])
            await backend.stores.put(Artifact("thumbnail", place), b"again", "image/jpeg", "no-store")

    wrap_async(workflow, "delete_objects", delete_objects)


def _arranged(made: Callable[[Any, str, Any], Any]) -> None:
    """What a sync asks for is taken for something else."""
    from reference_impl import records

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        return original(engine, artist_id, made(engine, artist_id, arranged), unknown)

    wrap(records, "replace_collection", replace_collection)


def _skipping(skipped: Callable[[Any, str], bool]) -> None:
    from reference_impl import records

    _arranged(
        lambda engine, artist_id, arranged: [
            item for item in arranged if not skipped(records.find_media(engine, item.id), artist_id)
        ]
    )


def _writing_before_refusing(written: Callable[[Any, str], bool]) -> None:
    """Items are written one by one, and the sync is refused where one cannot be."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.errors import Refused
    from reference_impl.tables import artist_media

    def replace_collection(original: Any, engine: Any, artist_id: str, arranged: Any, unknown: Any) -> Any:
        try:
            return original(engine, artist_id, arranged, unknown)
        except Refused:
            for item in arranged:
                if written(records.find_media(engine, item.id), artist_id):
                    with writing(engine) as connection:
                        at = artist_media.c.id == item.id
                        values = {"purpose": item.purpose, "alt_text": "written early"}
                        connection.execute(artist_media.update().where(at).values(**values))
            raise

    wrap(records, "replace_collection", replace_collection)
