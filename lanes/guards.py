"""Guards: what a lane refuses to do, before anything is started or written."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from lanes.client import Client
from lanes.contract import NOBODY
from lanes.errors import Refused, StackError, one_of
from lanes.files import read_contract
from lanes.parameters import resolve
from lanes.plan import Plan
from lanes.profile import LaneProfile
from lanes.target import Reach, Target

_CREDENTIALS = {"records": "operator", "operator": "operator", "states": "operator"}
# By which the common CI services say that they are one.
_CI = (
    *("CI", "GITHUB_ACTIONS", "GITLAB_CI", "BUILDKITE", "CIRCLECI", "TF_BUILD", "JENKINS_URL", "TEAMCITY_VERSION"),
    "CODEBUILD_BUILD_ID",
)


@dataclass(frozen=True, slots=True)
class Runtime:
    """What a target says of itself. `override` is whether its store is not the provider's own."""

    build: str | None = None
    override: bool = False


def check_before_start(plan: Plan) -> None:
    """Refuses a target that the lane cannot judge, going by the files alone. Raises Refused."""
    how = plan.target.how
    if plan.lane.guarded:
        check_deployed(plan.target, os.environ)
    if isinstance(how, Reach):
        if how.environment != plan.lane.environment:
            raise Refused(
                f"{plan.target.source}: reach.environment is {how.environment!r}, "
                f"the lane {plan.lane.name} judges targets in {plan.lane.environment!r} only"
            )
        plan.target.credentials()
        check_roles(plan.target)
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


def resolved(target: Target, lane: LaneProfile, environment: Mapping[str, str] = os.environ) -> Target:
    """The target with what a parameter store says of it. Nobody is asked where the lane would refuse anyway. Raises Refused."""
    if lane.guarded or target.parameters:
        check_surroundings(target, environment)
    return resolve(target)


def check_deployed(target: Target, environment: Mapping[str, str]) -> None:
    """Refuses what could harm, or be harmed by, something that is not the deployment the target file means. Raises Refused."""
    check_surroundings(target, environment)
    if isinstance(target.how, Reach):
        _check_hosts(target, target.how)


def check_surroundings(target: Target, environment: Mapping[str, str]) -> None:
    """Refuses credentials that are there and must not be, are missing, or are the same. Raises Refused."""
    if ci := next((name for name in _CI if environment.get(name, "").lower() not in {"", "0", "false"}), None):
        named = {variable for _, variable in target.credential_names}
        for setting in runtime_secrets():
            if environment.get(setting) and setting not in named:
                raise Refused(
                    f"{setting} is set in a CI environment ({ci} is set): this lane runs without the credentials of the media "
                    "runtime (DEP-5); take it out of the job, and have [bucket.operator] name a read-only profile or variables "
                    "called otherwise"
                )
    if "operator" not in target.capabilities:
        raise Refused(
            f"{target.source}: offers: `operator` is missing; this lane asks a target for its runtime before it writes anything"
        )
    if isinstance(target.how, Reach):
        found = target.credentials(environment)
        if found.get("write") and found.get("write") == found.get("operator"):
            raise Refused(
                f"{target.source}: credentials: write and operator are the same; who may read for operators may not write"
            )


def runtime_secrets() -> Iterator[str]:
    """The settings of a media runtime that are secrets."""
    return (str(setting["name"]) for setting in read_contract("runtime.yaml")["settings"] if setting["secret"])


def _check_hosts(target: Target, how: Reach) -> None:
    parts = urlsplit(how.base_url)
    if parts.scheme != "https":
        raise Refused(f"{target.source}: reach.base_url is {how.base_url!r}; a deployed target is reached over https only")
    listed = [host.lower() for host in how.allowed_hosts]
    for what, host in (("base_url", parts.netloc), ("distribution", how.distribution)):
        if host and host.lower().removesuffix(":443") not in {each.removesuffix(":443") for each in listed}:
            raise Refused(
                f"{target.source}: reach.{what}: the host {host!r} is not on the list of hosts that this lane may talk to; "
                f"reach.allowed_hosts has: {', '.join(listed) or 'none'}"
            )


def check_runtime(plan: Plan, client: Client) -> Runtime:
    """Refuses a target that is not in the runtime that the lane asked for (RUN-3). Answers what it says of itself.

    A target without operator reads cannot be asked, and is judged as it is. Raises Refused; StackError where the target
    offers operator reads and has none; TargetSilent.
    """
    if "operator" not in plan.target.capabilities:
        return Runtime()
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
        if asked is not None and found[what] != asked:
            raise Refused(f"the target reports {what} {found[what]!r}; the lane {plan.lane.name} judges {asked!r} only")
    return Runtime(str(found["build"]), found["endpoint"] == "override")


def check_write_credential(plan: Plan, client: Client) -> None:
    """Refuses a write credential that the target does not take: what it refuses would be held against it.

    Tried by deleting an artist that cannot exist, which changes nothing. Elsewhere than at a deployment, scenarios judge what
    the target does otherwise than it should, and 403 may be one of those. Raises Refused, TargetSilent.
    """
    answer = client.call("deleteArtist", NOBODY)
    if answer.status == 401 or (plan.lane.guarded and answer.status == 403):
        raise Refused(f"{plan.target.source}: credentials.write: the target does not take it ({answer})")


def check_roles(target: Target) -> None:
    """Refuses a target that is reached without naming the credentials that what it offers needs. Raises Refused."""
    have = {role for role, _ in target.credential_names}
    wanted = {"write"} | {_CREDENTIALS[each] for each in target.capabilities if each in _CREDENTIALS}
    if missing := sorted(wanted - have):
        raise Refused(
            f"{target.source}: credentials.{missing[0]} is missing; it names the environment variable that holds "
            f"the {missing[0]} credential"
        )
