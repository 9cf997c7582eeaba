"""What can be made to befall storage calls, and the faults that are armed."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from lanes.stack.gateway.calls import Operation, Provider, Word
from lanes.stack.gateway.record import Call, Record

What = Literal["refuse", "fail", "hang", "reset", "slow", "hold"]
When = Literal["before", "after"]


@dataclass(frozen=True, slots=True)
class Fault:
    """What befalls which calls.

    - refuse: answered 403, in the provider's own words
    - fail: answered 503, in the provider's own words, which ask to come back later
    - reset: the connection is reset, without an answer
    - slow: goes on after so many seconds
    - hold: goes on when the scenario says so
    - hang: never answered; like `hold`, for a scenario that waits until the target gives up

    It happens before the store is asked, or after it has acted: then its answer is swallowed or kept back. A call that the
    target leaves while it is kept back before the store was asked never reaches the store.

    It befalls the calls of the operation, with one of the keys, at the location of the provider; whatever is not named may be
    anything. With `nth`, the distinct keys of these calls are counted as they first appear, from 1 on, and it befalls every
    call with the nth key, so that retries do not get round it; calls without a key are then left alone. A call of several
    keys is hit as a whole if one of them is meant.
    """

    what: What
    when: When = "before"
    operation: Word | None = None
    keys: frozenset[str] = frozenset()
    location: str | None = None
    provider: Provider | None = None
    nth: int | None = None
    times: int | None = None  # how many calls it befalls at most
    seconds: float = 0.0  # how long `slow` takes

    def __post_init__(self) -> None:
        if (self.what == "slow") != (self.seconds > 0):
            raise ValueError("seconds belong to a slow fault, and a slow fault needs some")
        if any(count is not None and count < 1 for count in (self.nth, self.times)):
            raise ValueError("nth and times count from 1")

    def __str__(self) -> str:
        return f"{self.what} {self.when}"

    def may_befall(self, provider: Provider, operation: Operation) -> bool:
        """Whether a call is one of those it is about, its place in their order aside."""
        return (
            self.operation in {None, operation.word}
            and self.location in {None, operation.location}
            and self.provider in {None, provider}
            and (not self.keys or not self.keys.isdisjoint(operation.keys))
        )


class Armed:
    """A fault that is armed. `wait_reached`, `release` and `calls` are for the scenario, from any thread."""

    def __init__(self, fault: Fault, record: Record, loop: asyncio.AbstractEventLoop) -> None:
        self.fault = fault
        self._record = record
        self._loop = loop
        self._reached = threading.Event()
        self._let_go = asyncio.Event()
        self._keys: list[str] = []  # of matching calls, as they first appeared
        self._hit: list[int] = []  # numbers of calls

    @property
    def calls(self) -> tuple[Call, ...]:
        """The calls that were hit, each as far as it has come, in the order in which they began."""
        return tuple(self._record.numbered(number) for number in tuple(self._hit))

    def wait_reached(self, seconds: float) -> bool:
        """Waits until the fault has befallen a call: the target has sent all of it or, for `after`, the store has acted."""
        return self._reached.wait(seconds)

    def wait_ended(self, seconds: float) -> bool:
        """Waits until every call that was hit has been answered or dropped: until the target has left those that hang."""
        deadline = time.monotonic() + seconds
        while any(call.seconds is None for call in self.calls):
            if time.monotonic() > deadline:
                return False
            time.sleep(0.005)
        return True

    def release(self) -> None:
        """Lets go on what is held, hangs or is slow, and keeps back nothing more. Other faults go on befalling calls."""
        # The gateway may have been closed before.
        with contextlib.suppress(RuntimeError):
            self._loop.call_soon_threadsafe(self._let_go.set)

    def befalls(self, call: Call, operation: Operation) -> bool:
        """Whether it befalls a call. The call's keys are counted, whether or not it does."""
        if not self.fault.may_befall(call.provider, operation):
            return False
        if self.fault.nth is None:
            return True
        # Only the keys that it is about count.
        mine = [key for key in operation.keys if not self.fault.keys or key in self.fault.keys]
        self._keys += [key for key in dict.fromkeys(mine) if key not in self._keys]
        return any(key in operation.keys for key in self._keys[self.fault.nth - 1 : self.fault.nth])

    def hit(self, call: Call) -> bool:
        """Takes a call that it befalls, unless it has had its number of them."""
        if self.fault.times is not None and len(self._hit) >= self.fault.times:
            return False
        self._hit.append(call.number)
        return True

    def reach(self) -> None:
        """A call has come to where the fault befalls it."""
        self._reached.set()

    async def wait_let_go(self, seconds: float | None = None) -> None:
        """Waits until it is released, or for so many seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._let_go.wait()


class Faults:
    """The faults that are armed. Of those that befall a call, the one armed first has it; the others count its keys too."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._lock = threading.Lock()
        self._armed: tuple[Armed, ...] = ()

    @contextlib.contextmanager
    def armed(self, fault: Fault, loop: asyncio.AbstractEventLoop) -> Iterator[Armed]:
        """A fault while it is armed; what it keeps back is released at the end."""
        made = Armed(fault, self._record, loop)
        with self._lock:
            self._armed += (made,)
        try:
            yield made
        finally:
            with self._lock:
                self._armed = tuple(each for each in self._armed if each is not made)
            made.release()

    def strike(self, call: Call, operation: Operation) -> Armed | None:
        """The fault that befalls a call, if any. For the gateway's own thread: calls are counted one at a time."""
        willing = [armed for armed in self._armed if armed.befalls(call, operation)]
        return next((armed for armed in willing if armed.hit(call)), None)
