"""Deletes what a run created at a target that others use too: through the API, nothing else, and saying what is left."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping
from types import FrameType

from lanes.client import Answer, Client
from lanes.creations import Creations, Mark, mark_in, mark_of, may_hide_mark
from lanes.errors import TargetSilent
from lanes.patience import RunOver

UNDER_WAY = 10.0  # seconds that a request may be under way after nobody waits for it any more
_IMPATIENT = 3  # signals after which nothing is waited for any more


def clean_up(creations: Creations, client: Client, patience: float) -> tuple[str, ...]:
    """Deletes every artist of the run that is still there, and says of each that is left why.

    A creation that was not answered counts as under way for `patience` seconds; that is waited for.
    """
    with undisturbed():
        wait_until(creations.since + patience)
        left = settle(creations, client)
        unknown = "an artist without a mark, if creation {} made one: it was not answered"
        left += [unknown.format(mark.number) for mark in creations.unmarked]
        still = delete_all(client, dict(creations.artists))
        return (*(f"artist {artist}: {why}" for artist, why in still.items()), *left)


def settle(creations: Creations, client: Client) -> list[str]:
    """Finds out what is there still that the run has created; of what was not answered and cannot be found out, why.

    Whoever is listed with a mark of the run is there, whatever was answered to their creation or deletion.
    """
    lost = creations.unsettled
    try:
        for artist, mark in find_marked(client, lambda mark: mark.run == creations.run):
            if artist not in creations.artists:
                creations.answered(mark, artist)
    except NotListed as why:
        return [f"an artist whose name may end with {str(mark).strip()!r}: {why}" for mark in sorted(lost, key=str)]
    for mark in creations.unsettled - creations.unmarked:
        creations.answered(mark, None)
    return []


def wait_until(moment: float) -> None:
    """Waits for a moment, in seconds since the epoch."""
    time.sleep(max(0.0, moment - time.time()))


def delete_all(client: Client, artists: Mapping[str, Mark | str]) -> dict[str, str]:
    """Deletes artists by ID, each if it carries its mark, or one of its run; those that may still be there, with the reason."""
    left: dict[str, str] = {}
    silent = None
    for artist, mark in artists.items():
        try:
            why = silent or _delete(client, artist, mark)
        except (TargetSilent, RunOver) as silence:
            why = str(silence)
            silent = why if isinstance(silence, RunOver) else None
        if why:
            left[artist] = why
    return left


def _delete(client: Client, artist: str, mark: Mark | str) -> str | None:
    """Why an artist has not been deleted. It is looked at first: its ID alone may by now be somebody else's."""
    seen = client.call("readArtist", artist)
    if seen.status == 404:
        return None
    shown = seen.json.get("artist") if seen.status == 200 and isinstance(seen.json, dict) else None
    if not isinstance(shown, dict):
        return f"{seen}, so nobody knows whose it is"
    found = mark_of(shown)
    if found is None or mark not in {found, found.run}:
        return "it does not carry the mark of what the run created, so it may be somebody else's"
    answer = client.call("deleteArtist", artist)
    return None if answer.status in {204, 404} else str(answer)


def find_marked(client: Client, wanted: Callable[[Mark], bool]) -> Iterator[tuple[str, Mark]]:
    """The artists, by ID and mark, whose mark is wanted. Raises NotListed where the target does not list its artists."""
    found = []
    for artist, name in _listed(client):
        mark = mark_in(name)
        if mark is None and may_hide_mark(name):
            answer = _asked(client, "readArtist", artist)
            shown = answer.json.get("artist") if answer.status == 200 and isinstance(answer.json, dict) else None
            mark = mark_of(shown) if isinstance(shown, dict) else None
        if mark and wanted(mark):
            found.append((artist, mark))
    yield from found


class NotListed(Exception):
    """The target would not tell which artists it has."""


def _listed(client: Client) -> Iterator[tuple[str, str]]:
    cursor, seen = None, set()
    while True:
        query = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
        answer = _asked(client, "listArtists", query=query)
        page = answer.json if isinstance(answer.json, dict) else {}
        cards, cursor = page.get("artists"), page.get("nextCursor")
        if answer.status != 200 or not isinstance(cards, list):
            raise NotListed(f"its artists cannot be listed: {answer}")
        for card in cards:
            if isinstance(card, dict) and isinstance(card.get("ID"), str):
                yield card["ID"], str(card.get("name"))
        if cursor is None:
            return
        if cursor in seen:
            raise NotListed("its list of artists leads round in circles")
        seen.add(cursor)


def _asked(client: Client, operation: str, *path: str, **parts: dict[str, str]) -> Answer:
    try:
        return client.call(operation, *path, **parts)  # type: ignore[arg-type]
    except (TargetSilent, RunOver) as silence:
        raise NotListed(f"its artists cannot be listed: {silence}") from None


@contextlib.contextmanager
def undisturbed() -> Iterator[None]:
    """Signals that end a run wait until this is over; the third one does not."""
    came: list[int] = []
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def note(number: int, _frame: FrameType | None) -> None:
        came.append(number)
        if len(came) >= _IMPATIENT:
            raise KeyboardInterrupt

    try:
        for number, handler in before.items():
            if handler is not signal.SIG_IGN:
                signal.signal(number, note)
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if came and len(came) < _IMPATIENT:
            os.kill(os.getpid(), came[0])
