"""Colour profiles for the images of the corpus (ICC.1:2001-04, version 2): two wide RGB spaces and a press.

Made here, because profiles that come with software are somebody's property.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float64]

_D50 = (0.9642, 1.0, 0.8249)
_D65 = np.array([0.95047, 1.0, 1.08883])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
# Chromaticities of red, green and blue: IEC 61966-2-1; SMPTE EG 432-1; Adobe RGB (1998) 4.3.1.1.
_PRIMARIES = {
    "srgb": ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06)),
    "display-p3": ((0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    "adobe-rgb": ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06)),
}
_ADOBE_GAMMA = 563 / 256  # Adobe RGB (1998) 4.3.4.2


def rgb_profile(name: str) -> bytes:
    """The profile of an RGB space: srgb, display-p3 or adobe-rgb."""
    curve = (
        _curve([563]) if name == "adobe-rgb" else _curve([round(65535 * float(_linear(value / 1023))) for value in range(1024)])
    )
    to_d50 = _adaptation() @ _to_xyz(name)
    tags = {b"rXYZ": _xyz(to_d50[:, 0]), b"gXYZ": _xyz(to_d50[:, 1]), b"bXYZ": _xyz(to_d50[:, 2])}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    return _profile(name, b"mntr", b"RGB ", b"XYZ ", tags)


def from_srgb(colours: Matrix, name: str) -> Matrix:
    """Colours of sRGB, channels from 0 to 255 in the last axis, as they are written in another RGB space."""
    linear = _linear(colours / 255) @ (np.linalg.inv(_to_xyz(name)) @ _to_xyz("srgb")).T
    kept = np.clip(linear, 0, 1)
    encoded = kept ** (1 / _ADOBE_GAMMA) if name == "adobe-rgb" else _encoded(kept)
    return np.asarray(encoded * 255)


def press_profile(corners: Sequence[tuple[float, float, float]]) -> bytes:
    """The profile of a press with four inks: its colours where each ink is laid on wholly or not at all, as CIELAB under D50.

    Corners are in the order of the inks as binary digits, cyan first; between them it is linear.
    """
    linear = struct.pack(">HH", 0, 65535)
    words = [round(word) for light, a, b in corners for word in (light * 652.8, (a + 128) * 256, (b + 128) * 256)]
    lab = struct.pack(f">{len(words)}H", *words)
    identity = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    table = b"mft2\0\0\0\0" + bytes((4, 3, 2, 0)) + identity + struct.pack(">HH", 2, 2) + linear * 4 + lab + linear * 3
    return _profile("press", b"prtr", b"CMYK", b"Lab ", {b"A2B0": table})


def _profile(name: str, kind: bytes, space: bytes, connection: bytes, tags: dict[bytes, bytes]) -> bytes:
    text = f"medialane {name}".encode() + b"\0"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text)) + text + bytes(78)
    everything = {b"desc": described, b"cprt": b"text\0\0\0\0Public domain\0", b"wtpt": _xyz(_D50)} | tags
    at = 128 + 4 + 12 * len(everything)
    directory, data = struct.pack(">I", len(everything)), b""
    for tag, value in everything.items():
        directory += tag + struct.pack(">II", at + len(data), len(value))
        data += value + bytes(-len(value) % 4)
    header = struct.pack(">I4sI4s4s4s", at + len(data), bytes(4), 0x02400000, kind, space, connection)
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28) + b"".join(map(_fixed, _D50)) + bytes(48)
    return header + directory + data


def _to_xyz(name: str) -> Matrix:
    """From linear RGB to CIE XYZ under D65 (SMPTE RP 177, section 3.3)."""
    columns = np.array([(x / y, 1.0, (1 - x - y) / y) for x, y in _PRIMARIES[name]]).T
    return np.asarray(columns * np.linalg.solve(columns, _D65))


def _adaptation() -> Matrix:
    """From D65 to D50 by the linearised Bradford transform (ICC.1:2001-04, annex E)."""
    scale = np.diag((_BRADFORD @ _D50) / (_BRADFORD @ _D65))
    return np.asarray(np.linalg.inv(_BRADFORD) @ scale @ _BRADFORD)


def lab_under_d50(colour: Sequence[float]) -> tuple[float, float, float]:
    """An sRGB colour, channels from 0 to 255, as CIELAB under D50."""
    ratio = (_adaptation() @ _to_xyz("srgb") @ _linear(np.array(colour) / 255)) / _D50
    x, y, z = np.where(ratio > (6 / 29) ** 3, np.cbrt(ratio), ratio / (3 * (6 / 29) ** 2) + 4 / 29)
    return float(116 * y - 16), float(500 * (x - y)), float(200 * (y - z))


def _linear(share: Matrix | float) -> Matrix:
    value = np.asarray(share, dtype=np.float64)
    return np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)


def _encoded(linear: Matrix) -> Matrix:
    return np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)


def _xyz(values: Sequence[float] | Matrix) -> bytes:
    return b"XYZ \0\0\0\0" + b"".join(map(_fixed, values))


def _fixed(value: float) -> bytes:
    return struct.pack(">i", round(float(value) * 65536))


def _curve(values: Sequence[int]) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">I", len(values)) + b"".join(struct.pack(">H", value) for value in values)
