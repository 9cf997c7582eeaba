"""What the steps about a deployment find, at small servers that do right and wrong."""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast
from urllib.parse import parse_qsl, urlsplit

import pytest
from PIL import Image
from requests.structures import CaseInsensitiveDict

from lanes import profile, target
from lanes.budget import Spending
from lanes.care import WritesNothing
from lanes.checks import Blocked, Ledger, Scribe
from lanes.client import Answer, Client
from lanes.contract import contract
from lanes.corpus import Corpus
from lanes.deployment import Deployment, Eyes
from lanes.errors import StackError
from lanes.overheard import NAME, Overheard
from lanes.plan import make_plan
from lanes.profile import Budget
from lanes.rules import catalogue
from lanes.stack.slot import Place, Stack
from lanes.steps import absent_hooks, distribution, eavesdropping, errors, exhibits, forgetting, privacy
from lanes.steps.distribution import unpacked
from lanes.steps.forgetting import Nowhere
from lanes.steps.world import Shown, Uploaded, World
from lanes.target import Bucket
from tests.harness import samples
from tests.harness.servers import Asked, Reply, Served, serving

RULES = ("DEP-1", "DEP-2", "DEP-3", "DEP-4", "DEP-8", "DEP-9")
CORPUS = Corpus()
EYES = Eyes(None, "any", "hunter2-hunter2")


@dataclass
class Found:
    """A world at a server, and what it has come to."""

    world: World
    ledger: Ledger
    served: Served
    shared: dict[str, Any] = field(default_factory=dict)

    def of(self, rule: str, clause: str) -> tuple[int, int]:
        """How often a clause held and did not."""
        return self.ledger.held(rule, clause), len(self.ledger.failures(rule, clause))


@contextlib.contextmanager
def at(reply: Callable[[Asked], Reply], bucket: Bucket | None = None, eyes: Eyes | None = None) -> Iterator[Found]:
    """A world whose target, distribution and bucket are one server."""
    rehearsal = replace(
        target.load("rehearsal"), capabilities=frozenset({"bucket", "storage", "operator", "records", "delivery"})
    )
    ledger = Ledger(make_plan(profile.load("deployed-dev"), rehearsal, catalogue()))
    with serving(reply) as served:
        host = served.base_url.partition("//")[2]
        known = Deployment(host, replace(bucket or Bucket("acme-media-dev"), endpoint=served.base_url), eyes)
        place = Place(served.base_url, {"operator": "o" * 20, "write": "w" * 20}, deployment=known)
        shared: dict[str, Any] = {NAME: Overheard(known, served.base_url, {})}
        stack = cast(Stack, SimpleNamespace(place=place, shared=shared))
        client = Client(served.base_url, place.credentials, contract(), shared[NAME].tell)
        world = World(client, CORPUS, stack, Scribe(ledger, "a scenario", RULES))
        try:
            yield Found(world, ledger, served, shared)
        finally:
            client.close()


def uploaded(base_url: str, name: str = "a", **more: Any) -> Uploaded:
    """An upload of which canonical and thumbnail are at addresses with this name."""
    src = f"{base_url}/media/{name}"
    item = {"ID": f"id-{name}", "src": f"{src}/c.jpg", "thumbnailSrc": f"{src}/t.jpg", "mimeType": "image/jpeg"}
    answer = samples.answer(201)
    return Uploaded(CORPUS.of("small")[0], replace(answer, body=json.dumps({"media": item | more}).encode()))


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "JPEG")
    return data.getvalue()


# --- DEP-1


