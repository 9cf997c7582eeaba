"""Steps about what stands between a deployed target and those who look at its pictures."""

from __future__ import annotations

import gzip
import time
import zlib
from dataclasses import dataclass
from email.utils import parsedate_to_datetime

from pytest_bdd import then, when

from lanes.client import Answer, HostNotAllowed
from lanes.edge_caches import age_of, sign_of
from lanes.errors import TargetSilent
from lanes.oracle import pictures
from lanes.overheard import render_urls_in, wrong_in
from lanes.steps.exhibits import Found
from lanes.steps.forgetting import AGES
from lanes.steps.ingest import decoded
from lanes.steps.privacy import bucket_of, deployment_of, eyes_of, key_of, telling
from lanes.steps.reads import public_reads
from lanes.steps.world import Shown, Uploaded, World

_AGAIN = 3  # requests, for caches of several machines come to know a picture one by one
_GROWTH = 2.1  # seconds, in which an Age of 0 becomes one that is more
_ARTIFACTS = (("canonical", "src"), ("thumbnail", "thumbnailSrc"))
# What somebody may ask for who is the first to ask, and who must not decide what the next one gets.
_FIRST: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("a part", "GET", {"Range": "bytes=0-99"}),
    ("the packed form", "GET", {"Accept-Encoding": "gzip"}),
    ("headers alone", "HEAD", {}),
    ("news of it", "GET", {"If-None-Match": "*"}),
)


@dataclass(frozen=True, slots=True)
class First:
    """What the first one to look at a picture asked for, as which artifact of which upload, and what they got."""

    what: str
    artifact: str
    upload: Uploaded
    answer: Answer

    def __str__(self) -> str:
        return f"{self.artifact} of {self.upload.row.id}, after somebody was the first to ask for it and asked for {self.what}"


@dataclass(frozen=True, slots=True)
class Next(Shown):
    """What the next one to look at it got, who asked for all of it."""

    first: First

    @property
    def seen(self) -> tuple[Answer, Answer]:
        """What the first one got and what the next one did: both are needed to see it again."""
        return self.first.answer, self.answer

    def __str__(self) -> str:
        return str(self.first)


@when("somebody looks at all that is shown of the artist")
def _(world: World) -> None:
    world.notes["answers"] = public_reads(world)


@then("every address of a picture is the application's own and safe from eavesdroppers")
def _(world: World) -> None:
    for name, answer in world.notes["answers"].items():
        check_addresses(world, name, answer)
    check_answered(world)


@then("each picture comes whole, also to those who would take it packed")
def _(world: World) -> None:
    world.notes["shown"] = world.shown()
    for shown in world.notes["shown"]:
        check_bytes(world, shown)


@then("each picture is described as it is kept")
def _(world: World) -> None:
    for shown in world.notes["shown"]:
        check_type(world, shown)
        check_validators(world, shown)


@then("whoever asks again is answered by the distribution itself")
def _(world: World) -> None:
    for shown in world.notes["shown"]:
        check_cached(world, shown)


@when("the first to look at each picture takes a part of it, or takes it packed, or asks about it alone")
def _(world: World) -> None:
    world.notes["first"] = look_first(world)


@then("whoever looks next gets each picture whole and as it is kept")
def _(world: World) -> None:
    for first in world.notes["first"]:
        check_unspoilt(world, first)


def check_addresses(world: World, name: str, answer: Answer) -> None:
    """Every render URL in an answer has the distribution's host, a path under /media/ and the scheme https."""
    distribution = deployment_of(world).distribution
    for field, url in render_urls_in(answer.json):
        wrong = wrong_in(url, distribution)
        told = f"{name}: {field} is {url!r}; the distribution is {distribution}"
        for clause in ("own-host", "media-path", "https"):
            world.check("DEP-2", clause, clause not in wrong, told, answer)


def check_answered(world: World) -> None:
    """What the scenario's artist has for render URLs answers, over HTTPS; a listing shows pictures of others too."""
    answers = {name: answer for name, answer in world.notes["answers"].items() if name != "listArtists"}
    found = {url: answer for answer in answers.values() for _, url in render_urls_in(answer.json)}
    for url, seen in found.items():
        if {"own-host", "https"} & set(wrong_in(url, deployment_of(world).distribution)):
            continue  # said already
        try:
            answer = world.client.fetch(url)
        except HostNotAllowed as error:
            world.check("DEP-2", "own-host", False, str(error), seen)
        else:
            world.check("DEP-2", "https", answer.status == 200, f"{url}: {answer}, should be 200", seen, answer)


def check_bytes(world: World, shown: Shown) -> None:
    """The bytes are those of the picture, and the same to a client that takes them compressed."""
    answer = shown.answer
    check_whole(world, shown)
    packed = world.client.fetch(answer.request.url, "GET", {"Accept-Encoding": "gzip, br"})
    try:
        same = packed.status == 200 and unpacked(packed) == answer.body
    except ImportError:
        world.check.cannot("DEP-3", "bytes", "it is sent with Content-Encoding br, and the package brotli is not installed")
    except ValueError as error:
        world.check("DEP-3", "bytes", False, f"{shown}, compressed: {error}", packed)
    else:
        told = f"{shown}, to a client that takes gzip and br: {packed}, not the same bytes"
        world.check("DEP-3", "bytes", same, told, packed)


