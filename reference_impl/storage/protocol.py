"""What every storage adapter does, and how it fails."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from reference_impl.errors import Refused

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from reference_impl.storage.locator import Locator

# Calls to stores that run at once, and so the connections that an adapter keeps. A hanging call holds a thread: there
# are enough of them that a slow store does not stop a quick one.
MAX_CALLS = 64
# Bytes of an object that are read at once.
CHUNK = 256 * 1024


class StorageUnavailable(Refused):
    """The store refused, failed, or is not one that this process knows."""

    def __init__(self) -> None:
        super().__init__("storage_unavailable", "Media storage is unavailable.")


class StorageTimeout(Refused):
    """The store did not answer in time."""

    def __init__(self) -> None:
        super().__init__("storage_timeout", "Media storage did not answer in time.")


class ObjectMissing(Exception):
    """There is no object where the locator points, though its bucket or container is there."""


class StoreUnreachable(Exception):
    """New objects cannot go where they should. The message says what is wrong and what would mend it, and no secret."""


@dataclass(frozen=True)
class StoredObject:
    """What a store knows of an object without its bytes. `etag` is the store's own strong validator, without quotes."""

    locator: Locator
    size: int
    content_type: str
    cache_control: str
    etag: str


class Store(Protocol):
    """One provider. Calls block; any of them may raise StorageUnavailable, also for a missing bucket, and StorageTimeout.

    Keys are opaque and never given twice (locator.fresh_keys), so nothing guards against overwriting.
    """

    def put(self, locator: Locator, data: bytes, content_type: str, cache_control: str) -> None:
        """Stores the bytes with these two headers and no other. What was there is replaced as a whole."""
        ...

    def head(self, locator: Locator) -> StoredObject:
        """Raises ObjectMissing."""
        ...

    def read(self, locator: Locator, start: int, stop: int) -> Generator[bytes]:
        """The bytes from start up to stop, in chunks of a bounded size.

        Contacts the store when the first chunk is asked for, which then raises ObjectMissing. Raises what any call may
        raise where the bytes break off. Lets go of its connection when it ends or is closed.
        """
        ...

    def delete(self, locator: Locator) -> None:
        """Deletes the object; one that is not there is no error."""
        ...

    def list(self, location: str, prefix: str) -> Iterator[Locator]:
        """The objects whose keys begin with the prefix, in order of key bytes, however many there are."""
        ...

    def check(self, location: str) -> None:
        """Raises StoreUnreachable unless the bucket or container is there and takes these credentials."""
        ...

    def close(self) -> None:
        """Lets go of all connections. Nothing is called after it."""
        ...
