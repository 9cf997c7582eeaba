"""Steps that look at pages: each surface is looked at once on each screen, and every scenario judges what was seen."""

from __future__ import annotations

import contextlib
import hashlib
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urljoin

from pytest_bdd import parsers, when

from lanes.browsing.evidence import Evidence
from lanes.browsing.gate import Gate
from lanes.browsing.visit import Spot, Visit, visit
from lanes.checks import Blocked
from lanes.errors import TargetSilent
from lanes.oracle import pictures
from lanes.stack.browser import DESKTOP, SCREENS, Browser, Screen
from lanes.steps.exhibits import open_album
from lanes.steps.world import World
from lanes.surfaces import Surface, Vocabulary, vocabulary

_AT_ONCE = 600  # requests of two pages with many pictures
_OF_AN_ARTIST = {"name", "profileImageURL", "profileImageThumbnailURL", "profileImageBlurDataURL"}
_OF_AN_ITEM = {"ID", "src", "thumbnailSrc", "blurDataURL", "altText", "width", "height"}


@dataclass(frozen=True, slots=True)
class Stop:
    """A page on a screen, which is looked at once in a run."""

    url: str
    screen: Screen


@dataclass(frozen=True, slots=True)
class Expected:
    """What the API says of what a spot shows. Addresses are None where there is no such picture.

    `alternatives` are the texts that may stand for it; `size` is its width and height in pixels, where they are known.
    """

    src: str | None
    thumbnail: str | None
    preview: str | None
    size: tuple[int, int] | None
    alternatives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """What an address serves, as the API's checks have seen it. `size` is None where it does not decode whole."""

    digest: str = field(repr=False)
    size: tuple[int, int] | None


@when(parsers.parse("visitors look at the {surfaces}"))
def _(world: World, surfaces: str) -> None:
    world.notes["visits"] = seen(world, named(world, surfaces))


@when("visitors look at every page")
def _(world: World) -> None:
    world.notes["visits"] = seen(world, words(world).surfaces)


@when("visitors look at every page, and at the forms")
def _(world: World) -> None:
    world.notes["visits"] = seen(world, [*words(world).drafts, *words(world).surfaces])


def words(world: World) -> Vocabulary:
    """How the target's pages say what they show."""
    shared = world.stack.shared
    if "vocabulary" not in shared:
        shared["vocabulary"] = vocabulary(world.stack.naming)
    found: Vocabulary = shared["vocabulary"]
    return found


def named(world: World, surfaces: str) -> list[str]:
    """The surfaces that a step's text names, as in `cards, table and search results`."""
    plain = surfaces.replace(" and ", ", ").split(", ")
    known = {name.replace("-", " "): name for name in words(world).surfaces}
    return [known[each.removeprefix("the ").strip()] for each in plain]


def visits(world: World) -> list[Visit]:
    """Those that the scenario is about."""
    found: list[Visit] = world.notes["visits"]
    return found


def seen(world: World, surfaces: Iterable[str]) -> list[Visit]:
    """The visits to pages of the album's artist with these surfaces, on each screen, and with these forms on a desktop.

    Raises TargetSilent, StackError.
    """
    open_album(world)
    wanted = [(surface, stop) for surface in map(words(world).place, surfaces) for stop in stops(world, surface)]
    made: dict[Stop, Visit] = world.stack.shared.setdefault("visits", {})
    missing: dict[Stop, list[Surface]] = {}
    for surface, stop in wanted:
        if stop not in made:
            missing.setdefault(stop, []).append(surface)

    def look(browser: Browser, stop: Stop) -> None:
        made[stop] = looked_at(world, browser, stop, missing[stop])

    if missing:
        world.stack.aside.share(world.stack.browser, missing, look)
    found = [replace(made[stop], surface=surface) for surface, stop in wanted]  # a page may have several
    kept: set[str] = world.stack.shared.setdefault("pictures kept", set())
    for each in found:
        if each.name not in kept:
            kept.add(each.name)
            evidence(world).keep_picture(f"{each.name}.jpeg", each.picture)
    return found


def stops(world: World, surface: Surface) -> list[Stop]:
    """Where this surface, or form, is looked at."""
    url = urljoin(world.client.base_url, address(world, surface))
    return [Stop(url, screen) for screen in SCREENS.values() if screen == DESKTOP or surface.name not in words(world).drafts]


def looked_at(world: World, browser: Browser, stop: Stop, surfaces: Sequence[Surface]) -> Visit:
    """Opens a page for these of its surfaces, and looks at all of it. Raises TargetSilent; RunOver past the run's deadline."""
    first, *others = surfaces
    make_room(world)
    gate = Gate(world.client.care, world.client.base_url, world.stack.place.headers)
    with within_time(world), browser.looking(stop.screen, patience(world), world.client.time_left) as context:
        gate.stand_before(context)
        found = visit(context, stop.url, first, stop.screen, words(world), patience(world), others)
        gate.settle()
        return replace(found, trace=browser.trace(context))


def patience(world: World) -> float:
    """Seconds that a page may take for one thing: those of an answer, and what a slow run's pace may hold its requests up."""
    spending = world.client.care.spending
    pace = spending.budget.requests_per_minute if spending else _AT_ONCE
    return world.stack.patience + (0 if pace >= _AT_ONCE else 60 * (1 + math.ceil(_AT_ONCE / pace)))


