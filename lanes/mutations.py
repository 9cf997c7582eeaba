"""Hostile files: images of the corpus, damaged at random and by what their containers are made of."""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

from lanes.client import Upload
from lanes.encoders import chunk


def hostile(uploads: Sequence[Upload], count: int, seed: int) -> Iterator[Upload]:
    """So many files made of these, always the same for the same seed."""
    dice = random.Random(seed)  # noqa: S311 - nothing here is a secret
    for number in range(count):
        upload = uploads[number % len(uploads)]
        data = upload.data
        while data == upload.data:  # not every way changes every file
            for _ in range(dice.randint(1, 3)):
                data = dice.choice(_WAYS)(data, dice)
        declared = dice.choice(uploads).declared if dice.random() < 0.1 else upload.declared
        yield Upload(data, declared, f"hostile-{number}.{upload.name.rpartition('.')[2]}")


def _flip(data: bytes, dice: random.Random) -> bytes:
    """Some bytes are others."""
    changed = bytearray(data)
    for _ in range(dice.randint(1, 12)):
        if changed:
            changed[dice.randrange(len(changed))] = dice.randrange(256)
    return bytes(changed)


def _cut(data: bytes, dice: random.Random) -> bytes:
    """It ends early."""
    return data[: dice.randint(0, len(data))]


def _swell(data: bytes, dice: random.Random) -> bytes:
    """A piece of it comes twice, or a lot of nothing comes between."""
    at = dice.randint(0, len(data))
    piece = data[at : at + dice.randint(1, 4000)] if dice.random() < 0.5 else bytes(dice.randint(1, 100_000))
    return data[:at] + piece + data[at:]


def _lose(data: bytes, dice: random.Random) -> bytes:
    """A piece of it is missing."""
    at = dice.randint(0, len(data))
    return data[:at] + data[at + dice.randint(1, 2000) :]


def _lie_about_length(data: bytes, dice: random.Random) -> bytes:
    """A length of a segment, a chunk or the whole is another one."""
    places = list(_lengths(data))
    if not places:
        return data
    at, size, order = dice.choice(places)
    value = dice.choice((0, 1, 2, 0x7FFF, (1 << 8 * size) - 1, dice.randrange(1 << 8 * size)))
    return data[:at] + (value % (1 << 8 * size)).to_bytes(size, order) + data[at + size :]


def _lie_about_dimensions(data: bytes, dice: random.Random) -> bytes:
    """Width or height in the header is another one; a PNG's checksum is put right again."""
    number = dice.choice((0, 1, 0xFFFF, dice.randrange(1 << 16)))
    if data.startswith(b"\x89PNG") and len(data) > 33:
        header = bytearray(data[16:29])
        struct.pack_into(">I", header, dice.choice((0, 4)), number)
        return data[:8] + chunk(b"IHDR", bytes(header)) + data[33:]
    frame = data.find(b"\xff\xc0") if data.startswith(b"\xff\xd8") else data.find(b"VP8 ") + 9
    at = frame + dice.choice((5, 7))
    return data[:at] + struct.pack(">H", number) + data[at + 2 :] if frame > 0 and at + 2 < len(data) else data


def _flood(data: bytes, dice: random.Random) -> bytes:
    """A text or a profile that is enormous, or inflates to be."""
    flood = zlib.compress(bytes(dice.choice((10_000, 32 * 1024 * 1024))), 9)
    if data.startswith(b"\x89PNG"):
        name, head = dice.choice(((b"zTXt", b"Comment\0\0"), (b"iCCP", b"p\0\0"), (b"iTXt", b"k\0\1\0\0\0")))
        return data[:33] + chunk(name, head + flood) + data[33:]
    if data.startswith(b"\xff\xd8"):
        part = b"ICC_PROFILE\0\x01\xff" + bytes(60_000)
        return data[:2] + b"\xff\xe2" + struct.pack(">H", len(part) + 2) + part + data[2:]
    part = bytes(200_000)
    return data[:12] + b"ICCP" + struct.pack("<I", len(part)) + part + data[12:]


def _rewrite_table(data: bytes, dice: random.Random) -> bytes:
    """A Huffman or quantisation table of a JPEG says something else; a PNG's picture data is deflated again, and shorter."""
    if data.startswith(b"\xff\xd8"):
        at = data.find(dice.choice((b"\xff\xc4", b"\xff\xdb")))
        return data[: at + 5] + dice.randbytes(16) + data[at + 21 :] if at > 0 else data
    at = data.find(b"IDAT")
    if at < 0:
        return data
    return data[: at - 4] + chunk(b"IDAT", zlib.compress(dice.randbytes(500))) + chunk(b"IEND", b"")


def _lengths(data: bytes) -> Iterator[tuple[int, int, Literal["big", "little"]]]:
    """Where lengths are: place, bytes and byte order."""
    if data.startswith(b"\xff\xd8"):
        at = 2
        while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
            yield at + 2, 2, "big"
            at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    elif data.startswith(b"\x89PNG"):
        at = 8
        while at + 8 <= len(data):
            yield at, 4, "big"
            at += 12 + int.from_bytes(data[at : at + 4], "big")
    elif data[:4] == b"RIFF":
        yield 4, 4, "little"
        at = 12
        while at + 8 <= len(data):
            yield at + 4, 4, "little"
            at += 8 + int.from_bytes(data[at + 4 : at + 8], "little")


_WAYS: tuple[Callable[[bytes, random.Random], bytes], ...] = (
    _flip,
    _cut,
    _swell,
    _lose,
    _lie_about_length,
    _lie_about_dimensions,
    _flood,
    _rewrite_table,
)
