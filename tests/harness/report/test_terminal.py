from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lanes.checks import Check
from lanes.collection import scenarios_under
from lanes.places import FEATURES
from lanes.preparing import prepare
from lanes.report.catalogue import print_lanes, print_rule
from lanes.report.plans import print_plan
from lanes.report.terminal import print_verdict, summary, summary_line
from lanes.rules import catalogue
from lanes.run import Run
from lanes.wish import Wish
from tests.harness import samples
from tests.harness.samples import clause, rule


def made(output: Path, **claimed: Any) -> Run:
    """A run of rules of several outcomes in two areas."""
    rules = [
        rule("ING-1"),
        rule("ING-2", clause("one"), clause("other")),
        rule("ING-3", level="SHOULD"),
        rule("UPL-1", clause("kept", "M", "records"), area="upload"),
        rule("UPL-2", area="upload"),
        rule("UPL-3", area="upload"),
    ]
    run = samples.run(output, samples.plan(*rules, judged=samples.target(**claimed)))
    samples.cite(run, [each.id for each in rules])
    samples.choose(run, [each.id for each in rules])
    run.ledger.record(Check("ING-1", "kept", True, "", "A scenario"))
    run.ledger.record(Check("ING-2", "one", False, "was [1], should be [2]", "A scenario"))
    run.ledger.record(Check("ING-3", "kept", False, "was slow", "A scenario"))
    return run


def printed(run: Run, width: int = 160) -> list[str]:
    console = Console(file=io.StringIO(), width=width)
    print_verdict(console, run, run.verdict())
    return output(console)


def output(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines()]


def test_the_verdict_is_told_in_one_line_with_its_profiles_counts_and_place(tmp_path: Path) -> None:
    run = made(tmp_path, claims=("core", "records"))
    line = summary_line(run, run.verdict())
    assert line.startswith("nonconformant (core: nonconformant, records: inconclusive) acme on mocked: ")
    assert ": 1 passed, 1 failed, 1 warned, 1 not_verified, 2 not_run; " in line
    assert line.endswith(f" s; {tmp_path}/verdict.json")
    assert len(line.splitlines()) == 1


def test_a_place_in_the_folder_of_the_run_is_told_from_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    run = made(tmp_path / "out")
    assert summary_line(run, run.verdict()).endswith("; out/verdict.json")


def test_a_run_that_checked_nothing_has_no_rules_to_tell(tmp_path: Path) -> None:
    run = samples.run(tmp_path, samples.plan(rule("ING-1")))
    run.error("the emulator died")
    lines = printed(run)
    assert lines[0] == "error the emulator died"
    assert lines[1].startswith("inconclusive (core: inconclusive) acme on mocked: ")
    assert len(lines) == 2


def test_an_interrupted_run_says_so_first(tmp_path: Path) -> None:
    run = made(tmp_path)
    run.interrupted = True
    assert summary(run, run.verdict()).plain.startswith("interrupted, nonconformant (")


def test_the_rules_are_told_by_area_the_telling_ones_by_name(tmp_path: Path) -> None:
    lines = printed(made(tmp_path))
    assert lines[0].split() == ["area", "rules"]
    assert lines[1].split() == ["ingest", "passed", "ING-1", "failed", "ING-2", "warned", "ING-3"]
    assert lines[2].split() == ["upload", "not_verified", "UPL-1", "not_run", "2"]


def test_what_did_not_hold_is_told_below_and_where_to_read_on(tmp_path: Path) -> None:
    lines = printed(made(tmp_path))
    assert "failed ING-2 one: was [1], should be [2]" in lines
    assert "warned ING-3 kept: was slow" in lines
    assert f"The exchanges of failed checks, with curl lines: {tmp_path}/exchanges/" in lines
    assert lines[-1].startswith("nonconformant (")


def test_errors_of_a_rule_and_of_the_run_are_told(tmp_path: Path) -> None:
    run = made(tmp_path)
    run.scenario_error(["UPL-2"], "KeyError: 'x'")
    run.error("the emulator died")
    run.error("the emulator died")
    lines = printed(run)
    assert "error UPL-2 KeyError: 'x'" in lines
    assert lines.count("error the emulator died") == 1


def test_nothing_failed_points_to_no_exchanges(tmp_path: Path) -> None:
    run = samples.run(tmp_path, samples.plan(rule("ING-1")))
    samples.cite(run, ["ING-1"])
    samples.choose(run, ["ING-1"])
    run.ledger.record(Check("ING-1", "kept", True, "", "A scenario"))
    lines = printed(run)
    assert lines[-1].startswith("conformant (core: conformant) acme on mocked: 1 passed; ")
    assert not any("exchanges" in line for line in lines)


