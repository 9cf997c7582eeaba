"""A page as somebody sees it who opens it, scrolls to its end, and moves a carousel on."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lanes.browsing.scrolling import scroll_through, wheel
from lanes.browsing.traffic import Sent, Traffic
from lanes.errors import StackError, TargetSilent
from lanes.stack.browser import Screen
from lanes.surfaces import DRAFT, Surface, Vocabulary

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

_HERE = Path(__file__).parent
_OBSERVE = (_HERE / "observe.js").read_text(encoding="utf-8")
_DESCRIBE = (_HERE / "describe.js").read_text(encoding="utf-8")
_SUBJECT = {"items": "item", "artists": "artist"}
_MOST_OF_IT = 0.5
_LATEST = 10.0  # seconds after which a surface that is not there is not waited for any more
_TURN = 3.0  # seconds that a carousel has to move on
_QUALITY = 60  # percent, of a picture of a whole page
_SLOWLY = 300  # milliseconds before each step of scrolling, for pages that look around only so often
_FAR = 1000  # heights of a screen


@dataclass(frozen=True, slots=True)
class Box:
    """Where something is on a page, in CSS pixels from its top left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def area(self) -> float:
        """In square CSS pixels."""
        return self.width * self.height


@dataclass(frozen=True, slots=True)
class Image:
    """An image as a page has it. `width` and `height` are its own, in pixels; `inside` is how much of it its surface shows."""

    url: str
    lazy: bool
    complete: bool
    width: int
    height: int
    alt: str | None
    box: Box
    visible: bool
    inside: float
    lead: bool

    @property
    def is_shown(self) -> bool:
        """Whether it can be seen where its surface stands, as one picture of a carousel can."""
        return self.visible and self.inside >= _MOST_OF_IT


@dataclass(frozen=True, slots=True)
class Spot:
    """An item, or an artist, as a surface shows it. `addresses` are those that a blurred background takes pictures from."""

    surface: str
    item: str | None
    artist: str | None
    images: tuple[Image, ...]
    addresses: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"item {self.item}" if self.item else f"artist {self.artist}"


@dataclass(frozen=True, slots=True)
class Shift:
    """One layout shift: its score, and when it was, in seconds from the beginning."""

    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Look:
    """A page at one moment: what it shows, what it had requested by then, what had moved, and its largest paint so far."""

    spots: tuple[Spot, ...]
    strays: tuple[Image, ...]  # images that belong to nothing that a surface shows
    requested: frozenset[str]
    shifts: tuple[Shift, ...]
    largest: str  # the address of the image that was the largest contentful paint, empty where that was none
    fold: float  # the height of the viewport, in CSS pixels

    def of(self, surface: str) -> list[Spot]:
        """What this surface shows."""
        return [spot for spot in self.spots if spot.surface == surface]


@dataclass(frozen=True, slots=True)
class Visit:
    """A visit to a page, for one of its surfaces. Nothing of it changes any more."""

    surface: Surface
    screen: Screen
    url: str
    status: int
    loaded: Look
    scrolled: Look
    moved: Look | None  # once a carousel was moved on, where it can be
    sent: tuple[Sent, ...]
    html: str = field(repr=False)  # what scripts have made of the page in the end
    stored: str = field(repr=False)  # what the page keeps in the browser, as text
    picture: bytes = field(repr=False)  # a JPEG of the whole page, in the end
    trace: bytes = field(default=b"", repr=False)

    def __str__(self) -> str:
        return f"{self.surface.name} on a {self.screen.name}"

    @property
    def name(self) -> str:
        """By which files about it are called."""
        return f"{self.surface.name}-{self.screen.name}"

    @property
    def bodies(self) -> Mapping[str, bytes]:
        """The bytes that came from each address."""
        return {each.url: each.body for each in self.sent if each.body}