DENIED = Reply(403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>")


def stored(name: str, artifact: str, **changed: Any) -> dict[str, Any]:
    """A line of the export of objects, of an upload of this name."""
    key = f"media/{name}/{artifact[0]}.jpg"
    line = {"storageProvider": "s3", "storageLocation": "acme-media-dev", "storageKey": key}
    return {**line, "mediaID": f"id-{name}", "artifactKind": artifact, **changed}


OBJECTS = [stored(name, artifact) for name in "abc" for artifact in ("canonical", "thumbnail")]


def exported(lines: list[dict[str, Any]]) -> Reply:
    return Reply(200, {"Content-Type": "application/x-ndjson"}, "".join(json.dumps(line) + "\n" for line in lines).encode())


def is_stranger(asked: Asked) -> bool:
    """Whether a request is one straight at the bucket."""
    return asked.path.startswith("/acme-media-dev/") or "acme-media-dev" in asked.headers["Host"]


def closed(asked: Asked) -> Reply:
    """Pictures and the export to whoever asks for them at the application, and nothing to strangers at the bucket."""
    if asked.path == "/ops/media-objects":
        return exported(OBJECTS)
    return DENIED if is_stranger(asked) else Reply(200, {"Content-Type": "image/jpeg"}, picture())


@pytest.mark.parametrize("open_to", [None, "GET", "PUT", "DELETE"])
def test_a_bucket_that_is_open_in_one_way_fails_that_clause_alone(open_to: str | None) -> None:
    def reply(asked: Asked) -> Reply:
        answer = closed(asked)
        return Reply(200, {}, b"<ListBucketResult/>") if answer.status == 403 and asked.method == open_to else answer

    with at(reply) as found:
        world = found.world
        world.uploads = [uploaded(found.served.base_url, name) for name in "ab"]
        privacy.check_list_denied(world, world.uploads[0])
        privacy.check_put_denied(world, world.uploads[0])
        privacy.check_get_denied(world, world.uploads[0])
        privacy.check_delete_denied(world, world.uploads[1])
        assert found.of("DEP-1", "list") == ((0, 10) if open_to == "GET" else (10, 0))
        assert found.of("DEP-1", "get") == ((0, 12) if open_to == "GET" else (12, 0))
        assert found.of("DEP-1", "put") == ((0, 6) if open_to == "PUT" else (6, 0))
        assert found.of("DEP-1", "delete") == ((2, 2) if open_to == "DELETE" else (4, 0))


def test_a_picture_that_is_gone_after_a_deletion_that_was_denied_fails_it() -> None:
    gone: list[str] = []

    def reply(asked: Asked) -> Reply:
        if asked.method == "DELETE":
            gone.append("/media/b/")
            return DENIED
        return Reply(404) if any(asked.path.startswith(each) for each in gone) else closed(asked)

    with at(reply) as found:
        found.world.uploads = [uploaded(found.served.base_url, name) for name in "ab"]
        privacy.check_delete_denied(found.world, found.world.uploads[1])
        assert found.of("DEP-1", "delete") == (2, 2)


def test_where_no_picture_renders_a_deletion_is_not_blamed() -> None:
    with at(lambda asked: closed(asked) if "objects" in asked.path else Reply(403)) as found:
        found.world.uploads = [uploaded(found.served.base_url, name) for name in "ab"]
        with pytest.raises(Blocked):
            privacy.check_delete_denied(found.world, found.world.uploads[1])
        assert found.of("DEP-1", "delete") == (0, 0)
        assert len(found.ledger.failures("DEL-2", "get")) == 1
        assert {asked.method for asked in found.served.asked} == {"GET"}


def test_keys_have_the_prefix_of_the_bucket_and_are_not_quoted() -> None:
    assert (
        privacy.key_of(Bucket("acme", prefix="site/"), "https://img.acme.example/media/a%20b/c.jpg") == "site/media/a b/c.jpg"
    )


@pytest.mark.parametrize(
    ("status", "unverified"),
    [(200, False), (403, True)],
)
def test_an_operator_who_sees_the_key_proves_it_and_one_who_may_not_does_not(status: int, unverified: bool) -> None:
    def reply(asked: Asked) -> Reply:
        headers = {"ETag": '"1"', "Last-Modified": "Fri, 27 Nov 2026 10:00:00 GMT", "Content-Length": "0"}
        return Reply(status, headers) if asked.method == "HEAD" else closed(asked)

    with at(reply, eyes=EYES) as found:
        privacy.check_get_denied(found.world, uploaded(found.served.base_url))
        assert found.of("DEP-1", "get") == (12, 0)
        assert (("DEP-1", "get") in found.ledger.unverified) is unverified


def test_a_key_that_the_operator_does_not_find_is_ours() -> None:
    def reply(asked: Asked) -> Reply:
        there = asked.path.rstrip("/").endswith("acme-media-dev")  # the bucket itself
        return Reply(200 if there else 404) if asked.method == "HEAD" else closed(asked)

    told = r"rehearsal: bucket: acme-media-dev has no object 'media/a/c\.jpg'"
    with at(reply, eyes=EYES) as found, pytest.raises(StackError, match=told):
        privacy.check_get_denied(found.world, uploaded(found.served.base_url))


TRIED = {
    "get": privacy.check_get_denied,
    "put": privacy.check_put_denied,
    "delete": privacy.check_delete_denied,
}
SHARED = stored("a", "canonical", mediaID="somebody-else")


@pytest.mark.parametrize("clause", TRIED)
@pytest.mark.parametrize(
    ("lines", "shows", "why"),
    [
        ([*OBJECTS, SHARED], "a", "names 'media/a/c.jpg' in 2 lines: it is not the object of id-a alone"),
        (OBJECTS, "b", "stored at 'media/a/c.jpg', but its render URL shows 'media/b/c.jpg'"),
        (OBJECTS[2:], "a", "has 0 lines for the canonical of id-a, should be 1"),
        ([*OBJECTS, OBJECTS[1]], "a", "has 2 lines for the thumbnail of id-a, should be 1"),
        ([stored("a", "canonical", storageProvider="azure"), *OBJECTS[1:]], "a", "is stored at 'azure', should be 's3'"),
        (None, "a", "exportMediaObjects cannot be read"),
    ],
)
def test_what_may_be_somebody_elses_is_left_alone(
    clause: str, lines: list[dict[str, Any]] | None, shows: str, why: str
) -> None:
    def reply(asked: Asked) -> Reply:
        if asked.path == "/ops/media-objects":
            return Reply(500) if lines is None else exported(lines)
        return closed(asked)

    with at(reply) as found:
        # The target answers the upload with these addresses, whosever they are.
        upload = uploaded(found.served.base_url, shows, ID="id-a")
        found.world.uploads = [upload, upload]
        TRIED[clause](found.world, upload)
        assert why in found.ledger.unverified["DEP-1", clause]
        assert found.of("DEP-1", clause) == (0, 0)
        assert not any(is_stranger(asked) for asked in found.served.asked)


@pytest.mark.parametrize("clause", TRIED)
@pytest.mark.parametrize(
    ("bucket", "told"),
    [
        (
            Bucket("acme-media-dev", prefix="site/"),
            r"rehearsal: bucket\.prefix is 'site/', but .* is stored at 'media/a/c\.jpg', which makes it ''",
        ),
        (Bucket("acme-media"), r"rehearsal: bucket\.name is 'acme-media', but .* is stored in 'acme-media-dev'"),
    ],
)
def test_a_bucket_or_prefix_that_is_not_the_targets_is_ours(clause: str, bucket: Bucket, told: str) -> None:
    with at(closed, bucket) as found:
        upload = uploaded(found.served.base_url)
        found.world.uploads = [upload, upload]
        with pytest.raises(StackError, match=told):
            TRIED[clause](found.world, upload)
        assert {asked.path for asked in found.served.asked} == {"/ops/media-objects"}


def test_the_export_is_read_once_in_a_scenario_and_requests_at_the_bucket_count() -> None:
    with at(closed) as found:
        spending = Spending(Budget(uploads=1, megabytes=1, requests_per_minute=1000))
        found.world.client.care.spending = spending
        found.world.uploads = [uploaded(found.served.base_url, name) for name in "ab"]
        for check in TRIED.values():
            check(found.world, found.world.uploads[1])
        assert [asked.path for asked in found.served.asked].count("/ops/media-objects") == 1
        assert spending.requests == len(found.served.asked)


@pytest.mark.parametrize(("clause", "method"), [("put", "PUT"), ("delete", "DELETE")])
def test_who_reads_only_tries_no_write_at_the_bucket(clause: str, method: str) -> None:
    with at(closed) as found:
        found.world.client.care.read_only = True
        found.world.uploads = [uploaded(found.served.base_url, name) for name in "ab"]
        with pytest.raises(WritesNothing, match=method):
            TRIED[clause](found.world, found.world.uploads[1])
        assert {asked.method for asked in found.served.asked} == {"GET"}


# --- DEP-9


@pytest.mark.parametrize("on", [True, False])
def test_the_settings_of_a_bucket_hold_or_not(on: bool) -> None:
    names = ("BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets")
    settings = "".join(f"<{name}>{str(on or name != names[2]).lower()}</{name}>" for name in names)

    def reply(asked: Asked) -> Reply:
        if "publicAccessBlock" in asked.path:
            body = f"<PublicAccessBlockConfiguration>{settings}</PublicAccessBlockConfiguration>"
        else:
            body = f"<PolicyStatus><IsPublic>{str(not on).lower()}</IsPublic></PolicyStatus>"
        return Reply(200, {"Content-Type": "application/xml"}, body.encode())

    with at(reply, eyes=EYES) as found:
        eyes = privacy.eyes_of(found.world)
        privacy.check_access_block(found.world, eyes)
        privacy.check_policy(found.world, eyes)
        expected = (1, 0) if on else (0, 1)
        assert (found.of("DEP-9", "access-block"), found.of("DEP-9", "policy")) == (expected, expected)
        assert on or "BlockPublicPolicy" in found.ledger.failed[0].detail


def test_what_the_store_does_not_implement_is_not_verified_by_name() -> None:
    def reply(asked: Asked) -> Reply:
        code, status = ("NotImplemented", 501) if "publicAccessBlock" in asked.path else ("NoSuchBucketPolicy", 404)
        return Reply(status, {"Content-Type": "application/xml"}, f"<Error><Code>{code}</Code></Error>".encode())

    with at(reply, eyes=EYES) as found:
        eyes = privacy.eyes_of(found.world)
        privacy.check_access_block(found.world, eyes)
        privacy.check_policy(found.world, eyes)
        assert found.of("DEP-9", "policy") == (1, 0)
        told = "the store does not implement GetPublicAccessBlock (it answers NotImplemented)"
        assert found.ledger.unverified == {("DEP-9", "access-block"): told}


# --- DEP-3


def shown(found: Found, **headers: str) -> Shown:
    """A canonical that was served with these headers."""
    upload = uploaded(found.served.base_url)
    answer = found.world.client.fetch(str(upload.item["src"]))
    return Shown("canonical", upload, replace(answer, headers=CaseInsensitiveDict({**answer.headers, **headers})))


@pytest.mark.parametrize(
    ("marks", "held"), [(["MISS", "HIT"], True), (["MISS", "MISS", "MISS", "HIT"], True), (["MISS"] * 9, False)]
)
def test_a_distribution_answers_one_of_the_next_requests_from_its_cache_or_does_not(marks: list[str], held: bool) -> None:
    left = iter(marks)
    with at(lambda _: Reply(200, {"X-Cache-Status": next(left)}, b"x")) as found:
        distribution.check_cached(found.world, shown(found))
        assert found.of("DEP-3", "cached") == ((1, 0) if held else (0, 1))


@pytest.mark.parametrize(
    ("late", "held"), [({"Age": "2"}, True), ({"Age": "0"}, False), ({"Age": "2", "X-Cache": "MISS"}, False)]
)
def test_an_age_of_0_has_to_grow(monkeypatch: pytest.MonkeyPatch, late: dict[str, str], held: bool) -> None:
    monkeypatch.setattr(distribution, "_GROWTH", 0)
    with at(lambda _: Reply(200, {"Age": "0"} if len(found.served.asked) <= 4 else late, b"x")) as found:
        distribution.check_cached(found.world, shown(found))
        assert found.of("DEP-3", "cached") == ((1, 0) if held else (0, 1))
        assert found.shared["ages grow"] is (late["Age"] != "0")


def test_an_age_of_0_is_given_time_to_grow() -> None:
    began = time.monotonic()
    with at(lambda _: Reply(200, {"Age": str(int(time.monotonic() - began))}, b"x")) as found:
        distribution.check_cached(found.world, shown(found))
        assert found.of("DEP-3", "cached") == (1, 0)


def test_a_distribution_that_shows_no_sign_of_a_cache_has_none() -> None:
    with at(lambda _: Reply(200, {}, b"x")) as found:
        distribution.check_cached(found.world, shown(found))
        assert "no Cache-Status, Age or X-Cache" in found.ledger.failures("DEP-3", "cached")[0].detail


@pytest.mark.parametrize(
    ("etag", "changed", "failed"),
    [
        ('"1"', "Fri, 27 Nov 2026 10:00:00 GMT", 0),
        ('W/"1"', "Fri, 27 Nov 2026 10:00:00 GMT", 1),
        ('"2"', "Fri, 27 Nov 2026 10:00:01 GMT", 2),
        ('"1"', "yesterday", 1),
        (None, None, 2),
    ],
)
def test_validators_are_those_of_the_object_or_are_not(etag: str | None, changed: str | None, failed: int) -> None:
    kept = {"ETag": '"1"', "Last-Modified": "Fri, 27 Nov 2026 10:00:00 GMT"}
    served = {name: value for name, value in (("ETag", etag), ("Last-Modified", changed)) if value}
    with at(
        lambda asked: Reply(200, kept if "Authorization" in asked.headers else served),
        eyes=EYES,
    ) as found:
        distribution.check_validators(found.world, shown(found))
        assert found.of("DEP-3", "validators") == (2 - failed, failed)


@pytest.mark.parametrize("kind", ["image/jpeg", "image/jpeg; charset=utf-8", "application/octet-stream"])
def test_the_type_is_that_of_the_item_or_is_not(kind: str) -> None:
    with at(lambda _: Reply(200, {"Content-Type": kind})) as found:
        distribution.check_type(found.world, shown(found))
        assert found.of("DEP-3", "type") == ((1, 0) if kind == "image/jpeg" else (0, 1))


@pytest.mark.parametrize(
    ("first", "again", "late", "outcome"),
    [
        (404, {}, {"X-Cache-Status": "MISS"}, (1, 0)),
        (404, {}, {"X-Cache-Status": "HIT"}, (0, 1)),
        (404, {}, {"Age": "100"}, (0, 1)),
        (404, {}, {"Cache-Control": "no-store"}, (1, 0)),
        (404, {}, {"Cache-Control": "max-age=86400"}, (0, 1)),
        (404, {"X-Cache-Status": "HIT"}, {"Cache-Control": "max-age=86400"}, (1, 0)),  # it would say so now too
        (404, {"X-Cache-Status": "MISS"}, {"Cache-Control": "max-age=86400"}, (0, 1)),
        (404, {"X-Cache": "Error from cloudfront", "Age": "0"}, {"X-Cache": "Error from cloudfront"}, (1, 0)),
        (404, {"X-Cache": "Error from cloudfront", "Age": "0"}, {"X-Cache": "Error from cloudfront", "Age": "62"}, (0, 1)),
        (404, {}, {}, "cannot"),
        (403, {}, {}, "cannot"),
    ],
)
def test_a_404_is_forgotten_or_is_not(first: int, again: dict[str, str], late: dict[str, str], outcome: Any) -> None:
    hit = Reply(200, {"X-Cache-Status": "HIT"})  # which tells nothing of what is missing
    answers = iter([hit, hit, Reply(first), Reply(404, again), Reply(404, late)])
    with at(lambda _: next(answers)) as found:
        distribution.check_cached(found.world, shown(found))
        found.world.uploads = [uploaded(found.served.base_url)]
        forgetting.ask_nowhere(found.world)
        shared = found.shared
        for key, value in list(shared.items()):
            if isinstance(value, Nowhere):
                shared[key] = replace(value, asked=time.monotonic() - 100)
        forgetting.wait_for_the_minute(found.world)
        forgetting.check_forgotten(found.world)
        if outcome == "cannot":
            assert ("DEP-3", "brief-404") in found.ledger.unverified
        else:
            assert found.of("DEP-3", "brief-404") == outcome
        assert len({asked.path for asked in found.served.asked[2:]}) == 1


def test_a_slot_in_which_nobody_asked_has_nothing_to_wait_for() -> None:
    with at(lambda _: Reply(404)) as found:
        began = time.monotonic()
        forgetting.wait_for_the_minute(found.world)
        forgetting.check_forgotten(found.world)
        assert time.monotonic() - began < 1
        assert found.served.asked == []


def compressing(asked: Asked) -> Reply:
    """The first picture of the corpus, compressed for whoever takes that."""
    body = CORPUS.upload(CORPUS.of("small")[0]).data
    if "gzip" in asked.headers.get("Accept-Encoding", ""):
        return Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(body))
    return Reply(200, {}, body)


