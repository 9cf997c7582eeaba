"""Runs of a lane whose emulators do not start, or die half-way: inconclusive, and never the target's fault."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from lanes.places import PACKAGE
from tests.harness.servers import serving

# A target that takes no notice of the lane: here it is not the one that is judged.
DISGUISED = """
import os, sys
os.environ |= {"MEDIA_STORAGE_PROVIDER": "mocked", "MEDIA_EXECUTION_TARGET": "mocked", "DATABASE_URL": "sqlite:///media.db"}
os.execv(sys.executable, [sys.executable, "-m", "reference_impl", "serve"])
"""
TARGET = """
schema = 1
name = "disguised"
claims = ["core"]

[launch]
command = ["{python}", "FOLDER/disguised.py"]
"""
# After the first scenario the LocalStack of this run is ended, and the target is found to do something wrong.
ENDS = """
import os, signal, psutil, pytest
from lanes.stash import SCRIBE

def ours(process):
    started_for = process.environ().get("HOME", "") if "localstack.runtime.main" in " ".join(process.cmdline()) else ""
    return os.environ["TMPDIR"] in started_for

@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem):
    result = yield
    for process in psutil.process_iter():
        if ours(process):
            os.killpg(process.pid, signal.NAME)
    pyfuncitem.stash[SCRIBE]._record("CON-1", "status", False, "the target was wrong", ())
    return result
"""
COMMAND = "from lanes.cli import main; main()"
PYTEST = "import pytest; raise SystemExit(pytest.main())"


def judged(folder: Path, *words: str, program: str = COMMAND, **environment: str) -> tuple[int, str, Any]:
    """The exit code of the command, what it printed, and the verdict."""
    done = subprocess.run(
        [sys.executable, "-c", program, *words, "--output", "run"],
        cwd=folder,
        env=os.environ | {"COLUMNS": "200"} | environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr, json.loads((folder / "run" / "verdict.json").read_text(encoding="utf-8"))


def test_a_run_whose_emulators_cannot_be_installed_is_inconclusive(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:9/nowhere"
    code, printed, verdict = judged(
        tmp_path,
        "run",
        "s3-emulator",
        XDG_CACHE_HOME=str(tmp_path / "cache"),
        UV_DEFAULT_INDEX=nowhere,
        UV_HTTP_RETRIES="0",
        PIP_INDEX_URL=nowhere,
        PIP_RETRIES="0",
    )
    assert (code, verdict["verdict"]) == (3, "inconclusive")
    (error,) = verdict["errors"]
    assert "cannot be installed: " in error
    assert "`medialane doctor LANE --install` tries again; its last lines:" in error
    assert "cannot be installed: " in printed


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "no container engine answers at /var/run/docker.sock, and DOCKER_HOST names none"),
        ("tcp://127.0.0.1:9", "no container engine answers at tcp://127.0.0.1:9 "),
        ("nonsense", "no container engine answers at nonsense "),
    ],
)
def test_a_run_that_insists_on_containers_without_an_engine_is_inconclusive(tmp_path: Path, address: str, told: str) -> None:
    if not address and Path("/var/run/docker.sock").is_socket():
        pytest.skip("there is an engine")
    code, printed, verdict = judged(
        tmp_path, "run", "s3-emulator", "--emulators", "container", **({"DOCKER_HOST": address} if address else {})
    )
    assert (code, verdict["verdict"]) == (3, "inconclusive")
    (error,) = verdict["errors"]
    assert told in error
    assert "`--emulators process` does without" in error
    assert "Traceback" not in printed


def test_a_run_that_was_given_something_else_is_inconclusive_and_tells_no_secret(tmp_path: Path) -> None:
    with serving() as somebody:
        code, printed, verdict = judged(
            tmp_path,
            "run",
            "s3-emulator",
            MEDIALANE_S3_ENDPOINT=somebody.base_url,
            MEDIALANE_POSTGRES_URL="postgresql://me:hunter2hunter2@127.0.0.1:9/postgres",
        )
    assert (code, verdict["verdict"]) == (3, "inconclusive")
    (error,) = verdict["errors"]
    assert "given by MEDIALANE_" in error
    assert "does not answer at" in error
    for path in (tmp_path / "run").rglob("*"):
        assert path.is_dir() or b"hunter2" not in path.read_bytes()
    assert "hunter2" not in printed


@pytest.mark.parametrize(("number", "workers"), [("SIGKILL", "2"), ("SIGSTOP", "1")])
def test_what_a_target_does_wrong_after_an_emulator_is_gone_is_not_its_fault(tmp_path: Path, number: str, workers: str) -> None:
    (tmp_path / "disguised.py").write_text(DISGUISED, encoding="utf-8")
    (tmp_path / "target.toml").write_text(TARGET.replace("FOLDER", str(tmp_path)), encoding="utf-8")
    (tmp_path / "ends.py").write_text(ENDS.replace("NAME", number), encoding="utf-8")
    words = ("--lane", "s3-emulator", "--target", "target.toml", "--only", "artists", "--workers", workers, "-p", "ends")
    places = os.pathsep.join([str(tmp_path), str(PACKAGE.parent)])
    code, printed, verdict = judged(tmp_path, *words, program=PYTEST, PYTHONPATH=places)
    assert (code, verdict["verdict"]) == (3, "inconclusive"), printed
    errors = verdict["errors"]
    assert any(error.startswith("LocalStack 4.12.0 (process) does not answer any more at 127.0.0.1:") for error in errors), (
        errors
    )
    assert verdict["counts"].get("failed", 0) == 0
    assert "the target was wrong" not in printed
