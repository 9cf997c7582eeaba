"""The settings of a process, judged before anything else is loaded or contacted.

Imports nothing but the standard library.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

EXIT_CONFIG = 78  # EX_CONFIG of sysexits.h

TOKEN = r"[A-Za-z0-9._~+/-]{16,}=*"  # noqa: S105 - the form of a bearer token, RFC 6750, section 2.1


class RuntimeRejected(Exception):
    """A configuration under which the backend must not start. Its message is for the operator and holds no secret."""


@dataclass(frozen=True)
class Setting:
    """One environment variable. `expects` ends the sentence that a rejection begins."""

    name: str
    expects: str
    required: bool = False
    default: str | None = None
    allowed: tuple[str, ...] = ()
    pattern: str | None = None
    secret: bool = False


SETTINGS = (
    Setting("HOST", "an address to listen on", default="127.0.0.1"),
    Setting("PORT", "a TCP port, 1 to 65535", required=True, pattern=r"[0-9]{1,5}"),
    Setting("APP_ENV", "development, test or dev", required=True, allowed=("development", "test", "dev")),
    Setting("MEDIA_STORAGE_PROVIDER", "mocked, s3 or azure", required=True, allowed=("mocked", "s3", "azure")),
    Setting("MEDIA_EXECUTION_TARGET", "mocked, emulator or cloud", required=True, allowed=("mocked", "emulator", "cloud")),
    Setting("MEDIA_CLOUD_OPT_IN", "yes, or not to be set", allowed=("yes",)),
    Setting("MEDIA_STATE_HOOKS", "on, or not to be set", allowed=("on",)),
    Setting(
        "MEDIA_PUBLIC_BASE_URL",
        "a scheme and an authority, like https://media.example",
        required=True,
        pattern=r"https?://[^/?#@]+",
    ),
    Setting(
        "DATABASE_URL",
        "sqlite:///FILE or postgresql://USER:PASSWORD@HOST:PORT/NAME",
        required=True,
        pattern=r"sqlite:///.+|postgresql://[^/@]+@[^/@]+/[^/]+",
        secret=True,
    ),
    Setting("MEDIA_WRITE_CREDENTIAL", "a bearer token of 16 characters or more", required=True, pattern=TOKEN, secret=True),
    Setting(
        "MEDIA_OPERATOR_CREDENTIAL",
        "a bearer token of 16 characters or more",
        required=True,
        pattern=TOKEN,
        secret=True,
    ),
    Setting("MEDIA_BUILD", "at most 200 characters", default="unknown", pattern=r".{1,200}"),
    Setting("MEDIA_STORAGE_TIMEOUT_SECONDS", "whole seconds, 1 to 999", default="10", pattern=r"[0-9]{1,3}"),
    Setting("MEDIA_LOCATION", "a bucket or container name", default="media", pattern=r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]"),
    Setting("MEDIA_S3_REGION", "a region name", default="us-east-1"),
    Setting("MEDIA_S3_ENDPOINT", "an http or https URL", pattern=r"https?://.+"),
    Setting("MEDIA_S3_PUBLIC_HOSTS", "host names separated by commas"),
    Setting("AWS_ACCESS_KEY_ID", "an access key", secret=True),
    Setting("AWS_SECRET_ACCESS_KEY", "a secret key", secret=True),
    Setting("AWS_SESSION_TOKEN", "a session token", secret=True),
    Setting("MEDIA_AZURE_CONNECTION_STRING", "an Azure connection string", secret=True),
)

# Provider, execution target, application environment. Every combination that is in neither set is rejected.
ACCEPTED = frozenset(
    {
        ("mocked", "mocked", "development"),
        ("mocked", "mocked", "test"),
        ("s3", "emulator", "development"),
        ("s3", "emulator", "test"),
        ("s3", "cloud", "dev"),
        ("azure", "emulator", "development"),
        ("azure", "emulator", "test"),
    }
)
ACCEPTED_WITH_OPT_IN = frozenset({("s3", "cloud", "development"), ("azure", "cloud", "development")})


@dataclass(frozen=True)
class Runtime:
    """An accepted configuration. Secrets stay out of its repr."""

    host: str
    port: int
    environment: str
    provider: str
    target: str
    state_hooks: bool
    public_base_url: str
    build: str
    storage_timeout_seconds: int
    location: str
    s3_region: str
    s3_endpoint: str | None
    s3_public_hosts: tuple[str, ...]
    database_url: str = field(repr=False)
    write_credential: str = field(repr=False)
    operator_credential: str = field(repr=False)
    aws_access_key_id: str | None = field(repr=False)
    aws_secret_access_key: str | None = field(repr=False)
    aws_session_token: str | None = field(repr=False)
    azure_connection_string: str | None = field(repr=False)

    @property
    def endpoint(self) -> str:
        """Whether the provider is reached where it is at home: default or override."""
        if self.provider == "azure":
            return "override" if "blobendpoint=" in (self.azure_connection_string or "").lower() else "default"
        return "override" if self.provider == "s3" and self.s3_endpoint else "default"


def judge(environ: Mapping[str, str]) -> Runtime:
    """The runtime that the environment variables describe.

    Raises RuntimeRejected with the first thing wrong: a setting, its value unless it is secret, and what is allowed.
    """
    values = {setting.name: judge_setting(setting, environ.get(setting.name) or setting.default) for setting in SETTINGS}
    judge_ranges(values)
    judge_combination(values)
    judge_companions(values)
    text = {name: value or "" for name, value in values.items()}
    return Runtime(
        host=text["HOST"],
        port=int(text["PORT"]),
        environment=text["APP_ENV"],
        provider=text["MEDIA_STORAGE_PROVIDER"],
        target=text["MEDIA_EXECUTION_TARGET"],
        state_hooks=text["MEDIA_STATE_HOOKS"] == "on" and text["APP_ENV"] == "test",
        public_base_url=text["MEDIA_PUBLIC_BASE_URL"],
        build=text["MEDIA_BUILD"],
        storage_timeout_seconds=int(text["MEDIA_STORAGE_TIMEOUT_SECONDS"]),
        location=text["MEDIA_LOCATION"],
        s3_region=text["MEDIA_S3_REGION"],
        s3_endpoint=values["MEDIA_S3_ENDPOINT"],
        s3_public_hosts=tuple(host.strip().lower() for host in text["MEDIA_S3_PUBLIC_HOSTS"].split(",") if host.strip()),
        database_url=text["DATABASE_URL"],
        write_credential=text["MEDIA_WRITE_CREDENTIAL"],
        operator_credential=text["MEDIA_OPERATOR_CREDENTIAL"],
        aws_access_key_id=values["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=values["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=values["AWS_SESSION_TOKEN"],
        azure_connection_string=values["MEDIA_AZURE_CONNECTION_STRING"],
    )


def judge_setting(setting: Setting, value: str | None) -> str | None:
    if value is None:
        if setting.required:
            raise RuntimeRejected(f"{setting.name} is not set: it has to be {setting.expects}.")
        return None
    allowed = not setting.allowed or value in setting.allowed
    formed = setting.pattern is None or re.fullmatch(setting.pattern, value)
    if not allowed or not formed:
        raise rejected(setting.name, value, setting.expects)
    return value


def judge_ranges(values: Mapping[str, str | None]) -> None:
    for name, low, high in (("PORT", 1, 65535), ("MEDIA_STORAGE_TIMEOUT_SECONDS", 1, 999)):
        value = values[name] or ""
        if not low <= int(value) <= high:
            raise RuntimeRejected(f"{name} is {value!r}: it has to be {low} to {high}.")


def judge_combination(values: Mapping[str, str | None]) -> None:
    """Provider, execution target and environment together."""
    provider, target, environment = (
        values[name] or "" for name in ("MEDIA_STORAGE_PROVIDER", "MEDIA_EXECUTION_TARGET", "APP_ENV")
    )
    if (provider, target, environment) in ACCEPTED:
        return
    if (provider, target, environment) in ACCEPTED_WITH_OPT_IN:
        if values["MEDIA_CLOUD_OPT_IN"] == "yes":
            return
        raise RuntimeRejected(f"MEDIA_CLOUD_OPT_IN is not set: {provider} on the cloud in {environment} needs it to be yes.")
    known = ACCEPTED | ACCEPTED_WITH_OPT_IN
    if targets := sorted(t for p, t, e in known if (p, e) == (provider, environment)):
        raise RuntimeRejected(
            f"MEDIA_EXECUTION_TARGET is {target!r}: with MEDIA_STORAGE_PROVIDER {provider!r} "
            f"and APP_ENV {environment!r} it has to be {' or '.join(targets)}."
        )
    pairs = sorted(f"{p} on {t}" for p, t, e in known if e == environment)
    raise RuntimeRejected(
        f"MEDIA_STORAGE_PROVIDER is {provider!r}: with APP_ENV {environment!r} "
        f"provider and target have to be {' or '.join(pairs)}."
    )


def judge_companions(values: Mapping[str, str | None]) -> None:
    """Settings that only the value of another one makes necessary or wrong."""
    if values["MEDIA_OPERATOR_CREDENTIAL"] == values["MEDIA_WRITE_CREDENTIAL"]:
        raise RuntimeRejected("MEDIA_OPERATOR_CREDENTIAL is the write credential: it has to be another one.")
    provider = values["MEDIA_STORAGE_PROVIDER"]
    if provider == "s3" and values["MEDIA_EXECUTION_TARGET"] == "emulator" and not values["MEDIA_S3_ENDPOINT"]:
        raise RuntimeRejected("MEDIA_S3_ENDPOINT is not set: for the emulator it has to be its http or https URL.")
    if provider != "mocked" and bool(values["AWS_ACCESS_KEY_ID"]) != bool(values["AWS_SECRET_ACCESS_KEY"]):
        missing = "AWS_SECRET_ACCESS_KEY" if values["AWS_ACCESS_KEY_ID"] else "AWS_ACCESS_KEY_ID"
        raise RuntimeRejected(f"{missing} is not set: access key and secret key have to be set together, or neither.")
    if provider == "azure" and not values["MEDIA_AZURE_CONNECTION_STRING"]:
        raise RuntimeRejected("MEDIA_AZURE_CONNECTION_STRING is not set: the azure provider needs it.")
    # Beside S3 too: older objects are read and deleted there.
    if provider != "mocked" and not is_connection_string(values["MEDIA_AZURE_CONNECTION_STRING"]):
        raise RuntimeRejected(
            "MEDIA_AZURE_CONNECTION_STRING has a value that is not shown: it has to be NAME=VALUE;NAME=VALUE... with "
            "AccountName and AccountKey, or with SharedAccessSignature and AccountName or BlobEndpoint."
        )


def is_connection_string(string: str | None) -> bool:
    """Whether a client could make something of it. None, which is no connection string to be judged, passes."""
    if string is None:
        return True
    given = connection_fields(string)
    if given is None:
        return False
    by_key = given.get("accountname") and given.get("accountkey")
    by_signature = given.get("sharedaccesssignature") and (given.get("accountname") or given.get("blobendpoint"))
    return bool(by_key or by_signature or given.get("usedevelopmentstorage") == "true")


def connection_fields(string: str) -> dict[str, str] | None:
    """The fields of an Azure connection string by name in lower case, or None where it is none.

    Source: Azure Storage documentation, "Configure Azure Storage connection strings".
    """
    pairs = [field.strip().partition("=") for field in string.strip().rstrip(";").split(";")]
    if not all(name and equals for name, equals, _ in pairs):
        return None
    return {name.lower(): value for name, _, value in pairs}


def rejected(name: str, value: str, expects: str) -> RuntimeRejected:
    secret = any(setting.secret for setting in SETTINGS if setting.name == name)
    found = "has a value that is not shown" if secret else f"is {value[:80]!r}"
    return RuntimeRejected(f"{name} {found}: it has to be {expects}.")
