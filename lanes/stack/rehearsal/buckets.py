"""The bucket of a rehearsal, private, and the keys of those who may do something with it."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from lanes.errors import StackError
from lanes.stack.rehearsal.identities import ROLES, for_seaweedfs, policy

REGION = "us-east-1"
_CONFIG = Config(
    connect_timeout=5,
    read_timeout=10,
    retries={"mode": "standard", "total_max_attempts": 3},
    s3={"addressing_style": "path"},
    proxies={},  # it is at hand, whatever the environment says of the rest of the world
)


@dataclass(frozen=True, slots=True)
class Keys:
    """The keys of one identity."""

    key: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Made:
    """A bucket, and the keys of each role."""

    name: str
    keys: dict[str, Keys]


def make(endpoint: str, administrator: Keys) -> Made:
    """A private bucket of a name that nobody knows, and an identity for each role. Raises StackError."""
    name = f"medialane-{secrets.token_hex(8)}"
    with _ours("make the bucket of the rehearsal"):
        s3, iam = client("s3", endpoint, administrator), client("iam", endpoint, administrator)
        s3.create_bucket(Bucket=name)
        close(s3, name)
        return Made(name, {role: identity(iam, role, name) for role in ROLES})


def close(s3: Any, bucket: str) -> None:
    """Leaves the bucket to those with a policy of their own: it has none itself."""
    try:
        s3.delete_bucket_policy(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":  # which S3 itself does not mind
            raise


def identity(iam: Any, role: str, bucket: str) -> Keys:
    """Somebody who may do what the role's document says, and nothing else."""
    iam.create_user(UserName=role)
    document = json.dumps(for_seaweedfs(policy(role, bucket)))
    iam.put_user_policy(UserName=role, PolicyName=role, PolicyDocument=document)
    made = iam.create_access_key(UserName=role)["AccessKey"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"])


def client(service: str, endpoint: str, keys: Keys) -> Any:
    """A client of one of its services, as somebody."""
    session: Any = boto3.session.Session(keys.key, keys.secret, region_name=REGION)  # its stubs want to know which service
    return session.client(service, endpoint_url=endpoint, config=_CONFIG)


@contextlib.contextmanager
def _ours(what: str) -> Iterator[None]:
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise StackError(f"SeaweedFS would not {what}: {error}") from None
