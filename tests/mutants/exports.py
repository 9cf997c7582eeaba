"""Mutants of what operators read, and who else does."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutants.mutant import mutant, wrap


@mutant("OPS-1", "missing-401")
def the_runtime_is_public() -> None:
    """readRuntime asks for no credential."""
    _authorising("Runtime", lambda said: said is None)


@mutant("OPS-1", "missing-401")
def an_empty_credential_reads_objects() -> None:
    """An empty Authorization passes where objects are exported."""
    _authorising("MediaObjects", lambda said: said == "")


@mutant("OPS-1", "unknown-401")
def any_bearer_reads_objects() -> None:
    """Any bearer token passes where objects are exported, but for that of writers."""
    _authorising("MediaObjects", bool, but="credential_wrong_role")


@mutant("OPS-1", "unknown-401")
def a_cut_credential_reads_records() -> None:
    """A credential counts by its first sixteen characters."""
    from reference_impl import credentials

    wrap(credentials, "is_same", lambda _, token, credential: token.strip()[:16] == credential[:16])


@mutant("OPS-1", "write-403")
def writers_read_the_runtime() -> None:
    """The write credential passes where the runtime is read."""
    _authorising("Runtime", bool, but="credential_unknown")


@mutant("OPS-2", "every-row")
def batches_overlap() -> None:
    """The last row of a batch begins the next one."""
    from reference_impl import exports

    exports.BATCH = 4

    def media_after(original: Any, engine: Any, sequence: int) -> Any:
        found = original(engine, sequence - 1 if sequence else 0)
        return found if len(found) > 1 or not sequence else []

    wrap(exports, "media_after", media_after)


@mutant("OPS-2", "every-row")
def the_last_batch_is_dropped() -> None:
    """A batch that is not full is not exported."""
    from reference_impl import exports

    exports.BATCH = 7
    wrap(exports, "media_after", lambda original, *arguments: found if len(found := original(*arguments)) == 7 else [])


@mutant("OPS-2", "non-ready-rows")
def exports_have_no_pending_rows() -> None:
    """The record export leaves pending rows out."""
    from reference_impl import exports

    def media_after(original: Any, *arguments: Any) -> Any:
        return [media for media in original(*arguments) if media.status != "pending"]

    wrap(exports, "media_after", media_after)


@mutant("OPS-2", "every-object")
def only_objects_of_ready_rows_are_exported() -> None:
    """The object export leaves objects of failed rows out."""
    _objects(lambda found: [named for named in found if named.status != "failed"])


@mutant("OPS-2", "every-object")
def thumbnails_are_exported_as_canonicals() -> None:
    """A thumbnail's line says that it is a canonical."""
    from dataclasses import replace

    _objects(lambda found: [replace(named, artifact_kind="canonical") for named in found])


@mutant("OPS-2", "object-order")
def keys_are_sorted_like_words() -> None:
    """Keys are in the order of a dictionary, whatever their case."""
    _objects(lambda found: sorted(found, key=lambda named: (named.provider, named.location, named.key.lower())))


@mutant("OPS-2", "object-order")
def locations_come_before_providers() -> None:
    """Objects are in order of location, provider and key."""
    _objects(lambda found: sorted(found, key=lambda named: (named.location, named.provider, named.key)))


@mutant("OPS-2", "records-under-load")
def new_rows_shift_the_batches() -> None:
    """Rows are read newest first, by counting: one that comes meanwhile repeats an earlier one."""
    import itertools

    from sqlalchemy import select

    from reference_impl import catalogue, views
    from reference_impl.database import reading
    from reference_impl.records import Media
    from reference_impl.tables import artist_media

    def batch(engine: Any, place: int) -> list[Media]:
        query = select(artist_media).order_by(artist_media.c.sequence.desc()).offset(place).limit(1)
        with reading(engine) as connection:
            return [Media(*row) for row in connection.execute(query)]

    async def media_records(backend: Any) -> Any:
        for place in itertools.count():
            found = await backend.query(batch, place)
            if not found:
                return
            yield views.media_record(found[0])

    setattr(catalogue, "media_records", media_records)  # noqa: B010 - it has another signature


@mutant("OPS-2", "objects-under-load")
def objects_are_skipped_under_load() -> None:
    """While an upload is under way, the object export is without thumbnails."""
    from reference_impl import exports
    from tests.mutants.mutant import wrap_async

    under_way: list[int] = []

    async def upload(original: Any, *arguments: Any) -> Any:
        under_way.append(1)
        try:
            return await original(*arguments)
        finally:
            under_way.pop()

    def objects_after(original: Any, engine: Any, place: Any) -> Any:
        found = original(engine, place)
        return [named for named in found if not (under_way and named.artifact_kind == "thumbnail")]

    from reference_impl import workflow

    wrap_async(workflow, "upload", upload)
    wrap(exports, "objects_after", objects_after)


def _objects(change: Callable[[list[Any]], list[Any]]) -> None:
    from reference_impl import exports

    def objects_after(original: Any, engine: Any, place: Any) -> Any:
        return change(original(engine, None)) if place is None else []

    exports.BATCH = 100_000
    wrap(exports, "objects_after", objects_after)


def _authorising(endpoint: str, passes: Callable[[str | None], bool], but: str = "") -> None:
    """An endpoint lets those pass whose Authorization passes, unless they are refused with that code."""
    from reference_impl.errors import Refused
    from reference_impl.routes import operations

    def authorise(original: Any, self: Any, request: Any, role: str) -> None:
        try:
            original(self, request, role)
        except Refused as refusal:
            if refusal.code == but or not passes(request.headers.get("authorization")):
                raise

    wrap(getattr(operations, endpoint), "authorise", authorise)
