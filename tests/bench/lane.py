"""How much of the lane's time is spent waiting for the target."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.bench.figure import Figure


def share_waiting(rounds: int) -> Figure:
    """Median share of the lane's wall time, start-up apart, that was spent waiting for the target."""
    shares, walls = [], []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="medialane-bench-") as folder:
            run = [sys.executable, "-c", "from lanes.cli import main; main()", "run", "mocked", "--output", "run"]
            # Requests that are made up take longer to make than to answer.
            run += ["--exclude", "contract"]
            run += ["--workers", "1"]  # several would wait at the same time
            subprocess.run(run, cwd=folder, check=False, stdout=subprocess.DEVNULL)
            verdict = json.loads(Path(folder, "run", "verdict.json").read_text(encoding="utf-8"))
        wall = verdict["seconds"] - verdict["timing"]["startup"]
        walls.append(wall)
        shares.append(verdict["timing"]["waiting"] / wall)
    share = statistics.median(shares)
    of = f"{statistics.median(walls):.1f} s of wall time"
    return Figure("mocked lane without fuzzing: share spent waiting for the target", share, "at least 0.65", share >= 0.65, of)
