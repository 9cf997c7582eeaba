"""Image files as bytes, before any decoder sees them: what they are, whether they move, whether they are whole.

Formats: ITU-T T.81 (JPEG), W3C PNG third edition, RFC 9649 (WebP).
"""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_impl.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# All that a picture needs: its pixels, the colours they mean, which way is up. Text, times and thumbnails stay outside.
PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"iCCP", b"eXIf", b"IDAT", b"IEND"})
# Far above any real profile (they reach 2 MiB), far below what a deflated bomb would cost.
MAX_PROFILE_BYTES = 4 * 1024 * 1024
WEBP_ANIMATION_FLAG = 0x02


@dataclass(frozen=True)
class Container:
    """A file reduced to what a decoder may read, and whether it is an animation."""

    data: bytes
    animated: bool = False


def sniff(data: bytes) -> str | None:
    """The media type that the first bytes say, or None where they are no accepted format."""
    if data.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if data.startswith(PNG_SIGNATURE):
        return "image/png"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "image/webp"
    return None


def opened(data: bytes, mime_type: str) -> Container:
    """The container of a file whose signature is that of mime_type.

    Raises Refused (image_undecodable) where the container itself is cut short or corrupt.
    """
    if mime_type == "image/png":
        return _png(data)
    if mime_type == "image/webp":
        return _webp(data)
    return Container(data)


def _png(data: bytes) -> Container:
    chunks = list(_png_chunks(data))
    animated = any(name == b"acTL" for name, _ in chunks)
    first, *rest = (each for each in chunks if each[0] in PNG_CHUNKS and not (each[0] == b"iCCP" and _is_bomb(each[1])))
    # eXIf may stand behind the pixels too (PNG, third edition, section 5.6), where no decoder in a hurry looks for it.
    rest.sort(key=lambda each: each[0] != b"eXIf")
    return Container(b"".join([PNG_SIGNATURE, *(chunk for _, chunk in (first, *rest))]), animated)


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, memoryview]]:
    """Each chunk with its name, up to IEND; whatever follows is no part of the picture."""
    view = memoryview(data)
    at = len(PNG_SIGNATURE)
    name = b""
    while name != b"IEND":
        if at + 12 > len(data):
            raise Refused("image_undecodable", "The image is cut short.")
        (length,) = struct.unpack_from(">I", data, at)
        end = at + 12 + length
        if end > len(data):
            raise Refused("image_undecodable", "The image is cut short.")
        name = data[at + 4 : at + 8]
        if zlib.crc32(view[at + 4 : end - 4]) != struct.unpack_from(">I", data, end - 4)[0]:
            raise Refused("image_undecodable", "The image is corrupt.")
        yield name, view[at:end]
        at = end


def _is_bomb(profile_chunk: memoryview) -> bool:
    """Whether an iCCP chunk (name, NUL, method, deflated profile) inflates to no plausible profile."""
    body = bytes(profile_chunk[8:-4])
    inflater = zlib.decompressobj()
    try:
        inflater.decompress(body[body.index(b"\0") + 2 :], MAX_PROFILE_BYTES)
    except (ValueError, zlib.error):
        return True
    return not inflater.eof


def _webp(data: bytes) -> Container:
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 > len(data):
        raise Refused("image_undecodable", "The image is cut short.")
    animated = data[12:16] == b"VP8X" and any(flags & WEBP_ANIMATION_FLAG for flags in data[20:21])
    return Container(data[: size + 8], animated)
