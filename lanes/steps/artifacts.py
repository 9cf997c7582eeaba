"""Steps about how a canonical, its thumbnail, its preview and its description belong together."""

from __future__ import annotations

import hashlib
import re

from PIL import Image
from pytest_bdd import then, when

from lanes.hiding import MARK
from lanes.oracle import containers, pictures
from lanes.recipes import patches
from lanes.steps.ingest import OFF_COLOUR, decoded
from lanes.steps.remains import objects, sha256_of, stored_at
from lanes.steps.world import Shown, Uploaded, World

FAITHFUL = 0.95  # structural similarity, by ING-21
_FULL_SIZE = 4096  # pixels at which faithfulness is compared: as it is, or a soft picture would pass for a sharp one
_BLURRED = 30.0  # ΔE; a preview of 32 pixels at the lowest quality stays under 20, the nearest two corners differ by 60
_DATA_URL = re.compile(r"data:(image/[a-z+.-]+);base64,([A-Za-z0-9+/]+={0,2})")


@when("photographs of many shapes are tried")
def _(world: World) -> None:
    for row in world.corpus.of("shapes"):
        world.accepted(row)


@then("each keeps its format")
def _(world: World) -> None:
    world.notes["pairs"] = pairs(world)
    for pair in world.notes["pairs"]:
        for shown in pair:
            check_format(world, shown)


@then("each has a thumbnail that is a small likeness of it")
def _(world: World) -> None:
    limit = world.policy()["thumbnailLongSide"]
    for canonical, thumbnail in world.notes["pairs"]:
        check_thumbnail(world, canonical, thumbnail, limit)
        check_stored_apart(world, canonical, thumbnail)


@then("each has a preview that is a tiny likeness of it")
def _(world: World) -> None:
    policy = world.policy()
    for upload in world.uploads:
        check_preview(world, upload, policy["blurLongSide"], policy["blurMaxBytes"])


@then("each is described as it is stored")
def _(world: World) -> None:
    for canonical, _ in world.notes["pairs"]:
        check_description(world, canonical)


@then("each looks like the ideal of itself at that size")
def _(world: World) -> None:
    for canonical, _ in pairs(world):
        check_faithful(world, canonical)


@then("nothing of what was hidden comes out again")
def _(world: World) -> None:
    for shown in world.shown():
        check_unhidden(world, shown)


@then("nothing of the uploads is kept as it came")
def _(world: World) -> None:
    check_no_original(world)


def pairs(world: World) -> list[tuple[Shown, Shown]]:
    """Canonical and thumbnail of every upload."""
    shown = world.shown()
    return list(zip(shown[::2], shown[1::2], strict=True))


def check_format(world: World, shown: Shown) -> None:
    """The bytes are of the uploaded format, and the item says so."""
    wanted = shown.upload.row.recipe["format"]
    found = format_of(shown.answer.body)
    world.check("ING-9", f"{shown.artifact}-format", found == wanted, f"{shown} is {found}, should be {wanted}", *shown.seen)
    mime = shown.upload.item["mimeType"]
    world.check("ING-9", "mime-type", mime == f"image/{wanted}", f"{shown}: mimeType {mime}", shown.upload.answer)


def check_thumbnail(world: World, canonical: Shown, thumbnail: Shown, limit: int) -> None:
    """A picture of its own, within the target, of the canonical's shape, the same way up and alike."""
    item = thumbnail.upload.item
    apart = item["src"] != item["thumbnailSrc"]
    world.check("ING-14", "served", apart, f"{thumbnail} has the canonical's URL", thumbnail.upload.answer)
    small, large = decoded(world, "ING-14", "served", thumbnail), decoded(world, "ING-14", "alike", canonical)
    told = f"{thumbnail}: {small.width} x {small.height} of {large.width} x {large.height}"
    world.check("ING-14", "fits", max(small.size) <= limit, f"{told}, at most {limit}", *thumbnail.seen)
    scale = max(small.size) / max(large.size)
    kept = all(abs(side - whole * scale) <= 1 for side, whole in zip(small.size, large.size, strict=True))
    world.check("ING-14", "aspect", kept, told, *thumbnail.seen)
    wrong = pictures.off_patches(small, patches(thumbnail.upload.row.recipe), OFF_COLOUR)
    turned = small.getexif().get(0x0112, 1)
    wrong += [f"it says orientation {turned}"] if turned != 1 else []
    world.check("ING-14", "orientation", not wrong, f"{thumbnail}: {'; '.join(wrong)}", *thumbnail.seen)
    index = pictures.similarity(small, large)
    alike = index >= pictures.LOOKS_ALIKE
    world.check("ING-14", "alike", alike, f"{thumbnail}: similarity to the canonical {index:.2f}", *thumbnail.seen)


