from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from lanes import profile
from lanes.files import validator
from lanes.rules import catalogue
from tests.harness.processes import SERVES, written
from tests.harness.servers import Reply, serving

MEDIALANE = Path(sys.executable).with_name("medialane")
LAUNCHED = """
schema = 1
name = "acme"
claims = ["core"]

[launch]
command = ["{python}", "-S", "server.py"]
folder = "."
"""
REACHED = """
schema = 1
name = "acme"
claims = ["core"]

[reach]
base_url = "http://127.0.0.1:9"
environment = "test"

[credentials]
write = "ACME_WRITE"
"""
PROFILES = ["core", "records", "resilience", "deployed", "browser"]
KEYS = ["schema", "name", "build", "claims", "offers", "delivery", "launch", "reach", "credentials"]


@pytest.mark.parametrize(("status", "code"), [(401, 2), (403, 1)])
def test_a_wrong_credential_of_ours_is_not_held_against_a_target(tmp_path: Path, status: int, code: int) -> None:
    with serving(lambda _: Reply(status, {"Content-Type": "application/problem+json"}, b"{}")) as target:
        (tmp_path / "acme.toml").write_text(REACHED.replace("http://127.0.0.1:9", target.base_url), encoding="utf-8")
        done = medialane(tmp_path, "run", "mocked", "--target", "acme.toml", "--only", "ART-2", ACME_WRITE="wr1te-credential")
    assert done.returncode == code, done.stdout + done.stderr
    assert ("credentials.write: the target does not take it" in done.stdout + done.stderr) == (code == 2)


