"""The database: SQLite without set-up, or PostgreSQL. One way to read, one way to write."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import create_engine, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import QueuePool

from reference_impl.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection, Engine
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

POOL_SIZE = 8
# A write waits for the one before it; after so many milliseconds it gives up.
SQLITE_BUSY_TIMEOUT = 30_000

# Seconds until a PostgreSQL server that does not answer counts as none.
CONNECT_TIMEOUT = 10
# Lets one process after the other create the tables: CREATE TABLE IF NOT EXISTS fails where two meet.
TABLES_LOCK = 7_236_040

DatabaseError = SQLAlchemyError


class DatabaseUnavailable(Exception):
    """The database cannot be opened. The message holds no credential."""


def open_database(url: str) -> Engine:
    """An engine whose tables exist. Raises DatabaseUnavailable."""
    try:
        engine = make_engine(url)
        create_tables(engine)
    except ImportError as error:
        raise DatabaseUnavailable(f"DATABASE_URL needs {error.name}, which is not installed.") from error
    except (DatabaseError, ValueError) as error:
        # A driver's own words may take several lines; those of a URL that cannot be read may quote it.
        reason = " ".join(str(getattr(error, "orig", None) or type(error).__name__).split())
        raise DatabaseUnavailable(f"DATABASE_URL names a database that cannot be opened: {reason}.") from error
    return engine


def create_tables(engine: Engine) -> None:
    try:
        with writing(engine) as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": TABLES_LOCK})
            metadata.create_all(connection)
    except BaseException:
        engine.dispose()
        raise


def make_engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "postgresql":
        return create_engine(
            parsed.set(drivername="postgresql+psycopg"),
            pool_size=POOL_SIZE,
            max_overflow=0,
            # A server that was restarted costs no request its answer.
            pool_pre_ping=True,
            hide_parameters=True,
            connect_args={"connect_timeout": CONNECT_TIMEOUT},
        )
    # A database in memory lives and dies with its one connection.
    in_memory = parsed.database == ":memory:"
    if not in_memory and not Path(parsed.database or "").parent.is_dir():
        raise DatabaseUnavailable("DATABASE_URL names a file in a folder that is not there.")
    engine = create_engine(
        parsed,
        poolclass=QueuePool,
        pool_size=1 if in_memory else POOL_SIZE,
        max_overflow=0,
        hide_parameters=True,
        connect_args={"check_same_thread": False},
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    # The driver would begin transactions by itself, and only at the first write: too late to queue for it.
    connection.isolation_level = None
    # SQLite's own knows the letters of ASCII only.
    connection.create_function("lower", 1, lambda value: value.lower() if isinstance(value, str) else value)
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {SQLITE_BUSY_TIMEOUT}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = NORMAL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()
    except Exception:
        # A file that is no database: nobody else closes what could not be prepared.
        connection.close()
        raise


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database."""
    # SQLite gives one to every transaction; PostgreSQL, unless it is asked, to every statement only.
    options = {"isolation_level": "REPEATABLE READ"} if engine.dialect.name == "postgresql" else {}
    with engine.execution_options(**options).connect() as connection:
        yield connection


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """A transaction that commits at its end, or rolls back on an exception."""
    with engine.execution_options(writes=True).begin() as connection:
        yield connection