def make_room(world: World) -> None:
    """Waits until a page may ask for all that it needs without being held up by the run's own pace, where that is possible.

    Raises RunOver past the run's deadline.
    """
    spending = world.client.care.spending
    if spending and spending.budget.requests_per_minute >= _AT_ONCE:
        spending.make_room(_AT_ONCE)
    world.client.check_time()


@contextlib.contextmanager
def within_time(world: World) -> Iterator[None]:
    """What is not through at the run's deadline is no fault of the target. Raises RunOver then."""
    try:
        yield
    except TargetSilent:
        world.client.check_time()
        raise


def evidence(world: World) -> Evidence:
    """Where the run keeps what it has seen in a browser."""
    return Evidence(world.stack.output, world.stack.redactor)


def judge(world: World, looked: Visit, rule: str, clause: str, held: bool, detail: str) -> bool:
    """Records whether a clause held on a page, and answers it. Of a page where one did not, what was sent is kept."""
    kept: set[str] = world.stack.shared.setdefault("pages kept", set())
    if not held and looked.name not in kept:
        kept.add(looked.name)
        evidence(world).keep_requests(looked.name, looked.sent)
        evidence(world).keep_trace(looked.name, looked.trace)
    return world.check(rule, clause, held, f"{looked}: {detail}")


def address(world: World, surface: Surface) -> str:
    """The path of a page with this surface, filled in for the scenario's artist."""
    if not items_told(world, world.artist):
        raise Blocked(f"the API tells of no picture of the artist {world.artist}, whom pages were to show")
    values = {"artistID": world.artist}
    if "{query}" in surface.path:
        values["query"] = str(artist_told(world, world.artist)["name"])
    if "{mediaID}" in surface.path:
        values["mediaID"] = str(items_told(world, world.artist)[0]["ID"])
    return words(world).path(surface.name, **values)


def artist_told(world: World, artist: str) -> dict[str, Any]:
    """What the API says of an artist, asked once; empty where it says nothing that can be used."""
    told: dict[str, Any] = world.stack.shared.setdefault("artists told", {})
    if artist not in told:
        answer = world.client.call("readArtist", artist)
        body = answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}
        told[artist] = body["artist"] if is_usable(body.get("artist")) else {}
    found: dict[str, Any] = told[artist]
    return found


def is_usable(artist: Any) -> bool:
    """Whether an artist, as an answer has it, says what pages are held against; the rest is another rule's affair."""
    if not isinstance(artist, dict) or not isinstance(artist.get("media"), list) or not artist.keys() >= _OF_AN_ARTIST:
        return False
    return all(isinstance(item, dict) and item.keys() >= _OF_AN_ITEM for item in artist["media"])


def items_told(world: World, artist: str) -> list[dict[str, Any]]:
    """The artist's items that can be shown."""
    return [item for item in artist_told(world, artist).get("media", ()) if item["src"]]


def expected(world: World, spot: Spot, looked: Visit) -> Expected | None:
    """What the API says of what a spot shows; None where it knows nothing of the kind."""
    artist = spot.artist or (world.artist if "{artistID}" in looked.surface.path else None)
    if artist is None:
        return None
    told = artist_told(world, artist)
    if words(world).surfaces[spot.surface].shows == "artists":
        return of_artist(told) if told else None
    return next((of_item(item) for item in told.get("media", ()) if item["ID"] == spot.item), None)


def known_addresses(world: World, looked: Visit) -> dict[str, str]:
    """The render URLs of all artists that a page shows something of: which of src and thumbnail each is."""
    artists = {world.artist, *(spot.artist for spot in looked.scrolled.spots if spot.artist)}
    found: dict[str, str] = {}
    for artist in artists:
        for item in artist_told(world, artist).get("media", ()):
            found |= {url: kind for kind, url in (("thumbnail", item["thumbnailSrc"]), ("src", item["src"])) if url}
    return found


def plain(url: str) -> str:
    """An address without query and fragment, by which the same picture may be asked for again."""
    return url.partition("#")[0].partition("?")[0]


def of_item(item: Mapping[str, Any]) -> Expected:
    """What to expect of an item."""
    size = (item["width"], item["height"]) if item["width"] and item["height"] else None
    return Expected(item["src"], item["thumbnailSrc"], item["blurDataURL"], size, (item["altText"] or "",))


def of_artist(artist: Mapping[str, Any]) -> Expected:
    """What to expect of an artist's card: its profile image, for which its name may stand too."""
    src = artist["profileImageURL"]
    item = next((each for each in artist["media"] if src and each["src"] == src), None)
    size = (item["width"], item["height"]) if item and item["width"] and item["height"] else None
    texts = dict.fromkeys([(item["altText"] if item else "") or "", artist["name"], ""])
    return Expected(src, artist["profileImageThumbnailURL"], artist["profileImageBlurDataURL"], size, tuple(texts))


def verified(world: World, url: str) -> Verified:
    """What an address serves by the API's own checks, fetched once. Raises Blocked where it leads elsewhere."""
    known: dict[str, Verified] = world.stack.shared.setdefault("verified", {})
    if url not in known:
        answer = world.fetch(url)
        world.check.presume("DEL-2", "get", answer.status == 200, f"{url}: {answer}", answer)
        known[url] = Verified(hashlib.sha256(answer.body).hexdigest(), size_of(answer.body))
    return known[url]


def size_of(data: bytes) -> tuple[int, int] | None:
    """Width and height of a picture that decodes whole."""
    try:
        return pictures.decode(data).size
    except pictures.Undecodable:
        return None
