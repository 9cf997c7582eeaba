"""An adapter that keeps every promise, to be broken one promise at a time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from lanes.adapter_kit import Harness


class Missing(Exception):
    pass


class Unavailable(Exception):
    pass


@dataclass(frozen=True)
class Place:
    location: str
    key: str


@dataclass(frozen=True)
class Kept:
    data: bytes
    content_type: str
    cache_control: str

    @property
    def size(self) -> int:
        return len(self.data)


class Memory:
    """The one location that is there is called `here`."""

    chunk = 100_000

    def __init__(self) -> None:
        self.kept: dict[Place, Kept] = {}
        self.lock = threading.Lock()

    def put(self, place: Place, data: bytes, content_type: str, cache_control: str) -> None:
        self.known(place)
        self.kept[place] = Kept(data, content_type, cache_control)

    def head(self, place: Place) -> Kept:
        self.known(place)
        if place not in self.kept:
            raise Missing
        return self.kept[place]

    def read(self, place: Place, start: int, stop: int) -> Iterator[bytes]:
        wanted = self.head(place).data[start:stop]
        for begin in range(0, len(wanted), self.chunk):
            yield wanted[begin : begin + self.chunk]

    def delete(self, place: Place) -> None:
        self.kept.pop(place, None)

    def list(self, location: str, prefix: str) -> Iterator[Place]:
        found = [place for place in self.kept if place.location == location and place.key.startswith(prefix)]
        yield from sorted(found, key=lambda place: place.key.encode())

    def known(self, place: Place) -> None:
        if place.location != "here":
            raise Unavailable


def url(place: Place) -> str:
    return f"https://store.example/{place.location}/{quote(place.key)}"


def parse(address: str) -> Place:
    location, _, key = unquote(urlsplit(address).path.removeprefix("/")).partition("/")
    return Place(location, key)


def harness(adapter: Memory) -> Harness:
    return Harness(adapter, Place, "here", Missing, Unavailable, url, parse, chunk_max=Memory.chunk)
