"""Mutants of a write provider that has changed: what is new, what is older, and clearing away."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.mutants.answering import on_new_rows
from tests.mutants.keeping import at_active, delete_from, on_clean_up, on_put, read_from
from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("LOC-4", "new-in-active")
def new_pictures_go_where_the_first_one_is() -> None:
    """A new picture goes to the provider of the artist's first one."""
    from contextvars import ContextVar

    from reference_impl import records, workflow
    from reference_impl.storage.stores import Stores

    first: ContextVar[str | None] = ContextVar("first", default=None)

    async def store(original: Any, backend: Any, artist_id: str, *rest: Any) -> Any:
        items = await backend.query(records.list_media, artist_id)
        first.set(items[0].storage_provider if items else None)
        return await original(backend, artist_id, *rest)

    def place(original: Any, self: Any, key: str) -> Any:
        locator = original(self, key)
        return replace(locator, provider=first.get() or locator.provider)

    wrap_async(workflow, "store", store)
    wrap(Stores, "place", place)


@mutant("LOC-4", "new-in-active")
def new_thumbnails_stay_with_s3() -> None:
    """Canonicals go to the active provider, thumbnails to S3."""
    from reference_impl import workflow

    def new_artifact(original: Any, kind: str, locator: Any) -> Any:
        return original(kind, replace(locator, provider="s3") if kind == "thumbnail" else locator)

    wrap(workflow, "Artifact", new_artifact)


@mutant("LOC-4", "new-not-in-old")
def new_pictures_are_mirrored() -> None:
    """A new picture is stored with every provider there is."""
    _mirrored("canonical", "thumbnail")


@mutant("LOC-4", "new-not-in-old")
def new_thumbnails_are_mirrored() -> None:
    """The thumbnail of a new picture is stored with every provider there is."""
    _mirrored("thumbnail")


@mutant("LOC-4", "new-recorded")
def thumbnails_are_recorded_with_s3() -> None:
    """The row of a new picture says that its thumbnail is in S3; it is looked for where the canonical is."""
    from reference_impl import resolution

    def stored_locator(original: Any, media: Any, kind: str) -> Any:
        found, canonical = original(media, kind), original(media, "canonical")
        return replace(found, provider=canonical.provider) if found and canonical else found

    on_new_rows(lambda row: replace(row, thumbnail_storage_provider="s3"))
    wrap(resolution, "stored_locator", stored_locator)


@mutant("LOC-4", "old-renders")
def reads_go_to_the_active_provider() -> None:
    """Every picture is read at the provider that new ones go to."""
    read_from(at_active)


@mutant("LOC-4", "old-renders")
def only_the_active_provider_is_known() -> None:
    """A process knows the provider that it writes to, and no other."""
    from reference_impl import backend

    def adapters(original: Any, runtime: Any, mocked: Any) -> Any:
        return {name: store for name, store in original(runtime, mocked).items() if name == runtime.provider}

    wrap(backend, "adapters", adapters)


@mutant("LOC-4", "old-recorded")
def rows_follow_the_setting() -> None:
    """At its start a process writes the active provider into every row."""
    _at_start(_rewrite)


@mutant("LOC-4", "old-recorded")
def older_pictures_are_moved() -> None:
    """At its start a process moves every older picture to the active provider."""
    from reference_impl.resolution import artifacts

    def move(backend: Any, media: Any) -> None:
        for artifact in artifacts(backend, media):
            old = artifact.locator
            there, here = backend.stores.adapters[old.provider], backend.stores.adapters[backend.stores.provider]
            found = there.head(old)
            data = b"".join(there.read(old, 0, found.size))
            here.put(at_active(backend.stores, old), data, found.content_type, found.cache_control)
            there.delete(old)
        _rewrite(backend, media)

    _at_start(move)


@mutant("LOC-4", "old-deleted")
def deletes_go_to_the_active_provider() -> None:
    """Every object is deleted at the provider that new ones go to."""
    delete_from(at_active)


@mutant("LOC-4", "old-deleted")
def syncs_delete_at_the_active_provider() -> None:
    """What a sync leaves out is deleted at the provider that new objects go to; single items where they lie."""
    from contextvars import ContextVar

    from reference_impl import workflow

    syncing: ContextVar[bool] = ContextVar("syncing", default=False)

    async def arrange(original: Any, *arguments: Any) -> Any:
        syncing.set(True)
        return await original(*arguments)

    wrap_async(workflow, "arrange", arrange)
    delete_from(lambda stores, locator: at_active(stores, locator) if syncing.get() else locator)


@mutant("LOC-4", "mixed-deleted")
def artists_are_deleted_at_one_provider() -> None:
    """Deleting an artist deletes the objects that are with the provider of its newest picture."""
    from reference_impl import records

    def delete_artist(original: Any, *arguments: Any) -> Any:
        removed = original(*arguments)
        return removed and [media for media in removed if media.storage_provider == removed[-1].storage_provider]

    wrap(records, "delete_artist", delete_artist)


@mutant("LOC-4", "clean-up")
def clean_up_goes_to_s3() -> None:
    """A failed upload is cleared away in S3, wherever it went."""

    async def discard(original: Any, backend: Any, unwanted: Any, _: str) -> None:
        await original(backend, [_with_provider(each, "s3") for each in unwanted])

    on_clean_up(discard)


@mutant("LOC-4", "clean-up")
def clean_up_goes_everywhere() -> None:
    """A failed upload is cleared away with every provider there is."""

    async def discard(original: Any, backend: Any, unwanted: Any, _: str) -> None:
        providers = [name for name in backend.stores.adapters if name != "mocked"]
        await original(backend, [_with_provider(each, provider) for each in unwanted for provider in providers])

    on_clean_up(discard)


def _mirrored(*kinds: str) -> None:
    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        await original(self, artifact, *rest)
        others = [name for name in self.adapters if name not in {artifact.locator.provider, "mocked"}]
        for provider in others if artifact.kind in kinds else ():
            await original(self, _with_provider(artifact, provider), *rest)

    on_put(put)


def _with_provider(artifact: Any, provider: str) -> Any:
    return replace(artifact, locator=replace(artifact.locator, provider=provider))


def _at_start(change: Any) -> None:
    """A process does something with every row before it serves."""
    from reference_impl import exports
    from reference_impl.backend import Backend

    def begin(original: Any, self: Any, runtime: Any, database: Any) -> None:
        original(self, runtime, database)
        for media in exports.media_after(database, 0):
            change(self, media)

    wrap(Backend, "__init__", begin)


def _rewrite(backend: Any, media: Any) -> None:
    from sqlalchemy import update

    from reference_impl.database import writing
    from reference_impl.tables import artist_media

    provider = backend.stores.provider
    with writing(backend.database) as connection:
        row = update(artist_media).where(artist_media.c.id == media.id)
        connection.execute(row.values(storage_provider=provider, thumbnail_storage_provider=provider))
