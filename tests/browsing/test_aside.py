"""Two browsers at once: who looks at what, and what is left where one of them cannot."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import pytest

from lanes.errors import StackError, TargetSilent
from lanes.stack.aside import Aside
from lanes.stack.browser import DESKTOP, GIVEN, Browser
from lanes.stack.watchdog import Watchdog
from tests.browsing.site import Site

if TYPE_CHECKING:
    from playwright.sync_api import Page

MAIN = threading.main_thread()


@pytest.fixture(scope="module")
def aside(watchdog: Watchdog, one_site: Site) -> Iterator[Aside]:
    """A browser on a thread of its own."""
    with Aside(Browser([one_site.base_url], watchdog)) as aside:
        yield aside


def test_two_look_at_the_same_time_and_at_each_thing_once(aside: Aside, browser: Browser, site: Site) -> None:
    together, titles, threads = threading.Barrier(2), list[str](), set[threading.Thread]()
    url = site.show("")

    def look(one: Browser, number: int) -> None:
        threads.add(threading.current_thread())
        if number < 2:
            together.wait(10)  # the first two meet, so that neither can have been alone
        with one.looking(DESKTOP, 5) as context:
            page = context.new_page()
            page.goto(url)
            titles.append(f"{page.title()}, {number}")

    aside.share(browser, range(5), look)
    assert sorted(titles) == [f"A page, {number}" for number in range(5)]
    assert len(threads) == 2
    assert MAIN in threads


@pytest.mark.parametrize("here", [True, False])
def test_where_one_of_them_cannot_the_other_ends_what_it_is_at(here: bool, aside: Aside, browser: Browser) -> None:
    together, seen = threading.Barrier(2), list[int]()

    def look(_: Browser, number: int) -> None:
        if number < 2:
            together.wait(10)
        if (threading.current_thread() is MAIN) == here:
            raise TargetSilent("nobody answers")
        threading.Event().wait(0.2)
        seen.append(number)

    with pytest.raises(TargetSilent, match="nobody answers"):
        aside.share(browser, range(100), look)
    assert len(seen) == 1


@pytest.mark.parametrize("interrupt", [KeyboardInterrupt, SystemExit])
def test_whoever_is_interrupted_does_not_wait_for_what_the_other_one_is_at(
    aside: Aside, browser: Browser, site: Site, interrupt: type[BaseException]
) -> None:
    together, url = threading.Barrier(2), site.show("<script>setTimeout(() => { for (;;); }, 100)</script>")

    def look(one: Browser, _: int) -> None:
        together.wait(10)
        if threading.current_thread() is MAIN:
            time.sleep(1)
            raise interrupt
        opened(one, url, lambda page: page.wait_for_timeout(500), "1 + 1")

    began = time.monotonic()
    with pytest.raises(interrupt):
        aside.share(browser, range(2), look)
    assert time.monotonic() - began < 5
    titles: list[str] = []
    there = site.show("")
    aside.share(browser, range(4), lambda one, _: titles.append(opened(one, there, lambda _: None, "document.title")))
    assert titles == ["A page"] * 4  # another browser has been begun


def test_an_interrupt_is_heeded_also_while_the_other_one_is_waited_for(aside: Aside, browser: Browser, site: Site) -> None:
    together, url = threading.Barrier(2), site.show("<script>setTimeout(() => { for (;;); }, 100)</script>")

    def look(one: Browser, _: int) -> None:
        together.wait(10)
        if threading.current_thread() is MAIN:
            threading.Timer(1.5, signal.pthread_kill, [MAIN.ident, signal.SIGINT]).start()
            raise TargetSilent("nobody answers")
        opened(one, url, lambda page: page.wait_for_timeout(500), "1 + 1")

    began, former = time.monotonic(), signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            aside.share(browser, range(2), look)
    finally:
        signal.signal(signal.SIGINT, former)
    assert time.monotonic() - began < 5


def opened(browser: Browser, url: str, then: Callable[[Page], object], question: str) -> str:
    """What a page answers once something was done there."""
    with browser.looking(DESKTOP, 5) as context:
        page = context.new_page()
        page.goto(url, wait_until="commit")
        then(page)
        return str(page.evaluate(question))


def test_a_browser_that_does_not_start_leaves_no_thread(watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(GIVEN, "/nowhere/chromium")
    before = asides()
    with pytest.raises(StackError, match="there is no such file"), Aside(Browser(["http://127.0.0.1:9"], watchdog)):
        pytest.fail("it has started")
    assert asides() == before


def asides() -> list[threading.Thread]:
    """The threads of second browsers."""
    return [each for each in threading.enumerate() if each.name == "aside"]
