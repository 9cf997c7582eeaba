"""Steps about the list of all artists, a card each, a page at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lanes.client import Answer
from lanes.steps.world import World


@dataclass(frozen=True, slots=True)
class Page:
    """One page of cards, as far as it can be read."""

    answer: Answer

    @property
    def cards(self) -> list[dict[str, Any]]:
        """The cards on it."""
        body = self.answer.json if isinstance(self.answer.json, dict) else {}
        cards = body.get("artists")
        return [card for card in cards if isinstance(card, dict)] if isinstance(cards, list) else []

    @property
    def ids(self) -> list[str]:
        """The artists on it, in their order."""
        return [str(card.get("ID")) for card in self.cards]

    @property
    def cursor(self) -> str | None:
        """What leads to the next page."""
        body = self.answer.json if isinstance(self.answer.json, dict) else {}
        cursor = body.get("nextCursor")
        return cursor if isinstance(cursor, str) else None


def read_page(world: World, limit: int, cursor: str | None) -> Page:
    """A page behind a cursor, None for the first one. Raises Blocked, blaming ART-7, when there is none."""
    query = {"limit": str(limit)} | ({"cursor": cursor} if cursor is not None else {})
    answer = world.client.call("listArtists", query=query)
    world.check.presume("ART-7", "none-lost", answer.status == 200, f"{answer}, should be 200", answer)
    return Page(answer)


def all_cards(world: World) -> dict[str, dict[str, Any]]:
    """The cards of all artists that this run may have to answer for, by ID. Raises Blocked as everybodys_cards does."""
    ours = world.client.care.may_be_ours
    return {artist: card for artist, card in everybodys_cards(world).items() if ours(artist, str(card.get("name")))}


def everybodys_cards(world: World) -> dict[str, dict[str, Any]]:
    """Every artist's card by ID. Raises Blocked, blaming ART-7, when pages lead round in circles."""
    found: dict[str, dict[str, Any]] = {}
    cursor: str | None = None
    while True:
        page = read_page(world, 100, cursor)
        new = not found.keys() & set(page.ids)
        world.check.presume("ART-7", "each-once", new, "an artist is on two pages", page.answer)
        found |= {str(card.get("ID")): card for card in page.cards}
        cursor = page.cursor
        if cursor is None:
            return found
        world.check.presume("ART-7", "last-page", bool(page.ids), "a page without cards leads on", page.answer)
