"""The stores of a process: each object is reached through the provider that its own locator names."""

from __future__ import annotations

import threading
from functools import partial
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import anyio
from anyio import to_thread

from reference_impl.storage.locator import Locator
from reference_impl.storage.protocol import MAX_CALLS, StorageTimeout, StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Generator, Mapping

    from reference_impl.storage.locator import Artifact
    from reference_impl.storage.protocol import Store, StoredObject

P = ParamSpec("P")
T = TypeVar("T")


class Stores:
    """Adapters by provider name. Every call leaves the event loop free and is given up after `timeout` seconds.

    Raises StorageUnavailable and StorageTimeout; head and read also ObjectMissing.
    """

    def __init__(self, adapters: Mapping[str, Store], provider: str, location: str, timeout: float) -> None:
        self.adapters = adapters
        self.provider = provider
        self.location = location
        self.timeout = timeout
        self._calls = anyio.CapacityLimiter(MAX_CALLS)

    def knows(self, locator: Locator) -> bool:
        return locator.provider in self.adapters

    def serves_from(self, locator: Locator) -> bool:
        """Whether new objects go where this one lies."""
        return (locator.provider, locator.location) == (self.provider, self.location)

    def place(self, key: str) -> Locator:
        """Where a new object with this key goes."""
        return Locator(self.provider, self.location, key)

    async def put(self, artifact: Artifact, data: bytes, content_type: str, cache_control: str) -> None:
        await self._call(self._adapter(artifact.locator).put, artifact.locator, data, content_type, cache_control)

    async def head(self, locator: Locator) -> StoredObject:
        return await self._call(self._adapter(locator).head, locator)

    async def read(self, locator: Locator, start: int, stop: int) -> AsyncGenerator[bytes]:
        """The bytes from start up to stop in chunks, each of which is given up after `timeout` seconds.

        The first one raises what head would. Lets go of the store when it ends or is closed.
        """
        reading = Reading(self._adapter(locator).read(locator, start, stop))
        try:
            while (chunk := await self._call(reading.next)) is not None:
                yield chunk
        finally:
            reading.close()

    async def delete(self, artifact: Artifact) -> None:
        await self._call(self._adapter(artifact.locator).delete, artifact.locator)

    def close(self) -> None:
        """Lets go of all connections."""
        for adapter in self.adapters.values():
            adapter.close()

    def _adapter(self, locator: Locator) -> Store:
        try:
            return self.adapters[locator.provider]
        except KeyError:
            raise StorageUnavailable from None

    async def _call(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        try:
            with anyio.fail_after(self.timeout):
                # A call that hangs is left to its thread: nothing can end it, and nobody waits for it.
                return await to_thread.run_sync(partial(function, *args, **kwargs), abandon_on_cancel=True, limiter=self._calls)
        except TimeoutError:
            raise StorageTimeout from None


class Reading:
    """Chunks that one thread waits for while another may lose interest in them.

    A generator cannot be closed while it runs. Whoever finds it at rest after that closes it.
    """

    def __init__(self, chunks: Generator[bytes]) -> None:
        self._chunks = chunks
        self._running = threading.Lock()
        self._unwanted = False

    def next(self) -> bytes | None:
        """The next chunk, or None behind the last one. Blocks."""
        with self._running:
            chunk = next(self._chunks, None)
        if self._unwanted:
            self.close()
        return chunk

    def close(self) -> None:
        """Does not wait for a chunk that is under way."""
        self._unwanted = True
        if self._running.acquire(blocking=False):
            try:
                self._chunks.close()
            finally:
                self._running.release()
