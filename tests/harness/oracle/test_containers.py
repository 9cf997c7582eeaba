from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from lanes.oracle.containers import METADATA, Malformed, metadata, parse, readable
from lanes.planting import canary, plant

FORMATS = ("jpeg", "png", "webp")
# What a container has no usual place for is not planted.
ABSENT = {"jpeg": {"text-chunk"}, "png": set[str](), "webp": {"text-chunk", "comment", "iptc"}}
# The same examples in every run, and none of them kept in a folder.
FUZZED = settings(database=None, derandomize=True, deadline=None, max_examples=150)


def plain(kind: str, **how: object) -> bytes:
    out = io.BytesIO()
    Image.linear_gradient("L").resize((90, 61)).convert("RGB").save(out, kind.upper(), **how)
    return out.getvalue()


PLAIN = {kind: plain(kind) for kind in FORMATS}
PLANTED = {kind: plant(PLAIN[kind], kind, METADATA, 6) for kind in FORMATS}


def segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def with_segment(marker: int, payload: bytes) -> bytes:
    return PLAIN["jpeg"][:2] + segment(marker, payload) + PLAIN["jpeg"][2:]


def chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))


def with_chunk(name: bytes, payload: bytes) -> bytes:
    return PLAIN["png"][:33] + chunk(name, payload) + PLAIN["png"][33:]


def with_riff_chunk(name: bytes, payload: bytes) -> bytes:
    body = PLAIN["webp"][8:] + name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def tiff(order: str, *chain: list[int]) -> bytes:
    """Directories of these tags, one after the other, their values all zero."""
    data = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    for number, tags in enumerate(chain):
        after = len(data) + 2 + 12 * len(tags) + 4
        entries = b"".join(struct.pack(f"{order}HHII", tag, 4, 1, 0) for tag in tags)
        last = number + 1 == len(chain)
        data += struct.pack(f"{order}H", len(tags)) + entries + struct.pack(f"{order}I", 0 if last else after)
    return data


@pytest.mark.parametrize("kind", FORMATS)
def test_a_whole_file_is_taken_apart_without_rest(kind: str) -> None:
    container = parse(PLAIN[kind])
    assert (container.format, container.trailing) == (kind, b"")
    first, last = {"jpeg": ("APP0", "SOS"), "png": ("IHDR", "IEND"), "webp": ("VP8 ", "VP8 ")}[kind]
    assert (container.parts[0].name, container.parts[-1].name) == (first, last)


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_without_metadata_carries_none(kind: str) -> None:
    assert metadata(PLAIN[kind]) == {}


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(plain("jpeg", progressive=True), id="progressive JPEG"),
        pytest.param(plain("jpeg", restart_marker_rows=1), id="JPEG with restart markers"),
        pytest.param(plain("jpeg", optimize=True, subsampling=0), id="optimised JPEG"),
        pytest.param(plain("webp", lossless=True), id="lossless WebP"),
        pytest.param(plain("png", compress_level=0), id="PNG that is not packed"),
    ],
)
def test_ways_to_store_a_picture_are_no_metadata(data: bytes) -> None:
    assert metadata(data) == {}
    assert parse(data).trailing == b""


def test_what_an_unusual_picture_needs_is_no_metadata() -> None:
    palette = Image.linear_gradient("L").convert("P")
    palette.info["transparency"] = 3
    for image, kind, how in (
        (palette, "PNG", {"transparency": 3}),
        (Image.new("RGBA", (9, 7), (1, 2, 3, 99)), "WEBP", {}),
        (Image.new("CMYK", (9, 7)), "JPEG", {}),  # has Adobe's segment, which tells the colour transform
        (Image.new("L", (9, 7)), "PNG", {"dpi": (72, 72)}),
    ):
        out = io.BytesIO()
        image.save(out, kind, **how)
        assert metadata(out.getvalue()) == {}, kind


@pytest.mark.parametrize("kind", FORMATS)
def test_everything_planted_is_found_and_nothing_that_was_not(kind: str) -> None:
    assert set(metadata(PLANTED[kind])) == set(METADATA) - ABSENT[kind]


@pytest.mark.parametrize("planted", METADATA)
@pytest.mark.parametrize("kind", FORMATS)
def test_each_kind_is_found_as_itself(kind: str, planted: str) -> None:
    found = set(metadata(plant(PLAIN[kind], kind, [planted])))
    # A position and an embedded thumbnail lie in Exif.
    carried = {planted} | ({"exif"} if planted in {"gps", "embedded-thumbnail"} else set())
    assert found == (set() if planted in ABSENT[kind] else carried)


@pytest.mark.parametrize("kind", FORMATS)
def test_an_orientation_alone_is_exif(kind: str) -> None:
    assert set(metadata(plant(PLAIN[kind], kind, [], 6))) == {"exif"}


