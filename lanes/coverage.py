"""Contract coverage: which of the documented answers of every operation were seen in a run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lanes.contract import contract


@dataclass(slots=True)
class Coverage:
    """The answers that were seen, by operation and status."""

    seen: set[tuple[str, int]] = field(default_factory=set)

    def add(self, operation: str | None, status: int) -> None:
        """An answer was seen; None is an operation outside the contract."""
        if operation:
            self.seen.add((operation, status))

    def as_json(self) -> dict[str, Any]:
        """How many of the documented answers were seen, and which were not."""
        wanted = list(documented())
        missing = [f"{operation} {status}" for operation, status in wanted if (operation, status) not in self.seen]
        return {"documented": len(wanted), "seen": len(wanted) - len(missing), "missing": missing}


def documented() -> Iterator[tuple[str, int]]:
    """Every 2xx, 3xx and 4xx that the contract documents of an operation: a 5xx is documented in the hope of none."""
    for operation in contract().operations.values():
        yield from ((operation.id, int(status)) for status in operation.responses if status[0] in "234")
