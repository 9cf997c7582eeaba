"""What the SDKs of the providers, and stores that check what they are sent, make of the gateway and its faults."""

from __future__ import annotations

import hashlib
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from azure.core.exceptions import AzureError, HttpResponseError, ServiceResponseError
from azure.storage.blob import BlobBlock, ContainerClient
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import (
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

from lanes.stack.gateway.faults import Fault, When
from lanes.stack.gateway.server import Gateway
from tests.harness.stack.gateway.store import Asked, Store

ODD = "media/a b+c%é~'()&=/1.jpg"
PICTURE = b"picture" * 3000
WHENS: tuple[When, ...] = ("before", "after")
KEY = "s3cret"


def s3_client(endpoint: str, attempts: int = 1, **config: Any) -> Any:
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="eu-west-1",
        aws_access_key_id="who",
        aws_secret_access_key=KEY,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": attempts}, read_timeout=1, connect_timeout=1, **config
        ),
    )


class Bucket:
    """A bucket, seen through the gateway and directly."""

    def __init__(self, gateway: Gateway, endpoint: str) -> None:
        self.gateway = gateway
        self.name = f"gateway-{uuid.uuid4().hex}"
        self.through = s3_client(gateway.url("s3"))
        self.direct = s3_client(endpoint)
        self.direct.create_bucket(Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})

    def put(self, key: str = "one") -> None:
        self.through.put_object(Bucket=self.name, Key=key, Body=PICTURE)

    @property
    def keys(self) -> list[str]:
        return [each["Key"] for each in self.direct.list_objects_v2(Bucket=self.name).get("Contents", [])]


@pytest.fixture
def bucket(s3_endpoint: str) -> Iterator[Bucket]:
    with Gateway({"s3": s3_endpoint}) as gateway:
        made = Bucket(gateway, s3_endpoint)
        yield made
        made.through.close()
        made.direct.close()
    assert gateway.broken is None


class Container:
    """A container, seen through the gateway and directly."""

    def __init__(self, gateway: Gateway, connection: str) -> None:
        self.gateway = gateway
        name = f"gateway-{uuid.uuid4().hex}"
        self.direct = ContainerClient.from_connection_string(connection, name)
        self.direct.create_container()
        account = self.direct.credential
        endpoint = gateway.url("azure") + urlsplit(self.direct.url).path.rpartition("/")[0]
        self.through = ContainerClient(endpoint, name, account, retry_total=0, read_timeout=1, max_single_put_size=1024 * 1024)

    def put(self, key: str = "one") -> None:
        self.through.upload_blob(key, PICTURE)

    @property
    def keys(self) -> list[str]:
        return list(self.direct.list_blob_names())


@pytest.fixture
def container(azure_connection_string: str) -> Iterator[Container]:
    fields = dict(field.split("=", 1) for field in azure_connection_string.strip(";").split(";"))
    upstream = urlsplit(fields["BlobEndpoint"])
    with Gateway({"azure": f"{upstream.scheme}://{upstream.netloc}"}) as gateway:
        made = Container(gateway, azure_connection_string)
        with made.direct, made.through:
            yield made
    assert gateway.broken is None


def names(gateway: Gateway) -> list[str]:
    return [call.name for call in gateway.record.since()]


def test_azure_takes_the_signatures_of_calls_that_passed(container: Container) -> None:
    through = container.through
    through.upload_blob(ODD, PICTURE, metadata={"a": "b"})
    assert container.direct.download_blob(ODD).readall() == PICTURE
    assert through.download_blob(ODD).readall() == PICTURE
    assert through.download_blob(ODD, offset=7, length=7).readall() == b"picture"
    assert through.get_blob_client(ODD).get_blob_properties().size == len(PICTURE)
    assert list(through.list_blob_names(name_starts_with="media/a b+c%é")) == [ODD]
    through.delete_blob(ODD)
    assert container.keys == []
    calls = container.gateway.record.since()
    assert [call.name for call in calls] == [
        "Put Blob",
        "Get Blob",
        "Get Blob",
        "Get Blob Properties",
        "List Blobs",
        "Delete Blob",
    ]
    assert {call.keys for call in calls if call.operation != "list"} == {(ODD,)}
    assert {call.location for call in calls} == {container.through.container_name}


