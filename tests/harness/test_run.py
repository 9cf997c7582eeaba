from __future__ import annotations

from pathlib import Path

import pytest

from lanes.checks import Check
from lanes.errors import Refused
from lanes.fuzzing import Effort
from lanes.preparing import prepare
from lanes.run import Run
from lanes.wish import Wish
from tests.harness import samples
from tests.harness.samples import rule


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run of two scenarios of one rule, the second with two examples; every clause of the rule was reached and held."""
    made = samples.run(tmp_path, samples.plan(rule("ING-1")))
    made.cited(["ING-1"], ("a.feature", "One"), 1)
    made.cited(["ING-1"], ("a.feature", "Two"), 2)
    for name in made.plan.rules["ING-1"].due:
        made.ledger.record(Check("ING-1", name, True, "", "One"))
    return made


@pytest.mark.parametrize(
    ("selected", "outcome"),
    [
        (["One", "Two", "Two"], "passed"),
        (["One", "Two"], "not_run"),
        (["Two", "Two"], "not_run"),
        ([], "not_run"),
    ],
)
def test_a_rule_passes_only_if_all_of_its_scenarios_and_examples_ran(run: Run, selected: list[str], outcome: str) -> None:
    for name in selected:
        run.selected(("a.feature", name))
        run.ended(("a.feature", name))
    judged = run.verdict().outcomes["ING-1"]
    assert judged.word == outcome
    assert outcome == "passed" or "deselected" in str(judged.reason)


@pytest.mark.parametrize(
    ("ended", "outcome"), [(["One", "Two", "Two"], "passed"), (["One", "Two"], "not_run"), ([], "not_run")]
)
def test_a_rule_passes_only_if_all_of_its_scenarios_and_examples_went_on_to_their_end(
    run: Run, ended: list[str], outcome: str
) -> None:
    for name in ["One", "Two", "Two"]:
        run.selected(("a.feature", name))
    for name in ended:
        run.ended(("a.feature", name))
    judged = run.verdict().outcomes["ING-1"]
    assert judged.word == outcome
    assert outcome == "passed" or "did not go on to its end" in str(judged.reason)


def test_the_same_error_is_said_once(run: Run) -> None:
    for _ in range(2):
        run.error("the emulator died")
        run.scenario_error(["ING-1"], "GET /x: no answer")
    assert run.errors == ["the emulator died"]
    assert run.verdict().outcomes["ING-1"].reason == "GET /x: no answer"


def test_what_an_earlier_run_wrote_is_gone_before_a_run_starts(run: Run) -> None:
    (run.output / "verdict.json").write_text("{}", encoding="utf-8")
    (run.output / "exchanges").mkdir()
    (run.output / "mine.txt").write_text("kept", encoding="utf-8")
    run.open_output()
    assert [path.name for path in run.output.iterdir()] == ["mine.txt"]


@pytest.mark.parametrize("output", ["file/below", "file", "x" * 300])
def test_an_output_that_is_no_folder_is_refused(tmp_path: Path, output: str) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    with pytest.raises(Refused, match="name another place"):
        prepare(Wish("mocked", output=tmp_path / output))


@pytest.mark.parametrize("seconds", [0.0, -1.0, float("nan")])
def test_a_deadline_in_which_nothing_can_be_judged_is_refused(tmp_path: Path, seconds: float) -> None:
    with pytest.raises(Refused, match="seconds above 0"):
        prepare(Wish("mocked", output=tmp_path, deadline=seconds))


def test_the_command_that_repeats_a_run_has_all_that_was_asked_for() -> None:
    wish = Wish("mocked", "my target.toml", only=("ingest",), exclude=("ING-8",), require=("core",), deadline=9)
    assert wish.command == (
        "medialane run mocked --target 'my target.toml' --only ingest --exclude ING-8 --require core --deadline 9"
    )


def test_the_command_that_repeats_a_run_has_what_was_made_up() -> None:
    assert Wish("mocked", effort=Effort(7, 50, long=True)).command == (
        "medialane run mocked --fuzz-seed 7 --fuzz-examples 50 --profile long"
    )


@pytest.mark.parametrize(
    ("rules", "wanted"), [(("ING-1",), True), (("REC-1",), False), (("REC-1", "ING-1"), True), (("DIS-1",), False)]
)
def test_a_scenario_of_which_nothing_is_due_is_not_run(tmp_path: Path, rules: tuple[str, ...], wanted: bool) -> None:
    made = samples.run(tmp_path, samples.plan(rule("ING-1"), rule("REC-1", profile="records")))
    assert made.wants(rules) is wanted


def test_what_a_worker_could_not_verify_arrives(run: Run, tmp_path: Path) -> None:
    run.selected(("a.feature", "One"))
    worker = samples.run(tmp_path, run.plan)
    worker.ledger.cannot("ING-1", "kept", "the store does not tell")
    run.take(worker.found())
    assert run.verdict().outcomes["ING-1"].word == "not_verified"
    assert run.verdict().outcomes["ING-1"].clauses["kept"]["why"] == "the store does not tell"
