"""What a rehearsal answers: the application and the bucket behind one edge, and nobody at the bucket itself."""

from __future__ import annotations

import json
import socket
import ssl
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
import requests

from lanes.client import Client
from lanes.contract import contract
from tests.harness.stack.rehearsal.deployments import Deployed, picture


def bucket_of(deployed: Deployed) -> tuple[str, str]:
    """The name of its bucket, and the endpoint."""
    bucket = deployed.rehearsal.deployment.bucket
    assert bucket is not None
    assert bucket.endpoint is not None
    return bucket.name, bucket.endpoint


def raw(deployed: Deployed, request: bytes) -> bytes:
    """What the edge answers to these very bytes."""
    parts = urlsplit(deployed.rehearsal.base_url)
    context = ssl.create_default_context(cafile=deployed.rehearsal.deployment.authority)
    assert parts.hostname is not None
    assert parts.port is not None
    with (
        socket.create_connection((parts.hostname, parts.port), timeout=5) as plain,
        context.wrap_socket(plain, server_hostname=parts.hostname) as connection,
    ):
        connection.sendall(request)
        answer = b""
        while piece := connection.recv(65536):
            answer += piece
    return answer


def test_it_says_what_it_is(deployed: Deployed) -> None:
    bearer = {"Authorization": f"Bearer {deployed.rehearsal.credentials['operator']}"}
    runtime = deployed.ask("GET", "/ops/runtime", headers=bearer).json()
    assert runtime == {
        "storageProvider": "s3",
        "executionTarget": "cloud",
        "applicationEnvironment": "dev",
        "endpoint": "override",
        "build": "build 7",
    }
    assert deployed.rehearsal.deployment.rehearsal
    assert deployed.rehearsal.described == ("SeaweedFS 4.48 (process)", "nginx 1.31.3 (process)")
    assert deployed.rehearsal.why_silent() is None


def test_it_is_trusted_by_its_own_authority_alone(deployed: Deployed) -> None:
    assert deployed.ask("GET", "/healthz").status_code == 200
    with requests.Session() as stranger:
        stranger.trust_env = False
        with pytest.raises(requests.exceptions.SSLError):
            stranger.get(deployed.rehearsal.base_url + "/healthz", timeout=5)
    plain = deployed.rehearsal.base_url.replace("https://", "http://")
    assert requests.get(f"{plain}/healthz", timeout=5).status_code == 400


def test_a_picture_is_kept_at_the_edge(deployed: Deployed) -> None:
    src = deployed.upload()
    first, second, head, other = (
        deployed.ask(method, src + query) for method, query in (("GET", ""), ("GET", ""), ("HEAD", ""), ("GET", "?size=9"))
    )
    assert [each.headers["X-Cache"] for each in (first, second, head, other)] == ["Miss from edge", *["Hit from edge"] * 3]
    assert second.headers["Cache-Status"] == "edge; hit"
    assert first.content == second.content == other.content
    assert head.content == b""
    for each in (first, second, head):
        assert each.headers["Content-Length"] == str(len(first.content))
        assert each.headers["Cache-Control"] == "public, max-age=31536000, s-maxage=86400, immutable"
        assert each.headers["X-Content-Type-Options"] == "nosniff"
        assert each.headers["ETag"].startswith('"')
        assert not {name.lower() for name in each.headers} & {"set-cookie", "x-amz-request-id", "content-encoding"}


def test_parts_and_conditions_are_answered_from_what_is_kept(deployed: Deployed) -> None:
    whole = deployed.ask("GET", deployed.src)
    part = deployed.ask("GET", deployed.src, headers={"Range": "bytes=5-9"})
    assert (part.status_code, part.content) == (206, whole.content[5:10])
    assert part.headers["Content-Range"] == f"bytes 5-9/{len(whole.content)}"
    several = deployed.ask("GET", deployed.src, headers={"Range": "bytes=0-1,5-9"})
    assert (several.status_code, several.content) == (200, whole.content)
    beyond = deployed.ask("GET", deployed.src, headers={"Range": f"bytes={len(whole.content)}-"})
    assert (beyond.status_code, beyond.json()["code"]) == (416, "range_unsatisfiable")
    assert beyond.headers["Content-Range"] == f"bytes */{len(whole.content)}"
    assert beyond.headers["Cache-Control"] == "no-store"
    for held in (whole.headers["ETag"], "*"):
        same = deployed.ask("GET", deployed.src, headers={"If-None-Match": held})
        assert (same.status_code, same.content) == (304, b"")
    assert deployed.ask("GET", deployed.src, headers={"If-None-Match": '"another"'}).content == whole.content


