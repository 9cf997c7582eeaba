"""Pages of one artist."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from reference_impl import catalogue
from reference_impl.errors import Refused
from reference_impl.pages.page import Page

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from reference_impl.views import JSON


class ArtistPage(Page):
    """A page of the artist that its path names. Whatever it shows of the media, it reads in the same way."""

    template: str

    async def get(self, request: Request) -> Response:
        found = await catalogue.known_artist(self.backend, request.path_params["artistID"])
        media = await catalogue.collection(self.backend, found)
        return self.document(self.template, artist=found, media=media, **self.chosen(request, media))

    def chosen(self, _: Request, __: list[JSON]) -> JSON:
        """What else the template needs."""
        return {}


class Carousel(ArtistPage):
    path = "/pages/artists/{artistID}"
    template = "carousel.html"

    def chosen(self, request: Request, media: list[JSON]) -> JSON:
        """The place of the slide that is shown, where scripts are not there to turn to it."""
        slide = request.query_params.get("slide", "")
        place = int(slide) if re.fullmatch(r"[0-9]{1,4}", slide) else 1
        return {"shown": place if 1 <= place <= len(media) else 1}


class Gallery(ArtistPage):
    path = "/pages/artists/{artistID}/gallery"
    template = "gallery.html"


class Table(ArtistPage):
    path = "/pages/artists/{artistID}/table"
    template = "table.html"


class Detail(ArtistPage):
    path = "/pages/artists/{artistID}/media/{mediaID}"
    template = "detail.html"

    def chosen(self, request: Request, media: list[JSON]) -> JSON:
        """The place of the item in the collection. Raises Refused (media_unknown)."""
        for place, item in enumerate(media, start=1):
            if item["ID"] == request.path_params["mediaID"]:
                return {"item": item, "place": place}
        raise Refused("media_unknown", "The artist has no such picture.")
