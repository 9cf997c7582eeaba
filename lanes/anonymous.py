"""Anonymous requests straight at a bucket, and what their answers mean.

Sources: Amazon S3 User Guide, "Methods for accessing a bucket" (virtual-hosted and path style); Amazon S3 API Reference, "Error
responses", "PutObject" (Content-MD5, If-None-Match), "ListObjectsV2", "ListObjectVersions", "ListMultipartUploads".
"""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, urlencode, urlsplit

from lanes.client import Answer, Request
from lanes.errors import StackError
from lanes.target import Bucket
from lanes.transport import Limits, NoAnswer, Transport

_LIMITS = Limits(connect=5, exchange=20)
# What is wrong with these bytes is looked at only once the writer is known to be allowed to write.
_WRONG_DIGEST = base64.b64encode(bytes(16)).decode()
_DENIED = {401, 403}
# What S3 calls it when somebody without credentials may not; the last one is what a bucket in China without a licence says.
_DENIALS = {"AccessDenied", "AllAccessDisabled", "UnauthorizedAccess"}
_ALLOWED_BUT_WRONG = {"BadDigest", "InvalidDigest", "PreconditionFailed", "ConditionalRequestConflict"}
_ERROR = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<Error\b[^>]*>.*?<Code>([A-Za-z]+)</Code>", re.DOTALL)
_LISTING = re.compile(rb"<(?:ListBucket|ListVersions|ListMultipartUploads)Result\b")


