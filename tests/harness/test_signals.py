"""What a run leaves behind when it is ended by a signal: a verdict where it can still write one, and nothing else."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.harness.processes import AS_IN_A_TERMINAL, MEDIALANE

_SOON = 60.0  # seconds; against hanging


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """Where the run makes its temporary folders, so that what is left of them can be told from everybody else's."""
    made = tmp_path / "scratch"
    made.mkdir()
    return made


@pytest.fixture
def run(tmp_path: Path, scratch: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A run in the mocked lane, under way: its target serves and scenarios are being judged."""
    process = subprocess.Popen(
        [*MEDIALANE, "run", "mocked", "--output", str(tmp_path / "run")],
        cwd=tmp_path,
        env=os.environ | {"TMPDIR": str(scratch)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        _wait_until(lambda: "/artists" in _text(tmp_path / "run" / "server.log"))
        yield process
    finally:
        process.kill()
        process.wait()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_cleans_up_and_writes_a_verdict(
    run: subprocess.Popen[bytes], tmp_path: Path, scratch: Path, number: signal.Signals
) -> None:
    descendants = psutil.Process(run.pid).children(recursive=True)
    assert descendants
    run.send_signal(number)
    assert run.wait(_SOON) == 130
    assert not _alive(descendants)
    assert not list(scratch.iterdir())
    verdict = json.loads((tmp_path / "run" / "verdict.json").read_text(encoding="utf-8"))
    assert verdict["interrupted"]
    assert verdict["exit"] == 130
    assert verdict["verdict"] != "conformant"
    assert verdict["rules"]["RUN-1"]["outcome"] == "not_run"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_that_a_scenario_caught_ends_the_run_all_the_same(tmp_path: Path, number: signal.Signals) -> None:
    (tmp_path / "deaf.py").write_text(
        "import os, time\n"
        "def pytest_runtest_setup(item):\n"
        "    try:\n"
        f"        os.kill(os.getpid(), {int(number)})\n"
        "        time.sleep(1)\n"
        "    except BaseException:\n"
        "        pass\n",
        encoding="utf-8",
    )
    arguments = ["--lane", "mocked", "--only", "UPL-1", "--only", "SCO-1", "--output", "run", "-p", "deaf"]
    run = subprocess.run(
        [sys.executable, "-c", AS_IN_A_TERMINAL + "import pytest; raise SystemExit(pytest.main())", *arguments],
        check=False,
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=_SOON,
    )
    assert run.returncode == 130, run.stdout
    verdict = json.loads((tmp_path / "run" / "verdict.json").read_text(encoding="utf-8"))
    assert verdict["interrupted"]
    outcomes = sorted(verdict["rules"][rule]["outcome"] for rule in ("UPL-1", "SCO-1"))
    assert outcomes == ["not_run", "passed"]


def test_a_killed_run_leaves_no_process_port_or_folder(run: subprocess.Popen[bytes], scratch: Path) -> None:
    descendants = psutil.Process(run.pid).children(recursive=True)
    ports = [port for child in descendants for port in _listening(child.net_connections("tcp"))]
    assert ports
    assert list(scratch.iterdir())
    run.kill()
    run.wait()
    killed = time.monotonic()
    _wait_until(lambda: not _alive(descendants) and not list(scratch.iterdir()))
    assert time.monotonic() - killed < 5
    assert not set(ports) & set(_listening(psutil.net_connections("tcp")))


def test_the_folders_of_this_test_are_those_that_a_run_makes(scratch: Path) -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import tempfile; print(tempfile.gettempdir())"],
        env=os.environ | {"TMPDIR": str(scratch)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.strip() == str(scratch)
    assert tempfile.gettempdir() != str(scratch)


def _wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _SOON
    while not condition():
        assert time.monotonic() < deadline, "it never came to that"
        time.sleep(0.05)


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    return [each for each in processes if each.is_running() and each.status() != psutil.STATUS_ZOMBIE]


def _listening(connections: Iterable[Any]) -> list[int]:
    return [each.laddr.port for each in connections if each.status == psutil.CONN_LISTEN]
