from __future__ import annotations

import time

import pytest

from lanes.patience import Patience, RunOver
from lanes.transport import Limits


def test_without_a_deadline_every_exchange_has_the_whole_limit() -> None:
    patience = Patience(Limits(connect=1, exchange=3, body=7))
    assert patience.limits() == patience.limits() == Limits(connect=1, exchange=3, body=7)
    assert not patience.past_deadline


def test_an_exchange_never_lasts_beyond_the_deadline() -> None:
    limits = Patience(Limits(exchange=20), deadline=5).limits()
    assert 4 < limits.exchange <= 5
    assert Patience(Limits(exchange=2), deadline=5).limits().exchange == 2


def test_after_the_deadline_there_is_no_exchange() -> None:
    patience = Patience(deadline=0.01)
    time.sleep(0.02)
    assert patience.past_deadline
    with pytest.raises(RunOver, match=r"the deadline of 0\.01 s has passed"):
        patience.limits()


def test_a_target_that_was_waited_for_in_vain_too_long_is_asked_no_more() -> None:
    patience = Patience(Limits(exchange=20), for_silence=25)
    patience.waited_in_vain(20)
    assert patience.limits().exchange == pytest.approx(5)
    patience.waited_in_vain(5)
    with pytest.raises(RunOver, match="kept the run waiting for 25 s without an answer"):
        patience.limits()
    assert not patience.past_deadline


def test_a_pause_that_would_last_beyond_the_deadline_is_not_made() -> None:
    patience = Patience(deadline=5)
    patience.pause(0.01)
    assert not patience.past_deadline
    began = time.monotonic()
    with pytest.raises(RunOver, match="the deadline of 5 s comes before the end of a pause"):
        patience.pause(10)
    assert time.monotonic() - began < 1
    assert patience.past_deadline


def test_pauses_on_end_are_made_for_so_long_and_no_longer() -> None:
    patience = Patience(for_pauses=0.2)
    patience.pause(0.15)
    with pytest.raises(RunOver, match=r"asks to be left alone for more than 0\.2 s on end"):
        patience.pause(0.15)
    assert not patience.past_deadline


def test_a_pause_for_which_there_is_no_patience_is_not_begun() -> None:
    began = time.monotonic()
    with pytest.raises(RunOver):
        Patience(for_pauses=5).pause(6)
    assert time.monotonic() - began < 1


def test_an_answer_that_asks_for_no_pause_renews_the_patience() -> None:
    patience = Patience(for_pauses=0.2)
    for _ in range(4):
        patience.pause(0.15)
        patience.answered()
