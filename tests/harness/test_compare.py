from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lanes.checks import Check
from lanes.compare import Change, Comparison, compare, read_verdict
from lanes.errors import Refused
from lanes.report.comparisons import markdown, print_comparison
from lanes.report.document import document
from tests.harness import samples
from tests.harness.samples import clause, rule


def verdict(*checks: tuple[str, str, bool], claims: tuple[str, ...] = ("core",), target: str = "acme") -> dict[str, Any]:
    """The document of a run with these checks: rule, clause, held."""
    rules = [rule("ING-1", clause("one"), clause("other")), rule("ING-2", level="SHOULD"), rule("REC-1", profile="records")]
    run = samples.run(Path("out"), samples.plan(*rules, judged=samples.target(name=target, claims=claims)))
    for rule_id, name, held in checks:
        run.ledger.record(Check(rule_id, name, held, "was 1 | should be 2", "A scenario"))
    samples.cite(run, run.plan.rules)
    samples.choose(run, run.plan.rules)
    return document(run, run.verdict(), 0)


GOOD = (("ING-1", "one", True), ("ING-1", "other", True), ("ING-2", "kept", True))
REASON = "other: was 1 | should be 2"


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str | None, str, str, bool]]:
    found = compare(before, after).changes
    return [(each.subject, each.clause, each.before, each.after, each.regressed) for each in found]


def test_two_verdicts_that_say_the_same_differ_in_nothing() -> None:
    comparison = compare(verdict(*GOOD), verdict(*GOOD, *GOOD))
    assert (comparison.changes, comparison.regressions, comparison.notes, comparison.unchanged) == ((), (), (), 3)


def test_what_failed_is_a_regression_and_what_was_mended_is_none() -> None:
    bad = verdict(*GOOD, ("ING-1", "other", False))
    assert changes(verdict(*GOOD), bad) == [
        ("ING-1", None, "passed", "failed", True),
        ("ING-1", "other", "held", "failed", True),
    ]
    assert compare(verdict(*GOOD), bad).changes[0].reason == REASON
    assert changes(bad, verdict(*GOOD)) == [
        ("ING-1", None, "failed", "passed", False),
        ("ING-1", "other", "failed", "held", False),
    ]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (GOOD, GOOD[:2], [("ING-2", None, "passed", "not_run", True), ("ING-2", "kept", "held", "not reached", True)]),
        (GOOD[:2], GOOD, [("ING-2", None, "not_run", "passed", False), ("ING-2", "kept", "not reached", "held", False)]),
        (
            GOOD,
            (*GOOD, ("ING-2", "kept", False)),
            [("ING-2", None, "passed", "warned", True), ("ING-2", "kept", "held", "failed", True)],
        ),
        # Another clause of a rule that failed before is a regression of its own.
        (
            (("ING-1", "one", False), *GOOD[1:]),
            (("ING-1", "one", False), ("ING-1", "other", False), GOOD[2]),
            [("ING-1", "other", "held", "failed", True)],
        ),
    ],
)
def test_less_that_is_known_to_hold_is_a_regression(before: Any, after: Any, expected: Any) -> None:
    assert changes(verdict(*before), verdict(*after)) == expected


def words(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str, str, str]]:
    return [(each.subject, each.before, each.after, each.kind) for each in compare(before, after).words]


def worded(overall: str, **profiles: str) -> dict[str, Any]:
    return verdict(*GOOD) | {"verdict": overall, "profiles": profiles}


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [
        ("conformant", "partial", "regressed"),
        ("partial", "inconclusive", "regressed"),
        ("inconclusive", "nonconformant", "regressed"),
        ("partial", "conformant", "improved"),
        # The failure may only not have been looked at; where it was mended, the rule says so.
        ("nonconformant", "partial", "changed"),
        ("nonconformant", "inconclusive", "changed"),
    ],
)
def test_the_words_for_the_run_and_its_profiles_are_compared(was: str, now: str, kind: str) -> None:
    before, after = worded(was, core="partial", records=was), worded(now, core="partial", records=now)
    assert words(before, after) == [("verdict", was, now, kind), ("records", was, now, kind)]
    assert bool(compare(before, after).regressions) is (kind == "regressed")


def test_words_of_other_lanes_are_noted() -> None:
    comparison = compare(worded("conformant", core="conformant"), worded("partial", core="partial") | {"lane": "s3-emulator"})
    assert comparison.words == comparison.regressions == ()
    assert comparison.notes[1:] == (
        "the verdict was conformant and is partial",
        "the profile core was conformant and is partial",
    )


def test_a_new_error_is_noted_and_an_old_one_is_not() -> None:
    before, after = verdict(*GOOD) | {"errors": ["the disk is full"]}, verdict(*GOOD)
    assert compare(before, after | {"errors": ["the disk is full", "it broke"]}).notes == (
        "an error in the second alone: it broke",
    )
    assert compare(before, after).notes == ()


