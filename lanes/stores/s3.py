"""Eyes on S3 (Amazon S3 API Reference), with boto3."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lanes.errors import StackError
from lanes.stack.services import Access
from lanes.stores.store import Stored

_CONFIG = Config(
    connect_timeout=5,
    read_timeout=20,
    retries={"mode": "standard", "total_max_attempts": 2},
    s3={"addressing_style": "path"},
    max_pool_connections=4,
    proxies={},  # the emulator is at hand, whatever the environment says of the rest of the world
)


class S3Store:
    """An S3 endpoint."""

    def __init__(self, access: Access) -> None:
        session = boto3.session.Session(access.key, access.secret, region_name=access.region)
        self._client = session.client("s3", endpoint_url=access.endpoint, config=_CONFIG)

    def make(self, location: str) -> None:
        """Makes a bucket."""
        with _ours("make a bucket"):
            self._client.create_bucket(Bucket=location)

    def drop(self, location: str) -> None:
        """Deletes a bucket with its objects."""
        with _ours("delete a bucket"):
            for stored in self.list(location):
                self._client.delete_object(Bucket=location, Key=stored.key)
            self._client.delete_bucket(Bucket=location)

    def list(self, location: str, prefix: str = "") -> list[Stored]:
        """The objects of a bucket."""
        with _ours("list a bucket"):
            pages = self._client.get_paginator("list_objects_v2").paginate(Bucket=location, Prefix=prefix)
            found = [Stored("s3", location, each["Key"], each["Size"]) for page in pages for each in page.get("Contents", ())]
        return sorted(found, key=lambda stored: stored.key.encode())

    def read(self, location: str, key: str) -> Stored | None:
        """An object with its bytes."""
        with _ours("read an object"):
            try:
                answer = self._client.get_object(Bucket=location, Key=key)
            except self._client.exceptions.NoSuchKey:
                return None
            data = answer["Body"].read()
        return Stored("s3", location, key, len(data), answer.get("ContentType"), answer.get("CacheControl"), data)

    def content_type(self, location: str, key: str) -> str | None:
        """The content type of an object."""
        with _ours("look at an object"):
            try:
                return str(self._client.head_object(Bucket=location, Key=key)["ContentType"])
            except ClientError as error:
                if error.response["Error"]["Code"] != "404":
                    raise
                self._client.head_bucket(Bucket=location)  # a HEAD has no body to say what it is that is missing
                return None

    def put(self, location: str, key: str, data: bytes, content_type: str) -> None:
        """Plants an object."""
        with _ours("put an object"):
            self._client.put_object(Bucket=location, Key=key, Body=data, ContentType=content_type)


@contextlib.contextmanager
def _ours(what: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"the S3 emulator would not {what} for the harness: {error}") from None
