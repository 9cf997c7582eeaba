"""Scrolling as a person does: by the wheel, to the end, no faster than pictures can be asked for."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from lanes.browsing.traffic import FRAMES

if TYPE_CHECKING:
    from playwright.sync_api import Page

# Where the page stands once it has been drawn twice: also in one that scrolls a part of itself, the last image is somewhere
# else then.
_PLACE = f"""async () => {{
    await ({FRAMES})();
    return [scrollY, ...[...document.images].slice(-1).map((each) => each.getBoundingClientRect().top)];
}}"""
_MOST_STEPS = 200
_STEP = 0.8  # of the height of the viewport


def scroll_through(turn: Callable[[float], object], pause: Callable[[], object]) -> None:
    """To the end, no faster than pictures can be asked for, and with a pause before each step, the first one too."""
    before, now = None, turn(0)
    for _ in range(_MOST_STEPS):
        if now is not None and now == before:
            return
        pause()
        before, now = now, turn(_STEP)


@contextlib.contextmanager
def wheel(page: Page) -> Iterator[Callable[[float], object]]:
    """What turns the wheel in the middle of the screen by so many heights of it, and answers where the page stands then.

    It answers None on the way to another page. It goes through the protocol, for each step of the browser's own would go into
    the trace twice, with all of the page.
    """
    from playwright.sync_api import Error

    size = page.viewport_size or {"width": 0, "height": 0}
    event = {"type": "mouseWheel", "x": size["width"] / 2, "y": size["height"] / 2, "deltaX": 0}
    place = {"expression": f"({_PLACE})()", "awaitPromise": True, "returnByValue": True}
    protocol = page.context.new_cdp_session(page)

    def turn(heights: float) -> object:
        with contextlib.suppress(Error):
            protocol.send("Input.dispatchMouseEvent", {**event, "deltaY": size["height"] * heights})
            return protocol.send("Runtime.evaluate", place)["result"].get("value")
        return None

    yield turn
    with contextlib.suppress(Error):
        protocol.detach()
