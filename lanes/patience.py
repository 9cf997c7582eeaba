"""How long a run waits: for one answer, for answers that do not come, and in all."""

from __future__ import annotations

import time
from dataclasses import replace

from lanes.transport import Limits

FOR_SILENCE = 25.0  # seconds in all


class RunOver(Exception):
    """No more requests are sent in this run; the message says why."""


class Patience:
    """Bounds every exchange of a run. Thread-safe as far as it matters: a race costs one exchange more.

    `deadline` are seconds from now after which no request is sent any more, None for no such limit.
    """

    def __init__(self, limits: Limits | None = None, deadline: float | None = None, for_silence: float = FOR_SILENCE) -> None:
        self._limits = limits or Limits()
        self._seconds = deadline
        self._end = None if deadline is None else time.monotonic() + deadline
        self._silence = for_silence
        self._left = for_silence

    def limits(self) -> Limits:
        """The limits of the next exchange. Raises RunOver when there is to be none."""
        if self._left <= 0:
            raise RunOver(f"the target has kept the run waiting for {self._silence:.0f} s without an answer")
        left = self._left
        if self._end is not None:
            remaining = self._end - time.monotonic()
            if remaining <= 0:
                raise RunOver(f"the deadline of {self._seconds:g} s has passed")
            left = min(left, remaining)
        return replace(self._limits, exchange=min(self._limits.exchange, left))

    def waited_in_vain(self, seconds: float) -> None:
        """An exchange took this long and brought no answer."""
        self._left -= seconds

    @property
    def past_deadline(self) -> bool:
        """Whether the deadline has passed."""
        return self._end is not None and time.monotonic() >= self._end

    def pause(self, seconds: float) -> bool:
        """Sleeps because the target asked for it. Answers False, and does not, where the deadline would pass meanwhile."""
        if self._end is not None and time.monotonic() + seconds >= self._end:
            return False
        time.sleep(seconds)
        return True
