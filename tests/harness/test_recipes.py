from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageOps

from lanes.oracle import pictures
from lanes.places import FIXTURES
from lanes.recipes import CORNERS, make, upright

PHOTOS = FIXTURES / "photos"
SIZE = [120, 80]


def recipe(**changed: Any) -> dict[str, Any]:
    return {"photo": "rocket.jpg", "size": SIZE, "format": "png"} | changed


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif"])
def test_a_picture_is_made_in_its_format_and_size(kind: str) -> None:
    image = opened(make(recipe(format=kind), PHOTOS))
    assert (image.format, image.size) == (kind.upper(), tuple(SIZE))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp", "gif"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_the_same_recipe_makes_the_same_bytes(kind: str, orientation: int) -> None:
    more = {} if kind == "gif" else {"orientation": orientation, "metadata": ["exif", "icc", "xmp"]}
    assert make(recipe(format=kind, **more), PHOTOS) == make(recipe(format=kind, **more), PHOTOS)


@pytest.mark.parametrize("size", [[120, 80], [80, 120], [200, 20], [5, 3], [2, 2]])
def test_the_corners_of_an_upright_picture_have_their_colours(size: list[int]) -> None:
    picture = upright(recipe(size=size), PHOTOS)
    assert picture.size == tuple(size)
    if min(size) >= 5:
        assert pictures.off_patches(picture, CORNERS, 0.001) == []


def test_no_two_corners_are_of_colours_that_could_be_taken_for_each_other() -> None:
    colours = [np.array(patch.colour, dtype=np.float64) for patch in CORNERS]
    nearest = min(pictures.colour_difference(one, other) for one in colours for other in colours if one is not other)
    assert nearest > 50


def test_between_the_corners_is_the_photograph() -> None:
    one, other = (upright(recipe(photo=photo), PHOTOS) for photo in ("rocket.jpg", "cat.jpg"))
    middle = (40, 0, 80, 80)
    assert one.crop(middle).tobytes() != other.crop(middle).tobytes()
    assert one.crop((0, 0, 24, 16)).tobytes() == other.crop((0, 0, 24, 16)).tobytes()


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["png", "jpeg", "webp"])
def test_what_exif_says_shows_the_stored_picture_upright(kind: str, orientation: int) -> None:
    stored = opened(make(recipe(format=kind, orientation=orientation), PHOTOS))
    ideal = upright(recipe(), PHOTOS)
    assert stored.getexif().get(0x0112, 1) == orientation
    assert stored.size == (tuple(SIZE) if orientation < 5 else tuple(reversed(SIZE)))
    shown = ImageOps.exif_transpose(stored)
    if kind == "png":
        assert shown.tobytes() == ideal.tobytes()
        assert (stored.tobytes() == ideal.tobytes()) == (orientation == 1)
    assert pictures.off_patches(shown, CORNERS, 6) == []
    assert (pictures.off_patches(stored, CORNERS, 12) == []) == (orientation == 1)


def test_whoever_draws_on_an_upright_picture_draws_on_a_copy_of_their_own() -> None:
    own = recipe(size=[31, 17])  # of a size that no other test draws from
    before = upright(own, PHOTOS).tobytes()
    upright(own, PHOTOS).paste((0, 0, 0), (0, 0, 31, 17))
    assert upright(own, PHOTOS).tobytes() == before


def test_a_text_is_no_picture() -> None:
    assert make({"text": "<html>ünïcode"}, PHOTOS) == "<html>ünïcode".encode()


@pytest.mark.parametrize(("damage", "left"), [("cut 0.3", 0.3), ("cut 0.95", 0.95), ("cut -2", None), ("cut -100", None)])
@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_a_cut_picture_is_the_beginning_of_the_whole(kind: str, damage: str, left: float | None) -> None:
    whole = make(recipe(format=kind), PHOTOS)
    cut = make(recipe(format=kind, damage=damage), PHOTOS)
    assert whole.startswith(cut)
    assert len(cut) == (int(len(whole) * left) if left else len(whole) + int(damage.removeprefix("cut ")))


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_a_scrambled_picture_differs_in_the_middle_alone(kind: str) -> None:
    whole = make(recipe(format=kind), PHOTOS)
    scrambled = make(recipe(format=kind, damage="scramble"), PHOTOS)
    assert len(whole) == len(scrambled)
    differ = [at for at, (was, now) in enumerate(zip(whole, scrambled, strict=True)) if was != now]
    assert len(whole) // 2 == differ[0]
    assert differ[-1] < len(whole) // 2 + 200
    assert len(differ) > 150


def test_a_scrambled_png_cannot_be_decoded() -> None:
    with pytest.raises(pictures.Undecodable):
        pictures.decode(make(recipe(damage="scramble"), PHOTOS))


@pytest.mark.parametrize(
    "wrong",
    [{"damage": "burn"}, {"damage": "cut"}, {"format": "jp2"}, {"orientation": 9}, {"metadata": ["exif"], "format": "gif"}],
)
def test_a_recipe_that_says_something_unknown_is_an_error(wrong: dict[str, Any]) -> None:
    with pytest.raises(KeyError):
        make(recipe(**wrong), PHOTOS)
