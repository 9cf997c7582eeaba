"""Steps about where an object lies: locators in the records, and nothing of them for the public."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from pytest_bdd import given, then, when

from lanes.bodies import RENDER_URLS, names_in, walk
from lanes.client import Answer
from lanes.contract import key_in
from lanes.steps.hooks import insert_row
from lanes.steps.reads import cards_in, has_word, pages, public_reads, rows_of_uploads
from lanes.steps.world import World

Row = dict[str, Any]

PROVIDERS = frozenset({"azure", "s3", "mocked"})
CANONICAL = ("storageProvider", "storageLocation", "storageKey")
THUMBNAIL = ("thumbnailStorageProvider", "thumbnailStorageLocation", "thumbnailStorageKey")
LOCATORS = {"canonical": CANONICAL, "thumbnail": THUMBNAIL}
# Emulators, and where they answer.
_EMULATOR = re.compile(
    r"(?i)minio|azurite|localstack|moto|emulator|devstoreaccount|fake[-_]?s3|localhost|127\.0\.0\.1|\[?::1\]?|host\.docker"
)
_STORES_HOST = re.compile(
    r"(?i)amazonaws\.com|core\.windows\.net|cloudfront\.net|azureedge\.net|localhost|\b\d+\.\d+\.\d+\.\d+\b"
)
_LOCATION = re.compile(r"[A-Za-z0-9$][A-Za-z0-9._-]*")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:|//")
# What fields of a locator are called, here or elsewhere, in lower case and without anything between their words.
_LOCATOR_FIELD = re.compile(
    r"storage|bucket|container|locator|provider|blobname|blobkey|objectkey|objectname|s3|azure|filekey|filepath|^key$|^path$|^location$"
)
_NOBODY = "nimbus"  # a provider that there is not


@given("one of the artist's pictures is said to lie with a provider that nobody knows")
def _(world: World) -> None:
    world.notes["before"] = add_unresolvable(world)


@then("each canonical and each thumbnail lies with a provider that is known")
def _(world: World) -> None:
    for _, row in rows_of_uploads(world):
        check_providers(world, row)


@then("each of them is found by a name and a key that belong to no provider")
def _(world: World) -> None:
    for _, row in rows_of_uploads(world):
        check_neutral(world, row)


@then("each thumbnail is found by itself and in the same way")
def _(world: World) -> None:
    for _, row in rows_of_uploads(world):
        check_thumbnail_locator(world, row)


@then("each says that it is not really stored")
def _(world: World) -> None:
    for _, row in rows_of_uploads(world):
        check_mocked(world, row)


@when("somebody reads all that is public of the artist")
def _(world: World) -> None:
    world.notes["reads"] = everything_public(world)


@then("nothing tells where the pictures lie")
def _(world: World) -> None:
    for name, answer in world.notes["reads"].items():
        check_tells_nothing(world, name, answer)
    check_no_whereabouts(world)


@then("the artist, the collection and the list of artists can be read all the same")
def _(world: World) -> None:
    world.notes["reads"] = {name: world.client.call(name, world.artist) for name in ("listArtistMedia", "readArtist")}
    check_reads_answer(world, world.notes["reads"])


@then("the other pictures are what and where they were")
def _(world: World) -> None:
    check_rest(world)


@then("each picture has one place for itself and one for its thumbnail")
def _(world: World) -> None:
    for item, row in rows_of_uploads(world):
        check_one_place(world, item, row)


def check_providers(world: World, row: Row) -> None:
    """Provider fields hold one of the three words, and no field of a locator names an emulator."""
    found, thumbnail = row.get(CANONICAL[0]), row.get(THUMBNAIL[0])
    world.check("LOC-1", "canonical-provider", found in PROVIDERS, f"{row['ID']}: storageProvider is {found!r}")
    without = all(row.get(name) is None for name in THUMBNAIL)
    told = f"{row['ID']}: thumbnailStorageProvider is {thumbnail!r}"
    world.check("LOC-1", "thumbnail-provider", thumbnail in PROVIDERS or without, told)
    for name in (*CANONICAL, *THUMBNAIL):
        named = _EMULATOR.search(str(row.get(name)))
        world.check("LOC-1", "no-emulator", named is None, f"{row['ID']}: {name} is {row.get(name)!r}")


def check_neutral(world: World, row: Row) -> None:
    """Location and key of the canonical have the form of LOC-2."""
    wrong = misformed(world, row, *CANONICAL[1:])
    for clause in ("location-plain", "key-without-host", "key-without-query", "key-without-slash"):
        world.check("LOC-2", clause, clause not in wrong, f"{row['ID']}: {wrong.get(clause)}")


def misformed(world: World, row: Row, location_field: str, key_field: str) -> dict[str, str]:
    """What is wrong with a location and a key, by the clause of LOC-2."""
    location, key = row.get(location_field), row.get(key_field)
    own = urlsplit(world.client.base_url).netloc.lower()
    found = {}
    if not isinstance(location, str) or not _LOCATION.fullmatch(location) or _names_host(location, own):
        found["location-plain"] = f"{location_field} is {location!r}"
    told = f"{key_field} is {key!r}"
    if not isinstance(key, str) or not key:
        return found | dict.fromkeys(("key-without-host", "key-without-query", "key-without-slash"), told)
    if _SCHEME.match(key) or "://" in key or _names_host(key.split("/")[0], own):
        found["key-without-host"] = told
    if "?" in key or "#" in key:
        found["key-without-query"] = told
    if key.startswith("/"):
        found["key-without-slash"] = told
    return found


def _names_host(text: str, own: str) -> bool:
    return text.lower() in {own, own.partition(":")[0]} or _STORES_HOST.search(text) is not None


def check_thumbnail_locator(world: World, row: Row) -> None:
    """The thumbnail has provider, location and key, another place than the canonical, and the form of LOC-2."""
    parts, canonical = [row.get(name) for name in THUMBNAIL], [row.get(name) for name in CANONICAL]
    whole = all(isinstance(part, str) and part for part in parts)
    world.check("LOC-3", "whole", whole, f"{row['ID']}: the thumbnail's locator is {parts}")
    world.check("LOC-3", "own", parts != canonical, f"{row['ID']}: the thumbnail's locator is the canonical's, {parts}")
    wrong = misformed(world, row, *THUMBNAIL[1:])
    world.check("LOC-3", "same-form", not wrong, f"{row['ID']}: {'; '.join(wrong.values())}")


def check_mocked(world: World, row: Row) -> None:
    """Both providers say mocked, where this lane asked for it."""
    for clause, name in (("canonical", CANONICAL[0]), ("thumbnail", THUMBNAIL[0])):
        if world.check.due("LOC-5", clause):
            world.check("LOC-5", clause, row.get(name) == "mocked", f"{row['ID']}: {name} is {row.get(name)!r}")


def everything_public(world: World) -> dict[str, Answer]:
    """Reads, and answers to writes, which show items and artists too."""
    wanted = [{"ID": each.item["ID"], "purpose": "profile", "altText": None} for each in world.uploads]
    return {
        **{f"the upload of {each.row.id}": each.answer for each in world.uploads},
        "createArtist": world.client.call("createArtist", json={"name": "The Understudy", "bio": None}),
        "editArtist": world.client.call("editArtist", world.artist, json={"bio": None}),
        "syncArtistMedia": world.client.call("syncArtistMedia", world.artist, json={"media": wanted}),
    } | public_reads(world)


def check_tells_nothing(world: World, name: str, answer: Answer) -> None:
    """No field is one of a locator, and no value but a render URL is the word for a provider."""
    fields = sorted({each for each in names_in(answer.json) if _LOCATOR_FIELD.search(re.sub("[^a-z0-9]", "", each.lower()))})
    world.check("LOC-6", "no-locator-field", not fields, f"{name} has {fields}", answer)
    named = [f"{field} {text[:60]!r}" for field, text in texts(answer) for each in PROVIDERS if has_word(text, each)]
    world.check("LOC-6", "no-provider", not named, f"{name}: a provider is named in {', '.join(named[:3])}", answer)


def check_no_whereabouts(world: World) -> None:
    """No value but a render URL names the location, or holds the key, of a row of the scenario."""
    if not (world.check.due("LOC-6", "no-location") or world.check.due("LOC-6", "no-key")):
        return
    rows = [row for _, row in rows_of_uploads(world)]
    locations = {str(row[name]) for row in rows for name in (CANONICAL[1], THUMBNAIL[1])}
    keys = {str(row[name]) for row in rows for name in (CANONICAL[2], THUMBNAIL[2])}
    for name, answer in world.notes["reads"].items():
        for field, text in texts(answer):
            told = f"{name}: {field} is {text[:80]!r}"
            named = any(has_word(text, location) for location in locations)
            world.check("LOC-6", "no-location", not named, f"{told}, which names a location", answer)
            world.check("LOC-6", "no-key", not any(key in text for key in keys), f"{told}, which holds a key", answer)


def texts(answer: Answer) -> list[tuple[str, str]]:
    """Every text in an answer but for render URLs and what is encoded in a preview."""
    found = [(name, value) for name, value in walk(answer.json) if isinstance(value, str) and name not in RENDER_URLS]
    return [(name, text.partition(";base64,")[0] if text.startswith("data:") else text) for name, text in found]


def add_unresolvable(world: World) -> list[Row]:
    """The artist's items as they are answered, between them a row of a provider that nobody knows, and artists around."""
    if not world.check.due("LOC-8", "rest-unchanged"):
        return []
    world.notes["others"] = [world.create_artist()]
    before = world.collection()
    insert_row(world, purpose="profile", storageProvider=_NOBODY, storageLocation="media", storageKey="media/0f0f/1e1e.jpg")
    last = world.upload(world.uploads[0].row)
    world.notes["others"].append(world.create_artist())
    return [*before, last.item]


