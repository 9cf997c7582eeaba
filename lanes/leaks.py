"""What no answer may give away: storage credentials, signed requests, and the hosts of buckets."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from lanes.bodies import names_in
from lanes.target import Bucket

_SETTINGS = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "MEDIA_AZURE_CONNECTION_STRING", "DATABASE_URL")
_CREDENTIAL = re.compile(
    r"AccountKey=|DefaultEndpointsProtocol=|SharedAccessSignature|\b(AKIA|ASIA)[A-Z0-9]{16}\b|(?i:aws_secret_access_key|aws_session_token)"
)
_CREDENTIAL_FIELD = re.compile(r"credential|secret|accesskey|accountkey|connectionstring|sastoken|sessiontoken|password")
_SIGNED = re.compile(
    r"(?i)^(x-amz-.*|x-goog-.*|awsaccesskeyid|signature|sig|sv|se|st|sp|sr|skoid|token|access_token|expires?|expiry|exp|policy|key-pair-id)$"
)
# What goes into Authorization: Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header"; Azure
# Storage, "Authorize with Shared Key".
_SIGNED_HEADER = re.compile(
    r"(?i)\bAWS4-[A-Z0-9-]{5,30}\s[^\n]{0,2000}?\bSignature=\w+|\bSharedKey(?:Lite)? [a-z0-9]{3,24}:[A-Za-z0-9+/]{43}="
)
# What is signed begins with it (Signature Version 4), or a signature goes out as it (both).
_SIGNER = re.compile(r"AWS4-HMAC-SHA256|(?i:x-amz-signature)|SharedKey(?:Lite)? |StringToSign")
_DELIMITERS = re.compile(r"[\s\"'<>\\]+")  # that no URL contains (RFC 3986, appendix C)
_URL = re.compile(r"(?i)\b[a-z][a-z0-9+.-]*://[^\s\"'<>\\]+")
# Amazon S3 User Guide, "Methods for accessing a bucket", access points, websites and dual-stack among them; Azure Storage,
# "Storage account endpoints".
_PROVIDERS_HOST = re.compile(
    r"(?i)(?<![a-z0-9.-])"
    r"(?:(?:[a-z0-9-]+\.)*s3(?:-[a-z0-9-]+)?(?:\.[a-z0-9-]+)*\.amazonaws\.com(?:\.cn)?"
    r"|[a-z0-9-]+(?:\.[a-z0-9-]+)*\.(?:blob|dfs|web)\.(?:core\.(?:windows\.net|chinacloudapi\.cn|usgovcloudapi\.net)|storage\.azure\.net))"
)
_PROVIDERS = ("amazonaws.com", ".core.windows.net", ".core.chinacloudapi.cn", ".core.usgovcloudapi.net", ".storage.azure.net")
_BUCKET_ELEMENT = re.compile(r"<(?:BucketName|Bucket)>[^<]*</")  # of an error document of S3 itself


def secrets_among(settings: Mapping[str, str]) -> dict[str, str]:
    """Those of a target's settings that open its storage or database, by name."""
    return {name: settings[name] for name in _SETTINGS if settings.get(name)}


def credentials_in(text: str) -> list[str]:
    """What in a text looks like a credential of a store, each cut short."""
    return [match.group()[:24] for match in _CREDENTIAL.finditer(text)]


def credential_fields(body: Any) -> list[str]:
    """The fields of a JSON body that are named like a credential of a store."""
    return [name for name in fields_of(body) if _CREDENTIAL_FIELD.search(name)]


def fields_of(body: Any) -> list[str]:
    """The names of all fields of a JSON body as they compare: small letters and digits alone."""
    return [re.sub("[^a-z0-9]", "", name.lower()) for name in names_in(body)]


def signed_requests_in(text: str, parts: int = 1) -> list[str]:
    """The signed requests in a text, each as a signed URL or as what a header for it begins with, without its signature."""
    return [*signed_urls_in(text, parts), *(match.group()[:16] for match in _SIGNED_HEADER.finditer(text))]


def signs(text: str) -> list[str]:
    """What in a script tells that it signs requests to a store itself."""
    return sorted({match.group() for match in _SIGNER.finditer(text)})


def signed_urls_in(text: str, parts: int = 1) -> list[str]:
    """The URLs in a text, relative ones too, that have a signature, a token or an expiry in their query: so many of such."""
    words = _DELIMITERS.split(text.replace("\\/", "/").replace("\\u0026", "&").replace("&amp;", "&"))
    return [word for word in words if "?" in word and sum(bool(_SIGNED.match(name)) for name, _ in _query(word)) >= parts]


def bucket_hosts_in(text: str, bucket: Bucket | None = None, own: Collection[str] = ()) -> list[str]:
    """What in a text names the host of a bucket: by the shapes that hosts of S3 and Azure have, or as this bucket's.

    `own` are the authorities under which the application itself is known, which may be called like the bucket. Hosts of
    others may be called like a bucket whose name is an ordinary word.
    """
    text = text.replace("\\/", "/")
    small = text.lower()
    # Long answers are searched for words quickly, and for shapes only where there are some.
    found = [match.group() for match in _PROVIDERS_HOST.finditer(text)] if any(word in small for word in _PROVIDERS) else []
    found += [match.group() for match in _BUCKET_ELEMENT.finditer(text)]
    if bucket:
        found += [url for url in _URL.findall(text) if not bucket.name.isalpha() and _is_of(url, bucket, own)]
        authority = urlsplit(bucket.endpoint or "").netloc
        if authority and authority not in own and re.search(rf"(?i)(?<![a-z0-9.-]){re.escape(authority)}(?![a-z0-9.-])", text):
            found.append(authority)
        if re.search(rf"(?i)(?<![a-z0-9.-]){re.escape(bucket.name)}\.{re.escape(authority or 's3.')}", text):
            found.append(f"{bucket.name}.{authority or 's3.'}")
    return list(dict.fromkeys(found))


def is_telling(bucket: Bucket, own: Collection[str], words: Collection[str]) -> bool:
    """Whether the name of a bucket cannot be anything else where it stands alone, so that who says it has told on the bucket.

    A target may say `media` as often as it likes, and its own host (`own` are its authorities), a part of a path (`words`) or
    of its keys; a bucket that is called like one of these must not make it wrong. What has neither digit nor hyphen may be a
    word, what has no letter a number.
    """
    hosts = {authority.lower().rpartition("@")[2].partition(":")[0] for authority in own}
    taken = {*hosts, *(label for host in hosts for label in host.split(".")), *words, *bucket.prefix.split("/")}
    return (
        re.search("[0-9-]", bucket.name) is not None
        and re.search("[a-z]", bucket.name) is not None
        and bucket.name not in taken
    )


def names_bucket(text: str, bucket: Bucket) -> bool:
    """Whether a text has the name of a bucket as a word of its own."""
    return re.search(rf"(?i)(?<![a-z0-9.-]){re.escape(bucket.name)}(?![a-z0-9-]|\.[a-z0-9])", text) is not None


def _is_of(url: str, bucket: Bucket, own: Collection[str]) -> bool:
    """Whether a URL's host has the bucket's name among its labels, or its path begins with it on a host that is not ours."""
    try:
        parts = urlsplit(url)
        host, authority, path = parts.hostname or "", parts.netloc.rpartition("@")[2].lower(), parts.path
    except ValueError:
        return False
    if authority in own:
        return False
    return f".{bucket.name}." in f".{host}." or path.split("/")[1:2] == [bucket.name]


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:
        return []  # no URL after all
