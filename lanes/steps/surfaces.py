"""Steps about which picture a surface loads: the small one, the large one, or the preview."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from pytest_bdd import then

from lanes.browsing.visit import Image, Look, Spot, Visit
from lanes.steps.looking import Expected, expected, items_told, judge, known_addresses, plain, visits, words
from lanes.steps.world import World

_PICTURES = ("http:", "https:")
_LARGE = ("carousel", "detail")


@then("each picture is loaded as its thumbnail, and no large one besides")
def _(world: World) -> None:
    for looked in visits(world):
        check_thumbnails(world, looked)
        check_no_large_one(world, looked)


@then("the large picture is loaded of what is shown")
def _(world: World) -> None:
    for looked in visits(world):
        check_large_ones(world, looked)


@then("it is made of the preview that came with the item, and of nothing else")
def _(world: World) -> None:
    for looked in visits(world):
        check_preview(world, looked)


def check_thumbnails(world: World, looked: Visit) -> None:
    """Every item or artist of a surface of small pictures shows its thumbnail, src where there is none, and nothing else."""
    clause, addresses = looked.surface.name, known_addresses(world, looked)
    judged = 0
    for spot in spots(world, "SUR-1", clause, looked):
        told = known(world, "SUR-1", clause, spot, looked)
        wanted = told and (told.thumbnail or told.src)
        if told and wanted:
            judged += 1
            loaded = pictures_of(spot.images, addresses, wanted)
            judge(world, looked, "SUR-1", clause, loaded == [wanted], f"{spot} shows {loaded}, and {_which(told)} is {wanted}")
    if not judged:
        world.check.cannot("SUR-1", clause, f"nothing that {looked.url} shows as {clause} has a picture")


def check_no_large_one(world: World, looked: Visit) -> None:
    """No src is requested, by any part of a page, that no carousel or detail shows, unless there is no thumbnail."""
    page, addresses = looked.scrolled, known_addresses(world, looked)
    excused = shown_large(page)
    excused |= {told.src for spot in page.spots if (told := expected(world, spot, looked)) and told.src and not told.thumbnail}
    asked = {plain(url) for url in page.requested}
    large = sorted(url for url, kind in addresses.items() if kind == "src" and url in asked and url not in excused)
    detail = f"{len(large)} large pictures are requested too, {', '.join(large[:2])} among them"
    judge(world, looked, "SUR-1", looked.surface.name, not large, detail)


def check_large_ones(world: World, looked: Visit) -> None:
    """What a carousel shows at first, and when it is moved on, and what a detail shows, is src."""
    clause = {"carousel": "carousel", "detail": "large-detail"}[looked.surface.name]
    for spot, images in shown(looked.scrolled, looked.surface.name) or nothing(world, "SUR-2", clause, looked):
        check_large_one(world, clause, spot, images, looked)
    if looked.moved is None:
        return
    before = {spot.item for spot, _ in shown(looked.scrolled, looked.surface.name)}
    after = shown(looked.moved, looked.surface.name)
    for spot, images in after:
        check_large_one(world, clause, spot, images, looked)
    only_one = len(items_told(world, world.artist)) < 2
    moved = {spot.item for spot, _ in after} != before
    judge(world, looked, "SUR-2", clause, moved or only_one, f"`next` leads from {before} to nothing else")


def check_large_one(world: World, clause: str, spot: Spot, images: list[Image], looked: Visit) -> None:
    """What is shown of a spot is its src."""
    told = known(world, "SUR-2", clause, spot, looked)
    if told and told.src:
        loaded = pictures_of(images, known_addresses(world, looked), told.src)
        judge(world, looked, "SUR-2", clause, loaded == [told.src], f"{spot} shows {loaded}, and src is {told.src}")


def check_preview(world: World, looked: Visit) -> None:
    """A blurred background takes its picture from the item's blurDataURL alone."""
    large = shown_large(looked.scrolled)
    for spot in spots(world, "SUR-3", "inline-preview", looked):
        told = known(world, "SUR-3", "inline-preview", spot, looked)
        if not told or told.preview is None:
            continue
        others = [url for url in spot.addresses if url != told.preview]
        made_of = told.preview in spot.addresses and not others
        found = ", ".join(url[:80] for url in spot.addresses) or "nothing"
        judge(world, looked, "SUR-3", "inline-preview", made_of, f"the background of {spot} is made of {found}")
        loaded = [url for url in others if url.startswith(_PICTURES)]
        asked = told.src in looked.scrolled.requested and told.src not in large
        detail = f"the background of {spot} loads {', '.join(loaded) or told.src}"
        judge(world, looked, "SUR-3", "full-not-loaded", not loaded and not asked, detail)


def spots(world: World, rule: str, clause: str, looked: Visit) -> list[Spot]:
    """What the surface of a visit shows. A page without the surface is held against the clause."""
    found = looked.scrolled.of(looked.surface.name)
    if not found:
        nothing(world, rule, clause, looked)
    return found


def nothing(world: World, rule: str, clause: str, looked: Visit) -> list[tuple[Spot, list[Image]]]:
    """Holds it against a clause that a page shows nothing where it should, or leaves the clause open.

    Where the run may only look, it is not for the run to say that there should be something.
    """
    subject = words(world).attributes["item" if looked.surface.shows == "items" else "artist"]
    detail = (
        f"{looked.url} answered {looked.status} and shows nothing as {looked.surface.name}: nothing matches "
        f"{looked.surface.selector} and has {subject} in it (contracts/surfaces.yaml)"
    )
    if world.client.care.read_only and looked.status == 200:
        world.check.cannot(rule, clause, detail)
    else:
        judge(world, looked, rule, clause, False, detail)
    return []


def known(world: World, rule: str, clause: str, spot: Spot, looked: Visit) -> Expected | None:
    """What the API says of a spot; where it knows nothing of it, that is held against the clause."""
    told = expected(world, spot, looked)
    if told is None:
        judge(
            world, looked, rule, clause, False, f"{spot} is nothing that the API knows, of artist {spot.artist or world.artist}"
        )
    return told


def pictures_of(images: Iterable[Image], addresses: Mapping[str, str], wanted: str) -> list[str]:
    """The addresses of pictures among images, where icons and the like may be beside the one that is wanted."""
    urls = [image.url for image in images]
    return [url for url in urls if plain(url) in addresses or wanted not in urls]


def shown(look: Look, surface: str) -> list[tuple[Spot, list[Image]]]:
    """The spots of a surface with their images: of a large one, those that can be seen where it stands."""
    if surface not in _LARGE:
        return [(spot, list(spot.images)) for spot in look.of(surface)]
    found = [(spot, [image for image in spot.images if image.is_shown]) for spot in look.of(surface)]
    return [(spot, images) for spot, images in found if images]


def shown_large(look: Look) -> set[str]:
    """The addresses of the pictures that carousels and details of a page show."""
    return {image.url for name in _LARGE for _, images in shown(look, name) for image in images}


def _which(told: Expected) -> str:
    return "its thumbnail" if told.thumbnail else "src, for it has no thumbnail,"
