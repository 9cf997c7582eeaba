from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import anyio
import pytest

from reference_impl.backend import Backend

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from sqlalchemy import Engine

    from reference_impl.runtime import Runtime


def test_an_errand_reaches_its_end_though_its_request_is_cancelled(
    runtime: Runtime, engine: Engine, portal: BlockingPortal
) -> None:
    async def scenario() -> list[str]:
        backend = Backend(runtime, engine)
        done: list[str] = []

        async def errand() -> None:
            await anyio.sleep(0.1)
            done.append("errand")

        with anyio.move_on_after(0.01):
            await backend.see_through(errand())
            done.append("request")
        await backend.close()
        return done

    assert portal.call(scenario) == ["errand"]


def test_no_more_pictures_are_worked_on_than_there_are_cores(
    runtime: Runtime, engine: Engine, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    lock, running, most = threading.Lock(), 0, 0
    pause = threading.Event()

    def work() -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        pause.wait(0.05)
        with lock:
            running -= 1

    async def scenario() -> None:
        backend = Backend(runtime, engine)
        async with anyio.create_task_group() as tasks:
            for _ in range(6):
                tasks.start_soon(backend.compute, work)

    portal.call(scenario)
    assert most == 2


def test_the_policy_in_force_has_the_time_out_of_the_runtime(runtime: Runtime, engine: Engine) -> None:
    backend = Backend(runtime, engine)
    assert backend.policy.storage_timeout_seconds == backend.stores.timeout == runtime.storage_timeout_seconds
