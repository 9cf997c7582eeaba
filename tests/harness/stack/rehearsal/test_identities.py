"""The IAM documents of the contract, by enforced identities: each needed action is allowed, every other denied.

Tried with moto, which knows most actions by their own names, and with SeaweedFS, by which a rehearsal stands. Where one of them
decides otherwise than AWS documents it (Service Authorization Reference), that is said below and held to as well.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws, settings
from moto.core.authorization import ActionAuthenticatorMixin

from lanes.stack.rehearsal import buckets, identities
from lanes.stack.rehearsal.buckets import Keys
from lanes.stack.rehearsal.identities import ROLES, policy
from lanes.stack.rehearsal.seaweedfs import SeaweedFS
from lanes.stack.server import free_port
from lanes.stack.watchdog import Watchdog

Call = Callable[[Any, str], Any]
_OTHER = "medialane-another"
_OPEN = {"Version": "2012-10-17", "Statement": []}

CALLS: dict[str, Call] = {
    "GetObject": lambda s3, name: s3.get_object(Bucket=name, Key="media/a/b"),
    "HeadObject": lambda s3, name: s3.head_object(Bucket=name, Key="media/a/b"),
    "GetObject elsewhere in the bucket": lambda s3, name: s3.get_object(Bucket=name, Key="other/a"),
    "GetObject of another bucket": lambda s3, _: s3.get_object(Bucket=_OTHER, Key="media/a/b"),
    "PutObject": lambda s3, name: s3.put_object(Bucket=name, Key="media/new", Body=b""),
    "PutObject elsewhere in the bucket": lambda s3, name: s3.put_object(Bucket=name, Key="other/new", Body=b""),
    "PutObject into another bucket": lambda s3, _: s3.put_object(Bucket=_OTHER, Key="media/new", Body=b""),
    "DeleteObject": lambda s3, name: s3.delete_object(Bucket=name, Key="media/old"),
    "DeleteObject elsewhere in the bucket": lambda s3, name: s3.delete_object(Bucket=name, Key="other/a"),
    "DeleteObject of another bucket": lambda s3, _: s3.delete_object(Bucket=_OTHER, Key="media/a/b"),
    "ListObjectsV2": lambda s3, name: s3.list_objects_v2(Bucket=name),
    "HeadBucket": lambda s3, name: s3.head_bucket(Bucket=name),
    "ListObjectsV2 of another bucket": lambda s3, _: s3.list_objects_v2(Bucket=_OTHER),
    "ListBuckets": lambda s3, _: s3.list_buckets(),
    "ListObjectVersions": lambda s3, name: s3.list_object_versions(Bucket=name),
    "GetObjectTagging": lambda s3, name: s3.get_object_tagging(Bucket=name, Key="media/a/b"),
    "PutObjectTagging": lambda s3, name: s3.put_object_tagging(Bucket=name, Key="media/a/b", Tagging={"TagSet": []}),
    "PutObjectAcl": lambda s3, name: s3.put_object_acl(Bucket=name, Key="media/a/b", ACL="private"),
    "GetBucketAcl": lambda s3, name: s3.get_bucket_acl(Bucket=name),
    "GetBucketPolicy": lambda s3, name: s3.get_bucket_policy(Bucket=name),
    "GetBucketPolicyStatus": lambda s3, name: s3.get_bucket_policy_status(Bucket=name),
    "GetPublicAccessBlock": lambda s3, name: s3.get_public_access_block(Bucket=name),
    "PutPublicAccessBlock": lambda s3, name: s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration={}),
    "DeletePublicAccessBlock": lambda s3, name: s3.delete_public_access_block(Bucket=name),
    "PutBucketPolicy": lambda s3, name: s3.put_bucket_policy(Bucket=name, Policy=json.dumps(_OPEN)),
    "DeleteBucketPolicy": lambda s3, name: s3.delete_bucket_policy(Bucket=name),
    "CreateBucket": lambda s3, _: s3.create_bucket(Bucket="medialane-new"),
    "DeleteBucket": lambda s3, _: s3.delete_bucket(Bucket=_OTHER),
}
PARAMETERS: dict[str, Callable[[Any], Any]] = {
    "GetParametersByPath": lambda ssm: ssm.get_parameters_by_path(Path="/medialane"),
    "GetParameter": lambda ssm: ssm.get_parameter(Name="/medialane/host"),
    "PutParameter": lambda ssm: ssm.put_parameter(Name="/medialane/new", Value="x", Type="String"),
    "DeleteParameter": lambda ssm: ssm.delete_parameter(Name="/medialane/host"),
}
NEEDED = {
    "runtime": {"GetObject", "HeadObject", "PutObject", "DeleteObject", "ListObjectsV2", "HeadBucket"},
    "edge": {"GetObject", "HeadObject"},
    "operator": {
        *("GetObject", "HeadObject", "ListObjectsV2", "HeadBucket"),
        *("GetBucketPolicy", "GetBucketPolicyStatus", "GetPublicAccessBlock"),
    },
}
# moto 5.2 asks for an action s3:HeadBucket, which AWS does not have, and tells a public access block to all who may list.
MOTO = {"runtime": {"HeadBucket", "GetPublicAccessBlock"}, "edge": set(), "operator": {"HeadBucket"}}
# SeaweedFS 4.48 shows all who have a name the buckets that they may list. The rest is identities.AS_SEAWEEDFS: who may list
# sees the status of the policy, and who may see the public access block, all that is readable about the bucket.
SEAWEEDFS = {
    "runtime": {"ListBuckets", "GetBucketPolicyStatus"},
    "edge": {"ListBuckets"},
    "operator": {"ListBuckets", "GetBucketAcl"},
}


def allowed(s3: Any, name: str) -> set[str]:
    """The calls that somebody may make, whatever else comes of them."""
    return {what for what, call in CALLS.items() if not is_denied(call, s3, name)}


def is_denied(call: Callable[..., Any], *arguments: Any) -> bool:
    """Whether a call is refused for who makes it."""
    try:
        call(*arguments)
    except ClientError as error:
        return bool(error.response["ResponseMetadata"]["HTTPStatusCode"] == 403)
    return False


def fill(s3: Any, name: str) -> None:
    """Something to read and to delete, in the bucket and in another."""
    s3.create_bucket(Bucket=_OTHER)
    for bucket, key in ((name, "media/a/b"), (name, "media/old"), (name, "other/a"), (_OTHER, "media/a/b")):
        s3.put_object(Bucket=bucket, Key=key, Body=b"x")


@contextlib.contextmanager
def enforced() -> Iterator[None]:
    """From here on moto asks everybody who they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(settings, "INITIAL_NO_AUTH_ACTION_COUNT", 0)
        patch.setattr(ActionAuthenticatorMixin, "request_count", 0)
        yield


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, Keys | None], Any]]:
    """An account of moto's with a bucket, in which everything is allowed yet; it makes clients."""
    for name in ("AWS_CA_BUNDLE", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    with mock_aws():
        root = Keys("test", "test")

        def client(service: str, keys: Keys | None = None) -> Any:
            session: Any = boto3.session.Session((keys or root).key, (keys or root).secret, region_name="us-east-1")
            return session.client(service)

        s3 = client("s3")
        s3.create_bucket(Bucket="medialane")
        fill(s3, "medialane")
        s3.put_public_access_block(Bucket="medialane", PublicAccessBlockConfiguration={"BlockPublicAcls": True})
        client("ssm").put_parameter(Name="/medialane/host", Value="media.example", Type="String")
        yield client


def somebody(iam: Any, role: str, document: Mapping[str, Any]) -> Keys:
    """An identity with this document in moto."""
    iam.create_user(UserName=role)
    iam.put_user_policy(UserName=role, PolicyName=role, PolicyDocument=json.dumps(document))
    made = iam.create_access_key(UserName=role)["AccessKey"]
    return Keys(made["AccessKeyId"], made["SecretAccessKey"])


@pytest.mark.parametrize("role", ROLES)
def test_moto_allows_what_is_needed_and_denies_the_rest(account: Callable[..., Any], role: str) -> None:
    keys = somebody(account("iam"), role, policy(role, "medialane"))
    with enforced():
        assert allowed(account("s3", keys), "medialane") == NEEDED[role] ^ MOTO[role]


def test_an_action_too_many_shows(account: Callable[..., Any]) -> None:
    document = policy("edge", "medialane")
    document["Statement"][0]["Action"] = ["s3:GetObject", "s3:PutObject"]
    keys = somebody(account("iam"), "edge", document)
    with enforced():
        assert allowed(account("s3", keys), "medialane") == NEEDED["edge"] | {"PutObject"}


@pytest.mark.parametrize("role", ROLES)
def test_only_the_operator_reads_parameters_and_by_path_alone(account: Callable[..., Any], role: str) -> None:
    document = policy(role, "medialane")
    for statement in document["Statement"]:
        if statement["Action"] == "ssm:GetParametersByPath":
            assert statement["Resource"] == f"arn:aws:ssm:us-east-1:{identities.ACCOUNT}:parameter/medialane"
            statement["Resource"] = "*"  # moto compares no resources but those of S3
    ssm = account("ssm", somebody(account("iam"), role, document))
    with enforced():
        found = {what for what, call in PARAMETERS.items() if not is_denied(call, ssm)}
    assert found == ({"GetParametersByPath"} if role == "operator" else set())


@pytest.mark.usefixtures("temporary")
def test_seaweedfs_allows_what_is_needed_and_denies_the_rest(tmp_path: Path) -> None:
    with Watchdog() as watchdog, contextlib.ExitStack() as undo:
        store = SeaweedFS(tmp_path, watchdog, free_port())
        undo.callback(store.stop)
        store.begin()
        store.wait()
        administrator = Keys(store.key, store.secret)
        made = buckets.make(store.url, administrator)
        fill(buckets.client("s3", store.url, administrator), made.name)
        for role in ROLES:
            found = allowed(buckets.client("s3", store.url, made.keys[role]), made.name)
            assert found == NEEDED[role] ^ SEAWEEDFS[role], role


def test_the_documents_name_nothing_but_the_bucket_and_the_parameters() -> None:
    for role in ROLES:
        for statement in policy(role, "ours")["Statement"]:
            assert statement["Effect"] == "Allow"
            assert "*" not in "".join(identities.actions_of(statement))
            assert statement["Resource"].removesuffix("/media/*") in {
                "arn:aws:s3:::ours",
                f"arn:aws:ssm:us-east-1:{identities.ACCOUNT}:parameter/medialane",
            }
