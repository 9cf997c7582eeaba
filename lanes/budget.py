"""What a run may take of a target that others use too, and that it never takes more."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

from lanes.profile import Budget

_MINUTE = 60.0
_MEGABYTE = 1_000_000


class OverBudget(Exception):
    """What was about to be sent is more than the run may take; the message says of what."""


@dataclass(slots=True)
class Spending:
    """What has been taken of a budget. Thread-safe."""

    budget: Budget
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], object] = time.sleep
    uploads: int = 0
    sent: int = 0  # bytes
    requests: int = 0
    paused: float = 0.0  # seconds that were waited so as not to be too fast
    _recent: deque[float] = field(default_factory=deque)  # when the requests of the last minute went out
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def take(self, size: int = 0, *, upload: bool = False) -> None:
        """Takes a request with so many bytes, once the minute has room for it. Raises OverBudget."""
        with self._lock:
            self._afford(size, upload=upload)
            self._wait_for_room()
            self._recent.append(self.now())
            self.requests += 1
            self.uploads += upload
            self.sent += size

    def make_room(self, requests: int) -> None:
        """Waits until so many requests may go out one after another, or as many as may at all."""
        with self._lock:
            self._wait_for_room(min(requests, self.budget.requests_per_minute))

    def send(self, size: int) -> None:
        """Takes so many bytes more of a request that has begun. Raises OverBudget."""
        with self._lock:
            self._afford(size, upload=False)
            self.sent += size

    def _afford(self, size: int, *, upload: bool) -> None:
        if upload and self.uploads >= self.budget.uploads:
            raise OverBudget(f"over budget: the run may upload {self.budget.uploads} times, and has")
        if self.sent + size > self.budget.megabytes * _MEGABYTE:
            left = self.budget.megabytes * _MEGABYTE - self.sent
            raise OverBudget(
                f"over budget: {size} bytes more, while {left} are left of the {self.budget.megabytes} MB that the run may send"
            )

    def _wait_for_room(self, requests: int = 1) -> None:
        while True:
            now = self.now()
            while self._recent and self._recent[0] <= now - _MINUTE:
                self._recent.popleft()
            if len(self._recent) + requests <= self.budget.requests_per_minute:
                return
            wait = self._recent[0] + _MINUTE - now
            self.paused += wait
            self.sleep(wait)
