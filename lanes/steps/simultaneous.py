"""Steps about many uploads at once, and about uploads to artists who are being deleted."""

from __future__ import annotations

import time
from contextlib import ExitStack
from dataclasses import dataclass, replace

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.oracle import pictures
from lanes.steps.races import LAST_BYTES, arrive, together
from lanes.steps.remains import objects, prove_sight, records
from lanes.steps.world import Uploaded, World


@dataclass(frozen=True, slots=True)
class Vanished:
    """An artist who was deleted during an upload: what came of both, and what the store held before the upload."""

    how: str
    artist: str
    upload: Answer
    deletion: Answer
    stored: frozenset[str]


@when("eight pictures are uploaded at the same moment")
def _(world: World) -> None:
    world.uploads = upload_at_once(world, 8)


@when("artists are deleted while pictures are uploaded to them")
def _(world: World) -> None:
    prove_sight(world, "UPL-14")
    world.notes["vanished"] = [vanish_between(world), *(vanish_during(world, each) for each in range(5))]


@then("each of the eight is accepted")
def _(world: World) -> None:
    for upload in world.uploads:
        world.check("UPL-10", "all-accepted", upload.answer.status == 201, f"{upload.answer}, should be 201", upload.answer)


@then("the collection has each of them once, at a place of its own")
def _(world: World) -> None:
    check_all_there(world)


@then("each of them shows its own picture")
def _(world: World) -> None:
    for shown in world.shown(accepted(world)):
        ideal = world.corpus.upright(shown.upload.row)
        index = pictures.similarity(pictures.decode(shown.answer.body), ideal)
        told = f"{shown}: similarity to its upload is {index:.2f}, should be {pictures.LOOKS_ALIKE} or more"
        world.check("UPL-10", "own-picture", index >= pictures.LOOKS_ALIKE, told, *shown.seen)


@then("each deletion succeeds")
def _(world: World) -> None:
    for each in world.notes["vanished"]:
        held = each.deletion.status == 204
        world.check("UPL-14", "deletion-204", held, f"{each.how}: {each.deletion}, should be 204", each.deletion)


@then("each upload is refused, or accepted and deleted with the artist")
def _(world: World) -> None:
    for each in world.notes["vanished"]:
        refused = each.upload.status == 404 and each.upload.code == "artist_unknown"
        told = f"{each.how}: {each.upload}, should be 201 or 404 artist_unknown"
        world.check("UPL-14", "one-of-two", refused or each.upload.status == 201, told, each.upload)


@then("nothing is left of any of them")
def _(world: World) -> None:
    for each in world.notes["vanished"]:
        check_vanished(world, each)
    check_nothing_stored(world)


def upload_at_once(world: World, count: int) -> list[Uploaded]:
    """Uploads that are all under way before the first of them ends, with a text each; they end at the same moment."""
    rows = (world.corpus.of("small") * count)[:count]
    with ExitStack() as stack:
        under_way = []
        for place, row in enumerate(rows):
            form = (("purpose", ("gallery", "profile")[place % 2]), ("altText", f"Number {place}"))
            request = world.client.request("uploadArtistMedia", world.artist)
            upload = world.client.by_hand(replace(request, form=form, files=(world.corpus.upload(row),)))
            stack.enter_context(upload).send_all_but(LAST_BYTES)
            under_way.append(upload)
        answers = together(*(upload.finish for upload in under_way))
    return [Uploaded(row, answer) for row, answer in zip(rows, answers, strict=True)]


def accepted(world: World) -> list[Uploaded]:
    """The uploads that were accepted."""
    return [upload for upload in world.uploads if upload.answer.status == 201]


def check_all_there(world: World) -> None:
    """Every accepted item is there once as it was sent, and sortOrder is 0 to n-1."""
    items, uploads = world.collection(), accepted(world)
    ids = [item["ID"] for item in items]
    lost = [upload.item["ID"] for upload in uploads if upload.item["ID"] not in ids]
    world.check("UPL-10", "none-lost", not lost, f"{len(lost)} of {len(uploads)} accepted uploads are not in the collection")
    texts = [item["altText"] for item in items]
    once = len(set(texts)) == len(set(ids)) == len(items) == len(uploads)
    world.check("UPL-10", "none-doubled", once, f"{len(items)} items of {len(uploads)} uploads, with the texts {sorted(texts)}")
    places = [item["sortOrder"] for item in items]
    world.check("UPL-10", "own-order", sorted(places) == list(range(len(uploads))), f"sortOrder {places}")
    answered = {upload.item["ID"]: upload.item["altText"] for upload in uploads}
    mixed = [item["ID"] for item in items if answered.get(item["ID"], item["altText"]) != item["altText"]]
    world.check("UPL-10", "own-picture", not mixed, f"{len(mixed)} items have the text of another upload")


def vanish_between(world: World) -> Vanished:
    """An artist who is deleted between the first and the last byte of an upload."""
    artist, stored = world.create_artist(), _stored(world)
    with world.upload_by_hand(world.corpus.of("small")[0], artist=artist) as upload:
        upload.send_all_but(LAST_BYTES)
        arrive(world)
        deletion = world.client.call("deleteArtist", artist)
        return Vanished("deleted before its last byte", artist, upload.finish(), deletion, stored)


def vanish_during(world: World, wait: int) -> Vanished:
    """An artist who is deleted so many times four milliseconds after the last byte of an upload."""
    artist, stored = world.create_artist(), _stored(world)

    def delete() -> Answer:
        time.sleep(wait * 0.004)
        return world.client.call("deleteArtist", artist)

    with world.upload_by_hand(world.corpus.of("small")[wait], artist=artist) as upload:
        upload.send_all_but(LAST_BYTES)
        answer, deletion = together(upload.finish, delete)
    return Vanished(f"deleted {4 * wait} ms after its last byte", artist, answer, deletion, stored)


def check_vanished(world: World, each: Vanished) -> None:
    """The artist answers 404, so do the URLs of an accepted item, and the records have no row of the artist."""
    answers = [world.client.call(operation, each.artist) for operation in ("readArtist", "listArtistMedia")]
    if each.upload.status == 201:
        item = each.upload.json["media"]
        answers += [world.fetch(item[key]) for key in ("src", "thumbnailSrc")]
    for answer in answers:
        world.check("UPL-14", "nothing-public", answer.status == 404, f"{each.how}: {answer}, should be 404", answer)
    if world.check.due("UPL-14", "nothing-recorded"):
        ids = {each.upload.json["media"]["ID"]} if each.upload.status == 201 else set()
        rows = [row for row in records(world) if row["artistID"] == each.artist or row["ID"] in ids]
        world.check("UPL-14", "nothing-recorded", not rows, f"{each.how}: the records hold {len(rows)} rows of the artist")


def check_nothing_stored(world: World) -> None:
    """The store holds nothing that it did not hold before the uploads."""
    if world.check.due("UPL-14", "nothing-stored"):
        more = sorted(objects(world).keys() - world.notes["vanished"][0].stored)
        world.check("UPL-14", "nothing-stored", not more, f"the store holds {len(more)} objects more, the first: {more[:1]}")


def _stored(world: World) -> frozenset[str]:
    return frozenset(objects(world)) if world.check.due("UPL-14", "nothing-stored") else frozenset()
