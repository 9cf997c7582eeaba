"""Real HTTP servers on loopback: one that answers as it is told and remembers what it was asked, and one of raw bytes."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in."""

    method: str
    path: str  # as it was sent, undecoded, with its query
    headers: Message
    body: bytes
    port: int = 0  # of the client's end: the same for requests over one connection


@dataclass(frozen=True, slots=True)
class Reply:
    """What to answer."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Served:
    """A server that is up."""

    base_url: str
    asked: list[Asked]


@contextlib.contextmanager
def serving(
    reply: Callable[[Asked], Reply] = lambda _: Reply(), port: int = 0, *, secured: ssl.SSLContext | None = None
) -> Iterator[Served]:
    """A server that answers every request with what `reply` says of it; over TLS where it is secured."""
    asked: list[Asked] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"  # which keeps connections
        wbufsize = -1  # head and body in one piece: of two, the second waits until the first is acknowledged

        def handle(self) -> None:
            with contextlib.suppress(OSError):  # whoever does not trust the certificate, or wants no more, hangs up
                super().handle()

        def answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            request = Asked(self.command, self.path, self.headers, body, self.client_address[1])
            asked.append(request)
            said = reply(request)
            if "Server" in said.headers:
                self.send_response_only(said.status)
            else:
                self.send_response(said.status)
            for name, value in {"Content-Length": str(len(said.body)), **said.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(said.body)

        def log_message(self, *_: Any) -> None:
            """The tests read `asked`."""

    for method in ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"):
        setattr(Handler, f"do_{method}", Handler.answer)
    with ThreadingHTTPServer(("127.0.0.1", port), Handler) as server:
        if secured:
            # Whoever only connects is not to keep the others waiting.
            server.socket = secured.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield Served(f"{'https' if secured else 'http'}://127.0.0.1:{server.server_address[1]}", asked)
        finally:
            server.shutdown()
            thread.join()


@contextlib.contextmanager
def talking(talk: Callable[[socket.socket], None]) -> Iterator[str]:
    """A server whose connections `talk` handles, byte for byte, once a request has come in. Yields its base URL."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def handle(connection: socket.socket) -> None:
            with connection, contextlib.suppress(OSError):
                connection.recv(65536)
                talk(connection)

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, _ = listener.accept()
                    threading.Thread(target=handle, args=(connection,), daemon=True).start()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the thread, which a mere close would not
            thread.join()
