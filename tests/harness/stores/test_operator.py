"""An operator's eyes on buckets of moto, and on stores that do not tell."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lanes.deployment import Eyes
from lanes.errors import StackError
from lanes.stores.operator import ACCESS_BLOCK, OperatorEyes, Unseen
from lanes.target import Bucket
from tests.harness.servers import Asked, Reply, serving

EYES = Eyes(key="any", secret="hunter2-hunter2")  # noqa: S106 - no secret of anybody's
PUBLIC = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject"}
FIXED = PUBLIC | {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}}


@pytest.fixture
def bucket(aws_endpoint: str) -> Bucket:
    """A new bucket."""
    return Bucket(f"eyes-{secrets.token_hex(6)}", endpoint=aws_endpoint)


@pytest.fixture
def owner(bucket: Bucket) -> Iterator[Any]:
    """A client of its owner."""
    session = boto3.session.Session("any", "any", region_name="us-east-1")
    client: Any = session.client("s3", endpoint_url=bucket.endpoint, config=Config(s3={"addressing_style": "path"}))
    client.create_bucket(Bucket=bucket.name)
    yield client
    for each in client.list_objects_v2(Bucket=bucket.name).get("Contents", ()):
        client.delete_object(Bucket=bucket.name, Key=each["Key"])
    client.delete_bucket(Bucket=bucket.name)


def policy(bucket: Bucket, statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement | {"Resource": f"arn:aws:s3:::{bucket.name}/*"}]})


def test_an_object_is_seen_with_its_validators(bucket: Bucket, owner: Any) -> None:
    put = owner.put_object(Bucket=bucket.name, Key="media/a b.jpg", Body=b"picture", ContentType="image/jpeg")
    head = OperatorEyes(bucket, EYES).head("media/a b.jpg")
    assert head is not None
    assert (head.etag, head.size, head.content_type) == (put["ETag"], 7, "image/jpeg")
    assert head.etag.startswith('"')
    assert head.last_modified.tzinfo is not None


def test_an_object_that_is_not_there_is_none_and_a_bucket_that_is_not_there_is_ours(bucket: Bucket, owner: Any) -> None:
    assert owner
    assert OperatorEyes(bucket, EYES).head("nowhere") is None
    with pytest.raises(StackError, match="the bucket no-such as its operator sees it: HeadObject"):
        OperatorEyes(Bucket("no-such", endpoint=bucket.endpoint), EYES).head("nowhere")


@pytest.mark.parametrize("off", [None, *ACCESS_BLOCK])
def test_the_access_block_is_seen_setting_by_setting(bucket: Bucket, owner: Any, off: str | None) -> None:
    wanted = {name: name != off for name in ACCESS_BLOCK}
    owner.put_public_access_block(Bucket=bucket.name, PublicAccessBlockConfiguration=wanted)
    assert OperatorEyes(bucket, EYES).public_access_block() == wanted


def test_no_access_block_is_one_that_is_off(bucket: Bucket, owner: Any) -> None:
    assert owner
    assert OperatorEyes(bucket, EYES).public_access_block() == dict.fromkeys(ACCESS_BLOCK, False)


@pytest.mark.parametrize(("statement", "public"), [(None, False), (PUBLIC, True)])
def test_the_store_says_whether_its_policy_is_public(
    bucket: Bucket, owner: Any, statement: dict[str, Any] | None, public: bool
) -> None:
    if statement:
        owner.put_bucket_policy(Bucket=bucket.name, Policy=policy(bucket, statement))
    assert OperatorEyes(bucket, EYES).policy_is_public() is public


def answering(status: int, code: str, policy: str = "") -> Callable[[Asked], Reply]:
    """A store that has this policy, and answers everything else with an error."""

    def reply(asked: Asked) -> Reply:
        if policy and asked.path.endswith("?policy"):
            return Reply(200, {}, policy.encode())
        body = f"<Error><Code>{code}</Code><Message>No.</Message></Error>".encode()
        return Reply(status, {"Content-Type": "application/xml"}, body)

    return reply


@pytest.mark.parametrize(("statement", "public"), [(FIXED, False), (PUBLIC, True)])
@pytest.mark.parametrize(("status", "code"), [(501, "NotImplemented"), (405, "MethodNotAllowed"), (403, "AccessDenied")])
def test_where_the_store_does_not_say_the_policy_itself_is_judged(
    statement: dict[str, Any], public: bool, status: int, code: str
) -> None:
    bucket = Bucket("acme")
    with serving(answering(status, code, policy(bucket, statement))) as served:
        assert OperatorEyes(Bucket("acme", endpoint=served.base_url), EYES).policy_is_public() is public


@pytest.mark.parametrize(
    ("status", "statement", "public"),
    [
        (False, FIXED, False),
        (False, PUBLIC, True),
        (True, FIXED, True),
        (True, None, True),
        (False, None, False),
    ],
)
def test_a_policy_is_public_if_the_store_says_so_or_it_reads_so(
    status: bool, statement: dict[str, Any] | None, public: bool
) -> None:
    def reply(asked: Asked) -> Reply:
        if asked.path.endswith("?policyStatus"):
            told = f"<PolicyStatus><IsPublic>{str(status).lower()}</IsPublic></PolicyStatus>"
            return Reply(200, {"Content-Type": "application/xml"}, told.encode())
        # Where there is no statement here, the operator may not read the policy, and the status is all there is.
        return answering(403, "AccessDenied", policy(Bucket("acme"), statement) if statement else "")(asked)

    with serving(reply) as served:
        assert OperatorEyes(Bucket("acme", endpoint=served.base_url), EYES).policy_is_public() is public


def test_no_policy_is_not_public() -> None:
    with serving(answering(404, "NoSuchBucketPolicy")) as served:
        assert OperatorEyes(Bucket("acme", endpoint=served.base_url), EYES).policy_is_public() is False


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (501, "NotImplemented", r"does not implement {} \(it answers NotImplemented\)"),
        (405, "MethodNotAllowed", r"does not implement {} \(it answers MethodNotAllowed\)"),
        (403, "AccessDenied", "the operator may not call {} on the bucket acme: allow it s3:GetBucket"),
    ],
)
def test_what_the_store_does_not_tell_is_said_by_name(status: int, code: str, told: str) -> None:
    with serving(answering(status, code)) as served:
        eyes = OperatorEyes(Bucket("acme", endpoint=served.base_url), EYES)
        with pytest.raises(Unseen, match=told.format("GetPublicAccessBlock")):
            eyes.public_access_block()
        with pytest.raises(Unseen, match=f"{told.format('GetBucketPolicyStatus')}.*{told.format('GetBucketPolicy')}"):
            eyes.policy_is_public()


def test_who_may_not_see_objects_is_told_what_it_takes() -> None:
    with (
        serving(lambda _: Reply(403)) as served,
        pytest.raises(Unseen, match="HeadObject on the bucket acme: allow it s3:GetObject") as unseen,
    ):
        OperatorEyes(Bucket("acme", endpoint=served.base_url, prefix="site/"), EYES).head("a")
    # A bucket of somebody else's denies it too, and so does the right one outside of what operators may see.
    assert "or is bucket.name (acme) or bucket.prefix ('site/') of the target file wrong?" in str(unseen.value)


@pytest.mark.parametrize(
    ("status", "code"), [(404, "NoSuchBucket"), (403, "InvalidAccessKeyId"), (403, "SignatureDoesNotMatch")]
)
def test_a_wrong_bucket_or_wrong_keys_are_ours(status: int, code: str) -> None:
    with serving(answering(status, code)) as served:
        eyes = OperatorEyes(Bucket("acme", endpoint=served.base_url), EYES)
        for look in (eyes.public_access_block, eyes.policy_is_public):
            with pytest.raises(StackError, match=f"the bucket acme as its operator sees it: .*{code}") as error:
                look()
            assert "hunter2" not in str(error.value)


def test_a_store_that_is_not_there_and_a_profile_that_is_not_there_are_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", "nowhere")
    with pytest.raises(StackError, match="Could not connect"):
        OperatorEyes(Bucket("acme", endpoint="http://127.0.0.1:9"), EYES).head("a")
    with pytest.raises(StackError, match=r"profile \(nobody\) could not be found"):
        OperatorEyes(Bucket("acme"), Eyes(profile="nobody"))


def test_the_eyes_only_look() -> None:
    with serving(lambda _: Reply(403)) as served:
        eyes = OperatorEyes(Bucket("acme", endpoint=served.base_url), EYES)
        for look in (lambda: eyes.head("a"), eyes.public_access_block, eyes.policy_is_public):
            with pytest.raises((Unseen, StackError)):
                look()
    assert {asked.method for asked in served.asked} == {"GET", "HEAD"}
