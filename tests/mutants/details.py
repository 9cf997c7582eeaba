"""Mutants of artists' details: of creating and editing them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("ART-1", "multipart-refused")
def edit_by_a_form_is_a_bad_edit() -> None:
    """editArtist answers a multipart form with 422, as details that it cannot use."""
    from reference_impl.errors import Refused
    from reference_impl.routes.artists import Artist

    async def patch(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code == "request_type_unsupported":
                raise Refused("details_invalid", refusal.detail) from None
            raise

    wrap_async(Artist, "patch", patch)


@mutant("ART-1", "multipart-refused")
def artist_is_created_from_a_form() -> None:
    """createArtist takes the name from a multipart form too, as long as no file is with it."""
    from reference_impl.bodies import media_type, read_form
    from reference_impl.routes import artists

    async def read_json(original: Any, request: Any, *types: str) -> Any:
        if request.method == "POST" and media_type(request.headers.get("content-type")) == "multipart/form-data":
            async with read_form(request) as form:
                if not form.getlist("file"):
                    return {"name": form["name"]}
        return await original(request, *types)

    wrap_async(artists, "read_json", read_json)


@mutant("ART-1", "media-field-refused")
def no_media_is_no_media_field() -> None:
    """Details with an empty media list, or none, are taken; a list with something on it is refused."""
    _drop(lambda name, value: name == "media" and not value)


@mutant("ART-1", "unknown-field-refused")
def unknown_null_is_ignored() -> None:
    """An unknown field is ignored where it is null, as if a merge patch deleted it."""
    _drop(lambda name, value: value is None and name not in {"name", "bio", "media"})


@mutant("ART-1", "unknown-field-refused")
def field_names_have_no_case() -> None:
    """Bio and NAME are taken for bio and name."""
    from reference_impl import fields

    def artist_changes(original: Any, body: Any) -> Any:
        return original({key.lower() if key.lower() in {"name", "bio"} else key: value for key, value in body.items()})

    wrap(fields, "artist_changes", artist_changes)


@mutant("ART-1", "unchanged")
def edit_is_applied_as_far_as_it_is_valid() -> None:
    """An edit with an unknown field is refused, after its valid fields were written."""
    from reference_impl import records
    from reference_impl.errors import Refused
    from reference_impl.routes.artists import Artist

    async def patch(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code == "details_invalid":
                known = {key: value for key, value in (await request.json()).items() if key in {"name", "bio"}}
                await self.backend.query(records.edit_artist, request.path_params["artistID"], known)
            raise

    wrap_async(Artist, "patch", patch)


@mutant("ART-1", "unchanged")
def artist_is_created_before_its_media_is_refused() -> None:
    """A creation with media is refused, and the artist is there all the same."""
    from reference_impl import records
    from reference_impl.errors import Refused
    from reference_impl.routes.artists import Artists

    async def post(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code == "media_not_allowed_here":
                await self.backend.query(records.create_artist, (await request.json())["name"], None)
            raise

    wrap_async(Artists, "post", post)


@mutant("ART-2", "created")
def long_names_are_refused() -> None:
    """A name is measured in UTF-16 units, so that 200 characters may be too many."""
    from reference_impl import fields
    from reference_impl.errors import Refused

    def artist_changes(original: Any, body: Any) -> Any:
        if len(body.get("name", "").encode("utf-16-le")) > 2 * fields.NAME_MAX:
            raise Refused("details_invalid", "name is too long.")
        return original(body)

    wrap(fields, "artist_changes", artist_changes)


@mutant("ART-2", "created")
def empty_bio_is_created_as_none() -> None:
    """An artist created with an empty bio has none at all."""
    from reference_impl import records

    wrap(records, "create_artist", lambda original, engine, name, bio: original(engine, name, bio or None))


@mutant("ART-2", "created")
def new_names_are_composed() -> None:
    """A name is stored in Unicode's composed form, and no longer what was sent."""
    import unicodedata

    from reference_impl import records

    def create_artist(original: Any, engine: Any, name: str, bio: Any) -> Any:
        return original(engine, unicodedata.normalize("NFC", name), bio)

    wrap(records, "create_artist", create_artist)


@mutant("ART-2", "empty-media")
def new_artist_has_media_null() -> None:
    """createArtist answers media: null; reads show an empty list."""
    _creation(lambda artist: artist | {"media": None})