def visit(
    context: BrowserContext,
    url: str,
    surface: Surface,
    screen: Screen,
    words: Vocabulary,
    patience: float,
    others: Iterable[Surface] = (),
) -> Visit:
    """Opens a page for one of its surfaces and others, and looks at all of it, in a context that is at this screen.

    Raises TargetSilent where it does not come, StackError where the browser ends.
    """
    from playwright.sync_api import Error

    context.add_init_script(_OBSERVE)
    page = context.new_page()
    traffic = Traffic(page, patience)
    try:
        status = _open(page, url)
        traffic.settle()
        late = [_comes_late(page, each.selector, patience) for each in (surface, *others)]  # each is waited for
        if any(late):
            traffic.settle()
        loaded = _look(page, words, traffic)
        scrolled = _scrolled(page, words, traffic)
        moved = _moved_on(page, words, traffic)
        # Last of all, for it may ask for what nobody has scrolled to.
        picture = page.screenshot(full_page=True, type="jpeg", quality=_QUALITY, scale="css")
        return Visit(
            surface,
            screen,
            url,
            status,
            loaded,
            scrolled,
            moved,
            traffic.told(),
            page.content(),
            _stored(page),
            picture,
        )
    except Error as error:
        raise StackError(f"the browser broke down on {url}: {str(error).splitlines()[0]}") from None


def _open(page: Page, url: str) -> int:
    from playwright.sync_api import Error

    try:
        response = page.goto(url, wait_until="commit")
    except Error as error:
        raise TargetSilent(f"GET {url} in the browser: {str(error).splitlines()[0]}") from None
    return response.status if response else 0


def _comes_late(page: Page, selector: str, patience: float) -> bool:
    """Whether a surface is not there yet, and comes: scripts may have to make it first."""
    from playwright.sync_api import Error

    if page.locator(selector).count():
        return False
    with contextlib.suppress(Error):
        page.wait_for_selector(selector, state="attached", timeout=min(patience, _LATEST) * 1000)
        return True
    return False


def _look(page: Page, words: Vocabulary, traffic: Traffic) -> Look:
    told = page.evaluate(
        _DESCRIBE,
        {
            "surfaces": {
                each.name: {"selector": each.selector, "subject": words.attributes[_SUBJECT[each.shows]]}
                for each in words.surfaces.values()
            },
            "item": words.attributes["item"],
            "artist": words.attributes["artist"],
            "lead": words.selectors["lead"],
            "draft": words.selectors[DRAFT],
        },
    )
    return Look(
        tuple(_spots(told["spots"])),
        tuple(_images(told["strays"])),
        frozenset(traffic.addresses),
        tuple(Shift(each["value"], each["at"]) for each in told["shifts"]),
        (told["largest"] or {}).get("url", ""),
        told["fold"],
    )


def _spots(told: Iterable[Mapping[str, Any]]) -> Iterator[Spot]:
    for each in told:
        images = tuple(_images(each["images"]))
        yield Spot(each["surface"], each["item"], each["artist"], images, tuple(each["addresses"]))


def _images(told: Iterable[Mapping[str, Any]]) -> Iterator[Image]:
    return (Image(**{**each, "box": Box(**each["box"])}) for each in told)


def _scrolled(page: Page, words: Vocabulary, traffic: Traffic) -> Look:
    """The page once somebody has scrolled to its end. Where pictures are missing then, somebody slower does so again."""
    with wheel(page) as turn:
        scroll_through(turn, lambda: None)
        traffic.settle()
        look = _look(page, words, traffic)
        if all(image.complete and image.width for spot in look.spots for image in spot.images):
            return look
        turn(-_FAR)
        scroll_through(turn, lambda: page.wait_for_timeout(_SLOWLY))
    traffic.settle()
    return _look(page, words, traffic)


def _moved_on(page: Page, words: Vocabulary, traffic: Traffic) -> Look | None:
    """The page once its carousel shows something else, or does not after all; None where no control to move it is shown."""
    from playwright.sync_api import Error

    control = page.locator(f"{words.surfaces['carousel'].selector} {words.selectors['next']}").first
    if not (control.is_visible() and control.is_enabled()):
        return None
    before = _in_carousel(_look(page, words, traffic))
    with contextlib.suppress(Error):  # one that cannot be pressed moves nothing
        control.click(timeout=_TURN * 1000)
    until = time.monotonic() + _TURN
    traffic.settle()
    while _in_carousel(_look(page, words, traffic)) == before and time.monotonic() < until:
        traffic.pass_frames()
    traffic.settle()
    return _look(page, words, traffic)


def _in_carousel(look: Look) -> set[str | None]:
    return {spot.item for spot in look.of("carousel") if any(image.is_shown for image in spot.images)}


def _stored(page: Page) -> str:
    kept = page.context.storage_state(indexed_db=True)
    with contextlib.suppress(Exception):
        return json.dumps([kept, page.evaluate("() => ({...sessionStorage})")])
    return json.dumps([kept])
