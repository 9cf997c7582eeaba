"""Ends what a run leaves behind when it dies by any signal: process groups and folders.

Run as a script of its own, tied to the run by a pipe on its standard input. Each line is a JSON array: ["group", id] or
["folder", path] to guard one, ["forget", kind, value] once the run has cleaned it up itself. At end of file, whatever is
still guarded is ended. It runs in a session of its own, so that a signal to the run's terminal does not reach it, and
imports nothing beyond the standard library, so that it is there at once.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType


class Watchdog:
    """The run's end of the pipe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).resolve())],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            text=True,
        )

    def guard_group(self, group: int) -> None:
        """The process group is killed should the run die."""
        self._say("group", group)

    def guard_folder(self, folder: Path) -> None:
        """The folder is removed should the run die."""
        self._say("folder", str(folder))

    def forget_group(self, group: int) -> None:
        """The run has ended the group itself."""
        self._forget("group", group)

    def forget_folder(self, folder: Path) -> None:
        """The run has removed the folder itself."""
        self._forget("folder", str(folder))

    def __enter__(self) -> Watchdog:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self._process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.wait()

    def _forget(self, kind: str, value: object) -> None:
        # Without a watchdog nobody remembers either.
        with contextlib.suppress(BrokenPipeError):
            self._say("forget", kind, value)

    def _say(self, *words: object) -> None:
        assert self._process.stdin is not None
        with self._lock:
            self._process.stdin.write(json.dumps(words) + "\n")
            self._process.stdin.flush()


def watch(lines: Iterable[str]) -> None:
    """Takes orders until the run is gone, then ends what is still guarded: first groups, then folders."""
    guarded: dict[tuple[str, object], None] = {}
    for line in lines:
        try:
            match json.loads(line):
                case ["forget", kind, value]:
                    guarded.pop((kind, value), None)
                case [kind, value]:
                    guarded[kind, value] = None
        except ValueError:
            break  # half a line: the run died while writing it
    for kind, value in guarded:
        if kind == "group":
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(int(str(value)), signal.SIGKILL)
    for kind, value in guarded:
        if kind == "folder":
            shutil.rmtree(str(value), ignore_errors=True)


if __name__ == "__main__":
    watch(sys.stdin)
