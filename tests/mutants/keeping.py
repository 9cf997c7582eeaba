"""Ways to make the reference store, record and clear away something else, shared by the mutants about uploads and stores."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.mutants.answering import on_delivered_bytes
from tests.mutants.mutant import wrap, wrap_async
from tests.mutants.remaking import Leave

Where = Callable[[Any, Any], Any]  # from the stores and a locator to the locator that is used instead


def on_put(around: Any) -> None:
    """Every object that is stored goes through `around`: original, stores, artifact, bytes, content type, cache policy."""
    from reference_impl.faults import FaultyStores

    wrap_async(FaultyStores, "put", around)


def read_from(where: Where) -> None:
    """Objects are read somewhere else than where they are said to lie."""
    from reference_impl.storage.stores import Stores

    async def head(original: Any, self: Any, locator: Any) -> Any:
        return await original(self, where(self, locator))

    wrap_async(Stores, "head", head)
    wrap(Stores, "read", lambda original, self, locator, *part: original(self, where(self, locator), *part))


def delete_from(where: Where) -> None:
    """Objects are deleted somewhere else than where they are said to lie."""
    from reference_impl.storage.stores import Stores

    async def delete(original: Any, self: Any, artifact: Any) -> None:
        await original(self, replace(artifact, locator=where(self, artifact.locator)))

    wrap_async(Stores, "delete", delete)


def at_active(stores: Any, locator: Any) -> Any:
    """The same location and key at the provider that is written to."""
    return replace(locator, provider=stores.provider)


def lie_elsewhere(kind: str, elsewhere: Callable[[Any], Any]) -> None:
    """Artifacts of a kind are stored somewhere else than their rows say, and found there by this process."""
    moved: dict[Any, Any] = {}

    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        if artifact.kind == kind:
            moved[artifact.locator] = elsewhere(artifact.locator)
        await original(self, replace(artifact, locator=moved.get(artifact.locator, artifact.locator)), *rest)

    on_put(put)
    read_from(lambda _, locator: moved.get(locator, locator))
    delete_from(lambda _, locator: moved.get(locator, locator))


def store_none_of(kind: str, extension: str = "") -> None:
    """Artifacts of a kind, with this extension or any, are not stored: this process makes them of the other one on delivery."""
    made: dict[str, bytes] = {}
    others: dict[str, Any] = {}
    read_as: dict[Any, Any] = {}

    async def put(original: Any, self: Any, artifact: Any, data: bytes, *rest: Any) -> None:
        place = artifact.locator
        folder = place.key.rpartition("/")[0]
        if artifact.kind == kind and place.key.endswith(extension):
            made[place.key] = data
            read_as[place] = others[folder]
        else:
            others[folder] = place
            await original(self, artifact, data, *rest)

    on_put(put)
    read_from(lambda _, locator: read_as.get(locator, locator))
    on_delivered_bytes(made.get)


def after_upload(left: Callable[[Any, Any, Any, Any], Any]) -> None:
    """Something happens once an upload is recorded: with the backend, what was sent, what was made of it, and its row."""
    from reference_impl import workflow

    async def store(original: Any, backend: Any, artist_id: str, sent: Any, ingested: Any) -> Any:
        media = await original(backend, artist_id, sent, ingested)
        await left(backend, sent, ingested, media)
        return media

    wrap_async(workflow, "store", store)


def on_failed_upload(left: Leave, when: Callable[[Any], bool] = lambda _: True) -> None:
    """A refused upload leaves something, where its refusal is like this."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    async def store(original: Any, backend: Any, artist_id: str, *rest: Any) -> Any:
        try:
            return await original(backend, artist_id, *rest)
        except Refused as refusal:
            if when(refusal):
                await left(backend, artist_id, None)
            raise

    wrap_async(workflow, "store", store)


def leave_what_failed(when: Callable[[Any], bool] = lambda _: True) -> None:
    """What the store failed to take, where its refusal is like this, is not cleared away."""
    from reference_impl.errors import Refused

    failed: list[Any] = []

    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        try:
            await original(self, artifact, *rest)
        except Refused as refusal:
            if when(refusal):
                failed.append(artifact)
            raise

    async def discard(original: Any, backend: Any, unwanted: Any, _: str) -> None:
        await original(backend, [each for each in unwanted if each not in failed])

    on_put(put)
    on_clean_up(discard)


