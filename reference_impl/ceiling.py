"""The byte ceiling: no more of a request body than the policy allows is ever read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders

from reference_impl.errors import Refused

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send


class Ceiling:
    """ASGI middleware that fails the reading of a body over `limit` bytes with Refused (request_too_large).

    It judges nothing before the application reads, so that credential, resource and type are judged first. A body that
    is over the limit, or of unknown length and not read to its end, ends the connection: a server would otherwise read
    on and throw away.
    """

    def __init__(self, app: ASGIApp, limit: int) -> None:
        self.app = app
        self.limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        body = Body(Headers(scope=scope), self.limit)

        async def counted() -> Message:
            body.judge()
            message = await receive()
            body.count(message)
            body.judge()
            return message

        async def closing(message: Message) -> None:
            if message["type"] == "http.response.start" and body.is_open_ended:
                MutableHeaders(scope=message)["connection"] = "close"
            await send(message)

        await self.app(scope, counted, closing)


class Body:
    """How much of one request body was announced, has come, and may come."""

    def __init__(self, headers: Headers, limit: int) -> None:
        announced = headers.get("content-length", "")
        self.limit = limit
        self.announced = int(announced) if announced.isdecimal() else None
        self.received = 0
        self.ended = self.announced is None and "transfer-encoding" not in headers

    def count(self, message: Message) -> None:
        if message["type"] == "http.request":
            self.received += len(message.get("body", b""))
            self.ended = not message.get("more_body", False)

    def judge(self) -> None:
        if self.is_over:
            raise Refused("request_too_large", f"A body may have {self.limit} bytes.")

    @property
    def is_over(self) -> bool:
        return max(self.received, self.announced or 0) > self.limit

    @property
    def is_open_ended(self) -> bool:
        return self.is_over or (self.announced is None and not self.ended)
