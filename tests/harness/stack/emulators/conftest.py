"""Emulators as processes, in folders of the test's own, whatever this machine has been given."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lanes.stack.services import KINDS
from tests.harness.processes import temporary_folders


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a run makes its folders. It is empty again after the test."""
    assert tmp_path.is_dir()  # pytest's own folders are made first, and elsewhere
    for kind in KINDS.values():
        monkeypatch.delenv(kind.given, raising=False)
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    with temporary_folders(monkeypatch) as folder:
        yield folder
        assert list(folder.iterdir()) == []
