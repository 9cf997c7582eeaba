"""What a lane needs on this machine: what is there, what is missing, and the command that gets it."""

from __future__ import annotations

import importlib
import importlib.util
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from lanes import profile, target
from lanes.errors import Refused, StackError
from lanes.places import CONTRACTS, FEATURES, FIXTURES
from lanes.stack.browser import REMEDY, Browser
from lanes.stack.emulators.containers import engine_address, engine_answers, has_image
from lanes.stack.emulators.emulator import Emulator
from lanes.stack.folders import folder
from lanes.stack.rehearsal import PROGRAMS
from lanes.stack.rehearsal.program import Program
from lanes.stack.services import KINDS
from lanes.stack.watchdog import Watchdog
from lanes.target import Launch

REHEARSED = "rehearsal"  # the built-in target that is judged as if it were deployed
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
    for data in (CONTRACTS, FEATURES, FIXTURES):
        yield Finding(data.name, data.is_dir(), str(data), "pip install --force-reinstall medialane")
    yield _tried("temporary folder", _writable, "set TMPDIR to a folder that can be written to")
    yield _tried("loopback", _loopback, "bring up the loopback interface: ip link set lo up")


def _for_lane(name: str) -> Iterator[Finding]:
    lane = profile.load(name)
    rehearsed = REHEARSED if "rehearsal" in lane.stack else None
    default = lane.default_target or rehearsed
    judged = target.load(default) if default else None
    for kind in lane.stack:
        if kind in KINDS:
            yield _emulator(name, KINDS[kind])
    if rehearsed:
        for program in PROGRAMS:
            yield _program(name, program)
    if "browser" in lane.stack:
        yield _tried(f"{name}: Chromium", _chromium, REMEDY)
    if judged and isinstance(judged.how, Launch) and (rehearsed or "server" in lane.stack):
        yield _command(f"{name}: target {judged.name}", judged.how)
        if judged.how.command[-2:] == ("reference_impl", "serve"):
            yield _tried(f"{name}: libvips", _libvips, "pip install 'pyvips[binary]'")


def _emulator(lane: str, kind: type[Emulator]) -> Finding:
    name = f"{lane}: {kind.name}"
    with Watchdog() as watchdog, folder(watchdog) as place:
        emulator = kind(place, watchdog)
        if os.environ.get(kind.given):
            return _given(name, emulator)
        image = emulator.image()
    if has_image(image.tag):
        return Finding(name, True, f"{kind.pinned}, as a container of {image.tag} at {engine_address()}")
    if kind.installed():
        return Finding(name, True, f"{kind.pinned}, as a process")
    if engine_answers():
        found = f"{kind.pinned} is not installed yet, and the container engine at {engine_address()} has no image {image.tag}"
        return Finding(
            name, False, found, f"medialane doctor {lane} --install, or run the lane; {image.variable} names an image"
        )
    return Finding(name, False, f"{kind.pinned} is not installed yet", f"medialane doctor {lane} --install, or run the lane")


def _program(lane: str, program: type[Program]) -> Finding:
    name = f"{lane}: {program.name}"
    if program.installed():
        return Finding(name, True, f"{program.pinned}, for a rehearsal")
    return Finding(
        name,
        False,
        f"{program.pinned} is not installed yet; only a rehearsal needs it",
        f"medialane doctor {lane} --install, or run a rehearsal",
    )


def _given(name: str, emulator: Emulator) -> Finding:
    try:
        emulator.begin("auto")
        emulator.wait()
    except StackError as error:
        said = str(error).partition("\n")[0].removesuffix(f"; {emulator.remedy}")
        return Finding(name, False, said, emulator.remedy)
    return Finding(name, True, str(emulator))


def install_for(lane: str | None) -> Iterator[str]:
    """Makes the environments of what the lane starts, or every lane, where there are none, and says where each is.

    Raises Refused.
    """
    stack = dict.fromkeys(kind for name in ([lane] if lane else profile.names()) for kind in profile.load(name).stack)
    wanted: list[type[Emulator] | type[Program]] = [KINDS[kind] for kind in stack if kind in KINDS]
    if "rehearsal" in stack:
        wanted += PROGRAMS
    for each in wanted:
        try:
            yield f"{each.name} {each.pinned}: {each.install()}"
        except StackError as error:
            raise Refused(str(error)) from None


def _command(name: str, launch: Launch) -> Finding:
    program = launch.command[0].replace("{python}", sys.executable)
    path = shutil.which(program)
    if path and launch.command[1:2] == ("-m",) and importlib.util.find_spec(launch.command[2]) is None:
        return Finding(name, False, f"no module {launch.command[2]}", "pip install --force-reinstall medialane")
    return Finding(name, path is not None, path or f"{program} is not there", f"install {program}, or put it on PATH")


def _tried(name: str, attempt: Callable[[], str], mend: str) -> Finding:
    try:
        return Finding(name, True, attempt())
    except (OSError, ImportError, Refused, StackError) as error:
        return Finding(name, False, str(error), mend)


def _writable() -> str:
    with tempfile.TemporaryDirectory(prefix="medialane-") as folder:
        Path(folder, "probe").write_bytes(b"")
        return str(Path(folder).parent)


def _loopback() -> str:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"127.0.0.1, a free port is {listener.getsockname()[1]}"


def _chromium() -> str:
    with Watchdog() as watchdog, Browser((), watchdog) as browser:
        return browser.described


def _libvips() -> str:
    pyvips = importlib.import_module("pyvips")
    return ".".join(str(pyvips.version(part)) for part in range(3))
