"""Real processes for the tests of the stack: small programs, and whether what they were is gone."""

from __future__ import annotations

import contextlib
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

# A target that serves 200 everywhere, on the address that a lane gives it.
SERVES = """
import http.server, os

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        print("asked for", self.path)

print("serving")
http.server.HTTPServer((os.environ["HOST"], int(os.environ["PORT"])), Handler).serve_forever()
"""
SLEEPS = "import time; time.sleep(60)"
# Started in the background, Python inherits that SIGINT is ignored; what begins like this is a terminal's.
AS_IN_A_TERMINAL = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); "
MEDIALANE = (sys.executable, "-c", AS_IN_A_TERMINAL + "from lanes.cli import main; main()")


def written(folder: Path, program: str, name: str = "server.py") -> Path:
    """The program as a file of this folder."""
    path = folder / name
    path.write_text(program, encoding="utf-8")
    return path


def gone(pid: int) -> bool:
    """Whether a process has ended. One that nobody has waited for yet has."""
    try:
        return psutil.Process(pid).status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


def soon(what: Callable[[], bool], seconds: float = 5.0) -> bool:
    """Whether it becomes true within so many seconds."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if what():
            return True
        time.sleep(0.01)
    return what()


@contextlib.contextmanager
def temporary_folders(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the test's own in which runs make theirs. Others may enter it: PostgreSQL may run as somebody else."""
    with tempfile.TemporaryDirectory(prefix="medialane-test-") as made:
        Path(made).chmod(0o711)
        monkeypatch.setattr(tempfile, "tempdir", made)
        monkeypatch.setenv("TMPDIR", made)
        yield Path(made)


def descendants() -> list[psutil.Process]:
    """The living processes that this one and its children have started."""
    return [each for each in psutil.Process().children(recursive=True) if not gone(each.pid)]


def listening(processes: list[psutil.Process]) -> set[int]:
    """The TCP ports on which these processes listen."""
    found: set[int] = set()
    for each in processes:
        with contextlib.suppress(psutil.NoSuchProcess, psutil.AccessDenied):
            found |= {end.laddr[1] for end in each.net_connections("inet") if end.laddr and end.status == psutil.CONN_LISTEN}
    return found
