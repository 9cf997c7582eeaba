"""None of the hostile targets gets better than nonconformant or inconclusive, and none holds up or bloats a run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.harness.hostile.targets import TARGETS

_CHECKOUT = Path(__file__).resolve().parents[3]
_SECONDS = 30.0  # after the fault, which each of them shows at the first request that matters
_START_UP = 10.0
_MOST_MEMORY = 400 * 1024 * 1024

# What each of them gets, and a piece of the message that says why.
EXPECTED = {
    "yes": (1, "createArtist answered 200; documented: 201"),
    "echo": (1, "createArtist answered 200; documented: 201"),
    "html": (1, "createArtist answered 200; documented: 201"),
    "redirects": (1, "createArtist answered 302; documented: 201"),
    "hangs": (3, "the target has kept the run waiting for 25 s without an answer"),
    "closes": (3, "POST /artists: the connection was closed without an answer"),
    "dribbles": (3, "the target has kept the run waiting for 25 s without an answer"),
    "tls": (3, "did not serve"),
    "floods": (3, "POST /artists: the answer is longer than"),
    "dies": (3, "the target ended with exit code 9"),
}


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    code: int
    said: str
    seconds: float
    memory: int  # most bytes that the run's own process held, the target's apart
    verdict: dict[str, Any]


def test_every_hostile_target_is_expected() -> None:
    assert EXPECTED.keys() == TARGETS.keys()


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_target_gets_what_it_deserves_and_no_more_of_our_time(name: str, tmp_path: Path) -> None:
    code, why = EXPECTED[name]
    ended = judged(name, tmp_path)
    assert ended.code == code, ended.said
    assert ended.verdict["exit"] == code
    assert not [rule for rule, row in ended.verdict["rules"].items() if row["outcome"] == "passed"]
    assert ended.said.count(why) == 1, ended.said
    assert "Traceback" not in ended.said
    assert ended.seconds < _SECONDS + _START_UP
    assert ended.memory < _MOST_MEMORY


def judged(name: str, folder: Path) -> Ended:
    """A run of the mocked lane against one hostile target."""
    (folder / "target.toml").write_text(
        f'schema = 1\nname = "{name}"\nclaims = ["core"]\n\n[launch]\ntimeout = 5\n'
        f'command = ["{{python}}", "-m", "tests.harness.hostile.targets", "{name}"]\nfolder = {json.dumps(str(_CHECKOUT))}\n',
        encoding="utf-8",
    )
    command = [sys.executable, "-c", "from lanes.cli import main; main()", "run", "mocked", "--output", "run"]
    began = time.monotonic()
    with (folder / "said.txt").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [*command, "--target", "target.toml"], cwd=folder, stdout=said, stderr=said, env=os.environ | {"COLUMNS": "400"}
        )
        memory = 0
        while process.poll() is None:
            memory = max(memory, _memory(process.pid))
            time.sleep(0.05)
            assert time.monotonic() - began < 4 * _SECONDS, "it never ended"
        said.seek(0)
        words = said.read()
    verdict = json.loads((folder / "run" / "verdict.json").read_text(encoding="utf-8"))
    return Ended(process.returncode, words, time.monotonic() - began, memory, verdict)


def _memory(pid: int) -> int:
    try:
        return int(psutil.Process(pid).memory_info().rss)
    except psutil.NoSuchProcess:
        return 0
