"""Steps about the names of uploaded files."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from pytest_bdd import then, when

from lanes.steps.remains import records
from lanes.steps.world import Uploaded, World

_WORD = "Klangfarbe"  # in every name, and in nothing that a target would make up
_ORDINARY = (
    f"{_WORD} 1.jpg",
    f"{_WORD}-Übung, 第一.jpg",
    f"{_WORD} 🎹 (final) v2.0.jpg",
    f"{_WORD} & 'co'.jpg",
    f"{_WORD} u\u0308.JPG",
    f"{_WORD} 100%25.jpg",
    f".{_WORD}.jpg",
)
_PATHS = (
    f"../../etc/{_WORD}.jpg",
    f"/var/www/{_WORD}.jpg",
    f"C:\\Users\\me\\{_WORD}.jpg",
    f"..\\..\\{_WORD}.jpg",
    f"album/{_WORD}.jpg",
)
_CONTROLS = (f"{_WORD}\x01\x1b[31m.jpg", f"{_WORD}\x7f\x9f.jpg", f"\t{_WORD}.jpg")


@dataclass(frozen=True, slots=True)
class Named:
    """An upload under a name: the clause about it, the name as it was sent, and what came."""

    clause: str
    name: str
    upload: Uploaded

    @property
    def came_back(self) -> Any:
        """The name as the item shows it."""
        return self.upload.item.get("originalFileName")


@when("pictures are uploaded under names of every kind")
def _(world: World) -> None:
    world.notes["named"] = upload_named(world)


@then("each name comes back fit to be shown")
def _(world: World) -> None:
    longest = world.policy()["originalFileNameMaxCodePoints"]
    for named in world.notes["named"]:
        check_name(world, named, longest)


@then("no part of a name is in an address or a key")
def _(world: World) -> None:
    check_not_used(world, world.notes["named"])


def upload_named(world: World) -> list[Named]:
    """A picture under each of the names."""
    row = world.corpus.of("small")[0]
    named = []
    for clause, names in (
        ("kept", _ORDINARY),
        ("path-removed", _PATHS),
        ("control-removed", _CONTROLS),
        # Longer ones would not fit into what a parser of forms takes for the head of a part.
        ("bounded", (f"{_WORD * 300}.jpg", f"{'é' * 1500}{_WORD}.jpg")),
    ):
        named += [Named(clause, name, world.accepted(replace(row, id=clause, file_name=name))) for name in names]
    return named


def check_name(world: World, named: Named, longest: int) -> None:
    """The name as it was sent, or what is left of it."""
    back = str(named.came_back)
    right = {
        "kept": back == named.name,
        "path-removed": back == f"{_WORD}.jpg",
        "control-removed": _WORD in back and not re.search(r"[\x00-\x1f\x7f-\x9f]", back),
        "bounded": 0 < len(back) <= longest,
    }[named.clause]
    detail = f"{named.name[:80]!r} comes back as {back[:80]!r} of {len(back)}"
    world.check("ING-18", named.clause, right, detail, named.upload.answer)


def check_not_used(world: World, everything: list[Named]) -> None:
    """No render URL and no storage key has the word that is in every name."""
    for named in everything:
        urls = [str(named.upload.item[key]) for key in ("src", "thumbnailSrc")]
        found = [url for url in urls if _WORD.lower() in url.lower()]
        world.check("ING-18", "not-in-url", not found, f"{found[:1]} holds a part of the name", named.upload.answer)
    if world.check.due("ING-18", "not-in-key"):
        ids = {named.upload.item["ID"] for named in everything}
        rows = [row for row in records(world) if row["ID"] in ids]
        world.check.presume("OPS-2", "every-row", len(rows) == len(ids), f"the records have {len(rows)} of {len(ids)} rows")
        keys = [str(row[key]) for row in rows for key in ("storageKey", "thumbnailStorageKey")]
        found = [key for key in keys if _WORD.lower() in key.lower()]
        world.check("ING-18", "not-in-key", not found, f"{found[:1]} holds a part of the name")
