"""A browser that ends, or has to be ended, while somebody looks: whose fault it is, and that the next one finds another."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lanes.errors import StackError, TargetSilent
from lanes.stack.browser import DESKTOP, Browser
from tests.browsing.site import Site


def test_a_page_that_never_lets_go_of_the_browser_is_given_up(
    browser: Browser, site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lanes.stack.browser._PATIENCES", 0.2)
    there = site.show("<script>setTimeout(() => { for (;;); }, 50)</script>")
    with pytest.raises(TargetSilent, match="kept the browser busy: it was not through with it after 1 s"):
        read(browser, there, pause=200)
    with pytest.raises(TargetSilent, match="kept the browser busy"):
        browser.check()
    assert read(browser, site.show("")) == "A page"
    browser.check()


def test_a_browser_that_has_ended_is_nobodys_fault_and_another_one_takes_its_place(browser: Browser, site: Site) -> None:
    there = site.show("")
    with pytest.raises(StackError, match="the browser has ended"):
        read(browser, there, pause=4000, meanwhile=browser.kill)
    with pytest.raises(StackError, match="the browser has ended"):
        browser.check()
    assert read(browser, there) == "A page"


def read(browser: Browser, url: str, pause: float = 0, meanwhile: Callable[[], object] = lambda: None) -> str:
    """What a page is called, after so many milliseconds."""
    with browser.looking(DESKTOP, 5) as context:
        page = context.new_page()
        page.goto(url, wait_until="commit")
        meanwhile()
        page.wait_for_timeout(pause)
        return page.title()
