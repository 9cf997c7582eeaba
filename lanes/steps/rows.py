"""Steps about what the records say of a picture."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

from pytest_bdd import given, then, when

from lanes.steps.hooks import insert_row
from lanes.steps.reads import PROFILE_FIELDS, cards_in, page_with, rows_of_uploads
from lanes.steps.remains import prove_records, records
from lanes.steps.world import Uploaded, World

KINDS = {1: "image", 2: "video", 3: "audio"}
_PURPOSES = frozenset({"profile", "gallery", "clip", "track"})
_STATUSES = frozenset({"pending", "processing", "ready", "failed"})
_UNFINISHED = ("pending", "processing", "failed")
_METADATA = (
    *("artistID", "kind", "purpose", "status", "originalFileName", "mimeType", "byteSize", "width", "height"),
    *("altText", "sortOrder", "blurDataURL"),
)
_STORE = re.compile(
    r"(?i)[a-z][a-z0-9+.-]*://|amazonaws\.com|core\.windows\.net|cloudfront\.net|azureedge\.net|localhost|127\.0\.0\.1"
)


@given("an artist whose first profile pictures never got ready")
def _(world: World) -> None:
    world.artist = world.create_artist()
    world.notes["unfinished"] = add_unfinished(world)


@when("pictures are uploaded one by one for the profile and the gallery")
def _(world: World) -> None:
    upload_counting(world)


@when("pictures are uploaded side by side while the records are read")
def _(world: World) -> None:
    world.notes["exports"] = upload_while_reading(world)


@when("a gallery picture and a profile picture are added")
def _(world: World) -> None:
    world.notes["shown"] = add_and_look(world)


@then("each is one row that says what it is, what it is for and how far it is")
def _(world: World) -> None:
    for upload, (_, row) in zip(world.uploads, rows_of_uploads(world), strict=True):
        check_vocabularies(world, upload, row)
    check_one_row(world)


@then("records and reads agree on what kind of thing each is")
def _(world: World) -> None:
    check_kinds(world)


@then("the records know of each what the public knows, and nothing of the store's address")
def _(world: World) -> None:
    for item, row in rows_of_uploads(world):
        check_metadata(world, item, row)


@then("the records have those that never got ready")
def _(world: World) -> None:
    check_exported(world)


@then("the public sees nothing of them")
def _(world: World) -> None:
    check_hidden(world)


@then("none of them was ever in the records before it was ready")
def _(world: World) -> None:
    check_ready_only(world)


def upload_counting(world: World) -> None:
    """Uploads one after another, noting which rows they have added."""
    before = {row["ID"] for row in records(world)}
    for row, purpose in zip(world.corpus.of("small"), ("profile", "gallery", "gallery"), strict=False):
        world.accepted(row, purpose)
    world.notes["after"] = records(world)
    world.notes["added"] = [row["ID"] for row in world.notes["after"] if row["ID"] not in before]
    world.notes["rows by ID"] = {row["ID"]: row for row in world.notes["after"]}


def check_vocabularies(world: World, upload: Uploaded, row: dict[str, Any]) -> None:
    """Three fields, each a word of its own vocabulary and the right one."""
    purpose = dict(upload.answer.request.form)["purpose"]
    for clause, field, words, right in (
        ("kind-vocabulary", "kind", frozenset(KINDS.values()), "image"),
        ("purpose-vocabulary", "purpose", _PURPOSES, purpose),
        ("status-vocabulary", "status", _STATUSES, "ready"),
    ):
        found = row.get(field)
        world.check("REC-1", clause, found in words and found == right, f"{row['ID']}: {field} is {found!r}, should be {right}")


def check_one_row(world: World) -> None:
    """The uploads added a row each and no other."""
    added, wanted = sorted(world.notes["added"]), sorted(upload.item["ID"] for upload in world.uploads)
    world.check("REC-1", "one-row", added == wanted, f"{len(wanted)} uploads added {len(added)} rows: {added}")


def check_kinds(world: World) -> None:
    """mediaTypeID 1 for a picture; kind is what mediaTypeID stands for in every row and every read."""
    if not world.check.due("REC-6", "type-id"):
        return
    own = rows_of_uploads(world)
    for _, row in own:
        found = row.get("mediaTypeID")
        world.check("REC-6", "type-id", found == 1 and found is not True, f"{row['ID']}: mediaTypeID is {found!r}, should be 1")
    for row in world.notes["after"]:
        kind = KINDS.get(row.get("mediaTypeID", 0))
        told = f"{row['ID']}: kind is {row.get('kind')!r}, mediaTypeID {row.get('mediaTypeID')} stands for {kind}"
        world.check("REC-6", "exports-agree", row.get("kind") == kind, told)
    kinds = {row["ID"]: KINDS.get(row.get("mediaTypeID", 0)) for _, row in own}
    for name in ("listArtistMedia", "readArtist"):
        answer = world.client.call(name, world.artist)
        body = answer.json if isinstance(answer.json, dict) else {}
        for item in body.get("media") or body.get("artist", {}).get("media") or []:
            told = f"{name}: kind of {item.get('ID')} is {item.get('kind')!r}, its row's is {kinds.get(item.get('ID'))}"
            world.check("REC-6", "reads-agree", item.get("kind") == kinds.get(item.get("ID")), told, answer)


def check_metadata(world: World, item: dict[str, Any], row: dict[str, Any]) -> None:
    """The row has the metadata of the item, no URL or host of a store, and nothing in its legacy fields."""
    differ = {field: (row.get(field, "absent"), item[field]) for field in _METADATA if row.get(field, "absent") != item[field]}
    world.check("REC-7", "metadata", not differ, f"{row['ID']}: records and item differ: {differ}")
    own = urlsplit(str(item["src"])).netloc
    held = {
        name: value
        for name, value in row.items()
        if isinstance(value, str) and name != "blurDataURL" and (_STORE.search(value) or own in value)
    }
    world.check("REC-7", "no-provider-url", not held, f"{row['ID']}: an address in {held}")
    legacy = {name: row.get(name, "absent") for name in ("legacyURL", "legacyThumbnailURL")}
    world.check("REC-7", "legacy-empty", set(legacy.values()) == {None}, f"{row['ID']}: {legacy}, should be null")


def add_unfinished(world: World) -> dict[str, str]:
    """A row of each unfinished status, whose object is really there, before any other: its status by its ID."""
    if not world.check.due("REC-8", "exported"):
        return {}
    own, world.artist = world.artist, world.create_artist()
    other = world.upload(world.corpus.of("small")[0])
    prove_records(world, [other.item])
    row = next(row for row in records(world) if row["ID"] == other.item["ID"])
    world.artist = own
    world.uploads.clear()
    place = {name: row[name] for name in ("storageProvider", "storageLocation", "storageKey")}
    return {insert_row(world, purpose="profile", status=status, **place): status for status in _UNFINISHED}


def add_and_look(world: World) -> list[tuple[str, dict[str, Any], dict[str, Any]]]:
    """What artist and card show before there is a picture, with one in the gallery, and with one for the profile."""
    found = [("without a picture", *_artist_and_card(world))]
    for row, purpose in zip(world.corpus.of("small"), ("gallery", "profile"), strict=False):
        world.accepted(row, purpose)
        found.append((f"with a {purpose} picture", *_artist_and_card(world)))
    return found


def _artist_and_card(world: World) -> tuple[dict[str, Any], dict[str, Any]]:
    # Whatever else is wrong with the answers: an item that is not ready violates their schema too.
    answer = world.client.call("readArtist", world.artist)
    world.check.presume("UPL-1", "listed", answer.status == 200, f"{answer}, should be 200", answer)
    return answer.json["artist"], cards_in(page_with(world, world.artist))[world.artist]


def check_exported(world: World) -> None:
    """Each row that is not ready is in the records, with its status."""
    rows = {row["ID"]: row for row in records(world)}
    for media, status in world.notes["unfinished"].items():
        found = rows.get(media, {}).get("status")
        world.check("REC-8", "exported", found == status, f"a {status} row is in the records as {found!r}")


def check_hidden(world: World) -> None:
    """No read shows one of them, and artist and card have no profile image until a ready picture gives one."""
    unfinished = world.notes["unfinished"]
    for when_, artist, on_card in world.notes["shown"]:
        shown = [item["ID"] for item in artist["media"] if item["ID"] in unfinished]
        world.check("REC-8", "hidden", not shown, f"readArtist shows {[unfinished[each] for each in shown]} rows {when_}")
        right = [None, None, None]
        if "profile" in when_:
            item = world.uploads[-1].item
            right = [item[key] for key in PROFILE_FIELDS.values()]
        for what, found in (("artist", artist), ("card", on_card)):
            image = [found[name] for name in PROFILE_FIELDS]
            told = f"the {what} {when_} shows {image[0]}, should be {right[0]}"
            world.check("REC-8", "not-profile", image == right, told)
    answer = world.client.call("listArtistMedia", world.artist)
    world.check.presume("UPL-1", "listed", answer.status == 200, f"{answer}, should be 200", answer)
    listed = [item["ID"] for item in answer.json["media"]]
    own = [upload.item["ID"] for upload in world.uploads]
    world.check("REC-8", "hidden", listed == own, f"listArtistMedia shows {listed}, ready are {own}")


def upload_while_reading(world: World) -> list[list[dict[str, Any]]]:
    """The records as they were read, again and again, while pictures of the artist came, some of them refused."""
    pictures = [*world.corpus.of("small"), *world.corpus.of("damaged")[:2]]
    exports = []
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(world.send, picture) for picture in pictures]
        while not all(each.done() for each in sent):
            exports.append(records(world))
        world.uploads += [upload for upload in (each.result() for each in sent) if _is_accepted(world, upload)]
    exports.append(records(world))
    return exports


def _is_accepted(world: World, upload: Uploaded) -> bool:
    right = upload.answer.status == upload.row.status
    clause = ("UPL-1", "created") if upload.row.status == 201 else ("ING-12", "refused")
    world.check.presume(*clause, right, f"{upload.row.id}: {upload.answer}", upload.answer)
    return upload.answer.status == 201


def check_ready_only(world: World) -> None:
    """In no export a row of the artist was anything but ready, and in the last one each upload has its row and no other has."""
    exports = world.notes["exports"]
    wanted = {upload.item["ID"] for upload in world.uploads}
    for rows in exports:
        own = {row["ID"]: row["status"] for row in rows if row["artistID"] == world.artist}
        early = sorted({status for status in own.values() if status != "ready"})
        world.check("UPL-8", "none-while-uploading", not early, f"rows were {early} while uploads went on")
    last = {row["ID"]: row["status"] for row in exports[-1] if row["artistID"] == world.artist}
    for media in wanted:
        first = next((row["status"] for rows in exports for row in rows if row["ID"] == media), None)
        world.check("UPL-8", "ready", first == "ready", f"{media} was {first!r} in the first export that had it")
    left = {media: status for media, status in last.items() if media not in wanted}
    world.check("UPL-8", "none-after-refusal", not left, f"after refusals there are rows that are {sorted(left.values())}")