def check_stored_apart(world: World, canonical: Shown, thumbnail: Shown) -> None:
    """The store has an object for each of the two."""
    if world.check.due("ING-14", "stored"):
        keys = [[each.key for each in stored_at(world, shown.answer.request.url)] for shown in (canonical, thumbnail)]
        apart = all(len(each) == 1 for each in keys) and keys[0] != keys[1]
        world.check("ING-14", "stored", apart, f"{thumbnail}: stored at {keys[1]}, the canonical at {keys[0]}", *thumbnail.seen)


def check_preview(world: World, upload: Uploaded, longest: int, most: int) -> None:
    """An inline image, small in every way, with the colours of the picture where they belong."""
    url = str(upload.item.get("blurDataURL"))
    answer = upload.answer
    found = _DATA_URL.fullmatch(url)
    if not world.check("ING-15", "inline", found is not None, f"{upload.row.id}: {url[:60]} is no inline image", answer):
        return
    assert found is not None
    limit = min(most, 2048)
    world.check("ING-15", "size", len(url) <= limit, f"{upload.row.id}: {len(url)} characters, at most {limit}", answer)
    try:
        preview = pictures.decode_data_url(url)
    except pictures.Undecodable as error:
        world.check("ING-15", "decodes", False, f"{upload.row.id}: {error}", answer)
        return
    named = f"image/{str(preview.format).lower()}"
    world.check("ING-15", "decodes", named == found[1], f"{upload.row.id}: it is {named} and says {found[1]}", answer)
    small = max(preview.size) <= min(longest, 32)
    world.check("ING-15", "small", small, f"{upload.row.id}: {preview.size}, at most {min(longest, 32)}", answer)
    wrong = pictures.off_patches(preview, patches(upload.row.recipe), _BLURRED)
    width, height = upload.row.recipe["size"]
    wrong += [f"it is {preview.size}"] if (preview.width > preview.height) != (width > height) else []
    world.check("ING-15", "alike", not wrong, f"{upload.row.id}: {'; '.join(wrong)}", answer)


def check_description(world: World, canonical: Shown) -> None:
    """byteSize, width, height and mimeType are those of what src serves."""
    item, picture = canonical.upload.item, decoded(world, "ING-16", "width", canonical)
    found = f"image/{format_of(canonical.answer.body)}"
    for clause, told, measured in (
        ("byte-size", item["byteSize"], len(canonical.answer.body)),
        ("width", item["width"], picture.width),
        ("height", item["height"], picture.height),
        ("mime-type", item["mimeType"], found),
    ):
        world.check("ING-16", clause, told == measured, f"{canonical}: told {told}, is {measured}", *canonical.seen)


def check_faithful(world: World, canonical: Shown) -> None:
    """The canonical is structurally what a careful reduction of the upload is."""
    clause = canonical.upload.row.recipe["format"]
    picture = decoded(world, "ING-21", clause, canonical)
    ideal = world.corpus.upright(canonical.upload.row).resize(picture.size, Image.Resampling.LANCZOS)
    index = pictures.similarity(picture, ideal, _FULL_SIZE)
    world.check(
        "ING-21", clause, index >= FAITHFUL, f"{canonical}: similarity {index:.3f}, at least {FAITHFUL}", *canonical.seen
    )


def format_of(data: bytes) -> str:
    """jpeg, png or webp, by the container; none where it is none of them."""
    try:
        return containers.parse(data).format
    except containers.Malformed:
        return "none"


def check_unhidden(world: World, shown: Shown) -> None:
    """Neither what was hidden nor anything after the picture's end came out."""
    clause = {"hidden-trailing": "trailing-data", "hidden-script": "script", "hidden-archive": "archive"}[shown.upload.row.set]
    try:
        trailing = containers.parse(shown.answer.body).trailing
        there = MARK in shown.answer.body or MARK in containers.readable(shown.answer.body)
    except containers.Malformed as error:
        world.check.stop("ING-13", clause, f"{shown} cannot be taken apart: {error}", *shown.seen)
    told = f"{shown}: {len(trailing)} bytes after its end, what was hidden is {'there' if there else 'gone'}"
    world.check("ING-13", clause, not trailing and not there, told, *shown.seen)


def check_no_original(world: World) -> None:
    """No stored object is what was uploaded, byte for byte."""
    if world.check.due("ING-13", "no-original"):
        uploaded = {hashlib.sha256(world.corpus.upload(upload.row).data).hexdigest() for upload in world.uploads}
        stored = objects(world)
        world.check.presume("DEL-2", "stored-bytes", len(stored) > 0, "the store holds nothing, after uploads")
        kept = [each.key for each in stored.values() if sha256_of(world, each) in uploaded]
        world.check("ING-13", "no-original", not kept, f"the store holds {len(kept)} uploads as they came: {kept[:1]}")
