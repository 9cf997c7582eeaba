"""Steps about what a draft says of a picture that was not taken, and how it is tried again."""

from __future__ import annotations

from collections import Counter

from pytest_bdd import then, when

from lanes.browsing.draft import Draft, Entry
from lanes.browsing.traffic import Sent
from lanes.browsing.writes import creations, form_of, patches, uploads
from lanes.steps.drafting import drafted, entries, used
from lanes.steps.submitting import accepted, submit
from lanes.steps.world import World

# The words are this suite's own, so that nobody can have known them.
_PROBLEM = {
    "type": "about:blank",
    "title": "Service Unavailable",
    "status": 503,
    "code": "storage_unavailable",
    "detail": "The store is being moved to another shelf.",
}
_SECOND = 1


@when("the draft is submitted while the second picture cannot be stored")
def _(world: World) -> None:
    used(world, Draft.fail_upload, drafted(world).files[_SECOND].name, int(str(_PROBLEM["status"])), _PROBLEM)
    submit(world)
    world.notes["failed"] = entries(world)


@when("what is missing is sent again")
def _(world: World) -> None:
    world.notes["first"] = drafted(world).draft.writes
    submit(world, "retry")


@then("whatever was accepted is the artist's")
def _(world: World) -> None:
    wanted = names_accepted(drafted(world).draft.writes)
    names = sorted(str(item["originalFileName"]) for item in world.collection())
    world.check("DRF-3", "succeeded-stay", names == wanted, f"{wanted} were accepted, and the artist has {names}")


@then("the draft says which picture failed, and why")
def _(world: World) -> None:
    name = drafted(world).files[_SECOND].name
    failed = failed_entries(world.notes["failed"])
    named = [entry.file for entry in failed] == [name] and name in failed[0].text
    world.check("DRF-3", "names-file", named, f"{name} failed, and the draft says that of {[entry.file for entry in failed]}")
    told = failed[0].reason if failed else ""
    world.check(
        "DRF-3", "names-reason", _gives(told, str(_PROBLEM["detail"]), str(_PROBLEM["code"])), f"{name}: it says {told!r}"
    )


@then("nothing that was accepted is sent again")
def _(world: World) -> None:
    check_retry(world)


@then("the artist has each picture once")
def _(world: World) -> None:
    found = Counter(str(item["originalFileName"]) for item in world.collection())
    wanted = Counter(file.name for file in drafted(world).files)
    world.check("DRF-3", "no-doubles", found == wanted, f"drafted were {dict(wanted)}, and there is {dict(found)}")


@then("the application was asked about the picture, and refused it")
def _(world: World) -> None:
    refused = [each for each in uploads(drafted(world).draft.writes) if 400 <= each.status < 500]
    world.check("DRF-4", "still-judged", len(refused) == 1, f"{len(refused)} pictures were sent and refused, and should be one")


@then("the draft says why, in the application's words")
def _(world: World) -> None:
    refused = [each.json or {} for each in uploads(drafted(world).draft.writes) if 400 <= each.status < 500]
    if refused:
        told = " ".join(entry.reason for entry in failed_entries(entries(world)))
        detail, code = str(refused[0].get("detail") or ""), str(refused[0].get("code"))
        shown = _gives(told, detail, code)
        world.check("DRF-4", "reason-shown", shown, f"it was refused as {code}: {detail!r}; the draft says {told!r}")


def check_retry(world: World) -> None:
    """A retry sends each file that was not accepted, once, and nothing of what was: no other file, and no artist."""
    first = world.notes["first"]
    writes = drafted(world).draft.writes[len(first) :]
    artists = [*creations(writes), *patches(writes)]
    world.check("DRF-3", "retry-missing-only", not artists, "the retry sends the artist once more")
    missing = sorted({file.name for file in drafted(world).files} - set(names_accepted(first)))
    sent = names_accepted(writes)
    right = sent == missing and len(uploads(writes)) == len(missing)
    told = f"{missing} were missing; the retry sends {len(uploads(writes))} files, and of {sent} it is accepted"
    world.check("DRF-3", "retry-missing-only", right, told)


def names_accepted(writes: list[Sent]) -> list[str]:
    """The names of the files that were uploaded and accepted, in order of the alphabet."""
    return sorted(form_of(each)["file"] for each in accepted(writes))


def failed_entries(all_of_them: tuple[Entry, ...]) -> list[Entry]:
    """The entries that are said to have failed."""
    return [entry for entry in all_of_them if entry.state == "failed"]


def _gives(told: str, detail: str, code: str) -> bool:
    return bool(detail and detail in told) or code in told
