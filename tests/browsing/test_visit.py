"""Pages as a real Chromium shows them, and what of them a visit tells."""

from __future__ import annotations

import io
import json
import threading
import time
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from lanes.browsing.visit import Image, Spot, Visit, visit
from lanes.errors import TargetSilent
from lanes.stack.browser import DESKTOP, PHONE, Browser
from lanes.steps.loading import cumulative
from lanes.steps.surfaces import shown
from lanes.surfaces import vocabulary
from lanes.target import Naming
from tests.browsing.conftest import PATIENCE
from tests.browsing.site import Site
from tests.harness.servers import Asked, Reply

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

WORDS = vocabulary(Naming())
ITEM = '<div data-media-item="m1"><img src="/small.png" alt="" width="60" height="40"></div>'
DOT = "data:image/gif;base64,R0lGODlhAQABAIAAAMLCwgAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="
# Two ways of scrolling; a page of the second kind never scrolls itself.
WHOLE, INNER = "margin:0", "margin:0;height:100vh;overflow:hidden"


# What hangs on a wall that is looked at once, by item.
NESTED = (
    '<div data-media-item="outer"><img src="/small.png" alt=""><section data-media-surface="detail">'
    '<figure data-media-item="inner"><img src="/large.png" alt=""></figure></section></div>'
    '<div data-media-item="around"><img src="/small.png" alt=""><a data-media-item="within"><img src="/large.png" alt=""></a>'
    "</div>"
)
STYLES = {"": True, "display:none": False, "visibility:hidden": False, "opacity:0": False, "opacity:0.5": True}
LOADING = {"": False, 'loading="eager"': False, 'loading="lazy"': True}
TEXTS = {"": None, "alt": "", 'alt=""': "", 'alt="A &amp; “b”"': "A & “b”", 'title="x"': None}
CHOSEN = (
    '<img srcset="/small.png?1 60w, /unwanted.png 600w" sizes="60px" src="/unwanted.png" alt="">',
    '<img srcset="/small.png?2 1x, /unwanted.png 3x" alt="">',
    '<picture><source srcset="/small.png?3" media="(min-width: 600px)"><img src="/unwanted.png" alt=""></picture>',
)
BACKGROUNDS = {
    f'<i style="background-image:url({DOT})">x</i>': {DOT},
    f'<style>.b::before {{ content: ""; background: url("{DOT}") }}</style><i class="b">x</i>': {DOT},
    f'<style>.a::after {{ content: url("{DOT}") }}</style><i class="a">x</i>': {DOT},
    f'<img src="{DOT}" alt="">': {DOT},
    f'<i style="background:linear-gradient(red, blue), url({DOT})">x</i>': {DOT},
    '<i style="background:linear-gradient(red, blue)">x</i>': set(),
    f'<i style="background:url({DOT})"><img src="/small.png?behind" alt=""></i>': {DOT, "/small.png?behind"},
}
KEPT = ("kept-local", "kept-session", "kept-cookie")


def hung(item: str, inside: str, around: str = "") -> str:
    return f'<div data-media-item="{item}" style="{around}">{inside}</div>'


def small(attributes: str) -> str:
    return f'<img src="/small.png" width="60" height="40" {attributes}>'


def wall() -> str:
    """A page with all of that."""
    keeps = 'localStorage.a = "kept-local"; sessionStorage.b = "kept-session"; document.cookie = "c=kept-cookie"'
    backgrounds = "".join(
        f'<div data-media-surface="blurred-background">{hung(f"background {number}", inside)}</div>'
        for number, inside in enumerate(BACKGROUNDS)
    )
    return (
        gallery(
            NESTED
            + "".join(hung(f"style {each}", small('alt=""'), each) for each in STYLES)
            + "".join(hung(f"loading {number}", small(f'alt="" {each}')) for number, each in enumerate(LOADING))
            + "".join(hung(f"text {number}", small(each)) for number, each in enumerate(TEXTS))
            + "".join(hung(f"chosen {number}", each) for number, each in enumerate(CHOSEN))
            + hung("lead", small('alt="" data-media-role="lead"'))
            + f'<div data-media-role="lead">{hung("led", small("alt"))}</div>'
            + f'<section data-media-artist="a1">{hung("of a1", "")}'
            + '<b data-media-item="of a2" data-media-artist="a2"></b></section>'
        )
        + '<img data-media-surface="detail showcase" data-media-item="all at once" src="/large.png" alt="">'
        + '<li data-media-surface="card" data-media-artist="a3"><img src="/small.png" alt=""></li>'
        + f"<button>Next</button>{backgrounds}<script>{keeps}</script>"
    )


