"""Steps about files that mean harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

from pytest_bdd import given, then, when

from lanes.client import Answer
from lanes.mutations import hostile
from lanes.oracle import pictures
from lanes.stack.memory import peak
from lanes.steps.bombs import costliest
from lanes.steps.processes import apart
from lanes.steps.remains import key_of, objects, records
from lanes.steps.world import World

T = TypeVar("T")

_NORMAL, _LONG = 200, 10_000  # files
_PIXEL = 4  # bytes that one takes, unpacked
_OFTEN = 20  # after so many files the server is asked how it is
_SETS = (
    "taken",
    "transparent-png",
    "transparent-webp",
    "metadata",
    "hidden-script",
    "inflating",
    "animated-webp",
    "animated-png",
)


@given("a server that has taken in the costliest picture that is allowed", target_fixture="world")
def _(world: World) -> Iterator[World]:
    # A process that all scenarios share has seen more than that picture.
    with apart(world) as place:
        place.notes["memory"] = take_costliest(place)
        yield place


@when("hostile files of every kind are tried")
def _(world: World) -> None:
    world.artist = world.create_artist()
    world.notes["stored"] = stored(world)
    world.answers = send_hostile(world)


@then("none of them breaks anything down")
def _(world: World) -> None:
    for answer in world.answers:
        world.check("CON-5", "no-server-error", answer.status < 500, f"{answer}", answer)


@then("every one is kept whole or not at all")
def _(world: World) -> None:
    check_whole(world)
    check_rows(world)
    check_objects(world)


@then("the server is as well as before")
def _(world: World) -> None:
    check_healthy(world)
    sent = world.send(world.corpus.of("small")[0])
    world.check("CON-5", "healthy", sent.answer.status == 201, f"a valid upload afterwards: {sent.answer}", sent.answer)


@then("all of them cost it no more memory than one such picture")
def _(world: World) -> None:
    check_memory(world, world.notes["memory"])


def take_costliest(world: World) -> int:
    """The peak memory in bytes of a server that was sent the costliest upload of the policy; 0 where nobody can see it."""
    if world.group is None:
        return 0
    world.artist = world.create_artist()
    world.told(world.send_file(costliest(world)), 201, "ING-5", "area-at-ceiling")
    return peak(world.group)


def send_hostile(world: World) -> list[Answer]:
    """Sends hostile files, and asks now and then how the server is."""
    bases = [world.corpus.upload(row) for name in _SETS for row in world.corpus.of(name)]
    count = _LONG if world.effort.long else _NORMAL
    answers = []
    for number, file in enumerate(hostile(bases, count, world.effort.seed or 0)):
        answers.append(world.send_file(file))
        if number % _OFTEN == 0:
            check_healthy(world)
    return answers


def check_healthy(world: World) -> None:
    """Health answers 200."""
    answer = world.client.call("readHealth")
    world.check("CON-5", "healthy", answer.status == 200, f"{answer}", answer)


def check_whole(world: World) -> None:
    """Canonical, thumbnail and preview of every item that the collection shows decode."""
    items = world.collection()
    accepted = sum(answer.status == 201 for answer in world.answers)
    told = f"{accepted} hostile files were accepted, the collection has {len(items)} items"
    world.check("CON-5", "whole-or-nothing", len(items) == accepted, told)
    for item in items:
        for key in ("src", "thumbnailSrc"):
            answer = world.fetch(str(item[key]))
            why = _wrong(pictures.decode, answer.body) if answer.status == 200 else str(answer)
            world.check("CON-5", "whole-or-nothing", not why, f"{key} of an item made of a hostile file: {why}", answer)
        why = _wrong(pictures.decode_data_url, str(item["blurDataURL"]))
        world.check("CON-5", "whole-or-nothing", not why, f"preview of {item['ID']}: {why}")


def check_rows(world: World) -> None:
    """A row for each file accepted, and no other."""
    if world.check.due("CON-5", "rows-match"):
        rows = {row["ID"] for row in records(world) if row["artistID"] == world.artist}
        items = {answer.json["media"]["ID"] for answer in world.answers if answer.status == 201}
        told = f"{len(items)} files were accepted, the records hold {len(rows)} rows of the artist"
        world.check("CON-5", "rows-match", rows == items, told)


def check_objects(world: World) -> None:
    """Two objects for each file accepted, and no other."""
    if world.check.due("CON-5", "objects-match"):
        items = world.collection()
        keys = {key_of(world, item[key]) for item in items for key in ("src", "thumbnailSrc")}
        new = stored(world) - world.notes["stored"]
        told = f"{len(items)} files were accepted, the store holds {len(new)} new objects"
        world.check("CON-5", "objects-match", new == keys, told)


def check_memory(world: World, before: int) -> None:
    """The peak rose by no more than one picture takes: nothing of a file is kept, and none is unpacked beyond the ceilings."""
    if world.group is not None:
        rise, most = peak(world.group) - before, world.policy()["maxPixels"] * _PIXEL
        told = f"peak memory rose by {rise / 1e6:.0f} MB, should be {most / 1e6:.0f} MB at most"
        world.check("CON-5", "memory", rise <= most, told)


def stored(world: World) -> set[str]:
    """The keys of all stored objects, where this run can see them."""
    if not world.check.due("CON-5", "objects-match"):
        return set()
    return {each.key for each in objects(world).values()}


def _wrong(decode: Callable[[T], object], data: T) -> str:
    """Why something cannot be decoded; nothing where it can."""
    try:
        decode(data)
    except pictures.Undecodable as error:
        return str(error)
    return ""
