"""Pages of many artists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_impl import catalogue, fields, records, views
from reference_impl.pages.page import Page

if TYPE_CHECKING:
    from collections.abc import Sequence

    from starlette.requests import Request
    from starlette.responses import Response

    from reference_impl.records import Artist
    from reference_impl.views import JSON

SHOWCASE_ARTISTS = 12
SHOWCASE_PICTURES = 3
LIST_LIMIT = 24
SEARCH_LIMIT = 48


class Showcase(Page):
    path = "/pages"

    async def get(self, _: Request) -> Response:
        newest = await self.backend.query(records.newest_artists, SHOWCASE_ARTISTS)
        media = await self.backend.query(records.list_first_media, [each.id for each in newest], SHOWCASE_PICTURES)
        by_artist = catalogue.of_artists(media)
        shown = [
            {"artist": each, "media": [views.media_item(self.backend, item) for item in by_artist.get(each.id, [])]}
            for each in newest
        ]
        return self.document("showcase.html", showcase=shown)


class Artists(Page):
    path = "/pages/artists"

    async def get(self, request: Request) -> Response:
        cursor = request.query_params.get("cursor")
        listed, following = await catalogue.listed(self.backend, cursor, LIST_LIMIT)
        return self.document("artists.html", cards=await cards(self, listed), cursor=cursor, following=following)


class Search(Page):
    path = "/pages/search"

    async def get(self, request: Request) -> Response:
        query = request.query_params.get("q", "").strip()
        # No artist has a name that could not be stored.
        searchable = fields.is_text(query, 1, fields.NAME_MAX)
        found = await self.backend.query(records.search_artists, query, SEARCH_LIMIT + 1) if searchable else []
        shown = await cards(self, found[:SEARCH_LIMIT])
        return self.document("search.html", query=query, cards=shown, more=len(found) > SEARCH_LIMIT)


async def cards(page: Page, shown: Sequence[Artist]) -> list[JSON]:
    """Each artist with the item that is its profile image, if there is one."""
    by_artist = catalogue.of_artists(await page.backend.query(records.list_profile_media, [each.id for each in shown]))
    images = (views.profile_media(page.backend, by_artist.get(each.id, [])) for each in shown)
    return [
        {"artist": artist, "image": image and views.media_item(page.backend, image)}
        for artist, image in zip(shown, images, strict=True)
    ]
