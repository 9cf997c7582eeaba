from __future__ import annotations

import pytest

from lanes.checks import Blocked, Check, Ledger, Scribe
from lanes.contract import Violation
from tests.harness import samples
from tests.harness.samples import clause, rule

CON_1 = rule("CON-1", *(clause(name) for name in ("status", "media-type", "headers", "body")), area="contract")
PLAN = samples.plan(
    rule("ING-1", clause("one"), clause("other"), clause("needy", "M", "records"), clause("far", "S")),
    rule("ING-2"),
    rule("REC-1", profile="records"),
    rule("REC-2", clause("kept", "S"), profile="core"),
    CON_1,
)


def check(rule_id: str, name: str, held: bool = True) -> Check:
    return Check(rule_id, name, held, "as it should be", "a scenario")


@pytest.fixture
def ledger() -> Ledger:
    return Ledger(PLAN)


@pytest.fixture
def scribe(ledger: Ledger) -> Scribe:
    return Scribe(ledger, "a scenario", ["ING-1", "ING-2"])


def test_a_ledger_counts_what_held_and_keeps_what_did_not(ledger: Ledger) -> None:
    for held in (True, True, False):
        ledger.record(check("ING-1", "one", held))
    ledger.record(check("ING-1", "other", False))
    ledger.record(check("ING-2", "kept"))
    assert (ledger.held("ING-1", "one"), ledger.held("ING-1", "other"), ledger.held("ING-2", "kept")) == (2, 0, 1)
    assert [each.clause for each in ledger.failures("ING-1")] == ["one", "other"]
    assert [each.clause for each in ledger.failures("ING-1", "other")] == ["other"]
    assert ledger.failures("ING-2") == []
    assert ledger.failed == ledger.failures("ING-1")


@pytest.mark.parametrize("held", [True, False])
def test_a_ledger_is_empty_until_something_is_checked(ledger: Ledger, held: bool) -> None:
    assert ledger.empty
    ledger.record(check("ING-2", "kept", held))
    assert not ledger.empty


def test_asking_what_held_is_not_checking_anything(ledger: Ledger) -> None:
    assert ledger.held("ING-1", "one") == 0
    assert ledger.failures("ING-1") == []
    assert ledger.empty


@pytest.mark.parametrize(
    ("rule_id", "name", "told"),
    [
        ("ING-1", "two", "no such clause: ING-1 two; ING-1 has: one, other, needy, far"),
        ("ING-9", "kept", "no such clause: ING-9 kept; ING-9 has: none"),
        ("ING-1", "needy", "ING-1 needy was checked, but needs records"),
        ("ING-1", "far", "ING-1 far was checked, but this lane cannot establish it; these can: s3-emulator"),
        ("REC-2", "kept", "REC-2 kept was checked, but this lane cannot establish it"),
    ],
)
@pytest.mark.parametrize("held", [True, False])
def test_a_check_of_what_this_run_cannot_judge_is_a_mistake_of_ours(
    ledger: Ledger, rule_id: str, name: str, told: str, held: bool
) -> None:
    with pytest.raises(ValueError, match=told):
        ledger.record(check(rule_id, name, held))
    assert ledger.empty


def test_a_check_of_an_unclaimed_rule_blames_nobody(ledger: Ledger) -> None:
    ledger.record(check("REC-1", "kept", False))
    assert ledger.failed == []


def test_a_scribe_records_for_its_scenario_and_answers_whether_it_held(ledger: Ledger, scribe: Scribe) -> None:
    answer = samples.answer()
    assert scribe("ING-1", "one", True, "fine", answer) is True
    assert scribe("ING-1", "other", False, "was 1, should be 2", answer) is False
    assert ledger.failed == [Check("ING-1", "other", False, "was 1, should be 2", "a scenario", (answer,))]
    assert ledger.failed[0].seen == (answer,)
    assert scribe.failed == ledger.failed
    assert ledger.held("ING-1", "one") == 1


def test_a_scribe_checks_only_what_its_scenario_cites(ledger: Ledger, scribe: Scribe) -> None:
    with pytest.raises(ValueError, match="'a scenario' checks CON-1, which is not among its tags"):
        scribe("CON-1", "status", True, "")
    assert ledger.empty


def test_a_scribe_tells_what_is_due(scribe: Scribe) -> None:
    assert scribe.due("ING-1", "one")
    assert not scribe.due("ING-1", "needy")
    assert not scribe.due("ING-1", "far")
    assert not scribe.due("ING-9", "kept")


def test_a_scenario_that_stops_records_why(ledger: Ledger, scribe: Scribe) -> None:
    answer = samples.answer()
    with pytest.raises(Blocked, match="no picture"):
        scribe.stop("ING-1", "one", "no picture", answer)
    assert [(each.clause, each.detail, each.seen) for each in ledger.failed] == [("one", "no picture", (answer,))]
    assert scribe.failed == ledger.failed


def test_a_scenario_cannot_stop_for_a_rule_that_it_does_not_cite(ledger: Ledger, scribe: Scribe) -> None:
    with pytest.raises(ValueError, match="not among its tags"):
        scribe.stop("CON-1", "status", "no picture")
    assert ledger.empty


