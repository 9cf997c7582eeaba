"""Which Chromium a run takes, where there is one; tests/browsing uses it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lanes.errors import StackError
from lanes.stack import browser
from lanes.stack.browser import GIVEN, REMEDY, SCREENS, executable


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A machine with no Chromium, and a folder on its PATH."""
    monkeypatch.delenv(GIVEN, raising=False)
    monkeypatch.setattr(browser, "_KNOWN", (str(tmp_path / "known"),))
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    return folder


def program(path: Path) -> str:
    path.write_text("#!/bin/sh\n", encoding="utf-8")
    path.chmod(0o755)
    return str(path)


def test_the_one_that_is_named_comes_first(tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in (tmp_path / "known", tmp_path / "own", bare / "chromium"):
        program(path)
    named = program(tmp_path / "named")
    monkeypatch.setenv(GIVEN, named)
    assert executable(str(tmp_path / "own")) == named


def test_one_that_is_named_and_not_there_is_replaced_by_no_other(
    tmp_path: Path, bare: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(bare / "chromium")
    missing = tmp_path / "missing"
    for nothing in (missing, tmp_path):
        monkeypatch.setenv(GIVEN, str(nothing))
        with pytest.raises(StackError, match=re.escape(f"{GIVEN} is {str(nothing)!r}, and there is no such file")):
            executable()


def test_playwrights_own_comes_before_the_systems_and_what_lies_on_the_path_last(tmp_path: Path, bare: Path) -> None:
    own = tmp_path / "own"
    on_path = program(bare / "google-chrome")
    assert executable(str(own)) == on_path
    assert executable() == on_path
    known = program(tmp_path / "known")
    assert executable(str(own)) == known
    assert executable(program(own)) == str(own)


def test_without_any_it_is_said_how_to_get_one() -> None:
    with pytest.raises(StackError, match=re.escape(f"there is no Chromium; to get it: {REMEDY}")):
        executable("/nowhere/chrome")
    assert GIVEN in REMEDY


def test_pages_are_looked_at_on_a_phone_and_on_a_desk() -> None:
    assert {name: (screen.width, screen.height, screen.touch) for name, screen in SCREENS.items()} == {
        "phone": (390, 844, True),
        "desktop": (1280, 800, False),
    }
