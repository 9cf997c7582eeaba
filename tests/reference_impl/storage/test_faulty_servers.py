"""Both adapters against servers that fail: how long it takes, how often they ask, and what they say of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

import pytest

from reference_impl.storage.azure import AzureStore
from reference_impl.storage.locator import Locator
from reference_impl.storage.protocol import CHUNK, StorageTimeout, StorageUnavailable, StoreUnreachable
from reference_impl.storage.s3 import S3Store
from tests.reference_impl.storage.buckets import KEYS, NOBODY, azure_runtime, s3_runtime
from tests.reference_impl.storage.servers import busy, hang, serving

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from reference_impl.storage.protocol import Store
    from tests.reference_impl.storage.servers import Answer, Server

Opened = Callable[..., "Store"]
SECRETS = (KEYS["AWS_SECRET_ACCESS_KEY"], KEYS["AWS_ACCESS_KEY_ID"], "c2VjcmV0")


def s3(port: int, seconds: float = 1) -> Store:
    return S3Store(replace(s3_runtime(f"http://127.0.0.1:{port}"), storage_timeout_seconds=seconds))  # type: ignore[arg-type]


def azure(port: int, seconds: float = 1) -> Store:
    runtime = azure_runtime(NOBODY.format(port=port))
    return AzureStore(replace(runtime, storage_timeout_seconds=seconds))  # type: ignore[arg-type]


both = pytest.mark.parametrize(("provider", "opened"), [("s3", s3), ("azure", azure)])


@contextmanager
def at(store: Store) -> Iterator[Store]:
    with closing(store):
        yield store


def calls(store: Store, provider: str) -> dict[str, Callable[[], object]]:
    place = Locator(provider, "media", "media/a/b.jpg")
    return {
        "put": partial(store.put, place, b"x", "image/png", "no-store"),
        "head": partial(store.head, place),
        "read": lambda: list(store.read(place, 0, 10)),
        "delete": partial(store.delete, place),
        "list": lambda: list(store.list("media", "media/")),
    }


@both
@pytest.mark.parametrize("call", ["put", "head", "read", "delete", "list"])
def test_a_hung_socket_ends_by_itself_when_the_call_is_given_up(provider: str, opened: Opened, call: str) -> None:
    with serving(hang) as server, at(opened(server.port)) as store:
        began = time.monotonic()
        with pytest.raises(StorageTimeout):
            calls(store, provider)[call]()
        assert 1 <= time.monotonic() - began < 2.5
        # What hung is not asked for again: whoever wanted it has gone.
        assert len(server.asked) == 1


@both
def test_an_answer_just_in_time_is_waited_for(provider: str, opened: Opened) -> None:
    def slow(server: Server, _: BaseHTTPRequestHandler) -> Answer:
        server.release.wait(0.8)
        return 204 if provider == "s3" else 202, {}, b""

    with serving(slow) as server, at(opened(server.port)) as store:
        calls(store, provider)["delete"]()
        assert len(server.asked) == 1


@both
@pytest.mark.parametrize("call", ["put", "head", "read", "delete", "list"])
def test_a_busy_server_is_asked_twice_and_no_more(provider: str, opened: Opened, call: str) -> None:
    with serving(busy) as server, at(opened(server.port, 3)) as store:
        with pytest.raises(StorageUnavailable) as unavailable:
            calls(store, provider)[call]()
        assert len(server.asked) == 2
        assert unavailable.value.__cause__ is not None
        assert not any(secret in unavailable.value.detail for secret in SECRETS)


@both
def test_one_failed_attempt_is_forgiven(provider: str, opened: Opened) -> None:
    def once(server: Server, _: BaseHTTPRequestHandler) -> Answer | None:
        return (204 if provider == "s3" else 202, {}, b"") if len(server.asked) > 1 else None

    with serving(once) as server, at(opened(server.port, 3)) as store:
        calls(store, provider)["delete"]()
        assert len(server.asked) == 2


@both
def test_a_body_that_breaks_off_is_a_failure_and_no_short_object(provider: str, opened: Opened) -> None:
    whole = 3 * 1024 * 1024

    def broken(_: Server, request: BaseHTTPRequestHandler) -> Answer:
        first, last = request.headers["Range" if provider == "s3" else "x-ms-range"].removeprefix("bytes=").split("-")
        length = int(last) + 1 - int(first)
        sent = length // 2 if provider == "s3" or int(first) else length
        headers = {"Content-Length": str(length), "Content-Range": f"bytes {first}-{last}/{whole}", "ETag": '"e"'}
        return 206, headers, b"x" * sent

    read: list[bytes] = []
    with serving(broken) as server, at(opened(server.port, 2)) as store:
        with pytest.raises((StorageUnavailable, StorageTimeout)):
            read.extend(store.read(Locator(provider, "media", "a"), 0, whole))
        assert CHUNK <= sum(map(len, read)) < whole


@both
def test_a_body_that_hangs_is_given_up_though_the_client_would_repeat_it(provider: str, opened: Opened) -> None:
    def stalled(server: Server, request: BaseHTTPRequestHandler) -> Answer:
        request.send_response(206)
        for name, value in {"Content-Length": "10", "Content-Range": "bytes 0-9/10", "ETag": '"e"'}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(b"12345")
        request.wfile.flush()
        server.release.wait(20)
        raise ConnectionError

    with serving(stalled) as server, at(opened(server.port)) as store:
        began = time.monotonic()
        with pytest.raises(StorageTimeout):
            list(store.read(Locator(provider, "media", "a"), 0, 10))
        assert time.monotonic() - began < 3


@both
@pytest.mark.parametrize(
    ("status", "words"), [(404, "does not exist"), (403, "refused these credentials"), (500, "answered 500")]
)
def test_the_check_tells_what_is_wrong(provider: str, opened: Opened, status: int, words: str) -> None:
    del provider
    code = {404: "ContainerNotFound", 403: "AuthenticationFailed", 500: "InternalError"}[status]
    with serving(lambda *_: (status, {"x-ms-error-code": code}, b"")) as server, at(opened(server.port, 3)) as store:
        with pytest.raises(StoreUnreachable) as unreachable:
            store.check("media")
        told(str(unreachable.value), words, str(server.port))


@both
def test_the_check_tells_that_nobody_is_there(provider: str, opened: Opened) -> None:
    del provider
    with serving(busy) as server:
        port = server.port
    with at(opened(port)) as store, pytest.raises(StoreUnreachable) as unreachable:
        store.check("media")
    told(str(unreachable.value), "cannot be reached", str(port))


@both
def test_the_check_tells_that_nobody_answers(provider: str, opened: Opened) -> None:
    del provider
    with serving(hang) as server, at(opened(server.port)) as store:
        with pytest.raises(StoreUnreachable) as unreachable:
            store.check("media")
        told(str(unreachable.value), "did not answer in time", "MEDIA_STORAGE_TIMEOUT_SECONDS")


def told(message: str, *words: str) -> None:
    for word in ("MEDIA_LOCATION", "'media'", *words):
        assert word in message
    assert not any(secret in message for secret in SECRETS)
    assert "\n" not in message
