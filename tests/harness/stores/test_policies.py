from __future__ import annotations

from typing import Any

import pytest

from lanes.stores.policies import is_public

FIXED = "arn:aws:iam::111122223333:role/edge"


def statement(principal: Any = "*", condition: dict[str, Any] | None = None, **changed: Any) -> dict[str, Any]:
    """A statement that lets somebody read."""
    made = {"Effect": "Allow", "Principal": principal, "Action": "s3:GetObject", "Resource": "arn:aws:s3:::acme/*"}
    return made | ({"Condition": condition} if condition else {}) | changed


def without_principal(**changed: Any) -> dict[str, Any]:
    made = statement(**changed)
    del made["Principal"]
    return made


@pytest.mark.parametrize(
    "each",
    [
        statement(),
        statement({"AWS": "*"}),
        statement({"AWS": [FIXED, "*"]}),
        statement({"AWS": "arn:aws:iam::111122223333:role/*"}),
        without_principal(NotPrincipal={"AWS": FIXED}),
        statement({}),
        statement(condition={"IpAddress": {"aws:SourceIp": "0.0.0.0/0"}}),
        statement(condition={"IpAddress": {"aws:SourceIp": ["203.0.113.7/32", "16.0.0.0/4"]}}),
        statement(condition={"IpAddress": {"aws:SourceIp": "2000::/3"}}),
        statement(condition={"NotIpAddress": {"aws:SourceIp": "203.0.113.7/32"}}),
        statement(condition={"StringLike": {"aws:SourceVpc": "vpc-*"}}),
        statement(condition={"StringEquals": {"aws:userid": "${aws:userid}"}}),
        statement(condition={"StringLike": {"aws:Referer": "https://acme.example/secret"}}),
        statement(condition={"StringEqualsIfExists": {"aws:SourceVpc": "vpc-1"}}),
        statement(condition={"StringNotEquals": {"aws:SourceVpc": "vpc-1"}}),
        statement(condition={"Bool": {"aws:SecureTransport": "true"}}),
    ],
)
def test_a_policy_that_lets_everybody_in_is_public(each: dict[str, Any]) -> None:
    assert is_public({"Statement": [statement({"AWS": FIXED}), each]})
    assert is_public({"Statement": each})


@pytest.mark.parametrize(
    "each",
    [
        statement(Effect="Deny"),
        statement({"AWS": FIXED}),
        statement({"AWS": ["111122223333", FIXED]}),
        statement({"Service": "cloudfront.amazonaws.com"}),
        statement(
            {"Service": "cloudfront.amazonaws.com"}, {"StringEquals": {"AWS:SourceArn": "arn:aws:cloudfront::1:distribution/E"}}
        ),
        statement(condition={"StringEquals": {"aws:SourceVpce": ["vpce-1", "vpce-2"]}}),
        statement(condition={"StringLike": {"AWS:SourceVpc": "vpc-1"}}),
        statement(condition={"ArnEquals": {"aws:SourceArn": "arn:aws:cloudfront::1:distribution/E"}}),
        statement(condition={"IpAddress": {"aws:SourceIp": "203.0.113.0/24"}}),
        statement(condition={"IpAddress": {"aws:SourceIp": ["10.0.0.0/8", "2001:db8::/32"]}}),
        statement(condition={"Bool": {"aws:SecureTransport": "true"}, "StringEquals": {"aws:PrincipalOrgID": "o-1"}}),
    ],
)
def test_a_policy_that_lets_in_whom_it_names_is_not(each: dict[str, Any]) -> None:
    assert not is_public({"Statement": [each]})
    assert not is_public({"Statement": each})


def test_a_policy_without_statements_is_not_public() -> None:
    assert not is_public({})
    assert not is_public({"Statement": []})