@dataclass(frozen=True, slots=True)
class Door:
    """One of the ways to a bucket: `form` is its name, and a key follows after `url`."""

    form: str
    url: str
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Guise:
    """What a stranger says of itself, because there are buckets that believe it; `words` is how a message puts it."""

    words: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of an anonymous request; `after` is what became of what it left, if it left anything."""

    what: str
    answer: Answer
    denied: bool
    after: str = ""

    def __str__(self) -> str:
        code = code_of(self.answer)
        told = f"an anonymous {self.what} is answered {self.answer.status}{f' {code}' if code else ''}"
        return f"{told} ({self.after})" if self.after else told


def doors(bucket: Bucket) -> list[Door]:
    """Path style and virtual-hosted style.

    With an endpoint of its own, the bucket's host is sent to that. The certificates of S3 do not cover the virtual host of a
    bucket with a dot in its name, so that there is no such way to it over HTTPS.
    """
    if bucket.endpoint:
        endpoint = bucket.endpoint.rstrip("/")
        host = {"Host": f"{bucket.name}.{urlsplit(endpoint).netloc}"}
        return [Door("path style", f"{endpoint}/{bucket.name}/", {}), Door("virtual-hosted style", f"{endpoint}/", host)]
    suffix = "amazonaws.com.cn" if bucket.region.startswith("cn-") else "amazonaws.com"
    host_of_all = f"s3.{bucket.region}.{suffix}"
    found = [Door("path style", f"https://{host_of_all}/{bucket.name}/", {})]
    if "." not in bucket.name:
        found.append(Door("virtual-hosted style", f"https://{bucket.name}.{host_of_all}/", {}))
    return found


def guises(base_url: str) -> list[Guise]:
    """Nobody in particular; a page of the application at this URL; the distribution, as CloudFront names itself to origins."""
    return [
        Guise(),
        Guise(" with the application as its Referer", {"Referer": f"{base_url.rstrip('/')}/"}),
        Guise(" in the name of CloudFront", {"User-Agent": "Amazon CloudFront"}),
    ]


def listings(bucket: Bucket, folder: str) -> dict[str, str]:
    """The ways to be told what a bucket holds, the query of each by what it is called; `folder` is one with a picture."""
    return {
        "listing": urlencode({"list-type": 2, "max-keys": 1}),
        "listing of all media": urlencode({"list-type": 2, "max-keys": 1, "prefix": f"{bucket.prefix}media/"}),
        "listing of a picture's folder": urlencode({"list-type": 2, "max-keys": 1, "prefix": folder}),
        "listing of all versions": "versions&max-keys=1",
        "listing of unfinished uploads": "uploads&max-uploads=1",
    }


class Anonymous:
    """Somebody without credentials at a bucket. Close it after use.

    `before` is called before each request. Every request raises StackError for an answer that says neither yes nor no: where
    the target file names the wrong bucket, region or prefix, where what answers is no S3, or the bucket's host is out of order.
    """

    def __init__(self, bucket: Bucket, source: str, before: Callable[[], object] = lambda: None) -> None:
        self.bucket = bucket
        self._source = source  # the target file, for messages
        self._before = before
        self._transport = Transport()

    def knock(self, door: Door, key: str) -> Attempt:
        """A GET of a key that is not there: only who may list the bucket is told so."""
        return self._attempt("GET of a key that is not there", door, "GET", quote(key), absent=True)

    def get(self, door: Door, key: str, guise: Guise = Guise()) -> Attempt:
        """A GET of a key that is there."""
        return self._attempt(f"GET of a known key{guise.words}", door, "GET", quote(key), guise.headers)

    def list(self, door: Door, query: str, what: str = "listing") -> Attempt:
        """One of the `listings` of the bucket."""
        return self._attempt(what, door, "GET", f"?{query}")

    def put(self, door: Door, key: str, what: str = "PUT") -> Attempt:
        """A PUT over a key that is there, which leaves what is there as it is.

        Whoever may write is told that the digest is wrong, or that there is such a key. A store that looks at neither would
        write: the key is to be one that is deleted afterwards, whatever lies there.
        """
        headers = {"Content-MD5": _WRONG_DIGEST, "If-None-Match": "*", "Content-Type": "application/octet-stream"}
        return self._attempt(what, door, "PUT", quote(key), headers, b"medialane")

    def put_new(self, door: Door, key: str) -> Attempt:
        """A PUT at a key that is not there. What a store writes although its digest is wrong is deleted again."""
        attempt = self.put(door, key, f"PUT of the new key {key}")
        if attempt.answer.status >= 300:
            return attempt
        try:
            gone = not self.delete(door, key).denied
        except StackError:
            gone = False
        return replace(attempt, after="it is deleted again" if gone else "it cannot be deleted like that: do it by hand")

    def delete(self, door: Door, key: str) -> Attempt:
        """A DELETE of a key that is there. Where it is not denied, the object is gone."""
        return self._attempt("DELETE of a known key", door, "DELETE", quote(key))

    def close(self) -> None:
        """Closes all connections."""
        self._transport.close()

    def _attempt(
        self,
        what: str,
        door: Door,
        method: str,
        rest: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        *,
        absent: bool = False,
    ) -> Attempt:
        self._before()
        request = Request(method, door.url + rest, None, {**door.headers, **(headers or {})}, elsewhere=True)
        began = time.perf_counter()
        try:
            received = self._transport.exchange(method, request.url, _LIMITS, headers=dict(request.headers), data=body)
        except NoAnswer as nothing:
            told = f"nobody answers for the bucket {self.bucket.name} at {urlsplit(door.url).netloc}: {nothing}"
            raise StackError(f"{self._source}: {self._where}: {told}") from nothing
        answer = Answer(request, received.status, received.headers, received.body, time.perf_counter() - began, ())
        open_to_all = absent and code_of(answer) == "NoSuchKey"
        return Attempt(f"{what} in {door.form}", answer, not open_to_all and self._is_denied(answer, what, door))

    @property
    def _where(self) -> str:
        """The setting that says where the bucket is."""
        return "bucket.endpoint" if self.bucket.endpoint else "bucket.region"

    def _is_denied(self, answer: Answer, what: str, door: Door) -> bool:
        code = code_of(answer)
        listing = answer.request.url.startswith(f"{door.url}?")
        if answer.status in _DENIED and code in _DENIALS:
            return True
        if listing and code == "NotImplemented":
            return True  # nobody is told anything
        if answer.status < 300 and (not listing or _LISTING.search(answer.body[:4096])):
            return False
        if code in _ALLOWED_BUT_WRONG or answer.status == 412:
            return False
        place = urlsplit(door.url).netloc
        seen = f"{place} answered {answer.status}{f' {code}' if code else ''} to an anonymous {what} in {door.form}"
        if answer.status < 300 or (answer.status in _DENIED and not code):
            told = f"what answers there is not S3; does {self._where} say where the bucket {self.bucket.name} is?"
            raise StackError(f"{self._source}: {self._where}: {seen}, and not in the words of S3: {told}")
        if 300 <= answer.status < 400:
            region = answer.headers.get("x-amz-bucket-region")
            told = f"the bucket is in {region}" if region else "the bucket is somewhere else"
            raise StackError(f"{self._source}: {self._where}: {seen}: {told}")
        if code == "NoSuchBucket":
            raise StackError(f"{self._source}: bucket.name: {seen}: there is no bucket {self.bucket.name}")
        if answer.status == 404:
            told = f"no object has the key {answer.request.url.removeprefix(door.url)!r}"
            rule = f"a key is the prefix, {self.bucket.prefix!r}, and the path of a render URL"
            raise StackError(f"{self._source}: bucket.prefix: {seen}: {told}; {rule}")
        raise StackError(f"the bucket {self.bucket.name}: {seen}, which says neither that it is allowed nor that it is denied")


def code_of(answer: Answer) -> str:
    """The code of an error document of S3, empty where the answer is none."""
    found = _ERROR.match(answer.body[:4096]) if answer.status >= 300 else None
    return found[1].decode() if found else ""
