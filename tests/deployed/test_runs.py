"""Runs come, are killed, are swept and leave nothing (DEP-6); and two of them at once do not notice each other."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from lanes import profile
from lanes.profile import Budget
from tests.deployed.deployment import Standing
from tests.deployed.killing import check_killed_run
from tests.harness.processes import soon

NOT_VERIFIED = {"DEP-9"}  # SeaweedFS has no public access block
_BUDGET = profile.load("deployed-dev").budget or Budget(0, 0, 0)


def test_two_runs_at_once_do_not_disturb_each_other(deployment: Standing, tmp_path: Path) -> None:
    before, asked = deployment.contents(), len(deployment.asked())
    runs = [deployment.begin(tmp_path / name) for name in ("one", "other")]
    assert [run.wait() for run in runs] == [10, 10], said(tmp_path / "one") + said(tmp_path / "other")
    news = deployment.asked()[asked:]
    spent = [read(tmp_path / name)["spent"] for name in ("one", "other")]
    uploads = [path for method, path in news if method == "POST" and path.endswith("/media")]
    assert len(uploads) <= sum(each["uploads"] for each in spent) <= 2 * _BUDGET.uploads
    assert len(news) <= sum(each["requests"] for each in spent)
    assert max(each["bytes"] for each in spent) <= _BUDGET.megabytes * 1_000_000
    for name in ("one", "other"):
        verdict = read(tmp_path / name)
        assert verdict["rehearsal"] is True
        assert (verdict["errors"], verdict["left"]) == ([], [])
        assert {rule for rule, row in verdict["rules"].items() if row["outcome"] == "not_verified"} == NOT_VERIFIED
        assert not [rule for rule, row in verdict["rules"].items() if row["outcome"] in {"failed", "not_run", "error"}]
    assert deployment.contents() == before


def test_a_killed_run_is_swept_to_the_last_object_and_nothing_else_is(
    deployment: Standing, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = deployment.contents()
    moments = random.Random(6)  # noqa: S311 - the same moments every time
    for number in range(request.config.getoption("kills")):
        check_killed_run(deployment, before, tmp_path / str(number), 2 + moments.random() * 30)


@pytest.mark.parametrize("lane", ["deployed-dev", "browser"])
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_deletes_what_it_created_itself(
    number: int, lane: str, deployment: Standing, tmp_path: Path
) -> None:
    before = deployment.contents()
    run = deployment.begin(tmp_path / "run", lane=lane)
    assert soon(lambda: deployment.contents().artists != before.artists, 60)
    time.sleep(3)
    os.kill(run.pid, number)
    assert run.wait() == 130
    assert read(tmp_path / "run")["left"] == []
    assert deployment.contents() == before


def test_a_run_whose_ledger_is_lost_is_swept_by_its_marks(deployment: Standing, tmp_path: Path) -> None:
    before = deployment.contents()
    run = deployment.begin(tmp_path / "run")
    assert soon(lambda: len(deployment.contents().artists) > len(before.artists) + 5, 60)
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    (ledger,) = (tmp_path / "run").glob("ledger-*.ndjson")
    run_id = ledger.stem.removeprefix("ledger-")
    ledger.unlink()
    target = ("--target", str(deployment.target_file))
    assert "nothing" in deployment.sweep(*target, "--older-than", "1h").stdout
    listed = deployment.sweep(*target, "--run", run_id, "--dry-run").stdout
    assert "would delete" in listed
    assert not any(artist in listed for artist in before.artists)
    swept = deployment.sweep(*target, "--run", run_id)
    assert swept.returncode == 0, swept.stdout + swept.stderr
    # Those whose marks a scenario had edited away are known to the ledger alone; none of these scenarios had begun.
    assert deployment.contents() == before


def test_a_run_that_goes_on_is_not_swept(deployment: Standing, tmp_path: Path) -> None:
    before = deployment.contents()
    run = deployment.begin(tmp_path / "run")
    assert soon(lambda: deployment.contents().artists != before.artists, 60)
    assert "its run goes on" in deployment.sweep(str(tmp_path / "run")).stdout
    os.kill(run.pid, signal.SIGTERM)
    assert run.wait() == 130
    assert deployment.contents() == before


def test_a_run_that_reads_only_sends_not_one_write(deployment: Standing, tmp_path: Path) -> None:
    before, asked = deployment.contents(), len(deployment.asked())
    run = deployment.begin(tmp_path / "run", "--read-only", "--accept-partial")
    assert run.wait() == 0, said(tmp_path / "run")
    news = deployment.asked()[asked:]
    assert news
    assert {method for method, _ in news} <= {"GET", "HEAD", "OPTIONS"}
    verdict = read(tmp_path / "run")
    passed = {rule for rule, row in verdict["rules"].items() if row["outcome"] == "passed"}
    assert {"DEL-6", "DEP-2", "DEP-3", "DEP-4", "OPS-1", "RUN-3"} <= passed, passed
    assert deployment.contents() == before


def read(output: Path) -> Any:
    """The verdict of a run."""
    return json.loads((output / "verdict.json").read_text(encoding="utf-8"))


def said(output: Path) -> str:
    """What a run said."""
    with contextlib.suppress(OSError):
        return (output / "said.txt").read_text(encoding="utf-8")
    return ""
