from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from typing import TYPE_CHECKING

import pytest
import requests
from sqlalchemy import func, select

from reference_impl import records
from reference_impl.__main__ import main
from reference_impl.database import open_database, reading
from reference_impl.tables import artists
from tests.reference_impl.settings import settings

if TYPE_CHECKING:
    from pathlib import Path

S3 = {
    "MEDIA_STORAGE_PROVIDER": "s3",
    "MEDIA_EXECUTION_TARGET": "emulator",
    "MEDIA_S3_ENDPOINT": "http://127.0.0.1:9",
}


def command(*arguments: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "reference_impl", *arguments]
    return subprocess.run(line, env=settings(**changed), capture_output=True, text=True, check=False, timeout=60)


def free_port() -> str:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        return str(listener.getsockname()[1])


def test_a_rejected_configuration_ends_with_78_and_one_line() -> None:
    ended = command("serve", APP_ENV="production")
    assert (ended.returncode, ended.stdout) == (78, "")
    assert ended.stderr == "APP_ENV is 'production': it has to be development, test or dev.\n"


def test_nothing_heavy_is_loaded_before_the_configuration_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    script = (
        "import sys\nfrom reference_impl.__main__ import main\nassert main(['serve']) == 78\n"
        "assert not {'starlette', 'sqlalchemy', 'pyvips', 'uvicorn'} & set(sys.modules)"
    )
    monkeypatch.delenv("PORT", raising=False)
    assert subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).returncode == 0


def test_a_provider_that_is_not_built_in_is_unavailable_once_the_configuration_is_accepted() -> None:
    ended = command("serve", **S3)
    assert (ended.returncode, ended.stderr.count("\n")) == (69, 1)
    assert "s3" in ended.stderr
    assert command("serve", **S3, APP_ENV="dev").returncode == 78


def test_a_port_in_use_ends_with_one_line() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        ended = command("serve", PORT=str(listener.getsockname()[1]))
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "PORT" in ended.stderr


def test_a_database_that_cannot_be_opened_ends_with_one_line(tmp_path: Path) -> None:
    ended = command("serve", PORT=free_port(), DATABASE_URL=f"sqlite:///{tmp_path}/nowhere/media.sqlite")
    assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
    assert "DATABASE_URL" in ended.stderr


def test_it_serves_until_it_is_told_to_stop(tmp_path: Path) -> None:
    port = free_port()
    environment = settings(PORT=port, DATABASE_URL=f"sqlite:///{tmp_path / 'media.sqlite'}")
    line = [sys.executable, "-m", "reference_impl", "serve"]
    with subprocess.Popen(line, env=environment, stderr=subprocess.PIPE, text=True) as server:
        health = answered(f"http://127.0.0.1:{port}/healthz")
        # A client that never finishes its request does not hold up the end for long.
        with closing(socket.create_connection(("127.0.0.1", int(port)))) as stalled:
            stalled.sendall(b"POST /artists HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n")
            began = time.monotonic()
            server.send_signal(signal.SIGTERM)
            server.wait(timeout=20)
        log = server.stderr.read() if server.stderr else ""
    assert b'"ok"' in health
    assert time.monotonic() - began < 10
    assert '"path": "/healthz"' in log
    assert "Traceback" not in log


def answered(url: str) -> bytes:
    for _ in range(200):
        try:
            return requests.get(url, timeout=5).content
        except requests.ConnectionError:
            time.sleep(0.05)
    raise AssertionError(f"{url} never answered")


def test_reset_deletes_every_row_and_says_that_mocked_storage_has_nothing_to_delete(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = f"sqlite:///{tmp_path / 'media.sqlite'}"
    engine = open_database(url)
    records.create_artist(engine, "Quartet", None)
    monkeypatch.setattr(os, "environ", settings(DATABASE_URL=url))
    assert main(["reset", "--media"]) == 0
    assert "no stored objects" in capsys.readouterr().err
    with reading(engine) as connection:
        assert connection.execute(select(func.count()).select_from(artists)).scalar_one() == 0
    engine.dispose()


@pytest.mark.parametrize("flags", [(), ("--media",)])
def test_reset_refuses_a_cloud_target(flags: tuple[str, ...]) -> None:
    cloud = {"MEDIA_STORAGE_PROVIDER": "s3", "MEDIA_EXECUTION_TARGET": "cloud", "APP_ENV": "dev"}
    ended = command("reset", *flags, **cloud)
    assert (ended.returncode, ended.stderr.count("\n")) == (2, 1)
    assert "cloud" in ended.stderr
