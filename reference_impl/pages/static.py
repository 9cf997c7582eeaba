"""Style sheets and scripts, and paths under which nothing is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from starlette.exceptions import HTTPException
from starlette.staticfiles import StaticFiles

from reference_impl.errors import Refused
from reference_impl.pages.page import Page
from reference_impl.pages.rendering import headers

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

FILES = StaticFiles(directory=Path(__file__).parent / "static")


class Static(Page):
    path = "/pages/static/{file}"

    async def get(self, request: Request) -> Response:
        try:
            answer = await FILES.get_response(request.path_params["file"], request.scope)
        except HTTPException:
            nothing_here()
        # May be kept, and has to be asked for again by its ETag.
        answer.headers.update(headers(self.backend.runtime.public_base_url) | {"cache-control": "no-cache"})
        return answer


class Elsewhere(Page):
    path = "/pages/{rest:path}"

    async def get(self, _: Request) -> Response:
        nothing_here()


def nothing_here() -> NoReturn:
    raise Refused("not_found", "There is no page at this address.")
