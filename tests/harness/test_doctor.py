from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

import pytest
from rich.console import Console

from lanes import doctor, profile, target
from lanes.doctor import Finding, examine
from lanes.errors import Refused
from lanes.report.plans import print_findings


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