def test_an_unknown_address_says_nothing_of_the_bucket(deployed: Deployed) -> None:
    name, endpoint = bucket_of(deployed)
    folder = urlsplit(deployed.src).path.rpartition("/")[0]
    for path in ("/media/of/nobody.jpg", "/media/of/nobody.jpg", f"{folder}/", folder, "/media", "/media/", f"{folder}//x"):
        answer = deployed.ask("GET", path)
        assert (answer.status_code, answer.json()["code"]) == (404, "not_found"), path
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        said = answer.text + json.dumps(dict(answer.headers))
        assert name not in said
        assert urlsplit(endpoint).netloc not in said
    assert [each["cache"] for each in deployed.requests("/media/of/nobody.jpg", 2)] == ["miss", "hit"]


@pytest.mark.parametrize(
    ("target", "status"),
    [
        ("/media/../../etc/passwd", 404),
        ("/media/%2e%2e/%2e%2e/%2e%2e/etc/passwd", 404),
        ("/media/x%00y", 404),
        ("/media/a/..%5c..%5cetc", 404),
        ("no-path", 400),
    ],
)
def test_whoever_climbs_gets_nowhere(deployed: Deployed, target: str, status: int) -> None:
    head, _, body = raw(deployed, f"GET {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode()).partition(
        b"\r\n\r\n"
    )
    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert json.loads(body)["code"] == {404: "not_found", 400: "request_malformed"}[status]
    assert head.lower().count(b"cache-control:") == 1


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "OPTIONS", "TRACE"])
def test_other_methods_are_the_application_s_affair(deployed: Deployed, method: str) -> None:
    answer = deployed.ask(method, deployed.src)
    assert (answer.status_code, answer.json()["code"]) == (405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET, HEAD"


@pytest.mark.parametrize("form", ["path", "host"])
def test_nobody_without_a_name_gets_at_the_bucket(deployed: Deployed, form: str) -> None:
    name, endpoint = bucket_of(deployed)
    key = urlsplit(deployed.src).path
    base = f"{endpoint}/{name}" if form == "path" else endpoint
    headers = {} if form == "path" else {"Host": f"{name}.localhost:{urlsplit(endpoint).port}"}
    for method, path in (("GET", key), ("HEAD", key), ("GET", "/?list-type=2"), ("PUT", "/media/a/b"), ("DELETE", key)):
        answer = requests.request(method, base + path, headers=headers, timeout=5)
        assert answer.status_code == 403, f"{method} {path}"
        if method != "HEAD":
            assert "<Code>AccessDenied</Code>" in answer.text
    assert deployed.ask("GET", deployed.src).status_code == 200


def test_a_long_body_that_is_refused_at_once_gets_its_answer(deployed: Deployed) -> None:
    # Without a way that hangs up in stages one in seven of them is answered 502.
    for _ in range(20):
        answer = deployed.ask("POST", f"/artists/{deployed.artist}/media", data=b"-" * 20_000_000)
        assert (answer.status_code, answer.json()["code"]) == (401, "credential_missing")


def test_a_request_by_hand_is_not_answered_before_it_was_sent(deployed: Deployed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(deployed.rehearsal.deployment.authority))
    client = Client(deployed.rehearsal.base_url, deployed.rehearsal.credentials, contract())
    request = replace(client.request("createArtist"), json={"name": "Somebody"})
    with client.by_hand(request) as sending:
        assert not sending.is_answered(0.3)
        assert sending.finish().status == 201
    client.close()


def test_the_edge_notes_neither_queries_nor_credentials(deployed: Deployed) -> None:
    secret = deployed.rehearsal.credentials["operator"]
    deployed.ask("GET", f"/ops/runtime?token={secret}", headers={"Authorization": f"Bearer {secret}"})
    last = deployed.requests("/ops/runtime", 2)[-1]
    assert (last["method"], last["status"], last["cache"]) == ("GET", 200, "")
    assert secret not in deployed.rehearsal.access_log.read_text(encoding="utf-8")


def test_secrets_are_known_to_the_redactor(deployed: Deployed) -> None:
    eyes = deployed.rehearsal.deployment.eyes
    assert eyes is not None
    assert eyes.secret not in repr(deployed.rehearsal.deployment)
    known = [*deployed.rehearsal.credentials.values(), eyes.key, eyes.secret, deployed.rehearsal.admin.secret]
    for secret in known:
        assert deployed.redactor.text(f"it is {secret}.") == "it is [redacted]."


def test_a_picture_is_what_was_uploaded(deployed: Deployed) -> None:
    assert deployed.ask("GET", deployed.src).headers["Content-Type"] == "image/jpeg"
    assert picture()[:2] == deployed.ask("GET", deployed.src).content[:2] == b"\xff\xd8"
