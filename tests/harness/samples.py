"""Small lanes, targets, rules, runs and answers, for tests that need one and care about little of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from lanes.baseline import Baseline
from lanes.checks import Ledger
from lanes.client import Answer, Request
from lanes.contract import Violation
from lanes.patience import Patience
from lanes.plan import Plan, make_plan
from lanes.profile import LaneProfile
from lanes.rules import Catalogue, Clause, Rule
from lanes.run import Run
from lanes.selection import Selection
from lanes.target import Launch, Reach, Target
from lanes.wish import Wish

RUN_ID = "20261127T060000Z-0a1b2c"
LANE = LaneProfile(
    name="mocked",
    letter="M",
    summary="For tests.",
    provider="mocked",
    execution_target="mocked",
    environment="test",
    stack=("server",),
    gives=(),
    default_target="reference",
)
LAUNCH = Launch(command=("{python}", "server.py"), folder=None, ready="/healthz", timeout=10, port=None, settings=())
TARGET = Target(
    name="acme",
    source="acme.toml",
    build=None,
    claims=("core",),
    capabilities=frozenset({"delivery", "launch"}),
    how=LAUNCH,
    credential_names=(),
)
LANE_NAMES = {"M": "mocked", "S": "s3-emulator", "A": "azure-emulator", "D": "deployed-dev", "B": "browser"}
SHORTHANDS = {"faults": {"M": ("states",), "S": ("gateway",)}, "objects": {"M": ("states",), "S": ("storage",)}}


def clause(name: str, lanes: str = "M", *needs: str) -> Clause:
    """A clause of this name."""
    return Clause(name, f"The clause {name} is kept.", lanes, needs)


def rule(rule_id: str, *clauses: Clause, level: str = "MUST", profile: str = "core", area: str = "ingest") -> Rule:
    """A rule of this ID, with one clause, `kept`, unless there are others."""
    return Rule(rule_id, area, level, profile, f"The rule {rule_id} is kept.", clauses or (clause("kept"),))


def catalogue(*rules: Rule) -> Catalogue:
    """A catalogue of these rules and no others."""
    return Catalogue("1.0.0", {each.id: each for each in rules}, LANE_NAMES, SHORTHANDS)


def lane(**changed: Any) -> LaneProfile:
    """The mocked lane, but for what is changed."""
    return dataclasses.replace(LANE, **changed)


def target(**changed: Any) -> Target:
    """A launched target that claims core and offers nothing more, but for what is changed."""
    return dataclasses.replace(TARGET, **changed)


def launch(**changed: Any) -> Launch:
    """How that target is launched, but for what is changed."""
    return dataclasses.replace(LAUNCH, **changed)


def reached(environment: str = "test", base_url: str = "http://127.0.0.1:9", **changed: Any) -> Target:
    """A target that is only reached, but for what is changed."""
    return target(**{"how": Reach(base_url, environment), "capabilities": frozenset({"delivery"})} | changed)


def plan(*rules: Rule, judged: Target = TARGET, where: LaneProfile = LANE) -> Plan:
    """What a run would owe these rules."""
    return make_plan(where, judged, catalogue(*rules))


def run(output: Path, planned: Plan, **wished: Any) -> Run:
    """A run of this plan that has started nothing and writes to `output`."""
    wish = Wish(planned.lane.name, output=output, **wished)
    selection = Selection(frozenset(planned.rules))
    return Run(wish, planned, RUN_ID, output, Ledger(planned), selection=selection, baseline=Baseline(), patience=Patience())


def answer(
    status: int = 200,
    body: bytes = b"",
    *,
    request: Request | None = None,
    headers: dict[str, str] | None = None,
    violations: tuple[Violation, ...] = (),
) -> Answer:
    """What came back to a request, GET /artists unless there is another."""
    asked = request or Request("GET", "http://127.0.0.1:9/artists", None, {})
    return Answer(asked, status, headers or {}, body, 0.01, violations)


def cite(run: Run, rules: Iterable[str]) -> None:
    """A scenario for each of the rules is in the suite."""
    for each in rules:
        run.cited([each], ("some.feature", each), 1)


def choose(run: Run, rules: Iterable[str]) -> None:
    """The scenario of each of the rules is in the run, and went on to its end."""
    for each in rules:
        run.selected(("some.feature", each))
        run.ended(("some.feature", each))
