"""Pages for people: the same reads as the API, as HTML."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from reference_impl.pages import artist, browsing, drafts, static

if TYPE_CHECKING:
    from reference_impl.pages.page import Page

# The first path that fits is taken: "new" is no artist, and what is nowhere comes last.
PAGES: tuple[type[Page], ...] = (
    browsing.Showcase,
    browsing.Artists,
    browsing.Search,
    drafts.NewArtist,
    drafts.EditArtist,
    artist.Carousel,
    artist.Gallery,
    artist.Table,
    artist.Detail,
    static.Static,
    static.Elsewhere,
)


def pages() -> list[Route]:
    """The routes of the pages, all of them under /pages."""
    return [Route(page.path, page) for page in PAGES]
