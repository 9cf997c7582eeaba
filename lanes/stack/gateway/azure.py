"""Calls of Azure Blob Storage (Azure Blob REST API, Operations on the account, on containers and on blobs)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from lanes.stack.gateway.calls import BLOB_BATCH, Head, Operation, Word

# Elsewhere the account is the first part of the path, as emulators have it.
_ACCOUNT_IN_HOST = re.compile(r"[a-z0-9-]+\.(?:blob\..+|localhost)", re.IGNORECASE)

# A request in a batch (Blob Batch, Sample request): the path and query of what it deletes.
_DELETED = re.compile(rb"^DELETE (/[^? ]+)", re.MULTILINE)

_ROOT = "$root"  # Working with the root container: what has no container lies there

_OF_ACCOUNTS: Mapping[tuple[str, str], str] = {
    ("GET", "list"): "List Containers",
    ("POST", "batch"): BLOB_BATCH,
    ("GET", "properties"): "Get Blob Service Properties",
    ("PUT", "properties"): "Set Blob Service Properties",
    ("GET", "stats"): "Get Blob Service Stats",
    ("GET", "blobs"): "Find Blobs by Tags",
    ("POST", "userdelegationkey"): "Get User Delegation Key",
}
_OF_CONTAINERS: Mapping[tuple[str, str], tuple[Word, str]] = {
    ("GET", "list"): ("list", "List Blobs"),
    ("GET", ""): ("other", "Get Container Properties"),
    ("HEAD", ""): ("other", "Get Container Properties"),
    ("PUT", ""): ("other", "Create Container"),
    ("DELETE", ""): ("other", "Delete Container"),
    ("GET", "metadata"): ("other", "Get Container Metadata"),
    ("HEAD", "metadata"): ("other", "Get Container Metadata"),
    ("PUT", "metadata"): ("other", "Set Container Metadata"),
    ("GET", "acl"): ("other", "Get Container ACL"),
    ("HEAD", "acl"): ("other", "Get Container ACL"),
    ("PUT", "acl"): ("other", "Set Container ACL"),
    ("PUT", "lease"): ("other", "Lease Container"),
    ("PUT", "undelete"): ("other", "Restore Container"),
    ("POST", "batch"): ("other", BLOB_BATCH),
}
_OF_BLOBS: Mapping[tuple[str, str], tuple[Word, str]] = {
    ("PUT", ""): ("put", "Put Blob"),
    ("PUT", "block"): ("put", "Put Block"),
    ("PUT", "blocklist"): ("put", "Put Block List"),
    ("PUT", "page"): ("put", "Put Page"),
    ("PUT", "appendblock"): ("put", "Append Block"),
    ("GET", ""): ("read", "Get Blob"),
    ("POST", "query"): ("read", "Query Blob Contents"),
    ("HEAD", ""): ("head", "Get Blob Properties"),
    ("GET", "metadata"): ("head", "Get Blob Metadata"),
    ("HEAD", "metadata"): ("head", "Get Blob Metadata"),
    ("DELETE", ""): ("delete", "Delete Blob"),
    ("GET", "blocklist"): ("other", "Get Block List"),
    ("GET", "pagelist"): ("other", "Get Page Ranges"),
    ("GET", "tags"): ("other", "Get Blob Tags"),
    ("PUT", "tags"): ("other", "Set Blob Tags"),
    ("PUT", "metadata"): ("other", "Set Blob Metadata"),
    ("PUT", "properties"): ("other", "Set Blob Properties"),
    ("PUT", "tier"): ("other", "Set Blob Tier"),
    ("PUT", "lease"): ("other", "Lease Blob"),
    ("PUT", "snapshot"): ("other", "Snapshot Blob"),
    ("PUT", "undelete"): ("other", "Undelete Blob"),
    ("PUT", "copy"): ("other", "Abort Copy Blob"),
}


def recognise_azure(
    method: str, raw_path: str, query: str, host: str, headers: Mapping[str, str], body: bytes = b""
) -> Operation:
    """The operation of a request, its account in the host or in the path. `host` is the Host header, the path is still encoded.

    The body is needed only where the operation says that its keys are in it. What is not an operation of Azure is "other",
    named after its method.
    """
    head = Head.of(method, raw_path, query, headers)
    in_host = _ACCOUNT_IN_HOST.fullmatch(host.rpartition(":")[0] or host)
    container, key = head.segments(2) if in_host else head.segments(3)[1:]
    asked = (method, head.parameters.get("comp", "").lower())
    of_container = head.parameters.get("restype", "").lower() == "container"
    if deleted := [recognise_azure("DELETE", path.decode("utf-8", "replace"), "", host, {}) for path in _DELETED.findall(body)]:
        # They name their account where the batch does.
        keys = tuple(key for each in deleted for key in each.keys)
        return Operation("delete", BLOB_BATCH, deleted[0].location, keys)
    if not container:
        return Operation("other", _OF_ACCOUNTS.get(asked, method))
    if of_container:
        return Operation(*_OF_CONTAINERS.get(asked, ("other", method)), location=container)
    if not key:
        container, key = _ROOT, container
    return Operation(*_of_blob(head, asked), location=container, keys=(key,))


def _of_blob(head: Head, asked: tuple[str, str]) -> tuple[Word, str]:
    word, name = _OF_BLOBS.get(asked, ("other", head.method))
    if "x-ms-copy-source" not in head.headers:
        return word, name
    if name == "Put Blob" and "x-ms-blob-type" not in head.headers:
        return "put", "Copy Blob From URL" if head.headers.get("x-ms-requires-sync") == "true" else "Copy Blob"
    return word, f"{name} From URL"