@dataclass(frozen=True)
class Seen:
    """The wall as it was seen."""

    visit: Visit
    trace: bytes
    base_url: str
    small: bytes

    def spot(self, item: str, surface: str = "gallery") -> Spot:
        (spot,) = [each for each in self.visit.scrolled.of(surface) if each.item == item]
        return spot

    def image(self, item: str, surface: str = "gallery") -> Image:
        (image,) = self.spot(item, surface).images
        return image


@pytest.fixture(scope="module")
def seen(browser: Browser, one_site: Site) -> Seen:
    one_site.clear()
    with browser.looking(DESKTOP, PATIENCE) as context:
        found = looked(context, one_site, wall())
        served = one_site.replies["/small.png"]
        assert isinstance(served, Reply)
        return Seen(found, browser.trace(context), one_site.base_url, served.body)


def looked(context: BrowserContext, site: Site, body: str, surface: str = "gallery", patience: float = PATIENCE) -> Visit:
    """A visit to a page with this body."""
    return visit(context, site.show(body), WORDS.surfaces[surface], DESKTOP, WORDS, patience)


def gallery(inside: str) -> str:
    return f'<main data-media-surface="gallery">{inside}</main>'


def only(found: list[Spot]) -> Spot:
    (spot,) = found
    return spot


def file_of(url: str) -> str:
    return url.rpartition("/")[2]


def test_what_a_nested_surface_shows_is_not_the_outer_ones(seen: Seen) -> None:
    assert file_of(seen.image("outer").url) == "small.png"
    assert file_of(seen.image("inner", "detail").url) == "large.png"
    assert "inner" not in {spot.item for spot in seen.visit.scrolled.of("gallery")}


def test_an_item_within_an_item_has_images_of_its_own(seen: Seen) -> None:
    assert [file_of(seen.image(item).url) for item in ("around", "within")] == ["small.png", "large.png"]


def test_one_element_may_be_surface_item_and_image_and_have_several_names(seen: Seen) -> None:
    for surface in ("detail", "showcase"):
        assert file_of(seen.image("all at once", surface).url) == "large.png"


@pytest.mark.parametrize(("item", "artist"), [("of a1", "a1"), ("of a2", "a2"), ("lead", None)])
def test_the_artist_of_an_item_is_on_it_or_around_it(seen: Seen, item: str, artist: str | None) -> None:
    assert seen.spot(item).artist == artist


def test_a_card_is_about_an_artist(seen: Seen) -> None:
    card = only(seen.visit.scrolled.of("card"))
    assert (card.artist, card.item, str(card), len(card.images)) == ("a3", None, "artist a3", 1)


@pytest.mark.parametrize(("style", "visible"), list(STYLES.items()))
def test_an_image_that_cannot_be_seen_is_known(seen: Seen, style: str, visible: bool) -> None:
    assert seen.image(f"style {style}").visible is visible


@pytest.mark.parametrize("number", range(len(CHOSEN)))
def test_the_address_of_an_image_is_the_one_that_the_browser_chose(seen: Seen, number: int) -> None:
    assert file_of(seen.image(f"chosen {number}").url) == f"small.png?{number + 1}"
    assert seen.base_url + "/unwanted.png" not in seen.visit.scrolled.requested


