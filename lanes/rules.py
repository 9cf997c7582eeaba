"""The rule catalogue: every promise of the contract, refined into the clauses that checks judge."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lanes.errors import Refused, one_of
from lanes.files import read_contract


@dataclass(frozen=True, slots=True)
class Clause:
    """A single statement of a rule that a check can find true or false."""

    name: str
    text: str
    lanes: str  # letters of the lanes that can establish it
    needs: tuple[str, ...]  # capabilities, or shorthands for some


@dataclass(frozen=True, slots=True)
class Rule:
    """One promise with a stable ID."""

    id: str
    area: str
    level: str  # MUST or SHOULD
    profile: str
    text: str
    clauses: tuple[Clause, ...]

    @property
    def lanes(self) -> str:
        """Letters of the lanes that can establish some clause of it, in the order of the catalogue."""
        return "".join(letter for letter in "MSADB" if any(letter in clause.lanes for clause in self.clauses))


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All rules of one version of the contract, in their order."""

    version: str
    rules: Mapping[str, Rule]
    lane_names: Mapping[str, str]
    shorthands: Mapping[str, Mapping[str, tuple[str, ...]]]

    def __iter__(self) -> Iterator[Rule]:
        return iter(self.rules.values())

    def rule(self, rule_id: str) -> Rule:
        """The rule of this ID. Raises Refused for an unknown one."""
        try:
            return self.rules[rule_id]
        except KeyError:
            raise Refused(f"rule {rule_id!r} is not in the catalogue; {one_of(rule_id, self.rules)}") from None

    def needs(self, clause: Clause, lane: str) -> tuple[str, ...]:
        """The capabilities that a clause needs in the lane of this letter, shorthands spelt out."""
        spelt: list[str] = []
        for need in clause.needs:
            spelt.extend(self.shorthands[need].get(lane, ()) if need in self.shorthands else (need,))
        return tuple(dict.fromkeys(spelt))


@functools.cache
def catalogue() -> Catalogue:
    """The catalogue of contracts/rules.yaml."""
    data = read_contract("rules.yaml")
    return Catalogue(
        version=data["version"],
        rules={row["id"]: _rule(row) for row in data["rules"]},
        lane_names=data["lanes"],
        shorthands={
            name: {letter: tuple(needs) for letter, needs in by_lane.items()} for name, by_lane in data["shorthands"].items()
        },
    )


def _rule(row: dict[str, Any]) -> Rule:
    clauses = tuple(
        Clause(name=each["name"], text=each["text"], lanes=each["lanes"], needs=tuple(each["needs"])) for each in row["clauses"]
    )
    return Rule(row["id"], row["area"], row["level"], row["profile"], row["text"], clauses)
