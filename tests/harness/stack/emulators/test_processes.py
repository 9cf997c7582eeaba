"""Emulators as processes of a run: they come up, take calls, and leave nothing, however the run ends."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from lanes.errors import StackError
from lanes.redact import Redactor
from lanes.stack.emulators import emulator as module
from lanes.stack.grounds import Grounds
from lanes.stack.services import KINDS, Services
from lanes.transport import Limits
from tests.harness.processes import AS_IN_A_TERMINAL, descendants, gone, listening, soon
from tests.harness.servers import Reply, serving
from tests.harness.stack.emulators.calls import call

ALL = tuple(KINDS)
NAMES = {"localstack": "LocalStack 4.12.0", "azurite": "Azurite 3.35.0", "postgres": "PostgreSQL 18.6"}
LOGS = {"localstack": "localstack.log", "azurite": "azurite.log", "postgres": "postgresql.log"}

# A run with all emulators and, on demand, a worker that was forked from it and outlives it.
RUN = """
import os, sys, time
from lanes.stack.services import KINDS, Services

with Services(tuple(KINDS), "process") as services:
    if sys.argv[1] == "forks" and os.fork() == 0:
        services.let_go()
        print(os.getpid(), flush=True)
        sys.stdin.read()
        os._exit(0)
    if sys.argv[1] != "forks":
        print(os.getpid(), flush=True)
    time.sleep(600)
