"""The comparison of rows with objects. It reads; what is found is said, and never repaired."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from lanes.stores.store import Stored

Kind = Literal["missing-canonical", "missing-thumbnail", "orphan", "size-mismatch", "type-mismatch", "malformed-locator"]

_ARTIFACTS: tuple[tuple[Literal["canonical", "thumbnail"], tuple[str, str, str]], ...] = (
    ("canonical", ("storageProvider", "storageLocation", "storageKey")),
    ("thumbnail", ("thumbnailStorageProvider", "thumbnailStorageLocation", "thumbnailStorageKey")),
)
_MISSING: Mapping[str, Kind] = {"canonical": "missing-canonical", "thumbnail": "missing-thumbnail"}

Place = tuple[str, str, str]  # provider, location, key


@dataclass(frozen=True, slots=True)
class Finding:
    """Something in which rows and objects differ."""

    kind: Kind
    about: str  # the ID of the row, or the name of the object

    def __str__(self) -> str:
        return f"{self.kind}: {self.about}"


def compare(
    rows: Iterable[Mapping[str, Any]], stored: Mapping[Place, Stored], type_of: Callable[[Stored], str | None]
) -> list[Finding]:
    """What rows (MediaRecords of the contract) and objects do not agree on.

    `stored` has every object that the rows could name; `type_of` tells the content type of one.
    """
    findings: list[Finding] = []
    named: set[Place] = set()
    for row in rows:
        for artifact, fields in _ARTIFACTS:
            parts = tuple(row.get(name) for name in fields)
            if all(part is None for part in parts):
                if artifact == "canonical" and row.get("legacyURL") is None:
                    findings.append(Finding("malformed-locator", row["ID"]))  # it names nothing at all
                continue  # it has none, or lies at an old address
            if not all(isinstance(part, str) and part for part in parts):
                findings.append(Finding("malformed-locator", row["ID"]))
                continue
            place: Place = (str(parts[0]), str(parts[1]), str(parts[2]))
            named.add(place)
            findings += _differences(row, artifact, stored.get(place), type_of)
    findings += [Finding("orphan", each.name) for place, each in stored.items() if place not in named]
    return findings


def _differences(
    row: Mapping[str, Any], artifact: str, there: Stored | None, type_of: Callable[[Stored], str | None]
) -> list[Finding]:
    if there is None:
        return [Finding(_MISSING[artifact], row["ID"])]
    found = []
    if artifact == "canonical" and row["byteSize"] not in {None, there.size}:
        found.append(Finding("size-mismatch", row["ID"]))
    if row["mimeType"] is not None and type_of(there) not in {None, row["mimeType"]}:
        found.append(Finding("type-mismatch", row["ID"]))
    return found