def test_an_error_is_told_in_one_line_and_is_the_same_whatever_log_follows_it() -> None:
    before, after = ({"errors": [f"it ended; its last lines:\nserving on {port}"]} for port in (8000, 8001))
    assert compare(verdict(*GOOD) | before, verdict(*GOOD) | after).notes == ()
    assert compare(verdict(*GOOD), verdict(*GOOD) | after).notes == ("an error in the second alone: it ended; its last lines:",)


def test_what_holds_on_less_evidence_is_noted() -> None:
    comparison = compare(verdict(*GOOD, *GOOD[:1] * 39), verdict(*GOOD, *GOOD[:1] * 2))
    assert comparison.notes == ("ING-1 one held 40 times, now 3",)
    assert comparison.changes == ()
    assert compare(verdict(*GOOD), verdict(*GOOD, *GOOD)).notes == ()


def test_a_clause_that_fails_more_often_is_a_regression_on_the_same_lane() -> None:
    failing = ("ING-1", "other", False)
    once, often = verdict(*GOOD, failing), verdict(*GOOD, *[failing] * 5)
    assert changes(once, often) == [("ING-1", "other", "failed once", "failed 5 times", True)]
    assert changes(often, once) == [("ING-1", "other", "failed 5 times", "failed once", False)]
    assert not compare(once, often | {"lane": "s3-emulator"}).regressions


def test_a_failure_that_nobody_looked_at_again_is_not_mended() -> None:
    comparison = compare(verdict(*GOOD, ("ING-2", "kept", False)), verdict(*GOOD[:2]))
    assert [(each.after, each.kind) for each in comparison.changes] == [
        ("not_run", "no longer judged"),
        ("not reached", "no longer judged"),
    ]
    told = "no longer judged: never reached: kept"
    assert f"| ❔ | ING-2 |  | warned | not_run | {told} |" in markdown(comparison).splitlines()
    (line,) = [line for line in printed(comparison) if "not_run" in line]
    assert " ".join(line.split()) == f"? ING-2 warned not_run {told}"


def test_what_was_never_judged_can_not_get_worse() -> None:
    claimed = changes(verdict(*GOOD), verdict(*GOOD, claims=("core", "records")))
    assert claimed == [
        ("REC-1", None, "unclaimed", "not_run", False),
        ("REC-1", "kept", "not due", "not reached", False),
    ]


HELD = (*GOOD, ("REC-1", "kept", True))


def test_a_claim_that_was_dropped_is_a_regression() -> None:
    before = verdict(*HELD, claims=("core", "records"))
    dropped = compare(before, verdict(*GOOD))
    assert [(each.before, each.after, each.regressed) for each in dropped.changes] == [
        ("passed", "unclaimed", True),
        ("held", "not due", True),
    ]
    assert dropped.notes == ("the second does not claim records",)
    assert compare(verdict(*GOOD), before).notes == ("the first does not claim records",)


def test_who_drops_a_claim_has_not_become_better() -> None:
    failing = (*GOOD, ("REC-1", "kept", False))
    dropped = compare(verdict(*failing, claims=("core", "records")), verdict(*GOOD))
    assert [(each.subject, each.after, each.kind) for each in dropped.words] == [
        ("verdict", "conformant", "changed"),
        ("records", "unclaimed", "regressed"),
    ]
    assert [each.kind for each in dropped.changes] == ["no longer judged"] * 2


@pytest.mark.parametrize(
    ("target", "lane", "first"),
    [
        ("other", "mocked", "different targets: acme and other"),
        ("acme", "s3-emulator", "different lanes: what the second one cannot establish is no regression"),
    ],
)
def test_what_another_target_or_lane_does_not_claim_is_not_compared_but_counted(target: str, lane: str, first: str) -> None:
    comparison = compare(verdict(*HELD, claims=("core", "records")), verdict(*GOOD, target=target) | {"lane": lane})
    assert (comparison.words, comparison.changes, comparison.unchanged) == ((), (), 2)
    assert comparison.notes == (first, "the second does not claim records: 1 rules not compared")


def test_a_rule_that_is_gone_is_a_regression_and_a_new_one_is_none() -> None:
    less = verdict(*GOOD)
    del less["rules"]["ING-1"]
    assert changes(verdict(*GOOD), less)[0] == ("ING-1", None, "passed", "absent", True)
    assert not any(regressed for *_, regressed in changes(less, verdict(*GOOD)))


def test_different_contracts_are_compared_only_on_demand() -> None:
    other = copy.deepcopy(verdict(*GOOD))
    other["contract"] = {"version": "2.0.0", "sha256": "0" * 64}
    with pytest.raises(Refused, match=r"different contracts, 1\.0\.0 .* and 2\.0\.0 .*--across-contracts"):
        compare(verdict(*GOOD), other)
    (note,) = compare(verdict(*GOOD), other, across_contracts=True).notes
    assert note.startswith("different contracts: 1.0.0 (")


