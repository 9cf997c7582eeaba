"""Mutants of the list of all artists."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("ART-7", "creation-order")
def cards_are_ordered_by_name_on_each_page() -> None:
    """The cards of a page are sorted by name; the pages themselves are in order of creation."""
    _pages(lambda cards, cursor: (sorted(cards, key=lambda card: card["name"].lower()), cursor))


@mutant("ART-7", "creation-order")
def edited_artists_go_to_the_end() -> None:
    """An artist whose name was edited is listed as if it were new."""
    from reference_impl import records
    from reference_impl.database import writing
    from reference_impl.tables import artists

    def edit_artist(original: Any, engine: Any, artist_id: str, changes: Any) -> Any:
        original(engine, artist_id, changes)
        with writing(engine) as connection:
            last = connection.exec_driver_sql('SELECT max("sequence") FROM artists').scalar_one()
            connection.execute(artists.update().where(artists.c.id == artist_id).values(sequence=last + 1))
            # What the database counts on from.
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("UPDATE sqlite_sequence SET seq = seq + 1 WHERE name = 'artists'")
            else:
                connection.exec_driver_sql("SELECT nextval(pg_get_serial_sequence('artists', 'sequence'))")
        return records.find_artist(engine, artist_id)

    wrap(records, "edit_artist", edit_artist)


@mutant("ART-7", "each-once")
def next_page_begins_with_the_last_card() -> None:
    """Where the page before had more than three cards, the next one begins with its last one again."""
    from reference_impl import catalogue

    def position(original: Any, cursor: str) -> int:
        return int(original(cursor)) - (1 if int(original(cursor)) > 3 else 0)

    wrap(catalogue, "position", position)


@mutant("ART-7", "none-lost")
def places_are_counted_from_the_end() -> None:
    """A cursor is the number of artists that are to come, so that whoever arrives meanwhile takes somebody's place."""
    from reference_impl import catalogue

    async def page(original: Any, backend: Any, cursor: str | None, limit: int) -> Any:
        cards, following = await original(backend, None, 100)
        while following is not None:
            more, following = await original(backend, following, 100)
            cards += more
        left = catalogue.position(cursor) if cursor is not None else len(cards)
        end = len(cards) - left + limit
        return cards[end - limit : end], _cursor_of(len(cards) - end) if end < len(cards) else None

    wrap_async(catalogue, "page", page)


@mutant("ART-7", "none-lost")
def arrivals_skip_a_card() -> None:
    """A page that is asked for after somebody arrived leaves out its first card."""
    from reference_impl import catalogue, records

    arrived = False

    def create_artist(original: Any, *args: Any) -> Any:
        nonlocal arrived
        arrived = True
        return original(*args)

    async def page(original: Any, backend: Any, cursor: str | None, limit: int) -> Any:
        nonlocal arrived
        cards, following = await original(backend, cursor, limit)
        skip, arrived = arrived and cursor is not None, False
        return (cards[1:] if skip else cards), following

    wrap(records, "create_artist", create_artist)
    wrap_async(catalogue, "page", page)


@mutant("ART-7", "page-size")
def second_page_is_one_short() -> None:
    """Behind a cursor, a page has one card less than asked for."""
    from reference_impl import catalogue

    async def page(original: Any, backend: Any, cursor: str | None, limit: int) -> Any:
        return await original(backend, cursor, max(1, limit - 1) if cursor is not None else limit)

    wrap_async(catalogue, "page", page)


@mutant("ART-7", "last-page")
def whole_list_on_one_page_has_a_cursor() -> None:
    """The last page has a cursor of its own where it is full, and behind it comes that page again, for ever."""
    from reference_impl import catalogue

    async def page(original: Any, backend: Any, cursor: str | None, limit: int) -> Any:
        cards, following = await original(backend, cursor, limit)
        full = following is None and len(cards) == limit
        return cards, _cursor_of(10**9) if full or (cursor is not None and not cards) else following

    wrap_async(catalogue, "page", page)


@mutant("ART-7", "last-page")
def last_two_cards_are_never_led_to() -> None:
    """A page has no cursor where fewer than two cards would follow."""
    from reference_impl import catalogue

    async def page(original: Any, backend: Any, cursor: str | None, limit: int) -> Any:
        cards, following = await original(backend, cursor, limit)
        if following is not None and len((await original(backend, following, 2))[0]) < 2:
            following = None
        return cards, following

    wrap_async(catalogue, "page", page)


@mutant("ART-7", "bad-cursor")
def cursors_are_decoded_leniently() -> None:
    """What does not belong into a cursor is skipped, as Python's base64 does by default."""
    import re

    from reference_impl import catalogue

    wrap(catalogue, "position", lambda original, cursor: original(re.sub("[^A-Za-z0-9_-]", "", cursor) or "-"))


@mutant("ART-7", "bad-cursor")
def empty_cursor_is_the_first_page() -> None:
    """An empty cursor leads to the first page."""
    from reference_impl import catalogue

    wrap_async(catalogue, "page", lambda original, backend, cursor, limit: original(backend, cursor or None, limit))


@mutant("ART-7", "bad-limit")
def limit_of_101_is_cut() -> None:
    """A limit over 100 counts as 100."""
    _limits(lambda text: "100" if text.isdecimal() and int(text) > 100 else text)


@mutant("ART-7", "bad-limit")
def limit_is_read_as_far_as_it_is_a_number() -> None:
    """5x counts as 5."""
    import re

    _limits(lambda text: re.sub("(?<=[0-9])[a-z]+$", "", text))


def _pages(made: Callable[[Any, Any], Any]) -> None:
    from reference_impl import catalogue

    async def page(original: Any, *args: Any) -> Any:
        return made(*await original(*args))

    wrap_async(catalogue, "page", page)


def _limits(made: Callable[[str], str]) -> None:
    from reference_impl.routes import artists

    wrap(artists, "page_limit", lambda original, text: original(made(text)))


def _cursor_of(number: int) -> str:
    import base64

    return base64.urlsafe_b64encode(b"%d" % number).decode("ascii").rstrip("=")
