"""Steps about what operators read: every row, every object that a row names, and nothing for anybody else."""

from __future__ import annotations

import itertools
import json
import secrets
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from pytest_bdd import given, then, when

from lanes.client import Answer
from lanes.contract import contract
from lanes.steps.hooks import insert_row
from lanes.steps.whereabouts import CANONICAL, THUMBNAIL
from lanes.steps.world import World

Line = dict[str, Any]

_UPLOADERS = 2
_READINGS = 16  # of each export: any one of them may fall between two uploads

_OPERATOR_READS = sorted(each.id for each in contract().operations.values() if each.role == "operator")


@when("the operator's reads are tried without a credential, with an unknown one and with that of writers")
def _(world: World) -> None:
    world.notes["tried"] = try_as_others(world)


@then("nobody but the operator is let in")
def _(world: World) -> None:
    for clause, status, answer in world.notes["tried"]:
        world.check("OPS-1", clause, answer.status == status, f"{answer}, should be {status}", answer)


@given("rows of the artist that never got ready, with names in many scripts")
def _(world: World) -> None:
    world.notes["planted"] = plant_in_disorder(world)


@when("the operator reads all rows and all objects")
def _(world: World) -> None:
    reads = ("exportMediaRecords", "exportMediaObjects", "exportMediaRecords")
    world.notes["exports"] = [world.client.call(name) for name in reads]


@then("every row is there once, whatever became of it")
def _(world: World) -> None:
    check_rows(world, world.notes["exports"][0])


@then("every object that a row names is there once and in its place")
def _(world: World) -> None:
    before, objects, after = (lines_of(answer) or [] for answer in world.notes["exports"])
    check_objects(world, before, objects, after)


@when("the operator reads again and again while pictures come and go")
def _(world: World) -> None:
    world.notes["early"] = [world.client.call(name) for name in ("exportMediaRecords", "exportMediaObjects")]
    world.notes["reads"] = read_under_load(world)


@then("what was there before is in every reading, once and in its place")
def _(world: World) -> None:
    for records, objects in world.notes["reads"]:
        check_under_load(world, records, objects)


def try_as_others(world: World) -> list[tuple[str, int, Answer]]:
    """Every operator read by everybody who may not read: by clause, with the status that it should have."""
    call = world.client.call
    found = []
    for name in _OPERATOR_READS:
        allowed = call(name)
        told = f"{allowed} to the operator, should be 200"
        world.check.presume("OPS-2", "every-row", allowed.status == 200, told, allowed)
        found += [
            ("missing-401", 401, call(name, role=None)),
            ("missing-401", 401, call(name, role=None, headers={"Authorization": ""})),
            ("unknown-401", 401, call(name, token=secrets.token_urlsafe(24))),
            ("unknown-401", 401, call(name, token=world.stack.place.credentials["operator"][:-1])),
            ("write-403", 403, call(name, role="write")),
        ]
    return found


def plant_in_disorder(world: World) -> dict[str, str]:
    """Rows whose keys sort differently by bytes than by letters, none of them ready: the status of each by its ID."""
    if not world.check.due("OPS-2", "non-ready-rows"):
        return {}
    keys = (
        "media/b/1.jpg",
        "media/Z/1.jpg",
        "media/a/1.jpg",
        "media/é/1.jpg",
        "media/a-/1.jpg",
        "media/a/10.jpg",
        "media/a/2.jpg",
    )
    found = {}
    for place, key in enumerate(keys):
        status = ("pending", "processing", "failed")[place % 3]
        where = {"storageProvider": "s3" if place % 2 else "azure", "storageLocation": "Old" if place == 3 else "media"}
        found[insert_row(world, status=status, storageKey=key, **where)] = status
    return found


def lines_of(answer: Answer) -> list[Line] | None:
    """The lines of an export, or None where one of them is broken or it is none."""
    try:
        lines = [json.loads(line) for line in answer.body.splitlines()] if answer.status == 200 else None
    except ValueError:
        return None
    return lines if lines is not None and all(isinstance(line, dict) for line in lines) else None


def check_rows(world: World, answer: Answer) -> None:
    """No row twice; every upload and every planted row there, the latter with its status."""
    rows = lines_of(answer)
    if rows is None:
        world.check.stop("OPS-2", "every-row", f"{answer}, and what came is no export", answer)
    seen = Counter(row.get("ID") for row in rows)
    twice = [each for each, times in seen.items() if times > 1]
    known = [*(upload.item["ID"] for upload in world.uploads), *world.notes["planted"]]
    lacking = [each for each in known if each not in seen]
    world.check("OPS-2", "every-row", not twice, f"the record export has {twice[:2]} more than once", answer)
    world.check("OPS-2", "every-row", not lacking, f"the record export is without {lacking[:2]}", answer)
    statuses = {row.get("ID"): row.get("status") for row in rows}
    for media, status in world.notes["planted"].items():
        found = statuses.get(media)
        world.check("OPS-2", "non-ready-rows", found == status, f"a {status} row is in the export as {found}", answer)


