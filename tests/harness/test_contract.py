from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from lanes import contract as module
from lanes.contract import Contract, Violation, contract, digest, parse
from lanes.places import CONTRACTS

NO_STORE = {"Cache-Control": "no-store"}
JSON = NO_STORE | {"Content-Type": "application/json"}
PROBLEM = NO_STORE | {"Content-Type": "application/problem+json"}
IMAGE = {
    "Content-Type": "image/png",
    "Content-Length": "3",
    "ETag": '"1"',
    "Cache-Control": "public, max-age=31536000, s-maxage=86400, immutable",
    "X-Content-Type-Options": "nosniff",
}
HEALTH = {"status": "ok", "contractVersion": "1.0.0"}
OBJECT = {
    "storageProvider": "s3",
    "storageLocation": "media",
    "storageKey": "media/a/b.jpg",
    "artifactKind": "canonical",
    "mediaID": "a1",
    "status": "ready",
    "mimeType": None,
    "byteSize": 7,
}
POLICY = {
    "acceptedTypes": ["image/jpeg"],
    "maxRequestBytes": 15728640,
    "maxSidePixels": 12000,
    "maxPixels": 50000000,
    "canonicalLongSide": 2048,
    "thumbnailLongSide": 480,
    "blurLongSide": 32,
    "blurMaxBytes": 2048,
    "altTextMaxCodePoints": 500,
    "originalFileNameMaxCodePoints": 255,
    "storageTimeoutSeconds": 10,
}


def problem(status: int, code: str) -> bytes:
    return json.dumps({"type": "about:blank", "title": "No", "status": status, "code": code}).encode()


def found(
    operation: str | None, status: int, headers: dict[str, str], body: Any = b"", *, bodiless: bool = False
) -> list[Violation]:
    judge = contract()
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    known = judge.operations[operation] if operation else None
    return list(judge.violations(known, status, CaseInsensitiveDict(headers), data, bodiless=bodiless))


def clauses(*arguments: Any, **options: Any) -> list[str]:
    return [violation.clause for violation in found(*arguments, **options)]


@pytest.mark.parametrize(
    ("operation", "status", "headers", "body"),
    [
        ("readHealth", 200, JSON, HEALTH),
        ("readHealth", 200, {"cache-control": "no-store", "content-type": "Application/JSON; charset=utf-8"}, HEALTH),
        ("readMediaPolicy", 200, JSON, POLICY),
        ("deleteArtist", 204, {}, b""),
        ("deleteArtist", 404, PROBLEM, problem(404, "artist_unknown")),
        ("deleteArtist", 401, PROBLEM | {"WWW-Authenticate": 'Bearer realm="media"'}, problem(401, "credential_missing")),
        ("deliverMedia", 200, IMAGE, b"\x89PN"),
        ("deliverMedia", 304, {"ETag": '"1"', "Cache-Control": IMAGE["Cache-Control"]}, b""),
        ("exportMediaObjects", 200, NO_STORE | {"Content-Type": "application/x-ndjson"}, b""),
        (
            "exportMediaObjects",
            200,
            NO_STORE | {"Content-Type": "application/x-ndjson"},
            (json.dumps(OBJECT) + "\n").encode() * 3,
        ),
        (None, 404, PROBLEM, problem(404, "not_found")),
        (None, 405, PROBLEM | {"Allow": "GET, HEAD"}, problem(405, "method_not_allowed")),
    ],
)
def test_a_documented_answer_violates_nothing(operation: str | None, status: int, headers: dict[str, str], body: Any) -> None:
    assert found(operation, status, headers, body) == []


