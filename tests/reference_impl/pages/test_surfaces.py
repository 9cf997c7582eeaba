"""Every surface of contracts/surfaces.yaml, at its path and with its attributes."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from tests.reference_impl.pages.conftest import HOSTILE

if TYPE_CHECKING:
    from tests.reference_impl.pages.conftest import Site
    from tests.reference_impl.pages.elements import Element

SURFACES = yaml.safe_load((Path(__file__).parents[3] / "contracts" / "surfaces.yaml").read_text("utf-8"))
DRAFT_ROLES = {"name", "bio", "credential", "choose", "submit", "retry", "problem"}
ENTRY_ROLES = {"preview", "purpose", "alt-text", "earlier", "later", "remove", "reason"}


def path_of(site: Site, surface: str) -> str:
    path: str = SURFACES["surfaces"][surface]["path"]
    return path.format(artistID=site.artist, mediaID=site.media[0]["ID"], query="alert")


def items(surface: Element) -> list[str]:
    return [element["data-media-item"] for element in surface.find("data-media-item")]


def test_the_attributes_are_those_of_the_contract() -> None:
    assert set(SURFACES["attributes"].values()) == {
        f"data-media-{name}" for name in ("surface", "item", "artist", "role", "file", "state")
    }


@pytest.mark.parametrize(("surface", "count"), [("gallery", 5), ("table", 5), ("showcase", 3)])
def test_small_pictures_are_thumbnails(site: Site, surface: str, count: int) -> None:
    shown = site.surface(path_of(site, surface), surface)
    assert items(shown) == [item["ID"] for item in site.media[:count]]
    for element, item in zip(shown.find("data-media-item"), site.media[:count], strict=True):
        assert element.artist == site.artist
        if item["src"] is None:
            assert element.tags("img") == []
            assert "No picture to show" in element.text
            continue
        assert element.image["src"] == item["thumbnailSrc"]
        assert element.image["alt"] == (item["altText"] or "")
        assert (element.image["width"], element.image["height"]) == (str(item["width"]), str(item["height"]))
    assert all(item["src"] not in [image["src"] for image in shown.tags("img")] for item in site.media)


def test_a_thumbnail_that_is_missing_is_replaced_by_the_picture(site: Site) -> None:
    key = site.media[0]["src"].partition("/media/")[2]
    old = site.service.plan_row(site.artist, storageProvider="mocked", storageLocation="media", storageKey=f"media/{key}")
    (row,) = site.surface(path_of(site, "gallery"), "gallery").find("data-media-item", old)
    assert row.image["src"] == site.media[0]["src"]
    assert (row.image["class"], row.image.get("width")) == ("unsized", None)


@pytest.mark.parametrize(("path", "surface"), [("/pages/artists", "card"), ("/pages/search?q=ALERT", "search-result")])
def test_an_artist_is_shown_by_its_profile_image(site: Site, path: str, surface: str) -> None:
    (card,) = [each for each in site.page(path).find("data-media-surface", surface) if each.artist == site.artist]
    assert card.image["src"] == site.media[0]["thumbnailSrc"]
    assert card.image["alt"] == ""
    assert HOSTILE in card.text


def test_an_artist_without_a_profile_image_has_a_card_without_one(site: Site) -> None:
    (card,) = [each for each in site.page("/pages/artists").find("data-media-surface", "card") if each.artist == site.nobody]
    assert card.tags("img") == []
    assert "Nobody" in card.text


def test_a_carousel_shows_one_picture_of_all(site: Site) -> None:
    carousel = site.surface(path_of(site, "carousel"), "carousel")
    assert items(carousel) == [item["ID"] for item in site.media]
    shown = [element for element in carousel.find("data-media-item") if "hidden" not in element.attributes]
    assert [element.image["src"] for element in shown] == [site.media[0]["src"]]
    (following,) = carousel.find("data-media-role", "next")
    assert following["href"] == "?slide=2#carousel"


@pytest.mark.parametrize(("slide", "place"), [("2", 1), ("4", 3), ("0", 0), ("6", 0), ("x", 0), ("9" * 400, 0)])
def test_without_scripts_a_link_turns_the_carousel(site: Site, slide: str, place: int) -> None:
    carousel = site.surface(f"{path_of(site, 'carousel')}?slide={slide}", "carousel")
    (shown,) = [element for element in carousel.find("data-media-item") if "hidden" not in element.attributes]
    assert shown["data-media-item"] == site.media[place]["ID"]
    assert shown.image["data-media-role"] == "lead"


def test_a_detail_shows_the_picture_before_its_preview(site: Site) -> None:
    path, item = path_of(site, "detail"), site.media[0]
    detail, blurred = site.surface(path, "detail"), site.surface(path, "blurred-background")
    assert detail.image["src"] == item["src"]
    assert detail.image["alt"] == HOSTILE
    assert blurred["src"] == item["blurDataURL"]
    assert (blurred["alt"], blurred["aria-hidden"]) == ("", "true")
    assert items(detail) == items(blurred) == [item["ID"]]
    assert detail.artist == blurred.artist == site.artist


@pytest.mark.parametrize("surface", ["showcase", "card", "search-result", "table", "gallery", "carousel", "detail"])
def test_one_image_leads_and_all_others_are_lazy(site: Site, surface: str) -> None:
    images = site.page(path_of(site, surface)).tags("img")
    eager = [image for image in images if image["loading"] != "lazy"]
    assert eager == [image for image in images if image.get("data-media-role") == "lead"]
    assert len(eager) == (0 if surface in {"card", "search-result", "table"} else 1)
    assert all((image["loading"], image["fetchpriority"]) == ("eager", "high") for image in eager)
    assert eager == [] or eager[0] in [images[0], images[-1]]


def test_a_new_draft_is_empty(site: Site) -> None:
    draft = site.surface("/pages/artists/new", "draft")
    assert draft["data-media-state"] == "editing"
    assert draft.artist is None
    (template,) = draft.tags("template")
    (entry,) = draft.find("data-media-role", "entry")
    assert entry in template.within
    assert {each["data-media-role"] for each in entry.find("data-media-role")} == ENTRY_ROLES | {"entry"}
    roles = {each["data-media-role"] for each in draft.find("data-media-role")}
    assert roles == DRAFT_ROLES | ENTRY_ROLES | {"entry"}


def test_an_edit_begins_with_what_is_persisted(site: Site) -> None:
    draft = site.surface(f"/pages/artists/{site.artist}/edit", "draft")
    assert draft.artist == site.artist
    entries = [each for each in draft.find("data-media-role", "entry") if "data-media-item" in each.attributes]
    assert [entry["data-media-item"] for entry in entries] == [item["ID"] for item in site.media]
    assert {entry["data-media-state"] for entry in entries} == {"persisted"}
    assert entries[0].image["src"] == site.media[0]["thumbnailSrc"]
    chosen = [[each["value"] for each in entry.tags("option") if "selected" in each.attributes] for entry in entries]
    assert chosen == [["profile"], [], ["profile"], [], []]


def test_the_credential_goes_into_a_field_that_nobody_fills_in_or_sends(site: Site) -> None:
    draft = site.surface("/pages/artists/new", "draft")
    (field,) = draft.find("data-media-role", "credential")
    assert (field["type"], field["autocomplete"]) == ("password", "off")
    assert draft.find("name") == []


def test_the_showcase_has_the_newest_artists_with_media(site: Site) -> None:
    names = [site.service.artist(f"late {number}") for number in range(12)]
    for artist in names:
        site.service.upload(artist)
    showcase = site.surface("/pages", "showcase")
    assert [each["data-media-artist"] for each in showcase.find("data-media-artist")] == names[::-1]


def test_the_list_of_artists_goes_on_behind_its_24th(site: Site) -> None:
    made = [site.artist, site.nobody, *(site.service.artist(f"more {number}") for number in range(23))]
    first = site.page("/pages/artists")
    (following,) = first.find("rel", "next")
    second = site.page(following["href"])
    cards = [page.find("data-media-surface", "card") for page in (first, second)]
    assert [len(each) for each in cards] == [24, 1]
    assert [card.artist for page in cards for card in page] == made
    assert second.find("rel", "next") == []
