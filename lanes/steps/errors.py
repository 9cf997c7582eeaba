"""Steps about errors: each has a code that can be relied on, and tells nothing of what is behind it."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from pytest_bdd import then, when

from lanes.client import Answer, Upload
from lanes.steps.faulty import FAULTS
from lanes.steps.limits import send_far_too_much
from lanes.steps.remains import records
from lanes.steps.world import World

_TRACE = re.compile(
    r"Traceback|File \\?\"[^\"]+\", line \d+|\n\s*at [^\n]+:\d+|\b[a-z_]+\.(py|js|mjs|ts|go|rs|java|rb|php|cs)\b(:\d+)?"
    r"|\b[A-Z][A-Za-z]+(Error|Exception)\b"
)
_PATH = re.compile(
    r"(?<![\w:/.])/(usr|home|work|tmp|var|opt|etc|app|srv|root|proc|lib|bin|dev|mnt|private|Users)/[\w.-]+"
    r"|[A-Za-z]:\\\\?[\w.-]+\\|site-packages|node_modules|file://"
)
_SQL = re.compile(
    r"\b(SELECT|DELETE)\b.+\bFROM\b|\bINSERT INTO\b|\bUPDATE\b.+\bSET\b|sqlite|sqlalchemy|psycopg|postgres|SQLSTATE"
    r"|(?i:UNIQUE constraint|FOREIGN KEY|syntax error at or near|no such (table|column)|duplicate key value|CHECK constraint)"
)
_STORE = re.compile(
    r"(?i)amazonaws\.com|core\.windows\.net|\bs3://|NoSuchBucket|NoSuchKey|BlobNotFound|ContainerNotFound|(bucket|container)[\"']?\s*[:=]"
    r"|(bucket|container) [\"'`]"
)


@dataclass(frozen=True, slots=True)
class Mistake:
    """Something that was done wrongly, the answer, and the codes that the contract gives for it, by status."""

    what: str
    answer: Answer
    codes: Mapping[int, tuple[str, ...]]
    sent: tuple[str, ...] = ()  # credentials that went with it

    def __str__(self) -> str:
        return f"{self.what}: {self.answer}"


@when("every mistake is made that somebody can make")
def _(world: World) -> None:
    world.notes["mistakes"] = [*make_mistakes(world), *make_strange_ones(world), *break_down(world)]


@then("each is answered with a code that can be relied on")
def _(world: World) -> None:
    for mistake in world.notes["mistakes"]:
        check_problem(world, mistake)


@then("no answer tells of what is behind it")
def _(world: World) -> None:
    for mistake in world.notes["mistakes"]:
        check_tells_nothing(world, mistake, world.notes["places"])


def make_mistakes(world: World) -> list[Mistake]:
    """One request for every code of the contract that a client can bring about."""
    call, artist, base = world.client.call, world.artist, world.client.base_url
    world.notes["places"] = places(world)
    first, second = (upload.item["ID"] for upload in world.uploads[:2])
    item = {"ID": first, "purpose": "gallery", "altText": None}
    src = world.uploads[0].item["src"]
    file = world.corpus.upload(world.corpus.of("small")[0])
    unknown = secrets.token_urlsafe(24)
    form = {"purpose": "gallery"}
    beyond = {"Range": "bytes=99999999-"}
    clip, nothing = {"purpose": "clip"}, {"ID": "nothing"}
    long_text = "x" * (world.policy()["altTextMaxCodePoints"] + 1)
    lengthy = {"altText": long_text}

    def upload(fields: dict[str, str], *files: Upload) -> Answer:
        return call("uploadArtistMedia", artist, form=fields, files=files)

    def sync(*items: dict[str, object]) -> Answer:
        return call("syncArtistMedia", artist, json={"media": items})

    some = [
        ("broken JSON", _raw(world, "createArtist", b'{"name": "Half'), 400, "request_malformed"),
        ("no credential", call("createArtist", role=None, json={"name": "Nobody"}), 401, "credential_missing"),
        ("the wrong role", call("createArtist", role="operator", json={"name": "Nobody"}), 403, "credential_wrong_role"),
        ("an unknown artist", call("readArtist", "nobody"), 404, "artist_unknown"),
        ("an edit of nobody", call("editArtist", "nobody", json={"bio": None}), 404, "artist_unknown"),
        ("an upload to nobody", call("uploadArtistMedia", "nobody", form=form, files=(file,)), 404, "artist_unknown"),
        ("an unknown item", call("deleteArtistMedia", artist, "nothing"), 404, "media_unknown"),
        ("an unknown picture", world.client.fetch(f"{src}x"), 404, "not_found"),
        ("an unknown path", world.client.fetch(f"{base}/nowhere"), 404, "not_found"),
        ("a method that is not taken", world.client.fetch(f"{base}/media-policy", "DELETE"), 405, "method_not_allowed"),
        ("a form for JSON", call("createArtist", form={"name": "A form"}), 415, "request_type_unsupported"),
        ("JSON for a form", call("uploadArtistMedia", artist, json=form), 415, "request_type_unsupported"),
        ("a part beyond the end", world.client.fetch(src, "GET", beyond), 416, "range_unsatisfiable"),
        ("an empty name", call("createArtist", json={"name": ""}), 422, "details_invalid"),
        ("an unknown field", call("editArtist", artist, json={"fame": 1}), 422, "details_invalid"),
        ("an unknown purpose", upload(clip, file), 422, "purpose_invalid"),
        ("a long text", upload(form | lengthy, file), 422, "alt_text_invalid"),
        ("an item twice", sync(item, item), 422, "sync_invalid"),
        ("a foreign item", sync(item | nothing), 422, "sync_invalid"),
        ("a purpose of no item", sync(item | clip), 422, "purpose_invalid"),
        ("a text of no item", sync(item | lengthy), 422, "alt_text_invalid"),
        ("a page of none", call("listArtists", query={"limit": "0"}), 422, "cursor_invalid"),
        ("a made-up cursor", call("listArtists", query={"cursor": "?"}), 422, "cursor_invalid"),
        ("no file", upload(form), 422, "file_missing"),
        ("an empty file", upload(form, replace(file, data=b"")), 422, "file_empty"),
        ("two files", upload(form, file, file), 422, "file_multiple"),
    ]  # fmt: skip
    found = [Mistake(what, answer, {status: (code,)}) for what, answer, status, code in some]
    media_with_details = call("createArtist", json={"name": "One who brings media", "media": [second]})
    found.append(Mistake("media with details", media_with_details, {422: ("media_not_allowed_here", "details_invalid")}))
    unknown_answer = call("createArtist", token=unknown, json={"name": "Nobody"})
    found.append(Mistake("an unknown credential", unknown_answer, {401: ("credential_unknown",)}, (unknown,)))
    refused = {row.code: row for row in reversed(world.corpus.rows) if row.code}.values()
    found += [Mistake(row.id, world.send(row).answer, {row.status: (str(row.code),)}) for row in refused]
    if not world.check.plan.lane.deployed:  # what stands before a deployed target may take in all of it, whoever pays for that
        too_much = send_far_too_much(world, chunked=False).answer
        if isinstance(too_much, Answer):
            found.append(Mistake("far too much", too_much, {413: ("request_too_large",)}))
    return found


def make_strange_ones(world: World) -> list[Mistake]:
    """Requests on which somebody's database, file system or decoder may choke."""
    call, artist, base = world.client.call, world.artist, world.client.base_url
    nobody = {404: ("artist_unknown",)}
    nothing = {404: ("not_found",)}
    invalid = {400: ("request_malformed",), 422: ("details_invalid",)}
    return [
        *(
            Mistake(f"the artist {name!r}", call("readArtist", name), nobody)
            for name in ("' OR 1=1 --", "x" * 250, "ÿ\ud7ff", "1e999", "{}")
        ),
        *([] if world.check.plan.lane.deployed else make_nul_paths(world)),
        Mistake("an item in SQL", call("deleteArtistMedia", artist, "'; DROP TABLE media; --"), {404: ("media_unknown",)}),
        Mistake("bytes that are no text", world.client.fetch(f"{base}/artists/%ff%fe"), nobody),
        Mistake("a picture up the tree", world.client.fetch(f"{base}/media/..%2f..%2fetc/passwd"), nothing),
        Mistake("a NUL in a name", call("createArtist", json={"name": "A\0B"}), {422: ("details_invalid",)}),
        Mistake("half a character", _raw(world, "createArtist", b'{"name": "\\ud800"}'), invalid),
        Mistake("no text at all", _raw(world, "createArtist", b'{"name": "\xff\xfe"}'), invalid),
        Mistake("lists in lists", _raw(world, "createArtist", b"[" * 20_000), invalid),
        Mistake("a number for a name", call("createArtist", json={"name": 10**30}), {422: ("details_invalid",)}),
        Mistake("a huge page", call("listArtists", query={"limit": "9" * 30}), {422: ("cursor_invalid",)}),
        Mistake("a cursor with quotes", call("listArtists", query={"cursor": "' OR '1'='1"}), {422: ("cursor_invalid",)}),
    ]  # fmt: skip


