"""Mutants of what a collection is: purposes and order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("REC-2", "profile-accepted")
def first_picture_is_of_the_gallery() -> None:
    """The first picture of an artist is kept for the gallery, whatever it was uploaded for."""
    _inserted(lambda new, items: replace(new, purpose="gallery") if not items else new)


@mutant("REC-2", "gallery-accepted")
def pictures_after_a_profile_picture_are_for_the_profile() -> None:
    """An upload for the gallery gets the purpose of the picture before it."""
    _inserted(lambda new, items: replace(new, purpose=items[-1].purpose) if items else new)


@mutant("REC-2", "missing-refused")
def missing_purpose_is_gallery() -> None:
    """An upload without a purpose is one for the gallery; an empty one is refused."""
    _upload_field("purpose", lambda value: "gallery" if value is None else value)


@mutant("REC-2", "other-refused")
def purposes_have_no_case() -> None:
    """Profile and GALLERY are taken for profile and gallery in an upload."""
    _upload_field("purpose", lambda value: value.lower() if isinstance(value, str) else value)


@mutant("REC-2", "other-refused")
def tracks_are_pictures_too() -> None:
    """An image may be uploaded as a track, and is kept for the gallery."""
    _upload_field("purpose", lambda value: "gallery" if value == "track" else value)


@mutant("REC-2", "sync-refused")
def sync_keeps_a_purpose_of_null() -> None:
    """A sync that gives an item the purpose null leaves it the one it has."""
    from reference_impl import fields

    def arranged(original: Any, item: Any, maximum: int) -> Any:
        return original(item | {"purpose": "gallery"} if item.get("purpose", "") is None else item, maximum)

    wrap(fields, "arranged", arranged)


@mutant("REC-2", "sync-refused")
def sync_judges_the_purpose_of_the_first_item() -> None:
    """A sync may give any item but the first any purpose, which then counts as gallery."""
    from reference_impl import fields

    def collection(original: Any, body: Any, maximum: int) -> Any:
        items = [item | ({"purpose": "gallery"} if place else {}) for place, item in enumerate(body["media"])]
        return original(body | {"media": items}, maximum)

    wrap(fields, "collection", collection)


@mutant("REC-2", "nothing-public")
def refused_sync_has_turned_the_collection_round() -> None:
    """A sync with a wrong purpose is refused after its order was written."""
    apply_refused("purpose_invalid", lambda _, held: {"purpose": held.purpose, "alt_text": held.alt_text})


@mutant("REC-3", "gapless")
def deletion_leaves_a_gap() -> None:
    """The items behind a deleted one keep their sortOrder."""
    from reference_impl import records
    from reference_impl.tables import artist_media

    def remove(_: Any, connection: Any, __: str, removed: Any) -> None:
        ids = [media.id for media in removed]
        connection.execute(artist_media.delete().where(artist_media.c.id.in_(ids)))

    wrap(records, "_remove", remove)


@mutant("REC-3", "in-order")
def list_is_in_order_of_upload() -> None:
    """Reads give the right sortOrder, and list the items in the order of their upload."""
    _listed(lambda items: sorted(items, key=lambda media: media.sequence))


@mutant("REC-3", "same-everywhere")
def artist_shows_pictures_the_other_way_round_at_times() -> None:
    """Every third time, readArtist lists the last two items the other way round."""
    from reference_impl import catalogue

    times = 0

    async def artist(original: Any, *args: Any) -> Any:
        nonlocal times
        times += 1
        shown = await original(*args)
        media = shown["media"]
        return shown | {"media": [*media[:-2], *reversed(media[-2:])]} if times % 3 == 0 else shown

    wrap_async(catalogue, "artist", artist)


@mutant("REC-3", "appended")
def upload_after_a_sync_goes_to_the_front() -> None:
    """The first upload after a sync is put before the others."""
    from reference_impl import records

    synced: set[str] = set()

    def replace_collection(original: Any, engine: Any, artist_id: str, *rest: Any) -> Any:
        synced.add(artist_id)
        return original(engine, artist_id, *rest)

    def insert_media(original: Any, engine: Any, artist_id: str, new: Any) -> Any:
        made = original(engine, artist_id, new)
        if artist_id in synced:
            synced.discard(artist_id)
            arrange(engine, [made, *(media for media in records.list_media(engine, artist_id) if media.id != made.id)])
        return made

    wrap(records, "replace_collection", replace_collection)
    wrap(records, "insert_media", insert_media)


@mutant("REC-3", "appended")
def upload_after_a_deletion_fills_the_gap() -> None:
    """An upload takes the place of the item that was deleted last."""
    from reference_impl import records

    gaps: dict[str, int] = {}

    def delete_media(original: Any, engine: Any, artist_id: str, media_id: str) -> Any:
        removed = original(engine, artist_id, media_id)
        if removed:
            gaps[artist_id] = removed.sort_order
        return removed

    def insert_media(original: Any, engine: Any, artist_id: str, new: Any) -> Any:
        made = original(engine, artist_id, new)
        gap = gaps.pop(artist_id, None)
        if gap is not None:
            items = [media for media in records.list_media(engine, artist_id) if media.id != made.id]
            arrange(engine, [*items[:gap], made, *items[gap:]])
        return made

    wrap(records, "delete_media", delete_media)
    wrap(records, "insert_media", insert_media)


def _inserted(made: Callable[[Any, Any], Any]) -> None:
    """Rows are other than the workflow made them, going by the items that are there."""
    from reference_impl import records

    def insert_media(original: Any, engine: Any, artist_id: str, new: Any) -> Any:
        return original(engine, artist_id, made(new, records.list_media(engine, artist_id)))

    wrap(records, "insert_media", insert_media)


def _upload_field(name: str, made: Callable[[Any], Any]) -> None:
    """A field of an upload is taken for another value."""
    from reference_impl.routes import media

    wrap(media, "only", lambda original, form, field: made(original(form, field)) if field == name else original(form, field))


def apply_refused(code: str, values: Callable[[Any, Any], dict[str, Any]]) -> None:
    """A sync that is refused with this code writes its order, and what else these values are, before."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMedia
    from reference_impl.tables import artist_media

    def write(engine: Any, artist_id: str, items: Any) -> None:
        held = {media.id: media for media in records.list_media(engine, artist_id)}
        with writing(engine) as connection:
            for place, item in enumerate(items):
                changed = values(item, held[item["ID"]]) | {"sort_order": place}
                connection.execute(artist_media.update().where(artist_media.c.id == item["ID"]).values(**changed))

    async def put(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code == code:
                await self.backend.query(write, request.path_params["artistID"], (await request.json())["media"])
            raise

    wrap_async(ArtistMedia, "put", put)


@mutant("REC-3", "in-order")
def list_is_in_order_of_letters() -> None:
    """Items are sorted by sortOrder as a text: from the eleventh on, they stand among the first."""
    _listed(lambda items: sorted(items, key=lambda media: str(media.sort_order)))


@mutant("REC-3", "appended")
def list_ends_after_twenty() -> None:
    """Reads show the first twenty items of an artist."""
    _listed(lambda items: items[:20])


def _listed(made: Callable[[Any], Any]) -> None:
    from reference_impl import records

    wrap(records, "list_media", lambda original, *args: made(original(*args)))


def arrange(engine: Any, items: Any) -> None:
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    with writing(engine) as connection:
        for place, media in enumerate(items):
            connection.execute(artist_media.update().where(artist_media.c.id == media.id).values(sort_order=place))
