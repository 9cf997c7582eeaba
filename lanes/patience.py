"""How long a run waits: for one answer, for answers that do not come, while it is asked to, and in all."""

from __future__ import annotations

import time
from dataclasses import replace

from lanes.transport import Limits

FOR_SILENCE = 25.0  # seconds in all
FOR_PAUSES = 25.0  # seconds on end: a target that answers nothing but 429 is as good as silent


class RunOver(Exception):
    """No more requests are sent in this run; the message says why."""


class Patience:
    """Bounds every exchange of a run. Thread-safe as far as it matters: a race costs one exchange more.

    `deadline` are seconds from now after which no request is sent any more, None for no such limit.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        deadline: float | None = None,
        for_silence: float = FOR_SILENCE,
        for_pauses: float = FOR_PAUSES,
    ) -> None:
        self._limits = limits or Limits()
        self._seconds = deadline
        self._end = None if deadline is None else time.monotonic() + deadline
        self._silence = for_silence
        self._left = for_silence
        self._pauses = for_pauses
        self._pausing_since: float | None = None  # when the target began to ask for nothing but pauses

    def limits(self) -> Limits:
        """The limits of the next exchange. Raises RunOver when there is to be none."""
        if self._left <= 0:
            raise RunOver(f"the target has kept the run waiting for {self._silence:.0f} s without an answer")
        left, to_deadline = self._left, self.left
        if to_deadline is not None:
            if to_deadline == 0:
                raise RunOver(f"the deadline of {self._seconds:g} s has passed")
            left = min(left, to_deadline)
        return replace(self._limits, exchange=min(self._limits.exchange, left))

    @property
    def left(self) -> float | None:
        """Seconds to the deadline, None where there is none."""
        return None if self._end is None else max(0.0, self._end - time.monotonic())

    def waited_in_vain(self, seconds: float) -> None:
        """An exchange took this long and brought no answer."""
        self._left -= seconds

    @property
    def past_deadline(self) -> bool:
        """Whether the deadline has passed."""
        return self.left == 0

    def pause(self, seconds: float) -> None:
        """Sleeps because the target asked for it.

        Raises RunOver, and does not, where the deadline or the patience for pauses on end would be over meanwhile.
        """
        now = time.monotonic()
        if self._end is not None and now + seconds >= self._end:
            self._end = now  # nothing can come of the time that is left
            raise RunOver(f"the deadline of {self._seconds:g} s comes before the end of a pause that the target asked for")
        if self._pausing_since is None:
            self._pausing_since = now
        if now + seconds - self._pausing_since > self._pauses:
            raise RunOver(f"the target asks to be left alone for more than {self._pauses:g} s on end")
        time.sleep(seconds)

    def answered(self) -> None:
        """An answer came that asked for no pause."""
        self._pausing_since = None
