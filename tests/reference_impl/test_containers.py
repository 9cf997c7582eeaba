from __future__ import annotations

import zlib

import pytest

from reference_impl.containers import opened, sniff
from reference_impl.errors import Refused
from tests.reference_impl.pictures import chunk, encoded, quarters, with_chunk

PICTURE = quarters(40, 30)
PNG = encoded(PICTURE, "image/png")
WEBP = encoded(PICTURE, "image/webp")


@pytest.mark.parametrize("mime_type", ["image/jpeg", "image/png", "image/webp"])
def test_the_signature_says_the_type(mime_type: str) -> None:
    assert sniff(encoded(PICTURE, mime_type)) == mime_type


@pytest.mark.parametrize("data", [b"", b"GIF89a", b"<svg/>", b"RIFF\0\0\0\0WAVE", b"\x89PNG", b"\xff\xd8"])
def test_anything_else_is_no_accepted_type(data: bytes) -> None:
    assert sniff(data) is None


def test_a_png_is_reduced_to_what_its_picture_needs() -> None:
    padded = with_chunk(with_chunk(PNG, b"tEXt", b"Comment\0secret"), b"eXIf", b"MM\0*") + b"<script>"
    reduced = opened(padded, "image/png").data
    assert b"secret" not in reduced
    assert b"script" not in reduced
    assert chunk(b"eXIf", b"MM\0*") in reduced


def test_an_orientation_behind_the_pixels_of_a_png_is_moved_before_them() -> None:
    exif = chunk(b"eXIf", b"MM\0*")
    assert opened(PNG[:-12] + exif + PNG[-12:], "image/png").data == opened(PNG[:33] + exif + PNG[33:], "image/png").data


def test_a_profile_that_inflates_to_a_bomb_is_left_out() -> None:
    plausible = chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(1000)))
    bomb = chunk(b"iCCP", b"p\0\0" + zlib.compress(bytes(50_000_000)))
    broken = chunk(b"iCCP", b"p\0\0not deflated")
    assert plausible in opened(PNG[:33] + plausible + PNG[33:], "image/png").data
    for unwanted in (bomb, broken):
        assert b"iCCP" not in opened(PNG[:33] + unwanted + PNG[33:], "image/png").data


@pytest.mark.parametrize(
    "data",
    [
        PNG[:8],
        PNG[:-12],
        PNG[:-1],
        PNG[: len(PNG) // 2],
        PNG[:40] + bytes([PNG[40] ^ 1]) + PNG[41:],
        PNG[:33] + b"\xff\xff\xff\xffIDAT" + PNG[41:],
    ],
)
def test_a_png_that_is_cut_short_or_fails_its_checksums_is_undecodable(data: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        opened(data, "image/png")
    assert refusal.value.code == "image_undecodable"


def test_a_webp_ends_where_it_says() -> None:
    assert opened(WEBP + b"<script>", "image/webp").data == WEBP
    with pytest.raises(Refused):
        opened(WEBP[:-1], "image/webp")


def test_a_webp_of_nothing_but_a_header_is_no_animation() -> None:
    assert not opened(b"RIFF\x08\0\0\0WEBPVP8X", "image/webp").animated


def test_animations_are_told_from_pictures() -> None:
    frames = [quarters(20, 20), quarters(20, 20).rotate(90)]
    moving = {"save_all": True, "append_images": frames[1:], "duration": 100}
    for mime_type in ("image/png", "image/webp"):
        assert opened(encoded(frames[0], mime_type, **moving), mime_type).animated
        assert not opened(encoded(frames[0], mime_type), mime_type).animated
    assert opened(with_chunk(PNG, b"acTL", bytes(8)), "image/png").animated
