"""A small object store on loopback that keeps what it is sent and remembers how it was asked, and a client of exact bytes."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPMessage
from urllib.parse import urlsplit

from aiohttp import web

from lanes.stack.server import free_port

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True)
class Asked:
    """A request as it came in: its path and headers as they were sent."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes


@dataclass(slots=True)
class Store:
    """What it holds by raw path. `answer` takes the place of its own answers."""

    url: str
    asked: list[Asked] = field(default_factory=list)
    kept: dict[str, bytes] = field(default_factory=dict)
    answer: Answer | None = None

    def clear(self) -> None:
        """Forgets everything."""
        self.asked.clear()
        self.kept.clear()
        self.answer = None

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """One request."""
        if self.answer is not None:
            return await self.answer(request)
        body = await request.content.read()
        headers = tuple((name.decode(), value.decode()) for name, value in request.raw_headers)
        self.asked.append(Asked(request.method, request.raw_path, headers, body))
        match request.method:
            case "PUT":
                self.kept[request.path] = body
                return web.Response(headers={"ETag": '"kept"'})
            case "DELETE":
                self.kept.pop(request.path, None)
                return web.Response(status=204)
        found = self.kept.get(request.path)
        return web.Response(status=404) if found is None else web.Response(body=found, content_type="image/jpeg")


@contextlib.contextmanager
def storing() -> Iterator[Store]:
    """A store that is up."""
    port = free_port()
    store = Store(f"http://127.0.0.1:{port}")
    loop, ready, over = asyncio.new_event_loop(), threading.Event(), asyncio.Event()

    async def serve() -> None:
        runner = web.ServerRunner(web.Server(store.handle, auto_decompress=False, access_log=None), shutdown_timeout=0.05)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        ready.set()
        await over.wait()
        await runner.cleanup()

    def run() -> None:
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            runner.run(serve())

    thread = threading.Thread(target=run)
    thread.start()
    ready.wait(5)
    try:
        yield store
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()


@dataclass(frozen=True, slots=True)
class Got:
    """An answer."""

    status: int
    headers: HTTPMessage
    body: bytes


def ask(url: str, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Got:
    """One request over a connection of its own, with these headers and no others but Host and, for a body, Content-Length."""
    with contextlib.closing(HTTPConnection(urlsplit(url).netloc, timeout=10)) as connection:
        connection.putrequest(method, path, skip_host="Host" in (headers or {}), skip_accept_encoding=True)
        for name, value in (headers or {}).items():
            connection.putheader(name, value)
        if body is not None and "Transfer-Encoding" not in (headers or {}):
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        response = connection.getresponse()
        return Got(response.status, response.headers, response.read())
