"""Calls of Amazon S3 (Amazon S3 API Reference, Actions; Amazon S3 User Guide, Virtual hosting of general purpose buckets)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

from lanes.stack.gateway.calls import DELETE_OBJECTS, Head, Operation, Word

_VIRTUAL_HOST = re.compile(
    r"(?P<bucket>.+?)\.(?:localhost|s3(?:[.-][a-z0-9-]+)*\.(?:amazonaws\.com(?:\.cn)?|localhost\.localstack\.cloud))",
    re.IGNORECASE,
)

_OF_OBJECTS = {
    "acl": "ObjectAcl",
    "attributes": "ObjectAttributes",
    "legal-hold": "ObjectLegalHold",
    "retention": "ObjectRetention",
    "tagging": "ObjectTagging",
    "torrent": "ObjectTorrent",
}
_OF_BUCKETS = {
    "accelerate": "BucketAccelerateConfiguration",
    "acl": "BucketAcl",
    "analytics": "BucketAnalyticsConfiguration",
    "cors": "BucketCors",
    "encryption": "BucketEncryption",
    "intelligent-tiering": "BucketIntelligentTieringConfiguration",
    "inventory": "BucketInventoryConfiguration",
    "lifecycle": "BucketLifecycleConfiguration",
    "location": "BucketLocation",
    "logging": "BucketLogging",
    "metrics": "BucketMetricsConfiguration",
    "notification": "BucketNotificationConfiguration",
    "object-lock": "ObjectLockConfiguration",
    "ownershipControls": "BucketOwnershipControls",
    "policy": "BucketPolicy",
    "policyStatus": "BucketPolicyStatus",
    "publicAccessBlock": "PublicAccessBlock",
    "replication": "BucketReplication",
    "requestPayment": "BucketRequestPayment",
    "tagging": "BucketTagging",
    "versioning": "BucketVersioning",
    "website": "BucketWebsite",
}
_VERBS = {"GET": "Get", "PUT": "Put", "DELETE": "Delete"}

# Method, and the parameter that tells it from others of the method: the first that fits.
_ON_OBJECTS: tuple[tuple[str, str, Word, str], ...] = (
    ("PUT", "uploadId", "put", "UploadPart"),
    ("PUT", "", "put", "PutObject"),
    ("POST", "uploads", "put", "CreateMultipartUpload"),
    ("POST", "uploadId", "put", "CompleteMultipartUpload"),
    ("POST", "select", "read", "SelectObjectContent"),
    ("POST", "restore", "other", "RestoreObject"),
    ("GET", "uploadId", "other", "ListParts"),
    ("GET", "", "read", "GetObject"),
    ("HEAD", "", "head", "HeadObject"),
    ("DELETE", "uploadId", "other", "AbortMultipartUpload"),
    ("DELETE", "", "delete", "DeleteObject"),
)
_ON_BUCKETS: tuple[tuple[str, str, Word, str], ...] = (
    ("GET", "uploads", "other", "ListMultipartUploads"),
    ("GET", "versions", "list", "ListObjectVersions"),
    ("GET", "list-type", "list", "ListObjectsV2"),
    ("GET", "", "list", "ListObjects"),
    ("HEAD", "", "other", "HeadBucket"),
    ("PUT", "", "other", "CreateBucket"),
    ("DELETE", "", "other", "DeleteBucket"),
    ("POST", "delete", "delete", DELETE_OBJECTS),
    ("POST", "", "put", "PostObject"),  # by a form, whose fields name the key
)
_COPIES = {"PutObject": "CopyObject", "UploadPart": "UploadPartCopy"}


def recognise_s3(method: str, raw_path: str, query: str, host: str, headers: Mapping[str, str], body: bytes = b"") -> Operation:
    """The operation of a request, path style or virtual-host style. `host` is the Host header, the path is still encoded.

    The body is needed only where the operation says that its keys are in it.

    What is not an operation of S3 is "other", named after its method.
    """
    head = Head.of(method, raw_path, query, headers)
    virtual = _VIRTUAL_HOST.fullmatch(host.rpartition(":")[0] or host)
    bucket, key = (virtual["bucket"], *head.segments(1)) if virtual else head.segments(2)
    if not bucket:
        return Operation("other", "ListBuckets" if method == "GET" else method)
    if not key:
        return Operation(*_named(head, _OF_BUCKETS, _ON_BUCKETS), bucket, _deleted(body))
    word, name = _named(head, _OF_OBJECTS, _ON_OBJECTS)
    if "x-amz-copy-source" in head.headers:
        name = _COPIES.get(name, name)
    return Operation(word, name, bucket, (key,))


def _named(head: Head, properties: Mapping[str, str], actions: tuple[tuple[str, str, Word, str], ...]) -> tuple[Word, str]:
    asked = next((name for name in properties if name in head.parameters), None)
    if asked is not None and head.method in _VERBS:
        return "head" if asked == "attributes" else "other", _VERBS[head.method] + properties[asked]
    fitting = ((word, name) for method, told, word, name in actions if method == head.method and told in {"", *head.parameters})
    return next(fitting, ("other", head.method))


def _deleted(body: bytes) -> tuple[str, ...]:
    """The keys that a Delete element names (DeleteObjects, Request syntax); none where there is no such element."""
    try:
        # What is judged is our own target, on loopback; the size of its body is the only harm it can do.
        root = ElementTree.fromstring(body)  # noqa: S314
    except ElementTree.ParseError:
        return ()
    return tuple(element.text or "" for element in root.iterfind("{*}Object/{*}Key"))
