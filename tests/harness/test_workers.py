"""Several workers judge one run: what they find is one verdict, and nothing of them is left."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from lanes import target, workers
from lanes.preparing import prepare
from lanes.target import Launch, Records
from lanes.wish import Wish

_HANG = 120.0  # seconds; against hanging
_RULES = [word for rule in ("UPL-1", "SCO-1", "ART-1", "ART-2", "DEL-1", "DEL-7") for word in ("--only", rule)]


def run(folder: Path, *words: str, **environment: str) -> tuple[subprocess.CompletedProcess[str], dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--lane", "mocked", "--output", "run", *words],
        check=False,
        cwd=folder,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=_HANG,
    )
    file = folder / "run" / "verdict.json"
    return done, json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}


def judged(verdict: dict[str, Any]) -> dict[str, Any]:
    """The outcome of each rule, and how often each of its clauses held."""
    return {rule: (row["outcome"], row["clauses"]) for rule, row in verdict["rules"].items()}


def disturbed(folder: Path, body: str) -> dict[str, str]:
    """The environment of runs in which this happens before each scenario."""
    (folder / "disturbing.py").write_text(
        "import os, signal, pathlib, pytest\ndef pytest_runtest_setup(item):\n    " + body, encoding="utf-8"
    )
    return {"PYTHONPATH": str(folder), "PYTEST_ADDOPTS": "-p disturbing"}


def test_two_workers_come_to_the_verdict_of_one(tmp_path: Path) -> None:
    for count in ("1", "2"):
        (tmp_path / count).mkdir()
    alone, of_one = run(tmp_path / "1", "--workers", "1", *_RULES)
    together, of_two = run(tmp_path / "2", "--workers", "2", *_RULES)
    assert (alone.returncode, together.returncode) == (10, 10), together.stdout
    assert judged(of_one) == judged(of_two)
    assert of_one["coverage"] == of_two["coverage"]
    assert Wish("mocked", workers=2).command == "medialane run mocked --workers 2"


def test_what_two_workers_found_to_be_wrong_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "target.toml").write_text(
        'schema = 1\nname = "mutant"\nclaims = ["core", "records", "resilience"]\n'
        'offers = ["operator", "records", "states"]\n[launch]\n'
        'command = ["{python}", "-m", "tests.mutants.serve", "upload", "upload-answers-200", "serve"]\n'
        f"folder = {json.dumps(str(Path(__file__).resolve().parents[2]))}\n",
        encoding="utf-8",
    )
    done, verdict = run(tmp_path, "--target", "target.toml", "--workers", "2", *_RULES)
    assert done.returncode == 1, done.stdout
    assert verdict["rules"]["UPL-1"]["outcome"] == "failed"
    written = "".join(
        path.read_text(encoding="utf-8")
        for path in (tmp_path / "run" / "exchanges").rglob("*")
        if path.suffix in {".md", ".txt", ".json"}
    )
    assert "uploadArtistMedia" in written


def test_the_run_learns_the_secrets_of_its_workers() -> None:
    gathering, worker = prepare(Wish("mocked")), prepare(Wish("mocked"))
    worker.redactor.learn("a credential of this worker's target")
    gathering.take(pickle.loads(pickle.dumps(worker.found())))  # noqa: S301 - our own
    assert "credential" not in gathering.redactor.text("sent: a credential of this worker's target")


def test_what_ended_one_worker_after_the_other_is_said_once() -> None:
    gathering, first, second = (prepare(Wish("mocked")) for _ in range(3))
    for worker, port in ((first, 4001), (second, 4002)):
        worker.error(f"the target at 127.0.0.1:{port} has ended; its last lines:\nout of memory")
        worker.over = f"the target at 127.0.0.1:{port} has ended; its last lines:"
    second.error("a step broke down")
    for worker in (first, second):
        gathering.take(worker.found())
    assert gathering.errors == [first.errors[0], "a step broke down"]
    assert gathering.over == first.over


def test_a_worker_that_dies_makes_the_run_inconclusive(tmp_path: Path) -> None:
    environment = disturbed(
        tmp_path, "if 'SCO-1' in [mark.args[0] for mark in item.iter_markers('rule')]: os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    done, verdict = run(tmp_path, "--workers", "2", "--only", "SCO-1", "--only", "UPL-1", "--only", "ART-1", **environment)
    assert done.returncode == 3, done.stdout
    assert verdict["verdict"] == "inconclusive"
    assert any("worker of ours ended (SIGKILL)" in error for error in verdict["errors"])
    assert verdict["rules"]["SCO-1"]["outcome"] in {"not_run", "error"}


def test_a_worker_that_somebody_else_ends_makes_the_run_inconclusive(tmp_path: Path) -> None:
    environment = disturbed(
        tmp_path, "if 'SCO-1' in [mark.args[0] for mark in item.iter_markers('rule')]: os.kill(os.getpid(), signal.SIGTERM)\n"
    )
    words = ["--accept-partial", "--workers", "2", "--only", "SCO-1", "--only", "UPL-1", "--only", "ART-1"]
    done, verdict = run(tmp_path, *words, **environment)
    assert done.returncode == 3, done.stdout
    assert "a worker of ours was interrupted, and the run was not" in verdict["errors"]


def test_what_a_worker_leaves_out_is_an_error_of_ours(tmp_path: Path) -> None:
    environment = disturbed(tmp_path, "item.session.shouldstop = 'enough'\n")
    words = ["--accept-partial", "--workers", "2", "--only", "SCO-1", "--only", "UPL-1", "--only", "ART-1"]
    done, verdict = run(tmp_path, *words, **environment)
    assert done.returncode == 3, done.stdout
    assert verdict["errors"]


def test_a_hook_that_breaks_in_the_run_itself_ends_it(tmp_path: Path) -> None:
    (tmp_path / "disturbing.py").write_text(
        "import os\nrun = os.getpid()\ndef pytest_runtest_logreport(report):\n"
        "    if os.getpid() == run: raise OSError(28, 'no space left')\n",
        encoding="utf-8",
    )
    environment = {"PYTHONPATH": str(tmp_path), "PYTEST_ADDOPTS": "-p disturbing"}
    done, verdict = run(tmp_path, "--workers", "2", *_RULES, **environment)
    assert done.returncode == 3, done.stdout
    assert verdict["verdict"] == "inconclusive"
    assert any("no space left" in error for error in verdict["errors"])


def test_what_breaks_in_a_worker_is_an_error_of_ours(tmp_path: Path) -> None:
    environment = disturbed(tmp_path, "raise RuntimeError('out of order')\n")
    done, verdict = run(tmp_path, "--workers", "2", "--only", "UPL-1", "--only", "ART-1", **environment)
    assert done.returncode == 3, done.stdout
    assert verdict["verdict"] == "inconclusive"
    assert "out of order" in json.dumps(verdict)


def test_a_refusal_of_a_worker_is_the_run_s(tmp_path: Path) -> None:
    environment = disturbed(tmp_path, "pytest.exit('the guard says no', returncode=2)\n")
    done, verdict = run(tmp_path, "--workers", "2", "--only", "UPL-1", "--only", "ART-1", **environment)
    assert done.returncode == 2, done.stdout
    assert done.stdout.count("the guard says no") == 1
    assert not verdict


def test_the_first_failure_ends_the_run_where_that_is_asked_for(tmp_path: Path) -> None:
    environment = disturbed(tmp_path, "pytest.fail('as it was asked for')\n")
    done, _ = run(tmp_path, "--workers", "2", "-x", *_RULES, **environment)
    assert 1 <= done.stdout.count("ERROR test_features.py::") <= 4, done.stdout  # of eight; each worker is one ahead


@pytest.mark.parametrize(("scenarios", "wanted", "expected"), [(1, None, 1), (100, 1, 1), (1, 2, 1), (100, 3, 3), (5, None, 1)])
def test_workers_are_as_many_as_wanted_and_worth_it(scenarios: int, wanted: int | None, expected: int) -> None:
    launched = prepare(Wish("mocked")).plan
    assert workers.number(launched, scenarios, wanted) == expected


def test_cores_bound_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    launched = prepare(Wish("mocked")).plan
    for cores, expected in ((1, 1), (2, 2), (64, 4)):
        monkeypatch.setattr(os, "sched_getaffinity", lambda _, cores=cores: set(range(cores)))
        assert workers.number(launched, 130, None) == expected


def test_a_target_that_is_there_once_has_one_worker() -> None:
    planned = prepare(Wish("mocked")).plan
    launched = planned.target
    assert isinstance(launched.how, Launch)
    fixed = replace(launched, how=replace(launched.how, port=8080))
    reached = replace(launched, how=target.Reach("http://127.0.0.1:8080", "test"))
    assert workers.number(replace(planned, target=fixed), 130, 2) == 1
    assert workers.number(replace(planned, target=reached), 130, 2) == 1
    for records in (Records("ndjson", file=Path("rows.ndjson")), Records("sql", url="ACME_DATABASE", query="SELECT 1")):
        assert workers.number(replace(planned, target=replace(launched, records=records)), 130, 2) == 1
    own = replace(launched, records=Records("sql", url="DATABASE_URL", query="SELECT 1"))
    assert workers.number(replace(planned, target=own), 130, 2) == 2


def test_a_deployment_is_there_once_also_where_it_is_rehearsed() -> None:
    assert workers.number(prepare(Wish("deployed-dev", target="rehearsal")).plan, 130, 2) == 1


def test_what_closes_a_run_is_for_every_worker_once_all_else_is_handed_out() -> None:
    items: list[Any] = [
        SimpleNamespace(get_closest_marker=lambda _, closing=closing: closing or None) for closing in (0, 1, 0, 1)
    ]
    handout = workers.Handout(items)
    assert [handout.take("a"), handout.take("b")] == [0, 2]
    assert [handout.take(worker) for worker in "abaabb"] == [1, 1, 3, None, 3, None]
