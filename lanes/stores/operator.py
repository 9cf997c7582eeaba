"""An operator's read-only eyes on a bucket (Amazon S3 API Reference), with boto3: they can look and never touch."""

from __future__ import annotations

import contextlib
import datetime
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lanes.deployment import Eyes
from lanes.errors import StackError
from lanes.stores.policies import is_public
from lanes.target import Bucket

_CONFIG = Config(
    connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3}, s3={"addressing_style": "path"}
)
ACCESS_BLOCK = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
_DENIED = {"AccessDenied", "403", "AllAccessDisabled"}
_UNKNOWN_HERE = {"NotImplemented", "MethodNotAllowed", "UnsupportedOperation", "501", "405"}


class Unseen(Exception):
    """The store does not tell, or not to this operator; the message says what and why."""


@dataclass(frozen=True, slots=True)
class Head:
    """What a store says of an object: its validators as they go into headers, its size in bytes, its media type."""

    etag: str
    last_modified: datetime.datetime
    size: int
    content_type: str


class OperatorEyes:
    """What an operator sees of a bucket. Raises StackError where there is no such operator or bucket, or no answer."""

    def __init__(self, bucket: Bucket, eyes: Eyes) -> None:
        self._bucket = bucket
        with self._asking("nothing yet", ""):
            session = boto3.session.Session(
                aws_access_key_id=eyes.key or None,
                aws_secret_access_key=eyes.secret or None,
                aws_session_token=eyes.token or None,
                profile_name=eyes.profile,
                region_name=bucket.region,
            )
            self._client = session.client("s3", endpoint_url=bucket.endpoint, config=_CONFIG)

    def head(self, key: str) -> Head | None:
        """What the store says of an object, None where there is none. Raises Unseen."""
        with self._asking("HeadObject", "s3:GetObject, and s3:ListBucket to be told what is not there"):
            try:
                found = self._client.head_object(Bucket=self._bucket.name, Key=key)
            except ClientError as error:
                if _code(error) not in {"404", "NoSuchKey"}:
                    raise
                self._client.head_bucket(Bucket=self._bucket.name)  # a HEAD has no body to say what it is that is missing
                return None
        return Head(found["ETag"], found["LastModified"], found["ContentLength"], found.get("ContentType", ""))

    def public_access_block(self) -> Mapping[str, bool]:
        """The four settings of the bucket's public access block, by their names. Raises Unseen."""
        with self._asking("GetPublicAccessBlock", "s3:GetBucketPublicAccessBlock"):
            try:
                found = self._client.get_public_access_block(Bucket=self._bucket.name)["PublicAccessBlockConfiguration"]
            except ClientError as error:
                if _code(error) != "NoSuchPublicAccessBlockConfiguration":
                    raise
                return dict.fromkeys(ACCESS_BLOCK, False)
        told: Mapping[str, Any] = {**found}
        return {name: bool(told.get(name, False)) for name in ACCESS_BLOCK}

    def policy_is_public(self) -> bool:
        """Whether the bucket's policy is public: the store judges it so, or it reads so. Raises Unseen where neither tells."""
        found, unseen = [], []
        for look in (self._status_says_public, self._policy_says_public):
            try:
                found.append(look())
            except Unseen as reason:
                unseen.append(str(reason))
        if not found:
            raise Unseen("; ".join(unseen))
        return any(found)

    def _status_says_public(self) -> bool:
        with self._asking("GetBucketPolicyStatus", "s3:GetBucketPolicyStatus"), self._no_policy():
            return self._client.get_bucket_policy_status(Bucket=self._bucket.name)["PolicyStatus"]["IsPublic"]
        return False

    def _policy_says_public(self) -> bool:
        with self._asking("GetBucketPolicy", "s3:GetBucketPolicy"), self._no_policy():
            text = self._client.get_bucket_policy(Bucket=self._bucket.name)["Policy"]
            try:
                return is_public(json.loads(text))
            except ValueError:
                raise Unseen(f"the policy of the bucket {self._bucket.name} is no JSON") from None
        return False

    @contextlib.contextmanager
    def _no_policy(self) -> Iterator[None]:
        """Where there is no policy at all, what comes after the block goes on."""
        try:
            yield
        except ClientError as error:
            if _code(error) != "NoSuchBucketPolicy":
                raise

    @contextlib.contextmanager
    def _asking(self, operation: str, action: str) -> Iterator[None]:
        name = self._bucket.name
        try:
            yield
        except ClientError as error:
            code = _code(error)
            if code in _UNKNOWN_HERE:
                raise Unseen(f"the store does not implement {operation} (it answers {code})") from None
            if code in _DENIED:
                wrong = f"bucket.name ({name}) or bucket.prefix ({self._bucket.prefix!r}) of the target file wrong"
                told = f"the operator may not call {operation} on the bucket {name}: allow it {action}; or is {wrong}?"
                raise Unseen(told) from None
            raise StackError(f"the bucket {name} as its operator sees it: {operation}: {error}") from None
        except BotoCoreError as error:
            raise StackError(f"the bucket {name} as its operator sees it: {error}") from None


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))
