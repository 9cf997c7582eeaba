"""Mutants of what a render URL serves."""

from __future__ import annotations

from typing import Any

from tests.mutants.answering import whole
from tests.mutants.mutant import mutant, wrap_async


@mutant("DEL-2", "get")
def end_of_a_png_is_dropped() -> None:
    """The body of a PNG ends before its end chunk, and Content-Length agrees with it."""
    from reference_impl.routes.delivery import Media

    async def get(original: Any, self: Any, request: Any) -> Any:
        response = await whole(await original(self, request))
        if request.method == "GET" and response.headers.get("content-type") == "image/png":
            response.body = response.body[:-20]
            response.headers["content-length"] = str(len(response.body))
        return response

    wrap_async(Media, "get", get)


@mutant("DEL-2", "head")
def head_tells_another_etag() -> None:
    """HEAD answers with a validator of its own."""
    from reference_impl.routes.delivery import Media

    async def get(original: Any, self: Any, request: Any) -> Any:
        response = await original(self, request)
        if request.method == "HEAD" and response.status_code == 200:
            response.headers["etag"] = '"head"'
        return response

    wrap_async(Media, "get", get)


@mutant("DEL-2", "length")
def head_tells_no_length() -> None:
    """HEAD says that the body has no bytes."""
    from reference_impl.routes.delivery import Media

    async def get(original: Any, self: Any, request: Any) -> Any:
        response = await original(self, request)
        if request.method == "HEAD" and response.status_code == 200:
            response.headers["content-length"] = "0"
        return response

    wrap_async(Media, "get", get)


@mutant("DEL-2", "type")
def webp_is_served_as_octets() -> None:
    """A WebP is delivered as application/octet-stream."""
    from reference_impl.routes.delivery import Media

    async def get(original: Any, self: Any, request: Any) -> Any:
        response = await original(self, request)
        if response.headers.get("content-type") == "image/webp":
            response.headers["content-type"] = "application/octet-stream"
        return response

    wrap_async(Media, "get", get)


@mutant("DEL-2", "stored-bytes")
def delivery_re_encodes() -> None:
    """JPEGs are encoded again on their way out, so that what is served is not what is stored."""
    import pyvips

    from reference_impl import ingest
    from reference_impl.routes.delivery import Media

    async def get(original: Any, self: Any, request: Any) -> Any:
        response = await whole(await original(self, request))
        if response.headers.get("content-type") == "image/jpeg":
            if request.method == "HEAD":
                complete = await whole(await original(self, _as_get(request)))
                body = ingest.save(pyvips.Image.jpegload_buffer(complete.body), "image/jpeg")
            else:
                body = response.body = ingest.save(pyvips.Image.jpegload_buffer(response.body), "image/jpeg")
            response.headers["content-length"] = str(len(body))
        return response

    wrap_async(Media, "get", get)


@mutant("DEL-2", "head")
def head_sends_a_body() -> None:
    """HEAD answers with a body on the wire."""
    import h11

    original = h11.Connection.send

    def send(self: Any, event: Any) -> Any:
        sent = original(self, event)
        if isinstance(event, h11.EndOfMessage) and self._request_method == b"HEAD":
            return (sent or b"") + b"X" * 5000
        return sent

    setattr(h11.Connection, "send", send)  # noqa: B010 - assigning it would not be a method of the declared type


def _as_get(request: Any) -> Any:
    from starlette.requests import Request

    return Request(request.scope | {"method": "GET"}, request.receive)
