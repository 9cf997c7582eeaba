"""Steps about all that was answered in a run, whoever asked."""

from __future__ import annotations

from pytest_bdd import then, when

from lanes.overheard import NAME, Overheard
from lanes.steps.world import World

# The clauses that each kind of finding is about.
_ADDRESSES = ("own-host", "media-path", "https")
_STORAGE = {"credential": "response-credential", "signature": "response-signature"}


@when("a little more is asked of the application")
def _(world: World) -> None:
    ask_a_little(world)


@then("no answer of the whole run names where pictures are kept")
def _(world: World) -> None:
    check_overheard(world, "DEP-2", "no-bucket-host", "bucket-host", overheard(world).answers)


@then("every address of a picture in the whole run was the application's own")
def _(world: World) -> None:
    for clause in _ADDRESSES:
        check_overheard(world, "DEP-2", clause, clause, overheard(world).render_urls)


@then("no answer of the whole run opens the storage")
def _(world: World) -> None:
    for kind, clause in _STORAGE.items():
        check_overheard(world, "DEP-4", clause, kind, overheard(world).answers)


def overheard(world: World) -> Overheard:
    """All that was overheard in this slot. Raises LookupError where nobody listened."""
    if NAME not in world.stack.shared:
        raise LookupError("nobody has listened in this run; a step has to ask whether its clause is due")
    found: Overheard = world.stack.shared[NAME]
    return found


def ask_a_little(world: World) -> None:
    """Asks for what needs nothing of the scenario's own, so that something was answered in any case."""
    client = world.client
    for operation in ("readHealth", "readMediaPolicy", "listArtists"):
        client.call(operation)
    client.call("exportMediaRecords", role=None)
    for path in ("/media/nothing/here.jpg", "/media/", "/nothing/here"):
        client.fetch(client.base_url + path)


def check_overheard(world: World, rule: str, clause: str, kind: str, seen: int) -> None:
    """Nothing of a kind was overheard in what was seen. Nothing seen is nothing judged."""
    if not seen or not world.check.due(rule, clause):
        return
    heard = overheard(world)
    found, more = heard.findings(kind), heard.count(kind) - len(heard.findings(kind))
    for finding in found:
        told = f"{finding.told}{f' (and {more} more answers)' if more else ''}"
        world.check(rule, clause, False, told, finding.answer)
    if not found:
        world.check(rule, clause, True, "")
