"""Servers of mutants that are forked instead of started are launched targets like any other."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanes.stack.server import free_port
from tests.mutants import nursery
from tests.mutants.nursery import Nursling

_CHECKOUT = Path(__file__).resolve().parents[2]
_HANG = 60.0  # seconds; against hanging


@pytest.fixture(scope="module")
def servers() -> Iterator[Path]:
    with nursery.raised() as path:
        yield path


def started(servers: Path, **settings: str) -> Nursling:
    command = ["python", "-m", "tests.mutants.serve", "upload", "upload-answers-200", "serve"]
    return Nursling(servers, command, cwd=_CHECKOUT, env={"PATH": os.environ["PATH"], **settings})


def test_a_rejected_start_has_its_exit_code_and_its_words(servers: Path) -> None:
    process = started(servers, APP_ENV="nowhere")
    with process.stdout:
        said = process.stdout.read()
    assert process.wait(_HANG) == process.poll() == 78
    assert "PORT is not set" in said
    assert "Traceback" not in said


def test_a_server_runs_in_a_group_of_its_own_until_that_is_killed(servers: Path, tmp_path: Path) -> None:
    settings = {
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "APP_ENV": "test",
        "MEDIA_STORAGE_PROVIDER": "mocked",
        "MEDIA_EXECUTION_TARGET": "mocked",
        "MEDIA_PUBLIC_BASE_URL": "http://127.0.0.1:1",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'media.db'}",
        "MEDIA_WRITE_CREDENTIAL": "write-write-write-write",
        "MEDIA_OPERATOR_CREDENTIAL": "operator-operator-operator",
    }
    process = started(servers, **settings, PYTHONUNBUFFERED="1")
    with process.stdout, pytest.raises(subprocess.TimeoutExpired):
        process.wait(0.5)
    assert process.poll() is None
    assert os.getpgid(process.pid) == process.pid
    os.killpg(process.pid, signal.SIGKILL)
    assert process.wait(_HANG) == -signal.SIGKILL


def test_nothing_of_a_nursery_is_left() -> None:
    with nursery.raised() as path:
        assert path.is_socket()
    assert not path.parent.exists()