def test_what_a_scenario_presumes_is_recorded_only_where_it_does_not_hold(ledger: Ledger, scribe: Scribe) -> None:
    answer = samples.answer(500)
    scribe.presume("CON-1", "status", True, "fine", answer)
    assert ledger.empty
    with pytest.raises(Blocked, match="no artist"):
        scribe.presume("CON-1", "status", False, "no artist", answer)
    assert [(each.rule, each.clause, each.seen) for each in ledger.failed] == [("CON-1", "status", (answer,))]


def test_an_answer_in_order_holds_every_clause_of_the_contract_rule(ledger: Ledger, scribe: Scribe) -> None:
    scribe.violations(samples.answer())
    assert [ledger.held("CON-1", each.name) for each in CON_1.clauses] == [1, 1, 1, 1]
    assert scribe.failed == []


def test_a_violation_blames_its_clause_and_holds_no_other(ledger: Ledger, scribe: Scribe) -> None:
    # What comes after the first violation may not have been looked at.
    found = (
        Violation("headers", "ETag is missing"),
        Violation("headers", "Allow is missing"),
        Violation("body", "is not JSON"),
    )
    answer = samples.answer(violations=found)
    scribe.violations(answer)
    assert [(each.clause, each.detail) for each in ledger.failed] == [
        ("headers", "GET /artists answered 200: ETag is missing; Allow is missing"),
        ("body", "GET /artists answered 200: is not JSON"),
    ]
    assert all(each.seen == (answer,) for each in ledger.failed)
    assert [ledger.held("CON-1", each.name) for each in CON_1.clauses] == [0, 0, 0, 0]


def test_what_a_scenario_found_can_be_taken_back_and_nothing_else(ledger: Ledger, scribe: Scribe) -> None:
    ledger.record(check("ING-1", "one", held=False))
    scribe("ING-1", "other", False, "ours after all")
    scribe("ING-2", "kept", True, "")
    scribe.withdraw()
    assert [each.clause for each in ledger.failed] == ["one"]
    assert not scribe.failed
    assert ledger.held("ING-2", "kept") == 1


def test_what_cannot_be_verified_is_no_check_and_is_told_once(ledger: Ledger, scribe: Scribe) -> None:
    scribe.cannot("ING-1", "one", "the store does not tell")
    scribe.cannot("ING-1", "one", "nor does anybody else")
    assert ledger.unverified == {("ING-1", "one"): "the store does not tell"}
    assert ledger.empty
    assert scribe.failed == []


def test_only_what_is_cited_and_due_can_turn_out_unverifiable(ledger: Ledger, scribe: Scribe) -> None:
    with pytest.raises(ValueError, match="not among its tags"):
        scribe.cannot("CON-1", "status", "no")
    with pytest.raises(ValueError, match="ING-1 needy was checked, but needs records"):
        scribe.cannot("ING-1", "needy", "no")
    with pytest.raises(ValueError, match="no such clause: ING-1 two"):
        scribe.cannot("ING-1", "two", "no")
    Scribe(ledger, "a scenario", ["REC-1"]).cannot("REC-1", "kept", "unclaimed anyway")
    assert ledger.unverified == {}


def test_a_ledger_takes_what_another_one_could_not_verify(ledger: Ledger) -> None:
    ledger.cannot("ING-1", "one", "the first to say so")
    ledger.add([], {}, {("ING-1", "one"): "another", ("ING-2", "kept"): "of another worker"})
    assert ledger.unverified == {("ING-1", "one"): "the first to say so", ("ING-2", "kept"): "of another worker"}
    ledger.add([], {})
    assert len(ledger.unverified) == 2


def test_a_scenario_that_stands_on_what_is_no_affair_of_this_lane_is_stopped_and_nothing_is_recorded(
    ledger: Ledger, scribe: Scribe
) -> None:
    for rule_id, name in (("ING-1", "far"), ("ING-1", "needy"), ("REC-2", "kept"), ("REC-1", "kept")):
        with pytest.raises(Blocked, match="no artist"):
            scribe.block(rule_id, name, "no artist", samples.answer(500))
        with pytest.raises(Blocked, match="no artist"):
            scribe.presume(rule_id, name, False, "no artist")
        scribe.presume(rule_id, name, True, "")
    assert ledger.empty
    assert scribe.failed == []


def test_a_scenario_that_stands_on_what_is_due_records_it_when_it_is_stopped(ledger: Ledger, scribe: Scribe) -> None:
    answer = samples.answer(500)
    with pytest.raises(Blocked, match="no artist"):
        scribe.block("CON-1", "status", "no artist", answer)
    assert [(each.rule, each.clause, each.detail, each.seen) for each in ledger.failed] == [
        ("CON-1", "status", "no artist", (answer,))
    ]
    assert scribe.failed == ledger.failed


def test_to_stand_on_a_clause_that_there_is_not_is_a_mistake_of_ours(ledger: Ledger, scribe: Scribe) -> None:
    with pytest.raises(ValueError, match="no such clause: ING-1 two"):
        scribe.block("ING-1", "two", "no artist")
    assert ledger.empty


def test_where_the_contract_rule_is_another_lanes_affair_an_answer_is_not_held_against_it() -> None:
    elsewhere = rule("CON-1", *(clause(each.name, "S") for each in CON_1.clauses), area="contract")
    ledger = Ledger(samples.plan(rule("ING-1"), elsewhere))
    scribe = Scribe(ledger, "a scenario", ["ING-1"])
    scribe.violations(samples.answer(violations=(Violation("body", "is not JSON"),)))
    scribe.violations(samples.answer())
    assert ledger.empty
    assert scribe.failed == []
