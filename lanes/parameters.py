"""Where a target is, read from a parameter store; nothing is decrypted.

Source: AWS Systems Manager API Reference, GetParametersByPath.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from lanes.errors import Refused
from lanes.files import validator
from lanes.target import Bucket, Parameters, Reach, Target

NAMES = ("host", "bucket", "prefix", "region", "distribution")
_DENIED = {"AccessDeniedException", "AccessDenied"}
_UNKNOWN = {"UnrecognizedClientException", "InvalidClientTokenId", "ExpiredTokenException", "InvalidSignatureException"}


def resolve(target: Target) -> Target:
    """The target with what its parameter store says of it; the same one where it names none.

    Raises Refused where the store cannot be read, lacks the host, has something that is no such value or is encrypted, or says
    otherwise than the target file.
    """
    if target.parameters is None or not isinstance(target.how, Reach):
        return target
    found = _read(target, target.parameters)
    for name, value in found.items():
        _check_form(target, name, value)
    _check_agreement(target, target.how, found)
    if not (target.how.base_url or "host" in found):
        path = target.parameters.path
        raise Refused(
            f"{_place(target)}: there is no parameter {path}/host, and reach.base_url is missing; "
            f"`aws ssm put-parameter --name {path}/host --type String --value HOST` makes it"
        )
    how = replace(
        target.how,
        base_url=target.how.base_url or f"https://{found['host']}",
        distribution=found.get("distribution", target.how.distribution),
    )
    bucket = _bucket(target.bucket, found)
    capabilities = target.capabilities | {"bucket"} if bucket else target.capabilities - {"bucket", "storage"}
    return replace(target, how=how, bucket=bucket, capabilities=frozenset(capabilities))


def _bucket(written: Bucket | None, found: Mapping[str, str]) -> Bucket | None:
    bucket = written or Bucket()
    bucket = replace(
        bucket,
        name=found.get("bucket", bucket.name),
        region=found.get("region", bucket.region),
        prefix=found.get("prefix", bucket.prefix),
    )
    return bucket if bucket.name else None


def _check_form(target: Target, name: str, value: str) -> None:
    """The same patterns as those of target files."""
    schema: Any = validator("target").schema
    bucket, host = schema["properties"]["bucket"]["properties"], schema["$defs"]["host"]
    rule = host if name in {"host", "distribution"} else bucket["name" if name == "bucket" else name]
    pattern: str = rule["pattern"]
    if not re.fullmatch(pattern, value) or len(value) > rule.get("maxLength", len(value)):
        raise Refused(f"{_place(target)}/{name}: {value!r} does not match {pattern}")


def _check_agreement(target: Target, how: Reach, found: Mapping[str, str]) -> None:
    bucket = target.bucket or Bucket()
    written = {
        "host": ("reach.base_url", how.base_url, f"https://{found.get('host')}"),
        "distribution": ("reach.distribution", how.distribution, found.get("distribution")),
        "bucket": ("bucket.name", bucket.name, found.get("bucket")),
        "prefix": ("bucket.prefix", bucket.prefix, found.get("prefix")),
        # The default is what a file says that says nothing.
        "region": ("bucket.region", bucket.region if bucket.region != Bucket().region else None, found.get("region")),
    }
    for name in found:
        setting, here, there = written[name]
        if here and here != there:
            raise Refused(
                f"{_place(target)}/{name} says {found[name]!r}, and {setting} in the file is {here!r}; "
                "which one is right? Leave it out of the file, or mend the parameter"
            )


def _read(target: Target, parameters: Parameters) -> dict[str, str]:
    """The parameters straight under the path that are known by name; what else is there is ignored unread."""
    # Slow to load, and needed only here.
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError, ClientError

    config = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "total_max_attempts": 3})
    found: dict[str, str] = {}
    try:
        session = boto3.session.Session(profile_name=parameters.profile, region_name=parameters.region)
        client: Any = session.client("ssm", endpoint_url=parameters.endpoint, config=config)
        pages = client.get_paginator("get_parameters_by_path")
        for page in pages.paginate(Path=parameters.path, Recursive=False, WithDecryption=False):
            for each in page["Parameters"]:
                name = str(each["Name"]).removeprefix(f"{parameters.path}/")
                if name in NAMES:
                    found[name] = _plain(target, name, each)
    except ClientError as error:
        raise Refused(f"{_place(target)}: {_why_denied(parameters, error.response['Error'])}") from None
    except BotoCoreError as error:
        raise Refused(
            f"{_place(target)}: {error}; see that parameters.profile or the environment names somebody who may call "
            f"ssm:GetParametersByPath, and that {parameters.endpoint or parameters.region} is right"
        ) from None
    return found


def _plain(target: Target, name: str, parameter: Mapping[str, Any]) -> str:
    if parameter["Type"] != "String":
        raise Refused(
            f"{_place(target)}/{name}: it is a {parameter['Type']}, and nothing is decrypted here; a {name} is no secret: "
            "make it a String"
        )
    return str(parameter["Value"])


def _why_denied(parameters: Parameters, error: Mapping[str, Any]) -> str:
    code, message = error.get("Code", ""), error.get("Message", "")
    if code in _DENIED:
        resource = f"arn:aws:ssm:{parameters.region}:ACCOUNT:parameter{parameters.path}"
        return f"access is denied; allow ssm:GetParametersByPath on {resource} to whoever runs this, and no kms:Decrypt"
    if code in _UNKNOWN:
        return f"the store does not accept the credentials ({code}); sign in again, or name a profile in parameters.profile"
    return f"{code}: {message}"


def _place(target: Target) -> str:
    """The file and the path in the store, for messages."""
    assert target.parameters is not None
    return f"{target.source}: parameters {target.parameters.path}"
