"""Emulators as containers of a real engine. `python -m tests.containers` brings one along."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lanes.doctor import examine
from lanes.errors import StackError
from lanes.redact import Redactor
from lanes.stack.emulators.containers import engine_answers, has_image
from lanes.stack.services import Services
from lanes.stores.azure import AzureStore
from tests.containers.image import TAG
from tests.harness.processes import soon, temporary_folders

# A run with a container and, on demand, a worker that was forked from it and outlives it for as long as its input is open.
RUN = """
import os, sys, time
from lanes.stack.services import Services

with Services(("azurite",), "container") as services:
    if sys.argv[1] == "forks" and os.fork() == 0:
        services.let_go()
        print("up", flush=True)
        sys.stdin.read()
        os._exit(0)
    if sys.argv[1] != "forks":
        print("up", flush=True)
    time.sleep(600)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder of the test's own for what a run makes."""
    assert tmp_path.is_dir()  # pytest's own folders are made first, and elsewhere
    with temporary_folders(monkeypatch) as folder:
        yield folder


@pytest.fixture(autouse=True)
def clean(temporary: Path) -> Iterator[None]:
    """No test leaves a container or a folder."""
    assert containers() == []
    yield
    assert containers() == []
    assert list(temporary.iterdir()) == []


def containers() -> list[str]:
    """The names of the engine's containers."""
    import docker

    client = docker.from_env()
    try:
        return [each.name for each in client.containers.list(all=True)]
    finally:
        client.close()


def test_an_engine_that_answers_is_found_and_one_that_does_not_is_none(tmp_path: Path) -> None:
    assert engine_answers()
    with pytest.MonkeyPatch.context() as patch, socket.socket(socket.AF_UNIX) as silent:
        # It takes connections, and never says a word.
        silent.bind(str(tmp_path / "silent.sock"))
        silent.listen()
        patch.setenv("DOCKER_HOST", f"unix://{tmp_path}/silent.sock")
        patch.setattr("lanes.stack.emulators.containers._ENGINE_PATIENCE", 0.2)
        assert not engine_answers()
        for nowhere in (f"unix://{tmp_path}/nowhere.sock", "tcp://127.0.0.1:9", "nonsense"):
            patch.setenv("DOCKER_HOST", nowhere)
            assert not engine_answers()
            assert not has_image(TAG)


def test_azurite_in_a_container_takes_calls_and_is_gone_afterwards(tmp_path: Path) -> None:
    redactor = Redactor()
    with Services(("azurite",), "container", tmp_path, redactor) as services:
        assert services.described == (f"Azurite 3.35.0 (container of {TAG})",)
        assert len(containers()) == 1
        assert services.azure is not None
        store = AzureStore(services.azure)
        store.make("pictures")
        store.put("pictures", "a/ü.png", b"\x00" * 70_000, "image/png")
        stored = store.read("pictures", "a/ü.png")
        assert stored is not None
        assert (stored.size, stored.content_type) == (70_000, "image/png")
        services.check()
        assert not services.lasting("azurite")
    log = (tmp_path / "azurite.log").read_text(encoding="utf-8")
    assert "GET /pictures/a/%C3%BC.png" in log.replace("/medialane/", "/")


def test_two_containers_do_not_meet() -> None:
    with Services(("azurite",), "container") as one, Services(("azurite",), "container") as other:
        assert len(containers()) == 2
        assert one.azure
        assert other.azure
        AzureStore(one.azure).make("pictures")
        with pytest.raises(StackError, match="container does not exist"):
            AzureStore(other.azure).list("pictures")


@pytest.mark.parametrize("how", ["alone", "forks"])
def test_a_killed_run_leaves_no_container(temporary: Path, how: str) -> None:
    with subprocess.Popen([sys.executable, "-c", RUN, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        assert run.stdout.readline() == "up\n"
        assert len(containers()) == 1
        run.send_signal(signal.SIGKILL)
        run.wait()
        # A worker, where there is one, is still there now.
        assert soon(lambda: not containers() and not list(temporary.iterdir()), seconds=30)


def test_a_container_that_was_removed_meanwhile_is_told_as_gone() -> None:
    import docker

    with Services(("azurite",), "container") as services:
        client = docker.from_env()
        client.containers.get(containers()[0]).remove(force=True)
        client.close()
        with pytest.raises(
            StackError, match=r"Azurite 3\.35\.0 \(container of .* does not answer any more at .*`medialane doctor`"
        ):
            services.check()


def test_a_container_that_hangs_is_told_as_gone() -> None:
    import docker

    with Services(("azurite",), "container") as services:
        client = docker.from_env()
        client.containers.get(containers()[0]).pause()
        with pytest.raises(StackError, match="does not answer any more"):
            services.check()
        client.close()


def test_an_image_that_is_something_else_is_told_with_its_last_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    # Of LocalStack it is asked to serve on a port, and ends at once: it has no command of its own.
    monkeypatch.setenv("MEDIALANE_LOCALSTACK_IMAGE", TAG)
    with pytest.raises(StackError, match=rf"the container engine cannot run {TAG}: .*`--emulators process` does without"):
        Services(("localstack",), "container").__enter__()
    monkeypatch.setenv("MEDIALANE_POSTGRES_IMAGE", TAG)
    with pytest.raises(StackError, match=rf"the container engine cannot run {TAG}: .*`--emulators process` does without"):
        Services(("postgres",), "container").__enter__()


@pytest.mark.parametrize(
    ("kind", "image", "variable"),
    [
        ("localstack", "docker.io/localstack/localstack:4.12.0", "MEDIALANE_LOCALSTACK_IMAGE"),
        ("postgres", "docker.io/library/postgres:18.6", "MEDIALANE_POSTGRES_IMAGE"),
    ],
)
def test_without_an_image_a_process_is_used_and_noted_and_a_container_is_an_error(
    monkeypatch: pytest.MonkeyPatch, kind: str, image: str, variable: str
) -> None:
    # A registry that is not there, whatever machine this is.
    unreachable = f"localhost:9/{image.rpartition('/')[2]}"
    monkeypatch.setenv(variable, unreachable)
    with Services((kind,), "auto") as services:
        assert [note for note in services.notes if unreachable in note and "so it runs as a process" in note]
        assert "(process)" in services.described[0]
        services.check()
    with pytest.raises(StackError) as error:
        Services((kind,), "container").__enter__()
    assert f"no image {unreachable} and cannot get it" in str(error.value)
    assert f"{variable} names another image, and `--emulators process` does without" in str(error.value)


def test_the_doctor_says_what_runs_as_what(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MEDIALANE_LOCALSTACK_IMAGE", "localhost:9/localstack:1")
    found = {finding.name: finding for finding in examine("azure-emulator")}
    assert found["azure-emulator: Azurite"].found == f"3.35.0, as a container of {TAG} at {os.environ['DOCKER_HOST']}"
    assert "container of" not in found["azure-emulator: LocalStack"].found
