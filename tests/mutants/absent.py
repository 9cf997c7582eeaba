"""Mutants of artists who are not there, or no longer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.mutants.answering import whole
from tests.mutants.keeping import on_put, without_foreign_keys
from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("ART-4", "unknown-404")
def sync_of_nobody_is_nothing() -> None:
    """An empty collection of an artist who is not there is saved without complaint."""
    from reference_impl.answers import Answer
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMedia

    async def put(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code == "artist_unknown" and (await request.body()).endswith(b"[]}"):
                return Answer({"media": []})
            raise

    wrap_async(ArtistMedia, "put", put)


@mutant("ART-4", "unknown-404")
def deleted_artists_keep_their_list() -> None:
    """The media list of an artist who was deleted is empty; of one who never was it answers 404."""
    from reference_impl import workflow
    from reference_impl.answers import Answer
    from reference_impl.routes.media import ArtistMedia

    gone: set[str] = set()

    async def delete_artist(original: Any, backend: Any, artist_id: str) -> None:
        await original(backend, artist_id)
        gone.add(artist_id)

    async def get(original: Any, self: Any, request: Any) -> Any:
        return Answer({"media": []}) if request.path_params["artistID"] in gone else await original(self, request)

    wrap_async(workflow, "delete_artist", delete_artist)
    wrap_async(ArtistMedia, "get", get)


@mutant("ART-4", "malformed-404")
def line_end_after_an_id_is_dropped() -> None:
    """An artist's ID with a line end behind it is taken for the ID."""
    from reference_impl import catalogue

    wrap_async(catalogue, "known_artist", lambda original, backend, artist_id: original(backend, artist_id.rstrip("\n")))


@mutant("ART-4", "malformed-404")
def type_is_judged_before_the_artist() -> None:
    """An edit of another type than JSON answers 415, whoever it is of."""
    from reference_impl.bodies import read_json
    from reference_impl.routes.artists import Artist

    async def patch(original: Any, self: Any, request: Any) -> Any:
        self.authorise(request, "write")
        await read_json(request, "application/json", "application/merge-patch+json")
        return await original(self, request)

    wrap_async(Artist, "patch", patch)


@mutant("ART-4", "problem")
def deletion_from_nobody_has_another_code() -> None:
    """Deleting an item of an artist who is not there answers media_unknown."""
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMediaItem

    async def delete(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code == "artist_unknown":
                raise Refused("media_unknown", refusal.detail) from None
            raise

    wrap_async(ArtistMediaItem, "delete", delete)


@mutant("ART-4", "nothing-public")
def upload_creates_its_artist() -> None:
    """An upload to an unknown artist is refused, and leaves a new artist of no name behind."""

    async def left(backend: Any) -> None:
        from reference_impl import records

        await backend.query(records.create_artist, "Unnamed", None)

    _after_upload_to_nobody(left)


@mutant("ART-4", "nothing-recorded")
def upload_to_nobody_is_recorded() -> None:
    """An upload to an unknown artist is refused, and is in the records as a failed one of somebody else."""
    import uuid

    async def left(backend: Any) -> None:
        from reference_impl import records

        somebody = (await backend.query(records.list_artists, 0, 1))[0]
        row = records.NewMedia(id=str(uuid.uuid4()), purpose="gallery", status="failed")
        await backend.query(records.insert_media, somebody.id, row)

    _after_upload_to_nobody(left)


@mutant("ART-4", "nothing-stored")
def upload_to_nobody_is_stored() -> None:
    """An upload to an unknown artist is stored before the artist is looked for."""

    async def left(backend: Any) -> None:
        from reference_impl.storage.locator import Artifact, fresh_keys

        place = backend.stores.place(fresh_keys("jpg")["thumbnail"])
        await backend.stores.put(Artifact("thumbnail", place), b"early", "image/jpeg", "no-store")

    _after_upload_to_nobody(left)


@mutant("ART-5", "artist-gone")
def deleted_artist_keeps_a_card() -> None:
    """A deleted artist answers 404 and is still in the list of cards."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    gone: set[str] = set()

    def delete_artist(_: Any, engine: Any, artist_id: str) -> Any:
        if artist_id in gone or records.find_artist(engine, artist_id) is None:
            return None
        gone.add(artist_id)
        removed = records.list_media(engine, artist_id)
        with writing(engine) as connection:
            connection.execute(artist_media.delete().where(artist_media.c.artist_id == artist_id))
        return removed

    def find_artist(original: Any, engine: Any, artist_id: str) -> Any:
        return None if artist_id in gone else original(engine, artist_id)

    wrap(records, "find_artist", find_artist)
    wrap(records, "delete_artist", delete_artist)


@mutant("ART-5", "rows-gone")
def unfinished_rows_outlive_their_artist() -> None:
    """Deleting an artist deletes the rows that reads show; a pending one stays, without an artist."""
    from reference_impl import database, records
    from reference_impl.tables import artist_media, artists

    def delete_artist(original: Any, engine: Any, artist_id: str) -> Any:
        if records.find_artist(engine, artist_id) is None:
            return original(engine, artist_id)
        removed = records.list_media(engine, artist_id)
        with database.writing(engine) as connection:
            ready = (artist_media.c.artist_id == artist_id) & (artist_media.c.status == "ready")
            connection.execute(artist_media.delete().where(ready))
            connection.execute(artists.delete().where(artists.c.id == artist_id))
        return removed

    without_foreign_keys()
    wrap(records, "delete_artist", delete_artist)


@mutant("ART-5", "urls-gone")
def delivered_thumbnails_are_remembered() -> None:
    """A thumbnail that was once delivered goes on being delivered from memory, also after its artist was deleted."""
    from reference_impl import catalogue
    from reference_impl.errors import Refused
    from reference_impl.routes.delivery import Media

    known: dict[str, Any] = {}

    async def get(original: Any, self: Any, request: Any) -> Any:
        path = request.url.path
        named = await catalogue.deliverable(self.backend, *request.path_params.values())
        try:
            response = await whole(await original(self, request))
        except Refused:
            if path in known:
                return known[path]
            raise
        if named and named.kind == "thumbnail":
            known[path] = response
        return response

    wrap_async(Media, "get", get)


@mutant("ART-5", "objects-gone")
def objects_of_the_first_item_outlive_its_artist() -> None:
    """Deleting an artist deletes the objects of all items but the first."""
    from reference_impl import records

    wrap(records, "delete_artist", lambda original, *args: (original(*args) or [])[1:])


@mutant("ART-5", "others-kept")
def same_file_is_stored_once() -> None:
    """Objects are deleted by what they hold, so that a deletion takes the other copies of a picture with it."""
    import hashlib

    from reference_impl.storage.stores import Stores

    digests: dict[Any, str] = {}

    async def put(original: Any, self: Any, artifact: Any, data: bytes, *rest: Any) -> None:
        digests[artifact] = hashlib.sha256(data).hexdigest()
        await original(self, artifact, data, *rest)

    async def delete(original: Any, self: Any, artifact: Any) -> None:
        digest = digests.pop(artifact, None)
        for each in [artifact, *(other for other, held in digests.items() if held == digest)]:
            await original(self, each)

    on_put(put)
    wrap_async(Stores, "delete", delete)


def _after_upload_to_nobody(left: Callable[[Any], Awaitable[None]]) -> None:
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMedia

    async def post(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code == "artist_unknown":
                await left(self.backend)
            raise

    wrap_async(ArtistMedia, "post", post)
