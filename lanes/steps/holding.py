"""Steps about what is seen while the store has not yet done what it was asked."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pytest_bdd import parsers, then, when

from lanes.client import Answer
from lanes.stack.gateway.faults import Fault
from lanes.steps.hooks import ArtifactKind, place_of
from lanes.steps.reads import pages, public_reads
from lanes.steps.remains import records
from lanes.steps.saving import Item, as_saved, send_sync
from lanes.steps.world import World

REACHED = 15.0  # seconds in which a target has come to its store

ARTIFACTS: dict[str, ArtifactKind] = {"the picture": "canonical", "its thumbnail": "thumbnail"}


@dataclass(frozen=True, slots=True)
class Held:
    """What was to be seen while the store held something back, and what came of it once it let go."""

    reached: bool
    reads: dict[str, Answer]
    rows: set[str] | None
    answer: Answer


@when(parsers.parse("a picture is sent and the store has not yet taken {what}"))
def _(world: World, what: str) -> None:
    artifact = ARTIFACTS[what]
    world.notes["artifact"] = artifact
    if world.check.due("UPL-2", f"hidden-during-{artifact}"):
        world.notes["rows"] = row_ids(world)
        world.notes["items"] = world.collection()
        fault = Fault("hold", operation="put", nth=place_of(artifact))
        row = world.corpus.of("small")[-1]
        world.notes["held"] = hold(world, fault, lambda: world.send(row, "profile").answer)


@then("nobody sees the picture yet")
def _(world: World) -> None:
    if "held" in world.notes:
        check_unseen(world, world.notes["artifact"], world.notes["held"])


@then("it is there once the store has taken it")
def _(world: World) -> None:
    if "held" in world.notes:
        answer = world.notes["held"].answer
        item = world.told(answer, 201, "UPL-1", "created")["media"]
        world.check.presume("UPL-1", "listed", item in world.collection(), "the picture is not listed afterwards", answer)


@when(parsers.parse("{deletion} and the store has not yet deleted anything"))
def _(world: World, deletion: str) -> None:
    if world.check.due("SYN-5", "rows-first"):
        world.shown()
        gone, delete = _DELETIONS[deletion](world, world.collection())
        world.notes["gone"] = gone
        world.notes["held"] = hold(world, Fault("hold", operation="delete"), delete, reads_of_artist)


@then("nobody sees what is being deleted any more")
def _(world: World) -> None:
    if "held" in world.notes:
        check_no_longer_seen(world, world.notes["gone"], world.notes["held"])


@then("the deletion succeeds once the store has followed")
def _(world: World) -> None:
    if "held" in world.notes:
        answer = world.notes["held"].answer
        held = answer.status in {200, 204}
        world.check("SYN-5", "rows-first", held, f"{answer}, after the store had been slow", answer)


def reads_of_artist(world: World) -> dict[str, Answer]:
    """Every read that could show the scenario's artist, whether it is there or not."""
    pages_ = {f"listArtists, page {place}": answer for place, answer in enumerate(pages(world), 1)}
    return {name: world.client.call(name, world.artist) for name in ("listArtistMedia", "readArtist")} | pages_


def hold(
    world: World, fault: Fault, task: Callable[[], Answer], reads_: Callable[[World], dict[str, Answer]] = public_reads
) -> Held:
    """Does something while the gateway holds back what the fault says, looks meanwhile, and lets go."""
    with world.gateway.faulty(fault) as armed, ThreadPoolExecutor(1) as pool:
        under_way = pool.submit(task)
        try:
            reached = armed.wait_reached(REACHED)
            reads = reads_(world) if reached else {}
            rows = row_ids(world) if reached else None
        finally:
            armed.release()
        return Held(reached, reads, rows, under_way.result())


def row_ids(world: World) -> set[str] | None:
    """The IDs of all rows, where this run can read them."""
    return {row["ID"] for row in records(world)} if "records" in world.check.plan.target.capabilities else None


def check_unseen(world: World, artifact: str, held: Held) -> None:
    """No read and no row has anything that was not there before."""
    clause = f"hidden-during-{artifact}"
    world.check.presume(
        "UPL-1", "created", held.reached, f"the store was never asked for the {artifact}: {held.answer}", held.answer
    )
    shown = {json.dumps(item, sort_keys=True) for item in world.notes["items"]}
    for name, answer in held.reads.items():
        world.check.presume("CON-1", "status", answer.status == 200, f"{answer}, should be 200", answer)
        if name == "listArtists":
            card = next(each for each in answer.json["artists"] if each["ID"] == world.artist)
            hidden, told = card["profileImageURL"] is None, f"the card shows {card['profileImageURL']}"
        else:
            media = answer.json["media"] if name == "listArtistMedia" else answer.json["artist"]["media"]
            more = [item["ID"] for item in media if json.dumps(item, sort_keys=True) not in shown]
            hidden, told = not more, f"{name} shows {more}"
        world.check("UPL-2", clause, hidden, f"while the {artifact} is being stored, {told}", answer, held.answer)
    if held.rows is not None and world.check.due("UPL-2", f"unrecorded-during-{artifact}"):
        more = sorted(held.rows - world.notes["rows"])
        told = f"while the {artifact} is being stored, the records have {more}"
        world.check("UPL-2", f"unrecorded-during-{artifact}", not more, told, held.answer)


def check_no_longer_seen(world: World, gone: list[str], held: Held) -> None:
    """When the first delete has come to the store, no read shows the row."""
    reached = held.reached
    world.check.presume(
        "DEL-2", "stored-bytes", reached, f"the store was never asked to delete anything: {held.answer}", held.answer
    )
    for name, answer in held.reads.items():
        still = [media for media in gone if media in answer.body.decode("utf-8", "replace")]
        world.check(
            "SYN-5", "rows-first", not still, f"{name} shows {still} while their objects are being deleted", answer, held.answer
        )
    if held.rows is not None:
        still = sorted(held.rows & set(gone))
        world.check(
            "SYN-5", "rows-first", not still, f"the records have {still} while their objects are being deleted", held.answer
        )


def _leave_out(world: World, items: list[Item]) -> tuple[list[str], Callable[[], Answer]]:
    return [item["ID"] for item in items[1:]], lambda: send_sync(world, as_saved(items[:1]))


def _delete_one(world: World, items: list[Item]) -> tuple[list[str], Callable[[], Answer]]:
    return [items[0]["ID"]], lambda: world.client.call("deleteArtistMedia", world.artist, items[0]["ID"])


def _delete_all(world: World, items: list[Item]) -> tuple[list[str], Callable[[], Answer]]:
    return [item["ID"] for item in items], lambda: world.client.call("deleteArtist", world.artist)


_DELETIONS: dict[str, Callable[[World, list[Item]], tuple[list[str], Callable[[], Answer]]]] = {
    "two pictures are left out of a save": _leave_out,
    "one picture is deleted": _delete_one,
    "the whole artist is deleted": _delete_all,
}
