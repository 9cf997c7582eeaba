"""Hides what is no picture in the images of the corpus: behind the end, in unknown parts, or in a header that lies.

Polyglots (a file that is a picture and a page, a script or an archive at once) and decompression bombs.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

from lanes.encoders import chunk

MARK = b"medialane-hidden-payload"
_SCRIPT = b"<script>/*" + MARK + b"*/alert(1)</script><?php /*" + MARK + b"*/ ?>"


def hide(data: bytes, kind: str, what: str) -> bytes:
    """An encoded picture with something hidden in it, MARK among it.

    What: `trailing` (after the end), `script` (after the end and in a part of the container), `archive` (a ZIP joined to it).
    Raises KeyError for anything else.
    """
    match what:
        case "trailing":
            return data + MARK * 40
        case "script":
            return _with_part(data, kind, _SCRIPT) + _SCRIPT
        case "archive":
            return data + _archive()
        case _:
            raise KeyError(f"nothing is called {what!r}")


def bomb(kind: str, width: int, height: int) -> bytes:
    """A small file whose header tells of a picture of this size, in pixels; what follows would inflate without end."""
    match kind:
        case "png":
            header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
            flood = zlib.compress(bytes(8 * 1024 * 1024), 9)
            return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", flood) + chunk(b"IEND", b"")
        case "jpeg":
            size = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
            table = b"\xff\xdb\x00\x43\x00" + bytes([16] * 64)
            huffman = b"".join(
                b"\xff\xc4" + struct.pack(">HB", 20, kind) + bytes([1] + [0] * 15) + b"\0" for kind in (0x00, 0x10)
            )
            scan = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
            return b"\xff\xd8" + table + b"\xff\xc0" + struct.pack(">H", 11) + size + huffman + scan + bytes(2000) + b"\xff\xd9"
        case "webp":
            # A lossless bitstream tells its size in two numbers of 14 bits, less one (RFC 9649, section 3.4).
            bits = (min(width, 16384) - 1) | (min(height, 16384) - 1) << 14
            body = b"VP8L" + struct.pack("<I", 4096) + b"\x2f" + struct.pack("<I", bits) + bytes(4091)
            return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body
        case _:
            raise KeyError(f"no bomb is made of {kind!r}")


def inflating(data: bytes, what: str) -> bytes:
    """An encoded PNG with a chunk that inflates to 64 MiB: `zTXt`, a text, or `iCCP`, a profile."""
    flood = zlib.compress(bytes(64 * 1024 * 1024), 9)
    after_header = 8 + 25
    name = what.encode()
    return data[:after_header] + chunk(name, b"Comment\0\0" + flood) + data[after_header:]


def _with_part(data: bytes, kind: str, payload: bytes) -> bytes:
    match kind:
        case "jpeg":
            after_jfif = 4 + struct.unpack(">H", data[4:6])[0]
            parts = b"".join(mark + struct.pack(">H", len(payload) + 2) + payload for mark in (b"\xff\xfe", b"\xff\xeb"))
            return data[:after_jfif] + parts + data[after_jfif:]
        case "png":
            after_header = 8 + 25
            return data[:after_header] + chunk(b"tEXt", b"Comment\0" + payload) + chunk(b"mlHi", payload) + data[after_header:]
        case _:
            body = data[12:] + b"HIDE" + struct.pack("<I", len(payload)) + payload + bytes(len(payload) % 2)
            return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def _archive() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        # Dated, so that the same recipe gives the same bytes.
        archive.writestr(zipfile.ZipInfo("run.js", (2026, 1, 1, 0, 0, 0)), MARK * 40)
    return out.getvalue()
