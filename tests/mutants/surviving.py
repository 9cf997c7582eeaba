"""Mutants of what outlives a restart with a real store."""

from __future__ import annotations

import uuid
from dataclasses import replace
from typing import Any

from tests.mutants.answering import on_items
from tests.mutants.keeping import lie_elsewhere
from tests.mutants.mutant import mutant, wrap


@mutant("RUN-5", "rows-survive")
def a_start_begins_with_nothing() -> None:
    """At its start a process empties the records."""
    from reference_impl import app, records

    def create(original: Any, runtime: Any, database: Any) -> Any:
        records.empty(database)
        return original(runtime, database)

    wrap(app, "create_app", create)


@mutant("RUN-5", "rows-survive")
def ids_change_with_the_process() -> None:
    """The ID that an item is shown with is made of its own and a secret of the process."""
    secret = uuid.uuid4()
    on_items(lambda item, _: item | {"ID": str(uuid.uuid5(secret, item["ID"]))})


@mutant("RUN-5", "rows-survive")
def a_second_start_fails() -> None:
    """A process does not start with a database that has been used before."""
    from reference_impl import app, records

    def create(original: Any, runtime: Any, database: Any) -> Any:
        if records.list_artists(database, 0, 1):
            raise SystemExit("The database is not empty.")
        return original(runtime, database)

    wrap(app, "create_app", create)


@mutant("RUN-5", "canonicals-survive")
def canonicals_are_kept_in_memory() -> None:
    """Canonicals are kept in memory, and are gone with the process."""
    _in_memory("canonical")


@mutant("RUN-5", "thumbnails-survive")
def thumbnails_are_kept_in_memory() -> None:
    """Thumbnails are kept in memory, and are gone with the process."""
    _in_memory("thumbnail")


def _in_memory(kind: str) -> None:
    from reference_impl.storage.mocked import MockedStore
    from reference_impl.storage.stores import Stores

    def begin(original: Any, self: Any, adapters: Any, *rest: Any) -> None:
        original(self, {**adapters, "memory": MockedStore()}, *rest)

    wrap(Stores, "__init__", begin)
    lie_elsewhere(kind, lambda locator: replace(locator, provider="memory"))