@pytest.mark.parametrize(
    ("operation", "status", "headers", "body", "clause", "text"),
    [
        pytest.param("readHealth", 503, JSON, HEALTH, "status", "readHealth answered 503; documented: 200, 500", id="status"),
        pytest.param(
            None, 200, JSON, HEALTH, "status", "outside the contract answered 200; documented: 404, 405", id="elsewhere"
        ),
        pytest.param(
            "readHealth", 200, NO_STORE, HEALTH, "media-type", "'missing'; documented: application/json", id="no type"
        ),
        pytest.param("readHealth", 200, JSON | {"Content-Type": "text/html"}, HEALTH, "media-type", "'text/html'", id="type"),
        pytest.param(
            "deleteArtist", 404, JSON, problem(404, "artist_unknown"), "media-type", "application/problem+json", id="error type"
        ),
        pytest.param(
            "readHealth", 200, {"Content-Type": "application/json"}, HEALTH, "headers", "Cache-Control is missing", id="header"
        ),
        pytest.param(
            "readHealth",
            200,
            JSON | {"Cache-Control": "no-cache"},
            HEALTH,
            "headers",
            "Cache-Control: 'no-store'",
            id="header value",
        ),
        pytest.param("deliverMedia", 200, IMAGE | {"ETag": 'W/"1"'}, b"\x89PN", "headers", "ETag: ", id="weak ETag"),
        pytest.param("readHealth", 200, JSON, b"<html>", "body", "is not JSON", id="no JSON"),
        pytest.param("readHealth", 200, JSON, b"", "body", "is not JSON", id="empty"),
        pytest.param("readHealth", 200, JSON, b"\xff\xfe\xfa", "body", "is not JSON", id="no text"),
        pytest.param("readHealth", 200, JSON, b"[" * 200_000, "body", "is not JSON", id="nested without end"),
        pytest.param("readHealth", 200, JSON, {"status": "ok"}, "body", "'contractVersion' is missing", id="field missing"),
        pytest.param("readHealth", 200, JSON, HEALTH | {"up": 1}, "body", "unknown key 'up'", id="field too many"),
        pytest.param("readHealth", 200, JSON, HEALTH | {"status": "OK"}, "body", "status: 'OK' is not allowed", id="value"),
        pytest.param(
            "readMediaPolicy",
            200,
            JSON,
            json.dumps(POLICY | {"storageTimeoutSeconds": float("nan")}).encode(),
            "body",
            "is not JSON",
            id="NaN, which JSON does not have",
        ),
        pytest.param("deleteArtist", 204, {}, b"gone", "body", "4 bytes of body", id="body where there is none"),
        pytest.param(
            "deleteArtist",
            404,
            PROBLEM,
            problem(404, "media_unknown"),
            "body",
            "code: 'media_unknown' is not allowed",
            id="code",
        ),
        pytest.param(
            "deleteArtist", 404, PROBLEM, problem(410, "artist_unknown"), "body", "status: 410", id="status in the problem"
        ),
        pytest.param(
            "exportMediaObjects",
            200,
            NO_STORE | {"Content-Type": "application/x-ndjson"},
            json.dumps(OBJECT).encode() + b"\n" + json.dumps(OBJECT | {"byteSize": -1}).encode() + b"\n",
            "body",
            "line 2: byteSize",
            id="line of an export",
        ),
        pytest.param(
            "exportMediaObjects",
            200,
            NO_STORE | {"Content-Type": "application/x-ndjson"},
            json.dumps(OBJECT).encode() + b"\n" + json.dumps(OBJECT).encode()[:-9],
            "body",
            "line 2: is not JSON",
            id="broken line of an export",
        ),
    ],
)
def test_what_the_contract_does_not_document_is_told_by_its_clause(
    operation: str | None, status: int, headers: dict[str, str], body: Any, clause: str, text: str
) -> None:
    violations = found(operation, status, headers, body)
    assert [violation.clause for violation in violations] == [clause]
    assert text in violations[0].text


def test_headers_and_body_of_one_answer_are_told_both() -> None:
    assert clauses("readHealth", 200, {"Content-Type": "application/json"}, {"status": "ok"}) == ["headers", "body"]
    assert clauses("deliverMedia", 200, {"Content-Type": "image/png"}, b"x") == ["headers"] * 4


def test_an_answer_to_head_is_judged_by_status_and_headers_alone() -> None:
    assert found("headMedia", 200, IMAGE, bodiless=True) == []
    assert clauses("headMedia", 200, IMAGE, b"\x89PN", bodiless=True) == ["body"]
    assert clauses("headMedia", 200, IMAGE | {"Content-Length": "many"}, bodiless=True) == ["headers"]
    assert clauses("headMedia", 206, IMAGE, bodiless=True) == ["status"]


