"""Where the rows of a target are read: its operator export, a query, or a file of NDJSON. Nothing is ever written."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from typing import Any

from lanes.client import Answer, Client
from lanes.errors import StackError
from lanes.target import Records


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
        engine = sqlalchemy.create_engine(url)
        with engine.connect() as connection:
            for row in connection.execute(sqlalchemy.text(records.query or "")):
                yield dict(row._mapping)  # noqa: SLF001 - the documented way to a mapping
        engine.dispose()
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise StackError(f"records.query cannot be answered: {str(error).splitlines()[0]}") from None


def _in_file(records: Records) -> Iterator[dict[str, Any]]:
    assert records.file is not None
    try:
        lines = records.file.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise StackError(f"records.file {records.file} cannot be read: {error.strerror}") from None
    for number, line in enumerate(lines, 1):
        try:
            yield json.loads(line)
        except ValueError as error:
            raise StackError(f"records.file {records.file}, line {number}: is not JSON: {error}") from None
