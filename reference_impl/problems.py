"""Errors as the contract words them: problem documents (RFC 9457) with a stable code."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from reference_impl.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

# Code: status and title.
PROBLEMS = {
    "request_malformed": (400, "Bad Request"),
    "credential_missing": (401, "Unauthorized"),
    "credential_unknown": (401, "Unauthorized"),
    "credential_wrong_role": (403, "Forbidden"),
    "artist_unknown": (404, "Not Found"),
    "media_unknown": (404, "Not Found"),
    "not_found": (404, "Not Found"),
    "method_not_allowed": (405, "Method Not Allowed"),
    "request_too_large": (413, "Content Too Large"),
    "request_type_unsupported": (415, "Unsupported Media Type"),
    "type_unsupported": (415, "Unsupported Media Type"),
    "range_unsatisfiable": (416, "Range Not Satisfiable"),
    "details_invalid": (422, "Unprocessable Content"),
    "media_not_allowed_here": (422, "Unprocessable Content"),
    "purpose_invalid": (422, "Unprocessable Content"),
    "alt_text_invalid": (422, "Unprocessable Content"),
    "sync_invalid": (422, "Unprocessable Content"),
    "cursor_invalid": (422, "Unprocessable Content"),
    "file_missing": (422, "Unprocessable Content"),
    "file_empty": (422, "Unprocessable Content"),
    "file_multiple": (422, "Unprocessable Content"),
    "type_mismatch": (422, "Unprocessable Content"),
    "dimensions_too_large": (422, "Unprocessable Content"),
    "image_undecodable": (422, "Unprocessable Content"),
    "image_animated": (422, "Unprocessable Content"),
    "internal": (500, "Internal Server Error"),
    "finalisation_failed": (500, "Internal Server Error"),
    "storage_unavailable": (503, "Service Unavailable"),
    "storage_timeout": (504, "Gateway Timeout"),
}


HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


class Problem(JSONResponse):
    """A problem document. The status and the title follow from the code."""

    media_type = "application/problem+json"

    def __init__(self, code: str, detail: str, headers: Mapping[str, str] | None = None) -> None:
        status, title = PROBLEMS[code]
        document = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
        super().__init__(document, status, headers=HEADERS | dict(headers or {}))


async def refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return Problem(error.code, error.detail, error.headers)


async def elsewhere(_: Request, error: Exception) -> Response:
    """The router's own answers: no such path, no such method on it."""
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = (error.headers or {}).get("Allow", "other methods")
        return Problem("method_not_allowed", f"This path takes {allowed}.", error.headers)
    return Problem("not_found", "There is nothing at this path.")


async def disconnected(_: Request, __: Exception) -> Response:
    """Nobody is left to read it, but a request has to end in an answer."""
    return Problem("request_malformed", "The body is cut short.")


async def internal(_: Request, __: Exception) -> Response:
    """Says nothing of what went wrong: that is in the log."""
    return Problem("internal", "Something went wrong here.")


HANDLERS = {Refused: refused, HTTPException: elsewhere, ClientDisconnect: disconnected, Exception: internal}
