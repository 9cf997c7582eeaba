"""What the contract says: its lanes, and each of its rules in full."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lanes import profile
from lanes.collection import scenarios_under
from lanes.places import FEATURES
from lanes.rules import catalogue


def print_lanes(console: Console) -> None:
    """The lanes that the contract names."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("lane", "clauses", "for"):
        table.add_column(column, overflow="fold")
    for letter, name in catalogue().lane_names.items():
        clauses = sum(letter in clause.lanes for rule in catalogue() for clause in rule.clauses)
        table.add_row(name, str(clauses), profile.load(name).summary)
    console.print(table)


def print_rule(console: Console, rule_id: str) -> None:
    """One rule in full. Raises Refused for an unknown one."""
    rule = catalogue().rule(rule_id)
    console.print(f"[bold]{rule.id}[/]  {rule.level}, profile {rule.profile}, area {rule.area}")
    console.print(escape(rule.text), "\n")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("clause", "lanes", "needs", "says"):
        table.add_column(column, overflow="fold")
    for clause in rule.clauses:
        lanes = ", ".join(catalogue().lane_names[letter] for letter in clause.lanes) or "the suite's own tests"
        needs = ", ".join(_need(need) for need in clause.needs) or "nothing"
        table.add_row(clause.name, lanes, needs, escape(clause.text))
    console.print(table)
    judging = [scenario for scenario in scenarios_under(FEATURES) if rule.id in scenario.tags]
    console.print()
    console.print("scenarios: " + ("" if judging else "none in this version"))
    for scenario in judging:
        console.print(f"  {escape(f'{scenario.file.relative_to(FEATURES)}: {scenario.name}')}", soft_wrap=True)


def _need(need: str) -> str:
    by_lane = catalogue().shorthands.get(need)
    if by_lane is None:
        return need
    spelt = sorted({f"{' '.join(needs)} in {letter}" for letter, needs in by_lane.items()})
    return f"{need} ({', '.join(spelt)})"