def other_bytes(asked: Asked) -> Reply:
    """Another representation for whoever takes compressed answers, as an edge makes that "optimises" pictures."""
    whole = "gzip" not in asked.headers.get("Accept-Encoding", "")
    return Reply(200, {}, CORPUS.upload(CORPUS.of("small")[0]).data if whole else picture())


def broken(asked: Asked) -> Reply:
    """Says that it is compressed, and is not."""
    said = compressing(asked)
    return replace(said, body=said.body[:-9]) if said.headers else said


@pytest.mark.parametrize(
    ("reply", "size", "failed"),
    [
        (compressing, 0, None),
        (compressing, 1, "byteSize is"),
        (other_bytes, 0, "not the same bytes"),
        (broken, 0, "its gzip is broken"),
        (lambda _: Reply(200, {}, CORPUS.upload(CORPUS.of("small")[1]).data), None, "similarity to the upload"),
    ],
)
def test_the_bytes_are_those_of_the_picture_or_are_not(
    reply: Callable[[Asked], Reply], size: int | None, failed: str | None
) -> None:
    with at(reply) as found:
        served = shown(found)
        byte_size = len(served.answer.body) + (size or 0)
        upload = uploaded(found.served.base_url, byteSize=byte_size)
        distribution.check_bytes(found.world, replace(served, upload=upload))
        details = [check.detail for check in found.ledger.failures("DEP-3", "bytes")]
        assert (len(details), found.ledger.held("DEP-3", "bytes")) == ((1, 2) if failed else (0, 3))
        assert not failed or failed in details[0]


