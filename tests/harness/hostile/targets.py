"""Hostile targets, a function each: `python -m tests.harness.hostile.targets NAME` serves one on HOST and PORT.

Each gets a connection and its first bytes, and does with it what its docstring says.
"""

from __future__ import annotations

import contextlib
import os
import socket
import sys
import threading
import time
from collections.abc import Callable

Handler = Callable[[socket.socket, bytes], None]

_MEBIBYTE = b"x" * 1024 * 1024
_last_body = b"{}"


def yes(connection: socket.socket, request: bytes) -> None:
    """Answers 200 and an empty object to everything."""
    _answer(connection, b"{}", request)


def echo(connection: socket.socket, request: bytes) -> None:
    """Answers 200 with the last body that anybody sent."""
    global _last_body  # noqa: PLW0603 - one process, one connection at a time
    head, _, body = request.partition(b"\r\n\r\n")
    if b"content-length" in head.lower():
        _last_body = body
    _answer(connection, _last_body, request)


def html(connection: socket.socket, request: bytes) -> None:
    """Answers every path with a page that says all is well."""
    _answer(connection, b"<!doctype html><title>OK</title><h1>It works!</h1>", request, kind=b"text/html")


def redirects(connection: socket.socket, request: bytes) -> None:
    """Sends everybody round in circles, but for the health check."""
    if _is_health(request):
        _be_well(connection)
    else:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /again\r\nContent-Length: 0\r\n\r\n")


def hangs(connection: socket.socket, request: bytes) -> None:
    """Takes every request and never answers, but for the health check."""
    if _is_health(request):
        _be_well(connection)
    else:
        time.sleep(600)


def closes(connection: socket.socket, request: bytes) -> None:
    """Closes every connection without an answer, but for the health check."""
    if _is_health(request):
        _be_well(connection)
        return
    connection.shutdown(socket.SHUT_WR)
    while connection.recv(65536):  # bytes that nobody reads would turn the end into a reset
        pass


def dribbles(connection: socket.socket, request: bytes) -> None:
    """Answers a byte at a time, ten a second, but for the health check."""
    if _is_health(request):
        _be_well(connection)
        return
    for byte in b"HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nX-Padding: " + b"." * 10_000:
        connection.sendall(bytes([byte]))
        time.sleep(0.1)


def tls(connection: socket.socket, request: bytes) -> None:
    """Speaks TLS on a plain port: answers each request with an alert (RFC 8446, section 6)."""
    del request
    connection.sendall(b"\x15\x03\x03\x00\x02\x02\x16")


def floods(connection: socket.socket, request: bytes) -> None:
    """Answers with a body of 10 GB, but for the health check."""
    if _is_health(request):
        _be_well(connection)
        return
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 10000000000\r\n\r\n")
    while True:
        connection.sendall(_MEBIBYTE)


def busy(connection: socket.socket, request: bytes) -> None:
    """Asks everybody to come back in 20 seconds, for ever, but for the health check."""
    _put_off(connection, request, seconds=20)


def eager(connection: socket.socket, request: bytes) -> None:
    """Asks everybody to come back at once, for ever, but for the health check."""
    _put_off(connection, request, seconds=0)


def dies(connection: socket.socket, request: bytes) -> None:
    """Passes the health check, and ends with a last word at the first request after it."""
    if not _is_health(request):
        print("the disk is full", flush=True)
        os._exit(9)
    _answer(connection, b"{}", request)


TARGETS: dict[str, Handler] = {
    handler.__name__: handler
    for handler in (yes, echo, html, redirects, hangs, closes, dribbles, tls, floods, busy, eager, dies)
}


def serve(handler: Handler, host: str, port: int) -> None:
    """Serves until the process is ended, a thread for each connection and a connection for each request."""
    with socket.create_server((host, port)) as listener:
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=_handle, args=(handler, connection), daemon=True).start()


def _handle(handler: Handler, connection: socket.socket) -> None:
    with connection, contextlib.suppress(OSError):
        if request := _read(connection):
            handler(connection, request)


def _read(connection: socket.socket) -> bytes:
    """A request, its body included where Content-Length tells how long that is."""
    request = b""
    while b"\r\n\r\n" not in request:
        more = connection.recv(65536)
        if not more:
            return request
        request += more
    head, _, body = request.partition(b"\r\n\r\n")
    lengths = [line.partition(b":")[2] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    while lengths and len(body) < int(lengths[0]):
        more = connection.recv(65536)
        if not more:
            break
        body += more
    return head + b"\r\n\r\n" + body


def _answer(connection: socket.socket, body: bytes, request: bytes, kind: bytes = b"application/json") -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nConnection: close\r\n\r\n" % (kind, len(body))
    connection.sendall(head if request.startswith(b"HEAD ") else head + body)


def _put_off(connection: socket.socket, request: bytes, seconds: int) -> None:
    if _is_health(request):
        _be_well(connection)
    else:
        connection.sendall(b"HTTP/1.1 429 Later\r\nRetry-After: %d\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % seconds)


def _be_well(connection: socket.socket) -> None:
    """The answer of a target that is well, as the contract has it: nothing of what follows is its fault."""
    body = b'{"status": "ok", "contractVersion": "1.0.0"}'
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nCache-Control: no-store\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    connection.sendall(head.encode() + body)


def _is_health(request: bytes) -> bool:
    return request.startswith(b"GET /healthz ")


if __name__ == "__main__":
    serve(TARGETS[sys.argv[1]], os.environ["HOST"], int(os.environ["PORT"]))
