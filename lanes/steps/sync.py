"""Steps about saving the state of a whole collection."""

from __future__ import annotations

from typing import Any

from pytest_bdd import given, parsers, then, when

from lanes.steps.remains import objects, prove_records, records, stored_at
from lanes.steps.saving import another, as_saved, send_sync
from lanes.steps.world import World

_PLACES = {"first": 0, "second": 1, "third": 2, "fourth": 3, "fifth": 4}


@given("another artist with a picture of their own")
def _(world: World) -> None:
    world.notes["bystander"] = another(world)


@when(parsers.parse("the collection is saved without the {one} and the {other}"))
def _(world: World, one: str, other: str) -> None:
    save_without(world, {_PLACES[one], _PLACES[other]})


@when("the collection is saved without any")
def _(world: World) -> None:
    save_without(world, set(_PLACES.values()))


@then("the other artist's picture is where it was")
def _(world: World) -> None:
    check_bystander(world)


@then("what was left out is gone for everybody")
def _(world: World) -> None:
    check_gone(world)


@then("what was left out is gone from the records and the store")
def _(world: World) -> None:
    check_deleted(world)


@then("the others are still the same items at the same URLs")
def _(world: World) -> None:
    check_kept(world)


def save_without(world: World, left_out: set[int]) -> None:
    """Syncs the collection without the items at these places, and notes what should be left and what gone."""
    before = world.collection()
    world.shown()  # what nobody has asked for yet, no cache could go on serving
    if world.check.due("SYN-2", "omitted-objects-gone"):
        world.notes["objects"] = stored_by_item(world, before)
    if world.check.due("SYN-2", "omitted-unrecorded"):
        prove_records(world, before)
    world.notes["gone"] = [item for place, item in enumerate(before) if place in left_out]
    world.notes["kept"] = [item for place, item in enumerate(before) if place not in left_out]
    answer = send_sync(world, as_saved(world.notes["kept"]))
    world.notes["saved"] = world.told(answer, 200, "SYN-1", "order")["media"]


def check_bystander(world: World) -> None:
    """The other artist has the same items as before, and their render URLs answer."""
    artist, before = world.notes["bystander"]
    items = world.collection(artist)
    world.check("SYN-2", "ids-kept", items == before != [], f"another artist had {before}, has {items}")
    for item in before:
        answer = world.fetch(item["src"])
        world.check("SYN-2", "urls-kept", answer.status == 200, f"{answer}: another artist's picture", answer)


def check_gone(world: World) -> None:
    """No public read shows the items left out, and their render URLs answer 404."""
    for name, items in (
        ("the sync", world.notes["saved"]),
        ("readArtist", world.read_artist()["media"]),
        ("listArtistMedia", world.collection()),
    ):
        shown = {item["ID"] for item in items}
        still = [item["ID"] for item in world.notes["gone"] if item["ID"] in shown]
        world.check("SYN-2", "omitted-gone", not still, f"{name} still shows {still}")
    if world.check.due("SYN-2", "omitted-urls-gone"):
        for item in world.notes["gone"]:
            for key in ("src", "thumbnailSrc"):
                answer = world.fetch(item[key])
                world.check("SYN-2", "omitted-urls-gone", answer.status == 404, f"{key}: {answer}, should be 404", answer)


def check_deleted(world: World) -> None:
    """The records have no row, and the store no object, of the items left out."""
    gone = [item["ID"] for item in world.notes["gone"]]
    if world.check.due("SYN-2", "omitted-unrecorded"):
        still = sorted({row["ID"] for row in records(world)} & set(gone))
        world.check("SYN-2", "omitted-unrecorded", not still, f"the records still have {still}")
    if world.check.due("SYN-2", "omitted-objects-gone"):
        stored = objects(world)
        for item in gone:
            still = sorted(world.notes["objects"][item] & stored.keys())
            world.check("SYN-2", "omitted-objects-gone", not still, f"the store still holds {still}")


def check_kept(world: World) -> None:
    """The items that were named are there under the same IDs and render URLs, and these still answer."""
    after = {item["ID"]: item for item in world.collection()}
    for was in world.notes["kept"]:
        now = after.get(was["ID"])
        if not world.check("SYN-2", "ids-kept", now is not None, f"{was['ID']} was kept in the sync and is gone"):
            continue
        assert now is not None
        for key in ("src", "thumbnailSrc"):
            answer = world.fetch(was[key])
            kept = now[key] == was[key] and answer.status == 200
            world.check("SYN-2", "urls-kept", kept, f"{key} was {was[key]}, is {now[key]}; {answer}", answer)


def stored_by_item(world: World, items: list[dict[str, Any]]) -> dict[str, set[str]]:
    """The stored objects of each item, by location and key: those at the paths of its render URLs."""
    found: dict[str, set[str]] = {}
    for item in items:
        stored = [each for key in ("src", "thumbnailSrc") for each in stored_at(world, str(item[key]))]
        found[item["ID"]] = {each.name for each in stored}
        told = f"{item['ID']}: the store has no two objects at its URLs"
        world.check.presume("DEL-2", "stored-bytes", len(found[item["ID"]]) == 2, told)
    return found
