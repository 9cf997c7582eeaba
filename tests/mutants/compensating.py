"""Mutants of clearing away a failed upload: what belongs to others, and what cannot be cleared away."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.mutants.keeping import a_failed_row, leave_what_failed, on_clean_up, on_failed_upload, on_put, remove_row
from tests.mutants.mutant import mutant, wrap, wrap_async
from tests.mutants.remaking import Leave, an_item


@mutant("UPL-6", "own-keys-only")
def keys_come_from_file_names() -> None:
    """The keys of an upload are made of its artist and file name: a second file of that name takes the place of the first."""
    _keys_from(lambda artist, sent, _: f"{artist}/{sent.original_file_name}")


@mutant("UPL-6", "own-keys-only")
def clean_up_takes_the_picture_before() -> None:
    """Clearing away deletes the object that was stored before the failed ones, too."""
    stored: list[Any] = []

    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        stored.append(artifact)
        await original(self, artifact, *rest)

    async def discard(original: Any, backend: Any, unwanted: Any, _: str) -> None:
        first = stored.index(unwanted[0])
        await original(backend, [*unwanted, *stored[max(first - 1, 0) : first]])

    on_put(put)
    on_clean_up(discard)


@mutant("UPL-6", "same-file-kept")
def keys_come_from_contents() -> None:
    """The keys of an upload are made of what is in the file: the failed upload of a twin deletes the picture that is there."""
    _keys_from(lambda artist, _, ingested: artist + hashlib.sha256(ingested.canonical).hexdigest())


@mutant("UPL-6", "others-kept")
def clean_up_deletes_the_whole_folder() -> None:
    """The objects of an artist share a folder, and clearing away deletes the folder."""
    _keys_from(lambda artist, *_: artist, names=True)

    async def discard(original: Any, backend: Any, unwanted: Any, _: str) -> None:
        place = unwanted[0].locator
        folder = place.key.rpartition("/")[0]
        every = list(backend.stores.adapters[place.provider].list(place.location, f"{folder}/"))
        await original(backend, [*unwanted, *(replace(unwanted[0], locator=locator) for locator in every)])

    on_clean_up(discard)


@mutant("UPL-6", "concurrent-kept")
def clean_up_sweeps_what_is_newer() -> None:
    """Clearing away deletes everything that was stored since the failed upload began."""
    stored: list[Any] = []

    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        stored.append(artifact)
        await original(self, artifact, *rest)

    async def discard(original: Any, backend: Any, unwanted: Any, _: str) -> None:
        await original(backend, unwanted)
        await original(backend, stored[stored.index(unwanted[0]) :])

    on_put(put)
    on_clean_up(discard)


@mutant("UPL-6", "concurrent-kept")
def failure_restores_a_snapshot() -> None:
    """A failed upload puts the collection back to what it was when it began."""
    from reference_impl import records, workflow

    async def store(original: Any, backend: Any, artist_id: str, *rest: Any) -> Any:
        before = {media.id for media in await backend.query(records.list_media, artist_id)}
        try:
            return await original(backend, artist_id, *rest)
        except Exception:
            for media in await backend.query(records.list_media, artist_id):
                if media.id not in before:
                    await backend.query(remove_row, media.id)
            raise

    wrap_async(workflow, "store", store)


@mutant("UPL-7", "answer-kept")
def failed_clean_up_is_internal() -> None:
    """An upload that could not be cleared away answers 500, whatever failed first."""
    from reference_impl.errors import Refused

    async def answer(*_: Any) -> None:
        raise Refused("internal", "The upload could not be cleared away.")

    _when_undeletable(answer)


@mutant("UPL-7", "answer-kept")
def failed_clean_up_is_a_failed_finalisation() -> None:
    """An upload that could not be cleared away answers that it could not be finalised."""
    from reference_impl.errors import Refused

    async def answer(*_: Any) -> None:
        raise Refused("finalisation_failed", "The upload could not be finalised.")

    _when_undeletable(answer)


@mutant("UPL-7", "no-row-public")
def what_cannot_be_deleted_is_shown() -> None:
    """A failed upload whose object cannot be deleted is in the collection, so that somebody deletes it."""
    _when_undeletable(an_item)


@mutant("UPL-7", "no-row-recorded")
def what_cannot_be_deleted_is_recorded() -> None:
    """A failed upload whose object cannot be deleted leaves a failed row, so that it is tried again."""
    _when_undeletable(a_failed_row)


@mutant("UPL-7", "only-undeletable-left")
def clean_up_ends_with_the_first_failure() -> None:
    """Once an object cannot be deleted, clearing away does not go on to the next."""
    from reference_impl.errors import Refused

    async def discard(original: Any, backend: Any, unwanted: Any, _: str) -> None:
        try:
            for artifact in unwanted:
                await backend.stores.delete(artifact)
        except Refused:
            await original(backend, [])

    on_clean_up(discard)


@mutant("UPL-7", "only-undeletable-left")
def the_failure_of_a_store_is_believed() -> None:
    """What the store failed to confirm counts as not stored, and is not deleted."""
    leave_what_failed()


def _keys_from(source: Callable[[str, Any, Any], str], *, names: bool = False) -> None:
    """The folder of an upload's keys comes from artist, upload and ingested picture; the names in it too, or by chance."""
    from contextvars import ContextVar

    from reference_impl import workflow

    known: ContextVar[str] = ContextVar("known")

    async def store(original: Any, backend: Any, artist_id: str, sent: Any, ingested: Any) -> Any:
        known.set(source(artist_id, sent, ingested))
        return await original(backend, artist_id, sent, ingested)

    def fresh_keys(original: Any, extension: str) -> Any:
        folder = hashlib.sha256(known.get().encode()).hexdigest()[:32]
        return {
            kind: f"media/{folder}/{key.rpartition('/')[2] if names else f'{kind}.{extension}'}"
            for kind, key in original(extension).items()
        }

    wrap_async(workflow, "store", store)
    wrap(workflow, "fresh_keys", fresh_keys)


def _when_undeletable(left: Leave) -> None:
    """A failed upload leaves something where an object of it could not be deleted."""
    from reference_impl.errors import Refused
    from reference_impl.storage.stores import Stores

    failures: list[Refused] = []

    async def delete(original: Any, self: Any, artifact: Any) -> None:
        try:
            await original(self, artifact)
        except Refused as refusal:
            failures.append(refusal)
            raise

    async def leave(backend: Any, artist_id: str, media: Any) -> None:
        failures.clear()
        await left(backend, artist_id, media)

    wrap_async(Stores, "delete", delete)
    on_failed_upload(leave, lambda _: bool(failures))
