"""An implementation in another language, written from the contract alone, and five broken ones: each gets its due."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.npm import install

FOLDER = Path(__file__).parent

# Core rules that scenarios judge, and that the clean server therefore has to pass.
JUDGED = ("ART-6", "UPL-1", "ING-3", "ING-7", "ING-8", "ING-10", "ING-12", "SYN-2", "DEL-2")

# The faults of faults.mjs, and the one rule that each breaks.
FAULTS = {
    "orientation-ignored-for-webp": "ING-8",
    "metadata-kept-in-png": "ING-10",
    "truncated-accepted": "ING-12",
    "sync-keeps-objects": "SYN-2",
    "wrong-code": "ING-3",
}

TARGET = """\
schema = 1
name = "node-sharp {fault}"
claims = ["core"]

[launch]
command = ["node", "faults.mjs", "{fault}"]
folder = {folder}
"""


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    """What the server needs, fetched by npm where it is not there yet."""
    install(FOLDER, "sharp", "@fastify/busboy")


def _judged(target: Path, output: Path, *words: str, exits: tuple[int, ...]) -> dict[str, Any]:
    """The verdict of one run of the mocked lane."""
    command = [sys.executable, "-c", "from lanes.cli import main; main()", "run", "mocked"]
    command += ["--target", str(target), "--output", str(output), *words]
    done = subprocess.run(command, cwd=FOLDER.parents[1], capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode in exits, f"exit {done.returncode}\n{done.stdout}{done.stderr}"
    verdict: dict[str, Any] = json.loads((output / "verdict.json").read_text(encoding="utf-8"))
    return verdict


def _with_outcome(verdict: dict[str, Any], *outcomes: str) -> set[str]:
    return {name for name, rule in verdict["rules"].items() if rule["outcome"] in outcomes}


def test_the_second_implementation_keeps_the_core_contract(tmp_path: Path) -> None:
    verdict = _judged(FOLDER / "target.toml", tmp_path / "run", exits=(0,))
    assert _with_outcome(verdict, "failed", "warned", "error") == set()
    assert verdict["errors"] == []
    assert set(JUDGED) <= _with_outcome(verdict, "passed")
    assert verdict["profiles"]["core"] == "conformant"


@pytest.mark.parametrize(("fault", "rule"), FAULTS.items())
def test_a_planted_fault_is_blamed_on_its_own_rule(fault: str, rule: str, tmp_path: Path) -> None:
    target = tmp_path / "target.toml"
    target.write_text(TARGET.format(fault=fault, folder=json.dumps(str(FOLDER))), encoding="utf-8")
    # Other rules may suffer too: a picture that lies on its side is not much like itself.
    verdict = _judged(target, tmp_path / "run", "--only", rule, exits=(1,))
    assert _with_outcome(verdict, "failed", "warned", "error") == {rule}
    assert verdict["profiles"]["core"] == "nonconformant"
