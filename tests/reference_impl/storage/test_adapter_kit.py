"""The kit on every adapter of the reference."""

from __future__ import annotations

import secrets
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest
from azure.storage.blob import BlobServiceClient

from lanes.adapter_kit import AdapterContract, Harness
from reference_impl.storage.azure import AzureStore
from reference_impl.storage.legacy import LegacyURLs, legacy_urls
from reference_impl.storage.locator import Locator
from reference_impl.storage.mocked import MockedStore
from reference_impl.storage.protocol import ObjectMissing, StorageUnavailable
from reference_impl.storage.s3 import S3Store
from tests.reference_impl.storage.buckets import azure_runtime, client, new_bucket, new_container, s3_runtime

if TYPE_CHECKING:
    from collections.abc import Iterator


class TestMockedStore(AdapterContract):
    @pytest.fixture
    def harness(self) -> Harness:
        # It takes any provider's locators, and plays S3 here: mocked objects have no URL but the one that renders them.
        return Harness(
            adapter=MockedStore(),
            locate=lambda location, key: Locator("s3", location, key),
            location="media",
            missing=ObjectMissing,
            unavailable=StorageUnavailable,
            url=lambda locator: f"https://{locator.location}.s3.eu-west-1.amazonaws.com/{quote(locator.key)}",
            parse=LegacyURLs("media").locate,
            makes_locations=True,
        )


@pytest.fixture(scope="module")
def s3(s3_endpoint: str) -> Iterator[Harness]:
    runtime = s3_runtime(s3_endpoint)
    store = S3Store(runtime)
    yield Harness(
        adapter=store,
        locate=lambda location, key: Locator("s3", location, key),
        location=new_bucket(s3_endpoint),
        missing=ObjectMissing,
        unavailable=StorageUnavailable,
        url=lambda locator: presigned(s3_endpoint, locator),
        parse=legacy_urls(runtime).locate,
    )
    store.close()


class TestS3Store(AdapterContract):
    @pytest.fixture
    def harness(self, s3: Harness) -> Harness:
        return fresh(s3)


@pytest.fixture(scope="module")
def azure(azure_connection_string: str) -> Iterator[Harness]:
    runtime = azure_runtime(azure_connection_string)
    store = AzureStore(runtime)
    service = BlobServiceClient.from_connection_string(azure_connection_string)
    yield Harness(
        adapter=store,
        locate=lambda location, key: Locator("azure", location, key),
        location=new_container(azure_connection_string),
        missing=ObjectMissing,
        unavailable=StorageUnavailable,
        url=lambda locator: service.get_blob_client(locator.location, locator.key).url,
        parse=legacy_urls(runtime).locate,
    )
    store.close()
    service.close()


class TestAzureStore(AdapterContract):
    @pytest.fixture
    def harness(self, azure: Harness) -> Harness:
        return fresh(azure)


def fresh(harness: Harness) -> Harness:
    return replace(harness, prefix=f"kit/{secrets.token_hex(8)}/")


def presigned(endpoint: str, locator: Locator) -> str:
    """The URL as S3's own client makes it."""
    with closing(client(endpoint)) as made:
        return made.generate_presigned_url("get_object", Params={"Bucket": locator.location, "Key": locator.key})
