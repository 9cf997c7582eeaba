"""Forks servers of mutants from a process that has loaded what the reference stands on: most of a start is imports.

`raised` starts that process; `Nursling` takes the place of `subprocess.Popen` for `python -m tests.mutants.serve …`.
Nothing of the reference itself is loaded beforehand: a mutant patches it while it is.
"""

from __future__ import annotations

import contextlib
import errno
import gc
import importlib
import io
import json
import multiprocessing
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_SOCKET = "nursery.sock"
_HEAVY = ("asyncio", "sqlalchemy.dialects.sqlite", "starlette.applications", "starlette.routing", "uvicorn", "h11")
_HEAVY_IN_EMULATOR_LANES = ("psycopg", "sqlalchemy.dialects.postgresql.psycopg", "boto3.session", "azure.storage.blob")
_FORKED = ("-m", "tests.mutants.serve")


@contextlib.contextmanager
def raised(*, with_stores: bool = False) -> Iterator[Path]:
    """The socket of a nursery that is there meanwhile. `with_stores` loads what talks to object stores and PostgreSQL, too."""
    folder = tempfile.mkdtemp(prefix="medialane-nursery-")
    path = Path(folder, _SOCKET)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(64)
    process = multiprocessing.get_context("spawn").Process(target=_nurse, args=(listener, with_stores), daemon=True)
    process.start()
    listener.close()
    try:
        yield path
    finally:
        process.terminate()
        process.join()
        shutil.rmtree(folder)


def use(path: Path) -> None:
    """From now on, launched targets of this process that are mutants come from the nursery."""
    from lanes.stack import server

    def popen(command: Sequence[str], **options: Any) -> Any:
        forked = tuple(command[1:3]) == _FORKED
        return Nursling(path, command, **options) if forked else subprocess.Popen(command, **options)

    names = {name: getattr(subprocess, name) for name in ("DEVNULL", "PIPE", "STDOUT", "TimeoutExpired")}
    vars(server)["subprocess"] = SimpleNamespace(Popen=popen, **names)


class Nursling:
    """As much of subprocess.Popen as a launched target needs: output in one pipe, a session of its own."""

    def __init__(self, path: Path, command: Sequence[str], *, cwd: Path, env: Mapping[str, str], **_: Any) -> None:
        self._nanny = socket.socket(socket.AF_UNIX)
        self._nanny.connect(str(path))
        read, write = os.pipe()
        asked = json.dumps({"arguments": list(command[3:]), "folder": str(cwd), "environment": dict(env)}).encode()
        socket.send_fds(self._nanny, [len(asked).to_bytes(4)], [write])
        os.close(write)
        self._nanny.sendall(asked)
        said = b""
        while not said.endswith(b"\n"):  # byte by byte: its exit code may be waiting behind it
            more = self._nanny.recv(1)
            if not more:  # no ID is made up for it: 0 would be everybody's group
                raise ConnectionResetError(errno.ECONNRESET, "the nursery is gone")
            said += more
        self.pid = int(said)
        self.stdout = io.TextIOWrapper(os.fdopen(read, "rb"), encoding="utf-8", errors="replace")
        self._code: int | None = None

    def poll(self) -> int | None:
        """The exit code, None while it runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.wait(0)
        return self._code

    def wait(self, timeout: float | None = None) -> int:
        """The exit code, once it has ended. Raises subprocess.TimeoutExpired."""
        if self._code is None:
            self._nanny.settimeout(timeout if timeout is None else timeout or 0.0001)
            try:
                said = self._nanny.recv(16)
            except TimeoutError:
                raise subprocess.TimeoutExpired("mutant", timeout or 0) from None
            self._code = int(said) if said else -signal.SIGKILL
            self._nanny.close()
        return self._code


def _nurse(listener: socket.socket, with_stores: bool) -> None:
    for name in (*_HEAVY, *(_HEAVY_IN_EMULATOR_LANES if with_stores else ())):
        importlib.import_module(name)
    gc.collect()
    gc.freeze()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nannies come and go
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _mind(connection)
            os._exit(0)
        connection.close()


def _mind(connection: socket.socket) -> None:
    """A nanny's life: it starts one server, says its ID, waits for its end and says how that came."""
    length, (output, *_), _, _ = socket.recv_fds(connection, 4, 1)
    asked = b""
    while len(asked) < int.from_bytes(length):
        more = connection.recv(65536)
        if not more:
            return  # whoever asked is gone
        asked += more
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.setsid()
        os.write(tell, b"!")
        for each in (ready, tell):
            os.close(each)
        connection.close()
        os._exit(_serve(json.loads(asked), output))
    os.close(output)
    os.read(ready, 1)
    try:
        connection.sendall(f"{pid}\n".encode())
    except BrokenPipeError:
        os.killpg(pid, signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    with contextlib.suppress(BrokenPipeError):
        connection.sendall(str(os.waitstatus_to_exitcode(status)).encode())


def _serve(asked: Mapping[str, Any], output: int) -> int:
    for stream, source in ((0, os.open(os.devnull, os.O_RDONLY)), (1, output), (2, output)):
        os.dup2(source, stream)
    os.close(output)
    sys.stdout, sys.stderr = (os.fdopen(stream, "w", buffering=1, encoding="utf-8") for stream in (1, 2))
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.chdir(asked["folder"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    sys.argv = ["serve", *asked["arguments"]]
    try:
        runpy.run_module("tests.mutants.serve", run_name="__main__")
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    finally:
        for file in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError):
                file.flush()
    return 0
