from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageCms

from lanes import icc
from lanes.encoders import INKS, encode
from lanes.oracle.pictures import colour_difference
from lanes.recipes import CORNERS

COLOURS = np.array([patch.colour for patch in CORNERS], dtype=np.float64)


def shown(picture: Image.Image, profile: bytes) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    """The sRGB colours that another implementation of profiles (Little CMS) gives the pixels of a picture."""
    read = ImageCms.ImageCmsProfile(io.BytesIO(profile))
    made = ImageCms.profileToProfile(
        picture, read, ImageCms.createProfile("sRGB"), renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC, outputMode="RGB"
    )
    assert made is not None
    colours: np.ndarray[tuple[int, ...], np.dtype[np.float64]] = np.asarray(made, dtype=np.float64)[0]
    return colours


@pytest.mark.parametrize("name", ["srgb", "display-p3", "adobe-rgb"])
def test_colours_written_in_a_space_are_shown_as_they_were_by_its_profile(name: str) -> None:
    written = np.rint(icc.from_srgb(COLOURS, name)).astype(np.uint8)
    found = shown(Image.fromarray(written[None], "RGB"), icc.rgb_profile(name))
    assert max(colour_difference(one, other) for one, other in zip(found, COLOURS, strict=True)) < 1.5


@pytest.mark.parametrize("name", ["display-p3", "adobe-rgb"])
def test_to_ignore_a_profile_shows(name: str) -> None:
    written = np.rint(icc.from_srgb(COLOURS, name))
    assert max(colour_difference(one, other) for one, other in zip(written, COLOURS, strict=True)) > 12


def test_the_inks_of_the_press_give_the_colours_of_the_patches() -> None:
    data = encode(Image.fromarray(COLOURS.astype(np.uint8)[None].repeat(8, 0).repeat(8, 1), "RGB"), "jpeg", "cmyk", "press")
    with Image.open(io.BytesIO(data)) as picture:
        profile = picture.info["icc_profile"]
    inks = np.array([[255 if INKS[patch.colour] & ink else 0 for ink in (8, 4, 2, 1)] for patch in CORNERS], dtype=np.uint8)
    found = shown(Image.fromarray(inks[None], "CMYK"), profile)
    assert max(colour_difference(one, other) for one, other in zip(found, COLOURS, strict=True)) < 3