def check_whole(world: World, shown: Shown) -> None:
    """As many bytes as byteSize says, which are the picture. Raises Blocked where they are none."""
    answer, item = shown.answer, shown.upload.item
    if shown.artifact == "canonical":  # nothing tells the size of a thumbnail
        told = f"{shown}: {len(answer.body)} bytes, byteSize is {item['byteSize']}"
        world.check("DEP-3", "bytes", len(answer.body) == item["byteSize"], told, *shown.seen)
    picture = decoded(world, "DEP-3", "bytes", shown)
    if not isinstance(shown.upload, Found):
        index = pictures.similarity(picture, world.corpus.upright(shown.upload.row))
        told = f"{shown}: similarity to the upload is {index:.2f}, should be {pictures.LOOKS_ALIKE} or more"
        world.check("DEP-3", "bytes", index >= pictures.LOOKS_ALIKE, told, *shown.seen)


def look_first(world: World) -> list[First]:
    """Asks for each artifact of the scenario's pictures in another way, in which what is answered may not be the whole.

    Raises Blocked, blaming SCO-5, for a render URL that leads somewhere else.
    """
    there = [(upload, artifact, key) for upload in world.uploads for artifact, key in _ARTIFACTS]
    found = []
    for (upload, artifact, key), (what, method, headers) in zip(there, _FIRST, strict=False):
        try:
            answer = world.client.fetch(str(upload.item[key]), method, headers)
        except HostNotAllowed as error:
            world.check.block("SCO-5", "absolute", str(error))
        found.append(First(what, artifact, upload, answer))
    return found


def check_unspoilt(world: World, first: First) -> None:
    """Whoever asks for the whole afterwards gets it, as it would have been without the one before."""
    try:
        answer = world.client.fetch(first.answer.request.url)
    except TargetSilent as silent:  # it promises more bytes than it sends
        world.check("DEP-3", "bytes", False, f"{first}: {silent}", first.answer)
        return
    encoding = answer.headers.get("Content-Encoding", "identity")
    plain = answer.status == 200 and encoding == "identity"
    told = f"{first}: {answer} with Content-Encoding {encoding}, should be 200 with the whole as it is kept"
    if world.check("DEP-3", "bytes", plain, told, first.answer, answer):
        check_whole(world, Next(first.artifact, first.upload, answer, first))


def check_type(world: World, shown: Shown) -> None:
    """Content-Type is the item's mimeType."""
    found, wanted = shown.answer.headers.get("Content-Type"), shown.upload.item["mimeType"]
    world.check("DEP-3", "type", found == wanted, f"{shown}: Content-Type {found}, the item says {wanted}", *shown.seen)


def check_validators(world: World, shown: Shown) -> None:
    """ETag and Last-Modified are those that the store has for the object."""
    if not world.check.due("DEP-3", "validators"):
        return
    key = key_of(bucket_of(world), shown.answer.request.url)
    with telling(world, "DEP-3", "validators"):
        head = eyes_of(world).head(key)
        if head is None:
            world.check("DEP-3", "validators", False, f"{shown}: the bucket has no object {key}", *shown.seen)
            return
        etag, changed = shown.answer.headers.get("ETag"), shown.answer.headers.get("Last-Modified")
        told = f"{shown}: ETag {etag}, that of the object is {head.etag}"
        world.check("DEP-3", "validators", etag == head.etag, told, *shown.seen)
        told = f"{shown}: Last-Modified {changed}, that of the object is {head.last_modified:%a, %d %b %Y %H:%M:%S} GMT"
        world.check("DEP-3", "validators", _same_second(changed, head.last_modified.timestamp()), told, *shown.seen)


def check_cached(world: World, shown: Shown) -> None:
    """One of the next few requests for the same is answered from a cache."""
    answers = ask_until_cached(world, shown)
    if sign_of(answers[-1]).cached is None and age_of(answers[-1]) == 0:
        time.sleep(_GROWTH)
        answers += ask_until_cached(world, shown)
    sign = sign_of(answers[-1])
    world.stack.shared[AGES] = world.stack.shared.get(AGES, False) or any(age_of(answer) for answer in answers)
    told = f"{shown}: {len(answers)} more requests, none answered from a cache: {sign.evidence}"
    world.check("DEP-3", "cached", bool(sign.cached), told, *answers)


def ask_until_cached(world: World, shown: Shown) -> list[Answer]:
    """A few answers to the same request, the last one from a cache if any was."""
    answers: list[Answer] = []
    while len(answers) < _AGAIN and not (answers and sign_of(answers[-1]).cached):
        answers.append(world.client.fetch(shown.answer.request.url))
    return answers


def unpacked(answer: Answer) -> bytes:
    """The body of an answer without its content encoding. Raises ValueError where it has another one or is broken, ImportError
    where it takes a package that is not there."""
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    try:
        match encoding:
            case "identity" | "":
                return answer.body
            case "gzip" | "x-gzip":
                return gzip.decompress(answer.body)
            case "br":
                import brotli  # type: ignore[import-not-found]  # the standard library has none

                return bytes(brotli.decompress(answer.body))
            case _:
                raise ValueError(f"Content-Encoding {encoding}, which was not offered")
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"its {encoding} is broken: {error}") from None


def _same_second(header: str | None, timestamp: float) -> bool:
    try:
        return header is not None and int(parsedate_to_datetime(header).timestamp()) == int(timestamp)
    except ValueError:
        return False
