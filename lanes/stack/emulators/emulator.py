"""An emulator of a run: the one that was given, else one in a container, else a process of its own."""

from __future__ import annotations

import contextlib
import os
import re
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal
from urllib.parse import urlsplit

from lanes.errors import StackError
from lanes.stack.emulators.containers import Container, NoImage, engine_answers
from lanes.stack.emulators.daemon import Daemon, last_lines, read
from lanes.stack.emulators.provision import whole
from lanes.stack.server import free_port
from lanes.stack.watchdog import Watchdog
from lanes.transport import Limits, NoAnswer, Received, Transport

# An emulator that is busy answers late; one that hangs never does.
_PROBE = Limits(connect=2.0, exchange=5.0, body=1024 * 1024)

How = Literal["auto", "container", "process"]


class NotYet(Exception):
    """An emulator does not answer as itself; the message says what was seen instead."""


@dataclass(frozen=True, slots=True)
class Image:
    """What a container of an emulator is made of. Its name and tag can be another's, by an environment variable."""

    name: str
    variable: str
    port: int
    command: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()

    @property
    def tag(self) -> str:
        """The image that is used."""
        return os.environ.get(self.variable) or self.name


class Emulator(ABC):
    """One emulator, from its start to its end. `begin` starts it, `wait` waits until it answers; `stop` leaves nothing.

    Raises StackError, with its name, its log's last lines and what helps.
    """

    name: ClassVar[str]
    pinned: ClassVar[str]
    oldest: ClassVar[tuple[int, ...]]
    given: ClassVar[str]  # the environment variable that names one that is there
    environment: ClassVar[str]  # what it is installed into, as a process
    last_word: ClassVar[str]  # what its log says once it has come up, as a process
    patience: ClassVar[float] = 60.0  # seconds until it answers

    def __init__(self, folder: Path, watchdog: Watchdog) -> None:
        self.folder = folder
        self.log = folder / self.log_name()
        self.how = ""
        self.version = ""
        self.note: str | None = None  # what was tried and could not be had
        self.host, self.port = "127.0.0.1", 0
        self.watchdog = watchdog
        self._daemon: Daemon | None = None
        self._container: Container | None = None
        self._given_up = threading.Event()

    @classmethod
    def log_name(cls) -> str:
        """What its log is called, in the run's folder too."""
        return f"{cls.name.lower()}.log"

    @classmethod
    @abstractmethod
    def install(cls) -> Path:
        """Makes its environment, where there is none yet. Raises StackError."""

    @classmethod
    def installed(cls) -> bool:
        """Whether its environment is there."""
        return whole(cls.environment)

    @abstractmethod
    def image(self) -> Image:
        """Its container image."""

    @abstractmethod
    def launch(self) -> Daemon:
        """Starts it as a process at `host` and `port`."""

    @abstractmethod
    def probe(self) -> str:
        """The version that it tells. Answers or fails within seconds, also when it hangs. Raises NotYet."""

    @abstractmethod
    def accept(self, given: str) -> None:
        """Takes the place that was given. Raises StackError for one that is malformed."""

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may read in any log or message."""
        return ()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def ask(self, path: str, headers: Mapping[str, str] | None = None) -> Received:
        """Its answer to a GET. Raises NotYet."""
        try:
            with contextlib.closing(Transport()) as transport:
                return transport.exchange("GET", self.url + path, _PROBE, headers=dict(headers or {}))
        except NoAnswer as silent:
            raise NotYet(str(silent)) from None

    def begin(self, how: How) -> None:
        """Starts it, or takes the one that was given."""
        if given := os.environ.get(self.given):
            self.how = f"given by {self.given}"
            self.accept(given)
        elif how == "container" or (how == "auto" and engine_answers()):
            self._contain(fall_back=how == "auto")
        else:
            self._launch()

    def wait(self) -> None:
        """Waits until it answers, and holds its version against what is needed. `give_up` ends that from another thread."""
        deadline = time.monotonic() + self.patience
        while True:
            try:
                self.version = self.probe()
                if self._daemon is None or self.last_word in read(self.log):
                    break
                why = "somebody else does"
            except NotYet as silence:
                why = str(silence)
            if self._daemon and self._daemon.exit_code is not None:
                raise StackError(self.told(f"ended with exit code {self._daemon.exit_code} before it answered"))
            if self._container and not self._container.running:
                raise StackError(self.told("ended before it answered"))
            if time.monotonic() > deadline or self.how.startswith("given"):
                raise StackError(self.told(f"does not answer at {self.host}:{self.port}: {why}"))
            if self._given_up.wait(0.05):
                raise StackError(f"{self.name} was not waited for any longer")
        if _numbers(self.version) < self.oldest:
            oldest = ".".join(map(str, self.oldest))
            raise StackError(self.told(f"is {self.version}: too old, it has to be {oldest} or newer"))

    def give_up(self) -> None:
        """Nobody needs it any more."""
        self._given_up.set()

    def why_gone(self) -> str | None:
        """What to say if it does not answer any more, else None. Works in a fork of the run, too."""
        try:
            self.probe()
        except NotYet as silence:
            return self.told(f"does not answer any more at {self.host}:{self.port}: {silence}")
        return None

    def stop(self) -> None:
        """Ends it. One that was given stays as it is."""
        if self._daemon:
            self._daemon.stop()
            self._daemon = None
        if self._container:
            with contextlib.suppress(OSError):
                self.log.write_text(self._container.logs(), encoding="utf-8")
            self._container.stop()
            self._container = None

    @property
    def remedy(self) -> str:
        """What helps where it is not as it should be."""
        if self.how.startswith("given"):
            return f"unset {self.given}, and one is started for the run"
        return f"`medialane doctor` says what is missing, and {self.given} names one that is there"

    def told(self, what: str) -> str:
        """A message about it: which one, what is wrong, its last lines, and what helps."""
        lines = self._container.logs_tail() if self._container else last_lines(self.log)
        said = f"; its last lines:\n{lines}" if lines else ""
        which = f"{self.name}, {self.how}," if self.how.startswith("given") else f"{self.name} {self.pinned} ({self.how})"
        return f"{which} {what}; {self.remedy}{said}"

    def __str__(self) -> str:
        version = self.version or ("" if self.how.startswith("given") else self.pinned)
        return " ".join(filter(None, (self.name, version, f"({self.how})")))

    def _contain(self, *, fall_back: bool) -> None:
        image = self.image()
        self.how = f"container of {image.tag}"
        try:
            self._container = Container(image, self.watchdog)
        except NoImage as missing:
            if not fall_back:
                raise StackError(
                    f"{self.name}: {missing}; {image.variable} names another image, and `--emulators process` does without"
                ) from None
            self.note = f"{self.name}: {missing}, so it runs as a process"
            self._launch()
        else:
            self.host, self.port = self._container.address

    def _launch(self) -> None:
        self.how = "process"
        self.port = free_port()
        self._daemon = self.launch()


def place_of(url: str) -> tuple[str, int] | None:
    """Host and port of an http URL that says nothing more but for its path, else None."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        return None
    plain = parts.scheme == "http" and "@" not in parts.netloc and not (parts.query or parts.fragment)
    return (host, port) if host and plain else None


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"[0-9]+", version)[:3])
