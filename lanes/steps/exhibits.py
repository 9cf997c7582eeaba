"""Pictures that scenarios share which only look at them, so that no more is uploaded than needed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from pytest_bdd import given

from lanes.checks import Blocked
from lanes.client import Answer
from lanes.corpus import Row
from lanes.steps.cards import read_page
from lanes.steps.world import Uploaded, World

_PICTURES = 2
_ALBUM = 40  # pictures, for pages that go on for a while
_LOOKED_INTO = 200  # artists with pictures, to find one with as many
_PAGE = 100  # artists
_REQUESTS = 500  # at most, to find an artist with pictures
_ARTISTS = _REQUESTS * _PAGE // (_PAGE + 1)  # a request for each, and one for each page of them


@dataclass(frozen=True, slots=True)
class Found(Uploaded):
    """An item that was there before the run; `answer` is the list that it was read in, and nobody knows what it was made of."""

    there: dict[str, Any] = field(default_factory=dict)

    @property
    def item(self) -> dict[str, Any]:
        """The media item."""
        return self.there


@dataclass(frozen=True, slots=True)
class Exhibition:
    """An artist with pictures that nobody changes."""

    artist: str
    uploads: tuple[Uploaded, ...]


@given("an artist whose pictures nobody changes")
def _(world: World) -> None:
    enter_exhibition(world)


@given("an artist with pictures that nobody has looked at yet")
def _(world: World) -> None:
    if world.client.care.read_only:
        enter_exhibition(world)  # what looking would spoil is not tried there
    else:
        world.artist_with(_PICTURES)


@given("an artist with more pictures than a screen has room for")
def _(world: World) -> None:
    open_album(world)


def open_album(world: World) -> None:
    """The album becomes the scenario's artist: made once, or found where the run may write nothing. Raises Blocked."""
    if "album" not in world.stack.shared:
        world.stack.shared["album"] = found_album(world) if world.client.care.read_only else made_album(world)
    world.artist = world.stack.shared["album"]


def made_album(world: World) -> str:
    """The ID of a new artist with many pictures, two of them of the artist, some of them with alternative texts."""
    world.artist = world.create_artist()
    rows = world.corpus.of("album")
    for number in range(_ALBUM):
        row = rows[number % len(rows)]
        described = {} if number % 4 == 3 else {"altText": f"Picture {number + 1}: {row.id} “so to speak” & more"}
        answer = world.send_file(world.corpus.upload(row), purpose="profile" if number in {1, 2} else "gallery", **described)
        world.told(answer, 201, "UPL-1", "created")
    return world.artist


def found_album(world: World) -> str:
    """The first artist with as many pictures that can be shown, else the one with the most. Raises Blocked without one."""
    counted: dict[str, int] = {}
    for artist, _, shown in islice(_with_pictures(world), _LOOKED_INTO):
        counted[artist] = len(shown)
        if len(shown) >= _ALBUM:
            return artist
    if not counted:
        raise _nothing()
    return max(counted, key=lambda artist: counted[artist])


def enter_exhibition(world: World) -> None:
    """The exhibition becomes the scenario's artist: made once for all of them, or found where the run may write nothing.

    Raises Blocked where there is nothing to be found.
    """
    name = f"exhibition of {world.client.base_url}"
    if name not in world.stack.shared:
        world.stack.shared[name] = found(world) if world.client.care.read_only else made(world)
    exhibition: Exhibition = world.stack.shared[name]
    world.artist, world.uploads = exhibition.artist, list(exhibition.uploads)


def made(world: World) -> Exhibition:
    """A new artist with pictures."""
    artist = world.artist_with(_PICTURES)
    return Exhibition(artist, tuple(world.uploads))


def found(world: World) -> Exhibition:
    """The first artist with pictures that can be shown, of those who are there. Raises Blocked."""
    for artist, answer, shown in _with_pictures(world):
        return Exhibition(artist, tuple(Found(_unknown(item), answer, item) for item in shown[:_PICTURES]))
    raise _nothing()


def _nothing() -> Blocked:
    return Blocked(f"the run is --read-only, and none of the first {_ARTISTS} artists has a picture that can be shown")


def _with_pictures(world: World) -> Iterator[tuple[str, Answer, list[dict[str, Any]]]]:
    """Artists who have pictures that can be shown, with the answer that says so and those pictures."""
    for artist in islice(_artists(world), _ARTISTS):
        answer = world.client.call("listArtistMedia", artist)
        items = answer.json["media"] if answer.status == 200 and not answer.violations else []
        if shown := [item for item in items if item["src"] and item["thumbnailSrc"]]:
            yield artist, answer, shown


def _artists(world: World) -> Iterator[str]:
    cursor = None
    while True:
        page = read_page(world, _PAGE, cursor)
        yield from page.ids
        cursor = page.cursor
        if cursor is None or not page.ids:
            return


def _unknown(item: dict[str, Any]) -> Row:
    return Row(f"item {item['ID']}", "there", (), {}, str(item["mimeType"]), "", 201, None)
