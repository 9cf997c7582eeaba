"""Two browsers at once: the second one on a thread of its own, for so are Playwright's objects."""

from __future__ import annotations

import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, wait
from typing import Any, TypeVar

from lanes.stack.browser import Browser

Something = TypeVar("Something")
_DYING = 5.0  # seconds that are waited for somebody whose browser has been killed


class Aside:
    """A browser beside another one. Use it as a context manager. Raises StackError where it does not start."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser
        self._tasks: queue.SimpleQueue[tuple[Future[Any], Callable[[], Any]] | None] = queue.SimpleQueue()
        # Nobody waits for it where the run is interrupted, and it hangs.
        self._thread = threading.Thread(target=self._work, name="aside", daemon=True)

    def __enter__(self) -> Aside:
        self._thread.start()
        try:
            self._begin(self._browser.__enter__).result()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._begin(self._browser.__exit__)
        self._tasks.put(None)
        self._thread.join(_DYING)

    def share(self, browser: Browser, things: Iterable[Something], look: Callable[[Browser, Something], object]) -> None:
        """Has each thing looked at once, with this browser or the other one, whichever is free: most of it is waiting.

        Raises what `look` raises; by then nobody looks any more. Interrupted, it ends what the other one is at.
        """
        left = deque(things)

        def look_on(one: Browser) -> None:
            for each in _taken_from(left):
                look(one, each)

        beside = self._begin(lambda: look_on(self._browser))
        beside.add_done_callback(lambda over: left.clear() if over.exception() else None)
        try:
            try:
                look_on(browser)
            except Exception:
                left.clear()
                wait([beside])
                raise
            wait([beside])
        except Exception:
            raise
        except BaseException:
            left.clear()
            self._browser.kill()
            wait([beside], _DYING)
            raise
        beside.result()

    def _begin(self, task: Callable[[], Any]) -> Future[Any]:
        over: Future[Any] = Future()
        self._tasks.put((over, task))
        return over

    def _work(self) -> None:
        while (given := self._tasks.get()) is not None:
            over, task = given
            try:
                over.set_result(task())
            except BaseException as error:  # noqa: BLE001 - whoever asks for the result gets it
                over.set_exception(error)


def _taken_from(left: deque[Something]) -> Iterator[Something]:
    """What is left, one after another, whoever else takes of it too."""
    with contextlib.suppress(IndexError):
        while True:
            yield left.popleft()
