"""Whether a bucket policy is public, as Amazon S3 User Guide defines it: "Blocking public access", "The meaning of 'public'".

A policy is taken for public unless what it allows goes to fixed principals, or is held by conditions to fixed values. A value
with a wildcard or a policy variable is not fixed.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

# Keys that tie what is allowed to somebody, as the definition lists them; in small letters, as keys have no case.
_TYING = {
    "aws:principalorgid",
    "aws:principalorgpaths",
    "aws:principalaccount",
    "aws:principalarn",
    "aws:sourcearn",
    "aws:sourcevpc",
    "aws:sourcevpce",
    "aws:sourceowner",
    "aws:sourceaccount",
    "aws:userid",
    "s3:dataaccesspointaccount",
    "s3:dataaccesspointarn",
    "s3:x-amz-server-side-encryption-aws-kms-key-id",
}
_OPERATORS = {"stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike", "ipaddress"}
_WIDEST = {4: 8, 6: 32}  # prefix lengths; what is wider and not private counts as everybody


def is_public(policy: Mapping[str, Any]) -> bool:
    """Whether some statement of a policy allows something to everybody."""
    statements = policy.get("Statement", [])
    return any(_is_for_everybody(each) for each in _many(statements) if each.get("Effect") == "Allow")


def _is_for_everybody(statement: Mapping[str, Any]) -> bool:
    return not _fixed_principal(statement) and not any(
        _ties(operator, key, values)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _fixed_principal(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal")  # without one it is a NotPrincipal: all but somebody
    if isinstance(principal, Mapping):
        names = [name for each in principal.values() for name in _many(each)]
        return bool(names) and all(_is_fixed(name) for name in names)
    return False


def _ties(operator: str, key: str, values: Any) -> bool:
    """Whether a condition holds what is allowed to fixed values."""
    given = [str(value) for value in _many(values)]
    # With IfExists, or for all of no values, the condition is met by who does not have the key at all.
    if operator.lower().removeprefix("foranyvalue:") not in _OPERATORS or not given:
        return False
    if key.lower() == "aws:sourceip":
        return all(_is_narrow(value) for value in given)
    return key.lower() in _TYING and all(_is_fixed(value) for value in given)


def _is_narrow(network: str) -> bool:
    try:
        found = ipaddress.ip_network(network, strict=False)
    except ValueError:
        return False
    return found.is_private or found.prefixlen >= _WIDEST[found.version]


def _is_fixed(value: str) -> bool:
    return not any(mark in value for mark in ("*", "?", "${"))


def _many(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
