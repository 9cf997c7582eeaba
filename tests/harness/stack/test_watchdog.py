from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lanes.stack.watchdog import Watchdog, watch
from tests.harness.processes import SLEEPS, gone, soon

# A run that guards a group of two processes and a folder, says which, and would go on for ever.
RUN = f"""
import json, pathlib, subprocess, sys, time
from lanes.stack.watchdog import Watchdog

CHILD = "import subprocess, sys; print(subprocess.Popen([sys.executable, '-c', {SLEEPS!r}]).pid, flush=True); " + {SLEEPS!r}
folder = pathlib.Path(sys.argv[1])
with Watchdog() as watchdog:
    watchdog.guard_folder(folder)
    folder.mkdir()
    (folder / "media.db").write_bytes(b"rows")
    child = subprocess.Popen([sys.executable, "-c", CHILD], stdout=subprocess.PIPE, text=True, start_new_session=True)
    watchdog.guard_group(child.pid)
    print(json.dumps([child.pid, int(child.stdout.readline())]), flush=True)
    time.sleep(60)
"""


@contextlib.contextmanager
def sleeping() -> Iterator[int]:
    """The ID of a process in a group of its own."""
    process = subprocess.Popen([sys.executable, "-S", "-c", SLEEPS], start_new_session=True)
    try:
        yield process.pid
    finally:
        process.kill()
        process.wait()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[tuple[subprocess.Popen[str], list[int]]]:
    """A run that guards a folder, and the processes that it guards."""
    process = subprocess.Popen(
        [sys.executable, "-c", RUN, str(folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    guarded: list[int] = []
    try:
        guarded = json.loads(process.stdout.readline())
        yield process, guarded
    finally:
        process.kill()
        process.wait()
        process.stdout.close()
        for pid in guarded:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def watchdogs() -> list[psutil.Process]:
    """The watchdog processes of this one."""
    return [each for each in psutil.Process().children() if any(word.endswith("watchdog.py") for word in each.cmdline())]


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGUSR1], ids=lambda number: number.name)
def test_what_a_run_guards_is_gone_when_the_run_dies(tmp_path: Path, number: signal.Signals) -> None:
    folder = tmp_path / "run"
    with running(folder) as (run, guarded):
        assert folder.is_dir()
        assert not any(gone(pid) for pid in guarded)
        run.send_signal(number)
        run.wait()
        assert soon(lambda: all(gone(pid) for pid in guarded) and not folder.exists())


def test_a_signal_to_the_whole_group_of_the_run_does_not_reach_the_watchdog(tmp_path: Path) -> None:
    # As Ctrl-C in a terminal, or a runner that ends a job.
    folder = tmp_path / "run"
    with running(folder) as (run, guarded):
        os.killpg(run.pid, signal.SIGINT)
        os.killpg(run.pid, signal.SIGKILL)
        run.wait()
        assert soon(lambda: all(gone(pid) for pid in guarded) and not folder.exists())


def test_what_was_forgotten_is_left_alone(tmp_path: Path) -> None:
    with sleeping() as pid:
        with Watchdog() as watchdog:
            watchdog.guard_group(pid)
            watchdog.guard_folder(tmp_path)
            watchdog.forget_group(pid)
            watchdog.forget_folder(tmp_path)
        assert not gone(pid)
        assert tmp_path.is_dir()


def test_what_was_not_forgotten_is_gone_after_an_orderly_exit_too(tmp_path: Path) -> None:
    kept, dropped = tmp_path / "kept", tmp_path / "dropped"
    kept.mkdir()
    dropped.mkdir()
    with sleeping() as one, sleeping() as other:
        with Watchdog() as watchdog:
            watchdog.guard_group(one)
            watchdog.guard_group(other)
            watchdog.guard_folder(kept)
            watchdog.guard_folder(dropped)
            watchdog.forget_group(one)
            watchdog.forget_folder(kept)
        assert soon(lambda: gone(other))
        assert not gone(one)
        assert (kept.exists(), dropped.exists()) == (True, False)


def test_an_orderly_exit_leaves_no_watchdog() -> None:
    before = len(watchdogs())
    with Watchdog():
        assert len(watchdogs()) == before + 1
    assert len(watchdogs()) == before


def test_groups_and_folders_that_are_gone_already_are_no_trouble(tmp_path: Path) -> None:
    before = watchdogs()
    with sleeping() as pid, Watchdog() as watchdog:
        watchdog.guard_group(pid)
        watchdog.guard_folder(tmp_path / "nowhere")
        os.kill(pid, signal.SIGKILL)
    assert watchdogs() == before


def test_a_run_whose_watchdog_was_killed_can_still_forget(tmp_path: Path) -> None:
    # What it has ended itself needs no watchdog; the rest of its cleaning up must go on.
    before = watchdogs()
    with Watchdog() as watchdog:
        watchdog.guard_folder(tmp_path)
        (process,) = [each for each in watchdogs() if each not in before]
        process.kill()
        process.wait()
        watchdog.forget_folder(tmp_path)
        watchdog.forget_group(2**22)
    assert tmp_path.is_dir()


def folders(base: Path) -> tuple[Path, Path]:
    one, other = base / "one", base / "other"
    one.mkdir()
    other.mkdir()
    return one, other


def order(*words: object) -> str:
    return json.dumps(words) + "\n"


def test_orders_are_taken_until_their_end(tmp_path: Path) -> None:
    one, other = folders(tmp_path)
    watch([order("folder", str(one)), order("folder", str(other)), order("forget", "folder", str(one))])
    assert (one.exists(), other.exists()) == (True, False)


def test_half_an_order_is_the_end_and_what_came_before_it_counts(tmp_path: Path) -> None:
    one, other = folders(tmp_path)
    watch([order("folder", str(one)), order("folder", str(other))[:-4]])
    assert (one.exists(), other.exists()) == (False, True)


def test_what_is_forgotten_without_being_guarded_is_no_trouble(tmp_path: Path) -> None:
    one, _ = folders(tmp_path)
    watch(
        [order("forget", "group", 1), order("forget", "folder", str(one)), order("something"), "7\n", order("folder", str(one))]
    )
    assert not one.exists()
