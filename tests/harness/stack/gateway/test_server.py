"""What passes the gateway passes unchanged, and the gateway itself comes and goes without a trace."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import socket
import threading
import time
import tracemalloc

import pytest
from aiohttp import web

from lanes.errors import StackError
from lanes.stack.gateway import server as module
from lanes.stack.gateway.faults import Fault
from lanes.stack.gateway.server import Gateway
from lanes.stack.server import free_port
from tests.harness.processes import soon
from tests.harness.servers import talking
from tests.harness.stack.gateway.store import Store, ask

MEBIBYTE = 1024 * 1024


def port_of(gateway: Gateway) -> int:
    return int(gateway.url("s3").rpartition(":")[2])


@pytest.mark.parametrize(
    "path",
    [
        "/b/a%20b+c%25%C3%A9~'()",
        "/b//x/../y/./z",
        "/b/%2e%2e/%2F/;a=b:c@d",
        "//b",
        "/b/k?x=&y=1&x=%2F/+?z",
        "/b/k?x-id=PutObject&X-Amz-Signature=%41",
        "/b/k?acl",
    ],
)
def test_paths_and_queries_reach_the_store_byte_for_byte(gateway: Gateway, store: Store, path: str) -> None:
    ask(gateway.url("s3"), "GET", path)
    assert store.asked[0].path == path


def test_headers_reach_the_store_as_they_are_and_no_others(gateway: Gateway, store: Store) -> None:
    headers = {
        "Host": "b.s3.eu-west-1.amazonaws.com",
        "authorization": "AWS4-HMAC-SHA256 x",
        "X-Amz-Meta-Ab": "a  b",
        "Cookie": "a",
    }
    ask(gateway.url("s3"), "PUT", "/k", b"x", headers)
    ask(gateway.url("s3"), "GET", "/k", None, headers)
    sent = [*headers.items(), ("Connection", "close")]
    assert sorted(store.asked[0].headers) == sorted([*sent, ("Content-Length", "1")])
    assert sorted(store.asked[1].headers) == sorted(sent)
    assert gateway.record.since()[0].location == "b"


def test_nothing_of_a_credential_is_in_the_record(gateway: Gateway) -> None:
    ask(
        gateway.url("s3"),
        "GET",
        "/b/k?X-Amz-Signature=s3cret",
        None,
        {"Authorization": "s3cret", "x-amz-security-token": "s3cret"},
    )
    assert "s3cret" not in repr(gateway.record.since())


def test_bodies_come_through_in_chunks_or_in_one_piece(gateway: Gateway, store: Store) -> None:
    # Amazon S3 API Reference, Signature calculations for the Authorization header: transferring payload in multiple chunks
    chunks = b"5;chunk-signature=ab\r\nhello\r\n0;chunk-signature=cd\r\nx-amz-checksum-crc32:x\r\n\r\n"
    framed = b"%x\r\n%s\r\n0\r\n\r\n" % (len(chunks), chunks)
    encoding = {"Content-Encoding": "aws-chunked", "x-amz-decoded-content-length": "5"}
    assert ask(gateway.url("s3"), "PUT", "/b/k", chunks, encoding).status == 200
    assert ask(gateway.url("s3"), "PUT", "/b/k", framed, encoding | {"Transfer-Encoding": "chunked"}).status == 200
    assert ask(gateway.url("s3"), "PUT", "/b/empty", b"").status == 200
    assert ask(gateway.url("s3"), "PUT", "/b/zip", gzip.compress(b"x"), {"Content-Encoding": "gzip"}).status == 200
    assert [asked.body for asked in store.asked] == [chunks, chunks, b"", gzip.compress(b"x")]
    assert dict(store.asked[0].headers)["Content-Length"] == str(len(chunks))
    assert "Content-Length" not in dict(store.asked[1].headers)
    assert dict(store.asked[2].headers)["Content-Length"] == "0"
    assert [call.size for call in gateway.record.since()] == [len(chunks), len(chunks), 0, len(gzip.compress(b"x"))]


@pytest.mark.parametrize("fault", [None, Fault("refuse"), Fault("slow", seconds=0.1)])
def test_a_target_that_waits_for_100_continue_gets_it(gateway: Gateway, store: Store, fault: Fault | None) -> None:
    with contextlib.ExitStack() as stack:
        if fault is not None:
            stack.enter_context(gateway.faulty(fault))
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", port_of(gateway)), 5))
        connection.sendall(b"PUT /b/k HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n")
        assert connection.recv(65536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"hello")
        refused = fault is not None and fault.what == "refuse"
        assert connection.recv(65536).startswith(b"HTTP/1.1 403" if refused else b"HTTP/1.1 200")
    assert [asked.body for asked in store.asked] == ([] if refused else [b"hello"])


def test_answers_come_back_as_they_are(gateway: Gateway, store: Store) -> None:
    zipped = gzip.compress(b"picture")

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        match request.path:
            case "/b/moved":
                return web.Response(status=307, headers={"Location": "/elsewhere"})
            case "/b/unchanged":
                return web.Response(status=304, headers={"ETag": '"e"'})
            case "/b/chunks":
                chunks = web.StreamResponse(headers={"Content-Type": "text/plain"})
                await chunks.prepare(request)
                await chunks.write(b"one")
                await chunks.write(b"two")
                return chunks
        headers = {"Content-Encoding": "gzip", "x-amz-meta-A": "b", "Date": "Tue, 01 Jan 2030 00:00:00 GMT", "Server": "S"}
        return web.Response(body=zipped, headers=headers, reason="Fine")

    store.answer = answer
    url = gateway.url("s3")
    got, head = ask(url, "GET", "/b/k"), ask(url, "HEAD", "/b/k")
    assert got.body == zipped
    assert head.body == b""
    assert head.headers["Content-Length"] == got.headers["Content-Length"] == str(len(zipped))
    straight = ask(store.url, "GET", "/b/k")
    assert sorted(got.headers.items()) == sorted(straight.headers.items())
    moved = ask(url, "GET", "/b/moved")
    assert (moved.status, moved.headers["Location"]) == (307, "/elsewhere")
    assert (ask(url, "GET", "/b/unchanged").status, ask(url, "GET", "/b/unchanged").headers["ETag"]) == (304, '"e"')
    assert ask(url, "GET", "/b/chunks").body == b"onetwo"


def test_large_bodies_are_not_kept_in_memory(gateway: Gateway, store: Store) -> None:
    size = 64 * MEBIBYTE

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        if request.method == "PUT":
            taken = 0
            async for piece in request.content.iter_any():
                taken += len(piece)
            return web.Response(text=str(taken))
        answer = web.StreamResponse(headers={"Content-Length": str(size)})
        await answer.prepare(request)
        for _ in range(64):
            await answer.write(bytes(MEBIBYTE))
        return answer

    store.answer = answer
    body = bytes(size)
    tracemalloc.start()
    try:
        assert ask(gateway.url("s3"), "PUT", "/b/k", body).body == str(size).encode()
        with socket.create_connection(("127.0.0.1", port_of(gateway)), 5) as connection:
            connection.sendall(b"GET /b/k HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n")
            time.sleep(0.2)  # a target that takes nothing holds up the store
            taken = 0
            while piece := connection.recv(65536):
                taken += len(piece)
        assert taken > size
        assert tracemalloc.get_traced_memory()[1] < 16 * MEBIBYTE
    finally:
        tracemalloc.stop()
    assert gateway.record.since(operation="put")[0].size == size


def test_an_answer_that_comes_before_the_body_was_read_is_passed_on(gateway: Gateway, store: Store) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        return web.Response(status=403, text="no")

    store.answer = answer
    for _ in range(3):
        assert ask(gateway.url("s3"), "PUT", "/b/k", bytes(2 * MEBIBYTE)).status == 403
    assert gateway.broken is None


def test_a_target_that_leaves_in_the_middle_of_its_body_is_not_the_stores_fault(gateway: Gateway, store: Store) -> None:
    with socket.create_connection(("127.0.0.1", port_of(gateway)), 5) as connection:
        connection.sendall(b"PUT /b/k HTTP/1.1\r\nHost: h\r\nContent-Length: 5000\r\n\r\nhello")
        assert soon(lambda: len(gateway.record.since()) == 1)
        time.sleep(0.1)
    assert soon(lambda: gateway.record.since()[0].seconds is not None)
    assert (gateway.record.since()[0].status, gateway.record.since()[0].size) == (None, 5)
    assert store.kept == {}
    assert gateway.broken is None


def test_a_target_that_leaves_in_the_middle_of_an_answer_is_not_the_stores_fault(gateway: Gateway, store: Store) -> None:
    store.kept["/b/k"] = bytes(32 * MEBIBYTE)
    with socket.create_connection(("127.0.0.1", port_of(gateway)), 5) as connection:
        connection.sendall(b"GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n")
        assert connection.recv(100).startswith(b"HTTP/1.1 200")
    assert ask(gateway.url("s3"), "GET", "/b/none").status == 404
    assert gateway.broken is None


def test_a_store_that_cannot_be_reached_is_told_as_broken() -> None:
    nowhere = f"http://127.0.0.1:{free_port()}"
    with Gateway({"s3": nowhere}) as gateway:
        assert gateway.broken is None
        got = ask(gateway.url("s3"), "PUT", "/b/k", b"x")
        assert got.status == 502
        assert gateway.broken is not None
        assert gateway.broken.startswith("s3: PutObject: ClientConnectorError: Cannot connect to host")
        (call,) = gateway.record.since()
        assert (call.status, call.store_status) == (502, None)
        first = gateway.broken
        ask(gateway.url("s3"), "GET", "/b/k")
        assert gateway.broken == first


def test_a_store_that_hangs_up_is_asked_once_and_told_as_broken() -> None:
    talks = []
    with talking(lambda _: talks.append(1)) as url, Gateway({"s3": url}) as gateway:
        assert ask(gateway.url("s3"), "DELETE", "/b/k").status == 502
        assert "ServerDisconnected" in (gateway.broken or "")
    assert len(talks) == 1


def test_a_store_that_breaks_off_its_answer_is_told_as_broken_and_the_target_sees_no_whole_answer() -> None:
    def half(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf")

    with talking(half) as url, Gateway({"s3": url}) as gateway:
        with pytest.raises(ConnectionResetError):
            ask(gateway.url("s3"), "GET", "/b/k")
        assert soon(lambda: gateway.broken is not None)


def test_a_closed_gateway_refuses_connections_and_cuts_those_there_were(gateway: Gateway, store: Store) -> None:
    url = gateway.url("s3")
    with socket.create_connection(("127.0.0.1", port_of(gateway)), 5) as kept:
        kept.sendall(b"GET /b/k HTTP/1.1\r\nHost: h\r\n\r\n")
        assert kept.recv(65536).startswith(b"HTTP/1.1 404")
        with gateway.closed("s3"):
            with pytest.raises(ConnectionRefusedError):
                ask(url, "GET", "/b/k")
            assert kept.recv(65536) == b""
            assert ask(gateway.url("azure"), "GET", "/a/b/k").status == 404
    assert gateway.url("s3") == url
    assert ask(url, "PUT", "/b/k", b"x").status == 200
    assert len(store.asked) == 3


def test_closing_drops_calls_that_are_held(gateway: Gateway, store: Store) -> None:
    with gateway.faulty(Fault("hold")) as armed, socket.create_connection(("127.0.0.1", port_of(gateway)), 5) as held:
        held.sendall(b"DELETE /b/k HTTP/1.1\r\nHost: h\r\n\r\n")
        assert armed.wait_reached(5)
        with gateway.closed("s3"):
            assert held.recv(65536) == b""
    assert store.asked == []
    assert armed.calls[0].status is None


def test_a_gateway_is_gone_within_a_second_even_with_calls_that_hang(store: Store) -> None:
    store.clear()
    threads = threading.active_count()
    with contextlib.ExitStack() as stack:
        gateway = stack.enter_context(Gateway({"s3": store.url, "azure": store.url}))
        hang = gateway.faulty(Fault("hang"))
        armed = hang.__enter__()
        targets = [stack.enter_context(socket.create_connection(("127.0.0.1", port_of(gateway)), 5)) for _ in range(5)]
        for target in targets:
            target.sendall(b"DELETE /b/k HTTP/1.1\r\nHost: h\r\n\r\n")
        assert soon(lambda: len(armed.calls) == 5)
        began = time.monotonic()
        gateway.__exit__(None, None, None)
        assert time.monotonic() - began < 1
        assert [target.recv(100) for target in targets] == [b""] * 5
        hang.__exit__(None, None, None)
        stack.pop_all()
        for target in targets:
            target.close()
    assert threading.active_count() == threads
    assert store.asked == []


def test_a_gateway_is_gone_within_a_second_while_the_store_hangs(store: Store) -> None:
    async def answer(_: web.BaseRequest) -> web.StreamResponse:
        await asyncio.sleep(30)
        raise AssertionError

    store.clear()
    store.answer = answer
    with Gateway({"s3": store.url}) as gateway, socket.create_connection(("127.0.0.1", port_of(gateway)), 5) as target:
        target.sendall(b"DELETE /b/k HTTP/1.1\r\nHost: h\r\n\r\n")
        assert soon(lambda: len(gateway.record.since()) == 1)
        began = time.monotonic()
    assert time.monotonic() - began < 1


def test_a_port_that_is_taken_is_told(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setattr(module, "free_port", lambda _: taken.getsockname()[1])
        with pytest.raises(StackError, match="the gateway cannot listen"), Gateway({"s3": store.url}):
            raise AssertionError


def test_the_record_tells_what_came_since_a_mark_and_is_what_is_asked_for(gateway: Gateway) -> None:
    for method, path in (("PUT", "/b/one"), ("PUT", "/c/two"), ("GET", "/b/one"), ("DELETE", "/b/one")):
        ask(gateway.url("s3"), method, path, b"x" if method == "PUT" else None)
    mark = gateway.record.mark()
    assert gateway.record.since(mark) == ()
    ask(gateway.url("azure"), "DELETE", "/a/b/one")
    record = gateway.record
    assert [call.name for call in record.since()] == ["PutObject", "PutObject", "GetObject", "DeleteObject", "Delete Blob"]
    assert [call.name for call in record.since(mark)] == ["Delete Blob"]
    assert [call.number for call in record.since(operation="delete")] == [4, 5]
    assert [call.number for call in record.since(key="two")] == [2]
    assert [call.number for call in record.since(location="b", provider="s3")] == [1, 3, 4]
    assert str(record.since()[0]) == "PutObject b/one: 200"
    assert all(0 < (call.seconds or 0) < 5 for call in record.since())
