"""A store in memory, which ends with its process."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from reference_impl.storage.protocol import ObjectMissing, StoredObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_impl.storage.locator import Locator


class MockedStore:
    """Keeps the promises of Store without anything durable behind them."""

    def __init__(self) -> None:
        self._objects: dict[Locator, tuple[StoredObject, bytes]] = {}

    def put(self, locator: Locator, data: bytes, content_type: str, cache_control: str) -> None:
        digest = hashlib.sha256(data).hexdigest()
        self._objects[locator] = (StoredObject(locator, len(data), content_type, cache_control, digest), data)

    def head(self, locator: Locator) -> StoredObject:
        return self._found(locator)[0]

    def read(self, locator: Locator, start: int, stop: int) -> bytes:
        return self._found(locator)[1][start:stop]

    def delete(self, locator: Locator) -> None:
        self._objects.pop(locator, None)

    def list(self, location: str, prefix: str) -> Iterator[StoredObject]:
        held = [stored for stored, _ in tuple(self._objects.values())]
        matching = [stored for stored in held if stored.locator.location == location and stored.locator.key.startswith(prefix)]
        yield from sorted(matching, key=lambda stored: stored.locator.key.encode())

    def locations(self) -> set[str]:
        return {locator.location for locator in tuple(self._objects)}

    def _found(self, locator: Locator) -> tuple[StoredObject, bytes]:
        try:
            return self._objects[locator]
        except KeyError:
            raise ObjectMissing from None