def test_what_nobody_has_foreseen_is_our_fault_and_no_verdict(tmp_path: Path) -> None:
    broken = "import lanes.report.catalogue as it; it.print_lanes = lambda _: 1 / 0"
    command = [sys.executable, "-c", f"{broken}; from lanes.cli import main; main(['lanes'])"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.endswith("error: this is a fault of medialane, not of a target: ZeroDivisionError: division by zero\n")


def medialane(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command, started in this folder."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("ACME_", "PYTEST_"))}
    return subprocess.run(
        [str(MEDIALANE), *words],
        cwd=folder,
        env=given | {"COLUMNS": "200"} | environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


REFUSED = {
    "unknown key": (
        LAUNCHED.replace("claims", "clams"),
        ["run", "mocked", "--target", "acme.toml"],
        ["acme.toml: top level: unknown key 'clams'", "did you mean 'claims'?", *KEYS],
    ),
    "unknown key of a section": (
        LAUNCHED.replace("folder", "foldr"),
        ["run", "mocked", "--target", "acme.toml"],
        ["acme.toml: launch: unknown key 'foldr'", "did you mean 'folder'?", "command", "ready", "timeout", "port", "settings"],
    ),
    "wrong value": (
        LAUNCHED.replace('"core"', '"cor"'),
        ["run", "mocked", "--target", "acme.toml"],
        ["acme.toml: claims[0]: 'cor' is not allowed", "did you mean 'core'?", *PROFILES],
    ),
    "missing section": (
        LAUNCHED.partition("[launch]")[0],
        ["run", "mocked", "--target", "acme.toml"],
        ["acme.toml: top level: exactly one of these sections", "launch, reach"],
    ),
    "both sections": (
        LAUNCHED + REACHED.partition('claims = ["core"]')[2],
        ["run", "mocked", "--target", "acme.toml"],
        ["acme.toml: top level: exactly one of these sections", "launch, reach"],
    ),
    "broken TOML": (
        LAUNCHED.replace("]\n", "\n", 1),
        ["run", "mocked", "--target", "acme.toml"],
        ["acme.toml: is not TOML: ", "line"],
    ),
    "credential variable not set": (
        REACHED,
        ["run", "mocked", "--target", "acme.toml", "--dry-run"],
        ["acme.toml: credentials.write: ", "ACME_WRITE is not set"],
    ),
    "unknown lane": (LAUNCHED, ["run", "moked"], ["'moked'", "did you mean 'mocked'?", *profile.names()]),
    "unknown rule": (LAUNCHED, ["explain", "ING-88"], ["'ING-88'", "did you mean 'ING-8'?", *catalogue().rules]),
    "unknown command": (LAUNCHED, ["rnu", "mocked"], ["'rnu'", "did you mean 'run'?", "doctor", "explain", "lanes"]),
    "unknown target": (LAUNCHED, ["run", "mocked", "--target", "refrence"], ["'refrence'", "did you mean 'reference'?"]),
    "output that cannot be made": (
        LAUNCHED,
        ["run", "mocked", "--target", "acme.toml", "--output", "acme.toml/x"],
        ["acme.toml/x", "name another place"],
    ),
}


@pytest.fixture(scope="module")
def refusals(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, subprocess.CompletedProcess[str]]]:
    """What came of each command above, each in a folder of its own with its target file. Two run at a time."""

    def refused(name: str) -> tuple[Path, subprocess.CompletedProcess[str]]:
        target, words, _ = REFUSED[name]
        folder = folders[name]
        written(folder, target, "acme.toml")
        return folder, medialane(folder, *words)

    folders = {name: tmp_path_factory.mktemp("refused") for name in REFUSED}
    with ThreadPoolExecutor(2) as pool:
        return dict(zip(REFUSED, pool.map(refused, REFUSED), strict=True))


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_wrong_is_refused_in_one_message_and_nothing_is_made(
    refusals: dict[str, tuple[Path, subprocess.CompletedProcess[str]]], name: str
) -> None:
    folder, result = refusals[name]
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("refused: ")
    assert len(result.stderr.splitlines()) == 1
    assert [part for part in REFUSED[name][2] if part not in result.stderr] == []
    assert [path.name for path in folder.iterdir()] == ["acme.toml"]


def test_an_unknown_option_is_refused_with_the_nearest_and_all_others(tmp_path: Path) -> None:
    result = medialane(tmp_path, "run", "mocked", "--traget", "x")
    assert (result.returncode, result.stdout) == (2, "")
    assert "Traceback" not in result.stderr
    for told in ("'--traget'", "'--target'", "--output", "--accept-partial", "--dry-run"):
        assert told in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("words", [["run"], ["explain"], ["run", "mocked", "browser"], ["run", "mocked", "--target"]])
def test_a_command_line_that_is_too_short_or_too_long_is_refused(tmp_path: Path, words: list[str]) -> None:
    result = medialane(tmp_path, *words)
    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr.startswith("refused: ")
    assert len(result.stderr.splitlines()) == 1
    assert "Traceback" not in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_place_for_runs_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    written(tmp_path, LAUNCHED, "acme.toml")
    written(tmp_path, "mine", ".medialane")
    result = medialane(tmp_path, "run", "mocked", "--target", "acme.toml")
    assert (result.returncode, result.stdout) == (2, "")
    assert ".medialane is not a folder" in result.stderr
    assert (tmp_path / ".medialane").read_text(encoding="utf-8") == "mine"


def test_a_dry_run_says_what_would_happen_and_makes_nothing(tmp_path: Path) -> None:
    # A target that would leave a trace if it were started.
    written(tmp_path, "open('started', 'w').close()")
    written(tmp_path, LAUNCHED, "acme.toml")
    before = sorted(tmp_path.rglob("*"))
    result = medialane(tmp_path, "run", "mocked", "--target", "acme.toml", "--dry-run")
    assert (result.returncode, result.stderr) == (0, "")
    lines = result.stdout.splitlines()
    assert lines[0] == "acme on mocked, judged by core"
    assert lines[1] == f"would launch: {sys.executable} -S server.py"
    assert lines[2].startswith(f"would write: {tmp_path}/.medialane/")
    assert any(re.match(r"ING-8 +\d+ +upright dimensions", line) for line in lines)
    assert sorted(tmp_path.rglob("*")) == before


@dataclass(frozen=True)
class Ran:
    """A run that is over: what it printed, the verdict it wrote, and the folder it was started in."""

    folder: Path
    code: int
    printed: str
    verdict: Any


def ran(folder: Path, program: str, target: str = LAUNCHED, *words: str, **environment: str) -> Ran:
    """A run that judges this program and writes to `out`."""
    written(folder, program)
    written(folder, target, "acme.toml")
    result = medialane(folder, "run", "mocked", "--target", "acme.toml", "--output", "out", *words, **environment)
    verdict = json.loads((folder / "out" / "verdict.json").read_text(encoding="utf-8"))
    return Ran(folder, result.returncode, result.stdout + result.stderr, verdict)


def no_command(folder: Path) -> Ran:
    """Its command is not there."""
    return ran(folder, "", LAUNCHED.replace('"{python}", "-S"', '"medialane-no-such-program"'), "--accept-partial")


def dies(folder: Path) -> Ran:
    """It dies on start, in a folder that would have a say in the run if it could."""
    written(folder, "[pytest]\naddopts = --no-such-option\nfilterwarnings = error\n", "pytest.ini")
    written(folder, "raise RuntimeError('not mine')", "conftest.py")
    for name in ("lanes", "features", "reference"):
        (folder / name).mkdir()
        written(folder / name, "raise RuntimeError('not mine')", "__init__.py")
    (folder / "out" / "exchanges").mkdir(parents=True)
    written(folder / "out" / "exchanges", "of an earlier run", "ING-1.kept.1.txt")
    written(folder / "out", '{"verdict": "conformant"}', "verdict.json")
    program = "import sys; print('connecting'); print('no database [at] 7', file=sys.stderr); sys.exit(9)"
    hostile = {"PYTEST_ADDOPTS": "--no-such-option", "PYTEST_PLUGINS": "no_such_plugin"}
    return ran(folder, program, LAUNCHED, "--accept-partial", **hostile)


def never_answers(folder: Path) -> Ran:
    """It starts, and that is all."""
    return ran(folder, "import time; print('still thinking'); time.sleep(60)", LAUNCHED + "timeout = 1\n", "--accept-partial")


def port_taken(folder: Path) -> Ran:
    """Somebody else has its port, who says 200 to everything and would be judged in its place."""
    with serving() as somebody:
        port = somebody.base_url.rpartition(":")[2]
        return ran(folder, "import time; time.sleep(0.5)\n" + SERVES, f"{LAUNCHED}port = {port}\n", "--accept-partial")


def dies_later(folder: Path) -> Ran:
    """It dies when it is asked for more than whether it serves."""
    dying = "def do_POST(self):\n        print('out of memory')\n        os._exit(11)\n\n    def do_GET(self):"
    return ran(folder, SERVES.replace("def do_GET(self):", dying))


def answers_nothing(folder: Path) -> Ran:
    """It answers everything with 200 and nothing."""
    return ran(
        folder,
        SERVES.replace("    def log_message", "    do_POST = do_PUT = do_DELETE = do_PATCH = do_GET\n\n    def log_message"),
    )


BROKEN = (no_command, dies, never_answers, port_taken, dies_later, answers_nothing)


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Ran]:
    """A run of each target that is broken in one of these ways. Two go on at a time."""
    folders = [tmp_path_factory.mktemp("run") for _ in BROKEN]
    with ThreadPoolExecutor(2) as pool:
        made = list(pool.map(lambda broken, folder: broken(folder), BROKEN, folders))
    return {broken.__name__: run for broken, run in zip(BROKEN, made, strict=True)}


@pytest.mark.parametrize("name", [broken.__name__ for broken in BROKEN])
def test_a_run_ends_with_a_verdict_that_says_its_exit_code_and_no_traceback(runs: dict[str, Ran], name: str) -> None:
    run = runs[name]
    validator("verdict").validate(run.verdict)
    assert run.verdict["exit"] == run.code
    assert "Traceback" not in run.printed
    assert run.printed.splitlines()[-1].startswith(
        f"{run.verdict['verdict']} (core: {run.verdict['verdict']}) acme on mocked: "
    )
    assert (run.folder / "out" / "junit.xml").is_file()


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("no_command", ["the target cannot be launched: medialane-no-such-program: No such file or directory"]),
        ("dies", ["ended with exit code 9 before it served", "its last lines:\nconnecting\nno database [at] 7"]),
        ("never_answers", ["did not serve http://127.0.0.1:", "within 1 s", "its last lines:\nstill thinking"]),
        ("port_taken", ["port", "in use"]),
    ],
)
def test_a_target_that_does_not_come_up_is_inconclusive_and_told_once(runs: dict[str, Ran], name: str, told: list[str]) -> None:
    run = runs[name]
    assert (run.code, run.verdict["verdict"], run.verdict["profiles"]) == (3, "inconclusive", {"core": "inconclusive"})
    (error,) = run.verdict["errors"]
    assert [part for part in told if part not in error] == []
    assert run.printed.count(error) == 1
    assert not {"failed", "passed"} & run.verdict["counts"].keys()


