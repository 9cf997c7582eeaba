from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from lanes import encoders, hiding
from lanes.oracle import containers, pictures
from lanes.places import FIXTURES
from lanes.recipes import CORNERS, make, patches, upright

PHOTOS = FIXTURES / "photos"
RECIPE: dict[str, Any] = {"photo": "rocket.jpg", "size": [160, 120]}


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


@pytest.mark.parametrize(
    ("kind", "mode", "decodes_to"),
    [
        ("jpeg", "grey", "L"),
        ("png", "sixteen-bit-grey", "I;16"),
        ("png", "grey-transparent", "LA"),
        ("webp", "lossless", "RGB"),
        ("png", "grey", "L"),
        ("png", "palette", "P"),
        ("png", "transparent", "RGBA"),
        ("png", "palette-transparent", "P"),
        ("jpeg", "bare", "RGB"),
        ("webp", "transparent", "RGBA"),
        ("jpeg", "cmyk", "CMYK"),
        ("jpeg", "progressive", "RGB"),
        ("png", "interlaced", "RGB"),
        ("jpeg", "two-pictures", "RGB"),
    ],
)
def test_a_mode_is_what_it_is_called(kind: str, mode: str, decodes_to: str) -> None:
    image = decoded(encoders.encode(upright(RECIPE, PHOTOS), kind, mode))
    assert (image.mode, image.size) == (decodes_to, (160, 120))


def test_a_bare_jpeg_has_no_header_of_an_application() -> None:
    assert encoders.encode(upright(RECIPE, PHOTOS), "jpeg", "bare")[:4] == b"\xff\xd8\xff\xdb"


def test_a_palette_can_be_seen_through() -> None:
    image = decoded(encoders.encode(upright(RECIPE, PHOTOS), "png", "palette-transparent")).convert("RGBA")
    alpha = np.asarray(image)[:, :, 3]
    height, width = alpha.shape
    assert alpha[height // 2, width // 2] == 0
    assert abs(int(alpha[height // 2, width // 10]) - 128) < 3
    assert alpha[2, 2] == 255


def test_a_png_is_interlaced_and_still_the_same_picture() -> None:
    picture = upright(RECIPE, PHOTOS)
    data = encoders.encode(picture, "png", "interlaced")
    assert data[28] == 1
    assert np.array_equal(np.asarray(decoded(data)), np.asarray(picture))


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 9)])
def test_a_tiny_png_is_interlaced_too(size: tuple[int, int]) -> None:
    picture = upright(RECIPE, PHOTOS).resize(size)
    assert np.array_equal(np.asarray(decoded(encoders.encode(picture, "png", "interlaced"))), np.asarray(picture))


def test_a_deep_png_has_sixteen_bits() -> None:
    data = encoders.encode(upright(RECIPE, PHOTOS), "png", "sixteen-bit")
    assert data[24] == 16
    assert pictures.off_patches(decoded(data), CORNERS, 1) == []


def test_a_jpeg_is_progressive() -> None:
    picture = upright(RECIPE, PHOTOS)
    assert b"\xff\xc2" in encoders.encode(picture, "jpeg", "progressive")
    assert b"\xff\xc2" not in encoders.encode(picture, "jpeg")


@pytest.mark.parametrize("kind", ["png", "webp"])
def test_an_animation_has_two_frames(kind: str) -> None:
    image = Image.open(io.BytesIO(encoders.encode(upright(RECIPE, PHOTOS), kind, "animated")))
    assert getattr(image, "n_frames", 1) == 2


def test_a_grey_picture_has_grey_patches() -> None:
    recipe = RECIPE | {"format": "png", "mode": "grey"}
    assert pictures.off_patches(decoded(make(recipe, PHOTOS)), patches(recipe), 1) == []
    assert pictures.off_patches(decoded(make(recipe, PHOTOS)), CORNERS, 6) != []


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
@pytest.mark.parametrize("what", ["trailing", "script", "archive"])
def test_what_is_hidden_is_there_and_the_picture_still_decodes(kind: str, what: str) -> None:
    data = make(RECIPE | {"format": kind, "hidden": what}, PHOTOS)
    assert hiding.MARK in data
    assert decoded(data).size == (160, 120)
    assert containers.parse(data).trailing != b""


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_a_bomb_is_small_and_says_that_it_is_large(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    data = hiding.bomb(kind, 16_000, 15_000)
    assert len(data) < 20_000
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    assert Image.open(io.BytesIO(data)).size == (16_000, 15_000)
