"""What every storage adapter does, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reference_impl.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reference_impl.storage.locator import Locator


class StorageUnavailable(Refused):
    """The store refused, failed, or is not one that this process knows."""

    def __init__(self) -> None:
        super().__init__("storage_unavailable", "Media storage is unavailable.")


class StorageTimeout(Refused):
    """The store did not answer in time."""

    def __init__(self) -> None:
        super().__init__("storage_timeout", "Media storage did not answer in time.")


class ObjectMissing(Exception):
    """There is no object where the locator points."""


@dataclass(frozen=True)
class StoredObject:
    """What a store knows of an object without its bytes. `sha256` is the hex digest of the bytes that were put."""

    locator: Locator
    size: int
    content_type: str
    cache_control: str
    sha256: str


class Store(Protocol):
    """One provider. Calls block; any of them may raise StorageUnavailable."""

    def put(self, locator: Locator, data: bytes, content_type: str, cache_control: str) -> None: ...

    def head(self, locator: Locator) -> StoredObject:
        """Raises ObjectMissing."""
        ...

    def read(self, locator: Locator, start: int, stop: int) -> bytes:
        """The bytes from start up to stop. Raises ObjectMissing."""
        ...

    def delete(self, locator: Locator) -> None:
        """Deletes the object; one that is not there is no error."""
        ...

    def list(self, location: str, prefix: str) -> Iterator[StoredObject]:
        """The objects whose keys begin with the prefix, in order of key bytes."""
        ...
