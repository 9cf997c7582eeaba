"""What the checks know of an adapter."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, Protocol


class Stored(Protocol):
    """What an adapter knows of an object without its bytes."""

    @property
    def size(self) -> int: ...

    @property
    def content_type(self) -> str: ...

    @property
    def cache_control(self) -> str: ...


class Adapter(Protocol):
    """A storage adapter. What a locator is, is its own business, but that it has a `key`."""

    def put(self, locator: Any, data: bytes, content_type: str, cache_control: str, /) -> None: ...

    def head(self, locator: Any, /) -> Stored: ...

    def read(self, locator: Any, start: int, stop: int, /) -> Iterable[bytes]: ...

    def delete(self, locator: Any, /) -> None: ...

    def list(self, location: str, prefix: str, /) -> Iterable[Any]: ...


@dataclass(frozen=True)
class Harness:
    """An adapter with a bucket or container that is there, and the words in which it speaks.

    `locate` makes the locator of a location and a key. `location` is there, `nowhere` is not, unless the adapter
    `makes_locations` itself at the first write. `missing` is raised for an object that is not there, `unavailable`
    for a location that is not. `url` is the address at which the provider itself knows an object, and `parse` reads
    it back into a locator. `double_slashes` says whether the provider tells `a//b` from `a/b`. No chunk that is read is
    larger than `chunk_max` bytes.
    """

    adapter: Adapter
    locate: Callable[[str, str], Any]
    location: str
    missing: type[Exception]
    unavailable: type[Exception]
    url: Callable[[Any], str]
    parse: Callable[[str], Any]
    nowhere: str = "nowhere-at-all"
    makes_locations: bool = False
    double_slashes: bool = True
    chunk_max: int = 4 * 1024 * 1024
    prefix: str = field(default_factory=lambda: f"kit/{secrets.token_hex(8)}/")

    def locator(self, key: str) -> Any:
        """The locator of a key under the prefix."""
        return self.locate(self.location, self.prefix + key)

    def put(self, key: str, data: bytes, content_type: str = "image/jpeg", cache_control: str = "max-age=60") -> Any:
        """Stores an object under the prefix and returns its locator."""
        locator = self.locator(key)
        self.adapter.put(locator, data, content_type, cache_control)
        return locator

    def read(self, locator: Any, start: int = 0, stop: int | None = None) -> bytes:
        """The bytes of an object from start up to stop, or its end."""
        end = self.adapter.head(locator).size if stop is None else stop
        return b"".join(self.adapter.read(locator, start, end))

    def listed(self, prefix: str = "") -> list[str]:
        """The keys that are listed under the prefix, without it."""
        found = self.adapter.list(self.location, self.prefix + prefix)
        return [each.key.removeprefix(self.prefix) for each in found]

    def first_chunk(self, locator: Any, stop: int) -> bytes | None:
        """The first chunk of a reading that is then broken off."""
        chunks: Any = iter(self.adapter.read(locator, 0, stop))
        if not hasattr(chunks, "close"):
            return next(chunks, None)
        with closing(chunks):
            return next(chunks, None)


def raised(function: Callable[[], object]) -> type[BaseException] | None:
    """What kind of exception a call ends in."""
    try:
        function()
    except Exception as error:  # noqa: BLE001 - whatever it is, the check says whether it is the right one
        return type(error)
    return None
