"""What scenarios add to a run, as data that one process can tell another."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from lanes.checks import Check


@dataclass(slots=True)
class Timing:
    """Seconds: until the target served, in scenarios, and of those waiting for the target."""

    startup: float = 0.0
    scenarios: float = 0.0
    waiting: float = 0.0


@dataclass(frozen=True, slots=True)
class Found:
    """All that scenarios add to a run, as one worker of several found it. Can be pickled."""

    failed: list[Check]
    held: dict[tuple[str, str], int]
    unverified: dict[tuple[str, str], str]
    ended: Counter[tuple[str, str]]
    rule_errors: dict[str, list[str]]
    stopped: dict[str, list[str]]
    errors: list[str]
    seen: set[tuple[str, int]]
    timing: Timing
    over: str | None
    build: str | None
    secrets: set[str]