def test_the_log_of_a_target_that_died_is_kept(runs: dict[str, Ran]) -> None:
    log = runs["dies"].folder / "out" / "server.log"
    assert log.read_text(encoding="utf-8") == "connecting\nno database [at] 7\n"


def test_nothing_of_the_folder_or_environment_has_a_say_in_a_run(runs: dict[str, Ran]) -> None:
    assert "not mine" not in runs["dies"].printed
    assert "no-such-option" not in runs["dies"].printed


def test_a_run_says_how_to_repeat_it(runs: dict[str, Ran]) -> None:
    assert runs["dies"].verdict["reproduce"] == "medialane run mocked --target acme.toml --accept-partial"
    assert runs["dies_later"].verdict["reproduce"] == "medialane run mocked --target acme.toml"


def test_what_an_earlier_run_wrote_is_not_taken_for_this_ones(runs: dict[str, Ran]) -> None:
    assert not (runs["dies"].folder / "out" / "exchanges").exists()


def test_a_target_that_dies_in_the_middle_is_inconclusive_with_its_last_words(runs: dict[str, Ran]) -> None:
    run = runs["dies_later"]
    assert (run.code, run.verdict["verdict"]) == (3, "inconclusive")
    error = run.verdict["errors"][0]
    assert error.startswith("the target ended with exit code 11; its last lines:\n")
    assert "out of memory" in error
    assert error in run.printed