def make_nul_paths(world: World) -> list[Mistake]:
    """Paths with NUL in them, which what stands before a deployed target may refuse by itself (RFC 3986, section 7.3)."""
    nobody = {404: ("artist_unknown",)}
    picture = world.client.fetch(f"{world.client.base_url}/media/%ff/%00")
    return [
        *(Mistake(f"the artist {name!r}", world.client.call("readArtist", name), nobody) for name in ("\0", "%00")),
        Mistake("a picture of no text", picture, {404: ("not_found",)}),
    ]


def break_down(world: World) -> list[Mistake]:
    """Uploads during each failure that can be arranged."""
    found = []
    for what, fault in FAULTS.items():
        if world.check.due(fault.rule, f"answers-{fault.status}"):
            with fault.arranged(world):
                answer = world.send(world.corpus.of("small")[2]).answer
            found.append(Mistake(what, answer, {fault.status: (fault.code,)}))
    return found


def places(world: World) -> tuple[str, ...]:
    """Locations and keys of the scenario's pictures, as far as this run can see them."""
    keys = [str(upload.item[key]).rpartition("/")[2] for upload in world.uploads for key in ("src", "thumbnailSrc")]
    if not world.check.due("LOC-2", "location-plain"):
        return tuple(keys)
    ids = {upload.item["ID"] for upload in world.uploads}
    locations = {str(row["storageLocation"]) for row in records(world) if row["ID"] in ids}
    # `media` is a word that any message may have, and a location only where something stands before or behind it.
    return (*keys, *(form for each in locations for form in (f"{each}/media/", f"'{each}'", f'"{each}"', f"`{each}`")))


