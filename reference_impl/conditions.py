"""Conditional and range requests (RFC 9110, sections 13 and 14), for content that never changes."""

from __future__ import annotations

import re

from reference_impl.errors import Refused

BYTE_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.IGNORECASE)


def is_current(if_none_match: str | None, etag: str) -> bool:
    """Whether the client holds this version already. Weak comparison, as the header asks for."""
    if if_none_match is None:
        return False
    held = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in held or etag in held


def wanted(range_header: str | None, if_range: str | None, etag: str, size: int) -> tuple[int, int] | None:
    """The part of `size` bytes that was asked for, as first and last byte, or None for the whole.

    Several ranges, other units and malformed headers get the whole.
    Raises Refused (range_unsatisfiable) where the part begins beyond the end.
    """
    match = BYTE_RANGE.fullmatch((range_header or "").replace(" ", ""))
    if match is None or not any(match.groups()) or (if_range is not None and if_range != etag):
        return None
    first, last = match.groups()
    if first and last and int(last) < int(first):
        return None
    start = int(first) if first else max(size - int(last), 0)
    stop = min(int(last), size - 1) if first and last else size - 1
    if start >= size:
        raise Refused("range_unsatisfiable", f"The object has {size} bytes.", {"content-range": f"bytes */{size}"})
    return start, stop
