from __future__ import annotations

import threading

import pytest

from reference_impl.storage.patience import Patience, TooLate


def test_an_answer_is_waited_for_as_long_as_the_call() -> None:
    assert (Patience(10).read, Patience(10).connect) == (10, 5)


def test_no_attempt_begins_once_the_call_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("reference_impl.storage.patience.time.monotonic", lambda: now)
    ours = Patience(10)
    with ours.call():
        now = 109.9
        ours.attempt()
        now = 110.0
        with pytest.raises(TooLate):
            ours.attempt()
    with ours.call():
        ours.attempt()


def test_calls_of_other_threads_have_their_own_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("reference_impl.storage.patience.time.monotonic", lambda: now)
    ours = Patience(10)

    def other() -> None:
        with ours.call():
            ours.attempt()

    with ours.call():
        now = 20.0
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        with pytest.raises(TooLate):
            ours.attempt()
