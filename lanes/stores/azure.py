"""Eyes on Azure's blobs (Azure Storage REST API), with azure-storage-blob."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from azure.core.exceptions import AzureError, ResourceNotFoundError
from azure.storage.blob import BlobServiceClient, ContentSettings, StorageErrorCode

from lanes.errors import StackError
from lanes.stores.store import Stored


class AzureStore:
    """A blob endpoint with the account of a connection string."""

    def __init__(self, connection_string: str) -> None:
        self._client = BlobServiceClient.from_connection_string(
            connection_string,
            retry_total=1,
            initial_backoff=0.2,
            increment_base=0,
            random_jitter_range=0,
            connection_timeout=5,
            read_timeout=20,
            use_env_settings=False,  # no proxies: the emulator is at hand
        )

    def make(self, location: str) -> None:
        """Makes a private container."""
        with _ours("make a container"):
            self._client.create_container(location)

    def drop(self, location: str) -> None:
        """Deletes a container with its blobs."""
        with _ours("delete a container"):
            self._client.delete_container(location)

    def list(self, location: str, prefix: str = "") -> list[Stored]:
        """The blobs of a container."""
        with _ours("list a container"):
            blobs = self._client.get_container_client(location).list_blobs(name_starts_with=prefix or None)
            found = [
                Stored(
                    "azure",
                    location,
                    blob.name,
                    blob.size,
                    blob.content_settings.content_type,
                    blob.content_settings.cache_control,
                )
                for blob in blobs
            ]
        return sorted(found, key=lambda stored: stored.key.encode())

    def read(self, location: str, key: str) -> Stored | None:
        """A blob with its bytes."""
        with _ours("read a blob"):
            try:
                found = self._client.get_blob_client(location, key).download_blob()
            except ResourceNotFoundError as error:
                _check_container(error)
                return None
            data, settings = found.readall(), found.properties.content_settings
        return Stored("azure", location, key, len(data), settings.content_type, settings.cache_control, data)

    def content_type(self, location: str, key: str) -> str | None:
        """The content type of a blob."""
        with _ours("look at a blob"):
            try:
                return self._client.get_blob_client(location, key).get_blob_properties().content_settings.content_type
            except ResourceNotFoundError as error:
                _check_container(error)
                return None

    def put(self, location: str, key: str, data: bytes, content_type: str) -> None:
        """Plants a blob."""
        with _ours("put a blob"):
            settings = ContentSettings(content_type=content_type)
            self._client.get_blob_client(location, key).upload_blob(data, overwrite=True, content_settings=settings)


def _check_container(error: ResourceNotFoundError) -> None:
    """Raises the error where it is not the blob that is missing, but its container."""
    if getattr(error, "error_code", None) == StorageErrorCode.CONTAINER_NOT_FOUND:
        raise error


@contextlib.contextmanager
def _ours(what: str) -> Iterator[None]:
    try:
        yield
    except AzureError as error:
        raise StackError(
            f"the Azure emulator would not {what} for the harness: {error.message.partition(chr(10))[0]}"
        ) from None