def test_a_target_that_answers_wrongly_is_nonconformant_with_evidence(runs: dict[str, Ran]) -> None:
    run = runs["answers_nothing"]
    assert (run.code, run.verdict["verdict"], run.verdict["errors"]) == (1, "nonconformant", [])
    assert run.verdict["rules"]["ART-2"]["outcome"] == run.verdict["rules"]["CON-1"]["outcome"] == "failed"
    assert "failed ART-2 created: POST /artists answered 200" in run.printed
    exchange = (run.folder / "out" / "exchanges" / "ART-2.created.1.txt").read_text(encoding="utf-8")
    assert "$MEDIALANE_WRITE_CREDENTIAL" in exchange


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--version"], r"medialane \d+\.\d+\.\d+\n"),
        (
            ["--help"],
            r"(?s).*0\s+conformant,\s+1\s+nonconformant,\s+2\s+refused,\s+3\s+inconclusive,\s+10\s+partial,\s+130\s+interrupted.*",
        ),
        (["lanes"], r"(?s)lane .*\nmocked .*"),
        (["explain", "ING-8"], r"(?s)ING-8  MUST, profile core, area ingest\n.*upright.*"),
        (["doctor", "mocked"], r"(?s)✓ Python: .*✓ mocked: target reference: .*"),
    ],
)
def test_what_helps_around_a_run_answers_0_and_makes_nothing(tmp_path: Path, words: list[str], told: str) -> None:
    result = medialane(tmp_path, *words)
    assert (result.returncode, result.stderr) == (0, "")
    assert re.fullmatch(told, result.stdout)
    assert list(tmp_path.iterdir()) == []
