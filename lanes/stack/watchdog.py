"""Ends what a run leaves behind when it dies by any signal: process groups, containers, folders and stray files.

Run as a script of its own, tied to the run by a pipe on its standard input. Each line is a JSON array: ["group", id],
["container", "ID ENGINE"], ["folder", path] or ["file", path] to guard one, ["forget", kind, value] once the run has cleaned
it up itself. At end of file, whatever is still guarded is ended. It runs in a session of its own, so that a signal to the run's
terminal does not reach it, and imports nothing beyond the standard library, so that it is there at once.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from types import TracebackType
from urllib.parse import urlsplit

_DYING = 3.0  # seconds that a killed process may need to be gone
_ROUND = 0.02


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

    def guard_file(self, file: Path) -> None:
        """The file, which may be a socket, is removed should the run die."""
        self._say("file", str(file))

    def guard_container(self, identity: str, engine: str) -> None:
        """The container of the engine at this address (unix:// or tcp://) is removed should the run die."""
        self._say("container", f"{identity} {engine}")

    def forget_group(self, group: int) -> None:
        """The run has ended the group itself."""
        self._forget("group", group)

    def forget_folder(self, folder: Path) -> None:
        """The run has removed the folder itself."""
        self._forget("folder", str(folder))

    def forget_file(self, file: Path) -> None:
        """The run has removed the file itself."""
        self._forget("file", str(file))

    def forget_container(self, identity: str, engine: str) -> None:
        """The run has removed the container itself."""
        self._forget("container", f"{identity} {engine}")

    def let_go(self) -> None:
        """In a fork of the run: its end of the pipe is not to outlive the run's own."""
        assert self._process.stdin is not None
        # Replaced, not closed: what is opened next would be given its number.
        with Path(os.devnull).open("wb") as nothing:
            os.dup2(nothing.fileno(), self._process.stdin.fileno(), inheritable=False)

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
    """Takes orders until the run is gone, then ends what is still guarded: first groups, then containers, then folders."""
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
        if kind == "container":
            identity, _, engine = str(value).partition(" ")
            with contextlib.suppress(OSError, http.client.HTTPException):
                _remove(identity, engine)
    for kind, value in guarded:
        if kind == "folder":
            remove_folder(Path(str(value)))
        if kind == "file":
            with contextlib.suppress(OSError):
                Path(str(value)).unlink()


def remove_folder(path: Path) -> bool:
    """Removes it with all that is in it, and answers whether it is gone.

    Whoever was killed together with the leader of its group may still be writing: only for the leader has anybody waited.
    """
    until = time.monotonic() + _DYING
    shutil.rmtree(path, ignore_errors=True)
    while path.exists() and time.monotonic() < until:
        time.sleep(_ROUND)
        shutil.rmtree(path, ignore_errors=True)
    return not path.exists()


def _remove(identity: str, engine: str) -> None:
    # Docker Engine API, "Remove a container". Over a socket of the machine the connection is made here: the library has none.
    address = urlsplit(engine)
    connection = http.client.HTTPConnection(address.hostname or "localhost", address.port or 2375, timeout=20)
    with contextlib.closing(connection):
        if address.scheme == "unix":
            connection.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            connection.sock.settimeout(20)
            connection.sock.connect(address.path)
        connection.request("DELETE", f"/containers/{identity}?force=true&v=true")
        connection.getresponse().read()


if __name__ == "__main__":
    watch(sys.stdin)
