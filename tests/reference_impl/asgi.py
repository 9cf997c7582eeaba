"""An HTTP client that calls an ASGI application without a server."""

from __future__ import annotations

import json as jsonlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

import anyio

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from anyio.from_thread import BlockingPortal
    from starlette.types import ASGIApp, Message


@dataclass
class Answer:
    """What came back, how much of the body was read to get there, and what the application raised behind it."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    read: int = 0
    raised: Exception | None = None

    @property
    def json(self) -> Any:
        return jsonlib.loads(self.body)

    @property
    def code(self) -> str:
        assert self.headers["content-type"] == "application/problem+json", self
        code: str = self.json["code"]
        return code


class Client:
    """Sends requests from a thread to an application that runs in a portal's event loop."""

    def __init__(self, app: ASGIApp, portal: BlockingPortal) -> None:
        self.app = app
        self.portal = portal

    def __call__(
        self,
        method: str,
        target: str,
        *,
        credential: str | None = None,
        headers: Mapping[str, str] | None = None,
        json: object = None,
        body: bytes | None = None,
        chunks: Iterable[bytes] | None = None,
    ) -> Answer:
        """With chunks the body has no announced length; it breaks off where the chunks raise ConnectionError."""
        sent = dict(headers or {})
        if credential is not None:
            sent["authorization"] = f"Bearer {credential}"
        if json is not None:
            body = jsonlib.dumps(json).encode()
            sent.setdefault("content-type", "application/json")
        if chunks is not None:
            sent["transfer-encoding"] = "chunked"
        elif body is not None:
            sent.setdefault("content-length", str(len(body)))
        pieces = chunks if chunks is not None else [body or b""]
        return self.portal.call(self._exchange, method, target, sent, pieces)

    async def _exchange(self, method: str, target: str, headers: dict[str, str], pieces: Iterable[bytes]) -> Answer:
        parts = urlsplit(f"//host{target}")
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": unquote(parts.path),
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()],
            "server": ("host", 80),
            "client": ("client", 1),
        }
        answer = Answer()
        remaining = iter(pieces)
        ended = False

        async def receive() -> Message:
            nonlocal ended
            if ended:
                # Like a client that waits for its answer.
                await anyio.sleep_forever()
            try:
                piece = next(remaining, None)
            except ConnectionError:
                return {"type": "http.disconnect"}
            if piece is None:
                ended = True
                return {"type": "http.request", "body": b"", "more_body": False}
            answer.read += len(piece)
            return {"type": "http.request", "body": piece, "more_body": True}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in message["headers"]}
            else:
                answer.body += message.get("body", b"")

        try:
            await self.app(scope, receive, send)
        except Exception as error:
            if not answer.status:
                raise
            answer.raised = error
        return answer