@pytest.mark.parametrize(("number", "lazy"), list(enumerate(LOADING.values())))
def test_an_image_says_whether_it_is_lazy(seen: Seen, number: int, lazy: bool) -> None:
    assert seen.image(f"loading {number}").lazy is lazy


@pytest.mark.parametrize(("number", "alt"), list(enumerate(TEXTS.values())))
def test_a_missing_text_is_another_thing_than_an_empty_one(seen: Seen, number: int, alt: str | None) -> None:
    assert seen.image(f"text {number}").alt == alt


@pytest.mark.parametrize(("number", "addresses"), list(enumerate(BACKGROUNDS.values())))
def test_a_background_is_found_however_it_is_made(seen: Seen, number: int, addresses: set[str]) -> None:
    found = seen.spot(f"background {number}", "blurred-background").addresses
    assert set(found) == {seen.base_url + each if each.startswith("/") else each for each in addresses}
    assert len(found) == len(addresses)


def test_only_of_backgrounds_addresses_are_gathered(seen: Seen) -> None:
    assert {spot.addresses for spot in seen.visit.scrolled.of("gallery")} == {()}


@pytest.mark.parametrize(("item", "lead"), [("lead", True), ("led", True), ("outer", False)])
def test_the_lead_is_the_image_with_the_role_or_in_what_has_it(seen: Seen, item: str, lead: bool) -> None:
    assert seen.image(item).lead is lead


def test_an_image_has_its_own_size_and_its_place_on_the_page(seen: Seen) -> None:
    image = seen.image("lead")
    assert (image.width, image.height, image.complete, image.inside) == (60, 40, True, 1)
    assert (image.box.width, image.box.height, image.box.area) == (60, 40, 2400)
    assert image.box.top > seen.image("outer").box.top


def test_what_came_from_each_address_is_known_byte_for_byte(seen: Seen) -> None:
    address = seen.base_url + "/small.png"
    assert seen.visit.bodies[address] == seen.small
    sent = next(each for each in seen.visit.sent if each.url == address)
    assert (sent.method, sent.kind, sent.status, sent.headers["content-type"]) == ("GET", "image", 200, "image/png")
    assert 0 < sent.began < sent.answered


@pytest.mark.parametrize("kept", KEPT)
def test_what_a_page_keeps_is_told_wherever_it_keeps_it(seen: Seen, kept: str) -> None:
    assert kept in seen.visit.stored


def test_pictures_of_a_page_and_a_trace_are_kept(seen: Seen) -> None:
    assert seen.visit.picture.startswith(b"\xff\xd8")
    with zipfile.ZipFile(io.BytesIO(seen.trace)) as trace:
        assert any(name.endswith(".trace") for name in trace.namelist())
    assert (str(seen.visit), seen.visit.name) == ("gallery on a desktop", "gallery-desktop")


def test_what_has_no_control_to_move_it_on_stays_as_it_is(seen: Seen) -> None:
    assert seen.visit.moved is None


def test_a_slide_outside_of_the_frame_is_not_what_a_carousel_shows(context: BrowserContext, site: Site) -> None:
    slides = "".join(
        hung(f"m{number}", f'<img src="/large.png?{number}" width="300" height="200" alt="">', "flex:0 0 300px")
        for number in (1, 2)
    )
    frame = f'<div data-media-surface="carousel" style="display:flex;overflow:hidden;width:300px">{slides}</div>'
    found = looked(context, site, frame, "carousel")
    assert [image.inside for spot in found.scrolled.of("carousel") for image in spot.images] == [1, 0]
    assert [spot.item for spot, _ in shown(found.scrolled, "carousel")] == ["m1"]