@pytest.mark.parametrize(
    ("operation", "method", "path", "role"),
    [
        ("listArtists", "GET", "/artists", None),
        ("createArtist", "POST", "/artists", "write"),
        ("uploadArtistMedia", "POST", "/artists/{artistID}/media", "write"),
        ("exportMediaRecords", "GET", "/ops/media-records", "operator"),
        ("headMedia", "HEAD", "/media/{folder}/{file}", None),
    ],
)
def test_an_operation_has_its_method_path_and_role(operation: str, method: str, path: str, role: str | None) -> None:
    known = contract().operations[operation]
    assert (known.id, known.method, known.path, known.role) == (operation, method, path, role)


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/artists", "listArtists"),
        ("GET", "/artists/a1", "readArtist"),
        ("PUT", "/artists/a1/media", "syncArtistMedia"),
        ("DELETE", "/artists/a1/media/m1", "deleteArtistMedia"),
        ("HEAD", "/media/8d1c2f/41aa90.jpg", "headMedia"),
        ("GET", "/media-policy", "readMediaPolicy"),
        ("GET", "/artists/", None),
        ("GET", "/artists/a1/", None),
        ("GET", "/artists/a1/media/m1", None),
        ("PATCH", "/artists", None),
        ("GET", "/media/41aa90.jpg", None),
        ("GET", "/media/a/b/c.jpg", None),
        ("GET", "/mediaXpolicy", None),
        ("GET", "/xartists", None),
    ],
)
def test_a_path_belongs_to_the_operation_whose_template_it_fits(method: str, path: str, operation: str | None) -> None:
    known = contract().operation_for(method, path)
    assert (known.id if known else None) == operation


def test_parts_of_a_reference_are_unescaped() -> None:
    document: dict[str, Any] = {
        "info": {"version": "2.0.0"},
        "paths": {"/x": {"get": {"operationId": "x", "responses": {"200": {"$ref": "#/components/responses/a~1b~0c"}}}}},
        "components": {"responses": {"a/b~c": {"description": "found", "headers": {"X": {"required": True, "schema": {}}}}}},
    }
    small: Contract = parse(document)
    assert small.version == "2.0.0"
    violations = list(small.violations(small.operations["x"], 200, {}, b""))
    assert [violation.text for violation in violations] == ["X is missing"]
    assert list(small.violations(small.operations["x"], 200, {"X": "1"}, b"")) == []
    assert [violation.clause for violation in small.violations(None, 404, {}, b"")] == ["status"]


@pytest.mark.parametrize(
    ("schema", "value", "text"),
    [
        ({"format": "uri"}, "https://media.example/a b", 'u: "https://media.example/a b" is not a "uri"'),
        ({"format": "uri"}, "https://media.example/a", None),
        ({"maxLength": 1}, "\ud800", None),
        ({"maxLength": 1}, "\ud800\ud800", "u: '\\ud800\\ud800' is too long"),
        ({"pattern": "^[a-z]+$"}, "a\n", 'u: "a\\n" does not match "^[a-z]+$"'),
        ({"$ref": "#/components/schemas/One"}, 2, "u: 2 is not allowed; allowed: 1"),
    ],
)
def test_a_body_is_held_to_formats_references_and_patterns(schema: Any, value: Any, text: str | None) -> None:
    body = {"schema": {"type": "object", "properties": {"u": schema}}}
    document: dict[str, Any] = {
        "info": {"version": "1"},
        "paths": {"/x": {"get": {"operationId": "x", "responses": {"200": {"content": {"application/json": body}}}}}},
        "components": {"schemas": {"One": {"const": 1}}},
    }
    small = parse(document)
    answer = json.dumps({"u": value}).encode()
    for _ in range(2):
        violations = small.violations(small.operations["x"], 200, {"Content-Type": "application/json"}, answer)
        assert [violation.text for violation in violations] == ([text] if text else [])


def test_the_digest_is_of_every_file_its_name_and_its_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    copy = tmp_path / "contracts"
    shutil.copytree(CONTRACTS, copy)
    monkeypatch.setattr(module, "CONTRACTS", copy)
    seen = {digest()}
    assert seen == {digest()}
    (copy / "schemas" / "target.schema.json").write_bytes(b"{}")
    seen.add(digest())
    (copy / "schemas" / "target.schema.json").rename(copy / "schemas" / "targets.schema.json")  # in the same place
    seen.add(digest())
    (copy / "states.yaml").unlink()
    seen.add(digest())
    assert len(seen) == 4
