"""Known failures: clauses of a target that are known not to hold, each with a reason and a day on which that ends."""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from lanes.checks import Ledger
from lanes.errors import Refused, one_of
from lanes.files import read_toml
from lanes.plan import Plan
from lanes.rules import Catalogue


@dataclass(frozen=True, slots=True)
class KnownFailure:
    """A clause that is known not to hold, why, and the last day on which that is accepted."""

    rule: str
    clause: str
    reason: str
    expires: datetime.date


@dataclass(frozen=True, slots=True)
class Baseline:
    """The known failures of one target."""

    known: tuple[KnownFailure, ...] = ()

    def covers(self, rule: str, clause: str) -> KnownFailure | None:
        """The entry for a clause, if there is one."""
        return next((each for each in self.known if (each.rule, each.clause) == (rule, clause)), None)

    def stale(self, ledger: Ledger, judged: Collection[str] | None = None) -> Iterator[str]:
        """A line for each entry that hides nothing any more, and might hide the next failure.

        That is one whose clause did not fail though its rule is among those that were `judged`, every scenario of them to
        its end: in half of them a clause may hold that fails in the others. Where nobody says, one whose clause held.
        """
        for each in self.known:
            held = ledger.held(each.rule, each.clause) > 0
            over = held if judged is None else each.rule in judged and ledger.plan.due(each.rule, each.clause)
            if over and not ledger.failures(each.rule, each.clause):
                found = "holds" if held else "was not reached, though every scenario of the rule went on to its end"
                yield f"the baseline names {each.rule} {each.clause}, which {found}: remove the entry"


def load(path: Path, catalogue: Catalogue, today: datetime.date) -> Baseline:
    """The baseline of a TOML file. Raises Refused for a malformed, unknown, doubled or expired entry."""
    known: list[KnownFailure] = []
    for entry in read_toml(path, "baseline")["known"]:
        each = KnownFailure(entry["rule"], entry["clause"], entry["reason"], entry["expires"])
        if each.rule not in catalogue.rules:
            raise Refused(f"{path}: rule {each.rule!r} is not in the catalogue; {one_of(each.rule, catalogue.rules)}")
        clauses = [clause.name for clause in catalogue.rules[each.rule].clauses]
        if each.clause not in clauses:
            raise Refused(f"{path}: {each.rule} has no clause {each.clause!r}; {one_of(each.clause, clauses)}")
        if type(each.expires) is not datetime.date:
            raise Refused(f"{path}: {each.rule} {each.clause}: expires is {each.expires!r}; allowed: a date like 2027-01-31")
        if each.expires < today:
            raise Refused(f"{path}: {each.rule} {each.clause} expired on {each.expires}: mend it, or set another day")
        if any((each.rule, each.clause) == (other.rule, other.clause) for other in known):
            raise Refused(f"{path}: {each.rule} {each.clause} is there twice")
        known.append(each)
    return Baseline(tuple(known))


def hold(known: Baseline, plan: Plan, path: Path) -> list[str]:
    """Holds the baseline of a file against a run: a line for each entry whose clause is not due in it.

    Raises Refused for an entry that can hide nothing of this target in any lane.
    """
    idle = []
    for each in known.known:
        planned = plan.rules.get(each.rule)
        if planned is None:
            raise Refused(f"{path}: {each.rule} binds medialane itself, and no target: remove the entry")
        if planned.rule.profile not in plan.target.claims:
            raise Refused(
                f"{path}: {each.rule} is of the profile {planned.rule.profile}, which {plan.target.name!r} does not claim; "
                f"it claims: {', '.join(plan.target.claims)}"
            )
        if each.clause not in planned.due:
            why = planned.absent[each.clause]
            idle.append(f"the baseline names {each.rule} {each.clause}, which is not due on {plan.lane.name}: {why}")
    return idle
