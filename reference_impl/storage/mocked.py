"""A store in memory, which ends with its process."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from reference_impl.storage.protocol import CHUNK, ObjectMissing, StoredObject

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from reference_impl.storage.locator import Locator


class MockedStore:
    """Keeps the promises of Store without anything durable behind them. Every location is there.

    The ETag of an object is the SHA-256 of its bytes, in hex.
    """

    def __init__(self) -> None:
        self._objects: dict[Locator, tuple[StoredObject, bytes]] = {}

    def put(self, locator: Locator, data: bytes, content_type: str, cache_control: str) -> None:
        digest = hashlib.sha256(data).hexdigest()
        self._objects[locator] = (StoredObject(locator, len(data), content_type, cache_control, digest), data)

    def head(self, locator: Locator) -> StoredObject:
        return self._found(locator)[0]

    def read(self, locator: Locator, start: int, stop: int) -> Generator[bytes]:
        wanted = memoryview(self._found(locator)[1])[start:stop]
        for begin in range(0, len(wanted), CHUNK):
            yield bytes(wanted[begin : begin + CHUNK])

    def delete(self, locator: Locator) -> None:
        self._objects.pop(locator, None)

    def list(self, location: str, prefix: str) -> Iterator[Locator]:
        named = (stored.locator for stored in self.objects())
        yield from (locator for locator in named if locator.location == location and locator.key.startswith(prefix))

    def check(self, location: str) -> None:
        """There is nothing that could be missing."""

    def close(self) -> None:
        """There is no connection."""

    def objects(self) -> tuple[StoredObject, ...]:
        """All that is stored, by location and key bytes."""
        held = [stored for stored, _ in tuple(self._objects.values())]
        return tuple(sorted(held, key=lambda stored: (stored.locator.location, stored.locator.key.encode())))

    def _found(self, locator: Locator) -> tuple[StoredObject, bytes]:
        try:
            return self._objects[locator]
        except KeyError:
            raise ObjectMissing from None
