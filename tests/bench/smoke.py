"""How long it takes to look at what is there, in a browser, without a write."""

from __future__ import annotations

import json
import statistics
import tempfile
from pathlib import Path

from tests.bench.figure import Figure
from tests.deployed.deployment import standing
from tests.deployed.test_browser import with_many_pictures


def read_only_seconds(rounds: int) -> Figure:
    """Median of what a read-only run takes that looks at a rehearsal's artist with 100 pictures, on all pages and screens."""
    seconds = []
    with tempfile.TemporaryDirectory(prefix="medialane-bench-") as made, standing(Path(made)) as deployment:
        with_many_pictures(deployment)
        for number in range(rounds):
            output = Path(made) / str(number)
            deployment.begin(output, "--read-only", "--accept-partial", lane="browser").wait()
            seconds.append(json.loads((output / "verdict.json").read_text(encoding="utf-8"))["seconds"])
    median = statistics.median(seconds)
    of = f"{rounds} runs, {min(seconds):.1f} to {max(seconds):.1f} s"
    return Figure("read-only look at an artist with 100 pictures in a browser (s)", median, "at most 20", median <= 20, of)
