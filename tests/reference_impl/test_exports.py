from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest

from reference_impl import exports, records
from reference_impl.records import NewMedia

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from reference_impl.exports import NamedObject

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def located(engine: Engine, artist_id: str, provider: str, location: str, key: str, thumbnail: str | None = None) -> str:
    row = NewMedia(
        str(uuid.uuid4()),
        "gallery",
        byte_size=7,
        storage_provider=provider,
        storage_location=location,
        storage_key=key,
        thumbnail_storage_provider=provider if thumbnail else None,
        thumbnail_storage_location=location if thumbnail else None,
        thumbnail_storage_key=thumbnail,
    )
    return records.insert_media(engine, artist_id, row).id


def every_object(engine: Engine) -> list[NamedObject]:
    found: list[NamedObject] = []
    while batch := exports.objects_after(engine, found[-1].place if found else None):
        found += batch
    return found


@pytest.fixture
def artist(engine: Engine) -> str:
    return records.create_artist(engine, "Quartet", None).id


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "BATCH", 2)


def test_every_row_is_exported_once_whatever_comes_and_goes(engine: Engine, artist: str) -> None:
    there = [located(engine, artist, "mocked", "media", f"k{number}") for number in range(5)]
    seen: list[str] = []
    sequence = 0
    while batch := exports.media_after(engine, sequence):
        seen += [media.id for media in batch]
        sequence = batch[-1].sequence
        if len(seen) == 2:
            records.delete_media(engine, artist, there[0])
            there.append(located(engine, artist, "mocked", "media", "late"))
    assert seen == there


def test_objects_are_in_order_of_provider_location_and_key_bytes(engine: Engine, artist: str) -> None:
    located(engine, artist, "s3", "a", "z")
    located(engine, artist, "azure", "b", "é", "Z")
    located(engine, artist, "azure", "b", "a", "\U0001f600")
    located(engine, artist, "azure", "a", "a", "\uffee")
    places = [(named.provider, named.location, named.key) for named in every_object(engine)]
    assert places == sorted(places, key=lambda place: (*place[:2], place[2].encode()))
    assert len(places) == 7


def test_two_rows_that_name_one_object_are_both_exported(engine: Engine, artist: str) -> None:
    one, two, three = (located(engine, artist, "mocked", "media", "same", "same") for _ in range(3))
    found = [(named.media_id, named.artifact_kind) for named in every_object(engine)]
    assert sorted(found) == sorted((each, kind) for each in (one, two, three) for kind in ("canonical", "thumbnail"))


def test_the_size_of_a_thumbnail_is_not_known(engine: Engine, artist: str) -> None:
    located(engine, artist, "mocked", "media", "a", "b")
    assert [(named.artifact_kind, named.byte_size) for named in every_object(engine)] == [("canonical", 7), ("thumbnail", None)]


def test_a_row_without_a_locator_names_no_object(engine: Engine, artist: str) -> None:
    records.insert_media(engine, artist, NewMedia("m", "gallery", legacy_url="https://a.example/b"))
    assert every_object(engine) == []
