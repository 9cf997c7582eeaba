"""Successful answers: JSON that nobody may keep, and lines of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import anyio
from starlette.responses import JSONResponse, StreamingResponse

from reference_impl.errors import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.background import BackgroundTask
    from starlette.types import Receive

NO_STORE = {"cache-control": "no-store"}


class Answer(JSONResponse):
    def __init__(self, content: Any, status: int = 200, background: BackgroundTask | None = None) -> None:
        super().__init__(content, status, headers=NO_STORE, background=background)


class Lines(StreamingResponse):
    """Newline-delimited JSON, sent as it comes."""

    def __init__(self, documents: AsyncIterator[object]) -> None:
        super().__init__(self._encoded(documents), media_type="application/x-ndjson", headers=NO_STORE)

    async def listen_for_disconnect(self, receive: Receive) -> None:
        try:
            await super().listen_for_disconnect(receive)
        except Refused:
            # The body of a request that reads none went over the ceiling; that the client leaves will not be heard.
            await anyio.sleep_forever()

    @staticmethod
    async def _encoded(documents: AsyncIterator[object]) -> AsyncIterator[str]:
        async for document in documents:
            yield json.dumps(document, ensure_ascii=False) + "\n"
