"""Who may do what with the bucket: the IAM documents of the contract, filled in, and as SeaweedFS understands them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from lanes.places import CONTRACTS

ROLES = ("runtime", "edge", "operator")
# SeaweedFS 4.48 refuses documents with actions that it does not know. It lets those see the status of a policy who may list the
# bucket, and those reach its public access block, which it does not implement, who may read everything about the bucket.
AS_SEAWEEDFS = {"s3:GetBucketPolicyStatus": "s3:ListBucket", "s3:GetBucketPublicAccessBlock": "s3:Get*"}
ACCOUNT = "123456789012"


def policy(role: str, bucket: str, parameters: str = "medialane", region: str = "us-east-1") -> dict[str, Any]:
    """The IAM document of a role (contracts/iam), for this bucket and these parameters, a path without a leading slash."""
    text = (CONTRACTS / "iam" / f"{role}.json").read_text(encoding="utf-8")
    for placeholder, value in (
        ("BUCKET-NAME", bucket),
        ("REGION", region),
        ("ACCOUNT-ID", ACCOUNT),
        ("PARAMETER-PATH", parameters),
    ):
        text = text.replace(placeholder, value)
    document: dict[str, Any] = json.loads(text)
    return document


def actions_of(statement: Mapping[str, Any]) -> list[str]:
    """The actions of a statement, which names one or several (IAM User Guide, "JSON policy elements: Action")."""
    named = statement["Action"]
    return [named] if isinstance(named, str) else list(named)


def for_seaweedfs(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same document in the actions that SeaweedFS knows, without statements about anything but S3."""
    statements = []
    for statement in document["Statement"]:
        actions = [AS_SEAWEEDFS.get(each, each) for each in actions_of(statement) if each.startswith("s3:")]
        if actions:
            statements.append({**statement, "Action": list(dict.fromkeys(actions))})
    return {**document, "Statement": statements}
