"""Steps about saves that replace a collection, whole or not at all."""

from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.steps.remains import objects
from lanes.steps.saving import Item, as_saved, failing_urls, send_sync, shuffled
from lanes.steps.strangers import otherwise_spelt
from lanes.steps.sync import stored_by_item
from lanes.steps.world import World

_CLAUSES = (("ID", "order"), ("purpose", "purpose"), ("altText", "alt-text"))


@dataclass(frozen=True, slots=True)
class Saved:
    """A save: what was sent, what was answered, and what each read showed then."""

    wanted: Any
    answer: Answer
    reads: dict[str, list[Item]]


@dataclass(frozen=True, slots=True)
class Refused:
    """A save that has to be refused: by which clause, and what there was afterwards."""

    clause: str
    answer: Answer
    items: list[Item]
    failing: list[Answer] = field(default_factory=list)
    foreign: list[Item] = field(default_factory=list)
    foreign_failing: list[Answer] = field(default_factory=list)


@when("the collection is saved several times, each time with another order, other purposes and other texts")
def _(world: World) -> None:
    world.notes["saves"] = [save_and_read(world, shuffled(world.collection())) for _ in range(3)]


@when("the collection is saved with something left unsaid")
def _(world: World) -> None:
    world.notes["before"] = world.collection()
    world.notes["refused"] = [try_unsaid(world, wanted) for wanted in unsaid(world.notes["before"])]


@when("the collection is saved again and again while others look at it")
def _(world: World) -> None:
    look_while_saving(world)


@when("the collection is saved with pictures that are unknown, somebody else's or named twice")
def _(world: World) -> None:
    world.notes["refused"] = try_wrong_pictures(world)


@when("a save leaves out the second picture and is sent twice")
def _(world: World) -> None:
    save_twice(world)


@then("after each save the collection is as it was saved")
def _(world: World) -> None:
    for saved in world.notes["saves"]:
        check_saved(world, saved)


@then("each of these saves is refused and changes nothing")
def _(world: World) -> None:
    for each in world.notes["refused"]:
        held = each.answer.status == 422 and each.items == world.notes["before"]
        told = f"{each.answer} with {each.clause}, should be 422; {len(each.items)} items, should be those of before"
        world.check("SYN-1", "field-missing", held, told, each.answer)


@then("each look showed it as it was before a save or after it")
def _(world: World) -> None:
    for what, items in world.notes["looks"]:
        told = f"{what} during a save: {as_saved(items)}, is neither the state before nor the one after"
        world.check("SYN-1", "at-once", items in world.notes["states"], told)


@then("each of these saves is refused for its pictures")
def _(world: World) -> None:
    for each in world.notes["refused"]:
        world.check("SYN-3", each.clause, each.answer.status == 422, f"{each.answer}, should be 422", each.answer)


@then("after each of them the collection was as before and could be shown")
def _(world: World) -> None:
    for each in world.notes["refused"]:
        same = each.items == world.notes["before"] != [] and not each.failing
        told = f"after a refusal for its {each.clause} the collection is not as it was; failing URLs: {each.failing[:1]}"
        world.check("SYN-3", "unchanged", same, told, each.answer)


@then("the other artist's collection was as before and could be shown")
def _(world: World) -> None:
    for each in world.notes["refused"]:
        if each.clause == "foreign-item":
            same = each.foreign == world.notes["other items"] != [] and not each.foreign_failing
            told = f"after the refusal the other's collection is not as it was; failing URLs: {each.foreign_failing[:1]}"
            world.check("SYN-3", "foreign-unchanged", same, told, each.answer)


@then("the second save is accepted like the first")
def _(world: World) -> None:
    first, second = world.notes["saves"]
    same = second.answer.status == 200 and second.answer.json == first.answer.json
    world.check("SYN-4", "accepted-twice", same, f"{second.answer}, should be the 200 of the first", second.answer)


@then("everything is as it was after the first")
def _(world: World) -> None:
    check_same(world)


def save_and_read(world: World, wanted: list[Item]) -> Saved:
    """Saves, and reads the collection in both ways."""
    answer = send_sync(world, wanted)
    reads = {"listArtistMedia": world.collection(), "readArtist": world.read_artist()["media"]}
    return Saved(wanted, answer, reads)


def unsaid(items: list[Item]) -> list[tuple[str, Any]]:
    """Saves that turn the collection round, with one field left out of one item; and saves of nothing at all."""
    wrong: list[tuple[str, Any]] = [("no media", {}), ("no object", [])]
    for name in ("ID", "purpose", "altText"):
        for place in (0, len(items) - 1):
            wanted = as_saved(reversed(items))
            del wanted[place][name]
            wrong.append((f"item {place} without {name}", {"media": wanted}))
    return wrong


def try_unsaid(world: World, wanted: tuple[str, Any]) -> Refused:
    """One of them, and what there was afterwards."""
    answer = world.client.call("syncArtistMedia", world.artist, json=wanted[1])
    return Refused(wanted[0], answer, world.collection())