def test_azure_takes_blocks_and_batches_that_passed(container: Container) -> None:
    blob = container.through.get_blob_client("blocks")
    blob.stage_block("1", PICTURE)
    blob.commit_block_list([BlobBlock("1")])
    container.through.upload_blob("large", bytes(9 * 1024 * 1024), max_concurrency=2)
    container.through.delete_blobs("blocks", "large")
    assert container.keys == []
    batch = container.gateway.record.since()[-1]
    assert (batch.operation, batch.name, batch.keys) == ("delete", "Blob Batch", ("blocks", "large"))
    assert names(container.gateway).count("Put Block") > 2
    assert {call.operation for call in container.gateway.record.since()[:-1]} == {"put"}


def test_s3_calls_pass(bucket: Bucket) -> None:
    through, name = bucket.through, bucket.name
    through.put_object(Bucket=name, Key=ODD, Body=PICTURE, ContentType="image/jpeg", Metadata={"a": "b"})
    assert bucket.direct.get_object(Bucket=name, Key=ODD)["Body"].read() == PICTURE
    assert through.get_object(Bucket=name, Key=ODD)["Body"].read() == PICTURE
    assert through.head_object(Bucket=name, Key=ODD)["ContentLength"] == len(PICTURE)
    assert through.list_objects_v2(Bucket=name, Prefix="media/a b+c%é")["Contents"][0]["Key"] == ODD
    through.copy_object(Bucket=name, Key="copy", CopySource={"Bucket": name, "Key": ODD})
    upload = through.create_multipart_upload(Bucket=name, Key="parts")["UploadId"]
    part = through.upload_part(Bucket=name, Key="parts", UploadId=upload, PartNumber=1, Body=PICTURE)
    parts = {"Parts": [{"ETag": part["ETag"], "PartNumber": 1}]}
    through.complete_multipart_upload(Bucket=name, Key="parts", UploadId=upload, MultipartUpload=parts)
    through.delete_object(Bucket=name, Key="parts")
    through.delete_objects(Bucket=name, Delete={"Objects": [{"Key": ODD}, {"Key": "copy"}]})
    through.head_bucket(Bucket=name)
    assert bucket.keys == []
    assert names(bucket.gateway) == [
        "PutObject",
        "GetObject",
        "HeadObject",
        "ListObjectsV2",
        "CopyObject",
        "CreateMultipartUpload",
        "UploadPart",
        "CompleteMultipartUpload",
        "DeleteObject",
        "DeleteObjects",
        "HeadBucket",
    ]
    assert bucket.gateway.record.since(operation="delete")[-1].keys == (ODD, "copy")
    assert bucket.gateway.record.since(key=ODD)[0].location == name


@pytest.mark.parametrize("payload", [True, False])
def test_signatures_of_s3_are_those_of_what_the_store_received(gateway: Gateway, store: Store, payload: bool) -> None:
    client = s3_client(gateway.url("s3"), s3={"payload_signing_enabled": payload})
    client.put_object(Bucket="bucket", Key=ODD, Body=PICTURE, Metadata={"a": "b  c"})
    client.get_object(Bucket="bucket", Key=ODD)["Body"].read()
    client.delete_object(Bucket="bucket", Key=ODD)
    client.close()
    assert [asked.method for asked in store.asked] == ["PUT", "GET", "DELETE"]
    for asked in store.asked:
        assert signed(asked, gateway.url("s3")) == dict(asked.headers)["Authorization"]
        altered = Asked(asked.method, asked.path.replace("%20", "+"), asked.headers, asked.body)
        assert signed(altered, gateway.url("s3")) != dict(asked.headers)["Authorization"]
    if payload:
        assert dict(store.asked[0].headers)["X-Amz-Content-SHA256"] == hashlib.sha256(store.asked[0].body).hexdigest()


