"""Which stores a process has: the one that new objects go to, and those that older locators may name."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from reference_impl.storage.protocol import StoreUnreachable

if TYPE_CHECKING:
    from reference_impl.runtime import Runtime
    from reference_impl.storage.mocked import MockedStore
    from reference_impl.storage.protocol import Store


def adapters(runtime: Runtime, mocked: MockedStore) -> dict[str, Store]:
    """The active provider and every other one whose settings are given, by name. A mocked process has no other."""
    if runtime.provider == "mocked":
        return {"mocked": mocked}
    return {provider: adapter(runtime, provider) for provider in ("s3", "azure") if is_given(runtime, provider)}


def is_given(runtime: Runtime, provider: str) -> bool:
    if runtime.provider == provider:
        return True
    if provider == "azure":
        return runtime.azure_connection_string is not None
    # Keys alone lead to the cloud, which is no place for a process on an emulator.
    return runtime.s3_endpoint is not None or (runtime.target == "cloud" and runtime.aws_access_key_id is not None)


def adapter(runtime: Runtime, provider: str) -> Store:
    """A store in S3 or Azure. Their clients are loaded only here: they take longer than all the rest of a start."""
    if provider == "s3":
        from reference_impl.storage.s3 import S3Store

        return S3Store(runtime)
    from reference_impl.storage.azure import AzureStore

    return AzureStore(runtime)


def active(runtime: Runtime) -> Store:
    """The store that new objects go to, in S3 or Azure, once it is known to be there. Raises StoreUnreachable."""
    store = adapter(runtime, runtime.provider)
    failures: list[Exception] = []

    def check() -> None:
        try:
            store.check(runtime.location)
        except Exception as failure:  # noqa: BLE001 - it is raised below
            failures.append(failure)

    # A thread of its own can be left behind, and ends with the process: no time-out bounds the look-up of a host name.
    checking = threading.Thread(target=check, daemon=True)
    checking.start()
    checking.join(runtime.storage_timeout_seconds)
    if checking.is_alive():
        raise StoreUnreachable(
            f"MEDIA_LOCATION: {runtime.location!r} at the {runtime.provider} provider did not answer in time: "
            "see to the network, or raise MEDIA_STORAGE_TIMEOUT_SECONDS."
        )
    if failures:
        store.close()
        raise failures[0]
    return store
