"""What the target of a slot stands on in an emulator lane: buckets and databases of its own, seen and broken on the way."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from lanes.errors import StackError
from lanes.stack.emulators.azurite import connection_fields
from lanes.stack.emulators.daemon import one_line
from lanes.stack.gateway.calls import Provider
from lanes.stack.services import Services
from lanes.stores.store import Store

if TYPE_CHECKING:
    from lanes.stack.gateway.server import Gateway

# A host before the S3 location, as old rows may name one.
PUBLIC_HOST = "pictures.medialane.example"
_EMULATORS = {"s3": "localstack", "azure": "azurite"}


class Grounds:
    """The stores as the harness sees them, and the gateway through which the target does. Without emulators it is empty."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.stores: dict[str, Store] = {}
        self._gateway: Gateway | None = None
        self._made: list[tuple[str, str]] = []  # provider and location
        self._databases: list[str] = []
        self.planted: set[str] = set()  # IDs of rows and names of objects that scenarios have made up or left on purpose
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Grounds:
        services = self.services
        upstreams: dict[Provider, str] = {}
        # Slow to load, and only where there is a store.
        if services.s3:
            from lanes.stores.s3 import S3Store

            self.stores["s3"] = S3Store(services.s3)
            upstreams["s3"] = services.s3.endpoint
        if services.azure:
            from lanes.stores.azure import AzureStore

            self.stores["azure"] = AzureStore(services.azure)
            upstreams["azure"] = _origin(services.azure)
        with contextlib.ExitStack() as undo:
            undo.callback(self._clear)
            if upstreams:
                from lanes.stack.gateway.server import Gateway

                self._gateway = undo.enter_context(Gateway(upstreams))
            self._exit = undo.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._exit.close()

    @property
    def gateway(self) -> Gateway:
        """The way to the stores. Raises LookupError where the lane has none."""
        if self._gateway is None:
            raise LookupError("this lane has no gateway; a step has to ask whether its clause is due")
        return self._gateway

    def settings(self, chosen: Collection[str] = ()) -> dict[str, str]:
        """The settings of contracts/runtime.yaml about storage and database, with a bucket and a database of their own.

        None is made for a setting that the caller has chosen.
        """
        made: dict[str, str] = {}
        if self.stores and "MEDIA_LOCATION" not in chosen:
            made["MEDIA_LOCATION"] = self.location()
        if self.services.s3 and self._gateway:
            access = self.services.s3
            made |= {
                "MEDIA_S3_ENDPOINT": self._gateway.url("s3"),
                "MEDIA_S3_REGION": access.region,
                "MEDIA_S3_PUBLIC_HOSTS": PUBLIC_HOST,
                "AWS_ACCESS_KEY_ID": access.key,
                "AWS_SECRET_ACCESS_KEY": access.secret,
            }
        if self.services.azure and self._gateway:
            made["MEDIA_AZURE_CONNECTION_STRING"] = self.services.azure.replace(
                _origin(self.services.azure), self._gateway.url("azure")
            )
        if self.services.postgres and "DATABASE_URL" not in chosen:
            made["DATABASE_URL"] = self._database(self.services.postgres)
        return made

    def location(self, like: str = "") -> str:
        """The name of a new bucket, and container, at every provider; one that begins like another, where that is named."""
        name = f"{like}-too" if like else f"medialane-{secrets.token_hex(6)}"
        for provider, store in self.stores.items():
            store.make(name)
            self._made.append((provider, name))
        return name

    def check(self) -> None:
        """Raises StackError when a store or the database is gone: then nothing that was seen is the target's fault."""
        self.services.check()
        if self._gateway and (why := self._gateway.broken):
            raise StackError(why)

    def _database(self, url: str) -> str:
        name = f"medialane_{secrets.token_hex(6)}"
        with _maintaining(url) as execute:
            execute(f'CREATE DATABASE "{name}"')
        self._databases.append(name)
        return urlsplit(url)._replace(path=f"/{name}").geturl()

    def _clear(self) -> None:
        # What lives and dies with the run needs no tidying.
        for provider, location in self._made:
            if self.services.lasting(_EMULATORS[provider]):
                with contextlib.suppress(StackError):
                    self.stores[provider].drop(location)
        if self.services.postgres and self.services.lasting("postgres"):
            with contextlib.suppress(StackError), _maintaining(self.services.postgres) as execute:
                for name in self._databases:
                    execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@contextlib.contextmanager
def _maintaining(url: str) -> Iterator[Callable[[str], object]]:
    import psycopg

    try:
        with contextlib.closing(psycopg.connect(url, autocommit=True, connect_timeout=5)) as connection:
            yield connection.execute
    except psycopg.Error as error:
        raise StackError(f"PostgreSQL would not make or drop a database: {one_line(error)}") from None


def _origin(connection_string: str) -> str:
    """Scheme and authority of the blob endpoint, which the connection string of an emulator has."""
    parts = urlsplit(connection_fields(connection_string)["BlobEndpoint"])
    return f"{parts.scheme}://{parts.netloc}"
