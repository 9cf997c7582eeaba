from __future__ import annotations

import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from reference_impl import records, workflow
from reference_impl.database import DatabaseError
from reference_impl.policy import CACHE_CONTROL
from tests.reference_impl.service import FORM, JPEG, field, file_part, form
from tests.reference_impl.settings import WRITE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_impl.storage.locator import Locator
    from tests.reference_impl.service import Service

pytestmark = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def nothing_is_left(service: Service, artist: str) -> bool:
    return service.media(artist) == [] and service.lines("media-records") == [] and service.objects() == []


def test_an_upload_stores_two_objects_and_one_ready_row(service: Service) -> None:
    media = service.upload(service.artist())
    (row,) = service.lines("media-records")
    stored = {each["key"]: each for each in service.objects()}
    assert set(stored) == {row["storageKey"], row["thumbnailStorageKey"]}
    assert (row["ID"], row["status"], row["storageProvider"]) == (media["ID"], "ready", "mocked")
    assert stored[row["storageKey"]]["byteSize"] == row["byteSize"]
    for each in stored.values():
        assert (each["location"], each["mimeType"], each["cacheControl"]) == ("media", "image/jpeg", CACHE_CONTROL)


def test_no_row_is_there_while_objects_are_being_stored(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    artist = service.artist()
    seen: list[list[object]] = []
    put = service.backend.mocked.put

    def watched(locator: Locator, *more: object) -> None:
        seen.append(service.lines("media-records"))
        put(locator, *more)  # type: ignore[arg-type]

    monkeypatch.setattr(service.backend.mocked, "put", watched)
    service.upload(artist)
    assert seen == [[], []]


@pytest.mark.parametrize("artifact", ["canonical", "thumbnail"])
def test_a_failed_put_leaves_nothing_and_a_retry_succeeds(service: Service, artifact: str) -> None:
    artist = service.artist()
    service.fail_storage("put", artifact)
    answer = service.send(artist)
    assert (answer.status, answer.code) == (503, "storage_unavailable")
    assert nothing_is_left(service, artist)
    service.upload(artist)
    assert len(service.media(artist)) == 1
    assert len(service.objects()) == 2


def test_a_failed_finalisation_leaves_nothing(service: Service) -> None:
    artist = service.artist()
    service.fail_finalisation()
    answer = service.send(artist)
    assert (answer.status, answer.code) == (500, "finalisation_failed")
    assert nothing_is_left(service, artist)
    service.upload(artist)


def test_a_database_that_fails_is_a_failed_finalisation(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise DatabaseError("SELECT secret")

    artist = service.artist()
    monkeypatch.setattr(records, "insert_media", failing)
    answer = service.send(artist)
    assert answer.code == "finalisation_failed"
    assert b"SELECT" not in answer.body
    assert nothing_is_left(service, artist)


def test_compensation_touches_only_what_this_upload_stored(service: Service) -> None:
    artist = service.artist()
    service.upload(artist)
    before = service.objects()
    service.fail_storage("put", "thumbnail")
    service.send(artist)
    assert service.objects() == before


def test_a_compensation_that_fails_too_is_logged_and_leaves_no_row(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    artist = service.artist()
    service.fail_storage("put", "thumbnail")
    service.fail_storage("delete", "canonical")
    assert service.send(artist).status == 503
    assert service.lines("media-records") == []
    (orphan,) = service.objects()
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.message == "object left behind"
    assert getattr(record, "fields")["key"] == orphan["key"]  # noqa: B009 - an attribute that only logging knows


def test_storage_that_hangs_is_given_up_on(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    artist = service.artist()
    release = threading.Event()
    service.backend.stores.timeout = 0.1
    monkeypatch.setattr(service.backend.mocked, "put", lambda *_: release.wait(10))
    answer = service.send(artist)
    release.set()
    assert (answer.status, answer.code) == (504, "storage_timeout")
    assert service.lines("media-records") == []


def test_a_client_that_leaves_in_the_middle_of_the_body_leaves_nothing(service: Service) -> None:
    artist = service.artist()
    body = form(field("purpose", "gallery"), file_part(JPEG))

    def breaking_off() -> Iterator[bytes]:
        yield body[:200]
        raise ConnectionError

    service.client("POST", f"/artists/{artist}/media", credential=WRITE, headers=FORM, chunks=breaking_off())
    assert nothing_is_left(service, artist)


def test_an_upload_whose_artist_is_deleted_meanwhile_leaves_nothing(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    artist = service.artist()
    ingest = workflow.read_and_ingest

    def overtaken(*arguments: object) -> object:
        records.delete_artist(service.engine, artist)
        return ingest(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(workflow, "read_and_ingest", overtaken)
    answer = service.send(artist)
    assert (answer.status, answer.code) == (404, "artist_unknown")
    assert service.objects() == []
    assert service.lines("media-records") == []


def test_concurrent_uploads_all_persist(service: Service) -> None:
    artist = service.artist()
    with ThreadPoolExecutor(8) as threads:
        uploaded = [media["ID"] for media in threads.map(lambda _: service.upload(artist), range(16))]
    assert sorted(media["ID"] for media in service.media(artist)) == sorted(uploaded)
    assert [media["sortOrder"] for media in service.media(artist)] == list(range(16))


def test_an_upload_that_ends_after_a_sync_goes_to_the_end(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    artist = service.artist()
    first, second = service.upload(artist), service.upload(artist)
    storing, release = threading.Event(), threading.Event()
    put = service.backend.mocked.put

    def held_up(*arguments: object) -> None:
        storing.set()
        release.wait(10)
        put(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(service.backend.mocked, "put", held_up)
    with ThreadPoolExecutor(1) as thread:
        late = thread.submit(service.upload, artist)
        storing.wait(10)
        assert service.sync(artist, [second, first]).status == 200
        release.set()
    assert [media["ID"] for media in service.media(artist)] == [second["ID"], first["ID"], late.result()["ID"]]


def test_an_upload_that_ends_during_a_sync_survives_it(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    artist = service.artist()
    known, left_out = service.upload(artist), service.upload(artist)
    syncing, release = threading.Event(), threading.Event()
    replace = records.replace_collection

    def held_up(*arguments: object) -> object:
        syncing.set()
        release.wait(10)
        return replace(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(records, "replace_collection", held_up)
    with ThreadPoolExecutor(1) as thread:
        sync = thread.submit(service.sync, artist, [known])
        syncing.wait(10)
        newcomer = service.upload(artist)
        release.set()
    assert sync.result().status == 200
    assert [media["ID"] for media in service.media(artist)] == [known["ID"], newcomer["ID"]]
    assert service.fetch(left_out["src"]).status == 404
    assert service.sync(artist, [known]).json["media"] == [known]


def test_what_a_sync_leaves_out_is_deleted_with_its_objects(service: Service) -> None:
    artist = service.artist()
    kept, left_out = service.upload(artist), service.upload(artist)
    assert service.sync(artist, [kept]).status == 200
    assert service.media(artist) == [kept]
    assert len(service.objects()) == 2
    assert service.fetch(left_out["src"]).status == service.fetch(left_out["thumbnailSrc"]).status == 404
    assert service.fetch(kept["src"]).status == 200


@pytest.mark.parametrize("way", ["sync", "delete", "artist"])
def test_rows_go_as_requested_though_their_objects_cannot_be_deleted(
    service: Service, way: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    artist = service.artist()
    media = service.upload(artist)
    rows_at_deletion: list[int] = []
    discard = workflow.discard

    async def watched(*arguments: object) -> None:
        rows_at_deletion.append(len(records.list_media(service.engine, artist)))
        await discard(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(workflow, "discard", watched)
    service.fail_storage("delete", "any", 2)
    if way == "sync":
        answer = service.sync(artist, [])
    else:
        target = f"/artists/{artist}" if way == "artist" else f"/artists/{artist}/media/{media['ID']}"
        answer = service.client("DELETE", target, credential=WRITE)
    assert answer.status in {200, 204}
    assert rows_at_deletion == [0]
    assert service.lines("media-records") == []
    assert len(service.objects()) == 2
    assert service.fetch(media["src"]).status == 404


def test_deleting_an_artist_deletes_its_objects_and_no_others(service: Service) -> None:
    artist, other = service.artist(), service.artist()
    service.upload(artist)
    kept = service.upload(other)
    assert service.client("DELETE", f"/artists/{artist}", credential=WRITE).status == 204
    assert len(service.objects()) == 2
    assert service.fetch(kept["src"]).status == 200
