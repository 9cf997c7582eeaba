"""What the sequences of the model have found, and when to stop looking for a shorter one."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import dataclass, field

from lanes.client import Answer

_SHORTENING = 4.0  # seconds: every attempt is a sequence of real requests, and most of what there is to gain comes first


class Differs(Exception):
    """The target is not what the model predicts: the clause of CON-4, how, and the exchanges that led there."""

    def __init__(self, clause: str, detail: str, trace: tuple[Answer, ...]) -> None:
        super().__init__(f"{clause}: {detail}")
        self.clause = clause
        self.detail = detail
        self.trace = trace


class ShortEnough(BaseException):
    """The time for shortening a sequence is over: no exception that Hypothesis would take for another failure."""


@dataclass(slots=True)
class Findings:
    """What the sequences of one run have found: comparisons by clause, and the shortest difference."""

    counts: Counter[str] = field(default_factory=Counter)
    shortest: Differs | None = None
    since: float | None = None  # when the first difference was found

    def add(self, difference: Differs) -> None:
        """Keeps a difference, if it is the shortest."""
        self.since = self.since or time.monotonic()
        if self.shortest is None or len(difference.trace) <= len(self.shortest.trace):
            self.shortest = difference

    def check_time(self) -> None:
        """Raises ShortEnough when shortening has taken long enough."""
        if self.since is not None and time.monotonic() - self.since > _SHORTENING:
            raise ShortEnough
