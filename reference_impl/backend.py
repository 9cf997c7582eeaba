"""What a running backend holds. Made once by app, handed to every operation."""

from __future__ import annotations

import asyncio
import os
from functools import partial
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar

import anyio
from anyio import to_thread

from reference_impl.database import POOL_SIZE
from reference_impl.faults import Faults, FaultyStores
from reference_impl.newcomers import Newcomers
from reference_impl.policy import MediaPolicy
from reference_impl.storage.legacy import legacy_urls
from reference_impl.storage.mocked import MockedStore
from reference_impl.storage.providers import adapters

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from sqlalchemy import Engine

    from reference_impl.runtime import Runtime

P = ParamSpec("P")
T = TypeVar("T")


class Backend:
    """Runtime, policy, database, stores, and the threads that work for them."""

    def __init__(self, runtime: Runtime, database: Engine) -> None:
        self.runtime = runtime
        self.policy = MediaPolicy(storage_timeout_seconds=runtime.storage_timeout_seconds)
        self.database = database
        self.faults = Faults()
        self.newcomers = Newcomers()
        self.mocked = MockedStore()
        self.stores = FaultyStores(
            adapters(runtime, self.mocked), runtime.provider, runtime.location, runtime.storage_timeout_seconds, self.faults
        )
        self.legacy = legacy_urls(runtime)
        self._ingests = anyio.CapacityLimiter(os.cpu_count() or 1)
        self._queries = anyio.CapacityLimiter(POOL_SIZE)
        self._errands: set[asyncio.Task[object]] = set()

    async def query(self, function: Callable[Concatenate[Engine, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs a query of records or exports on the database, off the event loop."""
        return await to_thread.run_sync(partial(function, self.database, *args, **kwargs), limiter=self._queries)

    async def compute(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Runs work that keeps a core busy, off the event loop, as many at once as there are cores."""
        return await to_thread.run_sync(partial(function, *args, **kwargs), limiter=self._ingests)

    async def see_through(self, errand: Coroutine[object, object, T]) -> T:
        """Awaits work that has to reach its end even if the request that asked for it is cancelled.

        A task of its own, not a shielded scope: a server that shuts down cancels the request's task itself.
        """
        task = asyncio.ensure_future(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)
        return await asyncio.shield(task)

    async def close(self) -> None:
        """Waits for what was begun, then lets go of the stores and the database."""
        if self._errands:
            await asyncio.wait(self._errands)
        self.stores.close()
        self.database.dispose()
