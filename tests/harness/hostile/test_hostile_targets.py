"""None of the hostile targets gets better than nonconformant or inconclusive, and none holds up or bloats a run."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from lanes.stack.server import free_port
from tests.harness.hostile.targets import TARGETS

_CHECKOUT = Path(__file__).resolve().parents[3]
_SECONDS = 30.0  # after the fault, which each of them shows at the first request that matters
_START_UP = 10.0
_BESIDE = 30.0  # what it takes longer because others run beside it, and whatever else the machine does meanwhile
_AT_ONCE = 4
_MOST_MEMORY = 400 * 1024 * 1024

# What each of them gets when it is launched, and a piece of the message that says why.
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
    "busy": (1, "createArtist answered 429; documented: 201"),
    "eager": (1, "createArtist answered 429; documented: 201"),
    "dies": (3, "the target ended with exit code 9"),
}
# What those get that fare otherwise when they are reached: there somebody else may be what keeps them busy.
REACHED = {
    "busy": (3, "the target asks to be left alone for more than 25 s on end"),
    "eager": (3, "POST /artists: the target asks to be left alone 6 times in a row"),
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


Runs = Mapping[tuple[Callable[..., Ended], str], "Future[Ended]"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runs]:
    """A run against each of them, several at once, for each mostly waits."""
    wanted = [*((launched, name) for name in EXPECTED), *((reached, name) for name in REACHED)]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        yield {(way, name): pool.submit(way, name, tmp_path_factory.mktemp(name)) for way, name in wanted}


@pytest.mark.parametrize("name", EXPECTED)
def test_a_hostile_target_gets_what_it_deserves_and_no_more_of_our_time(name: str, runs: Runs) -> None:
    check(runs[launched, name].result(), *EXPECTED[name])


@pytest.mark.parametrize("name", REACHED)
def test_a_hostile_target_that_is_reached_gets_no_more_of_our_time(name: str, runs: Runs) -> None:
    check(runs[reached, name].result(), *REACHED[name])


def test_a_target_that_asks_for_a_pause_beyond_the_deadline_is_not_blamed(tmp_path: Path) -> None:
    ended = reached("busy", tmp_path, "--deadline", "15")
    assert not [rule for rule, row in ended.verdict["rules"].items() if row["outcome"] in {"failed", "warned", "error"}]
    assert ended.said.count("the deadline of 15 s comes before the end of a pause that the target asked for") == 1, ended.said


def check(ended: Ended, code: int, why: str) -> None:
    """It ended with this code, said why once, and held neither time nor memory up."""
    assert ended.code == code, ended.said
    assert ended.verdict["exit"] == code
    assert not [rule for rule, row in ended.verdict["rules"].items() if row["outcome"] == "passed"]
    assert ended.said.count(why) == 1, ended.said
    assert "Traceback" not in ended.said
    assert ended.seconds < _SECONDS + _START_UP + _BESIDE
    assert ended.memory < _MOST_MEMORY


def launched(name: str, folder: Path) -> Ended:
    """A run of the mocked lane against one hostile target that it launches."""
    command = f'["{{python}}", "-m", "tests.harness.hostile.targets", "{name}"]'
    return judged(f"[launch]\ntimeout = 5\ncommand = {command}\nfolder = {json.dumps(str(_CHECKOUT))}\n", name, folder)


def reached(name: str, folder: Path, *options: str) -> Ended:
    """A run of the mocked lane against one hostile target that is already there."""
    with standing(name) as base_url:
        how = f'[reach]\nbase_url = "{base_url}"\nenvironment = "test"\n\n[credentials]\nwrite = "HOSTILE_WRITE"\n'
        return judged(how, name, folder, *options)


@contextlib.contextmanager
def standing(name: str) -> Iterator[str]:
    """One hostile target that serves. Yields its base URL."""
    port = free_port()
    command = [sys.executable, "-m", "tests.harness.hostile.targets", name]
    with subprocess.Popen(command, cwd=_CHECKOUT, env=os.environ | {"HOST": "127.0.0.1", "PORT": str(port)}) as process:
        try:
            began = time.monotonic()
            while not _takes_connections(port):
                assert time.monotonic() - began < _START_UP, "it never served"
                time.sleep(0.05)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


def _takes_connections(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
        return True
    return False


def judged(how: str, name: str, folder: Path, *options: str) -> Ended:
    """A run of the mocked lane against a target that is launched or reached in this way."""
    (folder / "target.toml").write_text(f'schema = 1\nname = "{name}"\nclaims = ["core"]\n\n{how}', encoding="utf-8")
    command = [sys.executable, "-c", "from lanes.cli import main; main()", "run", "mocked", "--output", "run"]
    began = time.monotonic()
    with (folder / "said.txt").open("w+", encoding="utf-8") as said:
        process = subprocess.Popen(
            [*command, "--target", "target.toml", *options],
            cwd=folder,
            stdout=said,
            stderr=said,
            env=os.environ | {"COLUMNS": "400", "HOSTILE_WRITE": "wr1te-credential"},
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
