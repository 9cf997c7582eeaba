"""Plants metadata into the images of the corpus, each kind with a text of its own that must not come out again.

Written from the same specifications as lanes/oracle/containers.py, which reads them, and sharing no code with it.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from collections.abc import Iterable

from PIL import Image, ImageCms


def canary(kind: str) -> bytes:
    """The text that is planted with metadata of this kind."""
    return f"medialane-canary-{kind}".encode()


def plant(
    data: bytes, container: str, kinds: Iterable[str], orientation: int = 1, order: str = "II", form: str | None = None
) -> bytes:
    """An encoded picture with metadata of these kinds and an Exif orientation, in this byte order (II or MM).

    Forms are unusual ways to store the Exif block: `late`, behind the pixels of a PNG (W3C PNG, third edition, section 5.6);
    `prefixed`, with the six bytes of a JPEG's segment in a WebP, as many programs write it. What its container cannot carry is
    left out.
    """
    planter = {"jpeg": _into_jpeg, "png": _into_png, "webp": _into_webp}[container]
    return planter(data, set(kinds), _tiff(set(kinds), orientation, order), form)


def _into_jpeg(data: bytes, kinds: set[str], tiff: bytes, _form: str | None) -> bytes:
    segments = []
    exif_first = tiff.startswith(b"MM")
    if "embedded-thumbnail" in kinds and not exif_first:
        # It has to follow the JFIF header (JFIF 1.02, extension 0x10).
        segments.append(_segment(0xE0, b"JFXX\0\x10" + _small_jpeg()))
    if tiff:
        segments.append(_segment(0xE1, b"Exif\0\0" + tiff))
    if "xmp" in kinds:
        segments.append(_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + _xmp()))
        # The part of it that no segment has room for (XMP specification, part 3, section 1.1.3.1).
        whole = _xmp()
        head = hashlib.md5(whole, usedforsecurity=False).hexdigest().upper().encode() + struct.pack(">II", len(whole), 0)
        segments.append(_segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + head + whole))
    if "icc" in kinds:
        segments.append(_segment(0xE2, b"ICC_PROFILE\0\x01\x01" + _srgb_profile()))
    if "iptc" in kinds:
        segments.append(_segment(0xED, b"Photoshop 3.0\0" + _iptc_resource()))
    if "unknown-segment" in kinds:
        segments += [_segment(marker, b"Maker\0" + canary("unknown-segment")) for marker in (0xE2, 0xE9, 0xED, 0xEE)]
    if "comment" in kinds:
        segments.append(_segment(0xFE, canary("comment")))
    after_jfif = 4 + struct.unpack(">H", data[4:6])[0]
    # Cameras that write the one order begin with Exif; others have a JFIF header before it.
    head = data[:2] if exif_first else data[:after_jfif]
    return head + b"".join(segments) + data[after_jfif:]


def _into_png(data: bytes, kinds: set[str], tiff: bytes, form: str | None) -> bytes:
    chunks = []
    if "icc" in kinds:
        chunks.append(_chunk(b"iCCP", b"sRGB\0\0" + zlib.compress(_srgb_profile())))
    if tiff and form != "late":
        chunks.append(_chunk(b"eXIf", tiff))
    if "xmp" in kinds:
        chunks.append(_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + _xmp()))
    if "iptc" in kinds:
        raw = _iptc_resource()
        profile = b"\niptc\n%8d\n" % len(raw) + raw.hex().encode() + b"\n"
        chunks.append(_chunk(b"zTXt", b"Raw profile type iptc\0\0" + zlib.compress(profile + canary("iptc"))))
    if "comment" in kinds:
        chunks.append(_chunk(b"tEXt", b"Comment\0" + canary("comment")))
    if "text-chunk" in kinds:
        text = canary("text-chunk")
        chunks.append(_chunk(b"tEXt", b"Author\0" + text))
        chunks.append(_chunk(b"zTXt", b"Description\0\0" + zlib.compress(text)))
        chunks.append(_chunk(b"iTXt", b"Title\0\0\0\0\0" + text))
    if "unknown-segment" in kinds:
        chunks.append(_chunk(b"mlNe", canary("unknown-segment")))
        chunks.append(_chunk(b"tIME", struct.pack(">H5B", 2026, 1, 1, 0, 0, 0)))
    late = [each for each in chunks if each[4:8] in {b"tEXt", b"zTXt", b"iTXt", b"mlNe", b"tIME"}]
    if tiff and form == "late":
        late.append(_chunk(b"eXIf", tiff))
    after_header, end = 8 + 25, len(data) - 12
    return data[:after_header] + b"".join(chunks) + data[after_header:end] + b"".join(late) + data[end:]


def _into_webp(data: bytes, kinds: set[str], tiff: bytes, form: str | None) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        width, height = image.size
    flags = (0x20 if "icc" in kinds else 0) | (0x08 if tiff else 0) | (0x04 if "xmp" in kinds else 0)
    sizes = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    rest = data[12:]
    if rest[:4] == b"VP8X":  # it tells of a profile or of transparency already, and comes first and once
        flags |= rest[8]
        rest = rest[8 + 10 :]
    chunks = [_riff(b"VP8X", bytes((flags, 0, 0, 0)) + sizes)]
    if "icc" in kinds:
        chunks.append(_riff(b"ICCP", _srgb_profile()))
    chunks.append(rest)
    if tiff:
        chunks.append(_riff(b"EXIF", (b"Exif\0\0" if form == "prefixed" else b"") + tiff))
    if "xmp" in kinds:
        chunks.append(_riff(b"XMP ", _xmp()))
    if "unknown-segment" in kinds:
        chunks.append(_riff(b"mlne", canary("unknown-segment")))
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def _segment(marker: int, payload: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload


def _chunk(name: bytes, payload: bytes) -> bytes:
    return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))


def _riff(name: bytes, payload: bytes) -> bytes:
    return name + struct.pack("<I", len(payload)) + payload + b"\0" * (len(payload) % 2)


def _xmp() -> bytes:
    return (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>' + canary("xmp") + b"</dc:creator>"
        b"</rdf:Description></rdf:RDF></x:xmpmeta>"
    )


def _iptc_resource() -> bytes:
    text = canary("iptc")
    record = b"\x1c\x02\x50" + struct.pack(">H", len(text)) + text  # 2:80, by-line
    return b"8BIM\x04\x04\0\0" + struct.pack(">I", len(record)) + record + b"\0" * (len(record) % 2)


def _srgb_profile() -> bytes:
    # ImageCms stamps the time of making into bytes 24 to 35: a fixed one keeps the corpus the same every day.
    made = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    made[24:36] = struct.pack(">6H", 2026, 1, 1, 0, 0, 0)
    return bytes(made)


def _tiff(kinds: set[str], orientation: int, byte_order: str) -> bytes:
    """An Exif block of up to three directories, empty where nothing asks for one."""
    if orientation == 1 and not kinds & {"exif", "gps", "embedded-thumbnail"}:
        return b""
    order = "<" if byte_order == "II" else ">"
    main: list[tuple[int, int, bytes]] = [(0x0112, 3, struct.pack(f"{order}HH", orientation, 0))]
    if "exif" in kinds:
        main.insert(0, (0x010F, 2, canary("exif") + b"\0"))
    blocks = _Blocks()
    has_thumbnail = "embedded-thumbnail" in kinds
    others = [(tag, make) for kind, tag, make in (("exif", 0x8769, _camera), ("gps", 0x8825, _gps)) if kind in kinds]
    main_size = 2 + 12 * (len(main) + len(others)) + 4
    blocks.at = 8 + main_size
    for tag, make in others:
        blocks.pad()
        main.append((tag, 4, struct.pack(f"{order}I", blocks.at)))
        blocks.add(make(blocks.at, order))
    next_at = 0
    if has_thumbnail:
        thumbnail = _small_jpeg()
        blocks.pad()
        next_at = blocks.at
        picture_at = next_at + 2 + 12 * 3 + 4
        directory = [
            (0x0103, 3, struct.pack(f"{order}HH", 6, 0)),
            (0x0201, 4, struct.pack(f"{order}I", picture_at)),
            (0x0202, 4, struct.pack(f"{order}I", len(thumbnail))),
        ]
        blocks.add(_directory(directory, next_at, 0, order) + thumbnail)
    blocks.pad()
    head = _directory(main, 8, next_at, order, overflow_at=blocks.at)
    return byte_order.encode() + struct.pack(f"{order}HI", 42, 8) + head[:main_size] + bytes(blocks.data) + head[main_size:]


class _Blocks:
    """Data behind the main directory, and where the next of it will lie."""

    def __init__(self) -> None:
        self.data = bytearray()
        self.at = 0

    def add(self, block: bytes) -> None:
        self.data += block
        self.at += len(block)

    def pad(self) -> None:
        if self.at % 2:
            self.add(b"\0")


def _directory(
    entries: list[tuple[int, int, bytes]], at: int, next_at: int, order: str, overflow_at: int | None = None
) -> bytes:
    """An image file directory (TIFF 6.0, section 2); values over four bytes follow it or lie at overflow_at."""
    overflow = overflow_at if overflow_at is not None else at + 2 + 12 * len(entries) + 4
    rows, tail = b"", b""
    sizes = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 7: 1}
    for tag, kind, value in entries:
        count = 1 if kind == 3 else len(value) // sizes[kind]
        if len(value) > 4:
            rows += struct.pack(f"{order}HHII", tag, kind, count, overflow + len(tail))
            tail += value + b"\0" * (len(value) % 2)
        else:
            rows += struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")
    return struct.pack(f"{order}H", len(entries)) + rows + struct.pack(f"{order}I", next_at) + tail


def _camera(at: int, order: str) -> bytes:
    # MakerNote (Exif 3.0, section 4.6.6): what only the maker of a camera can read.
    return _directory([(0x927C, 7, b"Medialane\0" + canary("exif"))], at, 0, order)


def _gps(at: int, order: str) -> bytes:
    def degrees(*values: int) -> bytes:
        return b"".join(struct.pack(f"{order}II", value, 1) for value in values)

    return _directory(
        [
            (0x0001, 2, b"N\0"),
            (0x0002, 5, degrees(51, 30, 26)),
            (0x0003, 2, b"W\0"),
            (0x0004, 5, degrees(0, 7, 39)),
            (0x001B, 2, canary("gps") + b"\0"),
        ],
        at,
        0,
        order,
    )


def _small_jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (16, 12), (120, 90, 60)).save(out, "JPEG", comment=canary("embedded-thumbnail"))
    return out.getvalue()
