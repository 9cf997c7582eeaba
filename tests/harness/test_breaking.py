"""A store in which every call goes wrong, when no call comes."""

from __future__ import annotations

import pytest

from lanes.checks import Blocked
from lanes.client import Answer, Request
from lanes.stack.gateway.calls import Word
from lanes.stack.gateway.faults import Fault
from lanes.steps.breaking import Broken, check_hit


def broken(operation: Word, hit: bool) -> Broken:
    """What came of a fault."""
    answer = Answer(Request("POST", "/x", None, {}), 201, {}, b"", 0.0, ())
    return Broken("storing the picture fails", answer, Fault("fail", operation=operation), hit, None, 0.1, [])


def test_where_calls_of_each_kind_that_is_needed_went_wrong_it_is_judged() -> None:
    check_hit([broken("put", True), broken("put", False), broken("delete", True), broken("head", False)])


@pytest.mark.parametrize("missing", ["put", "delete"])
def test_where_none_of_a_kind_did_there_is_nothing_to_judge(missing: Word) -> None:
    with pytest.raises(Blocked, match=f"no {missing} of an object"):
        check_hit([broken(each, each != missing) for each in ("put", "delete", "put", "delete")])
