"""Every page, at both widths and in both colour schemes: accessible, calm, and within its policy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.pages.site import Site

SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
SCROLL = """async () => {
  for (let top = 0; top < document.body.scrollHeight; top += 600) {
    scrollTo(0, top);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve, 20)));
  }
  await Promise.all([...document.images].filter((image) => image.checkVisibility()).map((image) => image.decode()));
}"""
# Other colours can only change the contrast.
PROBLEMS = """async (rules) => (await axe.run({ resultTypes: ["violations"], ...(rules && { runOnly: rules }) })).violations
  .filter(({ impact }) => ["serious", "critical"].includes(impact))
  .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`)"""
PAGES = (
    *("showcase", "cards", "search", "nothing found", "carousel", "gallery"),
    *("table", "detail", "edit", "new", "no pictures"),
)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_accessible_and_keeps_still(site: Site, page: Page, axe: str, name: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.add_init_script(SHIFTS)
    page.goto(site.pages[name], wait_until="load")
    page.evaluate(SCROLL)
    assert page.evaluate("window.shifted") < 0.02
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    # As the browser's own tools would: the policy of the page keeps a script of the page from doing so.
    page.evaluate(axe)
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert page.evaluate(PROBLEMS) == []
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    assert page.evaluate(PROBLEMS, ["color-contrast"]) == []


def test_what_is_nowhere_is_an_accessible_page(page: Page, axe: str, complaints: list[str]) -> None:
    page.goto("/pages/artists/nobody")
    page.evaluate(axe)
    assert page.evaluate(PROBLEMS) == []
    # The browser calls the status itself an error.
    assert len(complaints) == 1
    assert "404" in complaints.pop()


def test_pictures_far_below_are_asked_for_once_they_are_scrolled_to(site: Site, page: Page) -> None:
    artist = site.artist("Tall", 24)
    last = site.media(artist)[-1]["thumbnailSrc"]
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"/pages/artists/{artist}/gallery", wait_until="networkidle")
    assert last not in asked
    with page.expect_response(last):
        page.locator("[data-media-item]").last.scroll_into_view_if_needed()


def test_a_carousel_loads_only_what_it_shows(site: Site, page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(site.pages["carousel"], wait_until="networkidle")
    sources = [item["src"] for item in site.media(site.many)]
    assert [url for url in asked if url in sources] == sources[:1]
    with page.expect_response(sources[1]):
        page.locator("[data-media-role=next]").click()
    assert [url for url in asked if url in sources] == sources[:2]
