"""What collection refuses: scenarios and steps that would be dropped, pass unnoticed or fail only at run time."""

from __future__ import annotations

import functools
import inspect
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from gherkin.parser import Parser
from pytest_bdd.compat import get_fixture_names, getfixturedefs
from pytest_bdd.parser import ScenarioTemplate, Step
from pytest_bdd.scenario import scenario_wrapper_template_registry
from pytest_bdd.steps import StepFunctionContext, step_function_context_registry

from lanes.errors import one_of
from lanes.rules import Catalogue

RULE_ID = re.compile(r"[A-Z]{3}-\d+")
CLOSING = "closing"  # the tag of scenarios that come last, once in every slot


@dataclass(frozen=True, slots=True)
class Scenario:
    """A scenario as its feature file has it: how many tests it makes, one for each example, and every tag that applies."""

    file: Path
    name: str
    tests: int
    tags: frozenset[str]

    @property
    def key(self) -> tuple[str, str]:
        """File and name, which is how pytest-bdd knows a scenario."""
        return str(self.file), self.name


def problems(items: Iterable[pytest.Item], features: Path, catalogue: Catalogue) -> list[str]:
    """One line for everything that keeps the scenarios under `features` from being judged as they are written."""
    found: list[str] = []
    seen: dict[pytest.Collector | None, list[StepFunctionContext]] = {}
    for item in items:
        if template := template_of(item):
            # What lies in one module sees the same definitions: to ask that for every step would take longer than all the rest.
            if item.parent not in seen:
                seen[item.parent] = _definitions_for(item)
            found.extend(_item_problems(item, template, catalogue, seen[item.parent]))
    # Not only what was selected: whatever some module binds.
    bound = {(each.feature.filename, each.name) for each in scenario_wrapper_template_registry.values()}
    for (file, name), count in Counter(scenario.key for scenario in scenarios_under(features)).items():
        if count > 1:
            found.append(f"{file}: {count} scenarios are named {name!r}; all but one would be dropped")
        if (file, name) not in bound:
            found.append(f"{file}: {name!r} is bound to no test")
    return sorted(set(found))


def template_of(item: pytest.Item) -> ScenarioTemplate | None:
    """The scenario that an item runs, None for any other test."""
    return scenario_wrapper_template_registry.get(item.obj) if isinstance(item, pytest.Function) else None


def rules_of(item: pytest.Item) -> tuple[str, ...]:
    """The rules that an item cites, by tag or by the marker `rule`."""
    return tuple(sorted({mark.args[0] for mark in item.iter_markers("rule")}))


def is_closing(item: pytest.Item) -> bool:
    """Whether an item is about a run that is over, and has to come after all others."""
    return item.get_closest_marker(CLOSING) is not None


def scenarios_under(features: Path) -> Iterator[Scenario]:
    """Every scenario of the feature files of a folder, doubles included. Raises gherkin's ParserError."""
    for path in sorted(features.rglob("*.feature")):
        yield from _scenarios(path)


def _scenarios(path: Path) -> Iterator[Scenario]:
    document = _parsed(path.read_text(encoding="utf-8"))
    feature = document.get("feature") or {"tags": [], "children": []}
    for child in feature["children"]:
        rule = child.get("rule", {"tags": [], "children": []})
        for each in [child, *rule["children"]]:
            if "scenario" in each:
                tags = [*feature["tags"], *rule["tags"], *each["scenario"]["tags"]]
                rows = sum(len(examples["tableBody"]) for examples in each["scenario"]["examples"])
                names = frozenset(tag["name"].removeprefix("@") for tag in tags) - {CLOSING}
                yield Scenario(path, each["scenario"]["name"], rows or 1, names)


@functools.cache
def _parsed(text: str) -> Any:
    return Parser().parse(text)


def _definitions_for(item: pytest.Item) -> list[StepFunctionContext]:
    """The step definitions that an item sees, by pytest's own rules."""
    manager = item.session._fixturemanager  # noqa: SLF001 - as pytest-bdd does
    fixtures = (each for name in get_fixture_names(manager) for each in getfixturedefs(manager, name, item) or ())
    return [step_function_context_registry[each.func] for each in fixtures if each.func in step_function_context_registry]


def _item_problems(
    item: pytest.Item, template: ScenarioTemplate, catalogue: Catalogue, definitions: Iterable[StepFunctionContext]
) -> Iterator[str]:
    where = f"{template.feature.filename}: {template.name!r}"
    rules = rules_of(item)
    if not rules:
        yield f"{where} cites no rule"
    for rule in rules:
        if rule not in catalogue.rules:
            yield f"{where} cites {rule}, which is not in the catalogue; {one_of(rule, catalogue.rules)}"
    example = getattr(getattr(item, "callspec", None), "params", {}).get("_pytest_bdd_example", {})
    steps = template.render(example).steps
    if not steps:
        yield f"{where} has no step, so it would check nothing"
    for step in steps:
        matching = [each for each in definitions if each.type in {None, step.type} and each.parser.is_matching(step.name)]
        yield from _step_problems(step, where, list(example), matching)


def _step_problems(step: Step, where: str, columns: list[str], definitions: list[StepFunctionContext]) -> Iterator[str]:
    for placeholder in re.findall(r"<([^<>\s][^<>]*)>", step.name):
        yield f"{where}: <{placeholder}> is no column of the examples; {one_of(placeholder, columns or ['none'])}"
    if not definitions:
        yield f"{where}: no step is defined for {step.keyword} {step.name!r}"
    if len(definitions) > 1:
        yield f"{where}: {len(definitions)} step definitions match {step.keyword} {step.name!r}"
    for definition in definitions:
        function = definition.step_func
        if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
            yield f"{where}: {step.keyword} {step.name!r} is an async step, which would never run"
