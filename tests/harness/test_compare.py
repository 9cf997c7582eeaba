from __future__ import annotations

import copy
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lanes.checks import Check
from lanes.compare import Change, compare, read_verdict
from lanes.errors import Refused
from lanes.report.comparisons import markdown, print_comparison
from lanes.report.document import document
from tests.harness import samples
from tests.harness.samples import clause, rule


def verdict(*checks: tuple[str, str, bool], claims: tuple[str, ...] = ("core",)) -> dict[str, Any]:
    """The document of a run with these checks: rule, clause, held."""
    rules = [rule("ING-1", clause("one"), clause("other")), rule("ING-2", level="SHOULD"), rule("REC-1", profile="records")]
    run = samples.run(Path("out"), samples.plan(*rules, judged=samples.target(claims=claims)))
    for rule_id, name, held in checks:
        run.ledger.record(Check(rule_id, name, held, "was 1 | should be 2", "A scenario"))
    samples.cite(run, run.plan.rules)
    samples.choose(run, run.plan.rules)
    return document(run, run.verdict(), 0)


GOOD = (("ING-1", "one", True), ("ING-1", "other", True), ("ING-2", "kept", True))
REASON = "other: was 1 | should be 2"


def changes(before: dict[str, Any], after: dict[str, Any]) -> list[tuple[str, str | None, str, str, bool]]:
    found = compare(before, after).changes
    return [(each.rule, each.clause, each.before, each.after, each.regressed) for each in found]


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


def test_a_claim_that_was_dropped_is_a_regression() -> None:
    held = (*GOOD, ("REC-1", "kept", True))
    dropped = changes(verdict(*held, claims=("core", "records")), verdict(*GOOD))
    assert dropped[0] == ("REC-1", None, "passed", "unclaimed", True)


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


def test_a_comparison_is_told_as_data_on_a_terminal_and_as_markdown() -> None:
    comparison = compare(verdict(*GOOD), verdict(*GOOD, ("ING-1", "other", False)))
    assert comparison.changes == (
        Change("ING-1", None, "passed", "failed", True, REASON),
        Change("ING-1", "other", "held", "failed", True, None),
    )
    data = comparison.as_json()
    assert (data["regressions"], data["unchanged"], data["changes"][0]["reason"]) == (2, 2, REASON)
    assert json.loads(json.dumps(data)) == data
    total = "1 rules regressed, 0 changed otherwise, 2 unchanged"
    rows = markdown(comparison).splitlines()
    assert "| 🔻 | ING-1 |  | passed | failed | other: was 1 \\| should be 2 |" in rows
    assert rows[-1] == total
    console = Console(file=io.StringIO(), width=200)
    print_comparison(console, comparison)
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue().splitlines()
    assert printed[-1].strip() == total
    assert any(line.split()[:5] == ["▼", "ING-1", "passed", "failed", "other:"] for line in printed)


@pytest.mark.parametrize(("lane", "regressed"), [("mocked", True), ("s3-emulator", False)])
def test_what_another_lane_cannot_establish_is_no_regression(lane: str, regressed: bool) -> None:
    before, after = verdict(*GOOD), verdict(*GOOD) | {"lane": lane}
    after["rules"]["ING-1"] |= {"outcome": "elsewhere", "reason": "lanes that can: mocked"}
    for clause_row in after["rules"]["ING-1"]["clauses"].values():
        clause_row |= {"due": False, "held": 0, "failed": 0}
    compared = compare(before, after)
    assert {change.after for change in compared.changes} == {"elsewhere", "not due"}
    assert bool(compared.regressions) is regressed