def test_a_long_reason_is_not_broken_and_no_secret_is_printed(tmp_path: Path) -> None:
    run = made(tmp_path)
    run.redactor.learn("wr1te-credential")
    run.ledger.record(Check("ING-1", "kept", False, "wr1te-credential " + "word " * 60, "A scenario"))
    run.error("sent wr1te-credential")
    lines = printed(run, width=80)
    assert any(line.startswith("failed ING-1 kept: [redacted] word word") and line.count("word") == 60 for line in lines)
    assert "error sent [redacted]" in lines
    assert not any("wr1te-credential" in line for line in lines)


def test_every_rule_of_the_catalogue_can_be_explained() -> None:
    console = Console(file=io.StringIO(), width=200)
    for each in catalogue():
        print_rule(console, each.id)
    text = "\n".join(output(console))
    assert "ING-8  MUST, profile core, area ingest" in text
    assert "scenarios: none in this version" in text


def test_a_rule_is_explained_with_its_clauses_needs_and_scenarios() -> None:
    console = Console(file=io.StringIO(), width=250)
    print_rule(console, "ING-3")
    lines = [" ".join(line.split()) for line in output(console)]
    stored = next(line for line in lines if line.startswith("nothing-stored"))
    assert stored.startswith("nothing-stored mocked, s3-emulator, azure-emulator objects (")
    assert "states in M" in stored
    assert stored.endswith("After the refusal the store holds no object more.")
    assert "ingest/refusals.feature: A file that is not what it is declared as is refused" in lines


def test_a_rule_of_the_suite_is_explained_without_lanes() -> None:
    console = Console(file=io.StringIO(), width=200)
    print_rule(console, "DIS-1")
    assert any("the suite's own tests" in line for line in output(console))


def test_lanes_are_listed_with_the_clauses_that_each_can_establish() -> None:
    console = Console(file=io.StringIO(), width=200)
    print_lanes(console)
    lines = output(console)
    mocked = sum("M" in each.lanes for each_rule in catalogue() for each in each_rule.clauses)
    assert next(line.split()[:2] for line in lines if line.startswith("mocked")) == ["mocked", str(mocked)]
    assert [line.split()[0] for line in lines[1:]] == list(catalogue().lane_names.values())
    assert "in a real browser" in next(line for line in lines if line.startswith("browser"))


def test_a_plan_says_what_would_be_done_where_and_what_is_due(tmp_path: Path) -> None:
    console = Console(file=io.StringIO(), width=300)
    print_plan(console, prepare(Wish("mocked", output=tmp_path / "out")))
    lines = output(console)
    assert lines[0] == "reference on mocked, judged by core, records, resilience, browser"
    assert lines[1].startswith("would launch: ")
    assert lines[2] == f"would write: {tmp_path}/out"
    due = next(line for line in lines if line.startswith("ING-8 ")).split()
    citing = sum("ING-8" in scenario.tags for scenario in scenarios_under(FEATURES))
    assert due == ["ING-8", str(citing), "upright", "dimensions"]
    assert any(line.startswith("DEP-1 ") and "unclaimed: " in line for line in lines)
    assert any(line.startswith("UPL-2 ") and "elsewhere: " in line for line in lines)
    assert "clauses of" in lines[-1]
    assert not (tmp_path / "out").exists()


def test_what_was_left_behind_is_told_with_the_command_that_tries_again(tmp_path: Path) -> None:
    run = made(tmp_path)
    assert not [line for line in printed(run) if "left behind" in line or "rehearsal" in line]
    run.left, run.rehearsal = ("artist a: DELETE /artists/a answered 500",), True
    lines = printed(run)
    assert "left behind artist a: DELETE /artists/a answered 500" in lines
    assert f"To try again: medialane sweep {tmp_path}" in lines
    assert "a rehearsal: made up on one machine, it proves nothing about a cloud" in lines


def test_what_could_not_be_verified_is_told_where_nobody_could_foresee_it(tmp_path: Path) -> None:
    run = made(tmp_path, claims=("core", "records"))
    run.ledger.unverified["ING-1", "kept"] = "the store does not tell"
    lines = printed(run)
    assert "not_verified ING-1 kept: the store does not tell" in lines
    assert not [line for line in lines if line.startswith("not_verified UPL-1")]  # the plan has said so
