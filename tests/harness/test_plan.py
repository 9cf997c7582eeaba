from __future__ import annotations

import pytest

from lanes import profile, target
from lanes.plan import make_plan, placed
from lanes.profile import Budget
from lanes.rules import Rule, catalogue
from lanes.target import Target
from tests.harness import samples
from tests.harness.samples import clause, plan, rule


@pytest.mark.parametrize(
    ("planned", "due", "absent", "settled", "reason"),
    [
        pytest.param(rule("ING-1", clause("kept")), ("kept",), {}, None, None, id="due"),
        pytest.param(
            rule("ING-1", clause("kept"), profile="records"),
            (),
            {"kept": "the target does not claim the profile records"},
            "unclaimed",
            "the target does not claim the profile records",
            id="unclaimed",
        ),
        pytest.param(
            rule("ING-1", clause("one", "S"), clause("other", "AD")),
            (),
            {
                "one": "this lane cannot establish it; these can: s3-emulator",
                "other": "this lane cannot establish it; these can: azure-emulator, deployed-dev",
            },
            "elsewhere",
            "lanes that can: s3-emulator, azure-emulator, deployed-dev",
            id="elsewhere",
        ),
        pytest.param(
            rule("ING-1", clause("one", "M", "records"), clause("other", "M", "records", "faults")),
            (),
            {"one": "needs records", "other": "needs records, states"},
            "not_verified",
            "needs records; needs records, states",
            id="not verified",
        ),
        pytest.param(
            rule("ING-1", clause("one", "S"), clause("other", "M", "objects")),
            (),
            {"one": "this lane cannot establish it; these can: s3-emulator", "other": "needs states"},
            "not_verified",
            "needs states",
            id="not verified where only some is elsewhere",
        ),
        pytest.param(
            rule("ING-1", clause("one"), clause("other", "M", "records"), clause("third", "S")),
            ("one",),
            {"other": "needs records", "third": "this lane cannot establish it; these can: s3-emulator"},
            None,
            None,
            id="due in part",
        ),
        pytest.param(
            # What it lacks matters nowhere if the lane cannot establish the clause anyway.
            rule("ING-1", clause("one", "S", "records")),
            (),
            {"one": "this lane cannot establish it; these can: s3-emulator"},
            "elsewhere",
            "lanes that can: s3-emulator",
            id="elsewhere before lacking",
        ),
    ],
)
def test_what_a_run_owes_a_rule(
    planned: Rule, due: tuple[str, ...], absent: dict[str, str], settled: str | None, reason: str | None
) -> None:
    found = plan(planned).rules["ING-1"]
    assert (found.due, dict(found.absent), found.settled, found.reason) == (due, absent, settled, reason)


@pytest.mark.parametrize("capability", ["operator", "records", "states", "launch", "delivery", "pages", "bucket"])
def test_a_clause_is_due_with_the_capability_that_it_needs_and_not_without(capability: str) -> None:
    needy = rule("ING-1", clause("kept", "M", capability))
    without = plan(needy, judged=samples.target(capabilities=frozenset()))
    assert not without.due("ING-1", "kept")
    assert without.rules["ING-1"].reason == f"needs {capability}"
    assert plan(needy, judged=samples.target(capabilities=frozenset({capability}))).due("ING-1", "kept")


@pytest.mark.parametrize("capability", ["storage", "gateway"])
def test_what_the_lane_gives_counts_like_what_the_target_offers(capability: str) -> None:
    needy = rule("ING-1", clause("kept", "M", capability))
    assert not plan(needy).due("ING-1", "kept")
    assert plan(needy, where=samples.lane(gives=(capability,))).due("ING-1", "kept")


def test_a_shorthand_is_judged_by_what_it_stands_for_in_the_lane() -> None:
    needy = rule("ING-1", clause("kept", "MS", "faults"))
    offers_states = samples.target(capabilities=frozenset({"states"}))
    assert plan(needy, judged=offers_states).due("ING-1", "kept")
    emulator = samples.lane(name="s3-emulator", letter="S")
    assert not plan(needy, judged=offers_states, where=emulator).due("ING-1", "kept")
    assert plan(needy, where=samples.lane(letter="S", gives=("gateway",))).due("ING-1", "kept")


def test_rules_of_the_suite_bind_no_target() -> None:
    found = plan(rule("ING-1"), rule("DIS-1", clause("kept"), profile="suite"), judged=samples.target(claims=("core", "suite")))
    assert list(found.rules) == ["ING-1"]


def test_nothing_is_due_of_a_rule_or_clause_that_is_not_in_the_plan() -> None:
    found = plan(rule("ING-1"))
    assert found.due("ING-1", "kept")
    assert not found.due("ING-1", "other")
    assert not found.due("ING-2", "kept")


