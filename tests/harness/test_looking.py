"""What steps expect of pages, and how they add up what moved, without a browser."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest

from lanes.browsing.visit import Shift
from lanes.checks import Ledger, Scribe
from lanes.client import Client
from lanes.contract import contract
from lanes.corpus import Corpus
from lanes.stack.slot import Stack
from lanes.steps.loading import cumulative
from lanes.steps.looking import Expected, named, of_artist, of_item
from lanes.steps.world import World
from lanes.target import Naming
from tests.harness import samples

ITEM: dict[str, Any] = {
    "ID": "m1",
    "src": "/media/1/c.jpg",
    "thumbnailSrc": "/media/1/t.jpg",
    "blurDataURL": "data:image/webp;base64,AA==",
    "width": 600,
    "height": 400,
    "altText": "The harbour",
}
OTHER = {**ITEM, "ID": "m2", "src": "/media/2/c.jpg", "altText": "The town", "width": 10, "height": 20}
ARTIST: dict[str, Any] = {
    "name": "Zoë",
    "profileImageURL": "/media/1/c.jpg",
    "profileImageThumbnailURL": "/media/1/t.jpg",
    "profileImageBlurDataURL": "data:image/webp;base64,AA==",
    "media": [OTHER, ITEM],
}


@pytest.fixture
def world() -> World:
    """A world whose pages are called as usual, at nobody's."""
    stack = cast(Stack, SimpleNamespace(shared={}, naming=Naming()))
    scribe = Scribe(Ledger(samples.plan(samples.rule("SUR-1"))), "a scenario", ["SUR-1"])
    return World(Client("http://127.0.0.1:9", {}, contract()), Corpus(), stack, scribe)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({}, Expected("/media/1/c.jpg", "/media/1/t.jpg", ITEM["blurDataURL"], (600, 400), ("The harbour",))),
        ({"altText": None}, Expected("/media/1/c.jpg", "/media/1/t.jpg", ITEM["blurDataURL"], (600, 400), ("",))),
        ({"width": None}, Expected("/media/1/c.jpg", "/media/1/t.jpg", ITEM["blurDataURL"], None, ("The harbour",))),
        (
            {"thumbnailSrc": None, "blurDataURL": None, "width": None, "height": None},
            Expected("/media/1/c.jpg", None, None, None, ("The harbour",)),
        ),
    ],
)
def test_of_an_item_is_expected_what_the_api_says_of_it(changed: dict[str, Any], expected: Expected) -> None:
    assert of_item({**ITEM, **changed}) == expected


@pytest.mark.parametrize(
    ("changed", "size", "texts"),
    [
        ({}, (600, 400), ("The harbour", "Zoë", "")),
        ({"media": [OTHER]}, None, ("", "Zoë")),  # a picture that is none of its items
        ({"media": [{**ITEM, "altText": None}]}, (600, 400), ("", "Zoë")),
        ({"media": [{**ITEM, "altText": "Zoë", "height": None}]}, None, ("Zoë", "")),
    ],
)
def test_a_card_may_be_called_like_its_picture_or_its_artist_or_nothing(
    changed: dict[str, Any], size: tuple[int, int] | None, texts: tuple[str, ...]
) -> None:
    found = of_artist({**ARTIST, **changed})
    assert (found.src, found.thumbnail, found.preview) == (
        "/media/1/c.jpg",
        "/media/1/t.jpg",
        ARTIST["profileImageBlurDataURL"],
    )
    assert (found.size, found.alternatives) == (size, texts)


def test_a_card_without_a_picture_expects_none() -> None:
    bare = dict.fromkeys(("profileImageURL", "profileImageThumbnailURL", "profileImageBlurDataURL"))
    # An item that cannot be shown has no src either, and is not the artist's picture for that.
    hidden = {**ITEM, "src": None}
    assert of_artist({**ARTIST, **bare, "media": [hidden]}) == Expected(None, None, None, None, ("", "Zoë"))


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("the showcase, gallery, card, search result and table", ["showcase", "gallery", "card", "search-result", "table"]),
        ("carousel and detail", ["carousel", "detail"]),
        ("the blurred background", ["blurred-background"]),
    ],
)
def test_the_surfaces_that_a_step_names_are_known(world: World, text: str, surfaces: list[str]) -> None:
    assert named(world, text) == surfaces


def test_a_surface_that_there_is_not_is_a_mistake_of_ours(world: World) -> None:
    with pytest.raises(KeyError, match="poster"):
        named(world, "gallery and poster")


@pytest.mark.parametrize(
    ("shifts", "worst"),
    [
        ([], 0.0),
        ([(0.01, 0.1)], 0.01),
        ([(0.01, 0.1), (0.02, 0.9), (0.03, 1.8)], 0.06),  # none later than a second after the one before
        ([(0.01, 0.1), (0.02, 1.1)], 0.03),  # exactly a second is within it
        ([(0.01, 0.1), (0.02, 1.2)], 0.02),
        ([(0.05, 0.1), (0.02, 1.2), (0.02, 1.3)], 0.05),  # the first session is the worst
        ([(0.01, 0.9 * number) for number in range(6)], 0.06),  # five seconds in all
        ([(0.01, 0.9 * number) for number in range(7)], 0.06),  # the seventh begins another one
        ([(0.01, 0.9 * number) for number in range(12)], 0.06),
        ([(0.01, 0.9 * number) for number in range(7)] + [(0.09, 5.5)], 0.1),
    ],
)
def test_what_moved_is_the_worst_session_of_shifts(shifts: list[tuple[float, float]], worst: float) -> None:
    assert cumulative(Shift(*each) for each in shifts) == pytest.approx(worst)
