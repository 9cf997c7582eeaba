"""What a mutant is, and the ways in which one is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from lanes.rules import catalogue

Patch = Callable[[], None]
REGISTRY: dict[str, Mutant] = {}


@dataclass(frozen=True, slots=True)
class Mutant:
    """A deliberately wrong implementation: which clause it breaks, how it is wrong, and the patch that makes it so."""

    id: str
    rule: str
    clause: str
    text: str
    patch: Patch
    before_start: bool  # patched before the settings are judged, and not only once the server is about to serve
    judged_by: str  # the rule whose scenarios see it: its own, unless those of another one look closer
    seen_in: str  # letters of the lanes in which it is wrong at all
    around: bool = False  # it is what stands around the target that is wrong: bucket or edge of a rehearsal

    @property
    def command(self) -> list[str]:
        """The command of the reference as this mutant, without the word that says what it is to do."""
        if self.around:
            return ["{python}", "-m", "reference_impl"]
        return ["{python}", "-m", "tests.mutants.serve", self.area, self.id]

    @property
    def area(self) -> str:
        """The module of the catalogue that it is in."""
        return self.patch.__module__.rpartition(".")[2]

    @property
    def lanes(self) -> tuple[str, ...]:
        """The lanes that can establish the clause that it breaks, the cheapest one first."""
        rules = catalogue()
        clause = next(clause for clause in rules.rules[self.rule].clauses if clause.name == self.clause)
        there = set(clause.lanes) & set(rules.rules[self.judged_by].lanes) & set(self.seen_in)
        return tuple(name for letter, name in rules.lane_names.items() if letter in there)


def mutant(
    rule: str, clause: str, *, before_start: bool = False, judged_by: str = "", seen_in: str = "MSADB", around: bool = False
) -> Callable[[Patch], Patch]:
    """Enters a patch into the catalogue. Its name becomes the mutant's ID, its docstring says how it is wrong."""

    def enter(patch: Patch) -> Patch:
        name = patch.__name__.strip("_").replace("_", "-")
        if name in REGISTRY:
            raise ValueError(f"two mutants are called {name}")
        text = (patch.__doc__ or "").strip()
        REGISTRY[name] = Mutant(name, rule, clause, text, patch, before_start, judged_by or rule, seen_in, around)
        return patch

    return enter


def wrap(owner: Any, name: str, around: Callable[..., Any]) -> None:
    """Replaces owner.name by a function that gets the original as its first argument."""
    original = getattr(owner, name)

    def replacement(*args: Any, **kwargs: Any) -> Any:
        return around(original, *args, **kwargs)

    setattr(owner, name, replacement)


def wrap_async(owner: Any, name: str, around: Callable[..., Awaitable[Any]]) -> None:
    """The same for a coroutine function."""
    original = getattr(owner, name)

    async def replacement(*args: Any, **kwargs: Any) -> Any:
        return await around(original, *args, **kwargs)

    setattr(owner, name, replacement)
