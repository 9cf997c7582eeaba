"""Servers that stores could meet on a bad day."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Server:
    """Where it is, what it was asked, and the word that lets go of requests that hang."""

    port: int
    asked: list[str] = field(default_factory=list)
    heads: list[dict[str, str]] = field(default_factory=list)
    release: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def serving(answer: Callable[[Server, BaseHTTPRequestHandler], Answer | None]) -> Iterator[Server]:
    """A server that answers as it is told, or breaks the connection off where it is told nothing.

    Content-Length is that of the body unless the answer has one of its own.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_any(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            server.asked.append(f"{self.command} {self.path}")
            server.heads.append({name.lower(): value for name, value in self.headers.items()})
            answered = answer(server, self)
            if answered is None:
                self.close_connection = True
                return
            status, headers, body = answered
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                self.send_header(name, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(body)
            if "Content-Length" in headers:
                self.close_connection = True

        do_GET = do_HEAD = do_PUT = do_DELETE = handle_any  # noqa: N815 - the names of http.server

        def log_message(self, *_: object) -> None:
            pass

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: object) -> None:
            """A client that left is what these tests are about."""

    with Quiet(("127.0.0.1", 0), Handler) as httpd:
        server = Server(httpd.server_port)
        thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            server.release.set()
            httpd.shutdown()
            thread.join()


def hang(server: Server, _: BaseHTTPRequestHandler) -> None:
    server.release.wait(30)


def busy(_: Server, __: BaseHTTPRequestHandler) -> Answer:
    return 503, {}, b""
