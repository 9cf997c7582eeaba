from __future__ import annotations

import pytest

from lanes.stack.gateway.azure import recognise_azure
from lanes.stack.gateway.calls import Operation
from lanes.stack.gateway.s3 import recognise_s3

COPY = {"X-Amz-Copy-Source": "/b/other"}
BLOCK_BLOB = {"x-ms-blob-type": "BlockBlob"}
FROM = {"x-ms-copy-source": "http://127.0.0.1/a/c/other"}


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "expected"),
    [
        ("PUT", "/b/k", "", {}, Operation("put", "PutObject", "b", ("k",))),
        ("PUT", "/b/k", "x-id=PutObject", {}, Operation("put", "PutObject", "b", ("k",))),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", {}, Operation("put", "UploadPart", "b", ("k",))),
        ("PUT", "/b/k", "partNumber=1&uploadId=u", COPY, Operation("put", "UploadPartCopy", "b", ("k",))),
        ("PUT", "/b/k", "", COPY, Operation("put", "CopyObject", "b", ("k",))),
        ("POST", "/b/k", "uploads", {}, Operation("put", "CreateMultipartUpload", "b", ("k",))),
        ("POST", "/b/k", "uploadId=u", {}, Operation("put", "CompleteMultipartUpload", "b", ("k",))),
        ("DELETE", "/b/k", "uploadId=u", {}, Operation("other", "AbortMultipartUpload", "b", ("k",))),
        ("GET", "/b/k", "uploadId=u", {}, Operation("other", "ListParts", "b", ("k",))),
        ("GET", "/b/k", "", {}, Operation("read", "GetObject", "b", ("k",))),
        ("GET", "/b/k", "versionId=3", {"Range": "bytes=0-1"}, Operation("read", "GetObject", "b", ("k",))),
        ("GET", "/b/k", "attributes", {}, Operation("head", "GetObjectAttributes", "b", ("k",))),
        ("POST", "/b/k", "select&select-type=2", {}, Operation("read", "SelectObjectContent", "b", ("k",))),
        ("POST", "/b/k", "restore", {}, Operation("other", "RestoreObject", "b", ("k",))),
        ("HEAD", "/b/k", "", {}, Operation("head", "HeadObject", "b", ("k",))),
        ("DELETE", "/b/k", "", {}, Operation("delete", "DeleteObject", "b", ("k",))),
        ("PUT", "/b/k", "tagging", {}, Operation("other", "PutObjectTagging", "b", ("k",))),
        ("GET", "/b/k", "acl", {}, Operation("other", "GetObjectAcl", "b", ("k",))),
        ("DELETE", "/b/k", "tagging", {}, Operation("other", "DeleteObjectTagging", "b", ("k",))),
        ("OPTIONS", "/b/k", "", {}, Operation("other", "OPTIONS", "b", ("k",))),
        ("GET", "/b", "list-type=2&prefix=k", {}, Operation("list", "ListObjectsV2", "b")),
        ("GET", "/b/", "list-type=2", {}, Operation("list", "ListObjectsV2", "b")),
        ("GET", "/b", "prefix=k", {}, Operation("list", "ListObjects", "b")),
        ("GET", "/b", "", {}, Operation("list", "ListObjects", "b")),
        ("GET", "/b", "versions", {}, Operation("list", "ListObjectVersions", "b")),
        ("GET", "/b", "uploads", {}, Operation("other", "ListMultipartUploads", "b")),
        ("GET", "/b", "location", {}, Operation("other", "GetBucketLocation", "b")),
        ("GET", "/b", "policy", {}, Operation("other", "GetBucketPolicy", "b")),
        ("PUT", "/b", "cors", {}, Operation("other", "PutBucketCors", "b")),
        ("HEAD", "/b", "", {}, Operation("other", "HeadBucket", "b")),
        ("PUT", "/b", "", {}, Operation("other", "CreateBucket", "b")),
        ("DELETE", "/b", "", {}, Operation("other", "DeleteBucket", "b")),
        ("POST", "/b", "delete", {}, Operation("delete", "DeleteObjects", "b")),
        ("POST", "/b", "", {}, Operation("put", "PostObject", "b")),
        ("GET", "/", "", {}, Operation("other", "ListBuckets")),
        ("POST", "/", "", {}, Operation("other", "POST")),
    ],
)
def test_calls_of_s3_are_recognised_in_path_style_and_in_virtual_host_style(
    method: str, path: str, query: str, headers: dict[str, str], expected: Operation
) -> None:
    for host in ("127.0.0.1:4566", "localhost", "s3.amazonaws.com", "s3.eu-west-1.amazonaws.com", "store:9000", "[::1]:9000"):
        assert recognise_s3(method, path, query, host, headers) == expected
    if expected.location is None:
        return
    inside = path.removeprefix("/b") or "/"
    for host in (
        "localhost:4566",
        "s3.amazonaws.com",
        "s3.dualstack.eu-west-1.amazonaws.com",
        "s3.localhost.localstack.cloud:45",
    ):
        assert recognise_s3(method, inside, query, f"b.{host}", headers) == expected