class Cache:
    """One that keeps the first answer for every path, as badly as `spoilt` says."""

    def __init__(self, spoilt: str) -> None:
        self.kept: dict[str, Reply] = {}
        self._spoilt = spoilt
        self._body = CORPUS.upload(CORPUS.of("small")[0]).data

    def __call__(self, asked: Asked) -> Reply:
        return self.kept.setdefault(asked.path, self._fetched(asked))

    def _fetched(self, asked: Asked) -> Reply:
        if self._spoilt == "packed" and "gzip" in asked.headers["Accept-Encoding"]:
            return Reply(200, {"Content-Encoding": "gzip"}, gzip.compress(self._body))
        if self._spoilt == "part" and "Range" in asked.headers:
            return Reply(206, {"Content-Range": f"bytes 0-99/{len(self._body)}"}, self._body[:100])
        if self._spoilt == "cut" and "Range" in asked.headers:
            return Reply(200, {}, self._body[:100])
        if self._spoilt == "head" and asked.method == "HEAD":
            return Reply(200)
        if self._spoilt == "hanging" and asked.method == "HEAD":
            return Reply(200, {"Content-Length": str(len(self._body)), "Connection": "close"})
        if self._spoilt == "unchanged" and "If-None-Match" in asked.headers:
            return Reply(304, {"ETag": '"1"'})
        return Reply(200, {}, self._body)


