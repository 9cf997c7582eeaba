"""Checks: one judgement of one clause in one run, held or not, with evidence. The unit of truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn

from lanes.plan import Plan

if TYPE_CHECKING:
    from lanes.client import Answer


@dataclass(frozen=True, slots=True)
class Check:
    """One judgement. `detail` says in one line what was expected and what was found."""

    rule: str
    clause: str
    held: bool
    detail: str
    scenario: str
    seen: tuple[Answer, ...] = field(default=(), repr=False)


class Blocked(Exception):
    """A scenario cannot go on. What it did not reach is not_run, unless a check that did not hold says why."""


class Ledger:
    """The checks of one run: counts of what held, and every check that did not."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.failed: list[Check] = []
        self.unverified: dict[tuple[str, str], str] = {}  # why, by rule and clause
        self._held: dict[tuple[str, str], int] = defaultdict(int)

    def record(self, check: Check) -> None:
        """Takes a check. Raises ValueError for a clause that the catalogue does not have or this run could not judge."""
        if self._settled(check.rule, check.clause):
            return  # whether the rule binds the target is settled, and nothing that was seen changes it
        if check.held:
            self._held[check.rule, check.clause] += 1
        else:
            self.failed.append(check)

    def cannot(self, rule: str, clause: str, why: str) -> None:
        """Takes that a clause turned out to be one that nobody can verify here. Raises ValueError as `record` does."""
        if not self._settled(rule, clause):
            self.unverified.setdefault((rule, clause), why)

    def add(
        self,
        failed: Iterable[Check],
        held: Mapping[tuple[str, str], int],
        unverified: Mapping[tuple[str, str], str] | None = None,
    ) -> None:
        """Takes what the ledger of another worker of the same run holds."""
        self.failed += failed
        for clause, times in held.items():
            self._held[clause] += times
        self.unverified = {**(unverified or {}), **self.unverified}

    def withdraw(self, failed: Iterable[Check]) -> None:
        """Takes back checks that did not hold, for it has turned out that the fault was ours."""
        withdrawn = {id(check) for check in failed}
        self.failed[:] = [check for check in self.failed if id(check) not in withdrawn]

    def arrange(self, scenarios: Sequence[str]) -> None:
        """Puts the checks that did not hold into the order of these scenarios, whoever judged them first."""
        place = {name: number for number, name in enumerate(scenarios)}
        self.failed.sort(key=lambda check: place.get(check.scenario, len(place)))

    @property
    def all_held(self) -> dict[tuple[str, str], int]:
        """How often each clause held that did, by rule and name."""
        return dict(self._held)

    def held(self, rule: str, clause: str) -> int:
        """How often a clause held."""
        return self._held.get((rule, clause), 0)

    def failures(self, rule: str, clause: str | None = None) -> list[Check]:
        """The checks of a rule, or of one clause of it, that did not hold."""
        return [check for check in self.failed if check.rule == rule and clause in {None, check.clause}]

    @property
    def empty(self) -> bool:
        """Whether nothing was checked at all."""
        return not self._held and not self.failed

    def _settled(self, rule: str, clause: str) -> bool:
        """Whether a rule's outcome is settled by the plan. Raises ValueError for a clause that this run could not judge."""
        planned = self.plan.rules.get(rule)
        known = [each.name for each in planned.rule.clauses] if planned else []
        if planned is None or clause not in known:
            raise ValueError(f"no such clause: {rule} {clause}; {rule} has: {', '.join(known) or 'none'}")
        if clause not in planned.due and planned.settled != "unclaimed":
            raise ValueError(f"{rule} {clause} was checked, but {planned.absent[clause]}")
        return planned.settled is not None


class Scribe:
    """Records checks on behalf of one scenario, for the rules that the scenario cites."""

    def __init__(self, ledger: Ledger, scenario: str, rules: Iterable[str]) -> None:
        self.scenario = scenario
        self.failed: list[Check] = []
        self.plan = ledger.plan
        self._ledger = ledger
        self.rules = frozenset(rules)  # those that it cites

    def due(self, rule: str, clause: str) -> bool:
        """Whether the run could and should establish the clause; a step asks before it gathers costly evidence."""
        return self.plan.due(rule, clause)

    def __call__(self, rule: str, clause: str, held: bool, detail: str, *seen: Answer) -> bool:
        """Records whether a clause held, and answers it. The scenario goes on either way."""
        self._cite(rule)
        return self._record(rule, clause, held, detail, seen)

    def cannot(self, rule: str, clause: str, why: str) -> None:
        """Records that a clause that is due turned out to be one that nobody can verify here.

        Unless something of it fails all the same, its rule is not verified then, for this reason.
        """
        self._cite(rule)
        self._ledger.cannot(rule, clause, why)

    def withdraw(self) -> None:
        """Takes back what did not hold in this scenario, for it has turned out that the fault was ours."""
        self._ledger.withdraw(self.failed)
        self.failed.clear()

    def violations(self, answer: Answer) -> None:
        """Records what of an answer the contract does not document. It pre-empts nothing."""
        if self.plan.leaves_open("CON-1", "status"):
            return
        for clause in ("status", "media-type", "headers", "body"):
            found = [violation.text for violation in answer.violations if violation.clause == clause]
            if found:
                self._record("CON-1", clause, False, f"{answer}: {'; '.join(found)}", (answer,))
            elif not answer.violations:
                self._record("CON-1", clause, True, "", ())

    def stop(self, rule: str, clause: str, detail: str, *seen: Answer) -> NoReturn:
        """Records that a clause did not hold, in a way that leaves the scenario nothing to go on with. Raises Blocked."""
        self(rule, clause, False, detail, *seen)
        raise Blocked(detail)

    def presume(self, rule: str, clause: str, held: bool, detail: str, *seen: Answer) -> None:
        """What the scenario stands on without being about it: recorded only where it does not hold.

        It may blame a rule that the scenario does not cite. Raises Blocked then.
        """
        if not held:
            self.block(rule, clause, detail, *seen)

    def block(self, rule: str, clause: str, detail: str, *seen: Answer) -> NoReturn:
        """Records that a clause of any rule did not hold, on which the scenario stands. Raises Blocked.

        Where this lane does not judge that clause, the scenario is stopped all the same, and its own rules are not_run.
        """
        if not self.plan.leaves_open(rule, clause):
            self._record(rule, clause, False, detail, seen)
        raise Blocked(detail)

    def _cite(self, rule: str) -> None:
        if rule not in self.rules:
            raise ValueError(f"{self.scenario!r} checks {rule}, which is not among its tags")

    def _record(self, rule: str, clause: str, held: bool, detail: str, seen: tuple[Answer, ...]) -> bool:
        check = Check(rule, clause, held, detail, self.scenario, () if held else seen)
        self._ledger.record(check)
        if not held:
            self.failed.append(check)
        return held
