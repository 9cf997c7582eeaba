"""Objects in Azure Blob Storage or Azurite: one adapter; where it goes is for the connection string to say."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import requests
from azure.core.exceptions import (
    AzureError,
    ClientAuthenticationError,
    HttpResponseError,
    ResourceNotFoundError,
    ServiceRequestTimeoutError,
    ServiceResponseTimeoutError,
)
from azure.core.pipeline.transport import RequestsTransport
from azure.storage.blob import BlobServiceClient, ContentSettings, LinearRetry
from requests.adapters import HTTPAdapter

from reference_impl.storage.locator import Locator
from reference_impl.storage.patience import ATTEMPTS, Patience, TooLate
from reference_impl.storage.protocol import (
    MAX_CALLS,
    ObjectMissing,
    StorageTimeout,
    StorageUnavailable,
    StoredObject,
    StoreUnreachable,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from azure.storage.blob import BlobClient

    from reference_impl.runtime import Runtime

# Bytes that a download asks for at once. Larger than a chunk elsewhere, because each costs a request.
REQUESTED = 1024 * 1024
# Seconds before the second attempt, which the types would have whole. The default would wait for 15 and more.
BACKOFF = 0.2
TIMED_OUT = (ServiceRequestTimeoutError, ServiceResponseTimeoutError, TooLate)


class AzureStore:
    """Containers of one account. Keys are the names of block blobs (Azure Storage REST API)."""

    def __init__(self, runtime: Runtime) -> None:
        self._patience = Patience(runtime.storage_timeout_seconds)
        self._session = make_session(trust_environment=runtime.target == "cloud")
        self._service = BlobServiceClient.from_connection_string(
            runtime.azure_connection_string or "",
            transport=PatientTransport(self._patience, self._session),
            retry_policy=LinearRetry(BACKOFF, random_jitter_range=0, retry_total=ATTEMPTS - 1),  # type: ignore[arg-type]
            # A download asks for one part after another, each by a range and for the same ETag.
            max_single_get_size=REQUESTED,
            max_chunk_get_size=REQUESTED,
        )

    def put(self, locator: Locator, data: bytes, content_type: str, cache_control: str) -> None:
        with self._calling():
            # Up to max_single_put_size, 64 MiB, this is one request (Put Blob), and so all or nothing.
            self._blob(locator).upload_blob(
                data,
                length=len(data),
                overwrite=True,
                content_settings=ContentSettings(content_type=content_type, cache_control=cache_control),
            )

    def head(self, locator: Locator) -> StoredObject:
        with self._calling():
            found = self._blob(locator).get_blob_properties()
            settings = found.content_settings
            return StoredObject(
                locator,
                found.size,
                settings.content_type or "",
                settings.cache_control or "",
                found.etag.strip('"'),
            )

    def read(self, locator: Locator, start: int, stop: int) -> Generator[bytes]:
        if start >= stop:
            # No range header asks for nothing (RFC 9110, section 14.1.2).
            self.head(locator)
            return
        with self._calling():
            chunks = self._blob(locator).download_blob(offset=start, length=stop - start).chunks()
        while True:
            # Each chunk is a request that has ended when it is here: between them no connection is held.
            with self._calling():
                chunk = next(chunks, None)
            if chunk is None:
                return
            yield chunk

    def delete(self, locator: Locator) -> None:
        with suppress(ObjectMissing), self._calling():
            self._blob(locator).delete_blob()

    def list(self, location: str, prefix: str) -> Iterator[Locator]:
        # Alphabetical, says the REST API (List Blobs), without saying in which alphabet.
        found: list[Locator] = []
        pages = self._service.get_container_client(location).list_blob_names(name_starts_with=prefix).by_page()
        while True:
            with self._calling():
                page = next(pages, None)
                if page is None:
                    break
                found += [Locator("azure", location, name) for name in page]
        yield from sorted(found, key=lambda locator: locator.key.encode())

    def check(self, location: str) -> None:
        """Asks for a blob that is not there, which the least credential that can read may do."""
        container = f"MEDIA_LOCATION: the Azure container {location!r}"
        where = f"of the account {self._service.account_name!r} at {self._service.primary_hostname}"
        try:
            with self._patience.call():
                self._service.get_blob_client(location, "media/").get_blob_properties()
        except HttpResponseError as error:
            if code_of(error) == "BlobNotFound":
                return
            raise StoreUnreachable(f"{container} {refusal(error, where)}") from error
        except TIMED_OUT as error:
            raise StoreUnreachable(
                f"{container} did not answer in time, {where}: see to the network, or raise MEDIA_STORAGE_TIMEOUT_SECONDS."
            ) from error
        except (AzureError, ValueError) as error:
            raise StoreUnreachable(
                f"{container} cannot be reached, {where} ({type(error).__name__}): "
                "see that Azure is running there and that MEDIA_AZURE_CONNECTION_STRING is whole."
            ) from error

    def close(self) -> None:
        self._service.close()
        self._session.close()

    def _blob(self, locator: Locator) -> BlobClient:
        """Raises ValueError where no URL leads to the blob: dot segments are taken out of it on the way (RFC 3986, 5.2.4)."""
        if {".", ".."} & set(locator.key.split("/")) or "/" in locator.location:
            raise ValueError(locator)
        return self._service.get_blob_client(locator.location, locator.key)

    @contextmanager
    def _calling(self) -> Iterator[None]:
        try:
            with self._patience.call():
                yield
        except TIMED_OUT as error:
            raise StorageTimeout from error
        except ResourceNotFoundError as error:
            if code_of(error) == "BlobNotFound":
                raise ObjectMissing from error
            raise StorageUnavailable from error
        except (AzureError, requests.RequestException, OSError, ValueError) as error:
            raise StorageUnavailable from error


class PatientTransport(RequestsTransport):  # type: ignore[misc]  # loaded late, and so untyped
    """Sends only what can still be in time, and lets go of connections whose answer is a refusal.

    The client library repeats a download whose body breaks off three times, a second apart, whatever its retry policy
    says: this is where that ends. And a refusal that it repeats it never reads, which would keep the connection.
    """

    def __init__(self, patience: Patience, session: requests.Session) -> None:
        super().__init__(
            session=session,
            session_owner=False,
            connection_timeout=patience.connect,
            read_timeout=patience.read,
        )
        self._patience = patience

    def send(self, request: Any, **more: Any) -> Any:
        self._patience.attempt()
        answer = super().send(request, **more)
        if answer.status_code >= 400:
            answer.internal_response.content  # noqa: B018 - what has been read is let go of
        return answer


def make_session(*, trust_environment: bool) -> requests.Session:
    """As many connections as there are calls. Proxies of the environment are for the cloud, not for an emulator."""
    session = requests.Session()
    session.trust_env = trust_environment
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=1, pool_maxsize=MAX_CALLS))
    return session


def code_of(error: HttpResponseError) -> str | None:
    """The store's own word for what is wrong, which the answer to a HEAD has too, in a header."""
    return getattr(error, "error_code", None)


def refusal(error: HttpResponseError, where: str) -> str:
    """What a refused request means (REST API, "Status and error codes"), and what would mend it."""
    if error.status_code == 404:
        return f"does not exist, {where}: create it, or name another one."
    # A key that is no Base64 fails in the client, without a status.
    if isinstance(error, ClientAuthenticationError) or error.status_code in {400, 401, 403}:
        return f"refused these credentials, {where}: see to MEDIA_AZURE_CONNECTION_STRING."
    return f"could not be used, {where}: Azure answered {error.status_code}."
