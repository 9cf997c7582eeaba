"""The plan of a run: which clauses are due, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lanes.profile import LaneProfile
from lanes.rules import Catalogue, Rule
from lanes.target import Target


@dataclass(frozen=True, slots=True)
class PlannedRule:
    """What a run owes one rule.

    `settled` is its outcome where nothing is due (unclaimed, elsewhere, not_verified), else None; `absent` says of each
    clause that is not due why not.
    """

    rule: Rule
    due: tuple[str, ...]
    absent: Mapping[str, str]
    settled: str | None
    reason: str | None


@dataclass(frozen=True, slots=True)
class Plan:
    """Every rule that binds a target, and what this run owes it."""

    lane: LaneProfile
    target: Target
    rules: Mapping[str, PlannedRule]

    def due(self, rule_id: str, clause: str) -> bool:
        """Whether this run could and should establish the clause."""
        return rule_id in self.rules and clause in self.rules[rule_id].due


def make_plan(lane: LaneProfile, target: Target, catalogue: Catalogue) -> Plan:
    """Holds lane, target and rules together. Suite rules bind medialane itself and are in no plan."""
    capabilities = target.capabilities | set(lane.gives)
    planned = {
        rule.id: _plan_rule(rule, lane, target, capabilities, catalogue) for rule in catalogue if rule.profile != "suite"
    }
    return Plan(lane, target, planned)


def _plan_rule(
    rule: Rule, lane: LaneProfile, target: Target, capabilities: frozenset[str], catalogue: Catalogue
) -> PlannedRule:
    if rule.profile not in target.claims:
        why = f"the target does not claim the profile {rule.profile}"
        return PlannedRule(rule, (), {clause.name: why for clause in rule.clauses}, "unclaimed", why)

    due: list[str] = []
    elsewhere: dict[str, str] = {}
    lacking: dict[str, str] = {}
    for clause in rule.clauses:
        missing = [need for need in catalogue.needs(clause, lane.letter) if need not in capabilities]
        if lane.letter not in clause.lanes:
            names = ", ".join(catalogue.lane_names[letter] for letter in clause.lanes)
            elsewhere[clause.name] = f"this lane cannot establish it; these can: {names}"
        elif missing:
            lacking[clause.name] = f"needs {', '.join(missing)}"
        else:
            due.append(clause.name)

    absent = elsewhere | lacking
    if due:
        return PlannedRule(rule, tuple(due), absent, None, None)
    if lacking:
        return PlannedRule(rule, (), absent, "not_verified", "; ".join(sorted(set(lacking.values()))))
    names = ", ".join(catalogue.lane_names[letter] for letter in rule.lanes)
    return PlannedRule(rule, (), absent, "elsewhere", f"lanes that can: {names}")
