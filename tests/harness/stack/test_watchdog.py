from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lanes.stack.watchdog import Watchdog, watch
from tests.harness.processes import SLEEPS, gone, soon
from tests.harness.servers import serving

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


def test_a_fork_that_has_let_go_holds_nothing_back_and_breaks_no_other_file(tmp_path: Path) -> None:
    kept, dropped = tmp_path / "kept", tmp_path / "dropped"
    dropped.mkdir()
    program = (
        "import os, pathlib, sys, time\nfrom lanes.stack.watchdog import Watchdog\n"
        "watchdog = Watchdog()\nwatchdog.guard_folder(pathlib.Path(sys.argv[1]))\n"
        "if os.fork():\n    time.sleep(600)\n"
        "watchdog.let_go()\n"
        "with open(sys.argv[2], 'w') as other:\n"
        "    watchdog.forget_folder(pathlib.Path(sys.argv[1]))\n    other.write('whole')\n"
        "print(os.getpid(), flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(dropped), str(kept)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as run:
        try:
            assert run.stdout is not None
            fork = int(run.stdout.readline())
        finally:
            run.kill()
        assert soon(lambda: not dropped.exists())
        assert not gone(fork)
        assert kept.read_text(encoding="utf-8") == "whole"


class Engine:
    """Docker's API over a socket, which takes one request and remembers its first line."""

    def __init__(self, path: Path, answer: bytes) -> None:
        self.asked: list[bytes] = []
        self._answer = answer
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(path))
        self._listener.listen()
        self._thread = threading.Thread(target=self._take)

    def _take(self) -> None:
        end, _ = self._listener.accept()
        with end:
            self.asked.append(end.recv(65536).partition(b"\r\n")[0])
            end.sendall(self._answer)

    def __enter__(self) -> Engine:
        self._thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._thread.join()
        self._listener.close()


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 204 No Content\r\n\r\n", b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", b"nonsense", b""]
)
def test_a_container_is_removed_through_the_socket_of_its_engine_whatever_comes_of_it(tmp_path: Path, answer: bytes) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    with Engine(tmp_path / "engine.sock", answer) as engine:
        watch([order("container", f"medialane-1 unix://{tmp_path}/engine.sock"), order("folder", str(folder))])
    assert engine.asked == [b"DELETE /containers/medialane-1?force=true&v=true HTTP/1.1"]
    assert not folder.exists()


def test_a_container_is_removed_over_tcp_too_and_an_engine_that_is_gone_is_no_trouble() -> None:
    with serving() as engine:
        watch([order("container", f"medialane-1 {engine.base_url.replace('http', 'tcp')}")])
    assert [(each.method, each.path) for each in engine.asked] == [("DELETE", "/containers/medialane-1?force=true&v=true")]
    watch([order("container", "medialane-1 unix:///nowhere.sock"), order("container", "medialane-2 tcp://127.0.0.1:9")])


def test_a_container_that_was_forgotten_is_left_alone() -> None:
    with serving() as engine:
        address = engine.base_url.replace("http", "tcp")
        with Watchdog() as watchdog:
            watchdog.guard_container("medialane-1", address)
            watchdog.guard_container("medialane-2", address)
            watchdog.forget_container("medialane-1", address)
    assert [each.path for each in engine.asked] == ["/containers/medialane-2?force=true&v=true"]


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


def test_a_file_or_a_socket_that_is_guarded_is_gone_and_one_that_was_forgotten_is_not(tmp_path: Path) -> None:
    file, kept, address = tmp_path / "secrets", tmp_path / "kept", tmp_path / "socket"
    file.write_text("a secret", encoding="utf-8")
    kept.write_text("a report", encoding="utf-8")
    with socket.socket(socket.AF_UNIX) as listener, Watchdog() as watchdog:
        listener.bind(str(address))
        for each in (file, kept, address, tmp_path / "never made"):
            watchdog.guard_file(each)
        watchdog.forget_file(kept)
    assert list(tmp_path.iterdir()) == [kept]


def test_what_is_forgotten_without_being_guarded_is_no_trouble(tmp_path: Path) -> None:
    one, _ = folders(tmp_path)
    watch(
        [order("forget", "group", 1), order("forget", "folder", str(one)), order("something"), "7\n", order("folder", str(one))]
    )
    assert not one.exists()
