from __future__ import annotations

import pytest
from requests.structures import CaseInsensitiveDict

from lanes.client import Answer
from lanes.edge_caches import age_of, forgets, lifetime_of, sign_of
from tests.harness import samples


def answer(headers: dict[str, str]) -> Answer:
    return samples.answer(404, headers=CaseInsensitiveDict(headers))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Status": "edge; hit"},
        {"Cache-Status": "origin; fwd=miss, edge; hit; ttl=376"},
        {"Cache-Status": 'edge; hit=?1; detail="x"'},
        {"Age": "12"},
        {"Age": "7", "X-Cache": "RefreshHit from cloudfront"},
        {"Age": "0", "X-Cache": "Hit from cloudfront"},
        {"X-Cache": "Hit from cloudfront"},
        {"X-Cache": "Error from cloudfront", "Age": "5"},
        {"X-Cache": "Error from cloudfront", "Age": "0"},
        {"X-Cache": "MISS, HIT"},
        {"X-Cache-Status": "HIT"},
        {"X-Cache-Status": "STALE"},
        {"X-Cache-Status": "UPDATING"},
        {"X-Cache": "TCP_MEM_HIT from a.example"},
        {"CF-Cache-Status": "HIT"},
    ],
)
def test_an_answer_of_a_cache_is_seen_with_its_evidence(headers: dict[str, str]) -> None:
    sign = sign_of(answer(headers))
    assert sign.cached is True
    assert any(sign.evidence.startswith(name) for name in headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache-Status": "edge; fwd=miss; stored"},
        {"Cache-Status": "edge; fwd=uri-miss", "X-Cache": "HIT"},
        {"Cache-Status": "hit; fwd=miss"},  # a cache that is called so
        {"Cache-Status": "edge; hit=?0"},
        {"Cache-Status": "edge; fwd=stale; fwd-status=304"},
        {"X-Cache": "Miss from cloudfront"},
        {"X-Cache": "Miss from cloudfront", "Age": "7"},  # a cache behind the first one has it
        {"X-Cache-Status": "BYPASS", "Age": "7"},
        {"Cache-Status": "edge; fwd=miss", "Age": "7"},
        {"X-Cache": "Error from cloudfront"},
        {"X-Cache": "RefreshHit from cloudfront"},
        {"X-Cache": "MISS, MISS", "Age": "0"},
        {"X-Cache-Status": "EXPIRED"},
        {"X-Cache-Status": "REVALIDATED"},
        {"X-Cache-Status": "BYPASS"},
        {"CF-Cache-Status": "DYNAMIC"},
    ],
)
def test_an_answer_of_the_origin_is_none_of_a_cache(headers: dict[str, str]) -> None:
    assert sign_of(answer(headers)).cached is False


@pytest.mark.parametrize(
    "headers", [{}, {"Age": "0"}, {"X-Cache": "Configured by us"}, {"X-Cache": ""}, {"Age": "soon"}, {"Via": "1.1 x"}]
)
def test_where_nothing_tells_nothing_is_told(headers: dict[str, str]) -> None:
    assert sign_of(answer(headers)).cached is None


def test_an_age_is_seconds_or_nothing() -> None:
    assert [age_of(answer({"Age": told})) for told in ("0", " 61 ", "-1", "1.5", "x")] == [0, 61, None, None, None]
    assert age_of(answer({})) is None


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Cache-Control": "public"}, None),
        ({"Cache-Control": "max-age=60"}, 60),
        ({"Cache-Control": 'public, MAX-AGE="61"'}, 61),
        ({"Cache-Control": "max-age=5, s-maxage=86400"}, 86400),
        ({"Cache-Control": "s-maxage=10, max-age=86400"}, 10),
        ({"Cache-Control": "no-store, max-age=86400"}, 0),
        ({"Cache-Control": "private"}, 0),
        ({"Cache-Control": "no-cache"}, 0),
        ({"Expires": "Fri, 27 Nov 2026 10:00:30 GMT", "Date": "Fri, 27 Nov 2026 10:00:00 GMT"}, 30),
        ({"Expires": "Fri, 27 Nov 2026 09:00:00 GMT", "Date": "Fri, 27 Nov 2026 10:00:00 GMT"}, 0),
        ({"Expires": "0", "Date": "Fri, 27 Nov 2026 10:00:00 GMT"}, 0),
        ({"Expires": "Fri, 27 Nov 2026 10:00:30 GMT"}, None),
    ],
)
def test_how_long_a_shared_cache_may_keep_an_answer(headers: dict[str, str], seconds: float | None) -> None:
    assert lifetime_of(answer(headers)) == seconds


@pytest.mark.parametrize(
    ("headers", "tells", "held"),
    [
        # Amazon CloudFront: an error that is kept has an age, one that is not has none.
        ({"X-Cache": "Error from cloudfront", "Age": "62"}, True, False),
        ({"X-Cache": "Error from cloudfront", "Age": "9"}, True, True),
        ({"X-Cache": "Error from cloudfront"}, False, True),
        ({"X-Cache": "Miss from cloudfront", "Age": "62"}, True, False),  # something behind it has kept it
        ({"X-Cache": "RefreshHit from cloudfront"}, False, True),
        # nginx tells no ages: what it has kept is as old as the first answer.
        ({"X-Cache-Status": "HIT"}, True, False),
        ({"X-Cache-Status": "STALE"}, True, False),
        ({"X-Cache-Status": "EXPIRED"}, True, True),
        ({"X-Cache-Status": "MISS", "Cache-Control": "max-age=86400"}, True, True),
        ({"X-Cache-Status": "REVALIDATED"}, True, True),
        ({"Cache-Status": "edge; hit"}, False, False),
        ({"Cache-Status": "edge; hit", "Age": "60"}, False, True),
        ({"Cache-Status": "edge; hit", "Age": "61"}, False, False),
        # Caches that do not tell: what they may do counts.
        ({"Cache-Control": "no-store"}, False, True),
        ({"Cache-Control": "max-age=60"}, False, True),
        ({"Cache-Control": "public, max-age=3600"}, False, False),
        ({"Cache-Control": "max-age=1, s-maxage=61"}, False, False),
        ({}, False, None),
        ({"Age": "0"}, False, None),
        ({"Cache-Control": "max-age=3600"}, True, True),  # silent, where what is kept is not
    ],
)
def test_whether_a_404_is_kept_for_longer_than_a_minute(headers: dict[str, str], tells: bool, held: bool | None) -> None:
    found, told = forgets(answer(headers), 60, tells=tells)
    assert found is held
    assert told


def test_an_age_of_0_tells_that_a_404_is_fresh_where_ages_grow() -> None:
    assert forgets(answer({"Age": "0"}), 60, tells=False, ages=True)[0] is True
    assert forgets(answer({"Age": "62"}), 60, tells=False, ages=True)[0] is False
    assert forgets(answer({}), 60, tells=False, ages=True)[0] is None
