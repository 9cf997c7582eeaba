"""Pixels: whether a picture is the right way up, has the right colours, and resembles another.

Colour difference is CIE 1976 (CIE 15, section 8.2.1.1) in CIELAB under D65, from sRGB (IEC 61966-2-1). Similarity is the
structural similarity index of Wang et al. (2004), IEEE Transactions on Image Processing 13(4), with a uniform 8 x 8 window.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lanes.oracle import containers

Pixels = NDArray[np.float64]

# Structural similarity that a lossy encoding stays well above, and another or a cropped picture well below.
LOOKS_ALIKE = 0.85

_WINDOW = 8
COMPARED_SIDE = 256  # pixels
_TO_XYZ = np.array([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]])
_D65 = np.array([0.95047, 1.0, 1.08883])


class Undecodable(Exception):
    """The bytes are not a whole picture."""


@dataclass(frozen=True, slots=True)
class Patch:
    """A flat area of known colour: left, top, right and bottom as shares of the picture, and its sRGB colour."""

    name: str
    box: tuple[float, float, float, float]
    colour: tuple[int, int, int]


def decode(data: bytes) -> Image.Image:
    """The picture, decoded whole. Raises Undecodable, also where only the container is cut short."""
    try:
        # A decoder is content before a file ends; its container says where the end is.
        containers.parse(data)
        image = Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "WEBP"))
        image.load()
    except (containers.Malformed, OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise Undecodable(str(error) or type(error).__name__) from None
    return image


def decode_data_url(url: str) -> Image.Image:
    """The picture in a data URL in base64 (RFC 2397), decoded whole. Raises Undecodable."""
    try:
        data = base64.b64decode(url.partition(",")[2], validate=True)
    except binascii.Error as error:
        raise Undecodable(str(error)) from None
    return decode(data)


def off_patches(image: Image.Image, patches: Iterable[Patch], tolerance: float) -> list[str]:
    """What is wrong with the patches of a picture: one line for each whose colour is further off than `tolerance` (ΔE)."""
    pixels = np.asarray(image.convert("RGB"), dtype=np.float64)
    wrong = []
    for patch in patches:
        found = inner_mean(pixels, patch.box)
        difference = colour_difference(found, np.array(patch.colour, dtype=np.float64))
        if difference > tolerance:
            seen = ", ".join(str(round(value)) for value in found)
            wrong.append(f"{patch.name} is ({seen}), should be {patch.colour}: ΔE {difference:.0f} > {tolerance:g}")
    return wrong


def colour_difference(one: Pixels, other: Pixels) -> float:
    """ΔE*ab between two sRGB colours with channels from 0 to 255. A trained eye sees about 2."""
    return float(np.linalg.norm(_lab(one) - _lab(other)))


def similarity(one: Image.Image, other: Image.Image, side: int = COMPARED_SIDE) -> float:
    """Structural similarity of two pictures in luma, 1.0 for the same picture; 0 where their shapes differ by over 2 %.

    They are compared with at most `side` pixels on the long side.
    """
    if abs(one.width / one.height / (other.width / other.height) - 1) > 0.02:
        return 0.0
    scale = min(1.0, side / max(one.size))
    size = (max(_WINDOW, round(one.width * scale)), max(_WINDOW, round(one.height * scale)))
    a, b = (_luma(image.resize(size, Image.Resampling.BOX, reducing_gap=2.0)) for image in (one, other))
    mean_a, mean_b = _windowed(a), _windowed(b)
    variance_a = _windowed(a * a) - mean_a**2
    variance_b = _windowed(b * b) - mean_b**2
    covariance = _windowed(a * b) - mean_a * mean_b
    c1, c2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    index = ((2 * mean_a * mean_b + c1) * (2 * covariance + c2)) / (
        (mean_a**2 + mean_b**2 + c1) * (variance_a + variance_b + c2)
    )
    return float(index.mean())


def inner_mean(pixels: Pixels, box: tuple[float, float, float, float]) -> Pixels:
    """The mean of the inner half of an area, by channel: its edges blend with what is beside them."""
    height, width = pixels.shape[:2]
    left, top, right, bottom = box
    dx, dy = (right - left) / 4, (bottom - top) / 4
    rows = slice(int((top + dy) * height), max(int((bottom - dy) * height), int((top + dy) * height) + 1))
    columns = slice(int((left + dx) * width), max(int((right - dx) * width), int((left + dx) * width) + 1))
    mean: Pixels = pixels[rows, columns].mean(axis=(0, 1))
    return mean


def _lab(colour: Pixels) -> Pixels:
    share = colour / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    ratio = _TO_XYZ @ linear / _D65
    f = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def _luma(image: Image.Image) -> Pixels:
    return np.asarray(image.convert("RGB").convert("L"), dtype=np.float64)


def _windowed(values: Pixels) -> Pixels:
    """The mean of windows of 8 x 8 pixels, one every 4 pixels either way."""
    half = _WINDOW // 2
    rows, columns = values.shape[0] // half, values.shape[1] // half
    blocks = values[: rows * half, : columns * half].reshape(rows, half, columns, half).sum(axis=(1, 3))
    pairs = blocks[1:] + blocks[:-1]
    windows: Pixels = pairs[:, 1:] + pairs[:, :-1]
    return windows / _WINDOW**2