def test_what_is_found_says_where() -> None:
    assert metadata(with_segment(0xFE, b"hello")) == {"comment": ["COM of 5 bytes"]}
    twice = with_segment(0xFE, b"hello")[:2] + segment(0xFE, b"again!") + with_segment(0xFE, b"hello")[2:]
    assert metadata(twice) == {"comment": ["COM of 6 bytes", "COM of 5 bytes"]}


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        pytest.param(with_segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0x"), {"xmp"}, id="extended XMP"),
        pytest.param(with_segment(0xE1, b"something else"), {"unknown-segment"}, id="APP1 of something else"),
        pytest.param(with_segment(0xE2, b"MPF\0x"), {"unknown-segment"}, id="several pictures in one"),
        pytest.param(with_segment(0xE0, b"JFXX\0\x10x"), {"embedded-thumbnail"}, id="JFXX thumbnail"),
        pytest.param(with_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1rgb"), {"embedded-thumbnail"}, id="JFIF thumbnail"),
        pytest.param(
            with_segment(0xED, b"Photoshop 3.0\x008BIM\x04\x25\0\0"), {"unknown-segment"}, id="other Photoshop resource"
        ),
        pytest.param(with_segment(0xEE, b"Adobe\0d\0\0\0\0\1"), set(), id="Adobe's colour transform"),
        pytest.param(with_segment(0xEE, b"Acme"), {"unknown-segment"}, id="APP14 of somebody else"),
        pytest.param(with_segment(0xEF, b""), {"unknown-segment"}, id="empty APP15"),
        pytest.param(with_chunk(b"tIME", b"\x07\xea\1\1\0\0\0"), {"unknown-segment"}, id="time"),
        pytest.param(with_chunk(b"tEXt", b"Comment\0x"), {"comment"}, id="PNG comment"),
        pytest.param(with_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0<x/>"), {"xmp"}, id="PNG XMP"),
        pytest.param(with_chunk(b"zTXt", b"Raw profile type IPTC\0\0"), {"iptc"}, id="PNG IPTC"),
        pytest.param(with_chunk(b"acTL", b"\0\0\0\1\0\0\0\0"), {"unknown-segment"}, id="animation of a PNG"),
        pytest.param(with_chunk(b"pHYs", b"\0\0\1\0\0\0\1\0\1"), set(), id="resolution"),
        pytest.param(with_riff_chunk(b"ANIM", b"\0" * 6), {"unknown-segment"}, id="animation of a WebP"),
        pytest.param(
            with_riff_chunk(b"EXIF", b"Exif\0\0" + tiff("<", [0x8825])), {"exif", "gps"}, id="Exif with a JPEG's prefix"
        ),
        pytest.param(with_riff_chunk(b"XMP ", b"odd"), {"xmp"}, id="padded chunk"),
        pytest.param(with_segment(0xE1, b"Exif\0\0" + tiff(">", [0x010F, 0x8825])), {"exif", "gps"}, id="big-endian position"),
        pytest.param(
            with_segment(0xE1, b"Exif\0\0" + tiff(">", [0x010F], [0x0201])),
            {"exif", "embedded-thumbnail"},
            id="big-endian thumbnail",
        ),
        pytest.param(
            with_segment(0xE1, b"Exif\0\0" + tiff("<", [0x0201])), {"exif"}, id="the tag of a thumbnail in the main directory"
        ),
        pytest.param(with_segment(0xE1, b"Exif\0\0"), {"exif"}, id="empty Exif"),
        pytest.param(with_segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff"), {"exif"}, id="directory beyond the end"),
        pytest.param(
            with_segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\0\0\x08\0\0\0"), {"exif"}, id="directory that follows itself"
        ),
    ],
)
def test_segments_and_chunks_are_told_apart(data: bytes, kinds: set[str]) -> None:
    assert set(metadata(data)) == kinds


@pytest.mark.parametrize("kind", FORMATS)
def test_bytes_after_the_end_are_told_apart_from_the_picture(kind: str) -> None:
    container = parse(PLAIN[kind] + b"PK\x03\x04 an archive")
    assert container.trailing == b"PK\x03\x04 an archive"
    assert container.parts == parse(PLAIN[kind]).parts


def test_a_marker_in_the_trailing_bytes_is_no_part() -> None:
    assert parse(PLAIN["jpeg"] + segment(0xFE, b"hello")).parts == parse(PLAIN["jpeg"]).parts
    assert parse(PLAIN["png"] + chunk(b"tEXt", b"a\0b")).parts == parse(PLAIN["png"]).parts


def test_an_end_marker_inside_a_segment_does_not_end_the_file() -> None:
    # As an embedded thumbnail has one.
    data = with_segment(0xE1, b"Exif\0\0" + PLAIN["jpeg"])
    assert parse(data).trailing == b""
    assert [part.name for part in parse(data).parts][1:] == [part.name for part in parse(PLAIN["jpeg"]).parts]


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"<html>", id="text"),
        pytest.param(b"GIF89a" + b"\0" * 30, id="GIF"),
        pytest.param(b"RIFF\x24\0\0\0WAVEfmt ", id="sound"),
        pytest.param(PLAIN["png"][:-1], id="PNG without its last byte"),
        pytest.param(PLAIN["png"][:-12], id="PNG without its last chunk"),
        pytest.param(PLAIN["png"][:-4] + b"\0\0\0\0", id="PNG with a wrong checksum at the end"),
        pytest.param(PLAIN["png"][:40] + b"\x01" + PLAIN["png"][41:], id="PNG with a changed byte"),
        pytest.param(PLAIN["jpeg"][:-2], id="JPEG without its end marker"),
        pytest.param(PLAIN["jpeg"][:-1], id="JPEG with half its end marker"),
        pytest.param(PLAIN["jpeg"][:2] + b"\0" + PLAIN["jpeg"][2:], id="JPEG with a byte between segments"),
        pytest.param(b"\xff\xd8\xff\xe0\0\x01\xff\xd9", id="JPEG segment shorter than its length"),
        pytest.param(b"\xff\xd8\xff\xe0\0\0\xff\xd9", id="JPEG segment without a length"),
        pytest.param(PLAIN["webp"][:-1], id="WebP without its last byte"),
        pytest.param(PLAIN["webp"][:16] + b"\xff\xff\xff\0" + PLAIN["webp"][20:], id="WebP chunk beyond the end"),
        pytest.param(with_riff_chunk(b"EXIF", b"")[:-4] + b"\x09\0\0\0", id="WebP chunk beyond the end of the file"),
    ],
)
def test_what_is_no_whole_container_is_malformed(data: bytes) -> None:
    with pytest.raises(Malformed):
        parse(data)
    with pytest.raises(Malformed):
        metadata(data)
    with pytest.raises(Malformed):
        readable(data)


