"""Objects in S3, in the cloud or in an emulator: one adapter, with or without an endpoint override."""

from __future__ import annotations

import os
from contextlib import closing, contextmanager, suppress
from typing import TYPE_CHECKING, Any

import boto3.session
import botocore.session
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ConnectTimeoutError, NoCredentialsError, ReadTimeoutError
from urllib3.exceptions import HTTPError

from reference_impl.storage.locator import Locator
from reference_impl.storage.patience import ATTEMPTS, Patience, TooLate
from reference_impl.storage.protocol import (
    CHUNK,
    MAX_CALLS,
    ObjectMissing,
    StorageTimeout,
    StorageUnavailable,
    StoredObject,
    StoreUnreachable,
)

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from mypy_boto3_s3 import S3Client

    from reference_impl.runtime import Runtime


class S3Store:
    """Buckets of one account. Keys are the keys of the objects (Amazon S3 API Reference)."""

    def __init__(self, runtime: Runtime) -> None:
        self._endpoint = runtime.s3_endpoint
        self._patience = Patience(runtime.storage_timeout_seconds)
        self._client = make_client(runtime, self._patience)

    def put(self, locator: Locator, data: bytes, content_type: str, cache_control: str) -> None:
        with self._calling():
            self._client.put_object(
                Bucket=locator.location,
                Key=locator.key,
                Body=data,
                ContentType=content_type,
                CacheControl=cache_control,
            )

    def head(self, locator: Locator) -> StoredObject:
        with self._calling():
            try:
                found = self._client.head_object(Bucket=locator.location, Key=locator.key)
            except ClientError as error:
                self._blame_the_bucket(error, locator)
                raise
            return StoredObject(
                locator,
                found["ContentLength"],
                found.get("ContentType", ""),
                found.get("CacheControl", ""),
                found["ETag"].strip('"'),
            )

    def read(self, locator: Locator, start: int, stop: int) -> Generator[bytes]:
        if start >= stop:
            # No range header asks for nothing (RFC 9110, section 14.1.2).
            self.head(locator)
            return
        with self._calling():
            wanted = f"bytes={start}-{stop - 1}"
            body = self._client.get_object(Bucket=locator.location, Key=locator.key, Range=wanted)["Body"]
        with closing(body):
            while True:
                with self._calling():
                    chunk = body.read(CHUNK)
                if not chunk:
                    return
                yield chunk

    def delete(self, locator: Locator) -> None:
        # S3 itself does not mind; others that speak its language may answer 404.
        with suppress(ObjectMissing), self._calling():
            self._client.delete_object(Bucket=locator.location, Key=locator.key)

    def list(self, location: str, prefix: str) -> Iterator[Locator]:
        # In order of UTF-8 bytes (API Reference, ListObjectsV2).
        pages = iter(self._client.get_paginator("list_objects_v2").paginate(Bucket=location, Prefix=prefix))
        while True:
            with self._calling():
                page = next(pages, None)
            if page is None:
                return
            yield from (Locator("s3", location, named["Key"]) for named in page.get("Contents", ()))

    def check(self, location: str) -> None:
        """Needs the permission s3:ListBucket, without which S3 does not tell a missing object from a forbidden one."""
        where = f"at MEDIA_S3_ENDPOINT {self._endpoint}" if self._endpoint else "in MEDIA_S3_REGION"
        bucket = f"MEDIA_LOCATION: the S3 bucket {location!r}"
        try:
            with self._patience.call():
                self._client.head_bucket(Bucket=location)
        except ClientError as error:
            raise StoreUnreachable(f"{bucket} {refusal(error, where)}") from error
        except NoCredentialsError as error:
            raise StoreUnreachable(
                f"{bucket} needs credentials, and the platform provides none: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY."
            ) from error
        except (ConnectTimeoutError, ReadTimeoutError, TooLate) as error:
            raise StoreUnreachable(
                f"{bucket} did not answer in time {where}: see to the network, or raise MEDIA_STORAGE_TIMEOUT_SECONDS."
            ) from error
        except (BotoCoreError, ValueError) as error:
            raise StoreUnreachable(
                f"{bucket} cannot be reached {where} ({type(error).__name__}): see that S3 is running there."
            ) from error

    def close(self) -> None:
        self._client.close()

    @contextmanager
    def _calling(self) -> Iterator[None]:
        try:
            with self._patience.call():
                yield
        except (ConnectTimeoutError, ReadTimeoutError, TooLate) as error:
            raise StorageTimeout from error
        except ClientError as error:
            # A HEAD has no body and with it no code but the status.
            if error.response["Error"]["Code"] in {"NoSuchKey", "404"}:
                raise ObjectMissing from error
            raise StorageUnavailable from error
        except (BotoCoreError, HTTPError, OSError, ValueError) as error:
            raise StorageUnavailable from error

    def _blame_the_bucket(self, error: ClientError, locator: Locator) -> None:
        """HEAD answers 404 for a missing object and for a missing bucket alike; GET, with the same permission, tells.

        Raises ClientError (NoSuchKey, NoSuchBucket). Where S3 may not list the bucket it answers 403 to both, and a
        missing object then looks like one that is forbidden.
        """
        if error.response["Error"]["Code"] == "404":
            self._client.get_object(Bucket=locator.location, Key=locator.key, Range="bytes=0-0")["Body"].close()


def make_client(runtime: Runtime, patience: Patience) -> S3Client:
    """A client that knows of nothing but the settings, except in the cloud without keys.

    There the platform provides the identity: role of the instance or container, or a developer's profile.
    """
    given = runtime.aws_access_key_id is not None
    emulator = runtime.target == "emulator"
    isolated = given or emulator
    # Neither profile nor files: what they say is meant for other programs (botocore.session, SESSION_VARIABLES).
    variables = {
        "profile": (None, None, None, None),
        "config_file": (None, None, os.devnull, None),
        "credentials_file": (None, None, os.devnull, None),
    }
    session = boto3.session.Session(
        aws_access_key_id=runtime.aws_access_key_id,
        aws_secret_access_key=runtime.aws_secret_access_key,
        aws_session_token=runtime.aws_session_token,
        region_name=runtime.s3_region,
        botocore_session=botocore.session.Session(session_vars=variables if isolated else None),
    )
    config = Config(
        connect_timeout=patience.connect,
        read_timeout=patience.read,
        # The default makes three attempts; how late the second may begin is for Patience to say.
        retries={"mode": "standard", "total_max_attempts": ATTEMPTS},
        max_pool_connections=MAX_CALLS,
        # An emulator has no name for each bucket, and no proxy before it.
        s3={"addressing_style": "path" if runtime.s3_endpoint else "virtual"},
        proxies={} if emulator else None,
        signature_version=UNSIGNED if emulator and not given else None,
        ignore_configured_endpoint_urls=True,  # type: ignore[call-arg]  # unknown to its stubs
    )
    client = session.client("s3", endpoint_url=runtime.s3_endpoint, config=config)

    def attempt(**_: Any) -> None:
        patience.attempt()

    client.meta.events.register("before-send.s3", attempt)
    return client


def refusal(error: ClientError, where: str) -> str:
    """What the status of a refused HeadBucket means (API Reference, HeadBucket), and what would mend it."""
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    if status == 404:
        return f"does not exist {where}: create it, or name another one."
    if status in {400, 403}:
        return f"refused these credentials {where}: see to the AWS_ settings or the role, which needs s3:ListBucket."
    if status == 301:
        return "is in another region: set MEDIA_S3_REGION to its own."
    return f"could not be used {where}: S3 answered {status}."
