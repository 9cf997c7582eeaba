from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

import anyio
import pytest

from reference_impl.answers import BrokenOff
from reference_impl.policy import CACHE_CONTROL
from reference_impl.storage.protocol import ObjectMissing, StorageTimeout, StorageUnavailable
from tests.reference_impl.settings import BASE, WRITE

if TYPE_CHECKING:
    from collections.abc import Generator

    from starlette.types import Message

    from tests.reference_impl.service import Service


@pytest.fixture
def media(service: Service) -> Any:
    return service.upload(service.artist())


def test_a_render_url_answers_with_the_stored_bytes(service: Service, media: Any) -> None:
    got, head = service.fetch(media["src"]), service.fetch(media["src"], "HEAD")
    assert got.status == head.status == 200
    assert got.headers == head.headers
    assert head.body == b""
    assert got.headers == {
        "etag": f'"{hashlib.sha256(got.body).hexdigest()}"',
        "cache-control": CACHE_CONTROL,
        "accept-ranges": "bytes",
        "x-content-type-options": "nosniff",
        "content-type": "image/jpeg",
        "content-length": str(media["byteSize"]),
    }


def test_a_client_that_has_the_bytes_is_told_so(service: Service, media: Any) -> None:
    etag = service.fetch(media["src"]).headers["etag"]
    for method in ("GET", "HEAD"):
        answer = service.fetch(media["src"], method, if_none_match=f'"other", {etag}', range="bytes=0-1")
        assert (answer.status, answer.body) == (304, b"")
        assert (answer.headers["etag"], answer.headers["cache-control"]) == (etag, CACHE_CONTROL)
    assert service.fetch(media["src"], if_none_match='"other"').status == 200


def test_a_range_is_a_slice_of_the_bytes(service: Service, media: Any) -> None:
    whole = service.fetch(media["src"]).body
    answer = service.fetch(media["src"], range="bytes=10-19")
    assert (answer.status, answer.body) == (206, whole[10:20])
    assert answer.headers["content-range"] == f"bytes 10-19/{len(whole)}"
    assert answer.headers["content-length"] == "10"
    assert answer.headers["cache-control"] == CACHE_CONTROL
    assert service.fetch(media["src"], range="bytes=-5").body == whole[-5:]
    assert service.fetch(media["src"], range="bytes=0-1,4-5").body == whole


def test_a_range_beyond_the_end_is_refused_with_the_size(service: Service, media: Any) -> None:
    answer = service.fetch(media["src"], range=f"bytes={media['byteSize']}-")
    assert (answer.status, answer.code) == (416, "range_unsatisfiable")
    assert answer.headers["content-range"] == f"bytes */{media['byteSize']}"
    assert service.fetch(media["src"], "HEAD", range=f"bytes={media['byteSize']}-").status == 200


@pytest.mark.parametrize(
    "path",
    [
        "/media/",
        "/media/a",
        "/media/a/b",
        "/media/a/b/c",
        "/media//etc/passwd",
        "/media/../../etc/passwd",
        "/media/%2e%2e/%2e%2e/etc/passwd",
        "/media/..%2f..%2fetc/passwd",
        "/media/a/b%00",
        "/media/%/%25",
        "/media/nobody/canonical",
        "/media/' OR 1=1 --/x",
    ],
)
def test_nothing_else_is_delivered(service: Service, media: Any, path: str) -> None:
    for method in ("GET", "HEAD"):
        answer = service.fetch(f"{BASE}{path.replace(' ', '%20')}", method)
        assert (answer.status, answer.headers["content-type"]) == (404, "application/problem+json")
        assert answer.headers["cache-control"] == "public, max-age=60"
        assert answer.headers["x-content-type-options"] == "nosniff"
    assert media["src"]


def test_a_render_url_has_one_spelling(service: Service, media: Any) -> None:
    path = media["src"].removeprefix(BASE)
    assert service.fetch(f"{BASE}/media%2F{path.removeprefix('/media/')}").status == 404
    assert service.fetch(f"{BASE}{path.replace('.jpg', '%2Ejpg')}").status == 404
    assert service.fetch(f"{BASE}/media/{media['ID']}/canonical").status == 200