def on_clean_up(around: Any) -> None:
    """What is deleted again after a failed upload goes through `around`: original, backend, artifacts, code of the failure."""
    import sys

    from reference_impl import workflow
    from reference_impl.errors import Refused

    async def discard(original: Any, backend: Any, unwanted: Any) -> None:
        failure = sys.exception()
        if failure is None:
            await original(backend, unwanted)
        else:
            await around(original, backend, list(unwanted), failure.code if isinstance(failure, Refused) else "")

    wrap_async(workflow, "discard", discard)


def undone(kept: Callable[[str, str], bool]) -> None:
    """What was stored of a failed upload is deleted again but for what is kept, by code and kind of artifact."""

    async def discard(original: Any, backend: Any, unwanted: Any, code: str) -> None:
        await original(backend, [each for each in unwanted if not kept(code, each.kind)])

    on_clean_up(discard)


def undone_later(kept: Callable[[str, str], bool]) -> None:
    """The same, but for what is kept until the next upload begins."""
    from reference_impl import workflow

    waiting: list[Any] = []

    async def discard(original: Any, backend: Any, unwanted: Any, code: str) -> None:
        waiting.extend(each for each in unwanted if kept(code, each.kind))
        await original(backend, [each for each in unwanted if each not in waiting])

    async def upload(original: Any, backend: Any, *rest: Any) -> Any:
        await workflow.discard(backend, waiting[:])
        waiting.clear()
        return await original(backend, *rest)

    on_clean_up(discard)
    wrap_async(workflow, "upload", upload)


def record_early(kind: str, status: str) -> None:
    """The row of an upload is inserted with this status just before an artifact of this kind is stored; ready in the end."""
    from contextvars import ContextVar

    from reference_impl import records, workflow

    under_way: ContextVar[dict[str, Any]] = ContextVar("under_way")

    async def store(original: Any, backend: Any, artist_id: str, *rest: Any) -> Any:
        under_way.set({"backend": backend, "artist": artist_id})
        try:
            return await original(backend, artist_id, *rest)
        except Exception:
            await backend.query(remove_row, under_way.get()["row"].id)
            raise

    def new_row(original: Any, *arguments: Any) -> Any:
        row = under_way.get()["row"] = original(*arguments)
        return row

    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        if artifact.kind == kind:
            upload = under_way.get()
            row = replace(upload["row"], status=status)
            await upload["backend"].query(records.insert_media, upload["artist"], row)
        await original(self, artifact, *rest)

    async def finalise(original: Any, backend: Any, artist_id: str, row: Any) -> Any:
        await backend.query(remove_row, row.id)
        return await original(backend, artist_id, row)

    wrap_async(workflow, "store", store)
    wrap(workflow, "new_row", new_row)
    wrap_async(workflow, "finalise", finalise)
    on_put(put)


def without_foreign_keys() -> None:
    """The database is made without a word about which artist a row belongs to."""
    from reference_impl.tables import artist_media

    artist_media.constraints -= artist_media.foreign_key_constraints


def remove_row(engine: Any, media_id: str) -> None:
    """Deletes a row of any status, and nothing of its objects."""
    from sqlalchemy import delete

    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    with writing(engine) as connection:
        connection.execute(delete(artist_media).where(artist_media.c.id == media_id))


def artifact_of(media: Any, kind: str) -> Any:
    """The object of that kind that a row names by its locator."""
    from reference_impl.resolution import stored_locator
    from reference_impl.storage.locator import Artifact

    return Artifact(kind, stored_locator(media, kind))  # type: ignore[arg-type]


async def a_failed_row(backend: Any, artist_id: str, _: Any) -> None:
    """Leaves a failed row without objects."""
    import uuid

    from reference_impl import records

    row = records.NewMedia(id=str(uuid.uuid4()), purpose="gallery", status="failed")
    await backend.query(records.insert_media, artist_id, row)


async def an_object(backend: Any, artist_id: str, _: Any) -> None:
    """Leaves an object that no row names."""
    import secrets

    del artist_id
    await store_beside(backend, f"media/{secrets.token_hex(8)}/left.jpg", b"left")


def keep_as_sent(key: Callable[[Any], str]) -> None:
    """The file of an upload stays in the store as it was sent, under the key that belongs to its row."""

    async def keep(backend: Any, sent: Any, _: Any, media: Any) -> None:
        sent.file.seek(0)
        await store_beside(backend, key(media), sent.file.read(), sent.declared_type)

    after_upload(keep)


async def store_beside(backend: Any, key: str, data: bytes, content_type: str = "image/jpeg") -> None:
    """Stores an object where new ones go, whatever failures the state hooks have armed."""
    from anyio import to_thread

    place = backend.stores.place(key)
    store = backend.stores.adapters[place.provider]
    await to_thread.run_sync(store.put, place, data, content_type, "no-store")
