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
import time
import warnings
from collections import Counter
from collections.abc import Hashable, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.context import ForkProcess
from types import FrameType
from typing import Any

import pytest

from lanes.collection import is_closing, template_of
from lanes.files import read_contract
from lanes.plan import Plan
from lanes.run import Run
from lanes.target import Launch, Target
from lanes.worker import GRACE, Ended, More, Reported, Started, Worker

_MOST = 4
_ENOUGH = 12  # scenarios, for a second slot to be worth its start
_FORKS = multiprocessing.get_context("fork") if sys.platform == "linux" else None  # elsewhere, forks are not to be relied on
_AGAIN = 1.0  # seconds after which a worker that is to end is told again
_GLANCE = 0.1  # seconds between two looks for signals
_IMPATIENT = 3  # signals after which nobody is waited for any more: a runner in between may pass the first one on again


def number(plan: Plan, scenarios: int, wanted: int | None = None) -> int:
    """How many workers judge so many scenarios: as wanted, or as many as there are cores and is worth it.

    A target is there once that is only reached, has to have one port, or has rows that its instances would share; so is a
    deployment, also one that is rehearsed.
    """
    if _FORKS is None or plan.lane.deployed or not _can_be_there_twice(plan.target):
        return 1
    best = min(len(os.sched_getaffinity(0)), _MOST, scenarios // _ENOUGH)
    return max(1, min(wanted or best, scenarios))


def _can_be_there_twice(target: Target) -> bool:
    how, records = target.how, target.records
    if not isinstance(how, Launch) or how.port or records.file:
        return False
    # A setting of the contract is each instance's own; what the environment says is everybody's.
    return records.url is None or records.url in {setting["name"] for setting in read_contract("runtime.yaml")["settings"]}


def judge(session: pytest.Session, run: Run, count: int) -> None:
    """Has all scenarios of the session judged by so many workers.

    Raises pytest.exit.Exception when a guard said no, and KeyboardInterrupt once all workers are gone.
    """
    with _Foreman(session, run, count) as foreman:
        foreman.gather()


class Handout:
    """Scenarios by their places, each for one worker; those that close a run for every worker, about its own slot."""

    def __init__(self, items: Sequence[pytest.Item]) -> None:
        self._closing = [place for place, item in enumerate(items) if is_closing(item)]
        self._others = iter([place for place in range(len(items)) if place not in self._closing])
        self._closed: Counter[Hashable] = Counter()  # how many of those that close a run each worker has had

    def take(self, worker: Hashable) -> int | None:
        """The place of the next scenario for a worker, None when there is none left for it."""
        if (place := next(self._others, None)) is not None:
            return place
        self._closed[worker] += 1
        handed = self._closed[worker]
        return self._closing[handed - 1] if handed <= len(self._closing) else None


class _Foreman:
    """The run's end of the pipes to its workers."""

    def __init__(self, session: pytest.Session, run: Run, count: int) -> None:
        self._session = session
        self._run = run
        self._count = count
        self._handout = Handout(session.items)
        self._refused: Ended | None = None
        self._signals = 0
        self._handlers: dict[signal.Signals, Any] = {}
        self._workers: dict[Connection, ForkProcess] = {}
        self._open: dict[Connection, dict[str, None]] = {}  # node IDs each was handed and is not through with, in their order
        # Only the run holds its other end open: it is at its end when the run is gone, however that came.
        self._alive, self._life = os.pipe()

    def __enter__(self) -> _Foreman:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        try:
            for slot in range(self._count):
                self._start(slot)
        except BaseException:
            self.__exit__()
            raise
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
        for process in self._workers.values():
            process.join()
        os.close(self._life)
        os.close(self._alive)

    def _start(self, slot: int) -> None:
        assert _FORKS is not None
        ours, theirs = _FORKS.Pipe()
        worker = Worker(self._session, self._run, slot, theirs, (self._alive, self._life), [ours, *self._workers])
        process = _FORKS.Process(target=worker.work, name=f"medialane-worker-{slot}", daemon=True)
        with warnings.catch_warnings():
            # Python warns of other threads; those of NumPy's algebra know how to be forked, and there are no others yet.
            warnings.simplefilter("ignore", DeprecationWarning)
            process.start()
        theirs.close()
        self._workers[ours] = process
        self._open[ours] = {}

    def gather(self) -> None:
        """Hands out scenarios and takes in what is found, until every worker is through."""
        told = 0.0
        while self._workers and self._signals < _IMPATIENT:
            self._listen()
            if self._signals and time.monotonic() > told + _AGAIN:
                self._run.interrupted = True
                told = time.monotonic()
                for process in self._workers.values():
                    process.terminate()
        if self._signals:
            raise KeyboardInterrupt
        self._run.ledger.arrange(self._names())
        if self._refused is not None:
            pytest.exit(str(self._refused.refusal), returncode=self._refused.code)

    def _listen(self) -> None:
        for pipe in wait(list(self._workers), _GLANCE):
            assert isinstance(pipe, Connection)
            try:
                message = pipe.recv()
            except (EOFError, OSError):
                code = self._dismiss(pipe)
                self._run.error(f"a worker of ours ended ({_how(code)}) before it said what it had found")
            else:
                self._heed(pipe, message)

    def _heed(self, pipe: Connection, message: object) -> None:
        hook, config = self._session.ihook, self._session.config
        match message:
            case More():
                place = self._take(pipe)
                if place is not None:
                    self._open[pipe][self._session.items[place].nodeid] = None
                with contextlib.suppress(OSError):  # it is gone; the pipe will say so
                    pipe.send(place)
            case Started():
                hook.pytest_runtest_logstart(nodeid=message.nodeid, location=message.location)
            case Reported():
                report = hook.pytest_report_from_serializable(config=config, data=message.report)
                if report.when == "teardown":
                    self._open[pipe].pop(report.nodeid, None)
                hook.pytest_runtest_logreport(report=report)
            case Ended():
                self._run.take(message.found)
                if message.broken:
                    self._run.error(message.broken)
                if message.interrupted and not self._signals:
                    self._run.error("a worker of ours was interrupted, and the run was not")
                if message.refusal is not None:
                    self._refused = message
                self._account(pipe, message)
                self._dismiss(pipe)

    def _account(self, pipe: Connection, ended: Ended) -> None:
        """What a worker was handed and did not judge is an error of ours, unless it is known why."""
        left = [nodeid.rpartition("::")[2] for nodeid in self._open[pipe]]
        known = ended.broken or ended.refusal or ended.found.over or self._signals
        if left and not known:
            self._run.error(f"a worker of ours ended before it had judged {', '.join(left)}")

    def _dismiss(self, pipe: Connection) -> int | None:
        process = self._workers.pop(pipe)
        process.join(GRACE)
        if process.exitcode is None:  # something in it is stuck, and there is nothing more to hear
            process.kill()
            process.join()
        pipe.close()
        return process.exitcode

    def _names(self) -> list[str]:
        templates = [template_of(item) for item in self._session.items]
        return list(dict.fromkeys(template.name for template in templates if template))

    def _take(self, pipe: Connection) -> int | None:
        session = self._session
        over = session.shouldstop or session.shouldfail or self._run.interrupted or self._run.over or self._refused
        return None if over else self._handout.take(pipe)


def _how(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
