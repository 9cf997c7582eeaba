"""Steps about how pictures show in a browser, and that they are those that the application serves."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from pytest_bdd import then

from lanes.browsing.visit import Image, Spot, Visit
from lanes.steps.looking import Expected, expected, judge, plain, size_of, verified, visits
from lanes.steps.surfaces import shown
from lanes.steps.world import World
from lanes.surfaces import BACKGROUND


@then("each picture shows, whole, in its own shape")
def _(world: World) -> None:
    for looked in visits(world):
        for spot, image, told in pictures(world, looked):
            check_shows(world, looked, spot, image)
            check_whole(world, looked, spot, image)
            check_shape(world, looked, spot, image, told)


@then("each picture has the text that stands for it")
def _(world: World) -> None:
    for looked in visits(world):
        for spot, image, told in pictures(world, looked):
            right = image.alt in told.alternatives
            detail = f"the text for {spot} is {image.alt!r}, should be {' or '.join(map(repr, told.alternatives))}"
            judge(world, looked, "SUR-5", "alt-text", right, detail)


@then("each picture in the browser is byte for byte the one that the application serves to everybody")
def _(world: World) -> None:
    for looked in visits(world):
        for spot, image, told in pictures(world, looked):
            check_same_bytes(world, looked, spot, image, told)


def pictures(world: World, looked: Visit) -> Iterator[tuple[Spot, Image, Expected]]:
    """Every picture on a page that the API knows, once it has been scrolled through and its carousel moved on.

    A page may have an item twice, for two sorts of screens: then it is the one that can be seen.
    """
    for look in filter(None, (looked.scrolled, looked.moved)):
        for name in dict.fromkeys(spot.surface for spot in look.spots if spot.surface != BACKGROUND):
            found = shown(look, name)
            seen = {(spot.item, spot.artist) for spot, images in found if any(image.visible for image in images)}
            for spot, images in found:
                told = expected(world, spot, looked)
                if told and told.src and (any(image.visible for image in images) or (spot.item, spot.artist) not in seen):
                    yield from ((spot, image, told) for image in images if is_of(image, images, told))


def is_of(image: Image, images: list[Image], told: Expected) -> bool:
    """Whether it is the picture of an item, where icons and the like may be beside it."""
    own = {told.src, told.thumbnail}
    return plain(image.url) in own or not any(plain(each.url) in own for each in images)


def check_shows(world: World, looked: Visit, spot: Spot, image: Image) -> None:
    """It is loaded and takes up space where it can be seen."""
    shows = image.complete and image.width > 0 and image.visible and image.box.area > 1
    size = f"{image.box.width:.0f} x {image.box.height:.0f} on the page, of {image.width} x {image.height} pixels"
    hidden = "" if image.visible else ", and hidden"
    judge(world, looked, "SUR-5", "shows", shows, f"{image.url} of {spot} does not show: {size}{hidden}")


def check_whole(world: World, looked: Visit, spot: Spot, image: Image) -> None:
    """Its bytes decode whole. A browser shows half a picture without a word."""
    data = looked.bodies.get(image.url)
    whole = data is not None and size_of(data) is not None
    found = "nothing came" if data is None else f"the {len(data)} bytes that came do not decode whole"
    judge(world, looked, "SUR-5", "decodes-whole", whole, f"{image.url} of {spot}: {found}")


def check_shape(world: World, looked: Visit, spot: Spot, image: Image, told: Expected) -> None:
    """src has the width and height that the API gave; a thumbnail their ratio, to a pixel."""
    if told.size is None or not image.width:
        return
    width, height = told.size
    if image.url == told.src:
        right = (image.width, image.height) == (width, height)
    else:
        right = abs(image.width * height - image.height * width) <= max(width, height)
    detail = f"{image.url} of {spot} has {image.width} x {image.height} pixels, the API gave {width} x {height}"
    judge(world, looked, "SUR-5", "dimensions", right, detail)


def check_same_bytes(world: World, looked: Visit, spot: Spot, image: Image, told: Expected) -> None:
    """What the browser got has the hash of what the API's checks got, which is a whole picture."""
    clause = {told.src: "canonical-hash", told.thumbnail: "thumbnail-hash"}.get(image.url)
    data = looked.bodies.get(image.url)
    if clause is None or data is None:
        return  # another rule's affair
    served = verified(world, image.url)
    same = hashlib.sha256(data).hexdigest() == served.digest and served.size is not None
    judge(world, looked, "SUR-8", clause, same, f"{image.url} of {spot} has other bytes in the browser than anybody is served")
