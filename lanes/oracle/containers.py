"""Container bytes: what a JPEG, PNG or WebP file carries besides its picture, read segment by segment.

Formats: JPEG (ITU-T T.81, annex B), PNG (W3C PNG, third edition, section 5), WebP (RFC 9649, section 2),
Exif and TIFF directories (CIPA DC-008, TIFF 6.0 section 2), Photoshop resources and IPTC (Adobe Photoshop File Formats).
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

METADATA = ("exif", "gps", "xmp", "iptc", "comment", "text-chunk", "embedded-thumbnail", "icc", "unknown-segment")

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_NEEDED = {"IHDR", "PLTE", "IDAT", "IEND", "tRNS", "gAMA", "cHRM", "sRGB", "sBIT", "bKGD", "pHYs"}
_WEBP_NEEDED = {"VP8 ", "VP8L", "VP8X", "ALPH"}
_MOST_INFLATED = 4 * 1024 * 1024


class Malformed(Exception):
    """The bytes are not a whole container of a known format."""


@dataclass(frozen=True, slots=True)
class Part:
    """A JPEG segment, PNG chunk or RIFF chunk: its name (COM, APP1, tEXt, EXIF…) and payload."""

    name: str
    payload: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Container:
    """A file taken apart: format (jpeg, png, webp), parts in order, and the bytes after its end."""

    format: str
    parts: tuple[Part, ...]
    trailing: bytes = field(repr=False)


def parse(data: bytes) -> Container:
    """Takes a file apart. Raises Malformed where its structure does not hold to the end."""
    try:
        if data.startswith(b"\xff\xd8"):
            return _jpeg(data)
        if data.startswith(_PNG_SIGNATURE):
            return _png(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
    except (struct.error, IndexError) as error:
        raise Malformed(f"ends in the middle: {error}") from None
    raise Malformed(f"begins like no known format: {data[:12]!r}")


def metadata(data: bytes) -> dict[str, list[str]]:
    """What a file carries besides its picture: for each kind of METADATA that is there, where it was found.

    Raises Malformed.
    """
    container = parse(data)
    found: dict[str, list[str]] = {}
    for part in container.parts:
        for kind in _KINDS[container.format](part):
            found.setdefault(kind, []).append(f"{part.name} of {len(part.payload)} bytes")
    return found


def readable(data: bytes) -> bytes:
    """The bytes of a file followed by what its compressed text chunks inflate to: where a planted text would show."""
    texts = [data]
    for part in parse(data).parts:
        if part.name in {"zTXt", "iTXt", "iCCP"}:
            start = part.payload.find(b"\0") + 1
            texts.extend(_inflated(part.payload[at:]) for at in range(start, min(start + 64, len(part.payload))))
    return b"\n".join(texts)


def _jpeg(data: bytes) -> Container:
    parts: list[Part] = []
    at = 2
    while True:
        if data[at] != 0xFF:
            raise Malformed(f"no marker at byte {at}")
        while data[at + 1] == 0xFF:  # fill bytes
            at += 1
        marker = data[at + 1]
        if marker == 0xD9:
            return Container("jpeg", tuple(parts), data[at + 2 :])
        (length,) = struct.unpack_from(">H", data, at + 2)
        payload = data[at + 4 : at + 2 + length]
        if len(payload) != length - 2:
            raise Malformed(f"the segment at byte {at} ends in the middle")
        parts.append(Part(_jpeg_name(marker), payload))
        at += 2 + length
        if marker == 0xDA:
            at = _after_scan(data, at)


def _after_scan(data: bytes, at: int) -> int:
    # Entropy-coded data runs to the next marker that is neither a stuffed zero nor a restart (T.81, B.1.1.5).
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise Malformed("the picture has no end marker")
        if data[at + 1] == 0 or 0xD0 <= data[at + 1] <= 0xD7:
            at += 2
        else:
            return at


def _jpeg_name(marker: int) -> str:
    if 0xE0 <= marker <= 0xEF:
        return f"APP{marker - 0xE0}"
    return {0xFE: "COM", 0xDB: "DQT", 0xC4: "DHT", 0xDA: "SOS", 0xDD: "DRI"}.get(marker, f"{marker:02X}")


def _png(data: bytes) -> Container:
    parts: list[Part] = []
    at = 8
    while True:
        length, raw = struct.unpack_from(">I4s", data, at)
        payload = data[at + 8 : at + 8 + length]
        (crc,) = struct.unpack_from(">I", data, at + 8 + length)
        name = raw.decode("latin-1")
        if crc != zlib.crc32(raw + payload):
            raise Malformed(f"the chunk {name} at byte {at} has a wrong checksum")
        parts.append(Part(name, payload))
        at += 12 + length
        if name == "IEND":
            return Container("png", tuple(parts), data[at:])


def _webp(data: bytes) -> Container:
    (size,) = struct.unpack_from("<I", data, 4)
    end = 8 + size
    if end > len(data):
        raise Malformed(f"the file says {end} bytes and has {len(data)}")
    parts: list[Part] = []
    at = 12
    while at < end:
        raw, length = struct.unpack_from("<4sI", data, at)
        if at + 8 + length > end:
            raise Malformed(f"the chunk at byte {at} ends in the middle")
        parts.append(Part(raw.decode("latin-1"), data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    return Container("webp", tuple(parts), data[end:])


def _jpeg_kinds(part: Part) -> Iterator[str]:
    if part.name == "COM":
        yield "comment"
    if not part.name.startswith("APP"):
        return
    payload = part.payload
    if payload.startswith(b"Exif\0"):
        yield from _exif_kinds(payload[6:])
    elif payload.startswith((b"http://ns.adobe.com/xap/1.0/", b"http://ns.adobe.com/xmp/extension/")):
        yield "xmp"
    elif payload.startswith(b"ICC_PROFILE\0"):
        yield "icc"
    elif payload.startswith(b"Photoshop 3.0\0"):
        yield "iptc" if b"8BIM\x04\x04" in payload else "unknown-segment"
    elif payload.startswith(b"JFIF\0"):
        if len(payload) > 14:  # a thumbnail follows the fixed fields (JFIF 1.02, page 5)
            yield "embedded-thumbnail"
    elif payload.startswith(b"JFXX\0"):
        yield "embedded-thumbnail"
    elif not payload.startswith(b"Adobe\0"):  # Adobe's segment tells the colour transform, which a picture needs
        yield "unknown-segment"


def _png_kinds(part: Part) -> Iterator[str]:
    keyword = part.payload.partition(b"\0")[0]
    if part.name == "eXIf":
        yield from _exif_kinds(part.payload)
    elif part.name == "iCCP":
        yield "icc"
    elif part.name in {"tEXt", "zTXt", "iTXt"}:
        if keyword == b"XML:com.adobe.xmp":
            yield "xmp"
        elif b"iptc" in keyword.lower():
            yield "iptc"
        else:
            yield "comment" if keyword == b"Comment" else "text-chunk"
    elif part.name not in _PNG_NEEDED:
        yield "unknown-segment"


def _webp_kinds(part: Part) -> Iterator[str]:
    if part.name == "EXIF":
        yield from _exif_kinds(part.payload.removeprefix(b"Exif\0\0"))
    elif part.name == "XMP ":
        yield "xmp"
    elif part.name == "ICCP":
        yield "icc"
    elif part.name not in _WEBP_NEEDED:
        yield "unknown-segment"


_KINDS = {"jpeg": _jpeg_kinds, "png": _png_kinds, "webp": _webp_kinds}


def _exif_kinds(tiff: bytes) -> Iterator[str]:
    yield "exif"
    directories = list(_directories(tiff))
    if any(0x8825 in tags for tags in directories[:1]):
        yield "gps"
    if any(0x0201 in tags for tags in directories[1:]):
        yield "embedded-thumbnail"


def _directories(tiff: bytes) -> Iterator[set[int]]:
    """The tags of each image file directory, in the order of the chain; stops where the chain is broken."""
    order = "<" if tiff[:2] == b"II" else ">"
    seen: set[int] = set()
    try:
        (at,) = struct.unpack_from(f"{order}I", tiff, 4)
        while at and at not in seen:
            seen.add(at)
            (count,) = struct.unpack_from(f"{order}H", tiff, at)
            yield {struct.unpack_from(f"{order}H", tiff, at + 2 + 12 * index)[0] for index in range(count)}
            (at,) = struct.unpack_from(f"{order}I", tiff, at + 2 + 12 * count)
    except struct.error:
        return


def _inflated(payload: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(payload, _MOST_INFLATED)
    except zlib.error:
        return b""
