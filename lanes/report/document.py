"""The verdict as data: what verdict.json holds (contracts/schemas/verdict.schema.json)."""

from __future__ import annotations

from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from lanes import contract, corpus

if TYPE_CHECKING:
    from lanes.run import Run
    from lanes.verdict import Verdict


def spent(run: Run) -> dict[str, int] | None:
    """What was taken of the budget of a target that others use too, None where there is none."""
    spending = run.care.spending
    return {"uploads": spending.uploads, "bytes": spending.sent, "requests": spending.requests} if spending else None


def document(run: Run, verdict: Verdict, code: int) -> dict[str, Any]:
    """Everything that a run found out, ready for JSON."""
    return {
        "schema": 1,
        "verdict": verdict.word,
        "exit": code,
        "interrupted": run.interrupted,
        "over": run.over,
        "profiles": dict(verdict.profiles),
        "lane": run.plan.lane.name,
        "rehearsal": run.rehearsal,
        "left": list(run.left),
        "spent": spent(run),
        "stack": list(run.stood_on),
        "target": {"name": run.plan.target.name, "build": run.build},
        "contract": {"version": contract.contract().version, "sha256": contract.digest()},
        "corpus": {"sha256": corpus.digest()},
        "suite": {"version": version("medialane")},
        "started": f"{run.started:%Y-%m-%dT%H:%M:%SZ}",
        "seconds": round(run.seconds, 3),
        "timing": {
            "startup": round(run.timing.startup, 3),
            "scenarios": round(run.timing.scenarios, 3),
            "waiting": round(run.timing.waiting, 3),
        },
        "rules": {
            rule: {
                "level": outcome.planned.rule.level,
                "profile": outcome.planned.rule.profile,
                "outcome": outcome.word,
                "clauses": {name: dict(row) for name, row in outcome.clauses.items()},
                "reason": outcome.reason,
            }
            for rule, outcome in verdict.outcomes.items()
        },
        "coverage": run.coverage.as_json(),
        "counts": verdict.counts,
        "errors": list(verdict.errors),
        "reproduce": run.wish.command,
    }
