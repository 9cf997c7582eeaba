from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from lanes.baseline import Baseline, KnownFailure
from lanes.checks import Check, Ledger
from lanes.files import validator
from lanes.plan import Plan
from lanes.report.document import document
from lanes.report.terminal import summary_line
from lanes.rules import Rule
from lanes.verdict import Reached, Verdict, judge
from tests.harness import samples
from tests.harness.samples import clause, rule

RAN = Reached(cited=True, selected=True, ended=True)
EXPIRES = datetime.date(2027, 1, 31)
OTHER = rule("ING-9", clause("kept"))


def judged(
    plan: Plan,
    *checks: tuple[str, str, bool],
    reached: Mapping[str, Reached] | None = None,
    errors: tuple[str, ...] = (),
    known: tuple[str, ...] = (),
    unverified: tuple[str, ...] = (),
) -> Verdict:
    """The verdict of these checks: rule, clause, held. Every rule was reached, unless `reached` says otherwise of it."""
    ledger = Ledger(plan)
    for rule_id, name, held in checks:
        ledger.record(Check(rule_id, name, held, "was 1, should be 2", "a scenario"))
    for name in unverified:
        ledger.cannot("ING-1", name, "the store does not tell")
    entries = [KnownFailure("ING-1", name, f"{name} is being mended", EXPIRES) for name in known]
    return judge(plan, ledger, dict.fromkeys(plan.rules, RAN) | dict(reached or {}), errors, Baseline(tuple(entries)))


@dataclass(frozen=True)
class Case:
    """One rule, ING-1, what became of it, and the outcome and word that follow. ING-9 beside it always passes."""

    name: str
    outcome: str
    word: str
    rule: Rule = field(default_factory=lambda: rule("ING-1", clause("one"), clause("other")))
    checks: tuple[tuple[str, bool], ...] = (("one", True), ("other", True))
    reached: Reached = RAN
    reason: str | None = None
    known: tuple[str, ...] = ()  # clauses that the baseline names
    unverified: tuple[str, ...] = ()  # clauses that turned out to be unverifiable


