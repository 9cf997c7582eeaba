"""One run: a plan, what it started, what became of its scenarios, and the verdict that follows."""

from __future__ import annotations

import contextlib
import datetime
import re
import shutil
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from lanes.baseline import Baseline
from lanes.care import Care
from lanes.checks import Ledger
from lanes.cleanup import UNDER_WAY, clean_up
from lanes.client import Answer, Client
from lanes.contract import contract
from lanes.corpus import Corpus
from lanes.coverage import Coverage
from lanes.errors import Refused, StackError, TargetSilent
from lanes.found import Found, Timing
from lanes.guards import check_runtime, check_write_credential
from lanes.patience import Patience, RunOver
from lanes.plan import Plan
from lanes.redact import Redactor
from lanes.selection import Selection
from lanes.stack.services import LOGS, Services
from lanes.stack.slot import Stack
from lanes.stack.watchdog import Watchdog
from lanes.target import Reach
from lanes.verdict import Reached, Verdict, judge
from lanes.wish import Wish

_GLANCE = 5.0  # seconds that a guard waits for an answer which scenarios would wait longer for


@dataclass(slots=True)
class Run:
    """A run from its plan to its verdict. `lanes.preparing` makes one."""

    wish: Wish
    plan: Plan
    id: str
    output: Path
    ledger: Ledger
    selection: Selection
    baseline: Baseline
    patience: Patience
    notes: tuple[str, ...] = ()  # what of the command line has no effect here
    services: Services = field(default_factory=Services)
    redactor: Redactor = field(default_factory=Redactor)
    started: datetime.datetime = field(default_factory=lambda: datetime.datetime.now(datetime.UTC))
    timing: Timing = field(default_factory=Timing)
    interrupted: bool = False
    over: str | None = None  # why it ended before its plan was done
    written: bool = False  # whether its verdict has been
    build: str | None = None
    rehearsal: bool = False  # whether what was judged is made up, and proves nothing about a cloud
    left: tuple[str, ...] = ()  # what could not be deleted again, and why
    care: Care = field(default_factory=Care)
    slot: int = 0  # which of the workers' this is
    errors: list[str] = field(default_factory=list)
    corpus: Corpus = field(default_factory=Corpus)
    coverage: Coverage = field(default_factory=Coverage)
    _cited: dict[str, dict[tuple[str, str], int]] = field(default_factory=dict)
    _selected: Counter[tuple[str, str]] = field(default_factory=Counter)
    _ended: Counter[tuple[str, str]] = field(default_factory=Counter)
    _rule_errors: dict[str, list[str]] = field(default_factory=dict)
    _stopped: dict[str, list[str]] = field(default_factory=dict)
    _stack: Stack | None = None
    _began: float = field(default_factory=time.perf_counter)
    _exit: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _shared: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _served: bool = False

    @property
    def seconds(self) -> float:
        """How long it has been going on."""
        return time.perf_counter() - self._began

    def open_output(self) -> None:
        """Makes the run's folder, without what an earlier run wrote there: nobody may take its verdict for this one's.

        Raises Refused where it cannot be made.
        """
        try:
            self.output.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Refused(f"--output {self.output}: cannot be made: {error.strerror}; name another place") from None
        for name in ("verdict.json", "junit.xml", "server.log", "server-[0-9].log", "errors.txt", *LOGS):
            for path in self.output.glob(name):
                path.unlink(missing_ok=True)
        shutil.rmtree(self.output / "exchanges", ignore_errors=True)

    def serve(self) -> None:
        """Starts what all workers share, unless that has been done. Raises StackError when something does not start."""
        if not self._served:
            began = time.perf_counter()
            self._served = True
            self._shared.enter_context(self.services)
            self.notes += self.services.notes
            self.timing.startup += time.perf_counter() - began

    def become(self, slot: int) -> None:
        """In a fork of the run: from now on it is the run of this worker alone."""
        self.slot = slot
        self.services.let_go()
        self._shared = contextlib.ExitStack()

    def start(self) -> Stack:
        """Starts what the lane needs and asks the target what it is.

        Raises StackError when something does not start, Refused when a guard says no.
        """
        self.serve()
        began = time.perf_counter()
        watchdog = self._exit.enter_context(Watchdog())
        stack = self._exit.enter_context(
            Stack(self.slot, self.plan.lane, self.plan.target, self.output, self.redactor, watchdog, self.services)
        )
        self._stack = stack
        client = self.client(stack)
        try:
            runtime = check_runtime(self.plan, client)
            self.build = runtime.build or self.plan.target.build
            made_up = bool(stack.place.deployment and stack.place.deployment.rehearsal)
            self.rehearsal = made_up or (self.plan.lane.deployed and runtime.override)
            if isinstance(self.plan.target.how, Reach) and not self.care.read_only:
                self._check_write_credential(stack)
        except (TargetSilent, RunOver) as silent:
            raise StackError(str(silent)) from silent
        finally:
            client.close()
        if self.care.creations:
            source = self.plan.target.source
            file = str(Path(source).absolute()) if Path(source).is_file() else source
            self.care.creations.open(file, stack.place.base_url, rehearsal=made_up)
        self.corpus.prepare()
        self.timing.startup += time.perf_counter() - began
        return stack

    def _check_write_credential(self, stack: Stack) -> None:
        """At a deployment nothing begins before this is answered; elsewhere, who does not answer is left to the scenarios."""
        if self.care.creations:
            with contextlib.closing(self.client(stack)) as client:
                check_write_credential(self.plan, client)
            return
        impatient = Patience(replace(self.plan.target.limits, exchange=_GLANCE), self.patience.left)
        with (
            contextlib.closing(self.client(stack, patience=impatient, polite=False)) as client,
            contextlib.suppress(TargetSilent, RunOver),
        ):
            check_write_credential(self.plan, client)

    def client(
        self,
        stack: Stack,
        watch: Callable[[Answer], None] | None = None,
        *,
        patience: Patience | None = None,
        polite: bool = True,
    ) -> Client:
        """A client for the target of a stack, within the patience of the run, unless another one is given."""
        place = stack.place
        return Client(
            place.base_url,
            place.credentials,
            contract(),
            watch,
            patience=patience or self.patience,
            allowed_hosts=place.allowed_hosts,
            headers=place.headers,
            polite=polite and place.polite,
            care=self.care,
            authority=place.authority,
        )

    def stop(self) -> None:
        """Deletes what was created at a target that others use too, and ends and removes everything that was started here."""
        try:
            self._clean_up()
        finally:
            self._exit.close()
            self._shared.close()

    def _clean_up(self) -> None:
        creations, stack = self.care.creations, self._stack
        if creations is None or stack is None or not creations.is_open:
            return
        # The deadline of the run is none for what it owes to others.
        self.patience = Patience(self.plan.target.limits)
        client = self.client(stack)
        try:
            self.left = clean_up(creations, client, self.plan.target.limits.exchange + UNDER_WAY)
        finally:
            client.close()
            creations.close()

    @property
    def stood_on(self) -> tuple[str, ...]:
        """Emulators and whatever else of others' the target stood on, each with its version and how it was run."""
        return (*self.services.described, *(self._stack.described if self._stack else ()))

    def check_grounds(self) -> None:
        """Raises StackError when an emulator is gone: then what was seen is not the target's fault."""
        if self._stack:
            self._stack.grounds.check()

    def why_silent(self) -> str | None:
        """If the launched target has ended, how, with the last lines of its log."""
        return self._stack.why_silent() if self._stack else None

    def error(self, message: str) -> None:
        """Something went wrong on our side that is not one rule's affair; the same thing is said once."""
        if message not in self.errors:
            self.errors.append(message)

    def wants(self, rules: tuple[str, ...]) -> bool:
        """Whether a scenario that cites these rules is to be run: one was selected, and something of one is due.

        What no rule claims would only ask a target for what it does not have.
        """
        due = any(self.plan.rules[rule].due for rule in rules if rule in self.plan.rules)
        return due and self.selection.wants(rules)

    def cited(self, rules: Iterable[str], scenario: tuple[str, str], tests: int) -> None:
        """A scenario of the suite, by file and name, judges these rules; it makes so many tests."""
        for rule in rules:
            self._cited.setdefault(rule, {})[scenario] = tests

    def selected(self, scenario: tuple[str, str]) -> None:
        """A test of the scenario is in this run."""
        self._selected[scenario] += 1

    def ended(self, scenario: tuple[str, str]) -> None:
        """A test of the scenario went on to its end, whatever it found there."""
        self._ended[scenario] += 1

    def _all(self, rule: str, counted: Counter[tuple[str, str]]) -> bool:
        # A rule of which a scenario was left out or cut short has not been judged, however well the others went.
        return all(counted[scenario] >= tests for scenario, tests in self._cited.get(rule, {}).items())

    def scenario_error(self, rules: Iterable[str], message: str) -> None:
        """Something went wrong on our side in a scenario of these rules."""
        for rule in rules:
            told = self._rule_errors.setdefault(rule, [])
            if message not in told:
                told.append(message)

    def scenario_stopped(self, rules: Iterable[str], message: str) -> None:
        """A scenario of these rules could not go on."""
        for rule in rules:
            self._stopped.setdefault(rule, []).append(message)

    def found(self) -> Found:
        """What the scenarios of this worker have added."""
        return Found(
            failed=self.ledger.failed,
            held=self.ledger.all_held,
            unverified=self.ledger.unverified,
            ended=self._ended,
            rule_errors=self._rule_errors,
            stopped=self._stopped,
            errors=self.errors,
            seen=self.coverage.seen,
            timing=self.timing,
            over=self.over,
            build=self.build,
            secrets=self.redactor.forms,
        )

    def take(self, found: Found) -> None:
        """Adds what a worker found."""
        self.redactor.learn_forms(found.secrets)
        self.ledger.add(found.failed, found.held, found.unverified)
        self._ended.update(found.ended)
        for rule, messages in found.rule_errors.items():
            for message in messages:
                self.scenario_error([rule], message)
        for rule, messages in found.stopped.items():
            self._stopped.setdefault(rule, []).extend(messages)
        for message in found.errors:
            # What ended one worker ends the others too, each with its own port to tell of; once is enough.
            if _without_port(message) not in map(_without_port, self.errors):
                self.error(message)
        self.coverage.seen |= found.seen
        self.timing.startup = max(self.timing.startup, found.timing.startup)
        self.timing.scenarios += found.timing.scenarios
        self.timing.waiting += found.timing.waiting
        self.over = self.over or found.over
        self.build = self.build or found.build

    def verdict(self) -> Verdict:
        """What follows from all that was seen so far."""
        reached = {
            rule: Reached(
                cited=rule in self._cited,
                selected=self._all(rule, self._selected),
                unselected="it was deselected, or a scenario of it was",
                ended=self._all(rule, self._ended),
                errors=tuple(self._rule_errors.get(rule, ())),
                stopped=tuple(self._stopped.get(rule, ())),
                over=self.over,
            )
            for rule in self.plan.rules
        }
        return judge(self.plan, self.ledger, reached, self.errors, self.baseline)


def _without_port(message: str) -> str:
    return re.sub(r":\d+", "", message.partition("\n")[0])
