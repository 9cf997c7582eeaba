from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Any

import pytest
from azure.storage.blob import ContainerClient

from reference_impl.storage.azure import AzureStore
from reference_impl.storage.locator import Locator
from reference_impl.storage.protocol import ObjectMissing, StorageUnavailable, StoreUnreachable
from tests.reference_impl.storage.buckets import NOBODY, azure_runtime, new_container
from tests.reference_impl.storage.servers import serving

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler

    from tests.reference_impl.storage.servers import Answer, Server


def opened(server: Server) -> AzureStore:
    return AzureStore(azure_runtime(NOBODY.format(port=server.port)))


def test_nine_megabytes_are_put_in_one_request_with_two_headers() -> None:
    with serving(lambda *_: (201, {"Content-Length": "0"}, b"")) as server:
        with closing(opened(server)) as store:
            store.put(Locator("azure", "media", "a"), bytes(9 * 1024 * 1024), "image/png", "no-store")
        (head,) = server.heads
    assert (head["x-ms-blob-content-type"], head["x-ms-blob-cache-control"]) == ("image/png", "no-store")
    assert not [name for name in head if name.startswith(("x-ms-meta", "x-ms-tags", "x-ms-access-tier"))]
    assert "if-none-match" not in head


def test_what_is_forbidden_is_unavailable() -> None:
    def forbidden(_: Server, __: BaseHTTPRequestHandler) -> Answer:
        return 403, {"x-ms-error-code": "AuthorizationFailure"}, b""

    with serving(forbidden) as server, closing(opened(server)) as store:
        for call in (store.head, store.delete):
            with pytest.raises(StorageUnavailable):
                call(Locator("azure", "media", "a"))


def test_a_key_that_no_url_leads_to_is_asked_for_nowhere() -> None:
    with (
        serving(lambda *_: (200, {}, b"")) as server,
        closing(opened(server)) as store,
    ):
        for key in ("../private/a", "a/./b", "a/.."):
            with pytest.raises(StorageUnavailable):
                store.head(Locator("azure", "media", key))
        with pytest.raises(StorageUnavailable):
            store.head(Locator("azure", "media/../private", "a"))
        assert server.asked == []


def test_a_missing_container_is_told_from_a_missing_blob(azure_connection_string: str) -> None:
    with closing(AzureStore(azure_runtime(azure_connection_string))) as store:
        container = new_container(azure_connection_string)
        store.check(container)
        with pytest.raises(ObjectMissing):
            store.head(Locator("azure", container, "nothing"))
        for call in (store.head, store.delete):
            with pytest.raises(StorageUnavailable):
                call(Locator("azure", "no-such-container", "nothing"))
        with pytest.raises(StoreUnreachable, match="does not exist"):
            store.check("no-such-container")


def test_wrong_keys_are_refused_by_the_check(azure_connection_string: str) -> None:
    container = new_container(azure_connection_string)
    right = dict(field.split("=", 1) for field in azure_connection_string.strip(";").split(";"))
    wrong = ";".join(f"{name}={value}" for name, value in (right | {"AccountKey": "d3Jvbmc="}).items())
    with closing(AzureStore(azure_runtime(wrong))) as store, pytest.raises(StoreUnreachable, match="refused") as refused:
        store.check(container)
    assert "d3Jvbmc=" not in str(refused.value)
    torn = ";".join(f"{name}={value}" for name, value in (right | {"AccountKey": "x"}).items())
    with closing(AzureStore(azure_runtime(torn))) as store, pytest.raises(StoreUnreachable, match="CONNECTION_STRING"):
        store.check(container)


def test_a_listing_has_all_pages_in_order_of_bytes(azure_connection_string: str, monkeypatch: pytest.MonkeyPatch) -> None:
    container = new_container(azure_connection_string)
    keys = ["media/Z", "media/a", "media/é", "media/\uffee", "media/\U0001f600"]
    whole: Any = ContainerClient.list_blob_names
    asked: list[int] = []

    def two_at_a_time(self: ContainerClient, **more: Any) -> Any:
        asked.append(2)
        return whole(self, results_per_page=2, **more)

    monkeypatch.setattr(ContainerClient, "list_blob_names", two_at_a_time)
    with closing(AzureStore(azure_runtime(azure_connection_string))) as store:
        for key in (*reversed(keys), "media-other/a"):
            store.put(Locator("azure", container, key), b"", "image/png", "")
        assert [locator.key for locator in store.list(container, "media/")] == keys
    assert asked == [2]
