from __future__ import annotations

import io
import json
import shutil
import sys
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from lanes import doctor, profile, target
from lanes.doctor import Finding, examine, install_for
from lanes.errors import Refused
from lanes.report.plans import print_findings
from lanes.stack.emulators.emulator import Emulator
from lanes.stack.emulators.provision import place
from lanes.stack.rehearsal import PROGRAMS
from lanes.stack.services import KINDS
from tests.harness.servers import Reply, serving


def findings(lane: str | None = "mocked") -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(lane)}


def reference(folder: Path, monkeypatch: pytest.MonkeyPatch, command: str) -> None:
    """Has the built-in target started by another command."""
    text = f'schema = 1\nname = "reference"\nclaims = ["core"]\n[launch]\ncommand = {command}\n'
    (folder / "reference.toml").write_text(text, encoding="utf-8")
    monkeypatch.setattr(target, "TARGETS", folder)


def test_everything_that_the_mocked_lane_needs_is_there() -> None:
    found = findings()
    assert [finding for finding in found.values() if not finding.there] == []
    assert set(found) == {
        "Python",
        "contracts",
        "features",
        "fixtures",
        "temporary folder",
        "loopback",
        "mocked: target reference",
        "mocked: libvips",
    }
    assert found["Python"].found == ".".join(map(str, sys.version_info[:3]))


def test_without_a_lane_every_lane_is_examined() -> None:
    assert all(any(name.startswith(f"{lane}: ") for name in findings(None)) for lane in profile.names())


def test_an_unknown_lane_is_refused() -> None:
    with pytest.raises(Refused, match=r"'moked'.* did you mean 'mocked'\?"):
        examine("moked")


def test_a_program_that_is_not_there_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference(tmp_path, monkeypatch, '["medialane-no-such-program", "serve"]')
    finding = findings()["mocked: target reference"]
    assert not finding.there
    assert finding.found == "medialane-no-such-program is not there"
    assert "medialane-no-such-program" in finding.mend


def test_a_module_that_is_not_there_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    reference(tmp_path, monkeypatch, '["{python}", "-m", "medialane_no_such_module"]')
    finding = findings()["mocked: target reference"]
    assert (finding.there, finding.found) == (False, "no module medialane_no_such_module")


def test_a_folder_of_data_that_is_not_there_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "FEATURES", tmp_path / "features")
    assert not findings()["features"].there
    assert findings()["contracts"].there


def test_a_temporary_folder_that_cannot_be_written_to_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "nowhere"))
    finding = findings()["temporary folder"]
    assert not finding.there
    assert "TMPDIR" in finding.mend


def test_an_old_python_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_PYTHON", (99, 0))
    assert not findings()["Python"].there


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with nothing of the emulators: no engine, nothing given, and an empty cache, which it answers."""
    for kind in KINDS.values():
        monkeypatch.delenv(kind.given, raising=False)
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/nowhere.sock")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "medialane" / "emulators"


@pytest.mark.usefixtures("alone")
def test_emulators_that_are_not_installed_are_missing_with_the_command_that_installs_them() -> None:
    found = findings("azure-emulator")
    for name in ("Azurite", "LocalStack", "PostgreSQL"):
        finding = found[f"azure-emulator: {name}"]
        assert not finding.there
        assert finding.found.endswith(" is not installed yet")
        assert finding.mend == "medialane doctor azure-emulator --install, or run the lane"
    assert "s3-emulator: Azurite" not in findings("s3-emulator")


def test_emulators_that_are_installed_are_there_as_processes(alone: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []

    def install(cls: type[Emulator]) -> Path:
        made.append(cls.name)
        folder = place(cls.environment)
        (folder / "node_modules").mkdir(parents=True)
        (folder / ".complete").touch()
        return folder

    for kind in KINDS.values():
        monkeypatch.setattr(kind, "install", classmethod(install))
    lines = list(install_for("azure-emulator"))
    assert sorted(made) == ["Azurite", "LocalStack", "PostgreSQL"]
    assert all(str(alone) in line for line in lines)
    found = findings("azure-emulator")
    assert found["azure-emulator: Azurite"] == Finding("azure-emulator: Azurite", True, "3.35.0, as a process")
    assert found["azure-emulator: PostgreSQL"].found == "18.6, as a process"


def test_what_cannot_be_installed_is_refused_with_the_reason(alone: Path) -> None:
    alone.parent.mkdir(parents=True)
    alone.write_text("a file", encoding="utf-8")
    with pytest.raises(Refused, match=r"localstack-4\.12\.0 cannot be installed: .*XDG_CACHE_HOME names another place"):
        list(install_for("s3-emulator"))


@pytest.mark.usefixtures("alone")
def test_an_emulator_that_was_given_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    variable = "MEDIALANE_S3_ENDPOINT"
    health = json.dumps({"services": {"s3": "running"}, "version": "4.14.0"}).encode()
    with serving(lambda asked: Reply(404) if "no-such-bucket" in asked.path else Reply(body=health)) as given:
        monkeypatch.setenv(variable, given.base_url)
        finding = findings("s3-emulator")["s3-emulator: LocalStack"]
    assert (finding.there, finding.found) == (True, f"LocalStack 4.14.0 (given by {variable})")
    finding = findings("s3-emulator")["s3-emulator: LocalStack"]
    assert not finding.there
    assert finding.found.startswith(f"LocalStack, given by {variable}, does not answer at 127.0.0.1:")
    assert "unset" not in finding.found
    assert finding.mend == f"unset {variable}, and one is started for the run"


@pytest.mark.parametrize(("there", "code"), [([True, True], 0), ([True, False], 3), ([False, False], 3)])
def test_what_is_missing_is_said_with_what_gets_it(there: list[bool], code: int) -> None:
    console = Console(file=io.StringIO(), width=200)
    made = [Finding(f"thing [{number}]", each, f"found {number}", f"mend {number}") for number, each in enumerate(there)]
    assert print_findings(console, made) == code
    assert isinstance(console.file, io.StringIO)
    printed = console.file.getvalue()
    for number, each in enumerate(there):
        assert f"{'✓' if each else '✗'} thing [{number}]: found {number}" in printed
        assert (f"to get it: mend {number}" in printed) != each


def test_a_rehearsal_needs_an_object_store_and_an_edge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = findings("deployed-dev")
    assert {"deployed-dev: SeaweedFS", "deployed-dev: nginx", "deployed-dev: target rehearsal", "deployed-dev: libvips"} < set(
        found
    )
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    missing = findings("deployed-dev")
    for name, pinned in (("SeaweedFS", "4.48"), ("nginx", "1.31.3")):
        finding = missing[f"deployed-dev: {name}"]
        assert (finding.there, finding.found) == (False, f"{pinned} is not installed yet; only a rehearsal needs it")
        assert finding.mend == "medialane doctor deployed-dev --install, or run a rehearsal"


def test_what_a_rehearsal_needs_is_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    for program in PROGRAMS:
        monkeypatch.setattr(program, "install", classmethod(lambda cls: place(cls.environment)))
    assert list(install_for("deployed-dev")) == [
        f"{program.name} {program.pinned}: {place(program.environment)}" for program in PROGRAMS
    ]
