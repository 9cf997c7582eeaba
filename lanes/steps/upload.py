"""Steps about uploading a picture and finding it again."""

from __future__ import annotations

from PIL import Image
from pytest_bdd import parsers, then, when

from lanes.oracle import pictures
from lanes.steps.world import Uploaded, World

# What a scenario calls them, and the sets of the corpus that they are.
_SETS = {
    "ordinary photographs in each format": ("ordinary",),
    "pictures larger than the canonical target": ("large",),
    "pictures that fit the canonical target": ("fitting",),
    "photographs taken with the camera held each of eight ways": ("orientations",),
    "photographs that carry metadata of every kind": ("metadata",),
    "photographs in wide colours, for a press and in ordinary colours": ("display-p3", "adobe-rgb", "press", "srgb"),
    "pictures with transparent areas": ("transparent-png", "transparent-webp"),
    "pictures with something hidden in them": ("hidden-trailing", "hidden-script", "hidden-archive"),
    "large photographs in each format": ("faithful-jpeg", "faithful-png", "faithful-webp"),
}


@when(parsers.parse("{what} are uploaded"))
def _(world: World, what: str) -> None:
    for row in (row for name in _SETS[what] for row in world.corpus.of(name)):
        world.upload(row)


@then("each upload answers with one new item")
def _(world: World) -> None:
    check_created(world)


@then("each item can be shown at once")
def _(world: World) -> None:
    for upload in world.uploads:
        check_render_ready(world, upload)


@then("the collection holds each item as it was answered")
def _(world: World) -> None:
    check_listed(world)


def check_created(world: World) -> None:
    """One item each, with an ID of its own, that belongs to the artist."""
    seen: set[str] = set()
    for upload in world.uploads:
        item = upload.item
        new = item.get("ID") not in seen and item.get("artistID") == world.artist
        world.check("UPL-1", "created", new, f"{upload.row.id}: not a new item of the artist: {item.get('ID')}", upload.answer)
        seen.add(str(item.get("ID")))


def check_render_ready(world: World, upload: Uploaded) -> None:
    """src and thumbnailSrc answer the picture that was uploaded, and the blur preview is there."""
    ideal = world.corpus.upright(upload.row)
    item = upload.item
    world.check("UPL-1", "render-ready", bool(item.get("blurDataURL")), f"{upload.row.id} has no blurDataURL", upload.answer)
    for key in ("src", "thumbnailSrc"):
        if not world.check("UPL-1", "render-ready", bool(item.get(key)), f"{upload.row.id} has no {key}", upload.answer):
            continue
        answer = world.fetch(item[key])
        alike, why = _resembles(answer.body, ideal) if answer.status == 200 else (False, str(answer))
        world.check("UPL-1", "render-ready", alike, f"{key} of {upload.row.id}: {why}", upload.answer, answer)


def check_listed(world: World) -> None:
    """The next read of either kind shows every item field for field as the upload answered it."""
    for what, listed in (("listArtistMedia", world.collection()), ("readArtist", world.read_artist()["media"])):
        for upload in world.uploads:
            same = [item for item in listed if item == upload.item]
            detail = f"{upload.row.id}: {what} shows it {len(same)} times as it was answered"
            world.check("UPL-1", "listed", len(same) == 1, detail, upload.answer)


def _resembles(data: bytes, ideal: Image.Image) -> tuple[bool, str]:
    try:
        index = pictures.similarity(pictures.decode(data), ideal)
    except pictures.Undecodable as error:
        return False, f"is no picture: {error}"
    return index >= pictures.LOOKS_ALIKE, f"similarity to the upload is {index:.2f}, should be {pictures.LOOKS_ALIKE} or more"
