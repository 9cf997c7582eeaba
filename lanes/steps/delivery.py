"""Steps about what a render URL serves."""

from __future__ import annotations

import hashlib

from pytest_bdd import then

from lanes.client import Answer
from lanes.oracle import pictures
from lanes.steps.remains import sha256_of, stored_at
from lanes.steps.world import Shown, World


@then("each render URL serves the whole picture")
def _(world: World) -> None:
    world.notes["shown"] = world.shown()
    for shown in world.notes["shown"]:
        check_get(world, shown)


@then("asking for the headers alone tells the same")
def _(world: World) -> None:
    for shown in world.notes["shown"]:
        check_head(world, shown)


@then("what is served is byte for byte what is stored")
def _(world: World) -> None:
    check_stored_bytes(world, world.notes["shown"])


def check_get(world: World, shown: Shown) -> None:
    """The body is a whole picture of the type and length that the headers say."""
    answer = shown.answer
    wrong = ""
    try:
        pictures.decode(answer.body)
    except pictures.Undecodable as error:
        wrong = str(error)
    world.check("DEL-2", "get", not wrong, f"{shown} is no whole picture: {wrong}", *shown.seen)
    check_headers(world, shown, answer)


def check_head(world: World, shown: Shown) -> None:
    """HEAD has the status and headers of GET, and no body."""
    answer = world.fetch(shown.answer.request.url, "HEAD")
    compared = ("Content-Length", "Content-Type", "ETag", "Cache-Control")
    differ = [name for name in compared if answer.headers.get(name) != shown.answer.headers.get(name)]
    same = answer.status == shown.answer.status and not differ and not answer.body
    detail = f"{shown}: {answer} with {len(answer.body)} bytes; headers that differ from GET: {differ or 'none'}"
    world.check("DEL-2", "head", same, detail, answer, shown.answer)
    check_headers(world, shown, answer)


def check_headers(world: World, shown: Shown, answer: Answer) -> None:
    """Content-Length is the number of bytes that GET served, Content-Type the mimeType of the item."""
    method, size, mime = answer.request.method, len(shown.answer.body), shown.upload.item.get("mimeType")
    length, kind = answer.headers.get("Content-Length"), answer.headers.get("Content-Type")
    world.check("DEL-2", "length", length == str(size), f"{method} {shown}: Content-Length {length}, is {size}", answer)
    world.check("DEL-2", "type", kind == mime, f"{method} {shown}: Content-Type {kind}, the item says {mime}", answer)


def check_stored_bytes(world: World, everything: list[Shown]) -> None:
    """The digest of what was served is that of a stored object at the same key."""
    if not world.check.due("DEL-2", "stored-bytes"):
        return
    for shown in everything:
        served = hashlib.sha256(shown.answer.body).hexdigest()
        stored = [sha256_of(world, each) or "gone" for each in stored_at(world, shown.answer.request.url)]
        detail = f"{shown}: served {served[:12]}…, stored {[digest[:12] for digest in stored]}"
        world.check("DEL-2", "stored-bytes", stored == [served], detail, *shown.seen)
