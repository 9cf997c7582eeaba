from __future__ import annotations

import contextlib
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lanes.client import Client
from lanes.contract import contract
from lanes.errors import StackError
from lanes.record_sources import Unreadable, read_rows
from lanes.target import Records
from tests.harness.servers import Reply, serving

# What a line of JSON may hold unescaped, although some take it for the end of a line.
ODD = "one\u2028two\u2029three\x85four"
ROWS: list[dict[str, Any]] = [{"ID": "a", "altText": ODD}, {"ID": "b", "altText": None}]
NDJSON = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in ROWS).encode()


@contextlib.contextmanager
def exporting(reply: Reply = Reply()) -> Iterator[Client]:  # noqa: B008 - it is frozen
    """A client of a target whose every answer is this one."""
    with (
        serving(lambda _: reply) as target,
        contextlib.closing(Client(target.base_url, {"operator": "0perator-credential"}, contract())) as client,
    ):
        yield client


@pytest.fixture
def database(tmp_path: Path) -> str:
    """The URL of a database with two rows."""
    with contextlib.closing(sqlite3.connect(tmp_path / "media.db")) as connection:
        connection.execute("CREATE TABLE media (ID TEXT, altText TEXT)")
        connection.executemany("INSERT INTO media VALUES (?, ?)", [(row["ID"], row["altText"]) for row in ROWS])
        connection.commit()
    return f"sqlite:///{tmp_path / 'media.db'}"


def test_rows_are_read_from_the_operator_export() -> None:
    with exporting(Reply(200, {"Content-Type": "application/x-ndjson"}, NDJSON)) as client:
        assert read_rows(Records(), client, {}) == ROWS


@pytest.mark.parametrize(
    ("status", "body"), [(401, b"{}"), (200, b"<html>"), (200, NDJSON[:-5]), (200, b"7\n"), (200, b'{"id": "a"}\n')]
)
def test_an_export_that_cannot_be_read_is_shown(status: int, body: bytes) -> None:
    with exporting(Reply(status, {}, body)) as client, pytest.raises(Unreadable) as error:
        read_rows(Records(), client, {})
    assert (error.value.answer.status, error.value.answer.body) == (status, body)


def test_rows_are_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.ndjson"
    path.write_bytes(NDJSON)
    with exporting() as client:
        assert read_rows(Records("ndjson", file=path), client, {}) == ROWS


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, r"rows\.ndjson cannot be read: No such file"),
        (b'{"ID": "a"}\n{"ID": \n', r"rows\.ndjson, line 2: is not JSON"),
        (b'{"ID": "\xff"}\n', r"rows\.ndjson"),
        (b'{"ID": "a"}\n7\n', r"rows\.ndjson, line 2"),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_of_ours(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "rows.ndjson"
    if content is not None:
        path.write_bytes(content)
    with exporting() as client, pytest.raises(StackError, match=told):
        read_rows(Records("ndjson", file=path), client, {})


@pytest.mark.parametrize("where", ["settings", "environment"])
def test_rows_are_read_by_a_query(database: str, where: str, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = {"ACME_DATABASE": database} if where == "settings" else {}
    if where == "environment":
        monkeypatch.setenv("ACME_DATABASE", database)
    records = Records("sql", "ACME_DATABASE", "SELECT * FROM media ORDER BY ID")
    with exporting() as client:
        assert read_rows(records, client, settings) == ROWS


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("SELECT * FROM nowhere", "records.query cannot be answered: .*no such table"),
        ("", "records.query"),
        ("SELEC", "records.query"),
    ],
)
def test_a_query_that_cannot_be_answered_is_an_error_of_ours(database: str, query: str, told: str) -> None:
    with exporting() as client, pytest.raises(StackError, match=told):
        read_rows(Records("sql", "DATABASE_URL", query), client, {"DATABASE_URL": database})


