from __future__ import annotations

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import fields
from typing import TYPE_CHECKING

import pytest

from reference_impl import records
from reference_impl.errors import Refused
from reference_impl.records import Arranged, Media, NewMedia
from reference_impl.tables import artist_media

if TYPE_CHECKING:
    from sqlalchemy import Engine

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def artist(engine: Engine, name: str = "Quartet") -> str:
    return records.create_artist(engine, name, None).id


def add(engine: Engine, artist_id: str, purpose: str = "gallery", status: str = "ready", **more: str | None) -> Media:
    return records.insert_media(engine, artist_id, NewMedia(str(uuid.uuid4()), purpose, status, **more))  # type: ignore[arg-type]


def order(engine: Engine, artist_id: str) -> list[tuple[str, int]]:
    return [(media.id, media.sort_order) for media in records.list_media(engine, artist_id)]


def numbered(*media: Media) -> list[tuple[str, int]]:
    return [(each.id, place) for place, each in enumerate(media)]


@pytest.mark.usefixtures("engine")
def test_a_media_row_has_its_fields_in_the_order_of_the_columns() -> None:
    assert [field.name for field in fields(Media)] == [column.key for column in artist_media.columns]


def test_artists_are_listed_in_order_of_creation(engine: Engine) -> None:
    created = [records.create_artist(engine, name, None) for name in "cab"]
    assert records.list_artists(engine, 0, 2) == created[:2]
    assert records.list_artists(engine, created[1].sequence, 2) == created[2:]


def test_the_newest_artists_are_those_with_ready_media(engine: Engine) -> None:
    made = [records.create_artist(engine, name, None) for name in "abcde"]
    for each in made[:3]:
        add(engine, each.id)
        add(engine, each.id)
    add(engine, made[3].id, status="pending")
    assert records.newest_artists(engine, 2) == [made[2], made[1]]
    assert records.newest_artists(engine, 9) == [made[2], made[1], made[0]]


def test_artists_are_found_by_a_part_of_their_name_in_any_case(engine: Engine) -> None:
    names = ("Ångström", "STRONG", "100% Strings", "a_b", "Other")
    made = {name: records.create_artist(engine, name, None) for name in names}

    def found(part: str, limit: int = 9) -> list[str]:
        return [each.name for each in records.search_artists(engine, part, limit)]

    assert found("str") == ["Ångström", "STRONG", "100% Strings"]
    assert found("STR", 2) == ["Ångström", "STRONG"]
    assert found("%") == ["100% Strings"]
    assert found("_") == ["a_b"]
    assert found("nobody") == []
    assert records.search_artists(engine, "oth", 9) == [made["Other"]]


def test_the_first_media_of_several_artists_is_what_is_ready(engine: Engine) -> None:
    one, two = artist(engine, "one"), artist(engine, "two")
    add(engine, one, status="pending")
    first, second, _ = add(engine, one), add(engine, one), add(engine, one)
    only = add(engine, two)
    found = records.list_first_media(engine, [one, two], 2)
    assert {each.id for each in found} == {first.id, second.id, only.id}
    assert [each.id for each in found if each.artist_id == one] == [first.id, second.id]
    assert records.list_first_media(engine, [], 2) == []


def test_the_place_of_a_deleted_artist_is_never_given_again(engine: Engine) -> None:
    last = records.create_artist(engine, "a", None)
    records.delete_artist(engine, last.id)
    assert records.create_artist(engine, "b", None).sequence > last.sequence


def test_editing_changes_what_is_given_and_nothing_else(engine: Engine) -> None:
    created = records.create_artist(engine, "a", "bio")
    edited = records.edit_artist(engine, created.id, {"bio": None})
    assert edited is not None
    assert (edited.name, edited.bio) == ("a", None)
    assert records.edit_artist(engine, created.id, {}) == edited
    assert records.edit_artist(engine, "nobody", {"name": "x"}) is None


