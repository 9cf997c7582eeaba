"""Provider URLs that rows from before locators hold, read back into locators.

Forms: virtual-hosted and path-style S3 URLs (Amazon S3 User Guide, "Methods for accessing a bucket"), URLs of blobs
(Azure Storage REST API, "Naming and referencing containers, blobs, and metadata") and of Azurite, and hosts that were
put before the S3 location, distributions among them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from reference_impl.runtime import connection_fields
from reference_impl.storage.locator import Locator

if TYPE_CHECKING:
    from urllib.parse import SplitResult

    from reference_impl.runtime import Runtime

# With and without region, dual-stack, FIPS or acceleration; a website endpoint serves pages, not objects.
S3_HOST = re.compile(
    r"(?:(?P<bucket>[a-z0-9][a-z0-9.-]+[a-z0-9])\.)?s3(?!-website)(?:-fips)?(?:[.-](?:dualstack\.)?[a-z0-9-]+)?\.amazonaws\.com(?:\.cn)?"
)
# The account that Azurite has unless it is told otherwise.
DEVELOPMENT_ACCOUNT = "devstoreaccount1"
AZURE_HOST = re.compile(r"(?P<account>[a-z0-9]{3,24})\.blob\.core\.windows\.net")


@dataclass(frozen=True)
class LegacyURLs:
    """What makes a URL one of ours: hosts before the S3 location, the S3 endpoint, the Azure account and endpoint."""

    s3_location: str
    s3_public_hosts: tuple[str, ...] = ()
    s3_endpoint: str | None = None
    azure_account: str | None = None
    azure_endpoint: str | None = None

    def locate(self, url: str) -> Locator | None:
        """The object that the URL names, or None where it is no URL of ours. A query, signed or not, says nothing."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").rstrip(".")
        except ValueError:
            return None
        if parts.scheme not in {"http", "https"} or "@" in parts.netloc:
            return None
        return self._s3(parts, host) or self._azure(parts, host)

    def _s3(self, parts: SplitResult, host: str) -> Locator | None:
        if host in self.s3_public_hosts:
            return named("s3", f"/{self.s3_location}{parts.path}")
        if match := S3_HOST.fullmatch(host):
            bucket = match["bucket"]
            return named("s3", f"/{bucket}{parts.path}" if bucket else parts.path)
        if self.s3_endpoint and parts.netloc == urlsplit(self.s3_endpoint).netloc:
            return named("s3", parts.path)
        return None

    def _azure(self, parts: SplitResult, host: str) -> Locator | None:
        # A container is only a name within an account: that of another account is none of ours.
        if self.azure_account is None:
            return None
        if match := AZURE_HOST.fullmatch(host):
            return named("azure", parts.path) if match["account"] == self.azure_account else None
        endpoint = urlsplit(self.azure_endpoint or "")
        prefix = endpoint.path.rstrip("/")
        if endpoint.netloc and parts.netloc == endpoint.netloc and parts.path.startswith(f"{prefix}/"):
            return named("azure", parts.path.removeprefix(prefix))
        return None


def named(provider: str, path: str) -> Locator | None:
    """The locator of /LOCATION/KEY, percent-encoded."""
    location, slash, key = unquote(path.removeprefix("/")).partition("/")
    if not location or not slash or not key or key.startswith("/") or "\0" in key:
        return None
    return Locator(provider, location, key)


def legacy_urls(runtime: Runtime) -> LegacyURLs:
    """The URLs that a process with this configuration recognises."""
    account, endpoint = azure_account(runtime.azure_connection_string or "")
    return LegacyURLs(
        s3_location=runtime.location,
        s3_public_hosts=runtime.s3_public_hosts,
        s3_endpoint=runtime.s3_endpoint,
        azure_account=account,
        azure_endpoint=endpoint,
    )


def azure_account(connection_string: str) -> tuple[str | None, str | None]:
    """The account that a connection string names, and its endpoint where it is not at home at core.windows.net."""
    given = connection_fields(connection_string) or {}
    if given.get("usedevelopmentstorage") == "true":
        return DEVELOPMENT_ACCOUNT, f"http://127.0.0.1:10000/{DEVELOPMENT_ACCOUNT}"
    account, endpoint, suffix = (given.get(name) for name in ("accountname", "blobendpoint", "endpointsuffix"))
    if endpoint is None and account and suffix:
        endpoint = f"{given.get('defaultendpointsprotocol', 'https')}://{account}.blob.{suffix}"
    if account is None and endpoint and (match := AZURE_HOST.fullmatch(urlsplit(endpoint).hostname or "")):
        # With a shared access signature the endpoint alone may name the account.
        account = match["account"]
    return account, endpoint