def test_a_database_whose_url_is_nowhere_is_an_error_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACME_DATABASE", raising=False)
    with exporting() as client, pytest.raises(StackError, match="is called ACME_DATABASE"):
        read_rows(Records("sql", "ACME_DATABASE", "SELECT 1"), client, {})


@pytest.mark.parametrize(
    "spelling",
    [
        "sqlite:///{path}",
        "sqlite+pysqlite:///{path}",
        "sqlite:///{path}?timeout=5",
        "sqlite:///{path}?uri=true",
        "sqlite:///file:{path}?uri=true",
        "sqlite:///file:{path}?mode=rwc&uri=true",
    ],
)
@pytest.mark.parametrize(
    "query", ["DELETE FROM media", "DROP TABLE media", "CREATE TABLE more (ID TEXT)", "UPDATE media SET ID = 'c'"]
)
def test_a_query_that_would_write_writes_nothing(database: str, query: str, spelling: str) -> None:
    url = spelling.format(path=database.removeprefix("sqlite:///"))
    with exporting() as client:
        assert len(read_rows(Records("sql", "DATABASE_URL", "SELECT * FROM media"), client, {"DATABASE_URL": url})) == 2
        with pytest.raises(StackError, match=r"records\.query cannot be answered: .*readonly"):
            read_rows(Records("sql", "DATABASE_URL", query), client, {"DATABASE_URL": url})
    with contextlib.closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as connection:
        assert connection.execute("SELECT ID FROM media ORDER BY ID").fetchall() == [("a",), ("b",)]
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchall() == [(1,)]


@pytest.mark.parametrize("spelling", ["sqlite:///{}", "sqlite+pysqlite:///{}", "sqlite:///{}?timeout=5"])
def test_a_database_that_is_not_there_is_not_made(tmp_path: Path, spelling: str) -> None:
    url = spelling.format(tmp_path / "nowhere.db")
    with exporting() as client, pytest.raises(StackError, match="unable to open database file"):
        read_rows(Records("sql", "DATABASE_URL", "SELECT 1 AS ID"), client, {"DATABASE_URL": url})
    assert list(tmp_path.iterdir()) == []


def test_a_path_is_a_path_whatever_stands_in_it(tmp_path: Path) -> None:
    path = tmp_path / "50% of #1.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE media (ID TEXT)")
    with exporting() as client:
        records = Records("sql", "DATABASE_URL", "SELECT * FROM media")
        assert read_rows(records, client, {"DATABASE_URL": f"sqlite:///{path}?timeout=5"}) == []


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "sqlite+pysqlite://", "sqlite:///file::memory:?uri=true"])
def test_a_database_in_memory_is_no_source_of_rows(url: str) -> None:
    with exporting() as client, pytest.raises(StackError, match="DATABASE_URL names a database in memory"):
        read_rows(Records("sql", "DATABASE_URL", "SELECT 1 AS ID"), client, {"DATABASE_URL": url})


@pytest.mark.parametrize("url", ["secret", "nothing://secret", "postgresql://me:secret@a:b/x", "sqlite:///x?timeout=secret"])
def test_what_is_no_url_of_a_database_is_an_error_of_ours_and_is_not_shown(url: str) -> None:
    with exporting() as client, pytest.raises(StackError, match="DATABASE_URL holds no URL of a database") as error:
        read_rows(Records("sql", "DATABASE_URL", "SELECT 1 AS ID"), client, {"DATABASE_URL": url})
    assert "secret" not in str(error.value)


def test_rows_are_read_from_postgresql_and_nothing_is_written_there(postgres_url: str) -> None:
    settings = {"DATABASE_URL": postgres_url}
    with exporting() as client:
        rows = read_rows(Records("sql", url="DATABASE_URL", query="SELECT 'one' AS \"ID\""), client, settings)
        assert rows == [{"ID": "one"}]
        with pytest.raises(StackError, match="read-only transaction"):
            read_rows(Records("sql", url="DATABASE_URL", query="CREATE TABLE t (i int)"), client, settings)
