from __future__ import annotations

import io
import zlib
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageFilter, ImageOps

from lanes.oracle import pictures
from lanes.oracle.pictures import Patch, Undecodable, colour_difference, decode, off_patches, similarity
from lanes.places import FIXTURES
from lanes.recipes import CORNERS, upright
from lanes.steps.ingest import OFF_COLOUR

FORMATS = ("jpeg", "png", "webp")
TURNS = list(Image.Transpose)


def photo(name: str = "rocket.jpg", width: int = 720, height: int = 480) -> Image.Image:
    """A photograph with the patches of the corpus in its corners."""
    return upright({"photo": name, "size": [width, height]}, FIXTURES / "photos").copy()


def encoded(image: Image.Image, kind: str = "png", **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind.upper(), **how)
    return out.getvalue()


def names(wrong: list[str]) -> list[str]:
    return [line.partition(" is (")[0] for line in wrong]


@pytest.mark.parametrize("kind", FORMATS)
def test_a_whole_picture_decodes(kind: str) -> None:
    image = decode(encoded(photo(), kind))
    assert (image.format, image.size) == (kind.upper(), (720, 480))


@pytest.mark.parametrize("share", [0, 0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.99])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_truncated_picture_does_not_decode(kind: str, share: float) -> None:
    data = encoded(photo(), kind)
    with pytest.raises(Undecodable):
        decode(data[: int(len(data) * share)])


@pytest.mark.parametrize("missing", [1, 2, 4, 12])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_that_lacks_its_last_bytes_does_not_decode(kind: str, missing: int) -> None:
    # All pixels may be there; the picture is not whole all the same.
    with pytest.raises(Undecodable):
        decode(encoded(photo(), kind)[:-missing])


def test_a_png_with_a_changed_byte_does_not_decode() -> None:
    data = bytearray(encoded(photo()))
    data[len(data) // 2] ^= 0x10
    with pytest.raises(Undecodable):
        decode(bytes(data))


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="text"),
        pytest.param(encoded(Image.new("RGB", (9, 7)), "gif"), id="GIF"),
        pytest.param(encoded(Image.new("RGB", (9, 7)), "bmp"), id="BMP"),
        pytest.param(encoded(Image.new("RGB", (9, 7)), "tiff"), id="TIFF"),
        pytest.param(b"\x89PNG\r\n\x1a\n", id="signature of a PNG"),
        pytest.param(b"\xff\xd8\xff\xd9", id="JPEG of nothing"),
        pytest.param(b"RIFF\x04\0\0\0WEBP", id="WebP of nothing"),
    ],
)
def test_what_is_no_picture_of_the_contract_does_not_decode(data: bytes) -> None:
    with pytest.raises(Undecodable) as error:
        decode(data)
    assert str(error.value)


def test_a_picture_that_says_it_is_huge_does_not_decode() -> None:
    data = bytearray(encoded(Image.new("L", (9, 7))))
    data[16:24] = (50_000).to_bytes(4, "big") * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4, "big")
    with pytest.raises(Undecodable):
        decode(bytes(data))


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize(("width", "height"), [(720, 480), (480, 720), (2048, 1365), (60, 40)])
def test_patches_where_they_should_be_are_right(kind: str, width: int, height: int) -> None:
    how = {} if kind == "png" else {"quality": 75}
    assert off_patches(decode(encoded(photo(width=width, height=height), kind, **how)), CORNERS, OFF_COLOUR) == []


@pytest.mark.parametrize("turn", TURNS, ids=lambda turn: turn.name)
def test_a_turned_or_mirrored_picture_has_patches_in_the_wrong_places(turn: Image.Transpose) -> None:
    wrong = off_patches(photo().transpose(turn), CORNERS, OFF_COLOUR)
    # Mirroring over a diagonal leaves the corners on it where they were.
    assert len(wrong) == (2 if turn in {Image.Transpose.TRANSPOSE, Image.Transpose.TRANSVERSE} else 4)


