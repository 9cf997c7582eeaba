"""One call on its way: from the target through a fault to the store, and back."""

from __future__ import annotations

import asyncio
import dataclasses
import socket
import struct
import time
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, NoReturn

from aiohttp import ClientError, ClientHandlerType, ClientRequest, ClientResponse, ClientSession, hdrs, web
from multidict import CIMultiDict
from yarl import URL

from lanes.stack.gateway.answers import broken, refusal
from lanes.stack.gateway.faults import Armed, When
from lanes.stack.gateway.record import Call, Record

# They are about one connection (RFC 9110, Connection). What the target expects is answered by the gateway itself. No SDK signs
# over any of them, because proxies take them away.
_OF_A_CONNECTION = frozenset(
    {
        "connection",
        "expect",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
# What aiohttp would add to a request that has none of it.
_ADDED = (hdrs.ACCEPT, hdrs.ACCEPT_ENCODING, hdrs.CONTENT_TYPE, hdrs.USER_AGENT)

_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: whatever is not delivered is dropped, and the connection is reset


class StoreBroke(Exception):
    """The store gave no whole answer."""


async def once(request: ClientRequest, send: ClientHandlerType) -> ClientResponse:
    """Middleware: aiohttp would send some requests twice when a connection breaks, and the second would be ours."""
    try:
        return await send(request)
    except (ClientError, OSError) as error:
        raise StoreBroke(f"{type(error).__name__}: {error}") from error


class Passage:
    """One call. `body` is what was read of it already, None where nothing was."""

    def __init__(
        self,
        request: web.BaseRequest,
        upstream: str,
        session: ClientSession,
        record: Record,
        call: Call,
        armed: Armed | None,
        body: bytes | None,
        tell_broken: Callable[[str], None],
    ) -> None:
        self._request = request
        self._upstream = upstream
        self._session = session
        self._record = record
        self._call = call
        self._armed = armed
        self._body = body
        self._tell_broken = tell_broken
        self._size = len(body or b"")
        self._began = time.monotonic()

    async def run(self) -> web.StreamResponse:
        """Takes the call to its answer. It is cancelled when the target leaves."""
        try:
            return await self._run()
        finally:
            if self._call.seconds is None:
                self._note(seconds=self._elapsed)

    async def _run(self) -> web.StreamResponse:
        instead = await self._befall("before")
        if instead is not None:
            return await self._answering(instead)
        try:
            async with self._asking() as answer:
                self._note(store_status=answer.status)
                instead = await self._befall("after")
                return await self._relay(answer) if instead is None else await self._answering(instead)
        except StoreBroke as error:
            self._tell_broken(f"{self._call.provider}: {self._call.name}: {error}")
            if self._call.status is not None:
                await self._reset()  # its answer had begun
            return await self._answering(broken(str(error)))

    async def _befall(self, when: When) -> web.Response | None:
        """What the fault does now. Answers what the target gets instead of going on."""
        armed = self._armed
        if armed is None or armed.fault.when != when:
            return None
        if when == "before" and self._body is None:
            # A call that is kept back has left the target, and the loss of a connection is only seen while it is read.
            self._body = await self._request.content.read()
            self._size = len(self._body)
        self._note(fault=str(armed.fault))
        armed.reach()
        match armed.fault.what:
            case "refuse" | "fail" as what:
                return refusal(self._call.provider, what, self._request.path)
            case "reset":
                await self._reset()
            case "slow":
                await armed.wait_let_go(armed.fault.seconds)
            case "hold" | "hang":
                await armed.wait_let_go()
        await self._stop_if_left()  # which it may have done just before the call was let go
        return None

    def _asking(self) -> Any:  # aiohttp's own type of it is private
        request = self._request
        return self._session.request(
            request.method,
            URL(self._upstream + request.raw_path, encoded=True),
            headers=_passed(request.raw_headers),
            skip_auto_headers=_ADDED,
            data=self._sent() if request.body_exists else None,
            allow_redirects=False,
        )

    async def _sent(self) -> AsyncIterator[bytes]:
        if self._body is not None:
            yield self._body
            return
        async for piece in self._request.content.iter_any():
            self._size += len(piece)
            yield piece

    async def _relay(self, answer: ClientResponse) -> web.StreamResponse:
        relayed = web.StreamResponse(status=answer.status, reason=answer.reason, headers=_passed(answer.raw_headers))
        await self._answering(relayed)
        try:
            await relayed.prepare(self._request)
            while piece := await _piece(answer):
                await relayed.write(piece)
            await relayed.write_eof()
        except ConnectionError:
            await _cancelled()  # the target has left
        return relayed

    async def _answering(self, answer: web.StreamResponse) -> web.StreamResponse:
        await self._stop_if_left()
        # Noted first: whoever has seen the answer finds it in the record.
        self._note(status=answer.status, seconds=self._elapsed)
        return answer

    async def _stop_if_left(self) -> None:
        # That the connection was closed is read before the call is cancelled for it.
        if self._request.transport is None or self._request.transport.is_closing():
            await _cancelled()

    async def _reset(self) -> NoReturn:
        transport = self._request.transport
        if transport is not None:
            connection: socket.socket = transport.get_extra_info("socket")
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            transport.abort()
        await _cancelled()

    def _note(self, **come: Any) -> None:
        self._call = dataclasses.replace(self._call, size=self._size, **come)
        self._record.keep(self._call)

    @property
    def _elapsed(self) -> float:
        return time.monotonic() - self._began


async def _cancelled() -> NoReturn:
    """Waits for the end of a call whose connection is closing: aiohttp cancels it when the connection is lost."""
    await asyncio.get_running_loop().create_future()
    raise AssertionError


def _passed(headers: Iterable[tuple[bytes, bytes]]) -> CIMultiDict[str]:
    """The headers that go on, in their order, with names in the case that they came in."""
    decoded = ((name.decode(), value.decode("utf-8", "surrogateescape")) for name, value in headers)
    return CIMultiDict((name, value) for name, value in decoded if name.lower() not in _OF_A_CONNECTION)


async def _piece(answer: ClientResponse) -> bytes:
    try:
        return await answer.content.readany()
    except (ClientError, OSError) as error:
        raise StoreBroke(f"{type(error).__name__}: {error}") from error
