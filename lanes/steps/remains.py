"""What a target keeps, as far as this run can see it: to prove that something refused has left nothing."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from lanes.contract import key_in
from lanes.errors import StackError
from lanes.record_sources import Unreadable, read_rows
from lanes.steps.world import World
from lanes.stores.store import Stored


@dataclass(frozen=True, slots=True)
class Remains:
    """Items in public reads, rows in the records, stored objects; None where this run cannot look."""

    public: tuple[str, ...]  # whole items in collection order, as JSON
    recorded: frozenset[str] | None
    stored: frozenset[str] | None


def look(world: World, rule: str) -> Remains:
    """What is there now, of the scenario's artist in public reads and of everybody elsewhere."""
    return Remains(
        public=tuple(json.dumps(item, sort_keys=True) for item in world.collection()),
        recorded=frozenset(row["ID"] for row in records(world)) if world.check.due(rule, "nothing-recorded") else None,
        stored=frozenset(objects(world)) if world.check.due(rule, "nothing-stored") else None,
    )


def check_nothing_left(world: World, rule: str, before: Remains) -> None:
    """Records that the collection is as it was, and that records and store hold nothing more and nothing less."""
    after = look(world, rule)
    same = after.public == before.public
    world.check(rule, "nothing-public", same, f"the collection had {len(before.public)} items and is not as it was")
    for clause, was, now in (
        ("nothing-recorded", before.recorded, after.recorded),
        ("nothing-stored", before.stored, after.stored),
    ):
        if was is not None and now is not None:
            differ = sorted(now ^ was)
            world.check(rule, clause, not differ, f"{len(differ)} came or went, the first: {differ[:1]}")


def stored_at(world: World, url: str) -> list[Stored]:
    """The stored objects that a render URL can stand for: those whose key is its path."""
    return [each for each in objects(world).values() if each.key == key_of(world, url)]


def key_of(world: World, url: Any) -> str:
    """The key that a render URL stands for: its path, or what comes behind the location in a direct URL of the store."""
    path = key_in(url)
    _, found, key = f"/{path}".partition(f"/{world.location}/")
    return unquote(key) if found else path


def prove_sight(world: World, rule: str) -> None:
    """Records and store have, as far as the rule looks there, every item that the scenario's artist shows to the public.

    What is not in somebody else's records, or in a list that is empty, proves nothing. Raises Blocked, blaming the target's
    export or store; StackError where the records are read from elsewhere.
    """
    shown = world.collection()
    if world.check.due(rule, "nothing-recorded"):
        prove_records(world, shown)
    if world.check.due(rule, "nothing-stored"):
        keys = {each.key for each in objects(world).values()}
        for item in shown:
            there = key_of(world, item["src"]) in keys
            world.check.presume("DEL-2", "stored-bytes", there, f"{item['ID']}: the store has no object at its URL")


def prove_records(world: World, shown: list[dict[str, Any]]) -> None:
    """The records have a row of each of these items. Raises Blocked or StackError as prove_sight does."""
    rows = records(world)
    lacking = sorted({item["ID"] for item in shown} - {row["ID"] for row in rows})
    if not lacking:
        return
    found = f"{len(rows)} rows, without {len(lacking)} items that are shown to the public, the first: {lacking[0]}"
    source = world.check.plan.target.records.source
    if source != "export":
        raise StackError(f"records ({source}): {found}; are these the records of this target?")
    world.check.block("OPS-2", "every-row", f"the export has {found}")


def records(world: World) -> list[dict[str, Any]]:
    """The rows of the target's records that this run may have to answer for: all of them, where the target is its own.

    Raises Blocked, blaming OPS-2, when they cannot be read.
    """
    try:
        rows = read_rows(world.check.plan.target.records, world.client, world.settings)
        return [row for row in rows if world.client.care.may_be_ours(str(row.get("artistID")))]
    except Unreadable as error:
        world.check.block("OPS-2", "every-row", f"{error}, no records to read", error.answer)


def sees_objects(world: World) -> bool:
    """Whether this run can look at what is stored: at the store itself, or at the list of mocked objects."""
    return bool(world.stack.grounds.stores) or "states" in world.check.plan.target.capabilities


def objects(world: World) -> dict[str, Stored]:
    """Every object where the target stores new ones, by location and key: as the store has them, or the list of mocked ones."""
    if world.provider in world.stack.grounds.stores:
        found = world.store.list(world.location)
    else:
        answer = world.client.state("GET", "/states/mocked-objects")
        if answer.status != 200:
            raise LookupError(f"{answer}: the target offers `states`, so it should list its mocked objects")
        found = [_mocked(each) for each in answer.json["objects"]]
    return {each.name: each for each in found}


def sha256_of(world: World, stored: Stored) -> str | None:
    """SHA-256 of the bytes of a stored object, as hexadecimal; None if it is gone meanwhile."""
    if stored.sha256:
        return stored.sha256
    whole = read_again(world, stored)
    return hashlib.sha256(whole.data or b"").hexdigest() if whole else None


def read_again(world: World, stored: Stored) -> Stored | None:
    """A stored object as its store has it now, with its bytes; None if it is gone."""
    return world.stack.grounds.stores[stored.provider].read(stored.location, stored.key)


def _mocked(each: dict[str, Any]) -> Stored:
    return Stored(
        "mocked",
        each["location"],
        each["key"],
        each["byteSize"],
        each["mimeType"],
        each["cacheControl"],
        sha256=each["sha256"],
    )
