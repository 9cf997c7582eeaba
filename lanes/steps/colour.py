"""Steps about colours and transparency."""

from __future__ import annotations

import numpy as np
from PIL import Image
from pytest_bdd import then, when

from lanes.encoders import CLEAR, HALF_CLEAR
from lanes.oracle import pictures
from lanes.recipes import patches
from lanes.steps.ingest import decoded
from lanes.steps.world import Shown, World

# ΔE. A flat patch keeps within 3 of its colour through two lossy encodings; to take one space for the other is 12 and more.
OFF_COLOUR = 6.0
_OFF_ALPHA = 12  # of 255; scaling and lossy WebP stay well under it
_CLAUSES = {"display-p3": "display-p3", "adobe-rgb": "adobe-rgb", "press": "cmyk", "srgb": "srgb-unchanged"}
_UNUSUAL = {
    "sixteen-bit": "sixteen-bit",
    "grey": "greyscale",
    "palette": "palette",
    "press": "cmyk",
    "press-plain": "cmyk",
    "progressive": "progressive",
}
_UNKNOWN_INKS = {"press-plain"}  # without a profile nobody knows what they look like


@when("pictures of unusual depth, colour and order are tried")
def _(world: World) -> None:
    world.uploads = [world.send(row) for name in _UNUSUAL for row in world.corpus.of(name)]


@then("each shows the colours that it was made with")
def _(world: World) -> None:
    world.notes["shown"] = world.shown()
    for shown in world.notes["shown"]:
        if shown.artifact == "canonical":
            check_colours(world, "ING-11", _CLAUSES[shown.upload.row.set], shown)


@then("each thumbnail shows the same colours")
def _(world: World) -> None:
    for shown in world.notes["shown"]:
        if shown.artifact == "thumbnail":
            check_colours(world, "ING-14", "colour", shown)


@then("each is accepted")
def _(world: World) -> None:
    for upload in world.uploads:
        clause = _UNUSUAL[upload.row.set]
        world.check(
            "ING-22", clause, upload.answer.status == 201, f"{upload.row.id}: {upload.answer}, should be 201", upload.answer
        )


@then("each shows its colours with eight bits each")
def _(world: World) -> None:
    accepted = [upload for upload in world.uploads if upload.answer.status == 201]
    for shown in world.shown(accepted):
        check_depth(world, shown)
        if shown.upload.row.set not in _UNKNOWN_INKS:
            check_colours(world, "ING-22", "colours", shown)


@then("they can be seen through in the same places")
def _(world: World) -> None:
    for shown in world.shown():
        check_alpha(world, shown)


def check_colours(world: World, rule: str, clause: str, shown: Shown) -> None:
    """The patches have the sRGB colours that they were made with."""
    picture = decoded(world, rule, clause, shown)
    wrong = pictures.off_patches(picture, patches(shown.upload.row.recipe), OFF_COLOUR)
    world.check(rule, clause, not wrong, f"{shown}: {'; '.join(wrong)}", *shown.seen)


def check_depth(world: World, shown: Shown) -> None:
    """Eight bits a channel, or fewer."""
    mode = decoded(world, "ING-22", "eight-bit", shown).mode
    ordinary = mode in {"1", "L", "LA", "P", "PA", "RGB", "RGBA"}
    world.check("ING-22", "eight-bit", ordinary, f"{shown} decodes to {mode}", *shown.seen)


def check_alpha(world: World, shown: Shown) -> None:
    """The middle can be seen through, the left half, the corners not at all."""
    kind = shown.upload.row.recipe["format"]
    clause = f"{kind}-{shown.artifact}"
    picture = decoded(world, "ING-19", clause, shown)
    wrong = [
        f"{patch.name} has alpha {found:.0f}, should be {value}"
        for patch, value in (CLEAR, HALF_CLEAR, *((patch, 255) for patch in patches(shown.upload.row.recipe)))
        if abs((found := alpha_of(picture, patch.box)) - value) > _OFF_ALPHA
    ]
    world.check("ING-19", clause, not wrong, f"{shown}: {'; '.join(wrong)}", *shown.seen)


def alpha_of(picture: Image.Image, box: tuple[float, float, float, float]) -> float:
    """The mean alpha of the inner half of an area, from 0 to 255: of a picture without alpha, 255."""
    alpha = np.asarray(picture.convert("RGBA").getchannel("A"), dtype=np.float64)
    return float(pictures.inner_mean(alpha, box))
