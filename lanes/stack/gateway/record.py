"""What passed the gateway, in order. Headers, queries and bodies are not kept: credentials are in them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from datetime import UTC, datetime

from lanes.stack.gateway.calls import Operation, Provider, Word


@dataclass(frozen=True, slots=True)
class Call:
    """One storage call of the target, as far as it has come.

    A call with neither `seconds` nor `status` is under way; one with seconds and without a status was dropped: the target left,
    or its connection was reset.
    """

    number: int  # 1 is the first of the gateway
    provider: Provider
    operation: Word
    name: str  # the provider's own name of the operation
    location: str | None
    keys: tuple[str, ...]
    started: datetime
    size: int = 0  # bytes of the request's body that came in
    status: int | None = None  # answered to the target
    store_status: int | None = None  # answered by the store; None when the call never got there
    seconds: float | None = None  # until its answer began or it was dropped
    fault: str | None = None  # "hold before": what befell it, and when

    def __str__(self) -> str:
        about = "/".join([self.location or "", *self.keys[:1]]) + (f" and {len(self.keys) - 1} more" if self.keys[1:] else "")
        became = self.status or ("no answer" if self.seconds is not None else "under way")
        return f"{self.name} {about}: {became}" + (f" ({self.fault})" if self.fault else "")


def good(status: int | None) -> bool:
    """Whether a store did what it was asked."""
    return status is not None and 200 <= status < 300


class Record:
    """Every call of a gateway. It may be read from any thread while calls come in."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[Call] = []

    def mark(self) -> int:
        """A place in the record: `since(mark)` tells what comes from now on."""
        with self._lock:
            return len(self._calls)

    def since(
        self,
        mark: int = 0,
        *,
        operation: Word | None = None,
        key: str | None = None,
        location: str | None = None,
        provider: Provider | None = None,
    ) -> tuple[Call, ...]:
        """The calls that began since a mark and are what is asked for, in the order in which they began."""
        with self._lock:
            calls = self._calls[mark:]
        return tuple(
            call
            for call in calls
            if operation in {None, call.operation}
            and (key is None or key in call.keys)
            and location in {None, call.location}
            and provider in {None, call.provider}
        )

    def numbered(self, number: int) -> Call:
        """One call, as far as it has come."""
        with self._lock:
            return self._calls[number - 1]

    def begin(self, provider: Provider, operation: Operation) -> Call:
        """Enters a call that has come in."""
        word, name, location, keys = operation.word, operation.name, operation.location, operation.keys
        with self._lock:
            call = Call(len(self._calls) + 1, provider, word, name, location, keys, datetime.now(UTC))
            self._calls.append(call)
        return call

    def keep(self, call: Call) -> None:
        """Enters how far a call has come."""
        with self._lock:
            self._calls[call.number - 1] = call