@pytest.mark.parametrize(("size", "moves"), [("", True), ('width="600" height="400"', False)])
def test_what_moves_while_a_page_is_loaded_is_seen(context: BrowserContext, site: Site, size: str, moves: bool) -> None:
    whole = site.replies["/large.png"]
    painted = threading.Event()

    def late(_: Asked) -> Reply:
        painted.wait(0.5)
        assert isinstance(whole, Reply)
        return whole

    site.replies["/large.png"] = late
    body = gallery(f'<div data-media-item="m1"><img src="/large.png" {size} alt=""></div>') + "<p>Words below.</p>" * 9
    found = looked(context, site, body)
    assert (cumulative(found.loaded.shifts) > 0.02) is moves
    assert all(shift.at > 0 for shift in found.loaded.shifts)


@pytest.mark.parametrize("kind", ["whole", "inner"])
def test_what_is_far_below_is_asked_for_when_it_is_scrolled_to(context: BrowserContext, site: Site, kind: str) -> None:
    far = ITEM.replace("<img", '<img loading="lazy"').replace("small", "large")
    content = gallery(f'{ITEM}<div style="height:6000px"></div>{far}')
    inner = f'<div style="height:100vh;overflow:auto">{content}</div>'
    body = f'<body style="{WHOLE}">{content}' if kind == "whole" else f'<body style="{INNER}">{inner}'
    found = looked(context, site, body)
    address = site.base_url + "/large.png"
    assert address not in found.loaded.requested
    assert address in found.scrolled.requested
    first, last = (spot.images[0] for spot in found.scrolled.of("gallery"))
    assert (first.width, last.width) == (60, 600)
    assert found.loaded.of("gallery")[1].images[0].box.top > 6000
    assert found.loaded.fold == DESKTOP.height


# What looks around only now and then, and what moves only where somebody turns the wheel.
_NOW_AND_THEN = """setInterval(() => {
    for (const each of document.querySelectorAll("img[data-src]")) {
        const {top, bottom} = each.getBoundingClientRect();
        if (bottom > 0 && top < innerHeight) { each.src = each.dataset.src; each.removeAttribute("data-src"); }
    }
}, 200);"""
_BY_WHEEL = """let at = 0;
addEventListener("wheel", (event) => {
    if (event.deltaY <= 0 || at === 11) return;
    document.body.style.transform = `translateY(${-800 * ++at}px)`;
    const each = document.querySelectorAll("img")[at];
    each.src = each.dataset.src;
});
const first = document.querySelector("img");
first.src = first.dataset.src;"""


@pytest.mark.parametrize(
    ("style", "script"), [(WHOLE, _NOW_AND_THEN), (INNER, _BY_WHEEL)], ids=["now and then", "by the wheel"]
)
def test_whatever_brings_pictures_to_whom_scrolls_has_the_time_for_it(
    context: BrowserContext, site: Site, style: str, script: str
) -> None:
    items = "".join(
        hung(f"m{number}", f'<img data-src="/small.png?{number}" width="60" height="40" alt="">', "height:800px")
        for number in range(12)
    )
    found = looked(context, site, f'<body style="{style}">{gallery(items)}<script>{script}</script>')
    assert {each.removeprefix(site.base_url) for each in found.scrolled.requested} >= {
        f"/small.png?{each}" for each in range(12)
    }


def test_all_surfaces_of_a_page_are_waited_for(context: BrowserContext, site: Site) -> None:
    slide = hung("m1", '<img src="/large.png" width="300" height="200" alt="">')
    late = f'<div data-media-surface="carousel">{slide}</div>'
    script = f"setTimeout(() => document.body.insertAdjacentHTML('beforeend', {json.dumps(late)}), 700)"
    body = f"{gallery(ITEM)}<script>{script}</script>"
    surfaces = WORDS.surfaces
    found = visit(context, site.show(body), surfaces["gallery"], DESKTOP, WORDS, PATIENCE, [surfaces["carousel"]])
    assert only(found.loaded.of("carousel")).item == "m1"


def test_the_largest_paint_is_known_by_its_address(context: BrowserContext, site: Site) -> None:
    body = gallery(f'{ITEM}<div data-media-item="m2"><img src="/large.png" width="600" height="400" alt=""></div>')
    assert looked(context, site, body).loaded.largest == site.base_url + "/large.png"


