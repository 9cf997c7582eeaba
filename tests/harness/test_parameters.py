"""Settings of a target from a parameter store: moto's, over real HTTP, and one that answers as it is told."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import boto3
import pytest

from lanes.errors import Refused
from lanes.parameters import resolve
from lanes.target import Bucket, Operator, Parameters, Reach, Target
from tests.harness import samples
from tests.harness.servers import Asked, Reply, serving

PATH = "/acme/dev/media"
WHOLE = {
    "host": "app.acme.example",
    "bucket": "acme-media-dev",
    "prefix": "site/",
    "region": "eu-west-1",
    "distribution": "img.acme.example",
}


@pytest.fixture(autouse=True)
def operator(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody whom a store knows, and nothing of this machine."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "any",
        "AWS_SECRET_ACCESS_KEY": "hunter2-hunter2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": "nowhere",
        "AWS_SHARED_CREDENTIALS_FILE": "nowhere",
    }.items():
        monkeypatch.setenv(name, value)


def target(endpoint: str, how: Reach | None = None, bucket: Bucket | None = None, **changed: Any) -> Target:
    """A target whose file names the path."""
    return samples.reached(
        how=how or Reach("", "dev"),
        bucket=bucket,
        parameters=replace(Parameters(PATH, "eu-west-1", endpoint=endpoint), **changed),
        capabilities=frozenset({"delivery", "bucket"}),
    )


@pytest.fixture
def store(aws_endpoint: str) -> Iterator[Any]:
    """moto's parameter store, as somebody who may write there; it is emptied afterwards."""
    client: Any = boto3.client("ssm", region_name="eu-west-1", endpoint_url=aws_endpoint)
    yield client
    found = client.get_paginator("describe_parameters").paginate()
    names = [each["Name"] for page in found for each in page["Parameters"]]
    for name in names:
        client.delete_parameter(Name=name)


def put(store: Any, values: Mapping[str, str], kind: str = "String", path: str = PATH) -> None:
    for name, value in values.items():
        store.put_parameter(Name=f"{path}/{name}", Value=value, Type=kind)


def test_a_target_without_parameters_is_left_alone() -> None:
    judged = samples.reached()
    assert resolve(judged) is judged


def test_everything_is_read_from_the_store(store: Any, aws_endpoint: str) -> None:
    put(store, WHOLE)
    resolved = resolve(target(aws_endpoint))
    assert resolved.how == Reach("https://app.acme.example", "dev", "img.acme.example")
    assert resolved.bucket == Bucket("acme-media-dev", "eu-west-1", prefix="site/")
    assert "bucket" in resolved.capabilities


def test_a_host_alone_will_do_and_then_there_is_no_bucket(store: Any, aws_endpoint: str) -> None:
    put(store, {"host": "app.acme.example:8443"})
    resolved = resolve(target(aws_endpoint))
    assert resolved.how == Reach("https://app.acme.example:8443", "dev")
    assert resolved.bucket is None
    assert "bucket" not in resolved.capabilities


def test_what_the_file_adds_is_kept(store: Any, aws_endpoint: str) -> None:
    put(store, WHOLE)
    written = Bucket(endpoint="https://s3.acme.example", operator=Operator(profile="reader"))
    resolved = resolve(target(aws_endpoint, Reach("", "dev", exchange_timeout=3), written))
    assert resolved.bucket == Bucket("acme-media-dev", "eu-west-1", "https://s3.acme.example", "site/", Operator("reader"))
    assert isinstance(resolved.how, Reach)
    assert resolved.how.exchange_timeout == 3


def test_the_same_in_both_places_is_no_contradiction(store: Any, aws_endpoint: str) -> None:
    put(store, WHOLE)
    how, bucket = (
        Reach("https://app.acme.example", "dev", "img.acme.example"),
        Bucket("acme-media-dev", "eu-west-1", prefix="site/"),
    )
    resolved = resolve(target(aws_endpoint, how, bucket))
    assert (resolved.how, resolved.bucket) == (how, bucket)


@pytest.mark.parametrize(
    ("how", "bucket", "told"),
    [
        (
            Reach("https://old.acme.example", "dev"),
            None,
            "host says 'app.acme.example', and reach.base_url in the file is 'https://old.acme.example'",
        ),
        (Reach("http://app.acme.example", "dev"), None, "host says .* reach.base_url in the file is 'http://app.acme.example'"),
        (
            Reach("", "dev", "cdn.acme.example"),
            None,
            "distribution says .* reach.distribution in the file is 'cdn.acme.example'",
        ),
        (None, Bucket("acme-media-old"), "bucket says 'acme-media-dev', and bucket.name in the file is 'acme-media-old'"),
        (None, Bucket(prefix="other/"), "prefix says 'site/', and bucket.prefix in the file is 'other/'"),
        (None, Bucket(region="us-west-2"), "region says 'eu-west-1', and bucket.region in the file is 'us-west-2'"),
    ],
)
def test_two_places_that_say_different_things_are_refused(
    store: Any, aws_endpoint: str, how: Reach | None, bucket: Bucket | None, told: str
) -> None:
    put(store, WHOLE)
    with pytest.raises(Refused, match=rf"acme\.toml: parameters {PATH}/{told}; which one is right"):
        resolve(target(aws_endpoint, how, bucket))