def test_what_is_deleted_is_no_longer_delivered(service: Service, media: Any) -> None:
    service.client("DELETE", f"/artists/{media['artistID']}/media/{media['ID']}", credential=WRITE)
    for url in (media["src"], media["thumbnailSrc"]):
        assert service.fetch(url).code == "not_found"


def test_an_object_that_is_gone_is_not_found_though_its_row_is_there(service: Service, media: Any) -> None:
    (row,) = service.lines("media-records")
    for locator in service.backend.mocked.list("media", row["storageKey"]):
        service.backend.mocked.delete(locator)
    assert service.fetch(media["src"]).code == "not_found"
    assert service.fetch(media["thumbnailSrc"]).status == 200


def test_other_methods_are_not_allowed(service: Service, media: Any) -> None:
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = service.fetch(media["src"], method)
        assert (answer.status, answer.headers["allow"]) == (405, "GET, HEAD")


def chunked(service: Service, monkeypatch: pytest.MonkeyPatch, *chunks: bytes | Exception) -> list[str]:
    """The store gives these chunks, whatever is read; what became of the reading is told."""
    ends: list[str] = []

    def read(*_: object) -> Generator[bytes]:
        try:
            for chunk in chunks:
                if isinstance(chunk, Exception):
                    raise chunk
                yield chunk
        finally:
            ends.append("closed")

    monkeypatch.setattr(service.backend.mocked, "read", read)
    return ends


def test_content_is_sent_chunk_by_chunk_with_its_whole_length(
    service: Service, media: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = service.fetch(media["src"]).body
    ends = chunked(service, monkeypatch, *(whole[begin : begin + 100] for begin in range(0, len(whole), 100)))
    answer = service.fetch(media["src"])
    assert answer.body == whole
    assert answer.headers["content-length"] == str(len(whole))
    assert ends == ["closed"]


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (StorageUnavailable(), 503, "storage_unavailable"),
        (StorageTimeout(), 504, "storage_timeout"),
        (ObjectMissing(), 404, "not_found"),
    ],
)
def test_a_store_that_fails_at_once_is_answered_as_such(
    service: Service, media: Any, monkeypatch: pytest.MonkeyPatch, failure: Exception, status: int, code: str
) -> None:
    chunked(service, monkeypatch, failure)
    answer = service.fetch(media["src"])
    assert (answer.status, answer.code) == (status, code)


def test_a_store_that_fails_in_the_middle_breaks_the_answer_off(
    service: Service, media: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends = chunked(service, monkeypatch, b"begun", StorageUnavailable())
    answer = service.fetch(media["src"])
    assert (answer.status, answer.body) == (200, b"begun")
    assert answer.headers["content-length"] == str(media["byteSize"])
    # The application raises behind what was sent, on which the server closes the connection.
    assert isinstance(answer.raised, BrokenOff)
    assert ends == ["closed"]


def test_an_empty_object_is_delivered_empty(service: Service, media: Any) -> None:
    (locator,) = service.backend.mocked.list("media", media["src"].removeprefix(f"{BASE}/"))
    service.backend.mocked.put(locator, b"", "image/jpeg", CACHE_CONTROL)
    for method in ("GET", "HEAD"):
        answer = service.fetch(media["src"], method)
        assert (answer.status, answer.body, answer.headers["content-length"]) == (200, b"", "0")
    assert service.fetch(media["src"], range="bytes=0-").status == 416


def test_a_client_that_leaves_lets_go_of_the_store(service: Service, media: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    ends = chunked(service, monkeypatch, *[b"x" * 1000] * 1000)
    sent: list[Message] = []

    async def leave() -> None:
        left = anyio.Event()

        async def receive() -> Message:
            await left.wait()
            return {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            sent.append(message)
            if len(sent) == 3:
                left.set()
                await anyio.sleep_forever()

        path = media["src"].removeprefix(BASE)
        scope = {"type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "headers": [], "query_string": b""}
        await service.client.app(scope, receive, send)
        assert ends == ["closed"]

    service.client.portal.call(leave)
    assert len(sent) == 3
