"""The whole backend on each provider, with PostgreSQL, and with the other provider beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reference_impl.app import create_app
from reference_impl.database import open_database
from reference_impl.policy import CACHE_CONTROL
from reference_impl.runtime import judge
from reference_impl.storage.locator import Locator
from tests.reference_impl import pictures
from tests.reference_impl.asgi import Client
from tests.reference_impl.service import JPEG, Service
from tests.reference_impl.storage.buckets import new_bucket, new_container, on_azure, on_s3

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyio.from_thread import BlockingPortal

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


@pytest.fixture(params=["s3", "azure"])
def service(
    request: pytest.FixtureRequest,
    s3_endpoint: str,
    azure_connection_string: str,
    database_url: str,
    portal: BlockingPortal,
) -> Iterator[Service]:
    if request.param == "s3":
        location = new_bucket(s3_endpoint)
        environment = on_s3(s3_endpoint, MEDIA_AZURE_CONNECTION_STRING=azure_connection_string)
    else:
        location = new_container(azure_connection_string)
        environment = on_azure(azure_connection_string, MEDIA_S3_ENDPOINT=s3_endpoint)
    runtime = judge(environment | {"DATABASE_URL": database_url, "MEDIA_LOCATION": location})
    engine = open_database(runtime.database_url)
    service = Service(Client(create_app(runtime, engine), portal), runtime, engine)
    yield service
    portal.call(service.backend.close)


def stored(service: Service) -> list[str]:
    store = service.backend.stores.adapters[service.runtime.provider]
    return [locator.key for locator in store.list(service.runtime.location, "")]


def test_an_upload_lives_and_ends_in_its_store(service: Service) -> None:
    artist = service.artist()
    media = service.upload(artist, pictures.encoded(pictures.quarters(1200, 900), "image/png"), "image/png")
    (row,) = service.lines("media-records")
    assert sorted(stored(service)) == sorted([row["storageKey"], row["thumbnailStorageKey"]])
    assert (row["storageProvider"], row["storageLocation"]) == (service.runtime.provider, service.runtime.location)
    for url in (media["src"], media["thumbnailSrc"]):
        whole, head = service.fetch(url), service.fetch(url, "HEAD")
        assert whole.headers == head.headers
        assert (whole.status, whole.headers["content-type"]) == (200, "image/png")
        assert (whole.headers["content-length"], whole.headers["cache-control"]) == (str(len(whole.body)), CACHE_CONTROL)
        assert service.fetch(url, range="bytes=5-104").body == whole.body[5:105]
        assert service.fetch(url, if_none_match=whole.headers["etag"]).status == 304
    assert service.sync(artist, []).status == 200
    assert stored(service) == []
    assert service.fetch(media["src"]).status == 404


def test_older_objects_are_read_and_deleted_where_they_lie(
    service: Service, s3_endpoint: str, azure_connection_string: str
) -> None:
    provider = "azure" if service.runtime.provider == "s3" else "s3"
    location = new_container(azure_connection_string) if provider == "azure" else new_bucket(s3_endpoint)
    older = service.backend.stores.adapters[provider]
    place = Locator(provider, location, "media/old/a.jpg")
    older.put(place, JPEG, "image/jpeg", CACHE_CONTROL)
    artist = service.artist()
    service.plan_row(artist, storageProvider=provider, storageLocation=location, storageKey=place.key)
    (media,) = service.media(artist)
    assert service.fetch(media["src"]).body == JPEG
    service.sync(artist, [])
    assert list(older.list(location, "")) == []


def test_a_location_that_is_gone_is_unavailable_and_leaves_no_row(service: Service) -> None:
    artist = service.artist()
    service.backend.stores.location = "no-such-place-here"
    answer = service.send(artist)
    assert (answer.status, answer.code) == (503, "storage_unavailable")
    assert service.lines("media-records") == []
