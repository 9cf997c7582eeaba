"""`pytest --lane`, as a project that has tests of its own starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

# Ends the run's time after so many exchanges, wherever that is.
CUTS = """
from lanes import patience

left = [{exchanges}]
limits = patience.Patience.limits

def cut(self):
    left[0] -= 1
    if left[0] < 0:
        raise patience.RunOver("the deadline of 5 s has passed")
    return limits(self)

patience.Patience.limits = cut
"""


@dataclass(frozen=True)
class Ended:
    """A pytest run that is over: its exit code, what it printed, and its verdict, if it wrote one."""

    code: int
    printed: str
    verdict: Any


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project with one test of its own, named in its settings."""
    (tmp_path / "pytest.ini").write_text("[pytest]\ntestpaths = unit\n", encoding="utf-8")
    (tmp_path / "unit").mkdir()
    (tmp_path / "unit" / "test_own.py").write_text("def test_own():\n    pass\n", encoding="utf-8")
    return tmp_path


def run_pytest(folder: Path, *words: str) -> Ended:
    environment = os.environ | {"PYTHONPATH": str(folder)}
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "--output", "out", *words],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    file = folder / "out" / "verdict.json"
    verdict = json.loads(file.read_text(encoding="utf-8")) if file.exists() else None
    return Ended(result.returncode, result.stdout + result.stderr, verdict)


def test_the_suite_runs_besides_the_tests_that_a_project_names(project: Path) -> None:
    ended = run_pytest(project, "--lane", "mocked", "--only", "DEL-2")
    assert (ended.code, ended.verdict["exit"], ended.verdict["verdict"]) == (10, 10, "partial"), ended.printed
    assert ended.verdict["rules"]["DEL-2"]["outcome"] == "passed"
    assert "2 passed" in ended.printed


def test_a_lane_in_which_only_other_tests_were_chosen_is_inconclusive(project: Path) -> None:
    ended = run_pytest(project, "--lane", "mocked", "--accept-partial", "unit")
    assert (ended.code, ended.verdict["verdict"]) == (3, "inconclusive"), ended.printed
    (error,) = ended.verdict["errors"]
    assert "no scenario of the suite is among the tests" in error


def test_without_a_lane_the_plugin_has_no_say(project: Path) -> None:
    ended = run_pytest(project)
    assert (ended.code, ended.verdict) == (0, None), ended.printed


@pytest.mark.parametrize("exchanges", [45, 60])
def test_a_rule_whose_scenario_was_cut_short_never_passes(tmp_path: Path, exchanges: int) -> None:
    (tmp_path / "cuts.py").write_text(CUTS.format(exchanges=exchanges), encoding="utf-8")
    ended = run_pytest(tmp_path, "-p", "cuts", "--lane", "mocked", "--only", "ING-3", "--accept-partial")
    rule = ended.verdict["rules"]["ING-3"]
    held = sum(clause["held"] for clause in rule["clauses"].values())
    assert (rule["outcome"], ended.code) == ("not_run", 3), ended.printed
    assert held > 0
    assert "the deadline of 5 s has passed" in rule["reason"]
