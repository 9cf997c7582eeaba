from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from lanes import target
from lanes.errors import Refused
from lanes.files import validator
from lanes.target import Launch, Reach
from lanes.target_file import Sketch, written

LAUNCHED = Sketch("acme", ("core", "records"), ("operator", "records"), command="node 'my server.js' --port \"8080\"")
REACHED = Sketch("acme", ("core",), (), base_url="https://acme.example", environment="dev")
SKETCHES = pytest.mark.parametrize("sketch", [LAUNCHED, REACHED], ids=["launched", "reached"])


def loaded(folder: Path, text: str) -> target.Target:
    (folder / "acme.toml").write_text(text, encoding="utf-8")
    return target.load(str(folder / "acme.toml"))


def test_a_launched_target_says_what_was_sketched(tmp_path: Path) -> None:
    judged = loaded(tmp_path, written(LAUNCHED))
    assert (judged.name, judged.claims) == ("acme", ("core", "records"))
    assert judged.capabilities == {"operator", "records", "launch", "delivery"}
    assert isinstance(judged.how, Launch)
    assert judged.how.command == ("node", "my server.js", "--port", "8080")
    assert judged.how.folder == tmp_path.resolve()


def test_a_reached_target_says_what_was_sketched(tmp_path: Path) -> None:
    judged = loaded(tmp_path, written(REACHED))
    assert isinstance(judged.how, Reach)
    assert (judged.how.base_url, judged.how.environment) == ("https://acme.example", "dev")
    assert dict(judged.credential_names).keys() == {"write"}


def test_the_operator_credential_is_named_where_it_is_needed(tmp_path: Path) -> None:
    sketch = Sketch("acme", ("core", "records"), ("operator", "records"), base_url="https://acme.example")
    assert dict(loaded(tmp_path, written(sketch)).credential_names).keys() == {"write", "operator"}


@SKETCHES
def test_every_key_that_is_only_explained_may_be_used_as_it_is_written(tmp_path: Path, sketch: Sketch) -> None:
    text = written(sketch)
    used = re.sub(r"^# (?=[a-z_]+ = |\[[a-z]+\]$)", "", text, flags=re.MULTILINE)
    assert used.count("\n# ") < text.count("\n# ")
    loaded(tmp_path, used)


@SKETCHES
def test_every_key_of_its_sections_is_written_or_explained(sketch: Sketch) -> None:
    text = written(sketch)
    schema = validator("target").schema
    assert isinstance(schema, dict)
    for section in tomllib.loads(text).keys() & {"launch", "reach"}:
        for key in schema["properties"][section]["properties"]:
            if key != "allowed_hosts" or section == "reach":
                assert re.search(rf"^(# )?{key} = ", text, re.MULTILINE), key


@pytest.mark.parametrize(
    ("sketch", "told"),
    [
        (Sketch("acme", ("cor",), (), command="x"), r"claims\[0\]: 'cor' is not allowed; did you mean 'core'\?"),
        (Sketch("-", ("core",), (), command="x"), "name: '-' does not match"),
        (Sketch("acme", ("core",), ("record",), command="x"), r"offers\[0\]: 'record' is not allowed"),
        (Sketch("acme", ("core",), (), base_url="https://u:p@acme.example"), "reach.base_url"),
        (Sketch("acme", ("core",), (), base_url="http://a.example", environment="prod"), "reach.environment: 'prod'"),
    ],
)
def test_a_sketch_that_makes_no_valid_file_is_refused(sketch: Sketch, told: str) -> None:
    with pytest.raises(Refused, match=told):
        written(sketch)


@pytest.mark.parametrize("name", ["A quoted name", "a.b_c-d", "A" * 64])
def test_names_come_through_as_they_are(tmp_path: Path, name: str) -> None:
    assert loaded(tmp_path, written(Sketch(name, ("core",), (), command="x"))).name == name


@pytest.mark.parametrize("command", ['a "b', "", "   "])
def test_a_command_that_is_none_is_refused(command: str) -> None:
    with pytest.raises(Refused):
        written(Sketch("acme", ("core",), (), command=command))
