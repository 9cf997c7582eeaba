"""Two browsers at once: the second one on a thread of its own, for so are Playwright's objects."""

from __future__ import annotations

import contextlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from typing import TypeVar

from lanes.stack.browser import Browser, deaf_to_interrupts

Something = TypeVar("Something")


class Aside:
    """A browser beside another one. Use it as a context manager. Raises StackError where it does not start."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._thread = ThreadPoolExecutor(1, "aside")
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Aside:
        with contextlib.ExitStack() as undo:
            undo.callback(self._thread.shutdown)
            with deaf_to_interrupts():
                self._thread.submit(self._browser.__enter__).result()
            undo.callback(lambda: self._thread.submit(self._browser.__exit__).result())
            self._exit = undo.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._exit.close()

    def share(self, browser: Browser, things: Iterable[Something], look: Callable[[Browser, Something], object]) -> None:
        """Has each thing looked at once, with this browser or the other one, whichever is free: most of it is waiting.

        Raises what `look` raises; by then nobody looks any more.
        """
        left = deque(things)

        def look_on(one: Browser) -> None:
            for each in _taken_from(left):
                look(one, each)

        beside = self._thread.submit(look_on, self._browser)
        beside.add_done_callback(lambda over: left.clear() if over.exception() else None)
        try:
            look_on(browser)
        finally:
            left.clear()
            wait([beside])
        beside.result()


def _taken_from(left: deque[Something]) -> Iterator[Something]:
    """What is left, one after another, whoever else takes of it too."""
    with contextlib.suppress(IndexError):
        while True:
            yield left.popleft()
