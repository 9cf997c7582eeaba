"""Guards: what a lane refuses to do, before anything is started or written."""

from __future__ import annotations

from collections.abc import Iterable

from lanes.client import Client
from lanes.errors import Refused, StackError, one_of
from lanes.plan import Plan
from lanes.target import Reach

_CREDENTIALS = {"records": "operator", "operator": "operator", "states": "operator"}


def check_before_start(plan: Plan) -> None:
    """Refuses a target that the lane cannot judge, going by the files alone. Raises Refused."""
    how = plan.target.how
    if isinstance(how, Reach):
        if how.environment != plan.lane.environment:
            raise Refused(
                f"{plan.target.source}: reach.environment is {how.environment!r}, "
                f"the lane {plan.lane.name} judges targets in {plan.lane.environment!r} only"
            )
        plan.target.credentials()
        _check_roles(plan)
    exported = "records" in plan.target.capabilities and plan.target.records.source == "export"
    if exported and "operator" not in plan.target.capabilities:
        raise Refused(
            f"{plan.target.source}: offers: records are read by the operator export, so `operator` has to be offered too; "
            "[records] names another source"
        )
    if not any(planned.due for planned in plan.rules.values()):
        raise Refused(
            f"the lane {plan.lane.name} can judge nothing that {plan.target.name!r} claims "
            f"({', '.join(plan.target.claims)}); `medialane lanes` says what each lane is for"
        )


def check_required(plan: Plan, profiles: Iterable[str]) -> None:
    """Refuses to require a profile that the target does not claim, and so can never be conformant to. Raises Refused."""
    for each in profiles:
        if each not in plan.target.claims:
            raise Refused(f"--require {each!r}: {plan.target.name!r} does not claim it; {one_of(each, plan.target.claims)}")
        binding = [planned for planned in plan.rules.values() if planned.rule.profile == each and planned.rule.level == "MUST"]
        if not any(planned.due for planned in binding):
            raise Refused(
                f"--require {each!r}: the lane {plan.lane.name} can establish none of its rules for {plan.target.name!r}"
            )


def check_runtime(plan: Plan, client: Client) -> str | None:
    """Refuses a target that is not in the runtime that the lane asked for (RUN-3). Answers the build that it reports.

    A target without operator reads cannot be asked, and is judged as it is. Raises Refused; StackError where the target
    offers operator reads and has none; TargetSilent.
    """
    if "operator" not in plan.target.capabilities:
        return None
    answer = client.call("readRuntime")
    if answer.status != 200 or answer.violations:
        why = "; ".join(violation.text for violation in answer.violations) or str(answer)
        raise StackError(f"the target offers operator reads, but cannot be asked for its runtime: {why}")
    found = answer.json
    for what, asked in (
        ("storageProvider", plan.lane.provider),
        ("executionTarget", plan.lane.execution_target),
        ("applicationEnvironment", plan.lane.environment),
    ):
        if found[what] != asked:
            raise Refused(f"the target reports {what} {found[what]!r}; the lane {plan.lane.name} judges {asked!r} only")
    return str(found["build"])


def _check_roles(plan: Plan) -> None:
    have = {role for role, _ in plan.target.credential_names}
    wanted = {"write"} | {_CREDENTIALS[each] for each in plan.target.capabilities if each in _CREDENTIALS}
    if missing := sorted(wanted - have):
        raise Refused(
            f"{plan.target.source}: credentials.{missing[0]} is missing; it names the environment variable that holds "
            f"the {missing[0]} credential"
        )
