"""What the harness sees and plants in an object store."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as its store has it. `data` is None where only its listing was read."""

    provider: str
    location: str
    key: str
    size: int
    content_type: str | None = None
    cache_control: str | None = None
    data: bytes | None = field(default=None, repr=False)
    sha256: str | None = None  # of its bytes, where the list tells it

    @property
    def name(self) -> str:
        """What tells it from all others of its provider."""
        return f"{self.location}/{self.key}"


class Store(Protocol):
    """One provider. Raises StackError when it does not do as asked: it is ours."""

    def make(self, location: str) -> None:
        """Makes a private bucket or container."""
        ...

    def drop(self, location: str) -> None:
        """Deletes a bucket or container with all that is in it."""
        ...

    def list(self, location: str, prefix: str = "") -> list[Stored]:
        """Its objects in order of key bytes."""
        ...

    def read(self, location: str, key: str) -> Stored | None:
        """An object with its bytes, None where there is none."""
        ...

    def content_type(self, location: str, key: str) -> str | None:
        """The content type of an object, None where there is none."""
        ...

    def put(self, location: str, key: str, data: bytes, content_type: str) -> None:
        """Plants an object."""
        ...
