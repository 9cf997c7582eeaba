"""Mutants of a store that hangs or is slow."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from typing import Any

from tests.mutants.keeping import on_failed_upload, on_put
from tests.mutants.mutant import mutant, wrap, wrap_async
from tests.mutants.remaking import an_item

_FOR_EVER = 3600.0  # seconds


@mutant("UPL-13", "given-up")
def a_hanging_store_is_waited_for() -> None:
    """A store that does not answer is waited for without end."""
    _patience(lambda _: _FOR_EVER)


@mutant("UPL-13", "given-up")
def a_hanging_store_is_tried_three_times() -> None:
    """A store that does not answer in time is tried three times, each of them as long."""
    from reference_impl.storage.protocol import StorageTimeout

    async def put(original: Any, *arguments: Any) -> None:
        for _ in range(2):
            with contextlib.suppress(StorageTimeout):
                await original(*arguments)
                return
        await original(*arguments)

    on_put(put)


@mutant("UPL-13", "answers-504")
def a_hanging_store_is_unavailable() -> None:
    """A store that hangs is answered like one that is down, with 503."""
    _recoded("storage_unavailable", "canonical", "thumbnail")


@mutant("UPL-13", "answers-504")
def a_hanging_thumbnail_is_internal() -> None:
    """A thumbnail that the store hangs on is answered with 500; a canonical with 504."""
    _recoded("internal", "thumbnail")


@mutant("UPL-13", "reads-meanwhile")
def an_upload_locks_its_collection() -> None:
    """The collection cannot be read while something is uploaded to it."""
    import asyncio
    from collections import defaultdict

    from reference_impl import catalogue, workflow

    locks: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def store(original: Any, backend: Any, artist_id: str, *rest: Any) -> Any:
        async with locks[artist_id]:
            return await original(backend, artist_id, *rest)

    async def collection(original: Any, backend: Any, found: Any) -> Any:
        async with locks[found.id]:
            return await original(backend, found)

    wrap_async(workflow, "store", store)
    wrap_async(catalogue, "collection", collection)


@mutant("UPL-13", "reads-meanwhile")
def storing_stops_everything_else() -> None:
    """Nobody is served while the store is waited for: the event loop waits for it itself."""
    from reference_impl.storage.stores import Stores

    async def call(_: Any, self: Any, function: Any, *arguments: Any) -> Any:
        del self
        return function(*arguments)

    wrap_async(Stores, "_call", call)


@mutant("UPL-13", "uploads-meanwhile")
def one_upload_at_a_time() -> None:
    """An upload waits for the one before it, whoever it is of."""
    import asyncio

    from reference_impl import workflow

    lock = asyncio.Lock()

    async def store(original: Any, *arguments: Any) -> Any:
        async with lock:
            return await original(*arguments)

    wrap_async(workflow, "store", store)


@mutant("UPL-13", "uploads-meanwhile")
def one_call_to_the_store_at_a_time() -> None:
    """The store is asked for one thing at a time: a call that hangs holds up all others."""
    from reference_impl.storage import stores

    setattr(stores, "MAX_CALLS", 1)  # noqa: B010 - imported from elsewhere


@mutant("UPL-13", "nothing-public")
def what_was_given_up_is_shown() -> None:
    """A picture that the store hung on is in the collection, although the answer says otherwise."""
    on_failed_upload(an_item, _is_timeout)


@mutant("UPL-13", "nothing-public")
def what_was_given_up_appears_late() -> None:
    """A picture that was given up is finished in the background, and appears after its answer."""
    import asyncio

    running: set[Any] = set()

    async def later(*arguments: Any) -> None:
        async def finish() -> None:
            await asyncio.sleep(0.2)
            await an_item(*arguments)

        running.add(asyncio.ensure_future(finish()))

    on_failed_upload(later, _is_timeout)


@mutant("OPS-3", "storage-timeout")
def the_store_is_given_up_early() -> None:
    """The store is given up after a third of the published time."""
    _patience(lambda seconds: seconds / 3)


@mutant("OPS-3", "storage-timeout")
def the_store_is_given_up_late() -> None:
    """The store is given up after three times the published time."""
    _patience(lambda seconds: seconds * 3)


def _is_timeout(refusal: Any) -> bool:
    return bool(refusal.code == "storage_timeout")


def _recoded(code: str, *kinds: str) -> None:
    """A time-out of these artifacts is answered with another code."""
    from reference_impl.errors import Refused
    from reference_impl.storage.protocol import StorageTimeout

    async def put(original: Any, self: Any, artifact: Any, *rest: Any) -> None:
        try:
            await original(self, artifact, *rest)
        except StorageTimeout as refusal:
            if artifact.kind not in kinds:
                raise
            raise Refused(code, refusal.detail) from None

    on_put(put)


def _patience(change: Callable[[float], float]) -> None:
    """Calls to the store are given up, here and on their sockets, after other seconds than are published."""
    from reference_impl.storage.patience import Patience
    from reference_impl.storage.stores import Stores

    def stores(original: Any, self: Any, adapters: Any, provider: str, location: str, timeout: float) -> None:
        original(self, adapters, provider, location, change(timeout))

    wrap(Stores, "__init__", stores)
    wrap(Patience, "__init__", lambda original, self, seconds: original(self, change(seconds)))
