"""Pictures and requests of exactly the size that a policy allows, and one past it."""

from __future__ import annotations

import functools
import io
import itertools
import math
import zlib

from PIL import Image

from lanes.encoders import chunk

_KINDS = {"jpeg": "JPEG", "png": "PNG", "webp": "WEBP"}


@functools.lru_cache(maxsize=64)
def flat(kind: str, width: int, height: int) -> bytes:
    """A grey picture of this size, in pixels: few bytes however large it is."""
    if kind == "png":
        return _flat_png(width, height, in_colour=False)
    out = io.BytesIO()
    Image.new("RGB", (width, height), (120, 130, 140)).save(out, _KINDS[kind], quality=80)
    return out.getvalue()


def costly(width: int, height: int) -> bytes:
    """A PNG in colour of this size, in pixels: it has to be unpacked whole, and no encoder holds it whole here."""
    return _flat_png(width, height, in_colour=True)


def sides_for(pixels: int, longest: int) -> tuple[int, int] | None:
    """Width and height, neither above `longest`, of a picture of exactly so many pixels; None where there is none."""
    for width in range(min(longest, pixels), 0, -1):
        if pixels % width == 0:
            return (width, pixels // width) if pixels // width <= longest else None
        if width * longest < pixels:
            return None
    return None


def most_square(pixels: int, longest: int) -> tuple[int, int]:
    """Width and height, neither above `longest`, of a picture of so many pixels at most, as close to a square as may be."""
    width = min(longest, math.isqrt(pixels))
    return width, min(longest, pixels // width)


def just_over(pixels: int, longest: int) -> tuple[int, int]:
    """The sides of the smallest picture of more pixels than these, neither above `longest`."""
    return next(sides for more in itertools.count(pixels + 1) if (sides := sides_for(more, longest)))


def padded(data: bytes, size: int) -> bytes:
    """A JPEG of exactly so many bytes, by comments before its picture. Raises ValueError if it is longer."""
    missing = size - len(data)
    comments = []
    while missing > 0:
        # A comment has 4 to 65,537 bytes, and what it leaves has to be none or enough for another.
        length = missing if missing <= 65_537 else min(65_537, missing - 4)
        if length < 4:
            raise ValueError(f"{missing} bytes are too few for a comment")
        comments.append(b"\xff\xfe" + (length - 2).to_bytes(2, "big") + bytes(length - 4))
        missing -= length
    if missing < 0:
        raise ValueError(f"it has {len(data)} bytes, more than {size}")
    return data[:2] + b"".join(comments) + data[2:]


def _flat_png(width: int, height: int, *, in_colour: bool) -> bytes:
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes((8, 2 if in_colour else 0, 0, 0, 0))
    packer = zlib.compressobj(1)
    line = b"\0" + bytes([128]) * (3 * width if in_colour else width)
    data = b"".join(packer.compress(line) for _ in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")
