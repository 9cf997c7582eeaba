"""Where the rows of a target are read: its operator export, a query, or a file of NDJSON. Nothing is ever written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from lanes.client import Answer, Client
from lanes.errors import StackError
from lanes.target import Records

if TYPE_CHECKING:
    from sqlalchemy import URL


class Unreadable(Exception):
    """The target's own export cannot be read; `answer` is what came instead."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer))
        self.answer = answer


def read_rows(records: Records, client: Client, settings: Mapping[str, str]) -> list[dict[str, Any]]:
    """Every row, as MediaRecords of the contract.

    Raises Unreadable where the operator export answers no rows, StackError where a database or file of ours cannot be read.
    """
    match records.source:
        case "sql":
            return list(_queried(records, settings))
        case "ndjson":
            return list(_in_file(records))
        case _:
            return _exported(client)


def _exported(client: Client) -> list[dict[str, Any]]:
    answer = client.call("exportMediaRecords")
    try:
        rows = [json.loads(line) for line in answer.body.splitlines()] if answer.status == 200 else None
    except ValueError:
        rows = None
    if rows is None or not all(isinstance(row, dict) and "ID" in row for row in rows):
        raise Unreadable(answer)
    return rows


def _queried(records: Records, settings: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    # Only here, and only for those who ask for it: it is slow to load.
    import sqlalchemy

    name = records.url or ""
    url = settings.get(name) or os.environ.get(name)
    if not url:
        raise StackError(f"records.url: neither a setting of the run nor an environment variable is called {name}")
    try:
        engine = sqlalchemy.create_engine(_read_only(sqlalchemy.make_url(url), name))
    except (sqlalchemy.exc.SQLAlchemyError, ImportError, ValueError) as error:
        raise StackError(f"records.url: {name} holds no URL of a database: {type(error).__name__}") from None
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "postgresql":
                connection.execute(sqlalchemy.text("SET TRANSACTION READ ONLY"))
            for row in connection.execute(sqlalchemy.text(records.query or "")):
                yield dict(row._mapping)  # noqa: SLF001 - the documented way to a mapping
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise StackError(f"records.query cannot be answered: {str(error).splitlines()[0]}") from None
    finally:
        engine.dispose()


def _read_only(url: URL, name: str) -> URL:
    if url.drivername == "postgresql":  # the driver that comes with medialane
        return url.set(drivername="postgresql+psycopg")
    # SQLite is told with the URL (https://sqlite.org/uri.html), which also keeps it from making a database that is not there.
    if url.get_backend_name() != "sqlite":
        return url
    file = url.database or ""
    if file.removeprefix("file:") in {"", ":memory:"}:
        raise StackError(f"records.url: {name} names a database in memory, which holds no rows of the target")
    if not (file.startswith("file:") and "uri" in url.query):
        file = f"file:{quote(file)}"
    return url.set(database=file).update_query_dict({"mode": "ro", "uri": "true"})


def _in_file(records: Records) -> Iterator[dict[str, Any]]:
    assert records.file is not None
    try:
        # Lines of bytes: JSON may hold characters that split a line of text.
        lines = records.file.read_bytes().splitlines()
    except OSError as error:
        raise StackError(f"records.file {records.file} cannot be read: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        try:
            row = json.loads(line)
        except ValueError as error:
            raise StackError(f"records.file {records.file}, line {number}: is not JSON: {error}") from None
        if not isinstance(row, dict):
            raise StackError(f"records.file {records.file}, line {number}: is no object")
        yield row
