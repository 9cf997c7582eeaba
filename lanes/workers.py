"""Several workers judge the scenarios of one run side by side, each with a slot of its own.

Workers are forks of the process that has collected the scenarios: they are there at once. That process hands out one scenario
after the other and gathers what was found; it judges none itself.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
import time
import warnings
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import Any

import pytest

from lanes.run import Found, Run
from lanes.target import Launch, Target

_MOST = 4
_ENOUGH = 12  # scenarios, for a second slot to be worth its start
_FORKS = multiprocessing.get_context("fork") if sys.platform == "linux" else None  # elsewhere, forks are not to be relied on
_GLANCE = 0.1  # seconds between two looks for signals
_IMPATIENT = 3  # signals after which nobody is waited for any more: a runner in between may pass the first one on again
_GRACE = 3.0  # seconds that a worker has to clean up, once the run is gone


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


class _More:
    """A worker asks for a scenario; it is answered with the scenario's place among those collected, or None."""


def number(target: Target, scenarios: int, wanted: int | None = None) -> int:
    """How many workers judge so many scenarios: as wanted, or as many as there are cores and is worth it.

    A target that is only reached, or has to have one port, is there once.
    """
    if _FORKS is None or not isinstance(target.how, Launch) or target.how.port:
        return 1
    best = min(os.cpu_count() or 1, _MOST, scenarios // _ENOUGH)
    return max(1, min(wanted or best, scenarios))


def judge(session: pytest.Session, run: Run, count: int) -> None:
    """Has all scenarios of the session judged by so many workers.

    Raises pytest.exit.Exception when a guard said no, and KeyboardInterrupt once all workers are gone.
    """
    with _Foreman(session, run, count) as foreman:
        foreman.gather()


class _Foreman:
    """The run's end of the pipes to its workers."""

    def __init__(self, session: pytest.Session, run: Run, count: int) -> None:
        self._session = session
        self._run = run
        self._count = count
        self._next = 0
        self._refused: Ended | None = None
        self._signals = 0
        self._handlers: dict[signal.Signals, Any] = {}
        self._workers: dict[Connection, ForkProcess] = {}
        # Only the run holds its other end open: it is at its end when the run is gone, however that came.
        self._alive, self._life = os.pipe()

    def __enter__(self) -> _Foreman:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        for slot in range(self._count):
            self._start(slot)
        # Counted, and heeded between two messages: an exception in the middle of one would lose it.
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                self._handlers[number] = signal.signal(number, self._count_signal)
        return self

    def _count_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._signals += 1

    def __exit__(self, *exception: object) -> None:
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        for process in self._workers.values():
            process.kill()  # its watchdog ends what it started
            process.join()
        os.close(self._life)
        os.close(self._alive)

    def _start(self, slot: int) -> None:
        assert _FORKS is not None
        ours, theirs = _FORKS.Pipe()
        worker = _Worker(self._session, self._run, slot, theirs, (self._alive, self._life), [ours, *self._workers])
        process = _FORKS.Process(target=worker.work, name=f"medialane-worker-{slot}")
        with warnings.catch_warnings():
            # Python warns of other threads; those of NumPy's algebra know how to be forked, and there are no others yet.
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        theirs.close()
        self._workers[ours] = process

    def gather(self) -> None:
        """Hands out scenarios and takes in what is found, until every worker is through."""
        while self._workers and self._signals < _IMPATIENT:
            self._listen()
            if self._signals and not self._run.interrupted:
                self._run.interrupted = True
                for process in self._workers.values():
                    process.terminate()
        if self._signals:
            raise KeyboardInterrupt
        if self._refused is not None:
            pytest.exit(str(self._refused.refusal), returncode=self._refused.code)

    def _listen(self) -> None:
        for pipe in wait(list(self._workers), _GLANCE):
            assert isinstance(pipe, Connection)
            try:
                self._heed(pipe, pipe.recv())
            except (EOFError, OSError):
                process = self._workers.pop(pipe)
                process.join()
                self._run.error(f"a worker of ours ended ({_how(process.exitcode)}) before it said what it had found")

    def _heed(self, pipe: Connection, message: object) -> None:
        hook, config = self._session.ihook, self._session.config
        match message:
            case _More():
                pipe.send(self._take())
            case Started():
                hook.pytest_runtest_logstart(nodeid=message.nodeid, location=message.location)
            case Reported():
                report = hook.pytest_report_from_serializable(config=config, data=message.report)
                hook.pytest_runtest_logreport(report=report)
            case Ended():
                self._run.take(message.found)
                if message.broken:
                    self._run.error(message.broken)
                if message.refusal is not None:
                    self._refused = message
                self._workers.pop(pipe).join()

    def _take(self) -> int | None:
        session = self._session
        over = session.shouldstop or session.shouldfail or self._run.interrupted or self._run.over or self._refused
        if over or self._next == len(session.items):
            return None
        self._next += 1
        return self._next - 1


class _Worker:
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

    def work(self) -> None:
        """The whole life of the process."""
        self._settle_in()
        ended: dict[str, Any] = {}
        try:
            self._judge()
        except pytest.exit.Exception as refused:
            ended = {"refusal": str(refused.msg), "code": refused.returncode}
        except KeyboardInterrupt:
            pass  # the run knows, and sees to it
        except Exception as error:  # noqa: BLE001 - whatever it was, the run has to hear of it
            ended = {"broken": f"internal error: {type(error).__name__}: {error}"}
        self._run.stop()
        with contextlib.suppress(OSError):  # nobody is left to hear it
            self._pipe.send(Ended(self._run.found(), **ended))

    def _settle_in(self) -> None:
        # In a terminal, SIGINT reaches everybody: the run alone heeds it, and tells us.
        signal.signal(signal.SIGINT, lambda *_: None)
        os.close(self._life)
        for other in self._others:
            other.close()
        threading.Thread(target=self._end_with_the_run, daemon=True).start()
        self._run.slot = self._slot
        # Nothing is printed here: what is to be seen is told.
        plugins = self._session.config.pluginmanager
        plugins.unregister(name="capturemanager")
        silence = os.open(os.devnull, os.O_WRONLY)
        for stream in (1, 2):
            os.dup2(silence, stream)
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
        self._pipe.send(_More())
        place: int | None = self._pipe.recv()
        return place

    def _end_with_the_run(self) -> None:
        os.read(self._alive, 1)
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(_GRACE)
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


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