@pytest.mark.parametrize(
    ("spoilt", "first"),
    [
        ("nothing", None),
        ("packed", "the packed form"),
        ("part", "a part"),
        ("cut", "a part"),
        ("head", "headers alone"),
        ("hanging", "headers alone"),
        ("unchanged", "news of it"),
    ],
)
def test_who_comes_first_spoils_what_is_kept_for_the_next_or_does_not(spoilt: str, first: str | None) -> None:
    with at(Cache(spoilt)) as found:
        size = len(CORPUS.upload(CORPUS.of("small")[0]).data)
        found.world.uploads = [uploaded(found.served.base_url, name, byteSize=size) for name in "ab"]
        firsts = distribution.look_first(found.world)
        assert len({asked.path for asked in found.served.asked}) == len(firsts) == 4
        for each in firsts:
            with contextlib.suppress(Blocked):
                distribution.check_unspoilt(found.world, each)
        failed = found.ledger.failures("DEP-3", "bytes")
        assert {each.what for each in firsts if any(each.answer in check.seen for check in failed)} == ({first} - {None})
        assert all(f"asked for {first}" in check.detail for check in failed)
        assert found.ledger.held("DEP-3", "bytes") >= 6


def encoded(body: bytes, encoding: str | None) -> Answer:
    return samples.answer(200, body, headers={"Content-Encoding": encoding} if encoding else {})


