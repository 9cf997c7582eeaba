"""A launched target: its process group, its log, and the wait until it serves."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping
from pathlib import Path

from lanes.errors import StackError
from lanes.files import read_contract
from lanes.redact import Redactor
from lanes.stack.watchdog import Watchdog
from lanes.target import Launch
from lanes.transport import Limits, NoAnswer, Transport

_LAST_LINES = 40
_PROBE = Limits(connect=1.0, exchange=2.0, body=1024 * 1024)
_GRACE = 5.0  # seconds between SIGTERM and SIGKILL


class Log:
    """The output of launched processes, redacted line by line into one file; the last lines are at hand."""

    def __init__(self, path: Path, redactor: Redactor) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._redactor = redactor
        self._lock = threading.Lock()
        self._in_key = False

    def line(self, text: str) -> str:
        """Writes a line, redacted, and answers it as written."""
        with self._lock:
            clean = "[redacted]" if self._inside_key(text) else self._redactor.text(text.rstrip("\n"))
            self._file.write(clean + "\n")
            self._file.flush()
        return clean

    def _inside_key(self, text: str) -> bool:
        # A private key that is printed over several lines has no shape in any one of them.
        if "-----END" in text:
            self._in_key = False
        inside = self._in_key
        if "PRIVATE KEY-----" in text and "-----BEGIN" in text and "-----END" not in text:
            self._in_key = True
        return inside

    def close(self) -> None:
        """Closes the file."""
        self._file.close()


# Until it has become another program, a new process holds every socket that its parent had open: a port that is only probed
# by one thread would be taken for as long, because another thread started something.
_PROBING = threading.Lock()


class Server:
    """A running process of a launched target."""

    def __init__(self, launch: Launch, settings: Mapping[str, str], folder: Path, log: Log, watchdog: Watchdog) -> None:
        self.base_url = f"http://{settings['HOST']}:{settings['PORT']}"
        self._launch = launch
        self._watchdog = watchdog
        self._last: deque[str] = deque(maxlen=_LAST_LINES)
        command = [part.replace("{python}", sys.executable) for part in launch.command]
        try:
            with _PROBING:
                _check_free(settings["HOST"], int(settings["PORT"]))
                self._process = subprocess.Popen(
                    command,
                    cwd=launch.folder or folder,
                    env=_environment(launch, settings),
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    text=True,
                    encoding="utf-8",
                    errors="replace",
                )
        except OSError as error:
            raise StackError(f"the target cannot be launched: {error.filename or command[0]}: {error.strerror}") from None
        watchdog.guard_group(self._process.pid)
        self._reader = threading.Thread(target=self._read, args=(log,), daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        """The process ID, which is the ID of its group too."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    @property
    def last_lines(self) -> str:
        """The last lines of its output, redacted."""
        return "\n".join(self._last)

    def wait_ready(self) -> None:
        """Waits until it serves. Raises StackError, with the last lines of its log, if it ends or stays silent."""
        url = self.base_url + self._launch.ready
        deadline = time.monotonic() + self._launch.timeout
        with contextlib.closing(Transport()) as transport:
            while True:
                if self.exit_code is not None:
                    self._reader.join(1)
                    raise StackError(self._told(f"the target ended with exit code {self.exit_code} before it served"))
                with contextlib.suppress(NoAnswer):
                    if transport.status("GET", url, _PROBE) == 200:
                        break
                if time.monotonic() > deadline:
                    raise StackError(self._told(f"the target did not serve {url} within {self._launch.timeout:g} s"))
                time.sleep(0.02)
        if self.exit_code is not None:
            # Somebody else answers on its port.
            raise StackError(self._told(f"the target ended with exit code {self.exit_code}; {url} is not its own"))

    def settle(self) -> int | None:
        """Waits until it serves or has ended, whichever comes first. Answers its exit code, or None if it still runs."""
        with contextlib.suppress(StackError):
            self.wait_ready()
        return self.exit_code

    def wait_exit(self, seconds: float) -> int | None:
        """Waits for it to end by itself. Answers its exit code, or None if it still runs."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
            self._reader.join(1)
        return self.exit_code

    def stop(self) -> None:
        """Ends the whole process group: politely first, then not."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()
        self._reader.join(1)  # no longer: a stray child may hold the other end open
        self._watchdog.forget_group(self.pid)

    def _read(self, log: Log) -> None:
        assert self._process.stdout is not None
        # A stray child may still write when the log is closed.
        with self._process.stdout as lines, contextlib.suppress(ValueError):
            for line in lines:
                self._last.append(log.line(line))

    def _told(self, what: str) -> str:
        return f"{what}; its last lines:\n{self.last_lines}" if self._last else f"{what}; it wrote nothing"


@contextlib.contextmanager
def serving(launch: Launch, settings: Mapping[str, str], folder: Path, log: Log, watchdog: Watchdog) -> Iterator[Server]:
    """A launched process, whether it comes to serve or not; its group is gone afterwards."""
    server = Server(launch, settings, folder, log, watchdog)
    try:
        yield server
    finally:
        server.stop()


def free_port(host: str = "127.0.0.1") -> int:
    """A TCP port that nothing listens on, and that no connection is given for its own end.

    Those are given ports from 32768 on by Linux, higher ones by others. While many processes start side by side, one of them
    may be given the very port that another is about to listen on. Nor is it given to another run on this machine, where that
    can be told, as long as this process is there.
    """
    while True:
        port = 10_240 + secrets.randbelow(32_768 - 10_240)
        with _PROBING, contextlib.suppress(OSError), socket.create_server((host, port)):
            if _reserved(port):
                return port


def _reserved(port: int) -> bool:
    """Whether nobody has reserved the port before; from now on this process has."""
    if sys.platform != "linux":
        return True
    mark = socket.socket(socket.AF_UNIX)
    try:
        mark.bind(f"\0medialane port {port}")  # an abstract name (unix(7)): it goes with the process
    except OSError:
        mark.close()
        return False
    mark.detach()
    return True


def _check_free(host: str, port: int) -> None:
    # Whoever is there already might answer in the target's place.
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise StackError(f"the target cannot be launched: port {port} of {host} is taken ({error.strerror})") from None


def _environment(launch: Launch, settings: Mapping[str, str]) -> dict[str, str]:
    # What the contract lists comes from the lane alone, whatever the shell that started the run has set.
    listed = {setting["name"] for setting in read_contract("runtime.yaml")["settings"]}
    # What the run itself was given is no affair of the target's: it would find a way round the gateway, and secrets to print.
    inherited = {name: value for name, value in os.environ.items() if name not in listed and not name.startswith("MEDIALANE_")}
    return inherited | {"PYTHONUNBUFFERED": "1"} | dict(launch.settings) | dict(settings)
