"""One of the programs that a rehearsal is made of: installed from a package, started as a process, gone with the run."""

from __future__ import annotations

import socket
import threading
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import ClassVar

from lanes.errors import StackError
from lanes.stack.emulators.daemon import Daemon, last_lines
from lanes.stack.emulators.provision import whole
from lanes.stack.watchdog import Watchdog

HOST = "127.0.0.1"
_PATIENCE = 20.0  # seconds until one that does not answer never will
_MOMENT = 0.02  # seconds


class NotYet(Exception):
    """A program does not answer as it should; the message says what was seen instead."""


class Program(ABC):
    """A server of the rehearsal at `port` of this machine. `begin` starts it, `wait` waits until it answers, `stop` ends it.

    Raises StackError, with its name, its log's last lines and what helps.
    """

    name: ClassVar[str]
    pinned: ClassVar[str] = ""
    environment: ClassVar[str] = ""  # what it is installed into; empty where there is nothing to install

    def __init__(self, folder: Path, watchdog: Watchdog, port: int) -> None:
        self.folder = folder
        self.watchdog = watchdog
        self.port = port
        self.log = folder / f"{self.name.lower()}.log"
        self._daemon: Daemon | None = None
        self._given_up = threading.Event()

    @classmethod
    def install(cls) -> Path | None:
        """Makes its environment, where there is none yet, and answers the program, or None where there is nothing to install.

        Raises StackError.
        """
        return None

    @classmethod
    def installed(cls) -> bool:
        """Whether it is there."""
        return not cls.environment or whole(cls.environment)

    @abstractmethod
    def launch(self) -> Daemon:
        """Starts its process."""

    def probe(self) -> None:
        """Tries whether it answers. Raises NotYet."""
        try:
            socket.create_connection((HOST, self.port), timeout=1).close()
        except OSError as error:
            raise NotYet(error.strerror or str(error)) from None

    def begin(self) -> None:
        """Starts it."""
        self._daemon = self.launch()

    def wait(self) -> None:
        """Waits until it answers. `give_up` ends that from another thread."""
        deadline = time.monotonic() + _PATIENCE
        while True:
            silent = ""
            try:
                self.probe()
            except NotYet as silence:
                silent = str(silence) or "it says nothing"
            if gone := self.why_gone():  # also where somebody else answers in its place
                raise StackError(gone)
            if not silent:
                return
            if time.monotonic() > deadline:
                raise StackError(self.told(f"does not answer at {HOST}:{self.port}: {silent}"))
            if self._given_up.wait(_MOMENT):
                raise StackError(f"{self.name} was not waited for any longer")

    def give_up(self) -> None:
        """Nobody needs it any more."""
        self._given_up.set()

    def why_gone(self) -> str | None:
        """What to say if it has ended, else None."""
        if self._daemon is None or self._daemon.exit_code is None:
            return None
        return self.told(f"ended with exit code {self._daemon.exit_code}")

    def stop(self) -> None:
        """Ends it."""
        if self._daemon:
            self._daemon.stop()
            self._daemon = None

    def told(self, what: str) -> str:
        """A message about it: which one, what is wrong, its last lines, and what helps."""
        lines = last_lines(self.log)
        said = f"; its last lines:\n{lines}" if lines else "; it wrote nothing"
        return f"{self} {what}; `medialane doctor deployed-dev` says what is missing{said}"

    def __str__(self) -> str:
        return f"{self.name} {self.pinned} (process)" if self.pinned else f"{self.name} (process)"
