from __future__ import annotations

import json
import socket
import threading
from contextlib import closing, suppress
from typing import TYPE_CHECKING

import pytest
import uvicorn
from starlette.responses import PlainTextResponse

from reference_impl import server
from reference_impl.answers import Content
from reference_impl.storage.protocol import StorageUnavailable

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

    from starlette.types import Receive, Scope, Send


async def breaking_off() -> AsyncGenerator[bytes]:
    yield b"second"
    raise StorageUnavailable


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "http" and scope["path"] == "/broken":
        await Content(b"first", breaking_off(), 200, {"content-length": "1000"})(scope, receive, send)
    elif scope["type"] == "http":
        await PlainTextResponse("fine")(scope, receive, send)
    else:
        await receive()
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await send({"type": "lifespan.shutdown.complete"})


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, int]]:
    servers: list[uvicorn.Server] = []
    begin = uvicorn.Server.run

    def noted(self: uvicorn.Server, sockets: list[socket.socket] | None = None) -> None:
        servers.append(self)
        begin(self, sockets)

    monkeypatch.setattr(uvicorn.Server, "run", noted)
    listener = server.listen("127.0.0.1", 0)
    thread = threading.Thread(target=server.run, args=(app, listener))
    thread.start()
    yield listener.getsockname()
    servers[0].should_exit = True
    thread.join()


def exchange(address: tuple[str, int], request: bytes) -> tuple[bytes, bytes]:
    with closing(socket.create_connection(address)) as client:
        client.sendall(request)
        client.settimeout(10)
        received = b""
        # A server that closes before it has read everything resets the connection behind its answer.
        with suppress(ConnectionResetError):
            while piece := client.recv(65536):
                received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    return head, body


@pytest.mark.parametrize("request_", [b"nonsense\r\n\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"y" * 200_000 + b"\r\n\r\n"])
def test_what_is_no_http_is_refused_in_the_words_of_the_contract(address: tuple[str, int], request_: bytes) -> None:
    head, body = exchange(address, request_)
    assert head.startswith(b"HTTP/1.1 400 ")
    assert b"content-type: application/problem+json" in head.lower()
    assert json.loads(body)["code"] == "request_malformed"


def test_the_server_does_not_introduce_itself(address: tuple[str, int]) -> None:
    head, body = exchange(address, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert body == b"fine"
    assert b"\r\nserver:" not in head.lower()


def test_an_address_in_use_cannot_be_listened_on() -> None:
    with closing(server.listen("127.0.0.1", 0)) as listener, pytest.raises(OSError, match="in use"):
        server.listen("127.0.0.1", listener.getsockname()[1])


def test_an_answer_that_breaks_off_never_looks_complete(address: tuple[str, int]) -> None:
    # Without "Connection: close": it is the failure that ends the connection.
    head, body = exchange(address, b"GET /broken HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"content-length: 1000" in head.lower()
    assert body == b"firstsecond"