def check_problem(world: World, mistake: Mistake) -> None:
    """A problem document whose status is the answer's, with the code that the contract gives for it."""
    answer = mistake.answer
    problem = answer.json if isinstance(answer.json, dict) else {}
    kind = answer.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    texts = all(isinstance(problem.get(name), str) and problem[name] for name in ("type", "title", "code"))
    whole = kind == "application/problem+json" and texts and problem.get("status") == answer.status
    told = f"{mistake}: {kind or 'no type'} with {sorted(problem)}, status {problem.get('status')}"
    world.check("CON-3", "problem-document", whole, told, answer)
    right = answer.code in mistake.codes.get(answer.status, ())
    should = " or ".join(f"{status} {' or '.join(codes)}" for status, codes in mistake.codes.items())
    world.check("CON-3", "code", right, f"{mistake}, should be {should}", answer)


def check_tells_nothing(world: World, mistake: Mistake, kept: tuple[str, ...]) -> None:
    """No trace, path, SQL, store or credential, in body or headers."""
    answer = mistake.answer
    body = answer.body.decode("utf-8", "replace")
    said = "\n".join([*(f"{name}: {value}" for name, value in answer.headers.items()), body])
    for clause, pattern in (("no-stack-trace", _TRACE), ("no-path", _PATH), ("no-sql", _SQL)):
        match = pattern.search(body)
        world.check("CON-3", clause, match is None, f"{mistake} and says {match.group()[:60] if match else ''!r}", answer)
    stored = _STORE.search(said)
    told = [stored.group()] if stored else []
    told += [each for each in kept if each in said and each not in answer.request.url]
    world.check("CON-3", "no-bucket", not told, f"{mistake} and tells of {told[:1]}", answer)
    held = [*world.stack.place.credentials.values(), *mistake.sent]
    leaked = [each for each in held if each in said]
    world.check("CON-3", "no-credential", not leaked, f"{mistake} and tells {len(leaked)} credentials", answer)


def _raw(world: World, operation: str, body: bytes) -> Answer:
    """An operation with a body that no client would send."""
    request = replace(world.client.request(operation), json={})
    with world.client.by_hand(request, body=body) as sending:
        return sending.finish()
