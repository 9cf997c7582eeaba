"""Runs that are killed in their middle, and what is left of them after a sweep."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import psutil

from tests.deployed.deployment import Contents, Standing
from tests.harness.processes import gone, soon


def check_killed_run(deployment: Standing, before: Contents, output: Path, seconds: float, lane: str = "deployed-dev") -> None:
    """A run that is killed after so many seconds leaves no process, and once it is swept nothing else."""
    run = deployment.begin(output, lane=lane)
    time.sleep(seconds)
    running = [run.pid, *(child.pid for child in psutil.Process(run.pid).children(recursive=True))]
    os.kill(run.pid, signal.SIGKILL)
    run.wait()
    ledgers = list(output.glob("ledger-*"))  # without one it had created nothing yet
    if ledgers:
        swept = deployment.sweep(str(output))
        assert swept.returncode == 0, swept.stdout + swept.stderr
    assert soon(lambda: deployment.contents() == before, 10), f"killed after {seconds:.1f} s"
    assert soon(lambda: all(map(gone, running)), 10)
    assert not ledgers or "nothing is left" in deployment.sweep(str(output)).stdout