def signed(asked: Asked, endpoint: str) -> str:
    """The Authorization header that botocore's own signer makes of what was received, at the time it was signed for."""
    headers = {name.lower(): value for name, value in asked.headers}
    names = headers["authorization"].partition("SignedHeaders=")[2].partition(",")[0].split(";")
    request = AWSRequest(asked.method, endpoint + asked.path, {name: headers[name] for name in names}, asked.body)
    request.context["timestamp"] = headers["x-amz-date"]
    request.context["payload_signing_enabled"] = headers["x-amz-content-sha256"] != "UNSIGNED-PAYLOAD"
    signer = S3SigV4Auth(Credentials("who", KEY), "s3", "eu-west-1")
    canonical = signer.canonical_request(request)
    signature = signer.signature(signer.string_to_sign(request, canonical), request)
    scope = signer.scope(request)
    return f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders={';'.join(names)}, Signature={signature}"


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize(("what", "code", "status"), [("refuse", "AccessDenied", 403), ("fail", "SlowDown", 503)])
def test_boto3_reads_what_a_fault_answers(bucket: Bucket, what: str, code: str, status: int, when: When) -> None:
    fault = Fault("refuse" if what == "refuse" else "fail", when, operation="put")
    with bucket.gateway.faulty(fault), pytest.raises(ClientError) as error:
        bucket.put()
    assert error.value.response["Error"]["Code"] == code
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert bucket.keys == (["one"] if when == "after" else [])


@pytest.mark.parametrize("when", WHENS)
def test_boto3_sees_a_reset_a_hang_and_a_closed_port(bucket: Bucket, when: When) -> None:
    with bucket.gateway.faulty(Fault("reset", when)), pytest.raises(ConnectionClosedError):
        bucket.put("reset")
    with bucket.gateway.faulty(Fault("hang", when)) as armed, pytest.raises((ReadTimeoutError, ConnectTimeoutError)):
        bucket.put("hung")
    assert armed.wait_ended(5)
    assert armed.calls[0].status is None
    with bucket.gateway.closed("s3"), pytest.raises(EndpointConnectionError):
        bucket.put("closed")
    time.sleep(0.2)
    assert bucket.keys == (["hung", "reset"] if when == "after" else [])
    bucket.put("closed")
    assert "closed" in bucket.keys


def test_retries_of_boto3_do_not_get_round_the_second_key(bucket: Bucket) -> None:
    insistent = s3_client(bucket.gateway.url("s3"), attempts=3)
    with bucket.gateway.faulty(Fault("fail", operation="put", nth=2)) as armed:
        insistent.put_object(Bucket=bucket.name, Key="canonical", Body=PICTURE)
        with pytest.raises(ClientError):
            insistent.put_object(Bucket=bucket.name, Key="thumbnail", Body=PICTURE)
    insistent.close()
    assert [call.keys for call in armed.calls] == [("thumbnail",)] * 3
    assert bucket.keys == ["canonical"]


def test_a_write_of_s3_is_held_and_let_go(bucket: Bucket) -> None:
    with ThreadPoolExecutor(1) as pool, bucket.gateway.faulty(Fault("hold", operation="put", nth=1)) as armed:
        put = pool.submit(bucket.put)
        assert armed.wait_reached(5)
        assert bucket.keys == []
        armed.release()
        put.result(5)
    assert bucket.keys == ["one"]


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize(("what", "code", "status"), [("refuse", "AuthorizationFailure", 403), ("fail", "ServerBusy", 503)])
def test_the_sdk_of_azure_reads_what_a_fault_answers(
    container: Container, what: str, code: str, status: int, when: When
) -> None:
    fault = Fault("refuse" if what == "refuse" else "fail", when, operation="put")
    with container.gateway.faulty(fault), pytest.raises(HttpResponseError) as error:
        container.put()
    assert (error.value.status_code, getattr(error.value, "error_code", None)) == (status, code)
    assert container.keys == (["one"] if when == "after" else [])


@pytest.mark.parametrize("when", WHENS)
def test_the_sdk_of_azure_sees_a_reset_a_hang_and_a_closed_port(container: Container, when: When) -> None:
    with container.gateway.faulty(Fault("reset", when)), pytest.raises(ServiceResponseError):
        container.put("reset")
    with container.gateway.faulty(Fault("hang", when)) as armed, pytest.raises(AzureError):
        container.put("hung")
    assert armed.wait_ended(5)
    assert armed.calls[0].status is None
    with container.gateway.closed("azure"), pytest.raises(AzureError):
        container.put("closed")
    time.sleep(0.2)
    assert container.keys == (["hung", "reset"] if when == "after" else [])
    container.put("closed")
    assert "closed" in container.keys


def test_a_write_of_azure_is_held_and_let_go(container: Container) -> None:
    with ThreadPoolExecutor(1) as pool, container.gateway.faulty(Fault("hold", operation="put", nth=1)) as armed:
        put = pool.submit(container.put)
        assert armed.wait_reached(5)
        assert container.keys == []
        armed.release()
        put.result(5)
    assert container.keys == ["one"]
