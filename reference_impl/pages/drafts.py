"""The forms in which an artist and its media are drafted. What is sent, and when, is up to their scripts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_impl import catalogue
from reference_impl.pages.page import Page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


class NewArtist(Page):
    path = "/pages/artists/new"

    async def get(self, _: Request) -> Response:
        return self.document("draft.html", artist=None, policy=self.backend.policy)


class EditArtist(Page):
    path = "/pages/artists/{artistID}/edit"

    async def get(self, request: Request) -> Response:
        found = await catalogue.known_artist(self.backend, request.path_params["artistID"])
        artist = await catalogue.artist(self.backend, found)
        return self.document("draft.html", artist=artist, policy=self.backend.policy)
