from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from reference_impl.runtime import judge
from reference_impl.storage.locator import Locator
from reference_impl.storage.patience import Patience
from reference_impl.storage.protocol import MAX_CALLS, ObjectMissing, StorageUnavailable
from reference_impl.storage.s3 import S3Store, make_client
from tests.reference_impl.settings import settings
from tests.reference_impl.storage.buckets import new_bucket, s3_runtime
from tests.reference_impl.storage.servers import serving

if TYPE_CHECKING:
    from http.server import BaseHTTPRequestHandler
    from pathlib import Path

    from tests.reference_impl.storage.servers import Answer, Server

CLOUD = {
    "APP_ENV": "dev",
    "MEDIA_STORAGE_PROVIDER": "s3",
    "MEDIA_EXECUTION_TARGET": "cloud",
    "MEDIA_S3_REGION": "eu-west-1",
    "AWS_ACCESS_KEY_ID": "id",
    "AWS_SECRET_ACCESS_KEY": "key",
}


def address(**changed: str | None) -> str:
    with closing(make_client(judge(settings(**(CLOUD | changed))), Patience(1))) as client:
        return client.generate_presigned_url("get_object", Params={"Bucket": "pics", "Key": "a/b.jpg"}).partition("?")[0]


def test_in_the_cloud_a_bucket_is_a_host_and_behind_an_override_a_path() -> None:
    assert address() == "https://pics.s3.eu-west-1.amazonaws.com/a/b.jpg"
    assert address(MEDIA_S3_ENDPOINT="http://127.0.0.1:9") == "http://127.0.0.1:9/pics/a/b.jpg"


def test_the_client_has_a_connection_for_every_call() -> None:
    with closing(make_client(judge(settings(**CLOUD)), Patience(1))) as client:
        assert getattr(client.meta.config, "max_pool_connections") == MAX_CALLS  # noqa: B009 - unknown to its stubs


def test_what_the_environment_says_to_other_programs_is_not_heard(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = tmp_path / "config"
    config.write_text("[profile other]\nregion = ap-south-1\ns3 =\n  addressing_style = virtual\n")
    for name, value in {
        "AWS_PROFILE": "nobody",
        "AWS_CONFIG_FILE": str(config),
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
        "AWS_ENDPOINT_URL_S3": "http://127.0.0.1:1",
        "AWS_ACCESS_KEY_ID": "theirs",
        "AWS_SECRET_ACCESS_KEY": "theirs",
        "HTTP_PROXY": "http://127.0.0.1:1",
        "AWS_MAX_ATTEMPTS": "9",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with serving(lambda *_: (200, {}, b"")) as server:
        for keys in ({}, {"AWS_ACCESS_KEY_ID": None, "AWS_SECRET_ACCESS_KEY": None}):
            with closing(S3Store(s3_runtime(server.url, **keys))) as store:
                store.check("media")
        assert server.asked == ["HEAD /media"] * 2
        signed = [head.get("authorization", "") for head in server.heads]
    assert "Credential=medialane/" in signed[0]
    # An emulator without keys is asked without a signature, and not with somebody else's.
    assert signed[1] == ""


def test_a_put_sends_two_headers_and_no_metadata() -> None:
    with serving(lambda *_: (200, {}, b"")) as server:
        with closing(S3Store(s3_runtime(server.url))) as store:
            store.put(Locator("s3", "media", "a"), b"x", "image/png", "no-store")
        (head,) = server.heads
    assert (head["content-type"], head["cache-control"]) == ("image/png", "no-store")
    assert not [name for name in head if name.startswith(("x-amz-meta", "x-amz-acl", "x-amz-tagging", "x-amz-storage"))]


def test_a_missing_bucket_is_told_from_a_missing_object_by_asking_once_more(s3_endpoint: str) -> None:
    with closing(S3Store(s3_runtime(s3_endpoint))) as store:
        with pytest.raises(ObjectMissing):
            store.head(Locator("s3", new_bucket(s3_endpoint), "nothing"))
        with pytest.raises(StorageUnavailable):
            store.head(Locator("s3", "no-such-bucket-here", "nothing"))


def test_what_is_forbidden_is_unavailable() -> None:
    def forbidden(_: Server, __: BaseHTTPRequestHandler) -> Answer:
        return 403, {}, b"<Error><Code>AccessDenied</Code></Error>"

    with serving(forbidden) as server, closing(S3Store(s3_runtime(server.url))) as store:
        for call in (partial(store.head, Locator("s3", "media", "a")), partial(store.delete, Locator("s3", "media", "a"))):
            with pytest.raises(StorageUnavailable):
                call()


def test_a_deletion_that_finds_nothing_is_no_error_wherever_that_is_a_404() -> None:
    body = b"<Error><Code>NoSuchKey</Code></Error>"
    with serving(lambda *_: (404, {}, body)) as server, closing(S3Store(s3_runtime(server.url))) as store:
        store.delete(Locator("s3", "media", "a"))
        assert server.asked == ["DELETE /media/a"]


def test_a_listing_has_all_pages(s3_endpoint: str) -> None:
    bucket = new_bucket(s3_endpoint)
    keys = [f"media/{number:04}" for number in range(1003)]
    with closing(S3Store(replace(s3_runtime(s3_endpoint), location=bucket))) as store:
        put: Any = partial(store.put, data=b"", content_type="image/png", cache_control="")
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda key: put(Locator("s3", bucket, key)), reversed(keys)))
        assert [locator.key for locator in store.list(bucket, "media/")] == keys
