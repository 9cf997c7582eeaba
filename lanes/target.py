"""Target files: the implementation being judged, and how to launch or reach it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lanes.errors import Refused, one_of
from lanes.files import frozen, read_contract, read_toml
from lanes.places import TARGETS


@dataclass(frozen=True, slots=True)
class Launch:
    """A target that the harness starts, stops and restarts with settings of its choosing."""

    command: tuple[str, ...]
    folder: Path | None  # None: a folder made for the run
    ready: str
    timeout: float  # seconds
    port: int | None  # None: a free one
    settings: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """A target that is already there."""

    base_url: str
    environment: str


@dataclass(frozen=True, slots=True)
class Target:
    """The implementation being judged: what it claims, what it offers, and how to get at it."""

    name: str
    source: str  # the file or the built-in name it was read from
    build: str | None
    claims: tuple[str, ...]
    capabilities: frozenset[str]
    how: Launch | Reach
    credential_names: tuple[tuple[str, str], ...]  # role, name of an environment variable

    def credentials(self, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Credentials by role, of a target that is reached. Raises Refused when a named variable is not set."""
        found = {}
        for role, variable in self.credential_names:
            if not environment.get(variable):
                raise Refused(f"{self.source}: credentials.{role}: the environment variable {variable} is not set")
            found[role] = environment[variable]
        return found


def built_in() -> list[str]:
    """The names of the targets that come with medialane."""
    return sorted(path.stem for path in TARGETS.glob("*.toml"))


def load(name: str) -> Target:
    """The target of a file, or a built-in one by its name. Raises Refused for an unknown or malformed one."""
    path = Path(name)
    if not path.suffix and not path.exists():
        path = TARGETS / f"{name}.toml"
        if not path.is_file():
            raise Refused(f"target {name!r} is neither a file nor a built-in target; {one_of(name, built_in())}, or a path")
    return _target(read_toml(path, "target"), path, name)


def _target(data: dict[str, Any], path: Path, source: str) -> Target:
    offers = set(data.get("offers", ()))
    if data.get("delivery", True):
        offers.add("delivery")
    if "launch" in data:
        offers.add("launch")
    return Target(
        name=data["name"],
        source=source,
        build=data.get("build"),
        claims=tuple(data["claims"]),
        capabilities=frozenset(offers),
        how=_launch(data["launch"], path) if "launch" in data else _reach(data["reach"]),
        credential_names=frozen(data.get("credentials", {})),
    )


def _launch(section: dict[str, Any], path: Path) -> Launch:
    settings: dict[str, str] = section.get("settings", {})
    ours = {setting["name"] for setting in read_contract("runtime.yaml")["settings"]}
    if taken := sorted(ours & settings.keys()):
        raise Refused(f"{path}: launch.settings: {taken[0]!r} is set by the lane, as contracts/runtime.yaml lists it")
    return Launch(
        command=tuple(section["command"]),
        folder=(path.parent / section["folder"]).resolve() if "folder" in section else None,
        ready=section.get("ready", "/healthz"),
        timeout=section.get("timeout", 30),
        port=section.get("port"),
        settings=frozen(settings),
    )


def _reach(section: dict[str, Any]) -> Reach:
    return Reach(base_url=section["base_url"], environment=section["environment"])
