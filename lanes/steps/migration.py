"""Steps about a target that stores new pictures at another provider than before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.stack.gateway.record import Call
from lanes.stack.server import free_port
from lanes.steps.hooks import unstorable
from lanes.steps.processes import served, served_again
from lanes.steps.remains import key_of, records
from lanes.steps.saving import as_saved, failing_urls, send_sync
from lanes.steps.world import Uploaded, World

_EACH = 2  # objects of an upload


@dataclass(slots=True)
class Migrated:
    """What was seen of a target after its write provider had changed. Keys of objects are by provider."""

    former: str
    active: str
    old_rows: list[dict[str, Any]] = field(default_factory=list)
    new_rows: list[dict[str, Any]] = field(default_factory=list)
    added: dict[str, set[str]] = field(default_factory=dict)  # by a new upload
    new_keys: set[str] = field(default_factory=set)
    changed: list[Answer] = field(default_factory=list)  # render URLs of older items that serve something else
    failed: Answer | None = None
    calls: tuple[Call, ...] = ()
    left_by_failed: set[str] = field(default_factory=set)
    deleted: list[tuple[str, set[str]]] = field(default_factory=list)  # how, and what of it is still there
    failing: list[Answer] = field(default_factory=list)  # what is still shown and fails
    mixed: dict[str, set[str]] = field(default_factory=dict)  # keys of an artist with items at both, where they lay
    mixed_left: set[str] = field(default_factory=set)  # and what of it is still there


@when("a target that stored pictures elsewhere is started again to store new ones here")
def _(world: World) -> None:
    if world.check.due("LOC-4", "new-in-active"):
        former = next(provider for provider in world.stack.grounds.stores if provider != world.provider)
        # There and back: what is older than a change may be at either.
        world.notes["migrated"] = [migrate(world, former, world.provider), migrate(world, world.provider, former)]


@then("new pictures go where they should")
def _(world: World) -> None:
    for seen in _seen(world):
        here, there = seen.added[seen.active], seen.added[seen.former]
        told = f"a new upload added {sorted(here)} at {seen.active} and {sorted(there)} at {seen.former}"
        world.check("LOC-4", "new-in-active", here == seen.new_keys and len(here) == 2, told)
        world.check("LOC-4", "new-not-in-old", not there, told)
        if world.check.due("LOC-4", "new-recorded"):
            world.check(
                "LOC-4", "new-recorded", bool(seen.new_rows) and _all_at(seen.new_rows, seen.active), f"rows: {seen.new_rows}"
            )


@then("older pictures are served as before, from where they lie")
def _(world: World) -> None:
    for seen in _seen(world):
        told = f"{len(seen.changed)} addresses of older pictures serve something else: {seen.changed[:1]}"
        world.check("LOC-4", "old-renders", not seen.changed, told, *seen.changed[:1])
        if world.check.due("LOC-4", "old-recorded"):
            world.check(
                "LOC-4", "old-recorded", bool(seen.old_rows) and _all_at(seen.old_rows, seen.former), f"rows: {seen.old_rows}"
            )


@then("a new picture that fails on the way is cleared away where it went")
def _(world: World) -> None:
    for seen in _seen(world):
        assert seen.failed is not None
        world.check.presume("UPL-4", "answers-503", seen.failed.status == 503, f"{seen.failed}, should be 503", seen.failed)
        deleted = [call for call in seen.calls if call.operation == "delete" and call.provider == seen.active]
        elsewhere = [call for call in seen.calls if call.operation == "delete" and call.provider != seen.active]
        told = f"left {sorted(seen.left_by_failed)}; deletions: {'; '.join(map(str, (*deleted, *elsewhere))) or 'none'}"
        world.check("LOC-4", "clean-up", bool(deleted) and not elsewhere and not seen.left_by_failed, told, seen.failed)


@then("older pictures are deleted from where they lie")
def _(world: World) -> None:
    for seen in _seen(world):
        for how, left in seen.deleted:
            world.check("LOC-4", "old-deleted", not left, f"{how}: {seen.former} still has {sorted(left)}")
        failing = seen.failing
        world.check.presume("SYN-2", "urls-kept", not failing, f"after the deletions fail {failing[:1]}", *failing[:1])
        both = all(len(keys) >= _EACH for keys in seen.mixed.values())
        world.check.presume("LOC-4", "new-in-active", both, f"an artist's pictures at both providers lie at {seen.mixed}")
        told = f"of an artist with pictures at both are left {sorted(seen.mixed_left)}"
        world.check("LOC-4", "mixed-deleted", not seen.mixed_left, told)


def _seen(world: World) -> list[Migrated]:
    seen: list[Migrated] = world.notes.get("migrated", [])
    return seen


def _all_at(rows: list[dict[str, Any]], provider: str) -> bool:
    return all(row["storageProvider"] == row["thumbnailStorageProvider"] == provider for row in rows)


def migrate(world: World, former: str, active: str) -> Migrated:
    """Pictures of two artists at the former provider; then the same target with the active one, its stores both up."""
    seen = Migrated(former, active)
    with world.stack.folder() as folder:
        settings = world.stack.settings(folder, PORT=str(free_port()))
        with served(world, settings | {"MEDIA_STORAGE_PROVIDER": former}, folder) as before:
            artists = [before.artist_with(3), before.artist_with(1)]
            served_before = {shown.answer.request.url: shown.answer.body for shown in before.shown()}
            uploads = list(before.uploads)
        with served_again(world, settings | {"MEDIA_STORAGE_PROVIDER": active}, folder, "LOC-4", "old-renders") as after:
            after.artist = artists[0]
            _note_new(after, seen)
            _note_old(after, seen, uploads, served_before)
            _note_failed(after, seen)
            _note_deletions(after, seen, uploads)
            _note_mixed(after, seen, artists[1], uploads[-1])
    return seen


def _keys(world: World, provider: str) -> set[str]:
    return {stored.key for stored in world.stack.grounds.stores[provider].list(world.location)}


def _keys_of(world: World, *uploads: Uploaded) -> set[str]:
    return {key_of(world, upload.item[name]) for upload in uploads for name in ("src", "thumbnailSrc")}


def _note_new(world: World, seen: Migrated) -> None:
    before = {provider: _keys(world, provider) for provider in (seen.former, seen.active)}
    upload = world.upload(world.corpus.of("small")[3])
    seen.added = {provider: _keys(world, provider) - keys for provider, keys in before.items()}
    seen.new_keys = _keys_of(world, upload)
    if world.check.due("LOC-4", "new-recorded"):
        seen.new_rows = [row for row in records(world) if row["ID"] == upload.item["ID"]]


def _note_old(world: World, seen: Migrated, uploads: list[Uploaded], served_before: dict[str, bytes]) -> None:
    answers = [world.fetch(url) for url in served_before]
    seen.changed = [answer for answer in answers if answer.status != 200 or answer.body != served_before[answer.request.url]]
    if world.check.due("LOC-4", "old-recorded"):
        old = {upload.item["ID"] for upload in uploads}
        seen.old_rows = [row for row in records(world) if row["ID"] in old]


def _note_failed(world: World, seen: Migrated) -> None:
    before = {provider: _keys(world, provider) for provider in (seen.former, seen.active)}
    mark = world.gateway.record.mark()
    with unstorable(world, "thumbnail"):
        seen.failed = world.send(world.corpus.of("small")[2]).answer
    seen.calls = world.gateway.record.since(mark)
    seen.left_by_failed = {key for provider, keys in before.items() for key in _keys(world, provider) - keys}


def _note_deletions(world: World, seen: Migrated, uploads: list[Uploaded]) -> None:
    first, second, *_ = uploads
    answer = world.client.call("deleteArtistMedia", world.artist, first.item["ID"])
    world.check.presume("SYN-6", "deleted", answer.status == 204, f"{answer}, should be 204", answer)
    seen.deleted.append(("an older item, deleted", _keys_of(world, first) & _keys(world, seen.former)))
    kept = [item for item in world.collection() if item["ID"] != second.item["ID"]]
    world.told(send_sync(world, as_saved(kept)), 200, "SYN-1", "order")
    seen.deleted.append(("an older item, left out of a save", _keys_of(world, second) & _keys(world, seen.former)))
    seen.failing = failing_urls(world, [item for item in world.collection() if item["src"] and item["thumbnailSrc"]])


def _note_mixed(world: World, seen: Migrated, artist: str, older: Uploaded) -> None:
    world.artist = artist
    keys = _keys_of(world, older, world.upload(world.corpus.of("small")[4]))
    seen.mixed = {provider: keys & _keys(world, provider) for provider in (seen.former, seen.active)}
    answer = world.client.call("deleteArtist", artist)
    world.check.presume("ART-5", "artist-gone", answer.status == 204, f"{answer}, should be 204", answer)
    seen.mixed_left = {key for provider in seen.mixed for key in keys & _keys(world, provider)}
