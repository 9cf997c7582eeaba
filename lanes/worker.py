"""One of the workers of a run: a fork that judges the scenarios that it is handed, and tells what it finds."""

from __future__ import annotations

import contextlib
import os
import pickle
import signal
import threading
import time
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from types import FrameType
from typing import Any

import pytest

from lanes.found import Found
from lanes.run import Run

GRACE = 3.0  # seconds that a worker has to clean up, once the run is gone


@dataclass(frozen=True, slots=True)
class Started:
    """A worker has begun with a scenario."""

    nodeid: str
    location: tuple[str, int | None, str]


@dataclass(frozen=True, slots=True)
class Reported:
    """A phase of a scenario is over: pytest's report of it, as data."""

    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Ended:
    """A worker is through, with all that it found. `refusal` and `code` are those of a guard that said no."""

    found: Found
    refusal: str | None = None
    code: int | None = None
    broken: str | None = None  # what of ours broke
    interrupted: bool = False


class More:
    """A worker asks for a scenario; it is answered with the scenario's place among those collected, or None."""


class Worker:
    """A fork's own end: judges what it is handed, tells every report, and ends with what it found."""

    def __init__(
        self, session: pytest.Session, run: Run, slot: int, pipe: Connection, life: tuple[int, int], others: list[Connection]
    ) -> None:
        self._session = session
        self._run = run
        self._slot = slot
        self._pipe = pipe
        self._alive, self._life = life
        self._others = others
        self._interrupted = False
        self._heeding: Any = signal.getsignal(signal.SIGTERM)

    def work(self) -> None:
        """The whole life of the process."""
        ended: dict[str, Any] = {}
        try:
            self._settle_in()
            self._judge()
        except pytest.exit.Exception as refused:
            ended = {"refusal": str(refused.msg), "code": refused.returncode}
        except KeyboardInterrupt:
            ended = {"interrupted": True}
        except Exception as error:  # noqa: BLE001 - whatever it was, the run has to hear of it
            ended = {"broken": f"internal error: {type(error).__name__}: {error}"}
        try:
            self._run.stop()
        except BaseException as error:  # noqa: BLE001 - what was found has to be told all the same
            ended = {"broken": f"a worker of ours could not clean up: {type(error).__name__}: {error}"} | ended
        self._tell(Ended(self._run.found(), **ended))

    def _tell(self, ended: Ended) -> None:
        with contextlib.suppress(OSError):  # nobody is left to hear it
            try:
                self._pipe.send(ended)
            except (pickle.PicklingError, TypeError, AttributeError, MemoryError) as error:
                bare = [replace(check, seen=()) for check in ended.found.failed]
                broken = f"the evidence of a worker cannot be passed on: {error}"
                self._pipe.send(replace(ended, found=replace(ended.found, failed=bare), broken=broken))

    def _settle_in(self) -> None:
        # In a terminal, SIGINT reaches everybody: the run alone heeds it, and tells us.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, self._interrupt)
        os.close(self._life)
        for other in self._others:
            other.close()
        threading.Thread(target=self._end_with_the_run, daemon=True).start()
        self._run.become(self._slot)
        # Nothing is printed here: what is to be seen is told.
        plugins = self._session.config.pluginmanager
        if plugins.has_plugin("capturemanager"):
            plugins.unregister(name="capturemanager")
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silence, stream)
        os.close(silence)
        plugins.register(_Teller(self._session.config, self._pipe))

    def _judge(self) -> None:
        session = self._session
        place = self._more()
        while place is not None:
            item = session.items[place]
            following = None if session.shouldstop else self._more()
            after = None if following is None else session.items[following]
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=after)
            place = None if session.shouldstop else following

    def _more(self) -> int | None:
        self._pipe.send(More())
        place: int | None = self._pipe.recv()
        return place

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        # Once: what is heard again while cleaning up, from the run or from whoever signals all of us, must not disturb that.
        if not self._interrupted:
            self._interrupted = True
            if callable(self._heeding):
                self._heeding(number, frame)
            raise KeyboardInterrupt

    def _end_with_the_run(self) -> None:
        os.read(self._alive, 1)
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)
        time.sleep(GRACE)
        os._exit(1)  # the watchdog ends what is left


class _Teller:
    """Sends what pytest says of a worker's scenarios to the run."""

    def __init__(self, config: pytest.Config, pipe: Connection) -> None:
        self._config = config
        self._pipe = pipe

    def pytest_runtest_logstart(self, nodeid: str, location: tuple[str, int | None, str]) -> None:
        """Called by pytest."""
        self._pipe.send(Started(nodeid, location))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Called by pytest."""
        data = self._config.hook.pytest_report_to_serializable(config=self._config, report=report)
        self._pipe.send(Reported(data))