def test_what_makes_two_verdicts_hard_to_compare_is_noted() -> None:
    other = verdict(*GOOD) | {"corpus": {"sha256": "0" * 64}, "interrupted": True}
    notes = compare(verdict(*GOOD), other).notes
    assert [note.partition(":")[0] for note in notes] == ["different corpora", "the second was interrupted"]
    over = verdict(*GOOD) | {"over": "the deadline of 5 s has passed"}
    assert compare(over, verdict(*GOOD)).notes == ("the first ended early: the deadline of 5 s has passed",)


def test_a_verdict_is_read_from_its_file_or_the_folder_of_its_run(tmp_path: Path) -> None:
    path = tmp_path / "verdict.json"
    path.write_text(json.dumps(verdict(*GOOD)), encoding="utf-8")
    assert (
        read_verdict(path)
        == read_verdict(tmp_path)
        == verdict(*GOOD) | {key: read_verdict(path)[key] for key in ("started", "seconds")}
    )


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{", "is not JSON"),
        ("{}", "is no verdict"),
        ("[]", "is no verdict"),
        (json.dumps(verdict(*GOOD) | {"verdict": "fine"}), "is no verdict: verdict: 'fine' is not allowed"),
        (None, "cannot be read: No such file"),
    ],
)
def test_what_is_no_verdict_is_refused(tmp_path: Path, text: str | None, told: str) -> None:
    if text is not None:
        (tmp_path / "verdict.json").write_text(text, encoding="utf-8")
    with pytest.raises(Refused, match=rf"verdict\.json: {told}"):
        read_verdict(tmp_path)


def printed(comparison: Comparison) -> list[str]:
    console = Console(file=io.StringIO(), width=200)
    print_comparison(console, comparison)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_a_comparison_is_told_as_data_on_a_terminal_and_as_markdown() -> None:
    comparison = compare(verdict(*GOOD), verdict(*GOOD, ("ING-1", "other", False)))
    assert comparison.words == (
        Change("verdict", None, "conformant", "nonconformant", "regressed"),
        Change("core", None, "conformant", "nonconformant", "regressed"),
    )
    assert comparison.changes == (
        Change("ING-1", None, "passed", "failed", "regressed", REASON),
        Change("ING-1", "other", "held", "failed", "regressed"),
    )
    data = comparison.as_json()
    assert (data["regressions"], data["unchanged"], data["changes"][0]["reason"]) == (4, 2, REASON)
    assert [(each["of"], each["after"], each["regressed"]) for each in data["words"]] == [
        ("verdict", "nonconformant", True),
        ("core", "nonconformant", True),
    ]
    assert json.loads(json.dumps(data)) == data
    total = "verdict regressed, core regressed, 1 rules regressed, 0 changed otherwise, 2 unchanged"
    rows = markdown(comparison).splitlines()
    assert [row for row in rows if row.startswith("| 🔻")] == [
        "| 🔻 | verdict |  | conformant | nonconformant |  |",
        "| 🔻 | core |  | conformant | nonconformant |  |",
        "| 🔻 | ING-1 |  | passed | failed | other: was 1 \\| should be 2 |",
        "| 🔻 | ING-1 | other | held | failed |  |",
    ]
    assert rows[-1] == total
    lines = printed(comparison)
    assert lines[-1] == total
    assert [line.split()[1:5] for line in lines if line.startswith("▼")] == [
        ["verdict", "conformant", "nonconformant"],
        ["core", "conformant", "nonconformant"],
        ["ING-1", "passed", "failed", "other:"],
        ["ING-1", "other", "held", "failed"],
    ]


@pytest.mark.parametrize(("lane", "regressed"), [("mocked", True), ("s3-emulator", False)])
def test_what_another_lane_cannot_establish_is_no_regression(lane: str, regressed: bool) -> None:
    before, after = verdict(*GOOD), verdict(*GOOD) | {"lane": lane}
    after["rules"]["ING-1"] |= {"outcome": "elsewhere", "reason": "lanes that can: mocked"}
    for clause_row in after["rules"]["ING-1"]["clauses"].values():
        clause_row |= {"due": False, "held": 0, "failed": 0}
    compared = compare(before, after)
    assert {change.after for change in compared.changes} == {"elsewhere", "not due"}
    assert bool(compared.regressions) is regressed


@pytest.mark.parametrize(
    ("was", "now"), [("elsewhere", "conformant"), ("conformant", "elsewhere"), ("elsewhere", "nonconformant")]
)
def test_the_word_of_a_profile_that_was_elsewhere_is_compared_with_none(was: str, now: str) -> None:
    before, after = (worded("conformant", core="conformant", browser=each) for each in (was, now))
    assert words(before, after) == []
    assert compare(before, after).regressions == ()
    gone = worded("conformant", core="conformant")
    assert [(each.subject, each.after) for each in compare(before, gone).words] == (
        [] if was == "elsewhere" else [("browser", "unclaimed")]
    )


def test_words_of_other_lanes_are_not_noted_where_one_of_them_is_elsewhere() -> None:
    before = worded("conformant", core="conformant", browser="elsewhere")
    after = worded("conformant", core="elsewhere", browser="partial") | {"lane": "browser"}
    assert compare(before, after).notes == ("different lanes: what the second one cannot establish is no regression",)