@pytest.mark.parametrize("kind", FORMATS)
@FUZZED
@given(st.data())
def test_no_beginning_of_a_file_is_whole(kind: str, data: st.DataObject) -> None:
    whole = PLANTED[kind]
    end = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(Malformed):
        parse(whole[:end])


@pytest.mark.parametrize("kind", FORMATS)
@FUZZED
@given(st.data())
def test_a_file_with_bytes_changed_is_malformed_or_taken_apart(kind: str, data: st.DataObject) -> None:
    # Whatever comes, it is a judgement: no other exception, and no part that the file does not hold.
    changed = bytearray(PLANTED[kind])
    for at in data.draw(st.lists(st.integers(0, len(changed) - 1), min_size=1, max_size=4)):
        changed[at] = data.draw(st.integers(0, 255))
    try:
        found = metadata(bytes(changed))
        parts = parse(bytes(changed)).parts
    except Malformed:
        return
    assert set(found) <= set(METADATA)
    assert all(part.payload in changed for part in parts)


@pytest.mark.parametrize("beginning", [b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\x40\0\0\0WEBP"])
@FUZZED
@given(st.binary(max_size=200))
def test_noise_behind_a_signature_is_malformed_or_taken_apart(beginning: bytes, noise: bytes) -> None:
    try:
        found = metadata(beginning + noise)
    except Malformed:
        return
    assert set(found) <= set(METADATA)


@pytest.mark.parametrize("planted", [each for each in METADATA if each != "icc"])
@pytest.mark.parametrize("kind", FORMATS)
def test_every_planted_text_can_be_read(kind: str, planted: str) -> None:
    data = plant(PLAIN[kind], kind, [planted])
    assert (canary(planted) in readable(data)) == (planted not in ABSENT[kind])
    assert canary(planted) not in readable(PLAIN[kind])


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("international", [False, True])
def test_a_text_chunk_is_read_packed_or_not(international: bool, packed: bool) -> None:
    info = PngInfo()
    if international:
        info.add_itxt("Title", "medialane-canary-here", "en", "Titel", zip=packed)
    else:
        info.add_text("Title", "medialane-canary-here", zip=packed)
    out = io.BytesIO()
    Image.new("RGB", (9, 7)).save(out, "PNG", pnginfo=info)
    assert (b"medialane-canary-here" in out.getvalue()) != packed
    assert b"medialane-canary-here" in readable(out.getvalue())


def test_a_text_inside_a_packed_profile_is_read() -> None:
    data = with_chunk(b"iCCP", b"name\0\0" + zlib.compress(b"a profile with medialane-canary-here in it"))
    assert b"medialane-canary-here" in readable(data)


def test_what_inflates_without_end_is_read_within_bounds() -> None:
    bomb = with_chunk(b"zTXt", b"Title\0\0" + zlib.compress(bytes(64 * 1024 * 1024), 9))
    assert len(bomb) < 100_000
    assert len(readable(bomb)) < 16 * 1024 * 1024
