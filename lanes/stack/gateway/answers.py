"""What the gateway answers itself: errors in the words of the provider, and that the store is broken."""

from __future__ import annotations

from typing import Literal
from xml.sax.saxutils import escape

from aiohttp import web

from lanes.stack.gateway.calls import Provider

_REQUEST_ID = "medialane-gateway"  # so that whoever reads an SDK's message sees whose answer it was

_S3 = {
    "refuse": (403, "AccessDenied", "Access Denied"),
    "fail": (503, "SlowDown", "Please reduce your request rate."),
}
_AZURE = {
    "refuse": (403, "AuthorizationFailure", "This request is not authorized to perform this operation."),
    "fail": (503, "ServerBusy", "The server is currently unable to receive requests. Please retry your request."),
}


def refusal(provider: Provider, what: Literal["refuse", "fail"], path: str) -> web.Response:
    """An error as the provider answers it.

    Amazon S3 API Reference, Error responses (REST error responses; List of error codes); Azure Blob REST API, Status and error
    codes, and Blob Storage error codes.
    """
    if provider == "azure":
        status, code, message = _AZURE[what]
        body = f'<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{message}</Message></Error>'
        headers = {"x-ms-error-code": code, "x-ms-request-id": _REQUEST_ID}
    else:
        status, code, message = _S3[what]
        body = (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>{message}</Message>'
            f"<Resource>{escape(path)}</Resource><RequestId>{_REQUEST_ID}</RequestId></Error>"
        )
        headers = {"x-amz-request-id": _REQUEST_ID}
    # The type names no charset, as those of the providers.
    return web.Response(status=status, body=body.encode(), headers={"Content-Type": "application/xml", **headers})


def broken(reason: str) -> web.Response:
    """The store could not be asked (RFC 9110, 502 Bad Gateway)."""
    return web.Response(status=502, text=f"the gateway got no answer from the store: {reason}\n")
