"""Pictures made on the spot."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import Any

from PIL import Image

RED, GREEN, BLUE, YELLOW = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0)
FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
ORIENTATION = 0x0112


def quarters(width: int, height: int) -> Image.Image:
    """Red and green above blue and yellow: every turn and every mirroring of it looks different."""
    image = Image.new("RGB", (width, height), RED)
    image.paste(GREEN, (width // 2, 0, width, height))
    image.paste(BLUE, (0, height // 2, width // 2, height))
    image.paste(YELLOW, (width // 2, height // 2, width, height))
    return image


def encoded(image: Image.Image, mime_type: str = "image/jpeg", **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, FORMATS[mime_type], **options)
    return buffer.getvalue()


def decoded(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def of_data_url(url: str) -> Image.Image:
    return decoded(base64.b64decode(url.partition(",")[2]))


def oriented(orientation: int) -> Image.Exif:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    return exif


def corners(image: Image.Image) -> list[tuple[int, ...]]:
    """The colours near the corners, clockwise from the upper left one."""
    rgb = image.convert("RGB")
    right, low = rgb.width * 9 // 10, rgb.height * 9 // 10
    near = [rgb.getpixel(at) for at in ((0, 0), (right, 0), (right, low), (0, low))]
    return [pixel for pixel in near if isinstance(pixel, tuple)]


def is_close(found: tuple[int, ...], expected: tuple[int, ...], tolerance: int = 12) -> bool:
    return all(abs(one - other) <= tolerance for one, other in zip(found, expected, strict=True))


def chunk(name: bytes, data: bytes) -> bytes:
    """A PNG chunk."""
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def with_chunk(png: bytes, name: bytes, data: bytes) -> bytes:
    """The PNG with another chunk right behind its header."""
    return png[:33] + chunk(name, data) + png[33:]


def png_of_zeros(width: int, height: int) -> bytes:
    """A black PNG, one bit a pixel, made without ever holding its pixels."""
    deflate = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    data = b"".join(deflate.compress(row) for _ in range(height)) + deflate.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
