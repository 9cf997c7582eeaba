"""Lane profiles: where a target is judged, one TOML file each."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from lanes.errors import Refused, one_of
from lanes.files import read_toml
from lanes.places import PROFILES


@dataclass(frozen=True, slots=True)
class LaneProfile:
    """What a lane is: its runtime, what it starts, and the capabilities that it gives."""

    name: str
    letter: str
    summary: str
    provider: str
    execution_target: str
    environment: str
    stack: tuple[str, ...]
    gives: tuple[str, ...]
    default_target: str


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
        default_target=data["default_target"],
    )