def check_objects(world: World, before: list[Line], objects: list[Line], after: list[Line]) -> None:
    """A line for each locator in a row, and no other; in order. Rows that others make or delete meanwhile may have one."""
    answer = world.notes["exports"][1]
    # An old row names its objects by URLs, and whether an export follows those is its own affair.
    rows = [*before, *after]
    old = {row["ID"] for row in rows if row.get("legacyURL") or row.get("legacyThumbnailURL")}
    counts = [Counter(each for row in some if row["ID"] not in old for each in _named(row)) for some in (before, after)]
    wanted, allowed = counts[0] & counts[1], counts[0] | counts[1]
    found = Counter(_line(each) for each in objects if each.get("mediaID") not in old)
    world.check.presume("OPS-2", "every-row", len(wanted) >= len(world.uploads) * 2, "the rows name too few objects", answer)
    lacking, surplus = list((wanted - found).elements()), list((found - allowed).elements())
    told = f"the object export lacks {lacking[:1]} ({len(lacking)} lines) and has {surplus[:1]} ({len(surplus)}) too many"
    world.check("OPS-2", "every-object", not lacking and not surplus, told, answer)
    check_order(world, "object-order", objects, answer)


def _named(row: Line) -> list[tuple[Any, ...]]:
    """The objects that a row names by a whole locator."""
    places = [("canonical", [row.get(name) for name in CANONICAL]), ("thumbnail", [row.get(name) for name in THUMBNAIL])]
    return [(*place, kind, row["ID"], row.get("status")) for kind, place in places if all(place)]


def _line(each: Line) -> tuple[Any, ...]:
    return (*(each.get(name) for name in (*CANONICAL, "artifactKind", "mediaID", "status")),)


def check_order(world: World, clause: str, objects: list[Line], answer: Answer) -> None:
    """By provider, location and the bytes of the key."""
    order = [tuple(str(each.get(name)).encode() for name in CANONICAL) for each in objects]
    wrong = next((place for place in range(1, len(order)) if order[place - 1] > order[place]), None)
    told = f"line {wrong} of {len(order)}: {order[wrong] if wrong else ''} comes after {order[wrong - 1] if wrong else ''}"
    world.check("OPS-2", clause, wrong is None, told, answer)


def read_under_load(world: World) -> list[tuple[Answer, Answer]]:
    """Both exports, again and again, while pictures are uploaded and some of those deleted all the while."""
    other = world.create_artist()
    files = [world.corpus.upload(row) for row in world.corpus.of("small")]
    over = threading.Event()

    def come_and_go() -> None:
        for place in itertools.count():
            if over.is_set():
                return
            answer = world.send_file(files[place % len(files)], artist=other)
            if place % 2 and answer.status == 201:
                world.client.call("deleteArtistMedia", other, answer.json["media"]["ID"])

    with ThreadPoolExecutor(_UPLOADERS) as pool:
        coming = [pool.submit(come_and_go) for _ in range(_UPLOADERS)]
        try:
            read = world.client.call
            found = [(read("exportMediaRecords"), read("exportMediaObjects")) for _ in range(_READINGS)]
        finally:
            over.set()
    for each in coming:
        each.result()
    return found


def check_under_load(world: World, records: Answer, objects: Answer) -> None:
    """Every row and object that was there before is there once, and all lines are whole and in order."""
    early_rows, early_objects = (lines_of(answer) or [] for answer in world.notes["early"])
    early_rows = [row for row in early_rows if world.client.care.may_be_ours(str(row.get("artistID")))]
    ours = {row.get("ID") for row in early_rows}
    early_objects = [each for each in early_objects if each.get("mediaID") in ours]
    there = len(early_objects) >= len(early_rows) >= len(world.uploads)
    world.check.presume("OPS-2", "every-row", there, "the exports lack rows before anybody uploads", *world.notes["early"])
    rows, lines = lines_of(records), lines_of(objects)
    if world.check("OPS-2", "records-under-load", rows is not None, f"{records}, with a broken line", records):
        seen = Counter(row.get("ID") for row in rows or [])
        wrong = {row["ID"]: seen[row["ID"]] for row in early_rows if seen[row["ID"]] != 1}
        once = max(seen.values(), default=1) == 1
        told = (
            f"under load the record export has {len(seen)} rows, of earlier ones so many times: {dict(list(wrong.items())[:2])}"
        )
        world.check("OPS-2", "records-under-load", not wrong and once, told, records)
    if world.check("OPS-2", "objects-under-load", lines is not None, f"{objects}, with a broken line", objects):
        wanted, found = Counter(map(_line, early_objects)), Counter(map(_line, lines or []))
        differ = [line for line, times in wanted.items() if found[line] != times]
        told = f"under load the object export has {len(differ)} earlier objects not once, the first: {differ[:1]}"
        world.check("OPS-2", "objects-under-load", not differ, told, objects)
        check_order(world, "objects-under-load", lines or [], objects)
