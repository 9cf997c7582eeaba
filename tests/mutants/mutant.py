"""What a mutant is, and the ways in which one is made."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

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

    @property
    def command(self) -> list[str]:
        """The command of a target file that serves the reference as this mutant."""
        area = self.patch.__module__.rpartition(".")[2]
        return ["{python}", "-m", "tests.mutants.serve", area, self.id, "serve"]


def mutant(rule: str, clause: str, *, before_start: bool = False) -> Callable[[Patch], Patch]:
    """Enters a patch into the catalogue. Its name becomes the mutant's ID, its docstring says how it is wrong."""

    def enter(patch: Patch) -> Patch:
        name = patch.__name__.strip("_").replace("_", "-")
        if name in REGISTRY:
            raise ValueError(f"two mutants are called {name}")
        REGISTRY[name] = Mutant(name, rule, clause, (patch.__doc__ or "").strip(), patch, before_start)
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
