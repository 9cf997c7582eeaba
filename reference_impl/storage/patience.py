"""How long one call to a store may take, and when it is too late to try again."""

from __future__ import annotations

import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# One failed attempt is forgiven: a connection that was closed while it lay idle, a server that is busy for a moment.
ATTEMPTS = 2


class TooLate(Exception):
    """The call was given up before this attempt began."""


class Patience:
    """The time-outs of an adapter, from the seconds after which Stores gives a call up.

    Giving up only leaves the call to its thread. The socket has to end it, and at about the same time: earlier, and a
    slow answer that is still in time is lost; later, and threads pile up, or an upload that was already undone stores
    its object after all. So an answer is waited for as long as the call, a connection half as long, and no attempt
    begins once the call is given up, whatever the client library thinks of trying again.
    """

    def __init__(self, seconds: float) -> None:
        self.connect = seconds / 2
        self.read = seconds
        self._calls = threading.local()

    @contextmanager
    def call(self) -> Iterator[None]:
        """One call, all of whose attempts are made in this thread."""
        self._calls.began = time.monotonic()
        yield

    def attempt(self) -> None:
        """To be called before each attempt. Raises TooLate."""
        if time.monotonic() - self._calls.began >= self.read:
            raise TooLate