def test_where_words_are_the_largest_paint_there_is_no_address(context: BrowserContext, site: Site) -> None:
    assert looked(context, site, "<h1>" + "Words. " * 60).loaded.largest == ""


CAROUSEL = """
<div data-media-surface="carousel"><div data-media-item="m1"><img src="/large.png?1" width="300" height="200" alt=""></div>
%s</div>
<script>
  addEventListener("click", () => {
    const slide = document.querySelector("[data-media-item]");
    slide.dataset.mediaItem = "m2";
    slide.firstChild.src = "/large.png?2";
  });
</script>
"""


def test_a_carousel_is_moved_on(context: BrowserContext, site: Site) -> None:
    found = looked(context, site, CAROUSEL % '<button data-media-role="next">Next</button>', "carousel")
    assert only(found.scrolled.of("carousel")).item == "m1"
    assert found.moved
    moved = only(found.moved.of("carousel"))
    assert (moved.item, file_of(moved.images[0].url), moved.images[0].complete) == ("m2", "large.png?2", True)
    assert site.base_url + "/large.png?2" in found.moved.requested - found.scrolled.requested


def test_a_carousel_whose_control_is_off_stays_as_it_is(context: BrowserContext, site: Site) -> None:
    context.set_default_timeout(500)
    assert looked(context, site, CAROUSEL % '<button data-media-role="next" disabled>Next</button>', "carousel").moved is None


def test_a_page_that_never_becomes_quiet_is_looked_at_once_patience_ends(context: BrowserContext, site: Site) -> None:
    over = threading.Event()

    def hanging(_: Asked) -> Reply:
        over.wait(10)
        return Reply()

    site.replies["/never"] = hanging
    began = time.monotonic()
    try:
        found = looked(context, site, gallery(ITEM) + '<script>fetch("/never")</script>', patience=0.5)
    finally:
        over.set()
    assert 1 <= time.monotonic() - began < 8
    assert only(found.scrolled.of("gallery")).images[0].complete
    (never,) = [each for each in found.sent if each.url.endswith("/never")]
    assert (never.status, never.answered, never.failure) == (0, 0, "no answer yet")


def test_a_page_that_is_not_there_is_a_visit_that_shows_nothing(context: BrowserContext, site: Site) -> None:
    found = visit(context, f"{site.base_url}/nowhere", WORDS.surfaces["gallery"], DESKTOP, WORDS, PATIENCE)
    assert (found.status, found.scrolled.spots, found.moved) == (404, (), None)
    assert b"nothing here" in found.bodies[f"{site.base_url}/nowhere"]


def test_a_target_that_refuses_the_connection_is_silent(context: BrowserContext, nobody: str) -> None:
    with pytest.raises(TargetSilent, match=r"GET http://127\.0\.0\.1:\d+/ in the browser: .*ERR_CONNECTION_REFUSED"):
        visit(context, f"{nobody}/", WORDS.surfaces["gallery"], DESKTOP, WORDS, PATIENCE)


def test_somebody_with_a_phone_has_its_screen(browser: Browser, site: Site) -> None:
    url = site.show(f'<meta name="viewport" content="width=device-width">{gallery(ITEM)}')
    with browser.looking(PHONE, PATIENCE) as context:
        found = visit(context, url, WORDS.surfaces["gallery"], PHONE, WORDS, PATIENCE)
        assert context.pages[0].evaluate("[innerWidth, navigator.maxTouchPoints > 0]") == [PHONE.width, True]
    assert found.loaded.fold == PHONE.height


def test_nobody_has_been_here_before(browser: Browser, site: Site) -> None:
    url = site.show('<script>document.title = String(localStorage.seen); localStorage.seen = "yes"</script>')
    for _ in range(2):
        with browser.looking(DESKTOP, PATIENCE) as context:
            page = context.new_page()
            page.goto(url)
            assert page.title() == "undefined"
