"""One Chromium for each file of tests, and a site that it reaches. Two at a time cannot be driven from one thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lanes.stack.browser import DESKTOP, Browser
from lanes.stack.server import free_port
from lanes.stack.watchdog import Watchdog
from tests.browsing.site import open_site

if TYPE_CHECKING:
    from collections.abc import Iterator

    from playwright.sync_api import BrowserContext

    from tests.browsing.site import Site

PATIENCE = 3.0


@pytest.fixture(scope="module")
def watchdog() -> Iterator[Watchdog]:
    with Watchdog() as watchdog:
        yield watchdog


@pytest.fixture(scope="module")
def one_site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture(scope="module")
def second_site() -> Iterator[Site]:
    with open_site() as site:
        yield site


@pytest.fixture(scope="module")
def nobody() -> str:
    """Where nobody answers."""
    return f"http://127.0.0.1:{free_port()}"


@pytest.fixture(scope="module")
def browser(watchdog: Watchdog, one_site: Site, second_site: Site, nobody: str) -> Iterator[Browser]:
    """It may reach both sites, and nobody."""
    with Browser([one_site.base_url, second_site.base_url, nobody], watchdog) as browser:
        yield browser


@pytest.fixture
def site(one_site: Site) -> Site:
    """The site, as good as new."""
    one_site.clear()
    return one_site


@pytest.fixture
def other(second_site: Site) -> Site:
    """Another one, which is on the browser's list too."""
    second_site.clear()
    return second_site


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """Somebody at a desk."""
    with browser.looking(DESKTOP, PATIENCE) as context:
        yield context