def test_what_was_compressed_is_the_same_afterwards() -> None:
    assert unpacked(encoded(b"picture", None)) == b"picture"
    assert unpacked(encoded(b"picture", "identity")) == b"picture"
    assert unpacked(encoded(gzip.compress(b"picture"), "GZIP")) == b"picture"


@pytest.mark.parametrize(("body", "encoding"), [(b"picture", "gzip"), (gzip.compress(b"picture")[:-9], "gzip"), (b"x", "zstd")])
def test_what_is_not_compressed_as_it_says_is_told(body: bytes, encoding: str) -> None:
    with pytest.raises(ValueError, match=encoding):
        unpacked(encoded(body, encoding))


# --- DEP-2 and DEP-4


def test_addresses_are_held_against_the_distribution_one_by_one() -> None:
    with at(lambda _: Reply(200)) as found:
        own = found.served.base_url.replace("http:", "https:")
        media = [{"src": f"{own}/media/a", "thumbnailSrc": f"{own}/pictures/a"}, {"src": "https://cdn.other.example/media/a"}]
        answer = samples.answer(200, json.dumps({"media": media}).encode())
        distribution.check_addresses(found.world, "listArtistMedia", answer)
        assert [found.of("DEP-2", clause) for clause in ("own-host", "media-path", "https")] == [(2, 1), (2, 1), (3, 0)]
        assert found.ledger.failures("DEP-2", "own-host")[0].detail.startswith(
            "listArtistMedia: src is 'https://cdn.other.example"
        )


