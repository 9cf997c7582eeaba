from __future__ import annotations

import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from reference_impl.errors import Refused
from reference_impl.ingest import Ingested, ingest
from reference_impl.policy import MediaPolicy
from tests.reference_impl.pictures import (
    BLUE,
    FORMATS,
    GREEN,
    RED,
    YELLOW,
    chunk,
    corners,
    decoded,
    encoded,
    is_close,
    of_data_url,
    oriented,
    png_of_zeros,
    quarters,
    with_chunk,
)

POLICY = MediaPolicy()
TYPES = list(FORMATS)


def made(data: bytes, declared: str = "image/jpeg") -> Ingested:
    return ingest(data, declared, POLICY)


def code_of(data: bytes, declared: str = "image/jpeg", policy: MediaPolicy = POLICY) -> str:
    with pytest.raises(Refused) as refusal:
        ingest(data, declared, policy)
    return refusal.value.code


@pytest.mark.parametrize("mime_type", TYPES)
def test_the_format_stays_and_the_record_describes_the_canonical(mime_type: str) -> None:
    ingested = made(encoded(quarters(3000, 1000), mime_type), mime_type)
    canonical, thumbnail = decoded(ingested.canonical), decoded(ingested.thumbnail)
    assert canonical.format == thumbnail.format == FORMATS[mime_type]
    assert ingested.mime_type == mime_type
    assert canonical.size == (ingested.width, ingested.height) == (2048, 683)
    assert thumbnail.size == (480, 160)


@pytest.mark.parametrize("mime_type", TYPES)
@pytest.mark.parametrize("size", [(1, 1), (300, 200), (2048, 5)])
def test_a_small_picture_is_never_enlarged(mime_type: str, size: tuple[int, int]) -> None:
    ingested = made(encoded(quarters(*size), mime_type), mime_type)
    assert (ingested.width, ingested.height) == decoded(ingested.canonical).size == size


@pytest.mark.parametrize("mime_type", TYPES)
@pytest.mark.parametrize("size", [(12_000, 1), (1, 12_000)])
def test_a_picture_as_thin_as_a_line_is_scaled_too(mime_type: str, size: tuple[int, int]) -> None:
    ingested = made(encoded(Image.new("RGB", size), mime_type), mime_type)
    assert sorted((ingested.width, ingested.height)) == [1, 2048]


@pytest.mark.parametrize("mime_type", TYPES)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_is_turned_upright(mime_type: str, orientation: int) -> None:
    turns = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    upright = quarters(120, 80)
    stored = upright.transpose(turns[orientation]) if orientation in turns else upright
    ingested = made(encoded(stored, mime_type, exif=oriented(orientation)), mime_type)
    assert (ingested.width, ingested.height) == (120, 80)
    for data in (ingested.canonical, ingested.thumbnail):
        found = corners(decoded(data))
        assert all(is_close(*pair) for pair in zip(found, (RED, GREEN, YELLOW, BLUE), strict=True)), found


def test_nothing_but_the_picture_is_kept() -> None:
    exif = oriented(1)
    exif[0x010E] = "SECRET description"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    text = PngInfo()
    text.add_text("Comment", "SECRET comment")
    text.add_itxt("XML:com.adobe.xmp", "SECRET xmp")
    sent: dict[str, dict[str, Any]] = {
        "image/jpeg": {"exif": exif, "icc_profile": profile, "comment": b"SECRET", "xmp": b"SECRET", "dpi": (300, 300)},
        "image/png": {"exif": exif, "icc_profile": profile, "pnginfo": text, "dpi": (300, 300)},
        "image/webp": {"exif": exif, "icc_profile": profile, "xmp": b"SECRET"},
    }
    for mime_type, options in sent.items():
        ingested = made(encoded(quarters(64, 64), mime_type, **options) + b"SECRET tail", mime_type)
        for data in (ingested.canonical, ingested.thumbnail):
            for trace in (b"SECRET", b"Exif", b"eXIf", b"ICC_PROFILE", b"iCCP", b"ICCP", b"tEXt", b"iTXt", b"xmp"):
                assert trace not in data, (mime_type, trace)
            assert decoded(data).info.get("dpi", (25.4, 25.4)) == (25.4, 25.4)


