from __future__ import annotations

from typing import Any

import pytest

from lanes.discrepancy.comparison import Finding, compare
from lanes.stores.store import Stored

CANONICAL = Stored("s3", "media", "media/a/b.jpg", 700, "image/jpeg")
THUMBNAIL = Stored("s3", "media", "media/a/c.jpg", 70, "image/jpeg")
ROW: dict[str, Any] = {
    "ID": "one",
    "mimeType": "image/jpeg",
    "byteSize": 700,
    "storageProvider": "s3",
    "storageLocation": "media",
    "storageKey": "media/a/b.jpg",
    "thumbnailStorageProvider": "s3",
    "thumbnailStorageLocation": "media",
    "thumbnailStorageKey": "media/a/c.jpg",
}
BOTH = (CANONICAL, THUMBNAIL)


def found(rows: list[dict[str, Any]], *stored: Stored) -> list[Finding]:
    there = {(each.provider, each.location, each.key): each for each in stored}
    return compare(rows, there, lambda each: each.content_type)


def test_rows_and_objects_that_agree_are_not_among_the_findings() -> None:
    assert found([ROW], *BOTH) == []


@pytest.mark.parametrize(
    ("changed", "stored", "kind", "about"),
    [
        ({}, (THUMBNAIL,), "missing-canonical", "one"),
        ({}, (CANONICAL,), "missing-thumbnail", "one"),
        ({"storageProvider": "azure"}, BOTH, "missing-canonical", "one"),
        ({"storageLocation": "elsewhere"}, BOTH, "missing-canonical", "one"),
        ({"byteSize": 701}, BOTH, "size-mismatch", "one"),
        ({"mimeType": "image/png"}, BOTH, "type-mismatch", "one"),
        ({"storageKey": None}, BOTH, "malformed-locator", "one"),
        ({"thumbnailStorageLocation": ""}, BOTH, "malformed-locator", "one"),
        ({}, (*BOTH, Stored("s3", "media", "media/x/y.jpg", 1)), "orphan", "media/media/x/y.jpg"),
    ],
)
def test_what_does_not_agree_is_found(changed: dict[str, Any], stored: tuple[Stored, ...], kind: Any, about: str) -> None:
    assert Finding(kind, about) in found([ROW | changed], *stored)


def test_what_a_row_does_not_say_cannot_differ() -> None:
    nothing = {"byteSize": None, "mimeType": None}
    assert found([ROW | nothing], *BOTH) == []
    unnamed = {name: None for name in ROW if "Storage" in name or name.startswith("storage")}
    assert found([ROW | unnamed | {"legacyURL": "https://old.example/a.jpg"}]) == []
    assert found([ROW | unnamed | {"legacyURL": None}]) == [Finding("malformed-locator", "one")]


def test_types_that_are_not_told_are_not_compared() -> None:
    untold = [Stored(each.provider, each.location, each.key, each.size) for each in BOTH]
    assert found([ROW | {"mimeType": "image/png"}], *untold) == []
