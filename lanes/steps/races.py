"""Steps about uploads and saves that overlap."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from pytest_bdd import then, when

from lanes.by_hand import ByHand
from lanes.client import Answer
from lanes.steps.saving import Item, failing_urls, send_as, send_sync, shuffled
from lanes.steps.world import World

T = TypeVar("T")

_ARRIVAL = 0.02  # seconds in which what was sent reaches a target that has little to do
LAST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Overlap:
    """A sync and an upload that overlapped: how, what the sync said, what came of both, and the collection afterwards."""

    how: str
    wanted: list[Item]
    sync: Answer
    upload: Answer
    items: list[Item]

    @property
    def new(self) -> str | None:
        """The ID of the uploaded item."""
        body = self.upload.json if self.upload.status == 201 else {}
        return str(body["media"]["ID"]) if body else None


@when("pictures are uploaded and the collection is saved at the same time")
def _(world: World) -> None:
    world.notes["overlaps"] = overlaps(world)


@then("both succeed each time")
def _(world: World) -> None:
    for each in world.notes["overlaps"]:
        world.check("SYN-7", "both-succeed", each.sync.status == 200, f"{each.how}: {each.sync}, should be 200", each.sync)
        world.check(
            "SYN-7", "both-succeed", each.upload.status == 201, f"{each.how}: {each.upload}, should be 201", each.upload
        )


@then("what was saved is as it was saved")
def _(world: World) -> None:
    for each in world.notes["overlaps"]:
        check_sync_kept(world, each)


@then("the new picture is there each time, at the end, and can be shown")
def _(world: World) -> None:
    for each in world.notes["overlaps"]:
        check_upload_kept(world, each)


def together(*tasks: Callable[[], T]) -> list[T]:
    """What comes of tasks that begin at the same moment, each in a thread of its own."""
    barrier = threading.Barrier(len(tasks))

    def begin(task: Callable[[], T]) -> T:
        barrier.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        return list(pool.map(begin, tasks))


def sync_by_hand(world: World, wanted: list[Item]) -> ByHand:
    """A sync of the scenario's artist whose bytes the caller sends."""
    request = world.client.request("syncArtistMedia", world.artist)
    return world.client.by_hand(replace(request, json={"media": wanted}))


def arrive(world: World) -> None:
    """Lets what was sent before reach the target, and the target end what it began."""
    time.sleep(_ARRIVAL)
    world.told(world.client.call("readHealth"), 200, "CON-1", "status")


def overlaps(world: World) -> list[Overlap]:
    """Uploads and syncs that are under way together, in every order of their first and last bytes, and at the same moment."""
    rows = world.corpus.of("small")
    ways: list[tuple[str, Callable[[World, Any, list[Item]], tuple[Answer, Answer]]]] = [
        ("a sync during an upload", _sync_inside),
        ("an upload that ends during a sync", _upload_ends_first),
        ("an upload during a sync", _upload_inside),
        *(("a sync and an upload that end together", _ends_together) for _ in range(3)),
    ]
    if world.check.plan.lane.deployed:
        # What stands before the target may keep a request to itself until it has all of it: the others may then come one after
        # another, and a sync that never heard of the upload is right to delete it.
        ways = ways[:1]
    found = []
    for place, (how, way) in enumerate(ways):
        wanted = shuffled(world.collection())
        sync, upload = way(world, rows[place % len(rows)], wanted)
        found.append(Overlap(how, wanted, sync, upload, world.collection()))
    return found


def _sync_inside(world: World, row: Any, wanted: list[Item]) -> tuple[Answer, Answer]:
    with world.upload_by_hand(row) as upload:
        upload.send_all_but(LAST_BYTES)
        arrive(world)
        sync = send_sync(world, wanted)
        return sync, upload.finish()


def _upload_ends_first(world: World, row: Any, wanted: list[Item]) -> tuple[Answer, Answer]:
    with world.upload_by_hand(row) as upload, sync_by_hand(world, wanted) as sync:
        upload.send_all_but(LAST_BYTES)
        sync.send_all_but(LAST_BYTES)
        arrive(world)
        answer = upload.finish()
        arrive(world)
        return sync.finish(), answer


def _upload_inside(world: World, row: Any, wanted: list[Item]) -> tuple[Answer, Answer]:
    with sync_by_hand(world, wanted) as sync:
        sync.send_all_but(LAST_BYTES)
        arrive(world)
        upload = send_as(world, row).answer
        arrive(world)  # or the sync might end before its target is done with the upload
        return sync.finish(), upload


def _ends_together(world: World, row: Any, wanted: list[Item]) -> tuple[Answer, Answer]:
    with world.upload_by_hand(row) as upload, sync_by_hand(world, wanted) as sync:
        upload.send_all_but(LAST_BYTES)
        sync.send_all_but(LAST_BYTES)
        arrive(world)
        first, second = together(sync.finish, upload.finish)
        return first, second


def check_sync_kept(world: World, each: Overlap) -> None:
    """The items that the sync named stand first, in its order, with its purposes and texts."""
    named = {item["ID"] for item in each.wanted}
    shown = [{key: item[key] for key in ("ID", "purpose", "altText")} for item in each.items if item["ID"] in named]
    told = f"{each.how}: the items that the sync named are {shown}, should be {each.wanted}"
    world.check("SYN-7", "sync-kept", shown == each.wanted, told, each.sync)


def check_upload_kept(world: World, each: Overlap) -> None:
    """The new item is there, behind all that the sync named, and renders."""
    there = [item for item in each.items if item["ID"] == each.new]
    told = f"{each.how}: the uploaded item is {len(there)} times in the collection"
    if not world.check("SYN-7", "upload-kept", len(there) == 1, told, each.upload, each.sync):
        return
    last = [item["ID"] for item in each.items][len(each.wanted) :] == [each.new]
    places = [item["sortOrder"] for item in each.items] == list(range(len(each.items)))
    told = f"{each.how}: the uploaded item is not behind the {len(each.wanted)} that the sync named"
    world.check("SYN-7", "new-last", last and places, told, each.upload, each.sync)
    failing = failing_urls(world, there)
    told = f"{each.how}: {len(failing)} URLs of the uploaded item fail: {failing[:1]}"
    world.check("SYN-7", "new-renders", not failing, told, *failing[:1])
