"""Steps about deleting artists and single items."""

from __future__ import annotations

from pytest_bdd import given, then, when

from lanes.steps.cards import all_cards
from lanes.steps.hooks import insert_row
from lanes.steps.remains import objects, prove_records, records
from lanes.steps.saving import another, failing_urls
from lanes.steps.sync import stored_by_item
from lanes.steps.world import World


@given("another artist with the same pictures")
def _(world: World) -> None:
    world.notes["other"], world.notes["other items"] = another(world, len(world.uploads))


@when("the artist is deleted")
def _(world: World) -> None:
    note_what_there_is(world, "ART-5", "rows-gone", "objects-gone")
    add_unfinished_row(world)
    world.notes["deletion"] = world.client.call("deleteArtist", world.artist)


@then("the artist is gone for everybody")
def _(world: World) -> None:
    check_artist_gone(world)


@then("the artist's pictures are gone from the records and the store")
def _(world: World) -> None:
    check_pictures_gone(world)


@then("the other artist still has every picture")
def _(world: World) -> None:
    check_others_kept(world, "ART-5", "others-kept", "others-kept")


def note_what_there_is(world: World, rule: str, rows: str, stored: str) -> None:
    """The items that are there, proven to be in records and store as far as the rule looks there, and by their URLs."""
    items = world.collection()
    world.shown()  # what nobody has asked for yet, no cache could go on serving
    world.notes["items"] = items
    if world.check.due(rule, rows):
        prove_records(world, items)
    if world.check.due(rule, stored):
        world.notes["objects"] = stored_by_item(world, items)


def add_unfinished_row(world: World) -> None:
    """A row of the artist that no read shows, where the target lets a test make one."""
    if "states" in world.check.plan.target.capabilities and world.check.due("ART-5", "rows-gone"):
        insert_row(world, status="pending")


def check_artist_gone(world: World) -> None:
    """204; then neither the artist nor the list is there, and no card."""
    deletion = world.notes["deletion"]
    world.check("ART-5", "artist-gone", deletion.status == 204, f"{deletion}, should be 204", deletion)
    for operation in ("readArtist", "listArtistMedia"):
        answer = world.client.call(operation, world.artist)
        world.check("ART-5", "artist-gone", answer.status == 404, f"{answer} after the deletion, should be 404", answer)
    cards = all_cards(world)
    world.check.presume("ART-7", "none-lost", world.notes["other"] in cards, "the other artist has no card")
    world.check("ART-5", "artist-gone", world.artist not in cards, "the deleted artist still has a card")


def check_pictures_gone(world: World) -> None:
    """No row of the artist, no object of the items, and their URLs answer 404."""
    if world.check.due("ART-5", "rows-gone"):
        rows = [row for row in records(world) if row["artistID"] == world.artist]
        told = f"the records still have {len(rows)} rows of the artist, the first: {[row['status'] for row in rows[:1]]}"
        world.check("ART-5", "rows-gone", not rows, told)
    if world.check.due("ART-5", "urls-gone"):
        for item in world.notes["items"]:
            for key in ("src", "thumbnailSrc"):
                answer = world.fetch(item[key])
                world.check("ART-5", "urls-gone", answer.status == 404, f"{key}: {answer}, should be 404", answer)
    if world.check.due("ART-5", "objects-gone"):
        stored = objects(world)
        for item, theirs in world.notes["objects"].items():
            still = sorted(theirs & stored.keys())
            world.check("ART-5", "objects-gone", not still, f"the store still holds {still} of {item}")


def check_others_kept(world: World, rule: str, kept: str, renders: str) -> None:
    """The other artist's collection reads as before, and all of it renders."""
    was, now = world.notes["other items"], world.collection(world.notes["other"])
    world.check(rule, kept, now == was != [], f"the other artist had {len(was)} items, and has {len(now)}, or others")
    failing = failing_urls(world, was)
    world.check(rule, renders, not failing, f"{len(failing)} of the other's URLs fail, the first: {failing[:1]}", *failing[:1])
