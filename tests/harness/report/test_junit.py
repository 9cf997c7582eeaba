from __future__ import annotations

from pathlib import Path

import pytest
from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from lanes.checks import Check
from lanes.report.junit import write_junit
from lanes.rules import Rule
from lanes.run import Run
from tests.harness import samples
from tests.harness.samples import clause, rule

RULES = {
    "passed": rule("ING-1"),
    "failed": rule("ING-2", clause("one"), clause("other")),
    "warned": rule("ING-3", level="SHOULD"),
    "not_verified": rule("UPL-1", clause("kept", "M", "records"), area="upload"),
    "not_run": rule("UPL-2", area="upload"),
    "elsewhere": rule("UPL-3", clause("kept", "S"), area="upload"),
    "unclaimed": rule("REC-1", profile="records", area="records"),
    "error": rule("REC-2", area="records"),
}


def reported(run: Run) -> dict[str, TestSuite]:
    write_junit(run, run.verdict())
    report = JUnitXml.fromfile(str(run.output / "junit.xml"))
    assert isinstance(report, JUnitXml)
    return {str(suite.name): suite for suite in report}


def cases(run: Run) -> dict[str, TestCase]:
    """The cases by the IDs of their rules."""
    return {
        str(case.name).partition(" ")[0]: case
        for suite in reported(run).values()
        for case in suite
        if isinstance(case, TestCase)
    }


def made(output: Path, *rules: Rule) -> Run:
    """A run of these rules, every one of which some scenario has reached."""
    output.mkdir(exist_ok=True)
    run = samples.run(output, samples.plan(*rules))
    samples.cite(run, [each.id for each in rules])
    samples.choose(run, [each.id for each in rules])
    return run


def check(run: Run, rule_id: str, name: str = "kept", *, held: bool = True, detail: str = "was 1, should be 2") -> None:
    run.ledger.record(Check(rule_id, name, held, detail, "A scenario"))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run with a rule of every outcome."""
    run = made(tmp_path, *RULES.values())
    check(run, "ING-1")
    check(run, "ING-2", "one", held=False)
    check(run, "ING-2", "other", held=False, detail="was 3")
    check(run, "ING-3", held=False)
    run.scenario_error(["REC-2"], "KeyError: 'x'")
    return run


def test_the_run_has_every_outcome(run: Run) -> None:
    words = {word: run.verdict().outcomes[each.id].word for word, each in RULES.items()}
    assert words == {word: word for word in RULES}


def test_every_rule_is_a_case_in_the_suite_of_its_area(run: Run) -> None:
    suites = reported(run)
    assert {name: [str(case.name) for case in suite] for name, suite in suites.items()} == {
        "ingest": [f"ING-{number} The rule ING-{number} is kept." for number in (1, 2, 3)],
        "upload": [f"UPL-{number} The rule UPL-{number} is kept." for number in (1, 2, 3)],
        "records": [f"REC-{number} The rule REC-{number} is kept." for number in (1, 2)],
    }
    assert {case.classname for case in suites["upload"]} == {"mocked.upload"}


@pytest.mark.parametrize(
    ("outcome", "kind", "message"),
    [
        ("failed", Failure, "one: was 1, should be 2 (and 1 more)"),
        ("error", Error, "KeyError: 'x'"),
        ("warned", Skipped, "warned: kept: was 1, should be 2"),
        ("not_verified", Skipped, "not_verified: needs records"),
        ("not_run", Skipped, "not_run: never reached: kept"),
        ("elsewhere", Skipped, "elsewhere: lanes that can: s3-emulator"),
        ("unclaimed", Skipped, "unclaimed: the target does not claim the profile records"),
    ],
)
def test_a_rule_that_did_not_pass_does_not_look_as_if_it_had(run: Run, outcome: str, kind: type, message: str) -> None:
    (result,) = cases(run)[RULES[outcome].id].result
    assert type(result) is kind
    assert result.message == message


def test_a_rule_that_passed_has_no_result(run: Run) -> None:
    assert cases(run)["ING-1"].result == []
    assert cases(run)["ING-1"].is_passed


def test_a_failure_tells_every_check_that_did_not_hold(run: Run) -> None:
    (failure,) = cases(run)["ING-2"].result
    assert failure.text == "one: was 1, should be 2\nother: was 3"


def test_the_numbers_are_those_of_the_cases(run: Run) -> None:
    run.error("the emulator died")
    write_junit(run, run.verdict())
    report = JUnitXml.fromfile(str(run.output / "junit.xml"))
    assert (report.tests, report.failures, report.errors, report.skipped) == (9, 1, 2, 5)


def test_an_error_of_the_run_is_a_case_of_its_own(run: Run) -> None:
    run.error("the emulator died")
    (case,) = reported(run)["run"]
    assert case.name == "the run itself"
    assert [(type(each), each.message) for each in case.result] == [(Error, "the emulator died")]


def test_there_is_no_case_of_the_run_where_nothing_went_wrong(run: Run) -> None:
    assert "run" not in reported(run)


@pytest.mark.parametrize("text", ["\x00\x08\x1b[31m", "\ud800", "\ufffe\uffff", "<a href='x'>&amp;]]>", "🎷 ü"])
def test_whatever_was_seen_makes_a_document_that_can_be_read(tmp_path: Path, text: str) -> None:
    run = made(tmp_path, rule("ING-1"), rule("ING-2"), rule("ING-3"))
    check(run, "ING-1", held=False, detail=text)
    run.scenario_error(["ING-2"], text)
    run.error(text)
    found = cases(run)
    shown = "".join("\ufffd" if each in "\x00\x08\x1b\ud800\ufffe\uffff" else each for each in text)
    assert found["ING-1"].result[0].text == f"kept: {shown}"
    assert found["ING-2"].result[0].message == shown
    assert found["the"].result[0].message == shown


def test_no_secret_is_written(tmp_path: Path) -> None:
    run = made(tmp_path, rule("ING-1"), rule("ING-2"))
    run.redactor.learn("wr1te-credential")
    check(run, "ING-1", held=False, detail="sent wr1te-credential")
    run.scenario_error(["ING-2"], "sent wr1te-credential")
    run.error("Authorization: Bearer abc123")
    write_junit(run, run.verdict())
    text = (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert "sent [redacted]" in text
    assert "wr1te-credential" not in text
    assert "abc123" not in text