CASES = [
    Case("every clause held", "passed", "conformant"),
    Case("every clause held often", "passed", "conformant", checks=(("one", True), ("one", True), ("other", True))),
    Case(
        "a clause that is due elsewhere is not missed",
        "passed",
        "conformant",
        rule("ING-1", clause("one"), clause("far", "S")),
        (("one", True),),
    ),
    Case(
        "a clause that needs what the target lacks is told",
        "passed",
        "conformant",
        rule("ING-1", clause("one"), clause("needy", "M", "records")),
        (("one", True),),
        reason="not every clause: needs records",
    ),
    Case(
        "a check did not hold",
        "failed",
        "nonconformant",
        checks=(("one", True), ("other", False)),
        reason="other: was 1, should be 2",
    ),
    Case(
        "one check of many did not hold",
        "failed",
        "nonconformant",
        checks=(("one", True), ("other", True), ("one", False), ("one", True), ("other", False)),
        reason="one: was 1, should be 2 (and 1 more)",
    ),
    Case(
        "a failure is a failure in a scenario that broke",
        "failed",
        "nonconformant",
        checks=(("one", False),),
        reached=Reached(True, True, errors=("KeyError",), stopped=("it stopped",)),
    ),
    Case(
        "a failure is a failure of a rule that no scenario cites",
        "failed",
        "nonconformant",
        checks=(("one", False),),
        reached=Reached(),
    ),
    Case(
        "the only failure is a known one",
        "known_failure",
        "partial",
        checks=(("one", True), ("other", False)),
        known=("other",),
        reason="other is being mended (until 2027-01-31): other: was 1, should be 2",
    ),
    Case(
        "a failure is not known, and is told rather than one that is",
        "failed",
        "nonconformant",
        checks=(("other", False), ("one", False)),
        known=("other",),
        reason="one: was 1, should be 2",
    ),
    Case(
        "all failures are known ones",
        "known_failure",
        "partial",
        checks=(("one", False), ("other", False)),
        known=("one", "other"),
    ),
    Case(
        "one failure besides a known one is a failure",
        "failed",
        "nonconformant",
        checks=(("one", False), ("other", False)),
        known=("other",),
    ),
    Case(
        "a known failure that holds hides nothing and has to go",
        "passed",
        "inconclusive",
        known=("other",),
    ),
    Case(
        "a known failure that was not reached in a scenario cut short is nothing to tell of",
        "not_run",
        "partial",
        checks=(("one", True),),
        reached=Reached(True, True),
        known=("other",),
        reason="never reached: other",
    ),
    Case(
        "a known failure that no scenario comes to hides nothing and has to go",
        "not_run",
        "inconclusive",
        checks=(("one", True),),
        known=("other",),
        reason="never reached: other",
    ),
    Case(
        "what should hold and did not is a warning",
        "warned",
        "conformant",
        rule("ING-1", clause("one"), level="SHOULD"),
        (("one", False),),
        reason="one: was 1, should be 2",
    ),
    Case("what should hold and did", "passed", "conformant", rule("ING-1", clause("one"), level="SHOULD"), (("one", True),)),
    Case(
        "something broke on our side",
        "error",
        "inconclusive",
        reached=Reached(True, True, ended=True, errors=("KeyError: 'x'", "OSError")),
        reason="KeyError: 'x'; OSError",
    ),
    Case(
        "something broke on our side in a rule that only should hold",
        "error",
        "inconclusive",
        rule("ING-1", clause("one"), level="SHOULD"),
        (("one", True),),
        Reached(True, True, ended=True, errors=("KeyError",)),
    ),
    Case(
        "no scenario judges it",
        "not_run",
        "partial",
        checks=(),
        reached=Reached(),
        reason="no scenario of this version judges it yet",
    ),
    Case("it was deselected", "not_run", "partial", checks=(), reached=Reached(cited=True), reason="it was deselected"),
    Case("a clause was never reached", "not_run", "partial", checks=(("one", True),), reason="never reached: other"),
    Case(
        "a clause was never reached because the scenario stopped",
        "not_run",
        "partial",
        checks=(("one", True),),
        reached=Reached(True, True, ended=True, stopped=("it could not go on",)),
        reason="never reached: other; it could not go on",
    ),
    Case(
        "another scenario of it stopped",
        "not_run",
        "partial",
        reached=Reached(True, True, ended=True, stopped=("it could not go on",)),
        reason="a scenario of it stopped; it could not go on",
    ),
    Case(
        "a scenario of it was cut short after every clause had held",
        "not_run",
        "partial",
        reached=Reached(True, True, over="the deadline of 5 s has passed"),
        reason="a scenario of it did not go on to its end; the deadline of 5 s has passed",
    ),
    Case(
        "something broke on our side besides a known failure",
        "error",
        "inconclusive",
        checks=(("one", True), ("other", False)),
        reached=Reached(True, True, errors=("KeyError",)),
        known=("other",),
        reason="KeyError",
    ),
    Case(
        "something broke on our side besides a warning",
        "error",
        "inconclusive",
        rule("ING-1", clause("one"), clause("other"), level="SHOULD"),
        (("one", False),),
        Reached(True, True, errors=("KeyError",)),
        reason="KeyError",
    ),
    Case(
        "a clause was never reached besides a known failure",
        "known_failure",
        "partial",
        checks=(("other", False),),
        known=("other",),
        reason="other is being mended (until 2027-01-31): other: was 1, should be 2; never reached: one",
    ),
    Case(
        "a clause was never reached besides a warning",
        "warned",
        "conformant",
        rule("ING-1", clause("one"), clause("other"), level="SHOULD"),
        (("one", False),),
        reason="one: was 1, should be 2; never reached: other",
    ),
    Case(
        "what should hold was not run",
        "not_run",
        "conformant",
        rule("ING-1", clause("one"), level="SHOULD"),
        (),
        Reached(),
    ),
    Case(
        "the target lacks what it needs",
        "not_verified",
        "partial",
        rule("ING-1", clause("one", "M", "records")),
        (),
        reason="needs records",
    ),
    Case(
        "a clause turned out to be unverifiable",
        "not_verified",
        "partial",
        checks=(("one", True),),
        reason="other: the store does not tell",
        unverified=("other",),
    ),
    Case(
        "a clause turned out to be unverifiable after it had held",
        "not_verified",
        "partial",
        reason="other: the store does not tell",
        unverified=("other",),
    ),
    Case(
        "a clause turned out to be unverifiable and another was never reached",
        "not_verified",
        "partial",
        checks=(),
        reason="other: the store does not tell; never reached: one",
        unverified=("other",),
    ),
    Case(
        "a clause that cannot be verified hides no failure of another",
        "failed",
        "nonconformant",
        checks=(("one", False),),
        reason="one: was 1, should be 2",
        unverified=("other",),
    ),
    Case(
        "a clause that cannot be verified hides no failure of its own",
        "failed",
        "nonconformant",
        checks=(("one", True), ("other", False)),
        reason="other: was 1, should be 2",
        unverified=("other",),
    ),
    Case(
        "a clause that cannot be verified hides no error",
        "error",
        "inconclusive",
        checks=(("one", True),),
        reached=Reached(True, True, errors=("KeyError",)),
        reason="KeyError",
        unverified=("other",),
    ),
    Case(
        "a clause that cannot be verified beside a known failure",
        "known_failure",
        "partial",
        checks=(("one", False),),
        known=("one",),
        unverified=("other",),
    ),
    Case(
        "what should hold cannot be verified",
        "not_verified",
        "conformant",
        rule("ING-1", clause("one"), level="SHOULD"),
        (),
        unverified=("one",),
    ),
    Case(
        "another lane can establish it",
        "elsewhere",
        "conformant",
        rule("ING-1", clause("one", "SD")),
        (),
        reason="lanes that can: s3-emulator, deployed-dev",
    ),
    Case(
        "the target does not claim it",
        "unclaimed",
        "conformant",
        rule("ING-1", clause("one"), profile="records"),
        (),
        Reached(True, True, ended=True, errors=("KeyError",)),
        reason="the target does not claim the profile records",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_the_outcome_of_a_rule_and_the_word_that_follows(case: Case) -> None:
    plan = samples.plan(case.rule, OTHER)
    checks = [("ING-1", name, held) for name, held in case.checks]
    found = (*checks, ("ING-9", "kept", True))
    verdict = judged(plan, *found, reached={"ING-1": case.reached}, known=case.known, unverified=case.unverified)
    assert (verdict.outcomes["ING-1"].word, verdict.word) == (case.outcome, case.word)
    assert verdict.outcomes["ING-9"].word == "passed"
    if case.reason is not None or case.outcome == "passed":
        assert verdict.outcomes["ING-1"].reason == case.reason


@pytest.mark.parametrize("missed", ["one", "other", "third"])
def test_a_clause_that_is_due_and_was_never_reached_never_passes(missed: str) -> None:
    names = ("one", "other", "third")
    plan = samples.plan(rule("ING-1", *(clause(name) for name in names)), OTHER)
    checks = [("ING-9", "kept", True), *(("ING-1", name, True) for name in names if name != missed)]
    verdict = judged(plan, *checks)
    assert (verdict.outcomes["ING-1"].word, verdict.word) == ("not_run", "partial")
    assert missed in str(verdict.outcomes["ING-1"].reason)
    assert judged(plan, *checks, ("ING-1", missed, True)).word == "conformant"


def test_the_clauses_of_an_outcome_count_and_say_why_not() -> None:
    plan = samples.plan(rule("ING-1", clause("one"), clause("needy", "M", "records"), clause("far", "S")))
    verdict = judged(plan, ("ING-1", "one", True), ("ING-1", "one", True), ("ING-1", "one", False))
    assert dict(verdict.outcomes["ING-1"].clauses) == {
        "one": {"due": True, "held": 2, "failed": 1},
        "needy": {"due": False, "held": 0, "failed": 0, "why": "needs records"},
        "far": {"due": False, "held": 0, "failed": 0, "why": "this lane cannot establish it; these can: s3-emulator"},
    }


def test_a_clause_that_could_not_be_verified_says_why_unless_it_failed() -> None:
    plan = samples.plan(rule("ING-1", clause("one"), clause("other")))
    verdict = judged(plan, ("ING-1", "one", False), unverified=("one", "other"))
    assert dict(verdict.outcomes["ING-1"].clauses) == {
        "one": {"due": True, "held": 0, "failed": 1},
        "other": {"due": True, "held": 0, "failed": 0, "why": "the store does not tell"},
    }


def test_nothing_but_what_cannot_be_verified_is_inconclusive() -> None:
    verdict = judged(samples.plan(rule("ING-1", clause("one"))), unverified=("one",))
    assert (verdict.outcomes["ING-1"].word, verdict.word) == ("not_verified", "inconclusive")


@pytest.mark.parametrize(
    "reached", [Reached(), Reached(cited=True), RAN, Reached(True, True, ended=True, stopped=("it stopped",))], ids=str
)
def test_nothing_checked_is_inconclusive(reached: Reached) -> None:
    plan = samples.plan(rule("ING-1"), rule("ING-2"))
    verdict = judged(plan, reached={"ING-1": reached, "ING-2": reached})
    assert verdict.word == "inconclusive"
    assert verdict.exit_code(accept_partial=True) == 3


def test_nothing_due_is_inconclusive() -> None:
    assert judged(samples.plan(rule("ING-1", clause("far", "S")))).word == "inconclusive"
    assert judged(samples.plan()).word == "inconclusive"


def test_an_error_of_the_run_is_inconclusive_for_every_profile() -> None:
    plan = samples.plan(rule("ING-1"), rule("REC-1", profile="records"), judged=samples.target(claims=("core", "records")))
    verdict = judged(plan, ("ING-1", "kept", True), ("REC-1", "kept", True), errors=("the emulator died",))
    assert verdict.word == "inconclusive"
    assert dict(verdict.profiles) == {"core": "inconclusive", "records": "inconclusive"}
    assert verdict.errors == ("the emulator died",)
    assert verdict.outcomes["ING-1"].word == "passed"


@pytest.mark.parametrize("where", ["the run", "its own scenario", "another scenario"])
def test_a_failure_stays_nonconformant_beside_an_error(where: str) -> None:
    broken = Reached(True, True, ended=True, errors=("KeyError",))
    reached = {"its own scenario": {"ING-1": broken}, "another scenario": {"ING-2": broken}}.get(where)
    errors = ("the emulator died",) if where == "the run" else ()
    plan = samples.plan(rule("ING-1"), rule("ING-2"))
    verdict = judged(plan, ("ING-1", "kept", False), ("ING-2", "kept", True), reached=reached, errors=errors)
    assert verdict.word == "nonconformant"
    assert verdict.profiles["core"] == "nonconformant"
    assert verdict.exit_code() == 1


def test_a_warning_beside_an_error_is_inconclusive() -> None:
    plan = samples.plan(rule("ING-1", level="SHOULD"), rule("ING-2"))
    verdict = judged(plan, ("ING-1", "kept", False), ("ING-2", "kept", True), errors=("the emulator died",))
    assert verdict.word == "inconclusive"


def test_each_claimed_profile_has_a_word_of_its_own() -> None:
    rules = [
        rule("ING-1"),
        rule("REC-1", profile="records"),
        rule("UPL-1", clause("kept", "M", "states"), profile="resilience"),
        rule("DEP-1", clause("kept", "D"), profile="deployed"),
        rule("SUR-1", profile="browser"),
    ]
    plan = samples.plan(*rules, judged=samples.target(claims=("core", "records", "resilience", "deployed")))
    verdict = judged(plan, ("ING-1", "kept", True), ("REC-1", "kept", False))
    assert dict(verdict.profiles) == {
        "core": "conformant",
        "records": "nonconformant",
        "resilience": "inconclusive",  # nor of it
        "deployed": "elsewhere",  # nothing of it can be checked here
    }
    assert verdict.word == "nonconformant"
    assert verdict.counts == {"passed": 1, "failed": 1, "not_verified": 1, "elsewhere": 1, "unclaimed": 1}


@pytest.mark.parametrize(
    ("word", "options", "code"),
    [
        ("conformant", {}, 0),
        ("conformant", {"accept_partial": True}, 0),
        ("conformant", {"interrupted": True}, 130),
        ("nonconformant", {}, 1),
        ("nonconformant", {"accept_partial": True}, 1),
        ("nonconformant", {"interrupted": True}, 130),
        ("refused", {}, 2),
        ("inconclusive", {}, 3),
        ("inconclusive", {"accept_partial": True}, 3),
        ("partial", {}, 10),
        ("partial", {"accept_partial": True}, 0),
        ("partial", {"accept_partial": True, "interrupted": True}, 130),
    ],
)
def test_each_word_has_its_exit_code(word: str, options: dict[str, Any], code: int) -> None:
    assert Verdict({}, {}, word, ()).exit_code(**options) == code


@pytest.mark.parametrize(
    ("profiles", "require", "code"),
    [
        ({"core": "conformant", "records": "partial"}, (), 0),
        ({"core": "conformant", "records": "partial"}, ("core",), 0),
        ({"core": "conformant", "records": "partial"}, ("records",), 10),
        ({"core": "conformant", "records": "partial"}, ("core", "records"), 10),
        ({"core": "inconclusive", "records": "partial"}, ("core",), 10),
    ],
)
def test_a_required_profile_is_accepted_only_as_conformant(
    profiles: dict[str, str], require: tuple[str, ...], code: int
) -> None:
    assert Verdict({}, profiles, "partial", ()).exit_code(accept_partial=True, require=require) == code


@pytest.mark.parametrize(
    ("profiles", "code"),
    [
        ({"core": "conformant", "records": "partial"}, 10),
        ({"core": "conformant", "records": "inconclusive"}, 3),
        ({"core": "partial", "records": "inconclusive"}, 3),
        ({"core": "conformant", "records": "conformant"}, 0),
    ],
)
def test_a_required_profile_counts_beside_a_conformant_whole(profiles: dict[str, str], code: int) -> None:
    assert Verdict({}, profiles, "conformant", ()).exit_code(require=("core", "records")) == code


def test_what_an_unclaimed_rule_saw_hold_is_nothing_checked() -> None:
    plan = samples.plan(rule("ING-1"), rule("REC-1", profile="records"))
    assert judged(plan, ("REC-1", "kept", True)).word == "inconclusive"


def test_a_warning_alone_is_nothing_to_go_by() -> None:
    plan = samples.plan(rule("ING-1", level="SHOULD"), rule("ING-2"))
    assert judged(plan, ("ING-1", "kept", False), reached={"ING-2": Reached()}).word == "inconclusive"


def test_why_a_rule_was_not_selected_is_told() -> None:
    plan = samples.plan(rule("ING-1"), OTHER)
    cut = Reached(cited=True, unselected="the deadline of 5 s has passed")
    verdict = judged(plan, ("ING-9", "kept", True), reached={"ING-1": cut})
    assert verdict.outcomes["ING-1"].reason == "the deadline of 5 s has passed"


def test_every_outcome_and_word_of_these_cases_is_one_that_a_verdict_document_may_have() -> None:
    schema: Any = validator("verdict").schema
    outcomes = set(schema["properties"]["rules"]["additionalProperties"]["properties"]["outcome"]["enum"])
    assert {case.outcome for case in CASES} == outcomes
    assert {case.word for case in CASES} <= set(schema["$defs"]["word"]["enum"])


def test_a_profile_that_is_no_affair_of_the_lane_is_elsewhere_and_changes_no_word() -> None:
    rules = [rule("ING-1"), rule("SUR-1", clause("kept", "B"), profile="browser")]
    plan = samples.plan(*rules, judged=samples.target(claims=("core", "browser")))
    for held, word in ((True, "conformant"), (False, "nonconformant")):
        verdict = judged(plan, ("ING-1", "kept", held))
        assert dict(verdict.profiles) == {"core": word, "browser": "elsewhere"}
        assert verdict.word == word
    assert judged(plan, errors=("it broke",)).profiles["browser"] == "elsewhere"


@pytest.mark.parametrize(
    ("more", "word"),
    [
        (rule("SUR-2", clause("kept", "B", "pages"), profile="browser"), "elsewhere"),
        (rule("SUR-2", clause("kept", "MB", "pages"), profile="browser"), "inconclusive"),  # the lane could
        (rule("SUR-2", clause("kept", "MB"), profile="browser"), "inconclusive"),
    ],
)
def test_a_profile_of_which_the_lane_could_establish_anything_is_not_elsewhere(more: Rule, word: str) -> None:
    rules = [OTHER, rule("SUR-1", clause("kept", "B"), profile="browser"), more]
    plan = samples.plan(*rules, judged=samples.target(claims=("core", "browser")))
    verdict = judged(plan, ("ING-9", "kept", True), reached={"SUR-2": Reached()})
    assert verdict.profiles["browser"] == word


def test_the_summary_speaks_of_what_the_lane_is_for(tmp_path: Path) -> None:
    rules = [rule("ING-1"), rule("SUR-1", clause("kept", "B"), profile="browser")]
    run = samples.run(tmp_path, samples.plan(*rules, judged=samples.target(claims=("core", "browser"))))
    run.ledger.record(Check("ING-1", "kept", True, "", "a scenario"))
    samples.cite(run, run.plan.rules)
    samples.choose(run, run.plan.rules)
    line = summary_line(run, run.verdict())
    assert line.startswith("conformant (core: conformant) acme on mocked: ")
    told = document(run, run.verdict(), 0)
    assert told["profiles"] == {"core": "conformant", "browser": "elsewhere"}
    validator("verdict").validate(told)
