"""Steps about what the store holds of an upload."""

from __future__ import annotations

import base64
from dataclasses import dataclass

from pytest_bdd import then, when

from lanes.steps.artifacts import pairs
from lanes.steps.caching import directives_of
from lanes.steps.reads import rows_of_uploads
from lanes.steps.remains import objects, read_again
from lanes.steps.whereabouts import LOCATORS
from lanes.steps.world import Shown, Uploaded, World
from lanes.stores.store import Stored


@dataclass(frozen=True, slots=True)
class Addition:
    """An upload, and the objects that the store had more afterwards."""

    upload: Uploaded
    stored: list[Stored]
    elsewhere: list[str]  # what was written where new objects do not go


@when("pictures are uploaded one at a time while somebody watches the store")
def _(world: World) -> None:
    world.notes["additions"] = upload_watched(world)


@then("each adds the picture and its thumbnail to the store, and nothing else")
def _(world: World) -> None:
    for addition in world.notes["additions"]:
        check_two_objects(world, addition)


@then("its preview is stored nowhere")
def _(world: World) -> None:
    for addition in world.notes["additions"]:
        check_blur_inline(world, addition)


@then("each picture and each thumbnail lies where the records say, as it is served")
def _(world: World) -> None:
    for (item, row), pair in zip(rows_of_uploads(world), pairs(world), strict=True):
        for shown in pair:
            check_at_locator(world, str(item["ID"]), row, shown)


def upload_watched(world: World) -> list[Addition]:
    """Uploads of each format, larger than their thumbnails, with what the store had before and after."""
    if not world.check.due("SCO-4", "two-objects"):
        return []
    found = []
    for row in world.corpus.of("ordinary"):
        before, mark = objects(world).keys(), world.gateway.record.mark()
        upload = world.upload(row)
        after = objects(world)
        puts = world.gateway.record.since(mark, operation="put")
        elsewhere = sorted({f"{call.location}/{key}" for call in puts for key in call.keys if call.location != world.location})
        stored = [read_again(world, after[name]) or after[name] for name in sorted(after.keys() - before)]
        found.append(Addition(upload, stored, elsewhere))
    return found


def check_two_objects(world: World, addition: Addition) -> None:
    """Two objects more, with the bytes that src and thumbnailSrc serve."""
    names = [stored.name for stored in addition.stored] + addition.elsewhere
    told = f"{addition.upload.row.id} added {len(names)} objects: {names[:4]}"
    world.check("SCO-4", "two-objects", len(names) == 2, told, addition.upload.answer)
    served = sorted(shown.answer.body for shown in world.shown([addition.upload]))
    held = sorted(stored.data or b"" for stored in addition.stored)
    sizes = [[len(each) for each in some] for some in (held, served)]
    told = f"{addition.upload.row.id}: the objects have {sizes[0]} bytes, served are {sizes[1]}"
    world.check("SCO-4", "canonical-and-thumbnail", held == served, told, addition.upload.answer)


def check_blur_inline(world: World, addition: Addition) -> None:
    """No object has the bytes of the preview."""
    url = str(addition.upload.item["blurDataURL"])
    blur = base64.b64decode(url.partition(",")[2])
    there = [stored.name for stored in addition.stored if blur in (stored.data or b"")]
    world.check(
        "SCO-4", "blur-inline", not there, f"{addition.upload.row.id}: its preview is stored at {there}", addition.upload.answer
    )


def check_at_locator(world: World, media: str, row: dict[str, object], shown: Shown) -> None:
    """The object that the locator names is in its provider's store, with the bytes, type and cache policy promised."""
    exists = f"{shown.artifact}-exists"
    if not world.check.due("LOC-7", exists):
        return
    provider, location, key = (str(row[name]) for name in LOCATORS[shown.artifact])
    store = world.stack.grounds.stores.get(provider)
    stored = store.read(location, key) if store and location == world.location else None
    told = f"{media}: {provider}, {location}, {key}"
    if not world.check("LOC-7", exists, stored is not None, f"there is no object at {told}", *shown.seen):
        return
    assert stored is not None
    same = stored.data == shown.answer.body
    world.check(
        "LOC-7", "bytes", same, f"{told}: {stored.size} bytes, {len(shown.answer.body)} are served, or others", *shown.seen
    )
    kind = stored.content_type
    world.check(
        "LOC-7", "content-type", kind == row["mimeType"], f"{told}: {kind}, the record says {row['mimeType']}", *shown.seen
    )
    policy = directives_of(stored.cache_control or "")
    kept = policy == {"public": "", "max-age": "31536000", "s-maxage": "86400", "immutable": ""}
    world.check("LOC-7", "cache-policy", kept, f"{told}: its cache policy is {stored.cache_control!r}", *shown.seen)