def check_reads_answer(world: World, reads: dict[str, Answer]) -> None:
    """200 each, and the page of cards has those of the artist and of others."""
    for clause, name in (("collection-answers", "listArtistMedia"), ("artist-answers", "readArtist")):
        answer = reads[name]
        world.check("LOC-8", clause, answer.status == 200, f"{answer} with a row of an unknown provider", answer)
    listing = pages(world)
    shown = {each for page in listing for each in cards_in(page)}
    lacking = [each for each in (world.artist, *world.notes["others"]) if each not in shown]
    whole = all(page.status == 200 for page in listing) and not lacking
    world.check("LOC-8", "cards-answer", whole, f"{listing[-1]}; the cards are without {lacking}", *listing)


def check_rest(world: World) -> None:
    """The other items read as they did, in the same order, in both reads, and their URLs answer."""
    before = world.notes["before"]
    ids = [item["ID"] for item in before]
    bodies = {name: world.notes["reads"][name].json for name in ("listArtistMedia", "readArtist")}
    for name, body in bodies.items():
        items = (body.get("media") or body.get("artist", {}).get("media") or []) if isinstance(body, dict) else []
        rest = [item for item in items if item["ID"] in ids]
        same = rest == before
        told = f"{name}: the others are {[item['ID'] for item in rest]}, should be as they were: {ids}"
        world.check("LOC-8", "rest-unchanged", same, told, world.notes["reads"][name])
    for item in before:
        for key in ("src", "thumbnailSrc"):
            answer = world.fetch(item[key])
            world.check("LOC-8", "rest-unchanged", answer.status == 200, f"{key} of {item['ID']}: {answer}", answer)


def check_one_place(world: World, item: Row, row: Row) -> None:
    """One locator for the canonical, one or none for the thumbnail, and no field that could hold more."""
    canonical, thumbnail = [row.get(name) for name in CANONICAL], [row.get(name) for name in THUMBNAIL]
    one = all(isinstance(part, str) and part for part in canonical) and canonical[2] == key_in(item["src"])
    told = f"{row['ID']}: the canonical's locator is {canonical}, src is {item['src']}"
    world.check("SCO-3", "one-canonical", one, told)
    none = all(part is None for part in thumbnail)
    whole = all(isinstance(part, str) and part for part in thumbnail) and thumbnail[2] == key_in(item["thumbnailSrc"])
    told = f"{row['ID']}: the thumbnail's locator is {thumbnail}, thumbnailSrc is {item['thumbnailSrc']}"
    world.check("SCO-3", "one-thumbnail", none or whole, told)
    several = [name for name, value in row.items() if isinstance(value, list | dict)]
    copies = [name for name in row if re.search(r"(?i)replica|cop(y|ies)|mirror|backup|secondary|fallback|locators", name)]
    world.check("SCO-3", "no-replicas", not several + copies, f"{row['ID']}: more than one place in {several + copies}")