def profiled(mime_type: str, profile: bytes, colour: tuple[int, int, int]) -> tuple[int, ...]:
    options = {"quality": 100, "subsampling": 0} if mime_type == "image/jpeg" else {"lossless": True}
    data = encoded(Image.new("RGB", (32, 32), colour), mime_type, icc_profile=profile, **options)
    pixel = decoded(made(data, mime_type).canonical).convert("RGB").getpixel((16, 16))
    assert isinstance(pixel, tuple)
    return pixel


def swapped_primaries() -> bytes:
    """A profile of the sRGB primaries, red and blue exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"?XYZ", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"?XYZ", b"bXYZ", 1)


@pytest.mark.parametrize("mime_type", TYPES)
def test_an_embedded_profile_is_applied_before_it_is_dropped(mime_type: str) -> None:
    assert is_close(profiled(mime_type, swapped_primaries(), (200, 40, 90)), (90, 40, 200), tolerance=6)


@pytest.mark.parametrize("mime_type", TYPES)
@pytest.mark.parametrize("damage", ["short", "torn", "nonsense", "another class"])
def test_a_profile_that_cannot_be_read_is_taken_for_srgb(mime_type: str, damage: str) -> None:
    whole = swapped_primaries()
    profile = {
        "short": b"abc",
        "torn": whole[:200] + b"\xff" * 300,
        "nonsense": bytes(3000),
        "another class": whole[:12] + b"nmcl" + whole[16:],
    }[damage]
    assert is_close(profiled(mime_type, profile, (200, 40, 90)), (200, 40, 90), tolerance=6)


def test_a_cmyk_jpeg_becomes_an_rgb_jpeg() -> None:
    canonical = decoded(made(encoded(Image.new("CMYK", (32, 32), (0, 255, 255, 0)))).canonical)
    assert canonical.mode == "RGB"
    # The red of a printing press, which the built-in profile knows; 255, 0, 0 would be arithmetic.
    assert is_close(canonical.getpixel((16, 16)), (232, 30, 42), tolerance=25)  # type: ignore[arg-type]


@pytest.mark.parametrize("mode", ["L", "P", "1", "LA", "I;16"])
def test_other_kinds_of_pixels_become_8_bit_srgb(mode: str) -> None:
    if mode == "I;16":
        image = Image.fromarray(np.full((32, 32), 200 * 257, dtype=np.uint16))
    else:
        image = Image.new("L", (32, 32), 200).convert(mode)
    canonical = decoded(made(encoded(image, "image/png"), "image/png").canonical)
    assert canonical.mode in {"RGB", "RGBA"}
    assert is_close(canonical.convert("RGB").getpixel((9, 9)), image_value(mode), tolerance=2)  # type: ignore[arg-type]


def image_value(mode: str) -> tuple[int, int, int]:
    return (255, 255, 255) if mode == "1" else (200, 200, 200)


@pytest.mark.parametrize("mime_type", ["image/png", "image/webp"])
def test_transparency_survives(mime_type: str) -> None:
    picture = quarters(3000, 600).convert("RGBA")
    picture.putalpha(Image.linear_gradient("L").resize(picture.size))
    ingested = made(encoded(picture, mime_type), mime_type)
    for data in (ingested.canonical, ingested.thumbnail):
        alpha = decoded(data).getchannel("A")
        assert [alpha.getpixel((5, y * (alpha.height - 1) // 4)) for y in range(5)] == pytest.approx(
            [0, 64, 128, 191, 255], abs=6
        )


def test_a_faithful_canonical_is_like_an_ideal_downscale() -> None:
    ramp = np.linspace(0, 255, 4000)
    waves = 40 * np.sin(np.arange(3000) / 9)[:, None]
    pixels = np.clip(ramp[None, :] + waves, 0, 255).astype(np.uint8)
    picture = Image.fromarray(pixels).convert("RGB")
    canonical = decoded(made(encoded(picture, quality=95)).canonical).convert("L")
    ideal = picture.convert("L").resize(canonical.size, Image.Resampling.LANCZOS)
    assert np.abs(np.asarray(canonical, int) - np.asarray(ideal, int)).mean() < 1.5


def test_the_blur_preview_is_a_tiny_inline_image_of_the_same_picture() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    for picture in (quarters(900, 600), quarters(600, 900), Image.fromarray(noise)):
        url = made(encoded(picture, "image/png"), "image/png").blur_data_url
        assert url.startswith("data:image/webp;base64,")
        assert len(url) <= POLICY.blur_max_bytes
        assert max(of_data_url(url).size) == POLICY.blur_long_side
    found = corners(of_data_url(made(encoded(quarters(900, 600))).blur_data_url))
    assert all(is_close(*pair, tolerance=60) for pair in zip(found, (RED, GREEN, YELLOW, BLUE), strict=True)), found


@pytest.mark.parametrize("declared", TYPES)
def test_a_file_is_what_its_signature_says(declared: str) -> None:
    for other in set(TYPES) - {declared}:
        assert code_of(encoded(quarters(9, 9), other), declared) == "type_mismatch"
    for nothing in (b"", b"GIF89a" + bytes(99), b"<svg xmlns='http://www.w3.org/2000/svg'/>", bytes(5000)):
        assert code_of(nothing, declared) == "type_mismatch"


def test_dimensions_are_judged_up_to_the_ceiling() -> None:
    policy = MediaPolicy(max_side_pixels=100, max_pixels=5000)
    assert ingest(encoded(quarters(100, 50)), "image/jpeg", policy).width == 100
    for size in ((101, 1), (1, 101), (72, 70)):
        for mime_type in TYPES:
            assert code_of(encoded(quarters(*size), mime_type), mime_type, policy) == "dimensions_too_large"


def test_a_bomb_is_refused_by_its_header() -> None:
    assert code_of(png_of_zeros(30_000, 30_000), "image/png") == "dimensions_too_large"
    assert made(png_of_zeros(5000, 5000), "image/png").width == 2048


def test_text_that_inflates_to_a_bomb_costs_nothing() -> None:
    bomb = with_chunk(encoded(quarters(40, 30), "image/png"), b"zTXt", b"k\0\0" + zlib.compress(bytes(80_000_000)))
    assert made(bomb, "image/png").width == 40


@pytest.mark.parametrize("mime_type", ["image/png", "image/webp"])
def test_an_animation_is_refused(mime_type: str) -> None:
    frames = [quarters(20, 20), quarters(20, 20).rotate(90)]
    data = encoded(frames[0], mime_type, save_all=True, append_images=frames[1:], duration=100)
    assert code_of(data, mime_type) == "image_animated"


def test_the_first_picture_of_several_in_a_jpeg_is_taken() -> None:
    buffer = io.BytesIO()
    quarters(40, 30).save(buffer, "MPO", save_all=True, append_images=[Image.new("RGB", (40, 30))])
    assert is_close(corners(decoded(made(buffer.getvalue()).canonical))[0], RED)


@pytest.mark.parametrize("mime_type", TYPES)
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_undecodable(mime_type: str, kept: float) -> None:
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 256, (200, 300, 3), dtype=np.uint8))
    whole = encoded(noise, mime_type)
    assert code_of(whole[: int(len(whole) * kept)], mime_type) == "image_undecodable"


def test_a_png_whose_pixels_end_too_early_is_undecodable_though_its_checksums_hold() -> None:
    whole = png_of_zeros(3000, 3000)
    (length,) = struct.unpack_from(">I", whole, 33)
    pixels = whole[41 : 41 + length // 2]
    assert code_of(whole[:33] + chunk(b"IDAT", pixels) + chunk(b"IEND", b""), "image/png") == "image_undecodable"


def test_a_jpeg_with_a_hole_is_undecodable() -> None:
    noise = Image.fromarray(np.random.default_rng(2).integers(0, 256, (200, 300, 3), dtype=np.uint8))
    whole = encoded(noise)
    middle = len(whole) // 2
    assert code_of(whole[:-2]) == "image_undecodable"
    assert code_of(whole[:middle] + b"\xff\xd9") == "image_undecodable"
    assert code_of(whole[:middle] + whole[middle + 3000 :]) == "image_undecodable"


def test_bytes_behind_the_picture_are_no_reason_to_refuse_it() -> None:
    for mime_type in TYPES:
        ingested = made(encoded(quarters(40, 30), mime_type) + b"<script>alert(1)</script>", mime_type)
        assert b"script" not in ingested.canonical + ingested.thumbnail
