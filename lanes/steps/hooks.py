"""What only a test arranges in a target, by its state hooks (contracts/states.yaml). No steps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any

from lanes.steps.world import World

STORAGE, FINALISATION = "/states/storage-failures", "/states/finalisation-failures"


@contextlib.contextmanager
def armed(world: World, path: str, fault: Mapping[str, object]) -> Iterator[None]:
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
    return str(answer.json["ID"])
