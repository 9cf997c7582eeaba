"""`medialane rehearsal`: up until it is told to end, judged by the files it writes, and then gone with its secrets."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lanes import target
from lanes.target import Reach
from tests.harness.processes import MEDIALANE, gone, soon
from tests.harness.stack.rehearsal.deployments import REFERENCE

_NAMES = {
    "REQUESTS_CA_BUNDLE",
    "MEDIALANE_WRITE_CREDENTIAL",
    "MEDIALANE_OPERATOR_CREDENTIAL",
    "MEDIALANE_OPERATOR_ACCESS_KEY_ID",
    "MEDIALANE_OPERATOR_SECRET_ACCESS_KEY",
}


@contextlib.contextmanager
def rehearsing(output: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    """The command."""
    command = [*MEDIALANE, "rehearsal", "--output", str(output), *options]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=REFERENCE.folder, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            process.kill()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_is_up_until_it_is_told_to_end(tmp_path: Path, temporary: Path, number: signal.Signals) -> None:
    with rehearsing(tmp_path) as process:
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(3)]
        assert said[1:] == [f"  . {tmp_path}/environment\n", f"  medialane run deployed-dev --target {tmp_path}/target.toml\n"]
        environment = tmp_path / "environment"
        assert environment.stat().st_mode & 0o777 == 0o600
        exported = [shlex.split(line)[1].partition("=") for line in environment.read_text(encoding="utf-8").splitlines()]
        values = {name: value for name, _, value in exported}
        assert values.keys() == _NAMES
        assert all(values.values())
        written = target.load(str(tmp_path / "target.toml"))
        assert isinstance(written.how, Reach)
        assert said[0].startswith(f"{written.how.base_url} is up, with SeaweedFS 4.48 (process) and nginx 1.31.3 (process)")
        assert written.credentials(values).keys() == {"write", "operator"}
        assert written.capabilities >= {"bucket", "storage", "operator", "records", "delivery"}
        there = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, number)
        rest, errors = process.communicate(timeout=20)
    assert (process.returncode, rest, errors) == (0, "everything is gone again, but for the logs\n", "")
    assert soon(lambda: all(gone(each.pid) for each in there))
    assert not environment.exists()
    assert list(temporary.iterdir()) == []
    kept = "".join(path.read_text(encoding="utf-8") for path in tmp_path.iterdir())
    assert not [name for name in _NAMES - {"REQUESTS_CA_BUNDLE"} if values[name] in kept]


def test_its_secrets_go_with_it_when_it_is_killed(tmp_path: Path, temporary: Path) -> None:
    with rehearsing(tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline()
        assert (tmp_path / "environment").exists()
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        assert soon(lambda: not (tmp_path / "environment").exists())
        assert soon(lambda: list(temporary.iterdir()) == [])


def test_a_target_that_is_only_reached_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "there.toml"
    text = 'schema = 1\nname = "there"\nclaims = ["core"]\n[reach]\nbase_url = "http://127.0.0.1:9"\nenvironment = "dev"\n'
    file.write_text(text, encoding="utf-8")
    with rehearsing(tmp_path / "output", "--target", str(file)) as process:
        said, errors = process.communicate(timeout=20)
    assert (process.returncode, said) == (2, "")
    assert errors == f"refused: {file}: a target that is reached is there already; a rehearsal needs one with [launch]\n"