def test_a_missing_host_is_refused_with_the_command_that_makes_one(store: Any, aws_endpoint: str) -> None:
    put(store, {"bucket": "acme-media-dev"})
    put(store, {"host": "other.example"}, path="/acme/prod/media")
    put(store, {"host": "deeper.example"}, path=f"{PATH}/deeper")
    with pytest.raises(Refused, match=rf"no parameter {PATH}/host.*`aws ssm put-parameter --name {PATH}/host --type String"):
        resolve(target(aws_endpoint))
    assert resolve(target(aws_endpoint, Reach("https://written.example", "dev"))).bucket == Bucket("acme-media-dev")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("host", "https://app.acme.example"),
        ("host", "app.acme.example/path"),
        ("distribution", "img acme"),
        ("bucket", "Acme_Media"),
        ("bucket", "acme-media-dev\n"),
        ("prefix", "site"),
        ("prefix", "/site/"),
        ("prefix", f"{'x' * 300}/"),
        ("region", "eu west"),
    ],
)
def test_values_that_are_none_are_refused_by_name(store: Any, aws_endpoint: str, name: str, value: str) -> None:
    put(store, WHOLE | {name: value})
    with pytest.raises(Refused, match=rf"acme\.toml: parameters {PATH}/{name}: .* does not match"):
        resolve(target(aws_endpoint))


@pytest.mark.parametrize("kind", ["SecureString", "StringList"])
@pytest.mark.parametrize("name", WHOLE)
def test_an_encrypted_value_is_refused_and_never_told(store: Any, aws_endpoint: str, name: str, kind: str) -> None:
    put(store, {each: value for each, value in WHOLE.items() if each != name})
    put(store, {name: "hush.acme.example"}, kind)
    with pytest.raises(
        Refused, match=rf"{PATH}/{name}: it is a {kind}, and nothing is decrypted here.*make it a String"
    ) as refusal:
        resolve(target(aws_endpoint))
    assert "hush" not in str(refusal.value)


def test_other_parameters_are_ignored_however_many_and_whatever_they_are(store: Any, aws_endpoint: str) -> None:
    put(store, {f"a{number:02}": "x" for number in range(25)})  # more than a page
    put(store, {"database-password": "hunter2"}, "SecureString")
    put(store, WHOLE)
    assert resolve(target(aws_endpoint)).bucket == Bucket("acme-media-dev", "eu-west-1", prefix="site/")


def test_nothing_is_asked_to_be_decrypted_and_nothing_below_the_path() -> None:
    def reply(asked: Asked) -> Reply:
        page = json.loads(asked.body).get("NextToken")
        found = [("host", "app.acme.example"), ("bucket", "acme-media-dev")][bool(page)]
        said = {"Parameters": [{"Name": f"{PATH}/{found[0]}", "Type": "String", "Value": found[1]}]}
        return Reply(
            200,
            {"Content-Type": "application/x-amz-json-1.1"},
            json.dumps(said | ({} if page else {"NextToken": "2"})).encode(),
        )

    with serving(reply) as served:
        resolved = resolve(target(served.base_url))
    assert resolved.bucket == Bucket("acme-media-dev")
    bodies = [json.loads(asked.body) for asked in served.asked]
    assert [(each["Path"], each["Recursive"], each["WithDecryption"]) for each in bodies] == [(PATH, False, False)] * 2
    assert {asked.headers["X-Amz-Target"] for asked in served.asked} == {"AmazonSSM.GetParametersByPath"}


@pytest.mark.parametrize(
    ("code", "told"),
    [
        (
            "AccessDeniedException",
            rf"allow ssm:GetParametersByPath on arn:aws:ssm:eu-west-1:ACCOUNT:parameter{PATH} .*no kms:Decrypt",
        ),
        ("UnrecognizedClientException", r"does not accept the credentials \(UnrecognizedClientException\); sign in again"),
        ("ExpiredTokenException", "sign in again"),
        ("ValidationException", "ValidationException: as it is"),
    ],
)
def test_a_store_that_says_no_is_refused_with_what_to_do(code: str, told: str) -> None:
    said = json.dumps({"__type": code, "message": "as it is"}).encode()
    reply = Reply(400, {"Content-Type": "application/x-amz-json-1.1"}, said)
    refused = pytest.raises(Refused, match=rf"acme\.toml: parameters {PATH}: .*{told}")
    with serving(lambda _: reply) as served, refused as refusal:
        resolve(target(served.base_url))
    assert "hunter2" not in str(refusal.value)


def test_a_store_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refused, match=r"Could not connect.*ssm:GetParametersByPath, and that http://127\.0\.0\.1:9 is right"):
        resolve(target("http://127.0.0.1:9"))


def test_nobody_to_ask_as_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(Refused, match=r"profile \(nobody\) could not be found.*parameters\.profile"):
        resolve(target("http://127.0.0.1:9", profile="nobody"))
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(Refused, match=r"Unable to locate credentials.*parameters\.profile"):
        resolve(target("http://127.0.0.1:9"))
