"""Settings of processes on emulators, and places there that are empty."""

from __future__ import annotations

import secrets
from contextlib import closing
from typing import TYPE_CHECKING

import boto3
from azure.storage.blob import BlobServiceClient
from botocore.config import Config

from reference_impl.runtime import judge
from tests.reference_impl.settings import settings

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

    from reference_impl.runtime import Runtime

KEYS = {"AWS_ACCESS_KEY_ID": "medialane", "AWS_SECRET_ACCESS_KEY": "medialane-secret"}
NOBODY = "DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=c2VjcmV0;BlobEndpoint=http://127.0.0.1:{port}/nobody"


def on_s3(endpoint: str, **changed: str | None) -> dict[str, str]:
    provider = {"MEDIA_STORAGE_PROVIDER": "s3", "MEDIA_EXECUTION_TARGET": "emulator", "MEDIA_S3_ENDPOINT": endpoint}
    return settings(**(provider | KEYS | changed))


def on_azure(connection_string: str, **changed: str | None) -> dict[str, str]:
    provider = {
        "MEDIA_STORAGE_PROVIDER": "azure",
        "MEDIA_EXECUTION_TARGET": "emulator",
        "MEDIA_AZURE_CONNECTION_STRING": connection_string,
    }
    return settings(**(provider | changed))


def s3_runtime(endpoint: str, **changed: str | None) -> Runtime:
    return judge(on_s3(endpoint, **changed))


def azure_runtime(connection_string: str, **changed: str | None) -> Runtime:
    return judge(on_azure(connection_string, **changed))


def client(endpoint: str) -> S3Client:
    """A client of the tests' own, to be closed."""
    return boto3.client(
        "s3",
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=KEYS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=KEYS["AWS_SECRET_ACCESS_KEY"],
        config=Config(s3={"addressing_style": "path"}, signature_version="s3v4"),
    )


def new_bucket(endpoint: str) -> str:
    name = f"test-{secrets.token_hex(8)}"
    with closing(client(endpoint)) as s3:
        s3.create_bucket(Bucket=name)
    return name


def new_container(connection_string: str) -> str:
    name = f"test-{secrets.token_hex(8)}"
    with BlobServiceClient.from_connection_string(connection_string) as service:
        service.create_container(name)
    return name
