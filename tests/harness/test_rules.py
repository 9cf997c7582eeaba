from __future__ import annotations

import pytest

from lanes.errors import Refused
from lanes.rules import catalogue
from tests.harness import samples


def test_the_catalogue_holds_every_rule_in_the_order_of_the_file() -> None:
    rules = list(catalogue())
    assert [rule.id for rule in rules[:2]] == ["SCO-1", "SCO-2"]
    assert rules[-1].id == "DRF-5"
    assert [rule.id for rule in rules] == list(catalogue().rules)


def test_a_rule_comes_with_its_clauses() -> None:
    rule = catalogue().rule("ING-8")
    assert (rule.level, rule.profile, rule.area) == ("MUST", "core", "ingest")
    assert [(clause.name, clause.lanes, clause.needs) for clause in rule.clauses] == [
        ("upright", "MSAD", ()),
        ("dimensions", "MSAD", ()),
    ]


def test_an_unknown_rule_is_refused_with_the_nearest_and_all_others() -> None:
    with pytest.raises(Refused) as refusal:
        catalogue().rule("ING-88")
    told = str(refusal.value)
    assert "'ING-88'" in told
    assert "did you mean 'ING-8'?" in told
    assert all(rule.id in told for rule in catalogue())


@pytest.mark.parametrize(
    ("lanes", "together"),
    [(["M"], "M"), (["D", "M"], "MD"), (["SA", "MS"], "MSA"), (["B", "AS"], "SAB"), ([""], "")],
)
def test_the_lanes_of_a_rule_are_those_of_its_clauses_in_order(lanes: list[str], together: str) -> None:
    rule = samples.rule("ING-1", *(samples.clause(f"clause-{number}", each) for number, each in enumerate(lanes)))
    assert rule.lanes == together


@pytest.mark.parametrize(
    ("needs", "lane", "spelt"),
    [
        ((), "M", ()),
        (("records",), "M", ("records",)),
        (("faults",), "M", ("states",)),
        (("faults",), "S", ("gateway",)),
        (("faults", "objects"), "S", ("gateway", "storage")),
        (("faults", "objects"), "M", ("states",)),  # both stand for the same here, and it is named once
        (("records", "faults", "records"), "M", ("records", "states")),
        (("faults",), "D", ()),
    ],
)
def test_shorthands_among_the_needs_are_spelt_out_by_lane(needs: tuple[str, ...], lane: str, spelt: tuple[str, ...]) -> None:
    assert samples.catalogue().needs(samples.clause("kept", "MS", *needs), lane) == spelt