def test_two_patches_swapped_are_both_told_by_name_and_colour() -> None:
    image = photo()
    image.paste(CORNERS[0].colour, (576, 0, 720, 96))
    image.paste(CORNERS[1].colour, (0, 0, 144, 96))
    wrong = off_patches(image, CORNERS, OFF_COLOUR)
    assert names(wrong) == ["top left", "top right"]
    assert wrong[0].startswith("top left is (40, 160, 70), should be (214, 40, 40): ΔE ")


@pytest.mark.parametrize("patch", CORNERS, ids=lambda patch: patch.name)
def test_one_patch_of_another_colour_is_told_alone(patch: Patch) -> None:
    image = photo()
    left, top, right, bottom = (round(share * side) for share, side in zip(patch.box, (720, 480, 720, 480), strict=True))
    image.paste((128, 128, 128), (left, top, right, bottom))
    assert names(off_patches(image, CORNERS, OFF_COLOUR)) == [patch.name]


def test_a_picture_in_grey_or_with_its_channels_swapped_has_no_patch_right() -> None:
    assert len(off_patches(photo().convert("L"), CORNERS, OFF_COLOUR)) == 4
    red, green, blue = photo().split()
    assert len(off_patches(Image.merge("RGB", (blue, red, green)), CORNERS, OFF_COLOUR)) == 4


def test_the_tolerance_is_what_decides() -> None:
    image = Image.new("RGB", (100, 100), (130, 128, 128))
    whole = Patch("all", (0.0, 0.0, 1.0, 1.0), (128, 128, 128))
    difference = colour_difference(np.array([130.0, 128, 128]), np.array([128.0, 128, 128]))
    assert off_patches(image, [whole], difference + 0.01) == []
    assert names(off_patches(image, [whole], difference - 0.01)) == ["all"]


def test_the_edge_of_a_patch_has_no_say() -> None:
    image = Image.new("RGB", (100, 100), (0, 0, 0))
    image.paste((200, 0, 0), (8, 8, 32, 32))
    patch = Patch("middle", (0.0, 0.0, 0.4, 0.4), (200, 0, 0))
    assert off_patches(image, [patch], 1) == []
    image.putpixel((20, 20), (0, 0, 255))
    assert off_patches(image, [patch], 0.1) != []


@pytest.mark.parametrize("size", [(5, 3), (2, 2), (1, 1), (1, 50)])
def test_the_smallest_pictures_have_patches_too(size: tuple[int, int]) -> None:
    whole = Patch("all", (0.0, 0.0, 1.0, 1.0), (10, 20, 30))
    assert off_patches(Image.new("RGB", size, (10, 20, 30)), [whole], 1) == []
    assert off_patches(Image.new("RGB", size, (200, 20, 30)), [whole], 1) != []


@pytest.mark.parametrize(
    ("one", "other", "difference"),
    [
        # White and black are a hundred apart in lightness; the rest are differences of the published CIELAB values of the sRGB
        # primaries under D65: red (53.24, 80.09, 67.20), green (87.73, -86.18, 83.18), blue (32.30, 79.19, -107.86).
        ((255, 255, 255), (0, 0, 0), 100.0),
        ((255, 0, 0), (0, 255, 0), 170.57),
        ((255, 0, 0), (0, 0, 255), 176.31),
        ((0, 255, 0), (0, 0, 255), 258.69),
        # The grey of half the lightness (L* 50.03) and the darkest but one, where the curve is straight (L* 0.27).
        ((255, 255, 255), (119, 119, 119), 49.97),
        ((1, 1, 1), (0, 0, 0), 0.27),
        ((90, 120, 60), (90, 120, 60), 0.0),
    ],
)
def test_colours_differ_by_what_the_tables_say(one: tuple[int, ...], other: tuple[int, ...], difference: float) -> None:
    a, b = np.array(one, dtype=np.float64), np.array(other, dtype=np.float64)
    assert colour_difference(a, b) == pytest.approx(difference, abs=0.05)
    assert colour_difference(b, a) == pytest.approx(colour_difference(a, b))


def test_a_picture_is_the_same_as_itself() -> None:
    assert similarity(photo(), photo()) == pytest.approx(1.0)


