from __future__ import annotations

from lanes.contract import contract
from lanes.coverage import Coverage, documented


def test_every_answer_that_was_not_seen_is_named() -> None:
    coverage = Coverage()
    for operation, status in documented():
        if (operation, status) != ("deleteArtist", 204):
            coverage.add(operation, status)
    told = coverage.as_json()
    assert told["missing"] == ["deleteArtist 204"]
    assert told["seen"] == told["documented"] - 1
    coverage.add("deleteArtist", 204)
    assert coverage.as_json()["missing"] == []


def test_answers_outside_the_contract_count_for_nothing() -> None:
    coverage = Coverage()
    coverage.add(None, 404)
    coverage.add("readHealth", 418)
    assert coverage.as_json()["seen"] == 0


def test_every_operation_has_documented_answers_and_failures_are_not_asked_for() -> None:
    assert {operation for operation, _ in documented()} == set(contract().operations)
    assert not [status for _, status in documented() if status >= 500]
