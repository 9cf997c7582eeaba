"""Emulators for tests that need a real store or database, each started once when it is first asked for."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

import pytest

from lanes.stack.server import free_port
from lanes.stack.services import Services
from lanes.transport import Limits, NoAnswer, Transport


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """The URL of an S3 emulator, which takes any credentials."""
    with Services(("localstack",)) as services:
        assert services.s3
        yield services.s3.endpoint


@pytest.fixture(scope="session")
def azure_connection_string() -> Iterator[str]:
    """The connection string of an Azurite."""
    with Services(("azurite",)) as services:
        assert services.azure
        yield services.azure


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL database in which schemas and other databases may be made."""
    with Services(("postgres",)) as services:
        assert services.postgres
        yield services.postgres


@pytest.fixture(scope="session")
def aws_endpoint() -> Iterator[str]:
    """The URL of a moto server: it knows the settings of buckets and a parameter store, and enforces nothing."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    url = f"http://127.0.0.1:{port}"
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"{url}/moto-api/", process)
            yield url
        finally:
            process.kill()


def _wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    transport, end = Transport(), time.monotonic() + 30
    while time.monotonic() < end:
        assert process.poll() is None, "moto has ended"
        try:
            if transport.status("GET", url, Limits()) == 200:
                break
        except NoAnswer:
            time.sleep(0.1)
    else:
        raise AssertionError("moto does not answer")
    transport.close()