def test_a_bucket_in_the_host_may_have_dots() -> None:
    operation = recognise_s3("GET", "/k", "", "my.media.s3.eu-west-1.amazonaws.com", {})
    assert operation == Operation("read", "GetObject", "my.media", ("k",))


@pytest.mark.parametrize(
    ("raw", "key"),
    [
        ("a%20b%2Bc%25%C3%A9~'()", "a b+c%é~'()"),
        ("a+b", "a+b"),
        ("media/x/1.jpg", "media/x/1.jpg"),
        ("a%2Fb", "a/b"),
        ("/a//b", "/a//b"),
        ("%252F", "%2F"),
    ],
)
def test_keys_are_decoded_once_and_keep_their_slashes(raw: str, key: str) -> None:
    assert recognise_s3("PUT", f"/b/{raw}", "", "127.0.0.1", {}).keys == (key,)
    assert recognise_s3("PUT", f"/{raw}", "", "b.localhost", {}).keys == (key,)
    assert recognise_azure("PUT", f"/a/c/{raw}", "", "127.0.0.1", {}).keys == (key,)
    assert recognise_azure("PUT", f"/c/{raw}", "", "a.blob.core.windows.net", {}).keys == (key,)


@pytest.mark.parametrize(
    ("method", "path", "query", "headers", "expected"),
    [
        ("PUT", "/c/k", "", BLOCK_BLOB, Operation("put", "Put Blob", "c", ("k",))),
        ("PUT", "/c/k", "", BLOCK_BLOB | FROM, Operation("put", "Put Blob From URL", "c", ("k",))),
        ("PUT", "/c/k", "", FROM, Operation("put", "Copy Blob", "c", ("k",))),
        ("PUT", "/c/k", "", FROM | {"x-ms-requires-sync": "true"}, Operation("put", "Copy Blob From URL", "c", ("k",))),
        ("PUT", "/c/k", "comp=block&blockid=MQ%3D%3D", {}, Operation("put", "Put Block", "c", ("k",))),
        ("PUT", "/c/k", "comp=block&blockid=MQ%3D%3D", FROM, Operation("put", "Put Block From URL", "c", ("k",))),
        ("PUT", "/c/k", "comp=blocklist", {}, Operation("put", "Put Block List", "c", ("k",))),
        ("PUT", "/c/k", "comp=page", {}, Operation("put", "Put Page", "c", ("k",))),
        ("PUT", "/c/k", "comp=appendblock", {}, Operation("put", "Append Block", "c", ("k",))),
        ("GET", "/c/k", "", {}, Operation("read", "Get Blob", "c", ("k",))),
        ("GET", "/c/k", "snapshot=1", {}, Operation("read", "Get Blob", "c", ("k",))),
        ("HEAD", "/c/k", "", {}, Operation("head", "Get Blob Properties", "c", ("k",))),
        ("HEAD", "/c/k", "comp=metadata", {}, Operation("head", "Get Blob Metadata", "c", ("k",))),
        ("DELETE", "/c/k", "", {}, Operation("delete", "Delete Blob", "c", ("k",))),
        ("GET", "/c/k", "comp=blocklist", {}, Operation("other", "Get Block List", "c", ("k",))),
        ("PUT", "/c/k", "comp=metadata", {}, Operation("other", "Set Blob Metadata", "c", ("k",))),
        ("PUT", "/c/k", "comp=properties", {}, Operation("other", "Set Blob Properties", "c", ("k",))),
        ("PUT", "/c/k", "comp=tier", {}, Operation("other", "Set Blob Tier", "c", ("k",))),
        ("PUT", "/c/k", "comp=lease", {}, Operation("other", "Lease Blob", "c", ("k",))),
        ("PUT", "/c/k", "comp=undreamt", {}, Operation("other", "PUT", "c", ("k",))),
        ("GET", "/k", "", {}, Operation("read", "Get Blob", "$root", ("k",))),
        ("GET", "/c", "restype=container&comp=list", {}, Operation("list", "List Blobs", "c")),
        ("GET", "/c", "restype=container", {}, Operation("other", "Get Container Properties", "c")),
        ("HEAD", "/c", "restype=container", {}, Operation("other", "Get Container Properties", "c")),
        ("PUT", "/c", "restype=container", {}, Operation("other", "Create Container", "c")),
        ("DELETE", "/c", "restype=container", {}, Operation("other", "Delete Container", "c")),
        ("PUT", "/c", "restype=container&comp=acl", {}, Operation("other", "Set Container ACL", "c")),
        ("PUT", "/c", "restype=container&comp=metadata", {}, Operation("other", "Set Container Metadata", "c")),
        ("POST", "/c", "restype=container&comp=batch", {}, Operation("other", "Blob Batch", "c")),
        ("PUT", "/c", "restype=container&comp=undreamt", {}, Operation("other", "PUT", "c")),
        ("POST", "/", "comp=batch", {}, Operation("other", "Blob Batch")),
        ("GET", "/", "comp=list", {}, Operation("other", "List Containers")),
        ("GET", "/", "comp=properties&restype=service", {}, Operation("other", "Get Blob Service Properties")),
    ],
)
def test_calls_of_azure_are_recognised_with_the_account_in_the_host_and_in_the_path(
    method: str, path: str, query: str, headers: dict[str, str], expected: Operation
) -> None:
    for host in ("acme.blob.core.windows.net", "acme.blob.localhost:10000", "acme.localhost"):
        assert recognise_azure(method, path, query, host, headers) == expected
    for host in ("127.0.0.1:10000", "localhost:10000", "azurite:10000"):
        assert recognise_azure(method, f"/acme{path}", query, host, headers) == expected


