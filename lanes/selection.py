"""Which rules a run is about: all of them, or those that were named on the command line."""

from __future__ import annotations

from dataclasses import dataclass

from lanes.errors import Refused, one_of
from lanes.rules import Catalogue


@dataclass(frozen=True, slots=True)
class Selection:
    """Rules to judge, by ID. Whatever is not among them is deselected."""

    rules: frozenset[str]

    def wants(self, rules: tuple[str, ...]) -> bool:
        """Whether a scenario that cites these rules is to be run."""
        return bool(self.rules & set(rules))


def select(catalogue: Catalogue, only: tuple[str, ...], exclude: tuple[str, ...]) -> Selection:
    """The rules of `only` (areas or rule IDs; all of them where it is empty) without those of `exclude`.

    Raises Refused for a name that is neither an area nor a rule, and where nothing is left.
    """
    wanted = _named(catalogue, only, "--only") if only else frozenset(catalogue.rules)
    left = wanted - _named(catalogue, exclude, "--exclude")
    if not left:
        raise Refused(f"--only {' '.join(only)} and --exclude {' '.join(exclude)} leave no rule to judge")
    return Selection(left)


def _named(catalogue: Catalogue, names: tuple[str, ...], option: str) -> frozenset[str]:
    areas = list(dict.fromkeys(rule.area for rule in catalogue))
    found: set[str] = set()
    for name in names:
        if name in catalogue.rules:
            found.add(name)
        elif name in areas:
            found.update(rule.id for rule in catalogue if rule.area == name)
        else:
            raise Refused(f"{option} {name!r} is neither an area nor a rule; {one_of(name, [*areas, *catalogue.rules])}")
    return frozenset(found)