@pytest.mark.parametrize("kind", FORMATS)
@pytest.mark.parametrize("name", ["astronaut.jpg", "rocket.jpg", "coffee.jpg", "hubble.jpg"])
def test_a_reencoded_or_smaller_picture_looks_alike(kind: str, name: str) -> None:
    ideal = photo(name)
    how = {} if kind == "png" else {"quality": 75}
    assert similarity(decode(encoded(ideal, kind, **how)), ideal) >= pictures.LOOKS_ALIKE
    small = ideal.resize((480, 320), Image.Resampling.LANCZOS)
    assert similarity(decode(encoded(small, kind, **how)), ideal) >= pictures.LOOKS_ALIKE


def half_grey(image: Image.Image) -> Image.Image:
    spoilt = image.copy()
    spoilt.paste((128, 128, 128), (0, image.height // 2, image.width, image.height))
    return spoilt


def shifted(image: Image.Image) -> Image.Image:
    return image.transform(image.size, Image.Transform.AFFINE, (1, 0, 24, 0, 1, 16))


@pytest.mark.parametrize(
    "spoilt",
    [
        pytest.param(lambda image: image.filter(ImageFilter.GaussianBlur(8)), id="blurred"),
        pytest.param(lambda image: image.resize((24, 16)).resize(image.size), id="made of a preview"),
        pytest.param(ImageOps.mirror, id="mirrored"),
        pytest.param(lambda image: image.transpose(Image.Transpose.ROTATE_180), id="upside down"),
        pytest.param(ImageOps.invert, id="inverted"),
        pytest.param(shifted, id="shifted"),
        pytest.param(lambda image: image.crop((72, 48, 648, 432)).resize(image.size), id="cropped"),
        pytest.param(lambda image: Image.new("RGB", image.size, (120, 120, 120)), id="one colour"),
        pytest.param(lambda image: Image.effect_noise(image.size, 80).convert("RGB"), id="noise"),
        pytest.param(half_grey, id="the lower half missing"),
    ],
)
@pytest.mark.parametrize("name", ["rocket.jpg", "coffee.jpg", "astronaut.jpg"])
def test_a_spoilt_picture_does_not_look_alike(name: str, spoilt: Callable[[Image.Image], Image.Image]) -> None:
    ideal = photo(name)
    assert similarity(spoilt(ideal), ideal) < pictures.LOOKS_ALIKE


@pytest.mark.parametrize("name", ["cat.jpg", "coffee.jpg", "astronaut.jpg", "hubble.jpg", "retina.jpg", "camera.jpg"])
def test_another_picture_does_not_look_alike(name: str) -> None:
    assert similarity(photo(name), photo("rocket.jpg")) < 0.7


def test_the_more_a_picture_is_blurred_the_less_it_looks_alike() -> None:
    ideal = photo()
    indices = [similarity(ideal.filter(ImageFilter.GaussianBlur(radius)), ideal) for radius in (0, 1, 2, 4, 8)]
    assert indices == sorted(indices, reverse=True)
    assert indices[-1] < pictures.LOOKS_ALIKE


@pytest.mark.parametrize(("size", "alike"), [((720, 480), True), ((727, 480), True), ((760, 480), False), ((480, 720), False)])
def test_a_picture_of_another_shape_is_another_picture(size: tuple[int, int], alike: bool) -> None:
    ideal = photo()
    index = similarity(ideal.resize(size), ideal)
    assert (index > 0.5) == alike
    assert (index == 0.0) != alike


@pytest.mark.parametrize("size", [(5, 3), (1, 1), (300, 2)])
def test_the_smallest_pictures_can_be_compared(size: tuple[int, int]) -> None:
    light, dark = Image.new("RGB", size, (240, 240, 240)), Image.new("RGB", size, (10, 10, 10))
    assert similarity(light, light) == pytest.approx(1.0)
    assert similarity(light, dark) < 0.5


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "CMYK"])
def test_pictures_of_other_modes_are_compared_by_what_they_show(mode: str) -> None:
    def converted(image: Image.Image) -> Image.Image:
        return image.quantize(256) if mode == "P" else image.convert(mode)

    assert similarity(converted(photo()), photo()) > pictures.LOOKS_ALIKE
    assert similarity(converted(photo("cat.jpg")), photo()) < 0.7
