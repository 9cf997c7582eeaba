"""Structured logs: a JSON document a line on stderr. No query strings, headers, bodies or credentials."""

from __future__ import annotations

import json
import logging
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

logger = logging.getLogger("reference_impl")


class JSONLines(logging.Formatter):
    """Formats a record with whatever was passed as extra={"fields": {...}}."""

    def format(self, record: logging.LogRecord) -> str:
        document: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        document |= getattr(record, "fields", {})
        if record.exc_info:
            document["exception"] = self.formatException(record.exc_info)
        return json.dumps(document)


def configure() -> None:
    """Sends every log of the process to stderr as JSON lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JSONLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    # It warns of every odd byte of every hostile upload.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    logging.getLogger("pyvips").setLevel(logging.ERROR)
    # They tell of every request, with its URL and headers.
    for client in ("azure", "botocore", "boto3"):
        logging.getLogger(client).setLevel(logging.WARNING)


class RequestLog:
    """ASGI middleware that logs a request when it is over: method, path template, status, milliseconds, request ID."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        began = time.perf_counter()
        status: int | None = None

        async def noting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self.app(scope, receive, noting)
        finally:
            fields = {
                "method": scope["method"],
                "path": getattr(scope.get("endpoint"), "path", None),
                "status": status,
                "milliseconds": round((time.perf_counter() - began) * 1000, 1),
                "request": uuid.uuid4().hex,
            }
            logger.info("request", extra={"fields": fields})
