"""What is overheard in a run: every answer is looked at for what none of them may say, whoever asked."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lanes import leaks
from lanes.bodies import RENDER_URLS, walk
from lanes.client import Answer
from lanes.contract import contract
from lanes.deployment import Deployment

NAME = "overheard"  # in what outlives a scenario
_MOST = 5  # findings of a kind that are kept, with their answers; the others are counted
_WORDS = frozenset({"name", "bio", "altText", "originalFileName"})  # fields in which people write what they like
_RECORDS = frozenset({"exportMediaRecords", "exportMediaObjects"})  # whose purpose is to tell the operator where pictures lie


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that an answer should not have said."""

    told: str
    answer: Answer


class Overheard:
    """Listens to the answers of a deployment. Keeps counts and a few findings of each kind, never the answers in order.

    `secrets` are values by name that no answer may hold. Thread-safe.
    """

    def __init__(self, deployment: Deployment, base_url: str, secrets: Mapping[str, str]) -> None:
        self.answers = 0
        self.render_urls = 0
        self._deployment = deployment
        self._own = {deployment.distribution.lower(), urlsplit(base_url).netloc.lower()}
        self._telling = self._is_telling(base_url)
        self._secrets = dict(secrets)
        self._findings: dict[str, list[Finding]] = defaultdict(list)
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()

    def tell(self, answer: Answer) -> None:
        """Takes note of an answer."""
        body = answer.json if _is_json(answer) else None
        urls = render_urls_in(body)
        found = [*self._about_urls(urls), *self._about_words(answer, body)]
        with self._lock:
            self.answers += 1
            self.render_urls += len(urls)
            for kind, told in found:
                self._counts[kind] += 1
                if len(self._findings[kind]) < _MOST:
                    self._findings[kind].append(Finding(f"{answer}: {told}", answer))

    def findings(self, kind: str) -> list[Finding]:
        """What was found of a kind, the first few: own-host, media-path, https, bucket-host, credential, signature."""
        return list(self._findings[kind])

    def count(self, kind: str) -> int:
        """How much was found of a kind."""
        return self._counts[kind]

    def _is_telling(self, base_url: str) -> bool:
        """Whether the bucket has a name that the application has no other use for."""
        paths = [urlsplit(base_url).path, *(operation.path for operation in contract().operations.values())]
        words = {word for path in paths for word in path.split("/")}
        bucket = self._deployment.bucket
        return bucket is not None and leaks.is_telling(bucket, self._own, words)

    def _about_urls(self, urls: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        for field, url in urls:
            for clause in wrong_in(url, self._deployment.distribution):
                yield clause, f"{field} is {url!r}"

    def _about_words(self, answer: Answer, body: Any) -> Iterator[tuple[str, str]]:
        head = "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        said = f"{head}\n{_text_of(answer, body)}"
        public = head if answer.operation in _RECORDS else said
        raw = answer.body.decode("latin-1")
        held = [name for name, value in self._secrets.items() if value in head or value.encode().decode("latin-1") in raw]
        held += [f"the field {name}" for name in leaks.credential_fields(body)]
        # As it is first seen is enough of it: nobody wants to read a credential in a report.
        held += [f"{each[:8]}…" for each in leaks.credentials_in(said)]
        if held:
            yield "credential", f"it holds {', '.join(held)}"
        if signed := leaks.signed_requests_in(public):
            yield "signature", f"it holds {len(signed)} signed requests, the first begins with {signed[0].partition('?')[0]}"
        hosts = leaks.bucket_hosts_in(public, self._deployment.bucket, self._own)
        if self._telling and self._deployment.bucket and leaks.names_bucket(public, self._deployment.bucket):
            # Who knows a bucket's name knows its host.
            hosts.append(f"the bucket {self._deployment.bucket.name}")
        if hosts:
            yield "bucket-host", f"it names {', '.join(hosts[:3])}"


def render_urls_in(body: Any) -> list[tuple[str, str]]:
    """Every render URL in a JSON body, with the name of its field."""
    return [(name, value) for name, value in walk(body) if name in RENDER_URLS and isinstance(value, str)]


def wrong_in(url: str, distribution: str) -> list[str]:
    """The clauses of DEP-2 that a render URL does not keep: own-host, media-path, https."""
    try:
        parts = urlsplit(url)
        scheme, authority, path = parts.scheme.lower(), parts.netloc.lower(), parts.path
    except ValueError:
        return ["own-host", "media-path", "https"]
    wrong = {
        "own-host": authority.removesuffix(":443") != distribution.lower().removesuffix(":443"),
        "media-path": not path.startswith("/media/"),
        "https": scheme != "https",
    }
    return [clause for clause, is_wrong in wrong.items() if is_wrong]


def _is_json(answer: Answer) -> bool:
    return answer.headers.get("Content-Type", "").partition(";")[0].strip().lower().endswith("json")


def _text_of(answer: Answer, body: Any) -> str:
    """The body of an answer as text, without pictures and without what people write into fields of their own."""
    if answer.headers.get("Content-Type", "").startswith("image/"):
        return ""
    if body is None:
        return answer.body.decode("utf-8", "replace")
    texts = ((name, str(value)) for name, value in walk(body) if name not in _WORDS)
    return "\n".join(text.partition(";base64,")[0] if text.startswith("data:") else text for _, text in texts)
