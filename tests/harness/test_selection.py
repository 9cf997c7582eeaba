from __future__ import annotations

import pytest

from lanes.errors import Refused
from lanes.selection import select
from tests.harness import samples
from tests.harness.samples import rule

RULES = samples.catalogue(rule("ING-1"), rule("ING-2"), rule("UPL-1", area="upload"), rule("REC-1", area="records"))


@pytest.mark.parametrize(
    ("only", "exclude", "left"),
    [
        ((), (), {"ING-1", "ING-2", "UPL-1", "REC-1"}),
        (("ingest",), (), {"ING-1", "ING-2"}),
        (("UPL-1", "ingest"), (), {"UPL-1", "ING-1", "ING-2"}),
        ((), ("ingest",), {"UPL-1", "REC-1"}),
        (("ingest",), ("ING-2",), {"ING-1"}),
        (("ING-1",), ("records",), {"ING-1"}),
    ],
)
def test_areas_and_rules_are_taken_in_and_left_out(only: tuple[str, ...], exclude: tuple[str, ...], left: set[str]) -> None:
    assert select(RULES, only, exclude).rules == left


@pytest.mark.parametrize(
    ("only", "exclude", "told"),
    [
        (("ingset",), (), "--only 'ingset' is neither an area nor a rule; did you mean 'ingest'"),
        ((), ("ING-22",), "--exclude 'ING-22' is neither an area nor a rule; did you mean 'ING-2"),
        (("ingest",), ("ING-1", "ING-2"), "leave no rule to judge"),
    ],
)
def test_what_is_unknown_or_leaves_nothing_is_refused(only: tuple[str, ...], exclude: tuple[str, ...], told: str) -> None:
    with pytest.raises(Refused, match=told):
        select(RULES, only, exclude)


def test_a_scenario_is_wanted_for_any_of_its_rules() -> None:
    selection = select(RULES, ("ingest",), ())
    assert selection.wants(("REC-1", "ING-2"))
    assert not selection.wants(("REC-1", "UPL-1"))
    assert not selection.wants(())
