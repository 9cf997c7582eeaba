"""A server of ours that is started for a run: its process group, and its log in a file."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lanes.errors import StackError
from lanes.stack.watchdog import Watchdog

LAST_LINES = 15
_GRACE = 5.0  # seconds between the polite signal and SIGKILL


class Daemon:
    """A running process. No thread reads along: whoever has one cannot be forked."""

    def __init__(
        self,
        command: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        log: Path,
        watchdog: Watchdog,
        *,
        user: int | None = None,
        farewell: signal.Signals = signal.SIGTERM,
    ) -> None:
        self.log = log
        self._watchdog = watchdog
        self._farewell = farewell
        try:
            with log.open("ab") as output:
                self._process = subprocess.Popen(
                    command,
                    cwd=folder,
                    env=dict(environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    user=user,
                    group=user,
                    extra_groups=None if user is None else [],
                )
        except OSError as error:
            raise StackError(f"{command[0]} cannot be started: {error.strerror}") from None
        watchdog.guard_group(self._process.pid)

    @property
    def exit_code(self) -> int | None:
        """The exit code, None while it runs."""
        return self._process.poll()

    def wait(self) -> int:
        """Waits until it has ended by itself, and answers its exit code."""
        code = self._process.wait()
        self.stop()
        return code

    def stop(self) -> None:
        """Ends the whole process group: politely first, then not."""
        for number, patience in ((self._farewell, _GRACE), (signal.SIGKILL, None)):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, number)
                os.killpg(self._process.pid, signal.SIGCONT)  # one that is stopped hears nothing
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(patience)
        self._watchdog.forget_group(self._process.pid)


def read(log: Path) -> str:
    """A log as it stands in the file, empty where there is none."""
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def last_lines(log: Path) -> str:
    """The end of a log."""
    return "\n".join(read(log).splitlines()[-LAST_LINES:])


def one_line(error: BaseException) -> str:
    """What an error says, in one line, or its name where it says nothing."""
    return " ".join(str(error).split()) or type(error).__name__
