"""Steps that submit a draft: what goes out, in which order, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pytest_bdd import then, when

from lanes.browsing.draft import Draft, Entry
from lanes.browsing.traffic import Sent
from lanes.browsing.writes import creations, form_of, patches, syncs, uploads
from lanes.care import artists_in
from lanes.steps.drafting import drafted, entries, used
from lanes.steps.world import World


@when("the draft is submitted")
def _(world: World) -> None:
    submit(world)


@when("the draft is submitted, if it can be")
def _(world: World) -> None:
    if drafted(world).draft.can("submit"):
        submit(world)


@then("the artist was there before any picture was sent")
def _(world: World) -> None:
    check_artist_first(world)


@then("each picture was sent once, as it was described")
def _(world: World) -> None:
    check_all_uploaded(world)


@then("only what is new was sent")
def _(world: World) -> None:
    check_new_files_only(world)
    saved = len(syncs(drafted(world).draft.writes))
    world.check("DRF-5", "one-sync", saved <= 1, f"the edit saves the collection {saved} times")


@then("the order was saved only if that was needed, and last")
def _(world: World) -> None:
    check_sync(world)


@then("the order was not saved, for it was right already")
def _(world: World) -> None:
    saved = syncs(drafted(world).draft.writes)
    world.check(
        "DRF-2", "no-needless-sync", not saved, "one picture was sent as it was drafted, and the collection is saved too"
    )


@then("the artist has the pictures that the draft showed")
def _(world: World) -> None:
    check_as_drafted(world)


def submit(world: World, role: str = "submit") -> None:
    """Submits what the form shows, and waits for what comes of it. The artist becomes the scenario's."""
    made = drafted(world)
    made.wanted = entries(world)
    used(world, Draft.submit, role)
    made.gate.settle()
    form = made.draft.form
    made.problem = f"; the draft says {form.problem!r}" if form and form.problem else ""
    # The answer may be gone with the page; then where pictures were sent to tells.
    created = [each.json["artist"]["ID"] for each in creations(made.draft.writes) if each.status == 201 and each.json]
    asked = [artist for each in uploads(made.draft.writes) for artist in artists_in(each.url)]
    world.artist = ([*asked, *created] or [world.artist])[-1]


def check_artist_first(world: World) -> None:
    """One request creates or changes the artist, and is answered before the first upload begins."""
    writes = drafted(world).draft.writes
    first, sent = [*creations(writes), *patches(writes)], uploads(writes)
    told = f"{len(first)} requests create or change the artist, and should be one"
    if world.check("DRF-2", "artist-first", len(first) == 1, told) and sent:
        waited = 0 < first[0].answered < min(each.began for each in sent)
        world.check("DRF-2", "artist-first", waited, "a picture is sent before the artist is there")


def check_all_uploaded(world: World) -> None:
    """Each file is uploaded once, with the purpose and alternative text of its entry."""
    made = drafted(world)
    taken = [form_of(each) for each in accepted(made.draft.writes)]
    names = sorted(form["file"] for form in taken)
    wanted = sorted(str(entry.file) for entry in made.wanted if entry.item is None)
    world.check(
        "DRF-2", "all-uploaded", names == wanted, f"{_listed(wanted)} were drafted, and {_listed(names)} uploaded{made.problem}"
    )
    by_name = {form["file"]: form for form in taken}
    for entry in made.wanted:
        form = by_name.get(str(entry.file))
        if entry.item is None and form:
            found = _sent(form)
            told = f"{entry.file} is uploaded with {_described(found)}, and was drafted with {_described(_details(entry))}"
            world.check("DRF-2", "all-uploaded", found == _details(entry), told)


def check_new_files_only(world: World) -> None:
    """The uploads of an edit are of the files that were chosen."""
    made = drafted(world)
    sent = sorted(form_of(each)["file"] for each in accepted(made.draft.writes))
    wanted = sorted(file.name for file in made.files)
    world.check("DRF-5", "new-files-only", sent == wanted, f"{_listed(wanted)} are new, and {_listed(sent)} were uploaded")


def check_sync(world: World) -> None:
    """Where the uploads left the collection otherwise than drafted, one sync comes last; where they did not, none."""
    made = drafted(world)
    writes = made.draft.writes
    saved, sent = syncs(writes), accepted(writes)
    held = {media for media, _, _ in made.details}
    # What the artist had is known by its ID, and what was sent by its file, also once it has become an item.
    collection = world.collection()
    there = [
        (str(item["ID"]) if item["ID"] in held else str(item["originalFileName"]), item["purpose"], item["altText"])
        for item in collection
    ]
    names = _names(collection)
    wanted = [
        (str(entry.item) if entry.item in held else entry.file or names.get(str(entry.item), "nothing"), *_details(entry))
        for entry in made.wanted
    ]
    uploaded = [(form["file"], *_sent(form)) for form in map(form_of, sorted(sent, key=_place))]
    left = [*made.details, *uploaded] if saved else there  # what nobody has saved is as the uploads left it
    if left == wanted:
        world.check("DRF-2", "no-needless-sync", not saved, "all was as drafted after the uploads, and the collection is saved")
        return
    told = f"after the uploads there was {_told(left)}; drafted was {_told(wanted)}; the collection is saved {len(saved)} times"
    if world.check("DRF-2", "sync-last", len(saved) == 1, told) and sent:
        last = saved[0].began > max(each.answered for each in sent)
        world.check("DRF-2", "sync-last", last, "the collection is saved before the last picture was answered")


def check_as_drafted(world: World) -> None:
    """The collection has the draft's items in its order, with its details, and the artist has its name."""
    made = drafted(world)
    collection = world.collection()
    found = [(str(item["originalFileName"]), item["purpose"], item["altText"]) for item in collection]
    names = _names(collection)
    wanted = [(entry.file or names.get(str(entry.item), "nothing"), *_details(entry)) for entry in made.wanted]
    world.check("DRF-2", "as-drafted", found == wanted, f"drafted was {_told(wanted)}; there is {_told(found)}{made.problem}")
    name = str(world.read_artist()["name"])
    world.check("DRF-2", "as-drafted", name.startswith(made.name), f"the artist is called {name!r}, drafted as {made.name!r}")


def accepted(writes: list[Sent]) -> list[Sent]:
    """The uploads that were accepted."""
    return [each for each in uploads(writes) if each.status == 201]


def _place(sent: Sent) -> tuple[int, int]:
    """Where an upload has put its item, as far as its answer is known; else they are in the order of their answers."""
    answer = sent.json
    return (int(answer["media"]["sortOrder"]) if answer else 0, sent.answered)


def _details(entry: Entry) -> tuple[str | None, str | None]:
    return entry.purpose, entry.alt_text or None


def _sent(form: Mapping[str, str]) -> tuple[str | None, str | None]:
    return form.get("purpose"), form.get("altText") or None


def _names(collection: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    return {str(item["ID"]): str(item["originalFileName"]) for item in collection}


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names) or "nothing"


def _described(details: tuple[str | None, str | None]) -> str:
    purpose, text = details
    return f"the purpose {purpose} and " + (f"the text {text!r}" if text else "no text")


def _told(items: Iterable[tuple[str, str | None, str | None]]) -> str:
    return "; ".join(f"{name} with {_described((purpose, text))}" for name, purpose, text in items) or "nothing"
