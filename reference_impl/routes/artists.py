"""Artists and their details."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from starlette.responses import Response

from reference_impl import catalogue, fields, workflow
from reference_impl.answers import Answer
from reference_impl.bodies import read_json
from reference_impl.errors import Refused
from reference_impl.routes.endpoint import Endpoint

if TYPE_CHECKING:
    from starlette.requests import Request

LIMIT_MAX = 100
LIMIT_DEFAULT = "50"


class Artists(Endpoint):
    path = "/artists"

    async def get(self, request: Request) -> Response:
        limit = page_limit(request.query_params.get("limit", LIMIT_DEFAULT))
        cards, cursor = await catalogue.page(self.backend, request.query_params.get("cursor"), limit)
        return Answer({"artists": cards, "nextCursor": cursor})

    async def post(self, request: Request) -> Response:
        self.authorise(request, "write")
        details = fields.new_artist(await read_json(request))
        created = await workflow.create_artist(self.backend, details)
        return Answer({"artist": await catalogue.artist(self.backend, created)}, 201)


class Artist(Endpoint):
    path = "/artists/{artistID}"

    async def get(self, request: Request) -> Response:
        found = await catalogue.known_artist(self.backend, request.path_params["artistID"])
        return Answer({"artist": await catalogue.artist(self.backend, found)})

    async def patch(self, request: Request) -> Response:
        self.authorise(request, "write")
        found = await catalogue.known_artist(self.backend, request.path_params["artistID"])
        body = await read_json(request, "application/json", "application/merge-patch+json")
        edited = await workflow.edit_artist(self.backend, found.id, fields.artist_changes(body))
        return Answer({"artist": await catalogue.artist(self.backend, edited)})

    async def delete(self, request: Request) -> Response:
        self.authorise(request, "write")
        found = await catalogue.known_artist(self.backend, request.path_params["artistID"])
        await workflow.delete_artist(self.backend, found.id)
        return Response(status_code=204)


def page_limit(text: str) -> int:
    """Raises Refused (cursor_invalid)."""
    if not re.fullmatch(r"[0-9]{1,3}", text) or not 1 <= int(text) <= LIMIT_MAX:
        raise Refused("cursor_invalid", f"limit is 1 to {LIMIT_MAX}.")
    return int(text)
