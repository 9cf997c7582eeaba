"""A call to each kind of emulator, as a target or the harness makes it."""

from __future__ import annotations

import contextlib

import psycopg

from lanes.stack.services import Services
from lanes.stores.azure import AzureStore
from lanes.stores.s3 import S3Store
from lanes.stores.store import Store


def store_of(services: Services, provider: str) -> Store:
    """The harness's eyes on the object store of a provider."""
    if provider == "s3":
        assert services.s3 is not None
        return S3Store(services.s3)
    assert services.azure is not None
    return AzureStore(services.azure)


def call(services: Services, kind: str) -> None:
    """Makes something in the emulator of this kind, and finds it there."""
    if kind == "postgres":
        assert services.postgres is not None
        with contextlib.closing(psycopg.connect(services.postgres)) as connection:
            connection.execute("CREATE TABLE made (it TEXT)")
            connection.execute("INSERT INTO made VALUES ('ü')")
            assert connection.execute("SELECT it FROM made").fetchall() == [("ü",)]
    else:
        store = store_of(services, "s3" if kind == "localstack" else "azure")
        store.make("pictures")
        store.put("pictures", "media/ü.png", b"bytes", "image/png")
        stored = store.read("pictures", "media/ü.png")
        assert stored is not None
        assert stored.data == b"bytes"
