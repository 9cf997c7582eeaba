"""Items that whoever sent a sync cannot know of, because their uploads were not answered when it came."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator


class Newcomers:
    """Keeps an upload and a sync that overlap from undoing each other.

    A sync deletes what it leaves out. What it could not have named, it must not delete.
    """

    def __init__(self) -> None:
        self._unanswered: set[str] = set()
        self._syncs: list[set[str]] = []

    def arrive(self, media_id: str) -> None:
        """To be called before the row is inserted."""
        self._unanswered.add(media_id)
        for unknown in self._syncs:
            unknown.add(media_id)

    def answer(self, media_id: str) -> None:
        """To be called when the client has its answer, or is not going to get one."""
        self._unanswered.discard(media_id)

    @contextmanager
    def unknown_to_sync(self) -> Iterator[Collection[str]]:
        """The IDs that a sync which comes now does not know; it grows while the sync is under way."""
        unknown = set(self._unanswered)
        self._syncs.append(unknown)
        try:
            yield unknown
        finally:
            self._syncs = [others for others in self._syncs if others is not unknown]