@mutant("ART-2", "null-profile-image")
def new_artist_has_a_placeholder_card() -> None:
    """The card of an artist without pictures has an empty string for an image."""
    from reference_impl import views

    def artist_card(original: Any, *args: Any) -> Any:
        card = original(*args)
        return card | {"profileImageThumbnailURL": card["profileImageThumbnailURL"] or ""}

    wrap(views, "artist_card", artist_card)


@mutant("ART-2", "attached-later")
def profile_picture_clears_the_bio() -> None:
    """An upload with the purpose profile writes the artist anew, without its bio."""
    from reference_impl import records

    def insert_media(original: Any, engine: Any, artist_id: str, new: Any) -> Any:
        inserted = original(engine, artist_id, new)
        if new.purpose == "profile":
            records.edit_artist(engine, artist_id, {"bio": None})
        return inserted

    wrap(records, "insert_media", insert_media)


@mutant("ART-3", "applied")
def edit_answers_and_forgets_the_bio() -> None:
    """An edit of name and bio at once answers both, and keeps the name alone."""
    from dataclasses import replace

    from reference_impl import records

    def edit_artist(original: Any, engine: Any, artist_id: str, changes: Any) -> Any:
        if len(changes) < 2:
            return original(engine, artist_id, changes)
        return replace(original(engine, artist_id, {"name": changes["name"]}), bio=changes["bio"])

    wrap(records, "edit_artist", edit_artist)


@mutant("ART-3", "applied")
def merge_patch_type_is_refused() -> None:
    """editArtist takes application/json alone."""
    from reference_impl.routes import artists

    wrap_async(artists, "read_json", lambda original, request, *_: original(request))


@mutant("ART-3", "absent-kept")
def edit_replaces_all_details() -> None:
    """An edit without a bio removes it, as if it were the whole artist."""
    _changes(lambda changes: {"bio": None} | changes if changes else changes)


@mutant("ART-3", "null-clears")
def null_bio_is_left_out() -> None:
    """A bio of null counts as not sent."""
    _changes(lambda changes: {key: value for key, value in changes.items() if value is not None})


@mutant("ART-3", "items-kept")
def edit_empties_alternative_texts() -> None:
    """An edit writes the artist's items back, and empty alternative texts become null."""
    _after_edit(lambda table: table.update().where(table.c.alt_text == "").values(alt_text=None))


@mutant("ART-3", "order-kept")
def edit_puts_pictures_in_the_order_of_their_upload() -> None:
    """After an edit of the bio, the items are in the order in which they were uploaded."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    def edit_artist(original: Any, engine: Any, artist_id: str, changes: Any) -> Any:
        edited = original(engine, artist_id, changes)
        if "bio" in changes:
            with writing(engine) as connection:
                mine = artist_media.c.artist_id == artist_id
                order = artist_media.select().where(mine).order_by(artist_media.c.sequence)
                for place, media in enumerate(connection.execute(order).all()):
                    at = artist_media.c.id == media.ID
                    connection.execute(artist_media.update().where(at).values(sort_order=place))
        return edited

    wrap(records, "edit_artist", edit_artist)


def _drop(ignored: Callable[[str, Any], bool]) -> None:
    """Details lose the fields of which this holds, before they are judged."""
    from reference_impl import fields

    def artist_changes(original: Any, body: Any) -> Any:
        return original({key: value for key, value in body.items() if not ignored(key, value)})

    wrap(fields, "artist_changes", artist_changes)


def _changes(made: Callable[[Any], Any]) -> None:
    from reference_impl import records

    wrap(records, "edit_artist", lambda original, engine, artist_id, changes: original(engine, artist_id, made(changes)))


def _after_edit(statement: Callable[[Any], Any]) -> None:
    """An edit goes on to change media rows."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    def edit_artist(original: Any, engine: Any, artist_id: str, changes: Any) -> Any:
        edited = original(engine, artist_id, changes)
        with writing(engine) as connection:
            connection.execute(statement(artist_media))
        return edited

    wrap(records, "edit_artist", edit_artist)


def _creation(made: Callable[[Any], Any]) -> None:
    """createArtist answers something else than it created."""
    from reference_impl.routes import artists

    def answer(original: Any, body: Any, status: int = 200, *rest: Any) -> Any:
        return original({"artist": made(body["artist"])} if status == 201 else body, status, *rest)

    wrap(artists, "Answer", answer)