def test_artists_created_at_the_same_time_become_visible_in_their_order(engine: Engine) -> None:
    seen: list[list[int]] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen.append([each.sequence for each in records.list_artists(engine, 0, 100)])

    watcher = threading.Thread(target=watch)
    watcher.start()
    threads = [threading.Thread(target=artist, args=(engine,)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    watcher.join()
    final = [each.sequence for each in records.list_artists(engine, 0, 100)]
    assert len(final) == 24
    # Whoever leafs by the last artist of a page misses none: nobody appears before one who was seen.
    assert all(listing == final[: len(listing)] for listing in seen)


def test_syncs_that_race_uploads_lose_nothing_and_leave_no_gap(engine: Engine) -> None:
    identity = artist(engine)
    known = [add(engine, identity) for _ in range(4)]
    added: list[Media] = []

    def upload() -> None:
        for _ in range(6):
            added.append(add(engine, identity))  # noqa: PERF401 - in the order of their ends

    def sync() -> None:
        for turn in range(6):
            wanted = [Arranged(media.id, "gallery", str(turn)) for media in reversed(known)]
            assert records.replace_collection(engine, identity, wanted, Everything()) == []

    with ThreadPoolExecutor(6) as pool:
        for ended in [pool.submit(work) for work in (upload, sync, upload, sync, upload)]:
            ended.result()
    found = order(engine, identity)
    assert [place for _, place in found] == list(range(4 + 18))
    assert [media_id for media_id, _ in found][:4] == [media.id for media in reversed(known)]
    assert {media_id for media_id, _ in found[4:]} == {media.id for media in added}


class Everything(set[str]):
    """The IDs that a sync cannot know of, when uploads arrive all the time: all of them."""

    def __contains__(self, _: object) -> bool:
        return True


def test_media_goes_to_the_end(engine: Engine) -> None:
    identity = artist(engine)
    first, second = add(engine, identity), add(engine, identity)
    assert order(engine, identity) == numbered(first, second)
    with pytest.raises(Refused) as refusal:
        add(engine, "nobody")
    assert refusal.value.code == "artist_unknown"


def test_concurrent_insertions_each_get_a_place_of_their_own(engine: Engine) -> None:
    identity = artist(engine)
    threads = [threading.Thread(target=add, args=(engine, identity)) for _ in range(24)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [place for _, place in order(engine, identity)] == list(range(24))


def test_what_is_not_ready_leaves_no_gap(engine: Engine) -> None:
    identity = artist(engine)
    first = add(engine, identity)
    hidden = add(engine, identity, status="pending")
    second = add(engine, identity)
    assert order(engine, identity) == numbered(first, second)
    found = records.find_media(engine, hidden.id)
    assert found is not None
    assert found.sort_order == 2


def test_deleting_an_item_closes_up_the_order(engine: Engine) -> None:
    identity, other = artist(engine), artist(engine)
    first, second, third = (add(engine, identity) for _ in range(3))
    assert records.delete_media(engine, other, first.id) is None
    assert records.delete_media(engine, identity, first.id) == first
    assert records.delete_media(engine, identity, first.id) is None
    assert order(engine, identity) == numbered(second, third)


def test_an_item_that_is_not_ready_cannot_be_deleted_by_name(engine: Engine) -> None:
    identity = artist(engine)
    assert records.delete_media(engine, identity, add(engine, identity, status="failed").id) is None


def test_a_collection_is_replaced_in_one_go(engine: Engine) -> None:
    identity = artist(engine)
    first, second, third = (add(engine, identity) for _ in range(3))
    wanted = [Arranged(third.id, "profile", "text"), Arranged(first.id, "gallery", None)]
    for left_out in ([second], []):
        assert records.replace_collection(engine, identity, wanted) == left_out
        found = records.list_media(engine, identity)
        assert [(media.id, media.purpose, media.alt_text, media.sort_order) for media in found] == [
            (third.id, "profile", "text", 0),
            (first.id, "gallery", None, 1),
        ]


def test_a_sync_that_names_what_the_artist_has_not_changes_nothing(engine: Engine) -> None:
    identity, other = artist(engine), artist(engine)
    mine, pending = add(engine, identity), add(engine, identity, status="pending")
    for stranger in (add(engine, other).id, pending.id, "nothing"):
        with pytest.raises(Refused) as refusal:
            records.replace_collection(engine, identity, [Arranged(stranger, "profile", None)])
        assert refusal.value.code == "sync_invalid"
    assert order(engine, identity) == numbered(mine)
    with pytest.raises(Refused) as refusal:
        records.replace_collection(engine, "nobody", [])
    assert refusal.value.code == "artist_unknown"


def test_a_sync_keeps_what_it_could_not_know_of_at_the_end(engine: Engine) -> None:
    identity = artist(engine)
    known, left_out, newcomer = (add(engine, identity) for _ in range(3))
    arranged = [Arranged(known.id, "gallery", None)]
    assert records.replace_collection(engine, identity, arranged, {newcomer.id}) == [left_out]
    assert order(engine, identity) == numbered(known, newcomer)


def test_a_sync_leaves_alone_what_is_not_ready(engine: Engine) -> None:
    identity = artist(engine)
    pending, ready = add(engine, identity, status="pending"), add(engine, identity)
    assert records.replace_collection(engine, identity, []) == [ready]
    found = records.find_media(engine, pending.id)
    assert found is not None
    assert found.sort_order == 0


def test_deleting_an_artist_returns_all_that_was_its_own(engine: Engine) -> None:
    identity, other = artist(engine), artist(engine)
    removed = [add(engine, identity), add(engine, identity, status="failed")]
    kept = add(engine, other)
    found = records.delete_artist(engine, identity)
    assert {media.id for media in found or ()} == {media.id for media in removed}
    assert records.delete_artist(engine, identity) is None
    assert [records.find_media(engine, media.id) for media in (*removed, kept)] == [None, None, kept]


def test_profile_media_is_grouped_in_collection_order(engine: Engine) -> None:
    one, two = artist(engine), artist(engine)
    add(engine, one)
    add(engine, one, "profile", "pending")
    first, second, third = add(engine, one, "profile"), add(engine, two, "profile"), add(engine, one, "profile")
    found = records.list_profile_media(engine, [one, two])
    assert [media.id for media in found if media.artist_id == one] == [first.id, third.id]
    assert [media.id for media in found if media.artist_id == two] == [second.id]


def test_rows_are_found_by_the_keys_of_their_objects(engine: Engine) -> None:
    identity = artist(engine)
    key, thumbnail = "media/a/b.jpg", "media/a/c.jpg"
    located = add(engine, identity, storage_key=key, thumbnail_storage_key=thumbnail)
    old = add(engine, identity, legacy_url="https://media.s3.amazonaws.com/media/old/100%_a.jpg?sig=1")
    add(engine, identity, status="pending", storage_key="media/a/d.jpg")
    assert [media.id for media in records.find_media_by_key(engine, key)] == [located.id]
    assert [media.id for media in records.find_media_by_key(engine, thumbnail)] == [located.id]
    assert [media.id for media in records.find_media_by_key(engine, "media/old/100%_a.jpg")] == [old.id]
    for nothing in ("media/a/d.jpg", "media/old/100%%a.jpg", "media/%/%", "edia/a/b.jpg"):
        assert records.find_media_by_key(engine, nothing) == []


def test_emptying_deletes_every_row(engine: Engine) -> None:
    add(engine, artist(engine))
    records.empty(engine)
    assert records.list_artists(engine, 0, 9) == []