@pytest.mark.parametrize(
    ("place", "outcome"),
    [
        ("https://acme-media-dev.s3.amazonaws.com/x", (0, 1)),
        ("https://storage.example/acme-media-dev/x", (0, 1)),
        ("https://img.acme.example/media/x", (1, 0)),
    ],
)
def test_what_was_overheard_becomes_checks(place: str, outcome: tuple[int, int]) -> None:
    with at(lambda _: Reply(302, {"Location": place})) as found:
        found.world.client.fetch(f"{found.served.base_url}/media/a/b.jpg")
        heard = found.shared[NAME]
        eavesdropping.check_overheard(found.world, "DEP-2", "no-bucket-host", "bucket-host", heard.answers)
        eavesdropping.check_overheard(found.world, "DEP-4", "response-credential", "credential", heard.answers)
        assert found.of("DEP-2", "no-bucket-host") == outcome
        assert found.of("DEP-4", "response-credential") == (1, 0)


def test_nothing_overheard_is_nothing_judged() -> None:
    with at(lambda _: Reply(200)) as found:
        eavesdropping.check_overheard(found.world, "DEP-2", "no-bucket-host", "bucket-host", found.shared[NAME].answers)
        assert found.of("DEP-2", "no-bucket-host") == (0, 0)
        eavesdropping.ask_a_little(found.world)
        assert found.shared[NAME].answers == 7


