"""The plan of a run: which clauses are due, and why the others are not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from lanes.profile import LaneProfile
from lanes.rules import Catalogue, Rule
from lanes.target import Launch, Target

_IN_OUR_HANDS = frozenset({"launch", "reset", "states"})


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

    def leaves_open(self, rule_id: str, clause: str) -> bool:
        """Whether there is such a clause, and it is no affair of this run."""
        return rule_id in self.rules and clause in self.rules[rule_id].absent


def placed(lane: LaneProfile, target: Target) -> LaneProfile:
    """The lane as it judges this target: a browser goes to wherever that is.

    That is its own process in the lane's runtime, or a deployment that is made up where it claims to be one and is launched,
    or wherever its file says that it is reached.
    """
    if lane.letter != "B":
        return lane
    if isinstance(target.how, Launch):
        if "deployed" not in target.claims:
            return replace(lane, budget=None)
        stack = tuple("rehearsal" if each == "server" else each for each in lane.stack)
        return replace(lane, provider="s3", execution_target="cloud", environment="dev", stack=stack, deployed=True)
    # What is deployed has its objects in a cloud; elsewhere anything will do.
    execution = "cloud" if target.how.environment == "dev" else None
    return replace(lane, provider=None, execution_target=execution, environment=target.how.environment, deployed=True)


def make_plan(lane: LaneProfile, target: Target, catalogue: Catalogue) -> Plan:
    """Holds lane, target and rules together. Suite rules bind medialane itself and are in no plan."""
    # What a target stands on that is only reached is its own, and out of sight.
    given = lane.gives if "launch" in target.capabilities else ()
    if lane.deployed:  # there it is only reached, also where that is rehearsed
        target = replace(target, capabilities=target.capabilities - _IN_OUR_HANDS)
    capabilities = target.capabilities | set(given)
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
