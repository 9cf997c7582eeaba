"""How the images of the corpus are made: a photograph, flat patches in its corners, a format, and what was done to it.

Deterministic: the same recipe and the same encoders give the same bytes.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from PIL import Image, ImageOps

from lanes import encoders, hiding, planting
from lanes.oracle.pictures import Patch

# The patches of an upright picture. No two corners are alike, so every turn and mirroring shows.
CORNERS = (
    Patch("top left", (0.0, 0.0, 0.2, 0.2), (214, 40, 40)),
    Patch("top right", (0.8, 0.0, 1.0, 0.2), (40, 160, 70)),
    Patch("bottom left", (0.0, 0.8, 0.2, 1.0), (40, 70, 200)),
    Patch("bottom right", (0.8, 0.8, 1.0, 1.0), (236, 200, 40)),
)

_GREY = {"grey", "grey-transparent", "sixteen-bit-grey"}
_TRANSPARENT = {"transparent", "grey-transparent", "palette-transparent"}

# What was done to an upright picture before it was stored with this orientation (CIPA DC-008, table 6): the inverse of
# what has to be done to show it.
_STORED_AS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}


def make(recipe: Mapping[str, Any], photos: Path) -> bytes:
    """The bytes that a recipe describes. Raises KeyError for a recipe that says something unknown."""
    if "text" in recipe:
        return str(recipe["text"]).encode()
    kind = recipe["format"]
    if "bomb" in recipe:
        return hiding.bomb(kind, *recipe["bomb"])
    orientation = recipe.get("orientation", 1)
    picture = _stored(_picture_of(recipe, photos), orientation)
    data = encoders.encode(picture, kind, recipe.get("mode", "rgb"), recipe.get("profile"))
    kinds = recipe.get("metadata", ())
    if orientation != 1 or kinds:
        data = planting.plant(data, kind, kinds, orientation, recipe.get("exif_order", "II"), recipe.get("exif_form"))
    if "hidden" in recipe:
        data = hiding.hide(data, kind, recipe["hidden"])
    if "inflating" in recipe:
        data = hiding.inflating(data, recipe["inflating"])
    return _damaged(data, recipe["damage"]) if "damage" in recipe else data


def upright(recipe: Mapping[str, Any], photos: Path) -> Image.Image:
    """The picture of a recipe as it has to be shown, before any encoding: grey where that is all it keeps."""
    picture = _picture_of(recipe, photos)
    mode = recipe.get("mode")
    if mode in _GREY:
        picture = picture.convert("L").convert("RGB")
    return encoders.transparent(picture) if mode in _TRANSPARENT else picture


def patches(recipe: Mapping[str, Any]) -> tuple[Patch, ...]:
    """The patches that the picture of a recipe has to show."""
    if recipe.get("mode") not in _GREY:
        return CORNERS
    return tuple(replace(patch, colour=_in_grey(patch.colour)) for patch in CORNERS)


def _in_grey(colour: tuple[int, int, int]) -> tuple[int, int, int]:
    shade = Image.new("RGB", (1, 1), colour).convert("L").tobytes()[0]
    return shade, shade, shade


def _picture_of(recipe: Mapping[str, Any], photos: Path) -> Image.Image:
    width, height = recipe["size"]
    return _picture(photos / recipe["photo"], width, height).copy()


@functools.lru_cache(maxsize=8)
def _picture(path: Path, width: int, height: int) -> Image.Image:
    picture = ImageOps.fit(Image.open(path).convert("RGB"), (width, height))
    for patch in CORNERS:
        left_share, top_share, right_share, bottom_share = patch.box
        box = (
            round(left_share * width),
            round(top_share * height),
            round(right_share * width),
            round(bottom_share * height),
        )
        picture.paste(patch.colour, box)
    return picture


def _stored(picture: Image.Image, orientation: int) -> Image.Image:
    return picture if orientation == 1 else picture.transpose(_STORED_AS[orientation])


def _damaged(data: bytes, damage: str) -> bytes:
    """What became of the bytes.

    `cut N`: only this share of them (below 1), or all but the last -N; `scramble`: a run in the middle overwritten; `hole`:
    3000 of them in the middle gone; `early-end`: a JPEG end marker put in the middle. Raises KeyError for anything else.
    """
    match damage.split():
        case ["cut", amount] if amount.startswith("-"):
            return data[: int(amount)]
        case ["cut", amount]:
            return data[: int(len(data) * float(amount))]
        case ["hole"]:
            middle = len(data) // 2
            return data[:middle] + data[middle + 3000 :]
        case ["early-end"]:
            middle = len(data) // 2
            return data[:middle] + b"\xff\xd9" + data[middle:]
        case ["scramble"]:
            middle, run = len(data) // 2, min(200, len(data) // 4)
            # 0x2A starts no marker, and breaks every Huffman stream and checksum.
            return data[:middle] + bytes((value ^ 0x55) & 0x7F for value in data[middle : middle + run]) + data[middle + run :]
        case _:
            raise KeyError(f"unknown damage {damage!r}")
