"""The gateway of a slot: a listener for each object store, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable, Coroutine, Iterator, Mapping
from concurrent.futures import Future
from types import TracebackType
from typing import Any

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web

from lanes.errors import StackError
from lanes.stack.gateway.azure import recognise_azure
from lanes.stack.gateway.calls import Operation, Provider
from lanes.stack.gateway.faults import Armed, Fault, Faults
from lanes.stack.gateway.passage import Passage, once
from lanes.stack.gateway.record import Record
from lanes.stack.gateway.s3 import recognise_s3
from lanes.stack.server import free_port

_HOST = "127.0.0.1"
_CONNECT = 5.0  # seconds until a store that takes no connection is broken; an answer may take as long as it likes
_LEAVE = 0.05  # seconds that calls under way are given when a listener closes
_COMMAND = 5.0  # seconds that opening or closing may take
_LONGEST = 64 * 1024  # bytes of a line of a head: the stores judge what is too long, not the gateway

_Handle = Callable[[web.BaseRequest], Coroutine[Any, Any, web.StreamResponse]]
_RECOGNISE: Mapping[Provider, Callable[..., Operation]] = {
    "s3": recognise_s3,
    "azure": recognise_azure,
}


class Gateway:
    """Stands between the target and the object stores: `url` takes the place of a store's endpoint.

    `upstreams` are the base URLs of the stores by provider, without a path. Use it as a context manager. Raises StackError when
    it cannot listen.
    """

    def __init__(self, upstreams: Mapping[Provider, str]) -> None:
        self.record = Record()
        self.broken: str | None = None  # why a store first gave no answer: then the run says nothing about the target
        self._faults = Faults(self.record)
        self._listeners = {provider: _Listener(self._handler(provider, url.rstrip("/"))) for provider, url in upstreams.items()}
        self._thread = threading.Thread(target=self._run, name="gateway", daemon=True)
        self._ready: Future[None] = Future()
        self._over = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop
        self._session: ClientSession

    def url(self, provider: Provider) -> str:
        """The base URL at which the target reaches a provider's store."""
        return f"http://{_HOST}:{self._listeners[provider].port}"

    @contextlib.contextmanager
    def faulty(self, fault: Fault) -> Iterator[Armed]:
        """A fault, armed; at the end it is disarmed, and what it kept back goes on.

        Several may be armed at once: the one armed first has a call that more than one would befall.
        """
        with self._faults.armed(fault, self._loop) as armed:
            yield armed

    @contextlib.contextmanager
    def closed(self, provider: Provider) -> Iterator[None]:
        """Refuses connections to a provider's store, having cut those there were; afterwards it listens as before."""
        listener = self._listeners[provider]
        self._do(listener.close())
        try:
            yield
        finally:
            self._do(listener.open())

    def __enter__(self) -> Gateway:
        self._loop = asyncio.new_event_loop()
        self._thread.start()
        try:
            self._ready.result()
        except StackError:
            self._thread.join()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    def _run(self) -> None:
        with asyncio.Runner(loop_factory=lambda: self._loop) as runner:
            runner.run(self._serve())

    async def _serve(self) -> None:
        # A connection for each call: one that is kept may be closed by the store just when it is used again.
        connector = TCPConnector(force_close=True, limit=0)
        self._session = ClientSession(
            connector=connector,
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            timeout=ClientTimeout(total=None, connect=_CONNECT),
            middlewares=(once,),
            max_line_size=_LONGEST,
            max_field_size=_LONGEST,
        )
        async with contextlib.AsyncExitStack() as undo:
            await undo.enter_async_context(self._session)
            for listener in self._listeners.values():
                undo.push_async_callback(listener.close)
                try:
                    await listener.open()
                except OSError as error:
                    self._ready.set_exception(StackError(f"the gateway cannot listen: {error.strerror}"))
                    return
            self._ready.set_result(None)
            await self._over.wait()

    def _handler(self, provider: Provider, upstream: str) -> _Handle:
        recognise = _RECOGNISE[provider]

        async def handle(request: web.BaseRequest) -> web.StreamResponse:
            if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
                request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            path, _, query = request.raw_path.partition("?")
            head = (request.method, path, query, request.host, request.headers)
            operation, body = recognise(*head), None
            if operation.keys_in_body:
                body = await request.content.read()
                operation = recognise(*head, body)
            call = self.record.begin(provider, operation)
            armed = self._faults.strike(call, operation)
            passage = Passage(request, upstream, self._session, self.record, call, armed, body, self._tell_broken)
            return await passage.run()

        return handle

    def _tell_broken(self, reason: str) -> None:
        self.broken = self.broken or reason

    def _do(self, command: Coroutine[Any, Any, None]) -> None:
        asyncio.run_coroutine_threadsafe(command, self._loop).result(_COMMAND)


class _Listener:
    """The listening end for one store."""

    def __init__(self, handle: _Handle) -> None:
        self.port = free_port(_HOST)
        self._handle = handle
        self._runner: web.ServerRunner | None = None

    async def open(self) -> None:
        server = web.Server(
            self._handle,
            handler_cancellation=True,
            auto_decompress=False,
            access_log=None,
            max_line_size=_LONGEST,
            max_field_size=_LONGEST,
        )
        self._runner = web.ServerRunner(server, shutdown_timeout=_LEAVE)
        await self._runner.setup()
        await web.TCPSite(self._runner, _HOST, self.port).start()

    async def close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
