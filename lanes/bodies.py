"""What stands in the JSON of an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

RENDER_URLS = ("src", "thumbnailSrc", "profileImageURL", "profileImageThumbnailURL")


def walk(value: Any, name: str = "") -> Iterator[tuple[str, Any]]:
    """Every value of a body that is no object or list, with the name of the field that it is in."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from walk(each, str(key))
    elif isinstance(value, list):
        for each in value:
            yield from walk(each, name)
    else:
        yield name, value


def names_in(value: Any) -> Iterator[str]:
    """The name of every field of a body."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield str(key)
            yield from names_in(each)
    elif isinstance(value, list):
        for each in value:
            yield from names_in(each)
