from __future__ import annotations

import datetime
import json
import re
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

from lanes import contract, corpus, profile, report, target
from lanes.budget import Spending
from lanes.care import Care
from lanes.checks import Check
from lanes.files import check_own, validator
from lanes.plan import make_plan
from lanes.profile import Budget
from lanes.report.document import document
from lanes.report.errors import write_error
from lanes.rules import catalogue
from lanes.run import Run
from tests.harness import samples
from tests.harness.samples import clause, rule


def made(output: Path, **wished: Any) -> Run:
    """A run of two rules: the first held, the second did not."""
    plan = samples.plan(rule("ING-1"), rule("ING-2", clause("one"), clause("far", "S")), rule("REC-1", profile="records"))
    run = samples.run(output, plan, **wished)
    samples.cite(run, plan.rules)
    samples.choose(run, plan.rules)
    run.ledger.record(Check("ING-1", "kept", True, "", "A scenario"))
    run.ledger.record(Check("ING-2", "one", False, "was 1, should be 2", "A scenario"))
    return run


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Such a run that writes to a folder which is not there yet."""
    return made(tmp_path / "deep" / "out")


def written(run: Run) -> Any:
    return json.loads((run.output / "verdict.json").read_text(encoding="utf-8"))


def test_the_document_says_everything_that_was_found_out(run: Run) -> None:
    run.started = datetime.datetime(2026, 11, 24, 9, 5, 7, tzinfo=datetime.UTC)
    run.build = "2026.11.3"
    run.timing.startup, run.timing.scenarios, run.timing.waiting = 1.23456, 2, 0.5
    data = document(run, run.verdict(), 1)
    assert data["seconds"] >= 0
    del data["seconds"]
    assert data == {
        "schema": 1,
        "verdict": "nonconformant",
        "exit": 1,
        "interrupted": False,
        "over": None,
        "profiles": {"core": "nonconformant"},
        "lane": "mocked",
        "stack": [],
        "rehearsal": False,
        "left": [],
        "spent": None,
        "target": {"name": "acme", "build": "2026.11.3"},
        "contract": {"version": "1.0.0", "sha256": contract.digest()},
        "corpus": {"sha256": corpus.digest()},
        "suite": {"version": version("medialane")},
        "started": "2026-11-24T09:05:07Z",
        "timing": {"startup": 1.235, "scenarios": 2, "waiting": 0.5},
        "rules": {
            "ING-1": {
                "level": "MUST",
                "profile": "core",
                "outcome": "passed",
                "clauses": {"kept": {"due": True, "held": 1, "failed": 0}},
                "reason": None,
            },
            "ING-2": {
                "level": "MUST",
                "profile": "core",
                "outcome": "failed",
                "clauses": {
                    "one": {"due": True, "held": 0, "failed": 1},
                    "far": {
                        "due": False,
                        "held": 0,
                        "failed": 0,
                        "why": "this lane cannot establish it; these can: s3-emulator",
                    },
                },
                "reason": "one: was 1, should be 2",
            },
            "REC-1": {
                "level": "MUST",
                "profile": "records",
                "outcome": "unclaimed",
                "clauses": {
                    "kept": {"due": False, "held": 0, "failed": 0, "why": "the target does not claim the profile records"}
                },
                "reason": "the target does not claim the profile records",
            },
        },
        "coverage": run.coverage.as_json(),
        "counts": {"passed": 1, "failed": 1, "unclaimed": 1},
        "errors": [],
        "reproduce": "medialane run mocked",
    }


def test_the_document_of_a_whole_run_keeps_its_schema(tmp_path: Path) -> None:
    lane, judged = profile.load("mocked"), target.load("reference")
    run = samples.run(tmp_path, make_plan(lane, judged, catalogue()))
    for rule_id, planned in run.plan.rules.items():
        samples.cite(run, [rule_id])
        if planned.rule.area != "sync":
            samples.choose(run, [rule_id])
        for number, name in enumerate(planned.due):
            run.ledger.record(Check(rule_id, name, bool(number) or planned.rule.area == "ingest", "no", "A scenario"))
    run.scenario_error(["ART-1"], "KeyError")
    run.error("the emulator died")
    data = document(run, run.verdict(), 1)
    validator("verdict").validate(data)
    assert sum(data["counts"].values()) == len(data["rules"]) == len([each for each in catalogue() if each.profile != "suite"])


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"verdict": "fine"}, "'fine' is not one of"),
        ({"exit": 2}, "2 is not one of"),
        ({"started": "2026-11-24"}, "does not match"),
        ({"extra": 1}, "'extra' was unexpected"),
        ({"contract": {"version": "1.0.0"}}, "'sha256' is a required property"),
        ({"rules": {"ING-1": {}}}, "'level' is a required property"),
        ({"profiles": {"suite": "conformant"}}, "'suite' is not one of"),
    ],
)
def test_the_schema_of_the_document_can_be_broken(run: Run, change: dict[str, Any], told: str) -> None:
    data = document(run, run.verdict(), 1)
    validator("verdict").validate(data)
    messages = [error.message for error in validator("verdict").iter_errors(data | change)]
    assert any(told in message for message in messages), messages


def test_a_run_writes_its_folder_and_answers_its_exit_code(run: Run) -> None:
    assert report.write(run, run.verdict()) == 1
    assert sorted(path.name for path in run.output.iterdir()) == ["exchanges", "junit.xml", "verdict.json"]
    data = written(run)
    assert (data["verdict"], data["exit"]) == ("nonconformant", 1)
    assert list(data)[:2] == ["schema", "verdict"]
    validator("verdict").validate(data)


def test_the_exit_code_is_that_of_what_was_wished_and_of_an_interruption(tmp_path: Path) -> None:
    def partial(accept: bool) -> Run:
        run = samples.run(tmp_path / "out", samples.plan(rule("ING-1"), rule("ING-2")), accept_partial=accept)
        run.ledger.record(Check("ING-1", "kept", True, "", "A scenario"))
        samples.cite(run, ["ING-1"])
        samples.choose(run, ["ING-1"])
        return run

    run = partial(accept=False)
    assert report.write(run, run.verdict()) == 10
    run = partial(accept=True)
    assert report.write(run, run.verdict()) == written(run)["exit"] == 0
    assert written(run)["verdict"] == "partial"
    run.interrupted = True
    assert report.write(run, run.verdict()) == written(run)["exit"] == 130
    assert written(run)["interrupted"] is True


SECRETIVE = [
    'the target said "Authorization: Bearer abc123"',
    '{"Authorization": "Bearer abc123"}',
    'Set-Cookie: id="abc123"\nand more',
    "-----BEGIN PRIVATE KEY-----\nabc123\n",
    "https://a.example/b?sig=abc123",
    "it sent wr1te-credential",
]


@pytest.mark.parametrize("text", SECRETIVE)
def test_a_secret_is_taken_out_of_the_document_and_leaves_it_whole(run: Run, text: str) -> None:
    run.redactor.learn("wr1te-credential")
    run.ledger.record(Check("ING-1", "kept", False, text, "A scenario"))
    run.error(text)
    run.error("the last error")
    report.write(run, run.verdict())
    data = written(run)
    validator("verdict").validate(data)
    assert data["errors"][1] == "the last error"
    for told in (json.dumps(data), (run.output / "junit.xml").read_text(encoding="utf-8")):
        assert "abc123" not in told
        assert "wr1te-credential" not in told
    assert "[redacted]" in data["errors"][0]
    assert "[redacted]" in data["rules"]["ING-1"]["reason"]


def test_text_that_cannot_be_encoded_is_written_all_the_same(run: Run) -> None:
    run.error("a lone surrogate: \udc80")
    report.write(run, run.verdict())
    assert written(run)["errors"][0].startswith("a lone surrogate: ")


@pytest.mark.parametrize(
    ("wished", "command"),
    [
        ({}, "medialane run mocked"),
        ({"target": "my target.toml"}, "medialane run mocked --target 'my target.toml'"),
        ({"accept_partial": True}, "medialane run mocked --accept-partial"),
    ],
)
def test_the_command_that_repeats_the_run_is_told(tmp_path: Path, wished: dict[str, Any], command: str) -> None:
    run = made(tmp_path, **wished)
    assert document(run, run.verdict(), 1)["reproduce"] == command


def test_errors_of_ours_are_written_in_full_one_after_the_other_and_redacted(run: Run) -> None:
    run.redactor.learn("wr1te-credential")
    run.open_output()
    write_error(run, "KeyError: 'x'", "Traceback: wr1te-credential")
    write_error(run, "OSError", "Traceback: other")
    text = (run.output / "errors.txt").read_text(encoding="utf-8")
    assert re.findall(r"\S+Error|Traceback: \S+", text) == ["KeyError", "Traceback: [redacted]", "OSError", "Traceback: other"]


def test_the_document_says_what_a_run_took_of_a_target_that_others_use_too(run: Run) -> None:
    run.care = Care(Spending(Budget(10, 1, 100)))
    assert run.care.spending
    run.care.spending.take(1234, upload=True)
    run.rehearsal, run.left = True, ("artist a: DELETE /artists/a answered 500",)
    data = document(run, run.verdict(), 1)
    check_own("verdict", data)
    assert data["spent"] == {"uploads": 1, "bytes": 1234, "requests": 1}
    assert (data["rehearsal"], data["left"]) == (True, ["artist a: DELETE /artists/a answered 500"])
