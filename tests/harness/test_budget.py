from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from lanes.budget import OverBudget, Spending
from lanes.profile import Budget


class Clock:
    """A time of its own, in which sleeping takes none."""

    def __init__(self) -> None:
        self.at = 1000.0

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        assert seconds > 0
        self.at += seconds


def spending(uploads: int = 2, megabytes: int = 1, requests_per_minute: int = 3) -> tuple[Spending, Clock]:
    clock = Clock()
    return Spending(Budget(uploads, megabytes, requests_per_minute), clock.now, clock.sleep), clock


def test_uploads_are_counted_and_no_other_request_is_one() -> None:
    spent, _ = spending(uploads=2, requests_per_minute=100)
    for upload in (True, False, True, False):
        spent.take(10, upload=upload)
    with pytest.raises(OverBudget, match="the run may upload 2 times, and has"):
        spent.take(10, upload=True)
    spent.take(10)
    assert (spent.uploads, spent.sent, spent.requests) == (2, 50, 5)


def test_bytes_are_never_more_than_the_budget() -> None:
    spent, _ = spending(megabytes=1, requests_per_minute=100)
    spent.take(999_999)
    with pytest.raises(OverBudget, match=r"2 bytes more, while 1 are left of the 1 MB"):
        spent.take(2)
    spent.take(1)
    with pytest.raises(OverBudget):
        spent.send(1)
    assert spent.sent == 1_000_000


def test_a_request_that_is_refused_is_not_counted() -> None:
    spent, _ = spending(uploads=1)
    spent.take(1, upload=True)
    with pytest.raises(OverBudget):
        spent.take(1, upload=True)
    assert (spent.requests, spent.sent) == (1, 1)


def test_no_minute_has_more_requests_than_it_may() -> None:
    spent, clock = spending(requests_per_minute=3)
    went_out = []
    for pause in (0, 10, 10, 0, 0, 0, 45, 0):
        clock.at += pause
        spent.take()
        went_out.append(clock.at)
    for number, moment in enumerate(went_out):
        assert sum(moment - 60 < other <= moment for other in went_out[: number + 1]) <= 3
    assert went_out[3] == went_out[0] + 60  # not later than needs be
    assert spent.paused == went_out[-1] - 1000 - 65


@pytest.mark.parametrize(("wanted", "pause"), [(2, 0), (3, 60), (5, 60), (9, 60)])
def test_room_for_several_is_waited_for_before_the_first(wanted: int, pause: int) -> None:
    spent, clock = spending(requests_per_minute=5)
    for _ in range(3):
        spent.take()
    began = clock.at
    spent.make_room(wanted)
    assert clock.at - began == pytest.approx(pause)
    assert spent.requests == 3
    for _ in range(min(wanted, 5)):
        spent.take()
    assert clock.at - began == pytest.approx(pause)


def test_threads_do_not_overspend() -> None:
    spent = Spending(Budget(50, 1, 100_000))

    def upload(_: int) -> bool:
        try:
            spent.take(100, upload=True)
        except OverBudget:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(upload, range(200))) == 50
    assert (spent.uploads, spent.sent) == (50, 5000)
