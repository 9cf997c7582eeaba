from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import requests
from sqlalchemy import func, select

from reference_impl import records
from reference_impl.__main__ import main
from reference_impl.database import open_database, reading
from reference_impl.storage.azure import AzureStore
from reference_impl.storage.locator import Locator
from reference_impl.storage.s3 import S3Store
from reference_impl.tables import artists
from tests.reference_impl.settings import settings
from tests.reference_impl.storage.buckets import (
    NOBODY,
    azure_runtime,
    new_bucket,
    new_container,
    on_azure,
    on_s3,
    s3_runtime,
)
from tests.reference_impl.storage.servers import busy, hang, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def command(*arguments: str, **changed: str | None) -> subprocess.CompletedProcess[str]:
    return started(*arguments, environment=settings(**changed))


def started(*arguments: str, environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "reference_impl", *arguments]
    return subprocess.run(line, env=environment, capture_output=True, text=True, check=False, timeout=60)


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
        "assert not {'starlette', 'sqlalchemy', 'pyvips', 'uvicorn', 'boto3', 'azure', 'psycopg'} & set(sys.modules)"
    )
    monkeypatch.delenv("PORT", raising=False)
    assert subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).returncode == 0


def test_a_store_that_is_not_there_ends_with_69_before_anything_is_opened(tmp_path: Path) -> None:
    with serving(busy) as server:
        nobody = server.url
    database = tmp_path / "media.sqlite"
    for environment in (on_s3(nobody), on_azure(NOBODY.format(port=nobody.rpartition(":")[2]))):
        ended = started("serve", environment=environment | {"DATABASE_URL": f"sqlite:///{database}"})
        assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (69, "", 1)
        assert "MEDIA_LOCATION" in ended.stderr
        assert "cannot be reached" in ended.stderr
    assert not database.exists()


def test_a_bucket_that_is_missing_ends_with_69_and_says_which(s3_endpoint: str) -> None:
    ended = started("serve", environment=on_s3(s3_endpoint, MEDIA_LOCATION="no-such-bucket-here"))
    assert (ended.returncode, ended.stderr.count("\n")) == (69, 1)
    assert "'no-such-bucket-here' does not exist" in ended.stderr


def test_a_store_that_does_not_answer_is_waited_for_as_long_as_a_call() -> None:
    with serving(hang) as server:
        began = time.monotonic()
        ended = started("serve", environment=on_s3(server.url, MEDIA_STORAGE_TIMEOUT_SECONDS="1"))
        assert time.monotonic() - began < 9  # without the setting it would wait for 10
    assert (ended.returncode, ended.stderr.count("\n")) == (69, 1)
    assert "did not answer in time" in ended.stderr


def test_a_rejected_configuration_contacts_no_store() -> None:
    with serving(busy) as server:
        assert started("serve", environment=on_s3(server.url, APP_ENV="dev")).returncode == 78
        assert server.asked == []


def test_only_the_active_provider_is_checked(s3_endpoint: str, tmp_path: Path) -> None:
    with serving(busy) as elsewhere:
        port = free_port()
        beside = NOBODY.format(port=elsewhere.port)
        environment = on_s3(
            s3_endpoint,
            PORT=port,
            DATABASE_URL=f"sqlite:///{tmp_path / 'media.sqlite'}",
            MEDIA_LOCATION=new_bucket(s3_endpoint),
            MEDIA_AZURE_CONNECTION_STRING=beside,
        )
        with subprocess.Popen(
            [sys.executable, "-m", "reference_impl", "serve"], env=environment, stderr=subprocess.PIPE
        ) as server:
            assert b'"ok"' in answered(f"http://127.0.0.1:{port}/healthz")
            server.send_signal(signal.SIGTERM)
            log = server.communicate(timeout=20)[1]
        assert elsewhere.asked == []
    assert b"Traceback" not in log


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


@dataclass
class Kept:
    """A store with a location of its own, and another one beside it."""

    store: S3Store | AzureStore
    provider: str
    locations: tuple[str, str]
    environment: dict[str, str]

    def put(self, location: str, *keys: str) -> None:
        for key in keys:
            self.store.put(Locator(self.provider, location, key), b"x", "image/png", "")

    def keys(self, location: str) -> list[str]:
        return [locator.key for locator in self.store.list(location, "")]


@pytest.fixture(params=["s3", "azure"])
def kept(request: pytest.FixtureRequest, database_url: str) -> Iterator[Kept]:
    store: S3Store | AzureStore
    if request.param == "s3":
        endpoint = request.getfixturevalue("s3_endpoint")
        locations = new_bucket(endpoint), new_bucket(endpoint)
        environment, store = on_s3(endpoint), S3Store(s3_runtime(endpoint))
    else:
        string = request.getfixturevalue("azure_connection_string")
        locations = new_container(string), new_container(string)
        environment, store = on_azure(string), AzureStore(azure_runtime(string))
    changed = {"DATABASE_URL": database_url, "MEDIA_LOCATION": locations[0]}
    with closing(store):
        yield Kept(store, request.param, locations, environment | changed)


def test_reset_deletes_the_media_where_new_ones_go_and_nothing_else(
    kept: Kept, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, other = kept.locations
    near = ["Media/a", "media", "media-other/a", "mediax", "other/media/a"]
    kept.put(ours, "media/a/b.jpg", "media/a/c.jpg", "media/z", *near)
    kept.put(other, "media/a/b.jpg")
    engine = open_database(database_url)
    records.create_artist(engine, "Quartet", None)
    monkeypatch.setattr(os, "environ", kept.environment)
    assert main(["reset"]) == 0
    assert len(kept.keys(ours)) == 8
    assert records.list_artists(engine, 0, 9) == []
    engine.dispose()
    assert main(["reset", "--media"]) == 0
    assert kept.keys(ours) == near
    assert kept.keys(other) == ["media/a/b.jpg"]


def test_reset_says_what_it_could_not_delete(tmp_path: Path) -> None:
    with serving(busy) as server:
        database = {"DATABASE_URL": f"sqlite:///{tmp_path / 'media.sqlite'}"}
        ended = started("reset", "--media", environment=on_s3(server.url, **database))
        assert (ended.returncode, ended.stderr.count("\n")) == (1, 1)
        assert "MEDIA_LOCATION" in ended.stderr
        asked = len(server.asked)
        assert started("reset", environment=on_s3(server.url, **database)).returncode == 0
        assert len(server.asked) == asked
