from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import psycopg
import pytest
from anyio.from_thread import start_blocking_portal

from reference_impl.app import create_app
from reference_impl.database import open_database
from reference_impl.runtime import judge
from tests.reference_impl.asgi import Client
from tests.reference_impl.service import Service
from tests.reference_impl.settings import settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from anyio.from_thread import BlockingPortal
    from sqlalchemy import Engine

    from reference_impl.runtime import Runtime


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty SQLite database, or a PostgreSQL one where a test asks for it by an indirect parameter."""
    if getattr(request, "param", "sqlite") == "sqlite":
        yield f"sqlite:///{tmp_path / 'media.sqlite'}"
        return
    server, schema = request.getfixturevalue("postgres_url"), f"test_{secrets.token_hex(8)}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield f"{server}?options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def runtime(database_url: str) -> Runtime:
    return judge(settings(DATABASE_URL=database_url))


@pytest.fixture
def engine(runtime: Runtime) -> Iterator[Engine]:
    engine = open_database(runtime.database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def service(runtime: Runtime, engine: Engine, portal: BlockingPortal) -> Iterator[Service]:
    service = Service(Client(create_app(runtime, engine), portal), runtime, engine)
    yield service
    portal.call(service.backend.close)
