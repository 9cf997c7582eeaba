"""Lane profiles: where a target is judged, one TOML file each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from lanes.errors import Refused, one_of
from lanes.files import read_toml
from lanes.places import PROFILES


@dataclass(frozen=True, slots=True)
class Budget:
    """The most that a run takes of a target that others use too."""

    uploads: int
    megabytes: int
    requests_per_minute: int

    def at_most(self, requests_per_minute: int | None) -> Budget:
        """The same with no more requests a minute than that, where there is such a limit."""
        most = min(self.requests_per_minute, requests_per_minute or self.requests_per_minute)
        return replace(self, requests_per_minute=most)


@dataclass(frozen=True, slots=True)
class LaneProfile:
    """What a lane is: its runtime, what it starts, and the capabilities that it gives.

    `deployed`: it judges what others use too, within a budget and with a ledger.
    """

    name: str
    letter: str
    summary: str
    provider: str | None  # None: whatever the target has
    execution_target: str | None
    environment: str
    stack: tuple[str, ...]
    gives: tuple[str, ...]
    default_target: str | None  # None: one has to be named
    budget: Budget | None = None  # None: as much as it takes
    deployed: bool = False

    @property
    def guarded(self) -> bool:
        """Whether what it judges is in an environment where guards are needed before anybody talks to it."""
        return self.deployed and self.environment == "dev"


def names() -> list[str]:
    """The lanes that this version can run."""
    return sorted(path.stem for path in PROFILES.glob("*.toml"))


def load(name: str, folder: Path = PROFILES) -> LaneProfile:
    """The profile of this name. Raises Refused for an unknown or malformed one."""
    path = folder / f"{name}.toml"
    if not path.is_file():
        raise Refused(f"lane {name!r} is not one that this version can run; {one_of(name, names())}")
    data = read_toml(path, "profile")
    return LaneProfile(
        name=data["name"],
        letter=data["letter"],
        summary=data["summary"],
        provider=data["provider"],
        execution_target=data["execution_target"],
        environment=data["environment"],
        stack=tuple(data["stack"]),
        gives=tuple(data["gives"]),
        default_target=data.get("default_target"),
        budget=Budget(**data["budget"]) if "budget" in data else None,
        deployed=data["letter"] == "D",
    )
