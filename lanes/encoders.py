"""Encodes pictures for the corpus in every form that a format has: depth, colour space, scan order, transparency, motion.

PNG by hand where Pillow cannot write it (W3C PNG, third edition: 16 bits, section 7.1; Adam7, section 8.1).
"""

from __future__ import annotations

import functools
import io
import itertools
import struct
import zlib
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lanes import icc
from lanes.oracle.pictures import Patch

_ENCODER: dict[str, dict[str, Any]] = {
    "jpeg": {"format": "JPEG", "quality": 90, "subsampling": 0},
    "png": {"format": "PNG", "compress_level": 1},
    "webp": {"format": "WEBP", "quality": 90, "method": 0},
    "gif": {"format": "GIF"},
    "bmp": {"format": "BMP"},
    "tiff": {"format": "TIFF"},
    "avif": {"format": "AVIF"},
}
# Start and step of each pass, across and down (W3C PNG, third edition, section 8.1).
_ADAM7 = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2))
# What of a transparent picture can be seen through: wholly in the middle, half at the left. The corners stay opaque.
CLEAR = (Patch("middle", (0.4, 0.4, 0.6, 0.6), (0, 0, 0)), 0)
HALF_CLEAR = (Patch("left", (0.0, 0.4, 0.2, 0.6), (0, 0, 0)), 128)
# The inks that are laid on for the colours of the patches, as binary digits with cyan first; other corners are as they come.
INKS = {(214, 40, 40): 0b0110, (40, 160, 70): 0b1010, (40, 70, 200): 0b1100, (236, 200, 40): 0b0010}


def encode(picture: Image.Image, kind: str, mode: str = "rgb", profile: str | None = None) -> bytes:
    """A picture in a format and a mode, with its colours written in the space of a profile that is embedded.

    Modes: rgb, grey, palette, transparent, grey-transparent, palette-transparent (PNG), sixteen-bit, sixteen-bit-grey (PNG),
    cmyk, progressive (JPEG), bare (JPEG without a JFIF header), interlaced (PNG), lossless (WebP), animated (WebP, PNG),
    two-pictures (JPEG, as some phones make them). Profiles: srgb, display-p3, adobe-rgb, press (CMYK), broken. Raises
    KeyError for anything else.
    """
    written = _in_space(picture, profile)
    embedded = _profile(profile)
    if mode in {"sixteen-bit", "interlaced"}:
        return _png(np.asarray(written), deep=mode == "sixteen-bit", interlaced=mode == "interlaced", profile=embedded)
    options = dict(_ENCODER[kind]) | ({"icc_profile": embedded} if embedded else {})
    made: Image.Image = {
        "rgb": lambda: written,
        "progressive": lambda: written,
        "lossless": lambda: written,
        "bare": lambda: written,
        "grey-transparent": lambda: transparent(written).convert("LA"),
        "sixteen-bit-grey": lambda: Image.fromarray(np.asarray(written.convert("L")).astype(np.uint16) * 257),
        "grey": lambda: written.convert("L"),
        "palette": lambda: written.quantize(256, dither=Image.Dither.NONE),
        "transparent": lambda: transparent(written),
        "palette-transparent": lambda: transparent(written).quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE),
        "cmyk": lambda: _inked(written),
        "animated": lambda: written,
        "two-pictures": lambda: written,
    }[mode]()
    if mode == "progressive":
        options["progressive"] = True
    if mode == "lossless":
        options["lossless"] = True
    if mode == "animated":
        options |= {"save_all": True, "append_images": [written.transpose(Image.Transpose.ROTATE_180)], "duration": 100}
    if mode == "two-pictures":
        options |= {"format": "MPO", "save_all": True, "append_images": [written.resize((160, 120))]}
    out = io.BytesIO()
    made.save(out, **options)
    data = out.getvalue()
    return data[:2] + data[4 + int.from_bytes(data[4:6]) :] if mode == "bare" else data


def transparent(picture: Image.Image) -> Image.Image:
    """The picture with the areas that can be seen through."""
    alpha = Image.new("L", picture.size, 255)
    for patch, value in (CLEAR, HALF_CLEAR):
        left, top, right, bottom = patch.box
        width, height = picture.size
        alpha.paste(value, (round(left * width), round(top * height), round(right * width), round(bottom * height)))
    made = picture.convert("RGBA")
    made.putalpha(alpha)
    return made


def _in_space(picture: Image.Image, profile: str | None) -> Image.Image:
    if profile not in {"display-p3", "adobe-rgb"}:
        return picture
    written = icc.from_srgb(np.asarray(picture, dtype=np.float64), profile)
    return Image.fromarray(np.rint(written).astype(np.uint8), "RGB")


@functools.cache
def _profile(name: str | None) -> bytes | None:
    if name is None:
        return None
    if name == "broken":
        return icc.rgb_profile("adobe-rgb")[:200]
    return _press() if name == "press" else icc.rgb_profile(name)


def _press() -> bytes:
    wanted = {inks: colour for colour, inks in INKS.items()}
    # Where no patch is: each ink takes its share of the light.
    shares = {0b1000: (0.2, 0.7, 0.9), 0b0100: (0.8, 0.2, 0.5), 0b0010: (0.95, 0.85, 0.2), 0b0001: (0.15, 0.15, 0.15)}
    corners = []
    for inks in range(16):
        light = np.prod([share for ink, share in shares.items() if inks & ink] or [(1.0, 1.0, 1.0)], axis=0)
        corners.append(icc.lab_under_d50(wanted.get(inks, tuple(255 * light))))
    return icc.press_profile(corners)


def _inked(picture: Image.Image) -> Image.Image:
    """The picture in CMYK: the patches by the press's own inks, the rest as it comes."""
    pixels = np.asarray(picture)
    inks = np.dstack([255 - pixels, np.zeros(pixels.shape[:2], dtype=np.uint8)])
    for colour, laid in INKS.items():
        inks[(pixels == colour).all(axis=2)] = [255 if laid & ink else 0 for ink in (8, 4, 2, 1)]
    return Image.fromarray(inks, "CMYK")


def _png(pixels: NDArray[np.uint8], *, deep: bool, interlaced: bool, profile: bytes | None) -> bytes:
    height, width = pixels.shape[:2]
    rows = (pixels.astype(np.uint16) * 257).astype(">u2") if deep else pixels
    passes = _ADAM7 if interlaced else ((0, 0, 1, 1),)
    parts = (rows[top::down, left::across] for left, top, across, down in passes)
    # Every line begins with its filter, none.
    lines = itertools.chain.from_iterable(part for part in parts if part.size)
    data = b"".join(b"\0" + line.tobytes() for line in lines)
    header = struct.pack(">IIBBBBB", width, height, 16 if deep else 8, 2, 0, 0, int(interlaced))
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(data, 1)), (b"IEND", b"")]
    if profile:
        chunks.insert(1, (b"iCCP", b"profile\0\0" + zlib.compress(profile)))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(name, payload) for name, payload in chunks)


def chunk(name: bytes, payload: bytes) -> bytes:
    """A PNG chunk (W3C PNG, third edition, section 5.3)."""
    return struct.pack(">I", len(payload)) + name + payload + struct.pack(">I", zlib.crc32(name + payload))
