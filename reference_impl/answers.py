"""Successful answers: JSON that nobody may keep, lines of it, and bytes, both sent as they come."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
from starlette.responses import JSONResponse, StreamingResponse

from reference_impl.errors import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterator, Mapping

    from starlette.background import BackgroundTask
    from starlette.types import Receive, Scope, Send

NO_STORE = {"cache-control": "no-store"}


class Answer(JSONResponse):
    def __init__(self, content: Any, status: int = 200, background: BackgroundTask | None = None) -> None:
        super().__init__(content, status, headers=NO_STORE, background=background)


class Streamed(StreamingResponse):
    """A body that is sent as it comes. Where it fails, so does the connection: no client takes the part for the whole."""

    async def listen_for_disconnect(self, receive: Receive) -> None:
        try:
            await super().listen_for_disconnect(receive)
        except Refused:
            # The body of a request that reads none went over the ceiling; that the client leaves will not be heard.
            await anyio.sleep_forever()


class Lines(Streamed):
    """Newline-delimited JSON."""

    def __init__(self, documents: AsyncIterator[object]) -> None:
        super().__init__(self._encoded(documents), media_type="application/x-ndjson", headers=NO_STORE)

    @staticmethod
    async def _encoded(documents: AsyncIterator[object]) -> AsyncIterator[str]:
        async for document in documents:
            yield json.dumps(document, ensure_ascii=False) + "\n"


class Content(Streamed):
    """Stored bytes, the first chunk of which is there already. Closes the chunks also when the client has left."""

    def __init__(self, first: bytes, chunks: AsyncGenerator[bytes], status: int, headers: Mapping[str, str]) -> None:
        super().__init__(self._joined(first, chunks), status, headers)
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            await self._chunks.aclose()

    @staticmethod
    async def _joined(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        yield first
        try:
            async for chunk in chunks:
                yield chunk
        except Refused as refusal:
            # Too late for an answer of another kind: as a mere refusal it would be turned into one.
            raise BrokenOff from refusal


class BrokenOff(Exception):
    """The store failed in the middle of an answer."""
