"""`python -m tests.wheel`: builds the wheel, installs it alone, and runs it where a checkout never stands.

The verdict has to be the same, rule by rule and clause by clause, from the checkout, in an empty folder, and in a folder
whose pytest settings, conftest and packages would break any run that looked at them.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_CHECKOUT = Path(__file__).resolve().parents[1]
_BROKEN = 'raise RuntimeError("nothing of this folder may be imported")\n'


def main() -> int:
    """Answers 0 where all three verdicts agree."""
    with tempfile.TemporaryDirectory(prefix="medialane-wheel-") as made:
        folder = Path(made)
        medialane = install(build(folder), folder / "environment")
        checkout = judged([sys.executable, "-c", "from lanes.cli import main; main()"], _empty(folder / "checkout"))
        verdicts = {
            "the wheel in an empty folder": judged([str(medialane)], _empty(folder / "empty")),
            "the wheel in a hostile folder": judged([str(medialane)], hostile(folder / "hostile")),
        }
    differences = [f"{where}: {line}" for where, rules in verdicts.items() for line in compared(checkout, rules)]
    print("\n".join(differences) or f"the same verdict of {len(checkout)} rules from the checkout and in both folders")
    return 1 if differences else 0


def build(folder: Path) -> Path:
    """The wheel, built from the checkout."""
    _run(["uv", "build", "--wheel", "--out-dir", str(folder / "dist"), str(_CHECKOUT)], _CHECKOUT)
    (wheel,) = (folder / "dist").glob("*.whl")
    return wheel


def install(wheel: Path, environment: Path) -> Path:
    """A fresh environment that holds the wheel and what it needs; answers its command."""
    _run(["uv", "venv", "--python", sys.executable, str(environment)], wheel.parent)
    python = environment / "bin" / "python"
    _run(["uv", "pip", "install", "--python", str(python), str(wheel)], wheel.parent)
    return environment / "bin" / "medialane"


def hostile(folder: Path) -> Path:
    """A folder in which a run that looks around fails."""
    folder.mkdir()
    for package in ("features", "tests", "lanes", "reference_impl", "contracts"):
        (folder / package).mkdir()
        (folder / package / "__init__.py").write_text(_BROKEN, encoding="utf-8")
    (folder / "conftest.py").write_text(_BROKEN, encoding="utf-8")
    (folder / "sitecustomize.py").write_text(_BROKEN, encoding="utf-8")
    (folder / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\nfilterwarnings = error\n", encoding="utf-8")
    (folder / "features" / "broken.feature").write_text("Feature: broken\n  Scenario\n", encoding="utf-8")
    return folder


def judged(medialane: list[str], folder: Path) -> dict[str, Any]:
    """The rules of a verdict on the reference in the mocked lane."""
    environment = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    _run([*medialane, "run", "mocked", "--accept-partial", "--output", "run"], folder, environment)
    rules: dict[str, Any] = json.loads((folder / "run" / "verdict.json").read_text(encoding="utf-8"))["rules"]
    # How often a clause was checked may depend on who came first: races, and the order of pages under load.
    return {name: _standing(rule) for name, rule in rules.items()}


def _standing(rule: dict[str, Any]) -> dict[str, Any]:
    """A rule with, of each clause, whether it held and whether it failed, and not how often."""
    clauses = {name: row | {"held": bool(row["held"]), "failed": bool(row["failed"])} for name, row in rule["clauses"].items()}
    return rule | {"clauses": clauses}


def compared(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """A line for every rule on which two verdicts do not agree."""
    return [
        f"{rule} is {other.get(rule)}, from the checkout {one.get(rule)}"
        for rule in sorted(one.keys() | other.keys())
        if one.get(rule) != other.get(rule)
    ]


def _empty(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _run(command: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    program = shutil.which(command[0]) or command[0]
    done = subprocess.run([program, *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.exit(main())