# --- DEP-8


@pytest.mark.parametrize(
    ("status", "code", "held"),
    [
        (404, "not_found", True),
        (404, "artist_unknown", False),
        (401, "credential_missing", False),
        (422, "x", False),
        (204, "", False),
    ],
)
def test_hooks_are_absent_or_are_not(status: int, code: str, held: bool) -> None:
    body = f'{{"code": "{code}"}}'.encode() if code else b""
    with at(lambda _: Reply(status, {"Content-Type": "application/problem+json"}, body)) as found:
        for method, path in absent_hooks.hooks():
            absent_hooks.check_absent(found.world, "operator-404", absent_hooks.ask_as_operator(found.world, method, path))
        assert found.of("DEP-8", "operator-404") == ((6, 0) if held else (0, 6))
        # Nothing that would arm a failure or make a row, if there were somebody to do it.
        assert {asked.body for asked in found.served.asked if asked.method in {"POST", "PUT"}} == {b"{}"}
        assert {asked.headers["Authorization"] for asked in found.served.asked} == {f"Bearer {'o' * 20}"}
        assert "/states/media-rows" in {asked.path for asked in found.served.asked}


# --- CON-3


def test_of_a_deployment_nothing_is_asked_that_what_stands_before_it_may_answer_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(errors, "places", lambda _: ())
    monkeypatch.setattr(World, "policy", lambda _: {"maxRequestBytes": 20_000_000, "altTextMaxCodePoints": 500})
    with at(lambda _: Reply(404)) as found:
        world = found.world
        world.artist = "a"
        world.uploads = [uploaded(found.served.base_url, name, ID=name) for name in "ab"]
        errors.make_mistakes(world)
        errors.make_strange_ones(world)
        assert not [asked.path for asked in found.served.asked if re.search("%(25)*00", asked.path)]
        assert sum(len(asked.body) for asked in found.served.asked) < 20_000_000
        assert any(b"\\u0000" in asked.body for asked in found.served.asked)  # in JSON it is the target's own affair


# --- pictures that are there


@pytest.mark.parametrize("before", [0, 100, 120, 121])
def test_artists_are_looked_through_for_pictures_up_to_a_limit(monkeypatch: pytest.MonkeyPatch, before: int) -> None:
    if before > 100:  # to be quicker
        monkeypatch.setattr(exhibits, "_ARTISTS", 121)

    def reply(asked: Asked) -> Reply:
        where = urlsplit(asked.path)
        if where.path == "/artists":
            start = int(dict(parse_qsl(where.query)).get("cursor", 0))
            cards = [{"ID": f"a{number}"} for number in range(start, start + 100)]
            said: Any = {"artists": cards, "nextCursor": str(start + 100)}
        else:
            url = f"http://{asked.headers['Host']}/media/a/c.jpg"
            item = {"ID": "i", "src": url, "thumbnailSrc": url, "mimeType": "image/jpeg"}
            said = {"media": [item] if int(where.path.split("/")[2][1:]) >= before else []}
        return Reply(200, {"Content-Type": "application/json"}, json.dumps(said).encode())

    with at(reply) as found:
        # What is answered here says too little for the contract.
        monkeypatch.setattr(found.world.client, "held_to_contract", lambda answer, _: answer)
        if before > 120:
            with pytest.raises(Blocked, match="none of the first 121 artists has a picture"):
                exhibits.found(found.world)
        else:
            assert exhibits.found(found.world).artist == f"a{before}"
        assert len(found.served.asked) == min(before + 1, 121) + (2 if before >= 100 else 1)
