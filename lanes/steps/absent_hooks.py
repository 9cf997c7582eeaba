"""Steps about state hooks (contracts/states.yaml) where there are to be none."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pytest_bdd import then

from lanes.client import Answer
from lanes.contract import NOBODY
from lanes.files import read_contract
from lanes.steps.world import World

_METHODS = frozenset({"get", "put", "post", "delete", "patch"})


@then("nobody finds anything that only tests may use")
def _(world: World) -> None:
    for method, path in hooks():
        check_absent(world, "plain-404", world.client.fetch(world.client.base_url + path, method))


@then("the operator does not find it either")
def _(world: World) -> None:
    if world.check.due("DEP-8", "operator-404"):
        for method, path in hooks():
            check_absent(world, "operator-404", ask_as_operator(world, method, path))


def hooks() -> Iterator[tuple[str, str]]:
    """Method and path of every state hook, for an artist that nobody knows."""
    for path, operations in read_contract("states.yaml")["paths"].items():
        for method in _METHODS & operations.keys():
            yield method.upper(), re.sub(r"\{\w+\}", NOBODY, path)


def ask_as_operator(world: World, method: str, path: str) -> Answer:
    """A call of a hook with the operator credential, which would change nothing if there were the hook: it lacks its fields."""
    body: dict[str, str] | None = {} if method in {"POST", "PUT", "PATCH"} else None
    return world.client.held_to_contract(world.client.state(method, path, body), None)


def check_absent(world: World, clause: str, answer: Answer) -> None:
    """404, and not because of the artist."""
    absent = answer.status == 404 and answer.code in {None, "not_found"}
    world.check("DEP-8", clause, absent, f"{answer}, should be 404 not_found like any path that is not there", answer)
