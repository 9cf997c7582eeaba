from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import ExifTags, Image, ImageCms, IptcImagePlugin

from lanes.oracle.containers import METADATA
from lanes.planting import canary, plant

FORMATS = ("jpeg", "png", "webp")
# What a container has no usual place for is left out.
CARRIED = {
    "jpeg": set(METADATA) - {"text-chunk"},
    "png": set(METADATA),
    "webp": set(METADATA) - {"text-chunk", "comment", "iptc"},
}


def plain(kind: str) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((90, 61)).convert("RGB").save(out, kind.upper())
    return out.getvalue()


def opened(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def planted(kind: str, *metadata: str, orientation: int = 1) -> Image.Image:
    return opened(plant(plain(kind), kind, metadata, orientation))


def bare_text(data: bytes) -> bytes:
    """The bytes, with every zTXt chunk unpacked behind them."""
    unpacked = [data]
    at = data.find(b"zTXt")
    while at >= 0:
        (length,) = struct.unpack_from(">I", data, at - 4)
        payload = data[at + 4 : at + 4 + length]
        unpacked.append(zlib.decompress(payload[payload.index(b"\0") + 2 :]))
        at = data.find(b"zTXt", at + 4)
    return b"\n".join(unpacked)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_with_everything_planted_still_shows_the_same_pixels(kind: str) -> None:
    before, after = opened(plain(kind)), planted(kind, *METADATA, orientation=3)
    assert after.format == kind.upper()
    assert (before.size, before.convert("RGB").tobytes()) == (after.size, after.convert("RGB").tobytes())


@pytest.mark.parametrize("kind", FORMATS)
def test_planting_nothing_changes_no_pixel_and_adds_no_text(kind: str) -> None:
    data = plant(plain(kind), kind, (), 1)
    assert b"medialane-canary" not in data
    assert opened(data).convert("RGB").tobytes() == opened(plain(kind)).convert("RGB").tobytes()


@pytest.mark.parametrize("metadata", [each for each in METADATA if each != "icc"])
@pytest.mark.parametrize("kind", FORMATS)
def test_each_kind_is_planted_with_its_own_text_where_the_container_can_carry_it(kind: str, metadata: str) -> None:
    text = bare_text(plant(plain(kind), kind, [metadata]))
    for other in METADATA:
        assert (canary(other) in text) == (other == metadata and metadata in CARRIED[kind]), other


@pytest.mark.parametrize("kind", FORMATS)
def test_exif_and_orientation_are_where_others_read_them(kind: str) -> None:
    exif = planted(kind, "exif", orientation=6).getexif()
    assert (exif[0x010F], exif[0x0112]) == (canary("exif").decode(), 6)
    assert 0x010F not in planted(kind, orientation=6).getexif()


@pytest.mark.parametrize("others", [(), ("gps",), ("gps", "embedded-thumbnail")])
@pytest.mark.parametrize("kind", FORMATS)
def test_a_maker_s_note_is_where_others_read_it(kind: str, others: tuple[str, ...]) -> None:
    exif = planted(kind, "exif", *others, orientation=6).getexif()
    assert exif.get_ifd(0x8769)[0x927C] == b"Medialane\0" + canary("exif")
    assert (exif.get_ifd(0x8825) != {}) == ("gps" in others)
    assert planted(kind, "gps").getexif().get_ifd(0x8769) == {}


def test_exif_can_lie_behind_the_pixels_of_a_png() -> None:
    data = plant(plain("png"), "png", ["exif"], 6, form="late")
    assert data.index(b"eXIf") > data.index(b"IDAT")
    assert opened(data).getexif()[0x0112] == 6


def test_exif_of_a_webp_can_begin_as_in_a_jpeg() -> None:
    data = plant(plain("webp"), "webp", ["exif"], 6, form="prefixed")
    assert b"Exif\0\0II*\0" in data
    assert opened(data).getexif()[0x0112] == 6


@pytest.mark.parametrize("kind", FORMATS)
def test_a_position_is_where_others_read_it(kind: str) -> None:
    gps = planted(kind, "gps").getexif().get_ifd(0x8825)
    assert (gps[1], gps[2], gps[3], gps[4]) == ("N", (51.0, 30.0, 26.0), "W", (0.0, 7.0, 39.0))
    assert planted(kind, "exif").getexif().get_ifd(0x8825) == {}


@pytest.mark.parametrize("others", [(), ("exif",), ("gps",), ("exif", "gps")])
@pytest.mark.parametrize("kind", FORMATS)
def test_an_embedded_thumbnail_is_a_picture_of_its_own(kind: str, others: tuple[str, ...]) -> None:
    exif = planted(kind, "embedded-thumbnail", *others, orientation=6).getexif()
    directory = exif.get_ifd(ExifTags.IFD.IFD1)
    assert directory[0x0103] == 6
    tiff = plant(plain(kind), kind, ["embedded-thumbnail", *others], 6)
    start = tiff.index(b"II*\0") + directory[0x0201]
    thumbnail = opened(tiff[start : start + directory[0x0202]])
    assert (thumbnail.format, thumbnail.size) == ("JPEG", (16, 12))
    assert exif[0x0112] == 6
    assert (0x010F in exif, 0x8825 in exif) == ("exif" in others, "gps" in others)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_profile_is_srgb_and_the_same_every_day(kind: str) -> None:
    profile = planted(kind, "icc").info["icc_profile"]
    assert "sRGB" in ImageCms.getProfileDescription(ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    assert struct.unpack(">6H", profile[24:36]) == (2026, 1, 1, 0, 0, 0)
    assert "icc_profile" not in planted(kind, "exif").info


@pytest.mark.parametrize("kind", FORMATS)
def test_xmp_is_where_others_read_it(kind: str) -> None:
    assert canary("xmp") in planted(kind, "xmp").info["xmp"]


def test_comment_and_iptc_of_a_jpeg_are_where_others_read_them() -> None:
    image = Image.open(io.BytesIO(plant(plain("jpeg"), "jpeg", ["comment", "iptc"])))
    assert image.info["comment"] == canary("comment")
    found = IptcImagePlugin.getiptcinfo(image)
    assert found is not None
    assert found[2, 80] == canary("iptc")


def test_texts_of_a_png_are_where_others_read_them() -> None:
    texts = planted("png", "comment", "text-chunk", "iptc").info
    told = canary("text-chunk").decode()
    assert (texts["Author"], texts["Description"], texts["Title"]) == (told, told, told)
    assert texts["Comment"] == canary("comment").decode()
    assert "Raw profile type iptc" in texts


def test_an_unknown_container_cannot_be_planted_into() -> None:
    with pytest.raises(KeyError):
        plant(b"GIF89a", "gif", ["exif"])
