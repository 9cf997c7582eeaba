"""A folder of the run's own, whoever still writes into it."""

from __future__ import annotations

import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from lanes.stack import watchdog as module
from lanes.stack.folders import folder
from lanes.stack.watchdog import Watchdog


def still_written(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    """For some time a folder that is empty gets a file, as from a process that has not noticed yet that it was killed."""
    until, remove = time.monotonic() + seconds, shutil.rmtree

    def rmtree(path: Path, **words: Any) -> None:
        remove(path, **words)
        if time.monotonic() < until:
            path.mkdir()
            (path / "media.db-wal").touch()

    monkeypatch.setattr(shutil, "rmtree", rmtree)


def test_it_is_gone_though_somebody_writes_a_while_yet(monkeypatch: pytest.MonkeyPatch) -> None:
    with Watchdog() as watchdog, folder(watchdog) as made:
        (made / "media.db").touch()
        still_written(monkeypatch, 0.2)
    assert not made.exists()


def test_where_somebody_writes_on_the_watchdog_has_another_try(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_DYING", 0.1)
    with Watchdog() as watchdog:
        with folder(watchdog) as made:
            still_written(monkeypatch, 60)
        assert made.exists()
    assert not made.exists()