def test_the_reference_on_mocked_storage_owes_every_clause_of_that_lane_that_needs_no_page_or_bucket() -> None:
    lane, judged = profile.load("mocked"), target.load("reference")
    found = make_plan(lane, judged, catalogue())
    for planned in found.rules.values():
        for each in planned.rule.clauses:
            needs = set(catalogue().needs(each, "M"))
            expected = planned.rule.profile in judged.claims and "M" in each.lanes and not needs & {"storage", "gateway"}
            assert found.due(planned.rule.id, each.name) == expected, (planned.rule.id, each.name)
            assert (each.name in planned.due) != (each.name in planned.absent)


def test_what_a_lane_gives_is_not_given_to_a_target_that_is_only_reached() -> None:
    where = samples.lane(gives=("storage",))
    storing = samples.rule("LOC-7", samples.clause("kept", "M", "storage"))
    assert samples.plan(storing, judged=samples.target(), where=where).due("LOC-7", "kept")
    planned = samples.plan(storing, judged=samples.reached(), where=where).rules["LOC-7"]
    assert (planned.settled, planned.reason) == ("not_verified", "needs storage")


BROWSER = profile.load("browser")


@pytest.mark.parametrize(
    ("judged", "runtime", "stack", "deployed", "guarded", "budget"),
    [
        pytest.param(samples.target(), ("mocked", "mocked", "test"), ("server", "browser"), False, False, None, id="launched"),
        pytest.param(
            samples.target(claims=("core", "deployed")),
            ("s3", "cloud", "dev"),
            ("rehearsal", "browser"),
            True,
            True,
            BROWSER.budget,
            id="rehearsed",
        ),
        pytest.param(
            samples.reached("dev", "https://acme.example"),
            (None, "cloud", "dev"),
            ("server", "browser"),
            True,
            True,
            BROWSER.budget,
            id="reached in dev",
        ),
        *(
            pytest.param(
                samples.reached(environment),
                (None, None, environment),
                ("server", "browser"),
                True,
                False,
                BROWSER.budget,
                id=f"reached in {environment}",
            )
            for environment in ("test", "development")
        ),
    ],
)
def test_a_browser_goes_to_wherever_the_target_is(
    judged: Target,
    runtime: tuple[str | None, ...],
    stack: tuple[str, ...],
    deployed: bool,
    guarded: bool,
    budget: Budget | None,
) -> None:
    lane = placed(BROWSER, judged)
    assert (lane.provider, lane.execution_target, lane.environment) == runtime
    assert (lane.stack, lane.deployed, lane.guarded, lane.budget) == (stack, deployed, guarded, budget)
    assert (lane.name, lane.letter, lane.gives) == (BROWSER.name, "B", BROWSER.gives)
    assert BROWSER.budget is not None


@pytest.mark.parametrize("name", [name for name in profile.names() if name != "browser"])
@pytest.mark.parametrize(
    "judged",
    [samples.target(), samples.target(claims=("core", "deployed")), samples.reached("dev"), samples.reached("test")],
    ids=["launched", "rehearsed", "reached in dev", "reached in test"],
)
def test_every_other_lane_is_where_it_is(name: str, judged: Target) -> None:
    lane = profile.load(name)
    assert placed(lane, judged) is lane


@pytest.mark.parametrize("capability", ["launch", "reset", "states"])
def test_what_is_rehearsed_for_a_browser_is_only_reached_and_what_is_launched_is_not(capability: str) -> None:
    needy = rule("SUR-1", clause("kept", "B", capability))
    offers = frozenset({"launch", "reset", "states", "pages"})
    for claims, due in ((("core",), True), (("core", "deployed"), False)):
        judged = samples.target(claims=claims, capabilities=offers)
        assert plan(needy, judged=judged, where=placed(BROWSER, judged)).due("SUR-1", "kept") is due


@pytest.mark.parametrize(
    ("rule_id", "name", "open_"),
    [
        ("ING-1", "kept", False),
        ("ING-1", "far", True),
        ("ING-1", "needy", True),
        ("ING-1", "no such clause", False),
        ("REC-1", "kept", True),
        ("DIS-1", "kept", False),  # binds no target, and is in no plan
    ],
)
def test_what_a_run_leaves_open_is_a_clause_that_there_is_and_that_is_not_due(rule_id: str, name: str, open_: bool) -> None:
    found = plan(
        rule("ING-1", clause("kept"), clause("far", "S"), clause("needy", "M", "records")),
        rule("REC-1", profile="records"),
        rule("DIS-1", profile="suite"),
    )
    assert found.leaves_open(rule_id, name) is open_
