"""Steps about what becomes of a picture on its way in: refused for the right reason, or made ready for the public."""

from __future__ import annotations

from PIL import Image
from pytest_bdd import then

from lanes import planting
from lanes.oracle import containers, pictures
from lanes.recipes import CORNERS
from lanes.steps.refusals import check_refused
from lanes.steps.world import Shown, Uploaded, World

_COMPARABLE = 100  # pixels; of fewer, an encoding leaves too little to compare
OFF_COLOUR = 12.0  # ΔE; two re-encodings with subsampled chroma stay under 5, the nearest two corners differ by 60


@then("every one is refused because it is not what it is declared as")
def _(world: World) -> None:
    for upload in world.uploads:
        check_refused(world, "ING-3", "refused", "code", upload)
        check_name_ignored(world, upload, accepted=False)


@then("every one is refused because it is damaged")
def _(world: World) -> None:
    for upload in world.uploads:
        check_refused(world, "ING-12", "refused", "code", upload)


@then("every one is accepted for what it is")
def _(world: World) -> None:
    for upload in world.uploads:
        check_name_ignored(world, upload, accepted=True)


@then("each is scaled down to the target with its shape kept")
def _(world: World) -> None:
    target = world.policy()["canonicalLongSide"]
    for shown in canonicals(world):
        check_scaled(world, shown, target)


@then("none is enlarged")
def _(world: World) -> None:
    for shown in canonicals(world):
        check_not_enlarged(world, shown)


@then("each is shown the right way up")
def _(world: World) -> None:
    for shown in world.shown():
        check_upright(world, shown)


@then("each is described by its upright width and height")
def _(world: World) -> None:
    for shown in canonicals(world):
        check_dimensions(world, shown)


@then("nothing of the metadata can be found in what the public gets")
def _(world: World) -> None:
    for shown in world.shown():
        check_metadata(world, shown)


def canonicals(world: World) -> list[Shown]:
    """What src serves of every upload of the scenario."""
    return [shown for shown in world.shown() if shown.artifact == "canonical"]


def check_name_ignored(world: World, upload: Uploaded, *, accepted: bool) -> None:
    """The answer is the one that the bytes deserve, whatever the file is called."""
    row, answer = upload.row, upload.answer
    should = "accepted" if accepted else "refused"
    right = (answer.status == 201) == accepted
    world.check("ING-3", "name-ignored", right, f"{row.id} named {row.file_name}: {answer}, should be {should}", answer)


def check_scaled(world: World, shown: Shown, target: int) -> None:
    """The long side is the target's, and the aspect ratio is kept within a pixel."""
    picture = decoded(world, "ING-7", "scaled", shown)
    width, height = shown.upload.row.recipe["size"]
    found = f"{shown}: {picture.width} x {picture.height} from {width} x {height}"
    long_side = max(picture.size)
    world.check("ING-7", "scaled", long_side == target, f"{found}, long side should be {target}", *shown.seen)
    scale = long_side / max(width, height)
    ideal = (width * scale, height * scale)
    kept = all(abs(side - exact) <= 1 for side, exact in zip(picture.size, ideal, strict=True))
    check_whole(world, shown, "scaled", picture)
    world.check("ING-7", "aspect", kept, f"{found}, should be {ideal[0]:.1f} x {ideal[1]:.1f}", *shown.seen)


def check_not_enlarged(world: World, shown: Shown) -> None:
    """The size is that of the upload, to the pixel."""
    picture = decoded(world, "ING-7", "not-enlarged", shown)
    size = tuple(shown.upload.row.recipe["size"])
    check_whole(world, shown, "not-enlarged", picture)
    world.check("ING-7", "not-enlarged", picture.size == size, f"{shown}: {picture.size}, should be {size}", *shown.seen)


def check_whole(world: World, shown: Shown, clause: str, picture: Image.Image) -> None:
    """The whole picture is there, and not a part of it that has the right size."""
    if min(shown.upload.row.recipe["size"]) >= _COMPARABLE:
        index = pictures.similarity(picture, world.corpus.upright(shown.upload.row))
        detail = f"{shown}: similarity to the upload is {index:.2f}, should be {pictures.LOOKS_ALIKE} or more"
        world.check("ING-7", clause, index >= pictures.LOOKS_ALIKE, detail, *shown.seen)


def check_upright(world: World, shown: Shown) -> None:
    """The patches of the recipe are in the corners where an upright picture has them, without any help of Exif."""
    picture = decoded(world, "ING-8", "upright", shown)
    wrong = pictures.off_patches(picture, CORNERS, OFF_COLOUR)
    turned = picture.getexif().get(0x0112, 1)
    if turned != 1:
        wrong.append(f"it still says orientation {turned}")
    world.check("ING-8", "upright", not wrong, f"{shown}: {'; '.join(wrong)}", *shown.seen)


def check_dimensions(world: World, shown: Shown) -> None:
    """width and height are those of the picture that is shown, and lie the way the upright picture lies."""
    picture = decoded(world, "ING-8", "dimensions", shown)
    item = shown.upload.item
    told = (item.get("width"), item.get("height"))
    width, height = shown.upload.row.recipe["size"]
    lies_right = (picture.width > picture.height) == (width > height)
    detail = f"{shown}: told {told}, shown {picture.size}, upright {width} x {height}"
    world.check("ING-8", "dimensions", told == picture.size and lies_right, detail, *shown.seen)


def check_metadata(world: World, shown: Shown) -> None:
    """Neither a segment or chunk of any kind nor the text that was planted in it came out."""
    planted = shown.upload.row.recipe["metadata"]
    try:
        found = containers.metadata(shown.answer.body)
        trailing = containers.parse(shown.answer.body).trailing
        readable = containers.readable(shown.answer.body)
    except containers.Malformed as error:
        world.check.stop("ING-10", "unknown-segment", f"{shown} cannot be taken apart: {error}", *shown.seen)
    for kind in containers.METADATA:
        where = list(found.get(kind, ()))
        if kind in planted and planting.canary(kind) in readable:
            where.append("the planted text")
        if kind == "embedded-thumbnail" and trailing:
            where.append(f"{len(trailing)} bytes behind the picture")
        world.check("ING-10", kind, not where, f"{shown} carries {kind}: {', '.join(where)}", *shown.seen)


def decoded(world: World, rule: str, clause: str, shown: Shown) -> Image.Image:
    """The picture that was served. Raises Blocked, blaming the clause, when it is none."""
    try:
        return pictures.decode(shown.answer.body)
    except pictures.Undecodable as error:
        world.check.stop(rule, clause, f"{shown} is no picture: {error}", *shown.seen)
