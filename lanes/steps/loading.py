"""Steps about when pictures are loaded, and that nothing moves meanwhile."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pytest_bdd import then

from lanes.browsing.visit import Image, Look, Shift, Spot, Visit
from lanes.steps.looking import judge, known_addresses, plain, visits
from lanes.steps.world import World
from lanes.surfaces import BACKGROUND

# CSS pixels below the fold from which on nothing has a reason to be loaded: Chromium loads what is within 1,250 to 2,500 of it,
# by the speed of the connection.
_FAR = 3000
_MOST_SHIFT = 0.02
# Cumulative layout shift is that of the worst session of shifts: none later than a second after the one before, five seconds
# in all (web.dev, "Cumulative Layout Shift").
_SESSION_GAP, _SESSION = 1.0, 5.0
_LARGE_SHARE = 0.1  # of the viewport, from which on a largest paint is one that matters


@then("the picture that matters most is loaded at once, and every other one when it is needed")
def _(world: World) -> None:
    for looked in visits(world):
        check_lead(world, looked)
        check_lazy(world, looked)


@then("pictures far below are not asked for before somebody comes to them, and are there then")
def _(world: World) -> None:
    if not sum(check_far(world, looked) for looked in visits(world)):
        for clause in ("far-unrequested", "scrolled-requested"):
            world.check.cannot("SUR-4", clause, f"no page has a picture {_FAR} pixels below the fold")


@then("nothing has moved while a page was loaded")
def _(world: World) -> None:
    for looked in visits(world):
        moved = cumulative(looked.loaded.shifts)
        judge(world, looked, "SUR-7", "on-load", moved < _MOST_SHIFT, f"a layout shift of {moved:.3f} while it is loaded")


@then("nothing has moved while it was scrolled through")
def _(world: World) -> None:
    for looked in visits(world):
        moved = cumulative(looked.scrolled.shifts[len(looked.loaded.shifts) :])
        judge(world, looked, "SUR-7", "on-scroll", moved < _MOST_SHIFT, f"a layout shift of {moved:.3f} while it is scrolled")


def check_lead(world: World, looked: Visit) -> None:
    """The image that matters most is not lazy: the one that says that it is, else the largest paint, if that is large."""
    leads = [image for _, image in _images(looked.loaded) if image.lead] or list(_largest(looked))
    for image in leads[:1]:
        eager = not image.lazy and image.url in looked.loaded.requested
        judge(world, looked, "SUR-4", "lead-eager", eager, f"{image.url} is what matters most, and is loaded lazily")
        above = image.box.top < looked.loaded.fold
        judge(world, looked, "SUR-4", "lead-eager", above, f"{image.url} is the lead, and lies below the fold")


def check_lazy(world: World, looked: Visit) -> None:
    """Every picture but one is lazy, whatever part of the page it is in: by its attribute, or by a script.

    Where a script loads what is to be seen, some of what has no such attribute has not been asked for yet.
    """
    addresses, requested = known_addresses(world, looked), looked.loaded.requested
    images = [image for _, image in _images(looked.loaded)]
    images += [image for image in looked.loaded.strays if plain(image.url) in addresses]
    leads = [image for image in images if image.lead] or list(_largest(looked))
    scripted = any(not image.lazy and image.url not in requested for image in images)
    for image in images:
        excused = image.lazy or scripted or image in leads[:1]
        judge(world, looked, "SUR-4", "rest-lazy", excused, f"{image.url} is loaded eagerly, and is not the lead")


def check_far(world: World, looked: Visit) -> int:
    """What lies far below the fold is requested once it is scrolled to and not before. Answers how many images that were."""
    far = {image.url: image for _, image in _images(looked.loaded) if image.box.top > looked.loaded.fold + _FAR}
    near = {image.url for _, image in _images(looked.loaded) if image.box.top <= looked.loaded.fold + _FAR}
    later = {image.url: image for _, image in _images(looked.scrolled)}
    for url in far.keys() - near:
        early = url in looked.loaded.requested
        where = f"{far[url].box.top - looked.loaded.fold:.0f} pixels below the fold"
        judge(world, looked, "SUR-4", "far-unrequested", not early, f"{url} lies {where}, and is requested before scrolling")
        came = url in looked.scrolled.requested and url in later and later[url].width > 0
        judge(world, looked, "SUR-4", "scrolled-requested", came, f"{url} is scrolled to, and does not show")
    return len(far.keys() - near)


def cumulative(shifts: Iterable[Shift]) -> float:
    """The cumulative layout shift of these shifts, in their order."""
    worst = session = 0.0
    began = last = float("-inf")
    for shift in shifts:
        if shift.at - last > _SESSION_GAP or shift.at - began > _SESSION:
            session, began = 0.0, shift.at
        session, last = session + shift.value, shift.at
        worst = max(worst, session)
    return worst


def _largest(looked: Visit) -> Iterator[Image]:
    least = _LARGE_SHARE * looked.screen.width * looked.screen.height
    for _, image in _images(looked.loaded):
        if image.url == looked.loaded.largest and image.box.area >= least:
            yield image


def _images(look: Look) -> Iterator[tuple[Spot, Image]]:
    """All images that surfaces show, but for blurred backgrounds."""
    for spot in look.spots:
        if spot.surface != BACKGROUND:
            yield from ((spot, image) for image in spot.images)