def test_the_keys_of_a_delete_of_several_objects_are_in_its_body() -> None:
    operation = recognise_s3("POST", "/b", "delete", "127.0.0.1", {})
    assert operation.keys_in_body
    objects = "<Object><Key>a b&amp;c</Key></Object><Object><Key>é</Key><VersionId>1</VersionId></Object>"
    for space in ("", ' xmlns="http://s3.amazonaws.com/doc/2006-03-01/"'):
        body = f'<?xml version="1.0" encoding="UTF-8"?><Delete{space}>{objects}<Quiet>true</Quiet></Delete>'
        assert recognise_s3("POST", "/b", "delete", "127.0.0.1", {}, body.encode()) == Operation(
            "delete", "DeleteObjects", "b", ("a b&c", "é")
        )
    assert recognise_s3("POST", "/b", "delete", "127.0.0.1", {}, b"no XML") == operation


@pytest.mark.parametrize(("host", "account"), [("a.blob.core.windows.net", ""), ("127.0.0.1:10000", "/a")])
@pytest.mark.parametrize(("path", "query"), [("/", "comp=batch"), ("/c", "restype=container&comp=batch")])
def test_a_batch_of_azure_is_a_delete_of_what_it_deletes(host: str, account: str, path: str, query: str) -> None:
    operation = recognise_azure("POST", account + path, query, host, {})
    assert operation.keys_in_body
    part = "--b\r\nContent-Type: application/http\r\nContent-ID: {0}\r\n\r\n{1} HTTP/1.1\r\nContent-Length: 0\r\n\r\n"
    deletes = part.format(0, f"DELETE {account}/c/a%20b/1.jpg?x=1") + part.format(1, f"DELETE {account}/c/two") + "--b--\r\n"
    deleting = recognise_azure("POST", account + path, query, host, {}, deletes.encode())
    assert deleting == Operation("delete", "Blob Batch", "c", ("a b/1.jpg", "two"))
    tiers = part.format(0, f"PUT {account}/c/one?comp=tier") + "--b--\r\n"
    assert recognise_azure("POST", account + path, query, host, {}, tiers.encode()) == operation
