"""Steps about what is left when a run is over."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.discrepancy.comparison import Finding, Kind, compare
from lanes.steps.remains import prove_records, records
from lanes.steps.world import World
from lanes.stores.store import Stored

# What each clause is about.
_KINDS: Mapping[str, tuple[Kind, ...]] = {
    "no-missing-canonical": ("missing-canonical",),
    "no-missing-thumbnail": ("missing-thumbnail",),
    "no-orphan": ("orphan",),
    "no-mismatch": ("size-mismatch", "type-mismatch", "malformed-locator"),
}
_AT_ONCE = 4  # objects that are read side by side


@when("everything else is over")
def _(world: World) -> None:
    if world.check.due("CON-6", "no-orphan"):
        world.notes["findings"] = findings(world)


@then("every entry in the records has its picture and its thumbnail in the store")
def _(world: World) -> None:
    check_in_the_end(world, "no-missing-canonical")
    check_in_the_end(world, "no-missing-thumbnail")


@then("everything in the store belongs to an entry")
def _(world: World) -> None:
    check_in_the_end(world, "no-orphan")


@then("they agree on what each is")
def _(world: World) -> None:
    check_in_the_end(world, "no-mismatch")


def findings(world: World) -> list[Finding]:
    """What rows and objects of the target that all scenarios share do not agree on."""
    # An upload of the scenario's own, so that there is something to agree on, whatever was selected.
    world.artist_with(1)
    prove_records(world, world.collection())
    return differences(world)


def differences(world: World) -> list[Finding]:
    """What rows and objects of a target do not agree on, apart from what was planted or left on purpose."""
    planted = world.stack.grounds.planted
    rows = [row for row in records(world) if row["ID"] not in planted]
    stored = {
        (each.provider, each.location, each.key): each
        for store in world.stack.grounds.stores.values()
        for each in store.list(world.location)
    }
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        types = dict(zip(stored, pool.map(lambda each: _type(world, each), stored.values()), strict=True))
    found = compare(rows, stored, lambda each: types[each.provider, each.location, each.key])
    return [finding for finding in found if not (finding.kind == "orphan" and finding.about in planted)]


def check_in_the_end(world: World, clause: str) -> None:
    """Nothing that the clause is about was found when the run was over."""
    if "findings" in world.notes:
        check_none(world, clause, world.notes["findings"], "when the run was over")


def check_none(world: World, clause: str, findings_: list[Finding], when_: str, *seen: Answer) -> None:
    """Nothing that the clause is about is among these findings."""
    found = [finding for finding in findings_ if finding.kind in _KINDS[clause]]
    told = f"{len(found)} of them {when_}, the first: {'; '.join(map(str, found[:3]))}"
    world.check("CON-6", clause, not found, told, *seen)


def _type(world: World, stored: Stored) -> str | None:
    if stored.content_type:
        return stored.content_type  # the list told it
    return world.stack.grounds.stores[stored.provider].content_type(stored.location, stored.key)
