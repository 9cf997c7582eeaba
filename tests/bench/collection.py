"""What collecting the suite costs beyond importing pytest."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.figure import Figure

_CHECKOUT = Path(__file__).resolve().parents[2]


def extra_seconds(rounds: int) -> Figure:
    """Median seconds of `pytest --collect-only` in the checkout, less those of `python -c "import pytest"`."""
    collecting, importing = [], []
    for _ in range(rounds):
        collecting.append(_seconds("-m", "pytest", "--collect-only", "-q"))
        importing.append(_seconds("-c", "import pytest"))
    extra = statistics.median(collecting) - statistics.median(importing)
    of = f"{statistics.median(collecting):.2f} s against {statistics.median(importing):.2f} s"
    return Figure("pytest --collect-only beyond import pytest (s)", extra, "at most 2", extra <= 2, of)


def _seconds(*arguments: str) -> float:
    # Compiled files are kept, as they are wherever nobody forbids it; the first round writes them.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=_CHECKOUT, check=True, stdout=subprocess.DEVNULL, env=environment)
    return time.perf_counter() - began
