"""What a lane needs on this machine: what is there, what is missing, and the command that gets it."""

from __future__ import annotations

import importlib
import importlib.util
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lanes import profile, target
from lanes.errors import Refused
from lanes.places import CONTRACTS, FEATURES, FIXTURES
from lanes.target import Launch

_PYTHON = (3, 11)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a lane needs. `mend` is the command or deed that brings it, where it is not there."""

    name: str
    there: bool
    found: str
    mend: str = ""


def examine(lane: str | None = None) -> list[Finding]:
    """Everything that the lane needs, or every lane where none is named. Raises Refused for an unknown lane."""
    names = [lane] if lane else profile.names()
    findings = [*_everywhere()]
    for name in names:
        findings.extend(_for_lane(name))
    return findings


def _everywhere() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield Finding("Python", sys.version_info >= _PYTHON, version, "install Python 3.11 or newer")
    for folder in (CONTRACTS, FEATURES, FIXTURES):
        yield Finding(folder.name, folder.is_dir(), str(folder), "pip install --force-reinstall medialane")
    yield _tried("temporary folder", _writable, "set TMPDIR to a folder that can be written to")
    yield _tried("loopback", _loopback, "bring up the loopback interface: ip link set lo up")


def _for_lane(name: str) -> Iterator[Finding]:
    lane = profile.load(name)
    judged = target.load(lane.default_target)
    if "server" in lane.stack and isinstance(judged.how, Launch):
        yield _command(f"{name}: target {judged.name}", judged.how)
        if judged.name == "reference":
            yield _tried(f"{name}: libvips", _libvips, "pip install 'pyvips[binary]'")


def _command(name: str, launch: Launch) -> Finding:
    program = launch.command[0].replace("{python}", sys.executable)
    path = shutil.which(program)
    if path and launch.command[1:2] == ("-m",) and importlib.util.find_spec(launch.command[2]) is None:
        return Finding(name, False, f"no module {launch.command[2]}", "pip install --force-reinstall medialane")
    return Finding(name, path is not None, path or f"{program} is not there", f"install {program}, or put it on PATH")


def _tried(name: str, attempt: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(name, True, attempt())
    except (OSError, ImportError, Refused) as error:
        return Finding(name, False, str(error), mend)


def _writable() -> str:
    with tempfile.TemporaryDirectory(prefix="medialane-") as folder:
        Path(folder, "probe").write_bytes(b"")
        return str(Path(folder).parent)


def _loopback() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1, a free port is {listener.getsockname()[1]}"


def _libvips() -> str:
    pyvips = importlib.import_module("pyvips")
    return ".".join(str(pyvips.version(part)) for part in range(3))
