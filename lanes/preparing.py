"""A run before anything is started: lane profile, target file, rules and wishes, held together."""

from __future__ import annotations

import datetime
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from lanes import baseline as baselines
from lanes import profile, target
from lanes.baseline import Baseline
from lanes.budget import Spending
from lanes.care import Care
from lanes.checks import Ledger
from lanes.creations import Creations
from lanes.errors import Refused, no_place
from lanes.guards import check_before_start, check_required, resolved
from lanes.patience import Patience
from lanes.plan import Plan, make_plan, placed
from lanes.redact import Redactor
from lanes.rules import catalogue
from lanes.run import Run
from lanes.selection import select
from lanes.stack.services import Services
from lanes.target import Launch, Reach, within
from lanes.wish import Wish


def prepare(wish: Wish) -> Run:
    """Lane profile, target file and rules, held together. Nothing is started. Raises Refused."""
    lane = profile.load(wish.lane)
    name = wish.target or lane.default_target
    if name is None:
        raise Refused(
            f"the lane {lane.name} judges what somebody has deployed: --target FILE says where that is "
            "(`medialane target init` writes one), and --target rehearsal makes it up on this machine"
        )
    judged = target.load(name)
    lane = placed(lane, judged)
    judged = within(resolved(judged, lane), _deadline(wish))
    plan = make_plan(lane, judged, catalogue())
    check_before_start(plan)
    check_required(plan, wish.require)
    run_id = f"{datetime.datetime.now(datetime.UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
    output = wish.output or Path.cwd() / ".medialane" / run_id
    _check_writable(output)
    known = _baseline(wish)
    redactor = Redactor()
    started = lane.stack if isinstance(judged.how, Launch) else ()  # a target that is reached has its own
    return Run(
        wish,
        plan,
        run_id,
        output,
        Ledger(plan),
        care=_care(wish, plan, output, run_id),
        selection=select(catalogue(), wish.only, wish.exclude),
        baseline=known,
        notes=(*(baselines.hold(known, plan, wish.baseline) if wish.baseline else ()), *_unasked(plan)),
        patience=Patience(judged.limits, _deadline(wish)),
        services=Services(started, wish.emulators, output, redactor),
        redactor=redactor,
    )


def _unasked(plan: Plan) -> Iterator[str]:
    if isinstance(plan.target.how, Reach) and "operator" not in plan.target.capabilities:
        yield (
            f"{plan.target.name} was not asked in which runtime it is, for it does not offer operator reads: "
            f"that it is one for the lane {plan.lane.name} is what its file says"
        )


def _baseline(wish: Wish) -> Baseline:
    today = datetime.datetime.now(datetime.UTC).date()
    return baselines.load(wish.baseline, catalogue(), today) if wish.baseline else Baseline()


def _deadline(wish: Wish) -> float | None:
    if wish.deadline is not None and not wish.deadline > 0:
        raise Refused(f"--deadline {wish.deadline:g} is no time to judge anything in; allowed: seconds above 0")
    return wish.deadline


def _care(wish: Wish, plan: Plan, output: Path, run_id: str) -> Care:
    if not plan.lane.deployed:
        if wish.read_only:
            raise Refused(f"--read-only is for targets that others use too; what the lane {plan.lane.name} judges is its own")
        return Care()
    spending = Spending(plan.lane.budget.at_most(plan.target.pace)) if plan.lane.budget else None
    creations = None if wish.read_only else Creations(output.absolute() / f"ledger-{run_id}.ndjson", run_id)
    return Care(spending, creations, wish.read_only)


def _check_writable(output: Path) -> None:
    try:
        standing = next(path for path in (output, *output.absolute().parents) if path.exists())
    except (OSError, ValueError) as error:  # a name that no file can have
        raise no_place(output, error) from None
    if not standing.is_dir() or not os.access(standing, os.W_OK | os.X_OK):
        raise Refused(f"--output {output}: {standing} is not a folder that can be written to; name another place")
