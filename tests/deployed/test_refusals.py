"""Each unsafe combination is refused before anything is sent but the question what the target is (DEP-5, DEP-7)."""

from __future__ import annotations

import contextlib
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from lanes.errors import Refused
from lanes.preparing import prepare
from lanes.wish import Wish
from tests.deployed.deployment import Standing
from tests.harness.processes import soon

_SECRET = "s3cret-of-the-runtime"  # noqa: S105 - made up, and looked for
# What a run asks before its first scenario: what the target is, and whether it takes the write credential.
_BEGUN = [("GET", "/ops/runtime"), ("DELETE", "/artists/00000000-0000-4000-8000-000000000000")]


@dataclass(frozen=True, slots=True)
class Combination:
    """What a target file and an environment say, and what the target reports."""

    file_environment: str
    environment: str
    target: str
    provider: str
    host: str
    credential: str
    ci: str

    @property
    def known(self) -> bool:
        """Whether it can be known to be unsafe without asking the target."""
        there = (self.file_environment, self.host, self.credential)
        return there != ("dev", "listed", "two") or self.ci not in {"none", "without"}

    @property
    def safe(self) -> bool:
        """Whether a run may begin."""
        return not self.known and (self.environment, self.target, self.provider) == ("dev", "cloud", "s3")


SAFE = Combination("dev", "dev", "cloud", "s3", "listed", "two", "none")
_REPORTS = (
    ("dev", "cloud", "s3"),
    *(("test", "cloud", "s3"), ("development", "cloud", "s3")),
    *(("dev", "emulator", "s3"), ("dev", "mocked", "s3")),
    *(("dev", "cloud", "azure"), ("dev", "cloud", "mocked")),
    *(("test", "emulator", "s3"), ("test", "mocked", "mocked")),
)
COMBINATIONS = [
    Combination(file_environment, *report, host, credential, ci)
    for file_environment, report, host, credential, ci in itertools.product(
        ("dev", "test"),
        _REPORTS,
        ("listed", "unlisted", "plain http", "unlisted distribution"),
        ("two", "one for both", "not set", "no operator"),
        ("none", "without", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL"),
    )
]


def test_every_unsafe_combination_is_refused_before_anything_is_sent_but_the_question_what_the_target_is(
    deployment: Standing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = deployment.contents()
    begun = 0
    for number, each in enumerate(COMBINATIONS):
        asked = len(deployment.asked())
        with monkeypatch.context() as changed:
            why = refusal(deployment, each, tmp_path / str(number), changed)
        assert (why is None) == each.safe, f"{each}: {why}"
        wanted = [] if each.known else _BEGUN if each.safe else _BEGUN[:1]
        assert asks(deployment, asked, wanted, then_looks=each.safe), f"{each}: {deployment.asked()[asked:]}"
        assert _SECRET not in (why or "")
        begun += each.safe
    assert begun == 2
    assert deployment.contents() == before


@pytest.mark.parametrize(
    "each",
    [
        replace(SAFE, environment="test"),
        replace(SAFE, target="emulator"),
        replace(SAFE, host="unlisted"),
        replace(SAFE, ci="DATABASE_URL"),
    ],
    ids=lambda each: f"{each.environment}-{each.target}-{each.host}-{each.ci}",
)
def test_the_command_says_so_with_exit_code_2(each: Combination, deployment: Standing, tmp_path: Path) -> None:
    asked = len(deployment.asked())
    with reporting(deployment, each):
        file = written(deployment, each, tmp_path)
        process = deployment.begin(tmp_path / "run", "--target", str(file), **variables(deployment, each))
        assert process.wait() == 2
    said = (tmp_path / "run" / "said.txt").read_text(encoding="utf-8")
    assert said.startswith("refused: ")
    assert "Traceback" not in said
    assert _SECRET not in said
    assert asks(deployment, asked, [] if each.known else _BEGUN[:1])


def asks(deployment: Standing, before: int, wanted: list[tuple[str, str]], *, then_looks: bool = False) -> bool:
    """Whether this is what the edge has been asked since; it writes a line once it has answered.

    A run that has begun looks in the end for what it may have created.
    """

    def right() -> bool:
        begun, rest = deployment.asked()[before:][: len(wanted)], deployment.asked()[before + len(wanted) :]
        return begun == wanted and (not rest or (then_looks and {method for method, _ in rest} == {"GET"}))

    return soon(right)


def refusal(deployment: Standing, each: Combination, folder: Path, changed: pytest.MonkeyPatch) -> str | None:
    """Begins a run in this combination, as the command does, and ends it before its first scenario: why it was refused."""
    folder.mkdir()
    for name in ("CI", "GITHUB_ACTIONS", *(name for name in os.environ if name.startswith("MEDIALANE_"))):
        changed.delenv(name, raising=False)
    for name, value in {**deployment.environment, **variables(deployment, each)}.items():
        if os.environ.get(name) != value:
            changed.setenv(name, value)
    if each.credential == "not set":
        changed.delenv("MEDIALANE_OPERATOR_CREDENTIAL")
    with reporting(deployment, each):
        try:
            run = prepare(Wish("deployed-dev", str(written(deployment, each, folder)), folder / "run"))
            run.open_output()
            try:
                run.start()
            finally:
                run.stop()
        except Refused as refused:
            return str(refused)
    return None


def written(deployment: Standing, each: Combination, folder: Path) -> Path:
    """The target file of this combination."""
    lines = deployment.target_file.read_text(encoding="utf-8").splitlines()
    said = {"environment": f'"{each.file_environment}"'}
    match each.host:
        case "unlisted":
            said["allowed_hosts"] = '["media.example"]'
        case "plain http":
            said["base_url"] = f'"http://{deployment.rehearsal.deployment.distribution}"'
        case "unlisted distribution":
            lines.insert(lines.index("[reach]") + 1, 'distribution = "cdn.example"')
    if each.credential == "no operator":
        said["offers"] = "[]"
    for key, value in said.items():
        (place,) = (number for number, line in enumerate(lines) if line.startswith(f"{key} = "))
        lines[place] = f"{key} = {value}"
    path = folder / "target.toml"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def variables(deployment: Standing, each: Combination) -> Mapping[str, str]:
    """The environment of this combination, as far as it differs."""
    changed = {}
    if each.credential == "one for both":
        changed["MEDIALANE_OPERATOR_CREDENTIAL"] = deployment.environment["MEDIALANE_WRITE_CREDENTIAL"]
    if each.credential == "not set":
        changed["MEDIALANE_OPERATOR_CREDENTIAL"] = ""
    if each.ci != "none":
        changed["CI"] = "true"
    if each.ci not in {"none", "without"}:
        changed[each.ci] = _SECRET
    return changed


@contextlib.contextmanager
def reporting(deployment: Standing, each: Combination) -> Iterator[None]:
    """Meanwhile the target reports this runtime."""
    report = {"applicationEnvironment": each.environment, "executionTarget": each.target, "storageProvider": each.provider}
    deployment.misreports.write_text(json.dumps(report), encoding="utf-8")
    try:
        yield
    finally:
        deployment.misreports.unlink()


def test_the_combinations_are_all_there_is() -> None:
    assert len(COMBINATIONS) == len(set(COMBINATIONS)) == 2 * len(_REPORTS) * 4 * 4 * 4