def look_while_saving(world: World) -> None:
    """Saves two states in turn and then, again and again, one without the first picture, while two others read."""
    items, over = world.collection(), threading.Event()
    there = shuffled(items)
    back = [item | {"altText": f"{place}"} for place, item in enumerate(as_saved(items))]
    fewer = [shuffled(there[gone:]) for gone in range(1, len(there))]
    states = [items]

    def look() -> list[tuple[str, list[Item]]]:
        looks: list[tuple[str, list[Item]]] = []
        while not over.is_set():
            looks.append(("listArtistMedia", world.collection()))
            looks.append(("readArtist", world.read_artist()["media"]))
        return looks

    with ThreadPoolExecutor(2) as pool:
        lookers = [pool.submit(look) for _ in range(2)]
        try:
            for wanted in (there, back, there, back, there, *fewer):
                saved = send_sync(world, wanted)
                states.append(world.told(saved, 200, "SYN-1", "order")["media"])
        finally:
            over.set()
        world.notes["looks"] = [each for looker in lookers for each in looker.result()]
    world.notes["states"] = states


def check_saved(world: World, saved: Saved) -> None:
    """200, and every item has the place, purpose and text that were sent, in the answer and in every read."""
    if not world.check("SYN-1", "order", saved.answer.status == 200, f"{saved.answer}, should be 200", saved.answer):
        return
    for what, items in {"the answer": saved.answer.json["media"], **saved.reads}.items():
        for key, clause in _CLAUSES:
            sent, shown = ([each[key] for each in some] for some in (saved.wanted, items))
            world.check("SYN-1", clause, shown == sent, f"{what}: {key} {shown}, should be {sent}", saved.answer)


def try_wrong_pictures(world: World) -> list[Refused]:
    """Saves that turn the collection round and name a picture that they should not, first or last; or such a one alone."""
    gone = world.upload(world.corpus.of("small")[3]).item
    deleted = world.client.call("deleteArtistMedia", world.artist, gone["ID"])
    world.check.presume("SYN-6", "deleted", deleted.status == 204, f"{deleted}, should be 204", deleted)
    items = world.notes["before"] = world.collection()
    own, (theirs, more) = as_saved(reversed(items)), as_saved(world.notes["other items"])[:2]
    unknown = {"ID": str(uuid.uuid4()), "purpose": "gallery", "altText": None}
    return [
        try_one(world, clause, wanted)
        for clause, wanted in (
            *(("unknown-item", [own[0] | {"ID": each}, *own[1:]]) for each in otherwise_spelt(own[0]["ID"])),
            ("unknown-item", [*own, unknown]),
            ("unknown-item", [unknown | {"ID": gone["ID"]}, *own]),
            ("unknown-item", [*own[:1], unknown | {"ID": "no such item"}]),
            ("foreign-item", [*own, theirs]),
            ("foreign-item", [more]),
            ("item-twice", [*own, own[0] | {"purpose": "profile", "altText": "again"}]),
            ("item-twice", [own[1], own[1]]),
        )
    ]


def try_one(world: World, clause: str, wanted: list[Item]) -> Refused:
    """One of them, and what there was afterwards."""
    answer, items = send_sync(world, wanted), world.collection()
    failing = failing_urls(world, world.notes["before"])
    if clause != "foreign-item":
        return Refused(clause, answer, items, failing)
    foreign = world.collection(world.notes["other"])
    return Refused(clause, answer, items, failing, foreign, failing_urls(world, world.notes["other items"]))


def save_twice(world: World) -> None:
    """The same save, twice, with what there was after each."""
    before = world.collection()
    wanted = shuffled([before[0], *before[2:]])
    world.notes["saves"], world.notes["stored"] = [], []
    for _ in range(2):
        world.notes["saves"].append(save_and_read(world, wanted))
        if world.check.due("SYN-4", "same-objects"):
            stored_by_item(world, world.collection())
            world.notes["stored"].append(set(objects(world)))


def check_same(world: World) -> None:
    """Every read and the store show the same as after the first save, and all of it renders."""
    first, second = world.notes["saves"]
    world.check.presume("SYN-1", "order", first.answer.status == 200, f"{first.answer}, should be 200", first.answer)
    for what, items in second.reads.items():
        same = items == first.reads[what] != []
        world.check("SYN-4", "same-collection", same, f"{what} differs after the second save", second.answer)
        failing = failing_urls(world, items)
        told = f"{what}: {len(failing)} URLs fail after the second save, the first: {failing[:1]}"
        world.check("SYN-4", "same-collection", not failing, told, *failing[:1])
    if world.check.due("SYN-4", "same-objects"):
        was, now = world.notes["stored"]
        told = f"{len(was ^ now)} objects came or went, the first: {sorted(was ^ now)[:1]}"
        world.check("SYN-4", "same-objects", was == now, told)
