"""Rehearsals in folders of the test's own, and what can be asked of one."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.harness.processes import temporary_folders
from tests.harness.stack.rehearsal.deployments import Deployed, up


@pytest.fixture
def temporary(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where a rehearsal makes its folder. It is empty again after the test."""
    with temporary_folders(monkeypatch) as folder:
        yield folder
        assert list(folder.iterdir()) == []


@pytest.fixture(scope="module")
def deployed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    """One rehearsal for the tests of a module that only look at it, with a picture in it."""
    with contextlib.ExitStack() as undo:
        patch = undo.enter_context(pytest.MonkeyPatch.context())
        made = undo.enter_context(tempfile.TemporaryDirectory(prefix="medialane-test-"))
        patch.setattr(tempfile, "tempdir", made)
        yield undo.enter_context(up(tmp_path_factory.mktemp("output")))
