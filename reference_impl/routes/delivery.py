"""Stored media by its render URL."""

from __future__ import annotations

from typing import TYPE_CHECKING, NoReturn

from starlette.responses import Response

from reference_impl import catalogue
from reference_impl.answers import Content
from reference_impl.conditions import is_current, wanted
from reference_impl.errors import Refused
from reference_impl.policy import CACHE_CONTROL
from reference_impl.routes.endpoint import Endpoint
from reference_impl.storage.protocol import ObjectMissing

if TYPE_CHECKING:
    from starlette.requests import Request

    from reference_impl.storage.protocol import StoredObject

NO_SNIFF = {"x-content-type-options": "nosniff"}


class Media(Endpoint):
    path = "/media/{folder}/{file}"

    async def get(self, request: Request) -> Response:
        stored = await self._find(request)
        headers = headers_of(stored)
        if is_current(request.headers.get("if-none-match"), headers["etag"]):
            return Response(status_code=304, headers=headers)
        if request.method == "HEAD":
            return Response(headers=headers | {"content-type": stored.content_type, "content-length": str(stored.size)})
        part = wanted(request.headers.get("range"), request.headers.get("if-range"), headers["etag"], stored.size)
        first, last = part or (0, stored.size - 1)
        headers |= {"content-type": stored.content_type, "content-length": str(last + 1 - first)}
        if part:
            headers["content-range"] = f"bytes {first}-{last}/{stored.size}"
        chunks = self.backend.stores.read(stored.locator, first, last + 1)
        try:
            # Before the answer begins: with the first chunk it is known whether there are bytes to send.
            beginning = await anext(chunks, b"")
        except ObjectMissing:
            nothing_here()
        return Content(beginning, chunks, 206 if part else 200, headers)

    async def _find(self, request: Request) -> StoredObject:
        # Keys need no percent-encoding: a URL that has some is none that was ever given out.
        if b"%" in request.scope.get("raw_path", b""):
            nothing_here()
        found = await catalogue.deliverable(self.backend, request.path_params["folder"], request.path_params["file"])
        if found is None:
            nothing_here()
        try:
            return await self.backend.stores.head(found.locator)
        except ObjectMissing:
            nothing_here()


class Elsewhere(Endpoint):
    """Whatever else lies under the delivery path, so that it is not found in the same way."""

    path = "/media/{rest:path}"

    async def dispatch(self) -> None:
        nothing_here()


def headers_of(stored: StoredObject) -> dict[str, str]:
    # What lies there from former times may have no policy of its own.
    policy = stored.cache_control or CACHE_CONTROL
    return {"etag": f'"{stored.etag}"', "cache-control": policy, "accept-ranges": "bytes"} | NO_SNIFF


def nothing_here() -> NoReturn:
    raise Refused("not_found", "There is nothing at this path.", {"cache-control": "public, max-age=60"})
