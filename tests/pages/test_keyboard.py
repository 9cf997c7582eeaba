"""Pages by keyboard alone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.pages.site import WRITE

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.pages.site import Site

FOCUSED = "document.activeElement.dataset.mediaRole ?? document.activeElement.textContent.trim()"


def tab_to(page: Page, what: str) -> None:
    """Presses the tab key until the control with this role or text has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED) == what:
            return
    raise AssertionError(f"the tab key does not lead to {what}")


def test_the_first_key_leads_past_the_navigation(page: Page) -> None:
    page.goto("/pages")
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUSED) == "Skip to the content"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


def test_a_carousel_is_turned_by_arrows_and_by_its_controls(site: Site, page: Page) -> None:
    page.goto(site.pages["carousel"])
    identities = [item["ID"] for item in site.media(site.many)]

    def shown() -> list[str | None]:
        return [each.get_attribute("data-media-item") for each in page.locator("[data-media-item]:visible").all()]

    assert shown() == [identities[0]]
    page.keyboard.press("ArrowRight")
    assert shown() == [identities[1]]
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    assert shown() == [identities[-1]]
    assert page.locator("[aria-live]").text_content() == f"Picture {len(identities)} of {len(identities)}"
    tab_to(page, "next")
    page.keyboard.press("Enter")
    assert shown() == [identities[0]]
    page.keyboard.press("Enter")
    page.reload()
    assert shown() == [identities[1]]


def test_arrows_in_a_field_turn_nothing(site: Site, page: Page) -> None:
    page.goto(site.pages["carousel"])
    page.locator("#find").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator(".place").text_content() == "1"


def test_an_artist_is_drafted_and_submitted(site: Site, page: Page) -> None:
    page.goto("/pages/artists/new")
    tab_to(page, "name")
    page.keyboard.type("By Keyboard")
    tab_to(page, "bio")
    page.keyboard.type("No mouse.")
    tab_to(page, "choose")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files([site.picture("one.jpg", 1), site.picture("two.jpg", 2)])
    tab_to(page, "purpose")
    page.keyboard.type("profile")
    tab_to(page, "alt-text")
    page.keyboard.type("One of two")
    tab_to(page, "later")
    page.keyboard.press("Enter")
    # What is moved keeps the focus.
    assert page.evaluate(FOCUSED) == "later"
    assert page.locator("[role=status]").text_content() == "one.jpg is now 2 of 2."
    tab_to(page, "credential")
    page.keyboard.type(WRITE)
    page.keyboard.press("Enter")
    page.locator("[data-media-state=done]").wait_for()
    (artist,) = [each for each in site.artists() if each["name"] == "By Keyboard"]
    held = [(item["originalFileName"], item["purpose"], item["altText"]) for item in site.media(artist["ID"])]
    assert held == [("two.jpg", "gallery", None), ("one.jpg", "profile", "One of two")]
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/pages/artists/{artist['ID']}")