"""


@pytest.mark.parametrize("kind", ALL)
def test_an_emulator_tells_its_version_takes_calls_and_is_gone_afterwards(tmp_path: Path, temporary: Path, kind: str) -> None:
    redactor, before = Redactor(), {each.pid for each in descendants()}
    with Services((kind,), "process", tmp_path, redactor) as services:
        there = [each for each in descendants() if each.pid not in before]
        assert services.described == (f"{NAMES[kind]} (process)",)
        assert services.notes == ()
        assert not services.lasting(kind)
        call(services, kind)
        services.check()
        given = services.as_given
        assert given.keys() == {KINDS[kind].given}
        ports = listening(there)
        assert ports
        # Nobody but this machine may reach it.
        assert {end.laddr[0] for end in psutil.net_connections("inet") if end.laddr and end.laddr[1] in ports} == {"127.0.0.1"}
        assert len(list(temporary.iterdir())) == 1
    assert not [each for each in there if not gone(each.pid)]
    assert not ports & listening([psutil.Process(), *descendants()])
    assert list(temporary.iterdir()) == []
    log = (tmp_path / LOGS[kind]).read_text(encoding="utf-8")
    assert KINDS[kind].last_word in log
    assert redactor.text(log) == log


def secrets_of(services: Services) -> list[str]:
    """All that nobody may read."""
    assert services.s3
    assert services.azure
    assert services.postgres
    (key,) = re.findall("AccountKey=([^;]+)", services.azure)
    (password,) = re.findall("://medialane:([^@]+)@", services.postgres)
    return [services.s3.secret, key, password]


def test_secrets_are_in_no_log_message_or_name(tmp_path: Path) -> None:
    redactor, before = Redactor(), {each.pid for each in descendants()}
    with Services(ALL, "process", tmp_path, redactor) as services:
        secrets = secrets_of(services)
        assert len({*secrets}) == 3
        told = [*services.described, *services.notes, repr(services.s3), repr(services)]
        # They write themselves what they were asked; here they would write secrets.
        for log, secret in zip(LOGS.values(), secrets, strict=True):
            (path,) = Path(os.environ["TMPDIR"]).glob(f"*/{log}")
            with path.open("a", encoding="utf-8") as file:
                file.write(f"somebody said {secret}\n")
        for each in descendants():
            if each.pid not in before and listening([each]):
                each.kill()
        with pytest.raises(StackError) as error:
            services.check()
        told.append(str(error.value))
        assert "somebody said [redacted]" in told[-1]
    told += [(tmp_path / log).read_text(encoding="utf-8") for log in LOGS.values()]
    assert [(secret, text) for secret in secrets for text in told if secret in text] == []
    assert all(text.endswith("somebody said [redacted]\n") or "GET /" in text for text in told[-3:])


def test_two_runs_at_once_do_not_meet(tmp_path: Path) -> None:
    one_output, other_output = tmp_path / "one", tmp_path / "other"
    one_output.mkdir()
    other_output.mkdir()
    with Services(ALL, "process", one_output) as one:
        for kind in ALL:
            call(one, kind)
        with Services(ALL, "process", other_output) as other:
            assert not set(one.as_given.values()) & set(other.as_given.values())
            for kind in ALL:
                call(other, kind)  # it would find what the first one made
        one.check()
        with pytest.raises(StackError):
            other.check()
    assert sorted(path.name for path in one_output.iterdir()) == sorted(LOGS.values())


@contextlib.contextmanager
def running(how: str) -> Iterator[subprocess.Popen[str]]:
    """A run of the program above, ended afterwards whatever became of it."""
    program = AS_IN_A_TERMINAL + "\n" + RUN
    with subprocess.Popen(
        [sys.executable, "-c", program, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as run:
        try:
            yield run
        finally:
            run.kill()


@pytest.mark.parametrize("how", ["alone", "forks"])
def test_a_killed_run_leaves_no_process_port_or_folder(temporary: Path, how: str) -> None:
    with running(how) as run:
        assert run.stdout is not None
        speaker = int(run.stdout.readline())
        started = [each for each in psutil.Process(run.pid).children(recursive=True) if each.pid != speaker]
        ports = listening(started)
        assert len(ports) == 3
        run.send_signal(signal.SIGKILL)
        run.wait()
        killed = time.monotonic()
        assert soon(lambda: all(gone(each.pid) for each in started) and not list(temporary.iterdir()), seconds=30)
        assert time.monotonic() - killed < 5
        # A worker that was forked is still there, and held nothing back.
        assert gone(speaker) == (how == "alone")


def test_a_run_that_is_interrupted_while_they_start_leaves_nothing(temporary: Path) -> None:
    with running("alone") as run:
        assert soon(lambda: bool(list(temporary.glob("*/localstack.log"))), seconds=30)
        started = psutil.Process(run.pid).children(recursive=True)
        run.send_signal(signal.SIGINT)
        assert run.wait(30) != 0
        assert run.stderr is not None
        assert "KeyboardInterrupt" in run.stderr.read()
    assert soon(lambda: all(gone(each.pid) for each in started))


def goes_on(services: Services) -> bool:
    try:
        services.check()
    except StackError:
        return False
    return True


@pytest.mark.parametrize("kind", ALL)
def test_one_that_hangs_or_dies_half_way_is_told_as_gone(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PROBE", Limits(connect=1, exchange=1))
    monkeypatch.setattr("lanes.stack.emulators.postgres._PATIENCE", 1)
    before = {each.pid for each in descendants()}
    with Services((kind,), "process") as services, Grounds(services) as grounds:
        grounds.check()
        (leader,) = [each for each in descendants() if each.pid not in before and listening([each])]
        os.killpg(leader.pid, signal.SIGSTOP)
        began = time.monotonic()
        with pytest.raises(StackError, match=rf"{NAMES[kind]} \(process\) does not answer any more at 127\.0\.0\.1:") as error:
            grounds.check()
        assert time.monotonic() - began < 10
        os.killpg(leader.pid, signal.SIGCONT)
        assert soon(lambda: goes_on(services))
        os.killpg(leader.pid, signal.SIGSTOP)  # and it is ended all the same
        if kind != "postgres":
            return
        os.killpg(leader.pid, signal.SIGKILL)
        with pytest.raises(StackError, match="does not answer any more") as error:
            grounds.check()
        assert "`medialane doctor`" in str(error.value)
        assert "; its last lines:\n" in str(error.value)


@pytest.mark.parametrize("kind", ALL)
def test_one_whose_port_somebody_else_has_is_told_with_its_last_lines(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lanes.stack.emulators.postgres._PATIENCE", 1)
    with serving() as somebody:
        monkeypatch.setattr(module, "free_port", lambda: int(somebody.base_url.rpartition(":")[2]))
        with pytest.raises(StackError) as error:
            Services((kind,), "process").__enter__()
    said = str(error.value)
    assert said.startswith(f"{NAMES[kind]} (process) ended with exit code 1 before it answered; `medialane doctor` says")
    assert re.search(r"address already in use", said, re.IGNORECASE)


def test_a_localstack_of_another_run_is_not_taken_for_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    health = {"services": {"s3": "running"}, "version": "4.12.0"}
    with serving(lambda _: Reply(body=json.dumps(health).encode())) as somebody:
        monkeypatch.setattr(module, "free_port", lambda: int(somebody.base_url.rpartition(":")[2]))
        with pytest.raises(StackError, match=r"LocalStack .* ended with exit code 1 before it answered"):
            Services(("localstack",), "process").__enter__()


def test_when_one_does_not_start_the_others_are_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_PROBE", Limits(connect=0.2, exchange=0.2))
    monkeypatch.setattr(KINDS["localstack"], "last_word", "what it never says")
    monkeypatch.setattr(KINDS["azurite"], "launch", refuse)
    began, before = time.monotonic(), {each.pid for each in descendants()}
    with pytest.raises(StackError, match="no Azurite today"):
        Services(("localstack", "azurite"), "process").__enter__()
    assert time.monotonic() - began < 10
    assert {each.pid for each in descendants()} == before


def refuse(_: object) -> None:
    raise StackError("no Azurite today")


def test_a_server_that_would_not_be_let_in_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root runs PostgreSQL as somebody else")
    import tempfile

    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(tempfile, "tempdir", str(closed))
    with pytest.raises(StackError, match=r"PostgreSQL refuses to run as root, and nobody else may enter .*; TMPDIR names"):
        Services(("postgres",), "process").__enter__()
    assert list(closed.iterdir()) == []
