from __future__ import annotations

import pytest

from reference_impl.conditions import is_current, wanted
from reference_impl.errors import Refused

ETAG = '"abc"'


@pytest.mark.parametrize("header", ['"abc"', 'W/"abc"', '"x", "abc"', "*"])
def test_a_client_that_names_the_etag_is_current(header: str) -> None:
    assert is_current(header, ETAG)


@pytest.mark.parametrize("header", [None, "", '"x"', "abc", '"abcd"'])
def test_any_other_is_not(header: str | None) -> None:
    assert not is_current(header, ETAG)


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 0)),
        ("bytes=2-5", (2, 5)),
        ("bytes=2-", (2, 9)),
        ("bytes=-3", (7, 9)),
        ("bytes=-99", (0, 9)),
        ("bytes=0-99", (0, 9)),
        ("BYTES=9-9", (9, 9)),
    ],
)
def test_a_range_is_a_first_and_a_last_byte(header: str, part: tuple[int, int]) -> None:
    assert wanted(header, None, ETAG, 10) == part


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes", "bytes=", "bytes=-", "bytes=5-2", "bytes=0-1,3-4", "items=0-1", "bytes=a-b", "bytes=" + "9" * 50 + "-"],
)
def test_what_is_no_single_range_of_bytes_gets_the_whole(header: str | None) -> None:
    assert wanted(header, None, ETAG, 10) is None


@pytest.mark.parametrize("header", ["bytes=10-", "bytes=10-20", "bytes=-0"])
def test_a_range_beyond_the_end_is_refused_with_the_size(header: str) -> None:
    with pytest.raises(Refused) as refusal:
        wanted(header, None, ETAG, 10)
    assert refusal.value.code == "range_unsatisfiable"
    assert refusal.value.headers == {"content-range": "bytes */10"}


def test_a_range_counts_only_for_the_version_that_if_range_names() -> None:
    assert wanted("bytes=0-1", ETAG, ETAG, 10) == (0, 1)
    assert wanted("bytes=0-1", '"old"', ETAG, 10) is None
