"""The care that a run takes at a target that others use too: its budget, its ledger, and whether it may write at all."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from lanes.budget import Spending
from lanes.creations import Creations, Mark, mark_in, mark_of

if TYPE_CHECKING:
    from lanes.client import Answer, Request

READS = {"GET", "HEAD", "OPTIONS"}


class WritesNothing(Exception):
    """The run reads only, and this would have been a write."""


class NotOurs(Exception):
    """This would have been a write to an artist that the run has not created, whatever the target says."""


@dataclass(slots=True)
class Care:
    """Asked before each request and told of each answer. Without a budget or ledger it minds nothing of the kind."""

    spending: Spending | None = None
    creations: Creations | None = None
    read_only: bool = False
    _foreign: set[str] = field(default_factory=set)  # artists that the target has taken for what was created
    _asked_about: set[str] = field(default_factory=set)  # artists by ID
    _names: set[str] = field(default_factory=set)  # that were sent for artists without a mark
    _announced: dict[str, Mark] = field(default_factory=dict)  # by the name of the artist that is to come

    def before(self, request: Request, size: int) -> tuple[Request, Mark | None]:
        """The request as it may be sent, with a body of so many bytes. Raises OverBudget, WritesNothing, NotOurs."""
        self.permit(request.method, request.url)
        if request.method not in READS and (taken := self._foreign.intersection(artists_in(request.url))):
            raise NotOurs(
                f"{request.method} {urlsplit(request.url).path} is not sent: the target has answered a creation with "
                f"artist {taken.pop()}, who does not carry what was sent, and may be somebody else's"
            )
        if self.spending:
            self.spending.take(size, upload=is_upload(request.method, request.url))
        if self.creations is None:
            return request, None
        if is_creation(request.method, request.url):
            if mark := self._announced.pop(_name_in(request.json), None):
                return request, mark
            details, mark = self.creations.about_to_create(request.json)
            if details == request.json:
                self._names |= _names_in(request)
            return replace(request, json=details), mark
        self._asked_about |= set(artists_in(request.url))
        artist = artist_in(request.url)
        if request.method == "PATCH" and artist:
            return replace(request, json=self.creations.changed(artist, request.json)), None
        return request, None

    def announce(self, details: dict[str, Any]) -> dict[str, Any]:
        """What to say of an artist that somebody else is about to create for the run: it is noted by now, and marked."""
        if self.creations is None:
            return details
        marked, mark = self.creations.about_to_create(details)
        self._announced[_name_in(marked)] = mark
        return dict(marked)

    def withdraw(self) -> None:
        """Of what was announced and has not been sent by now, nothing comes any more."""
        for mark in self._announced.values():
            if self.creations:
                self.creations.answered(mark, None)
        self._announced.clear()

    def spend(self, size: int) -> None:
        """So many bytes more of a body are about to go out. Raises OverBudget."""
        if self.spending:
            self.spending.send(size)

    def after(self, answer: Answer, mark: Mark | None) -> None:
        """Notes what was created or deleted."""
        if self.creations is None:
            return
        if mark:
            self._note(self.creations, mark, answer)
        artist = artist_in(answer.request.url)
        if artist and answer.request.method == "DELETE" and answer.status in {204, 404}:
            self.creations.deleted(artist)

    def _note(self, creations: Creations, mark: Mark, answer: Answer) -> None:
        made = created(answer.status, answer.json)
        if made is None:
            if 400 <= answer.status < 500:
                creations.refused(mark)
        elif mark_of(made) == mark:
            creations.answered(mark, str(made["ID"]))
        elif made["ID"] not in creations.ever:
            self._foreign.add(str(made["ID"]))  # what became of ours, if anything did, is to be seen in the end

    def may_be_ours(self, artist: str, name: str | None = None) -> bool:
        """Whether an artist may be what came of something that this run has sent, so that it has to answer for it.

        It may be anybody's where the target is the run's own.
        """
        if self.creations is None or artist in self.creations.ever or artist in self._asked_about:
            return True
        mark = mark_in(name)
        return mark.run == self.creations.run if mark else name in self._names

    def permit(self, method: str, url: str) -> None:
        """Raises WritesNothing for a write where the run reads only."""
        if self.read_only and method not in READS:
            raise WritesNothing(f"the run is --read-only, and {method} {urlsplit(url).path} would be a write")


def is_upload(method: str, url: str) -> bool:
    """Whether a request sends media."""
    return method == "POST" and urlsplit(url).path.endswith("/media")


def is_creation(method: str, url: str) -> bool:
    """Whether a request creates an artist."""
    return method == "POST" and urlsplit(url).path == "/artists"


def artist_in(url: str) -> str | None:
    """The artist that a URL is the own one of, None where it is another one."""
    parts = urlsplit(url).path.split("/")
    return unquote(parts[2]) if len(parts) == 3 and parts[1] == "artists" else None


def artists_in(url: str) -> Iterator[str]:
    """The artist that a URL is about."""
    parts = urlsplit(url).path.split("/")
    if len(parts) > 2 and parts[1] == "artists":
        yield unquote(parts[2])


def _name_in(details: Any) -> str:
    return str(details.get("name")) if isinstance(details, dict) else ""


def _names_in(request: Request) -> set[str]:
    fields = {**dict(request.form), **(request.json if isinstance(request.json, dict) else {})}
    return {str(fields["name"])} if "name" in fields else set()


def created(status: int, body: Any) -> dict[str, Any] | None:
    """The artist that an answer says was created."""
    artist = body.get("artist") if isinstance(body, dict) and 200 <= status < 300 else None
    return artist if isinstance(artist, dict) and "ID" in artist else None
