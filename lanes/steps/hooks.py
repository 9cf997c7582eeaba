"""What only a test arranges: by a target's state hooks (contracts/states.yaml), or on its way to the store. No steps."""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Literal

from lanes.stack.gateway.faults import Armed, Fault
from lanes.stack.gateway.record import good
from lanes.steps.world import World
from lanes.stores.store import Stored

ArtifactKind = Literal["canonical", "thumbnail"]
_FOR_GOOD = 1000


def place_of(artifact: ArtifactKind) -> int:
    """Its place, from 1 on, among the objects that an upload stores."""
    order: tuple[ArtifactKind, ...] = ("canonical", "thumbnail")
    return order.index(artifact) + 1


@contextlib.contextmanager
def unstorable(world: World, artifact: ArtifactKind) -> Iterator[None]:
    """Inside, the store refuses the next write of such an artifact."""
    if world.stack.grounds.stores:
        with world.gateway.faulty(Fault("fail", operation="put", nth=place_of(artifact))):
            yield
    else:
        with _armed(world, "/states/storage-failures", {"operation": "put", "artifact": artifact, "times": 1}):
            yield


@contextlib.contextmanager
def undeletable(world: World, artifact: ArtifactKind, keys: Collection[str]) -> Iterator[None]:
    """Inside, the store deletes nothing of this kind; these are the keys of those that there are."""
    if world.stack.grounds.stores:
        with leaving_behind(world, Fault("fail", operation="delete", keys=frozenset(keys))) as armed:
            yield
            asked = f"the store was never asked to delete any {artifact}"
            world.check.presume("SYN-2", "omitted-objects-gone", bool(armed.calls), asked)
    else:
        with _armed(world, "/states/storage-failures", {"operation": "delete", "artifact": artifact, "times": _FOR_GOOD}):
            yield


@contextlib.contextmanager
def leaving_behind(world: World, fault: Fault) -> Iterator[Armed]:
    """A fault of deletions, armed; the objects that stay because of it are left on purpose."""
    with world.gateway.faulty(fault) as armed:
        yield armed
    deletions = [call for call in armed.calls if call.operation == "delete" and not good(call.store_status)]
    world.stack.grounds.planted |= {f"{call.location}/{key}" for call in deletions for key in call.keys}


def plant(world: World, key: str, data: bytes, location: str = "", provider: str = "") -> Stored:
    """An object that nobody uploaded, where the target stores new ones or somewhere else."""
    store = world.stack.grounds.stores[provider or world.provider]
    store.put(location or world.location, key, data, "image/jpeg")
    planted = Stored(provider or world.provider, location or world.location, key, len(data), "image/jpeg", data=data)
    world.stack.grounds.planted.add(planted.name)
    return planted


def unrecordable(world: World) -> contextlib.AbstractContextManager[None]:
    """Inside, the database refuses to finalise the next upload."""
    return _armed(world, "/states/finalisation-failures", {"times": 1})


@contextlib.contextmanager
def _armed(world: World, path: str, fault: Mapping[str, object]) -> Iterator[None]:
    """The fault happens inside, as often as it is armed, and never afterwards. Raises LookupError without such a hook."""
    answer = world.client.state("POST", path, fault)
    if answer.status != 204:
        raise LookupError(f"{answer}: the target offers `states`, so it should arm failures")
    try:
        yield
    finally:
        world.client.state("DELETE", "/states/failures")


def insert_row(world: World, **differing: Any) -> str:
    """The ID of a new row that the workflow would not write, last in the artist's order. Raises LookupError without a hook."""
    row = {
        "artistID": world.artist,
        "purpose": "gallery",
        "status": "ready",
        "legacyURL": None,
        "legacyThumbnailURL": None,
        "storageProvider": None,
        "storageLocation": None,
        "storageKey": None,
    }
    answer = world.client.state("POST", "/states/media-rows", row | differing)
    if answer.status != 201:
        raise LookupError(f"{answer}: the target offers `states`, so it should insert the row")
    world.stack.grounds.planted.add(str(answer.json["ID"]))
    return str(answer.json["ID"])
