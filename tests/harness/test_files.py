from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lanes.errors import Refused, one_of
from lanes.files import explain, frozen, read_contract, read_toml, validator

GOOD = """
schema = 1
name = "acme"
claims = ["core"]

[launch]
command = ["{python}", "server.py"]
"""
PROFILES = ("core", "records", "resilience", "deployed", "browser")


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "acme.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def refusal(path: Path) -> str:
    with pytest.raises(Refused) as refused:
        read_toml(path, "target")
    return str(refused.value)


def test_a_file_that_keeps_its_schema_is_read(tmp_path: Path) -> None:
    assert read_toml(written(tmp_path, GOOD), "target") == {
        "schema": 1,
        "name": "acme",
        "claims": ["core"],
        "launch": {"command": ["{python}", "server.py"]},
    }


@pytest.mark.parametrize(
    ("text", "section", "parts"),
    [
        pytest.param(
            GOOD.replace("claims", "clams"), "top level", ["'clams'", "did you mean 'claims'?", "offers"], id="unknown key"
        ),
        pytest.param(
            GOOD.replace("command", "comand"),
            "launch",
            ["'comand'", "did you mean 'command'?", "timeout"],
            id="unknown key below",
        ),
        pytest.param(GOOD.replace('["core"]', '["cor"]'), "claims[0]", ["'cor'", "did you mean 'core'?", *PROFILES], id="enum"),
        pytest.param(GOOD.replace('["core"]', '["zzz"]'), "claims[0]", ["'zzz'", *PROFILES], id="enum without a near value"),
        pytest.param(GOOD.replace("schema = 1", "schema = 2"), "schema", ["2", "allowed: 1"], id="const"),
        pytest.param(
            GOOD.replace('claims = ["core"]', ""),
            "top level",
            ["'claims' is missing", "schema, name, claims"],
            id="missing key",
        ),
        pytest.param(
            GOOD.replace('command = ["{python}", "server.py"]', ""), "launch", ["'command' is missing"], id="missing below"
        ),
        pytest.param(GOOD.partition("[launch]")[0], "top level", ["exactly one", "launch, reach"], id="missing section"),
        pytest.param(
            f'{GOOD}\n[reach]\nbase_url = "http://a.example"\nenvironment = "test"\n',
            "top level",
            ["exactly one", "launch, reach"],
            id="both sections",
        ),
        pytest.param(GOOD.replace('"acme"', '"-"'), "name", ["'-'", "^[A-Za-z0-9]"], id="pattern"),
        pytest.param(GOOD.replace('"acme"', "7"), "name", ["7", "string"], id="type"),
        pytest.param(f'{GOOD}port = "80"\n', "launch.port", ["'80'", "integer"], id="type below"),
        pytest.param(f"{GOOD}timeout = 0\n", "launch.timeout", ["0"], id="bound"),
        pytest.param(f"{GOOD}timeout = nan\n", "launch.timeout", ["nan"], id="no number at all"),
        pytest.param(GOOD.replace('["core"]', "[]"), "claims", ["[]"], id="too short"),
        pytest.param(GOOD.replace('["core"]', '["core", "core"]'), "claims", ["core"], id="twice"),
        pytest.param(f'{GOOD}[launch.settings]\n"A-B" = "1"\n', "launch.settings", ["'A-B'"], id="name of a setting"),
    ],
)
def test_a_violation_is_told_with_its_file_section_and_values(
    tmp_path: Path, text: str, section: str, parts: list[str]
) -> None:
    path = written(tmp_path, text)
    told = refusal(path)
    assert told.startswith(f"{path}: {section}: ")
    assert [part for part in parts if part not in told] == []
    assert len(told.splitlines()) == 1


def test_the_most_telling_of_several_violations_is_the_one_that_is_told(tmp_path: Path) -> None:
    # Without a launch section the file has two faults; a section that is only misspelt is the one to tell.
    told = refusal(written(tmp_path, GOOD.replace("[launch]", "[lauch]")))
    assert "unknown key 'lauch'; did you mean 'launch'?" in told


@pytest.mark.parametrize(
    ("content", "what"),
    [(b"schema = \n", "is not TOML"), (b"a = 1\na = 2\n", "is not TOML"), (b'name = "\xff"\n', "cannot be read")],
)
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes, what: str) -> None:
    path = written(tmp_path, content)
    told = refusal(path)
    assert told.startswith(f"{path}: {what}: ")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path / "nowhere.toml").endswith("nowhere.toml: there is no such file")
    assert "cannot be read" in refusal(tmp_path)


def test_an_enum_outside_a_string_is_explained_too() -> None:
    errors = list(validator("rules").evolve(schema={"enum": [1, 2, None]}).iter_errors(3))
    assert explain(errors[0]) == "top level: 3 is not allowed; allowed: 1, 2, None"


@pytest.mark.parametrize(
    ("value", "allowed", "told"),
    [
        ("mokced", ["mocked", "browser"], "did you mean 'mocked'? allowed: mocked, browser"),
        ("x", ["mocked", "browser"], "allowed: mocked, browser"),
        (2, [1, 22], "did you mean '22'? allowed: 1, 22"),
    ],
)
def test_a_wrong_value_is_told_what_it_should_have_been(value: object, allowed: list[object], told: str) -> None:
    assert one_of(value, allowed) == told


def test_a_frozen_mapping_is_the_same_in_any_order() -> None:
    one: dict[str, str] = {"b": "2", "a": "1"}
    other: dict[str, str] = {"a": "1", "b": "2"}
    assert frozen(one) == frozen(other) == (("a", "1"), ("b", "2"))
    assert hash(frozen(one)) == hash(frozen(other))


def test_a_contract_file_is_read_once() -> None:
    runtime: Any = read_contract("runtime.yaml")
    assert runtime["exit_code"] == 78
    assert read_contract("runtime.yaml") is runtime
