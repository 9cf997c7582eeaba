from __future__ import annotations

import contextlib
import json
import os
import re
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from lanes.anonymous import Anonymous, doors
from lanes.checks import Check
from lanes.client import Answer, Client, Request, Upload
from lanes.contract import contract
from lanes.report.exchanges import MOST_FOR_A_CLAUSE, curl, write_exchanges
from lanes.run import Run
from lanes.target import Bucket
from tests.harness import samples
from tests.harness.samples import clause, rule
from tests.harness.servers import Asked, Reply, serving

CREDENTIALS = {"write": "wr1te-credential", "operator": "0perator-credential"}
PHOTO = Upload(b"\x89PNG\r\n\x1a\n\0\xff", "image/png", 'a "quoted" \\ photo.png')


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that has written nothing yet."""
    (tmp_path / "out").mkdir()
    return samples.run(tmp_path / "out", samples.plan(rule("ING-1", clause("one"), clause("other")), rule("ING-2")))


def failed(run: Run, *seen: Answer, rule_id: str = "ING-1", name: str = "one", detail: str = "was 1, should be 2") -> None:
    run.ledger.record(Check(rule_id, name, False, detail, "A scenario", seen))


def written(run: Run) -> dict[str, str]:
    """The texts of the exchanges by their names."""
    write_exchanges(run)
    return {path.name: path.read_text(encoding="utf-8") for path in (run.output / "exchanges").glob("*.txt")}


def everything(run: Run) -> bytes:
    """All bytes of all files of the run."""
    return b"".join(path.read_bytes() for path in run.output.rglob("*") if path.is_file())


def test_nothing_is_written_where_everything_held(run: Run) -> None:
    run.ledger.record(Check("ING-1", "one", True, "", "A scenario"))
    write_exchanges(run)
    assert list(run.output.iterdir()) == []


def test_a_failed_check_says_what_where_and_what_came_over_the_wire(run: Run) -> None:
    request = Request("GET", "http://127.0.0.1:9/artists?limit=0", None, {"Accept": "*/*"})
    body = b'{"code": "cursor_invalid"}'
    failed(run, samples.answer(422, body, request=request, headers={"Content-Type": "application/problem+json"}))
    assert written(run) == {
        "ING-1.one.1.txt": "\n".join(
            [
                "ING-1 one did not hold at acme",
                "in: A scenario",
                "was 1, should be 2",
                "",
                "# To repeat it, in this folder: start the target again, then say where it is and what its credentials are.",
                ": ${MEDIALANE_BASE_URL:?} ${MEDIALANE_WRITE_CREDENTIAL:?}",
                """field() { grep -o "\\"$1\\": *\\"[^\\"]*\\"" | head -n 1 | cut -d '"' -f 4; }""",
                "",
                """curl -i --path-as-is -H 'Accept: */*' ''"$MEDIALANE_BASE_URL"'/artists?limit=0'""",
                "",
                "> GET /artists?limit=0",
                "> Accept: */*",
                "< 422 after 10 ms",
                "< Content-Type: application/problem+json",
                "",
                '{"code": "cursor_invalid"}',
                "",
            ]
        )
    }


def test_a_check_of_several_exchanges_shows_each_and_one_of_none_says_so(run: Run) -> None:
    failed(run, samples.answer(200, b"one", headers={"Content-Type": "text/plain"}), samples.answer(404))
    failed(run, name="other")
    texts = written(run)
    assert texts["ING-1.one.1.txt"].count("\ncurl ") == 2
    assert "(no body)" in texts["ING-1.one.1.txt"]
    assert "There was no exchange" in texts["ING-1.other.1.txt"]


def test_the_first_failures_of_each_clause_are_written(run: Run) -> None:
    for number in range(MOST_FOR_A_CLAUSE + 2):
        failed(run, detail=f"failure {number}")
    failed(run, name="other")
    failed(run, rule_id="ING-2", name="kept")
    names = [f"ING-1.one.{number}.txt" for number in range(1, MOST_FOR_A_CLAUSE + 1)]
    texts = written(run)
    assert sorted(texts) == sorted([*names, "ING-1.other.1.txt", "ING-2.kept.1.txt"])
    assert "failure 0" in texts["ING-1.one.1.txt"]
    assert f"failure {MOST_FOR_A_CLAUSE - 1}" in texts[names[-1]]


def test_pictures_lie_beside_the_text(run: Run) -> None:
    failed(run, samples.answer(200, b"\x89PNG...", headers={"Content-Type": "image/png"}))
    (text,) = written(run).values()
    named = re.search(r"\(7 bytes, in (\S+\.png)\)", text)
    assert named is not None
    assert (run.output / "exchanges" / named.group(1)).read_bytes() == b"\x89PNG..."


def test_a_picture_that_was_sent_and_came_back_is_two_files(run: Run) -> None:
    # One is what curl sends, and may not change; the other is evidence.
    request = Request("POST", "http://127.0.0.1:9/x", "write", {}, files=(Upload(b"\x89PNG...", "image/png", "a.png"),))
    failed(run, samples.answer(200, b"\x89PNG...", request=request, headers={"Content-Type": "image/png"}))
    write_exchanges(run)
    pictures = [path for path in (run.output / "exchanges").iterdir() if path.suffix != ".txt"]
    assert [path.read_bytes() for path in pictures] == [b"\x89PNG..."] * 2


def test_a_long_body_is_cut_short(run: Run) -> None:
    failed(run, samples.answer(200, b"x" * 1_000_000, headers={"Content-Type": "text/html; charset=utf-8"}))
    (text,) = written(run).values()
    assert 10_000 < len(text) < 30_000


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "application/json"},
        {"Content-Type": "application/x-ndjson"},
        {"Content-Type": "text/html; charset=utf-8"},
        {"Content-Type": "application/octet-stream"},
        {"Content-Type": "application/xml"},
        {},
    ],
    ids=str,
)
def test_no_secret_is_written_whatever_the_body_is_said_to_be(run: Run, headers: dict[str, str]) -> None:
    run.redactor.learn("wr1te-credential")
    body = b'{"token": "wr1te-credential", "url": "https://a.example/b?sig=s1gnature"}'
    request = Request("GET", "http://127.0.0.1:9/x?token=t0ken-of-url", None, {"Cookie": "session=c00kie"})
    answer = samples.answer(200, body, request=request, headers=headers | {"Set-Cookie": "session=c00kie-set"})
    failed(run, answer, detail="it said wr1te-credential")
    write_exchanges(run)
    data = everything(run)
    assert b"did not hold" in data
    for secret in (b"wr1te-credential", b"s1gnature", b"t0ken-of-url", b"c00kie"):
        assert secret not in data


def test_names_and_bytes_that_are_no_text_are_written_all_the_same(run: Run) -> None:
    failed(
        run, samples.answer(200, b"caf\xe9", headers={"Content-Type": "text/plain", "X-Odd": "\udc80"}), detail="\udc80 \x00"
    )
    (text,) = written(run).values()
    assert "caf\ufffd" in text


def call_create(client: Client) -> Answer:
    return client.call("createArtist", json={"name": 'It\'s "Ünïcode" $HOME `x` 🎷', "bio": None})


def call_patch(client: Client) -> Answer:
    return client.call("editArtist", "a/1", json={}, headers={"Content-Type": "application/merge-patch+json"})


def call_delete(client: Client) -> Answer:
    return client.call("deleteArtist", "a")


def call_upload(client: Client) -> Answer:
    return client.call("uploadArtistMedia", "a", form={"purpose": "gallery", "altText": '@file; <x> "y"'}, files=(PHOTO,))


def call_upload_undeclared(client: Client) -> Answer:
    return client.call("uploadArtistMedia", "a", form={"purpose": "gallery"}, files=(Upload(b"x", None, "x.png"),))


def call_upload_twice(client: Client) -> Answer:
    return client.call("uploadArtistMedia", "a", files=(PHOTO, Upload(b"other", "image/webp", "b.webp")))


def call_form(client: Client) -> Answer:
    return client.call("uploadArtistMedia", "a", form={"purpose": "gallery"})


def call_query(client: Client) -> Answer:
    return client.call("listArtists", query={"cursor": "a&b c'd", "limit": "5"})


def call_operator(client: Client) -> Answer:
    return client.call("deleteArtist", "a", role="operator")


def call_nobody(client: Client) -> Answer:
    return client.call("deleteArtist", "a", role=None)


def call_unknown(client: Client) -> Answer:
    return client.call("deleteArtist", "a", role=None, token="a-credential-that-nobody-has")  # noqa: S106 - nobody has it


def call_head(client: Client) -> Answer:
    return client.fetch(client.base_url + "/media/a/b.jpg", "HEAD", {"If-None-Match": '"1"'})


def call_range(client: Client) -> Answer:
    return client.fetch(client.base_url + "/media/a/b.jpg", headers={"Range": "bytes=0-1"})


def call_state(client: Client) -> Answer:
    return client.state("POST", "/states/storage-failures", {"operation": "put", "artifact": "any", "times": 1})


CALLS = [value for name, value in sorted(globals().items()) if name.startswith("call_")]


def told(asked: Asked) -> dict[str, Any]:
    """What a request says, apart from what every client says in its own way."""
    kind = asked.headers["Content-Type"]
    boundary = re.search(r'boundary="?([^";]+)', kind or "")
    body: Any = asked.body
    if boundary:
        # Each part, but for the name of its header fields and their order.
        body = sorted(
            re.sub(rb"(?i)content-(disposition|type)", lambda name: name.group().lower(), part)
            for part in asked.body.split(b"--" + boundary.group(1).encode())
        )
        kind = kind.partition(";")[0]
    elif kind and kind.endswith("json"):
        body = json.loads(asked.body)
    return {
        "method": asked.method,
        "path": asked.path,
        "authorization": asked.headers["Authorization"],
        "types": [kind] if boundary else asked.headers.get_all("Content-Type"),
        "conditions": [asked.headers["If-None-Match"], asked.headers["Range"]],
        "body": body,
    }


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.__name__.removeprefix("call_"))
def test_the_curl_line_in_the_file_repeats_the_request(run: Run, call: Callable[[Client], Answer]) -> None:
    for credential in CREDENTIALS.values():
        run.redactor.learn(credential)
    environment = {f"MEDIALANE_{role.upper()}_CREDENTIAL": credential for role, credential in CREDENTIALS.items()}
    with serving(lambda _: Reply(204)) as target:
        client = Client(target.base_url, CREDENTIALS, contract())
        failed(run, call(client))
        client.close()
        (text,) = written(run).values()
        (line,) = [line for line in text.splitlines() if line.startswith("curl ")]
        subprocess.run(
            ["bash", "-c", line],
            cwd=run.output / "exchanges",
            env={"PATH": os.environ["PATH"], "MEDIALANE_BASE_URL": target.base_url} | environment,
            capture_output=True,
            check=True,
        )
    ours, repeated = map(told, target.asked)
    if ours["authorization"] == "Bearer a-credential-that-nobody-has":
        # Whatever it is, it has to be one that nobody has.
        assert repeated.pop("authorization") not in {None, *(f"Bearer {each}" for each in CREDENTIALS.values())}
        ours.pop("authorization")
    assert repeated == ours


def test_what_went_elsewhere_is_repeated_there_without_a_credential(run: Run) -> None:
    media = b'{"media": {"src": "https://cdn.acme.example/media/abcdefgh.jpg", "thumbnailSrc": null, "ID": "abcdefgh-id"}}'
    upload = Request("POST", "http://127.0.0.1:9/artists/a/media", "write", {})
    headers = {"Host": "acme.127.0.0.1:8"}
    at_bucket = Request("PUT", "http://127.0.0.1:8/media/abcdefgh-id.jpg", "write", headers, elsewhere=True)
    at_cdn = Request("GET", "https://cdn.acme.example/media/abcdefgh.jpg", None, {}, elsewhere=True)
    failed(
        run, *(samples.answer(status, media, request=each) for status, each in ((201, upload), (200, at_bucket), (200, at_cdn)))
    )
    failed(run, samples.answer(200, request=at_bucket), name="other")
    texts = written(run)
    bucket_line = "curl -i --path-as-is -X PUT -H 'Host: acme.127.0.0.1:8' http://127.0.0.1:8/media/abcdefgh-id.jpg"
    assert bucket_line in texts["ING-1.one.1.txt"].splitlines()
    assert 'curl -i --path-as-is "$SRC"' in texts["ING-1.one.1.txt"].splitlines()
    assert "> PUT http://127.0.0.1:8/media/abcdefgh-id.jpg" in texts["ING-1.other.1.txt"].splitlines()
    assert bucket_line in texts["ING-1.other.1.txt"].splitlines()
    assert "MEDIALANE" not in texts["ING-1.other.1.txt"]


def test_the_curl_line_to_a_bucket_does_the_same_there(run: Run) -> None:
    denied = Reply(403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>")
    with serving(lambda _: denied) as served:
        bucket = Bucket("acme", endpoint=served.base_url)
        with contextlib.closing(Anonymous(bucket, "acme.toml")) as anonymous:
            failed(run, *(anonymous.list(door, "list-type=2&prefix=a%2F").answer for door in doors(bucket)))
        (text,) = written(run).values()
        for line in text.splitlines():
            if line.startswith("curl "):
                subprocess.run(["bash", "-c", line], env={"PATH": os.environ["PATH"]}, capture_output=True, check=True)
    ours, repeated = served.asked[:2], served.asked[2:]
    assert [(each.method, each.path, each.headers["Host"]) for each in repeated] == [
        (each.method, each.path, each.headers["Host"]) for each in ours
    ]


def test_a_client_knows_what_is_elsewhere() -> None:
    with serving() as own, serving() as other:
        host = other.base_url.partition("//")[2]
        client = Client(own.base_url, CREDENTIALS, contract(), allowed_hosts=[host])
        assert [client.fetch(f"{each.base_url}/media/a").request.elsewhere for each in (own, other)] == [False, True]
        client.close()


def test_the_curl_line_takes_nothing_of_the_request_for_shell() -> None:
    request = Request(
        "POST", "http://127.0.0.1:9/a?b=$(c)&d=`e`", "write", {"X-Odd": "it's; rm -rf $HOME"}, form=(("a b", "'\n"),)
    )
    words = shlex.split(curl(request))
    assert words[:3] == ["curl", "-i", "--path-as-is"]
    assert "http://127.0.0.1:9/a?b=$(c)&d=`e`" in words
    assert "X-Odd: it's; rm -rf $HOME" in words
    assert "a b='\n" in words
    assert words[-1] == "Authorization: Bearer $MEDIALANE_WRITE_CREDENTIAL"


@pytest.mark.parametrize("body", [b"[]", b'"media"', b'{"media": [1]}', b'{"media": {"ID": 7, "src": null}}', b"no JSON"])
def test_an_answer_of_any_shape_can_be_told(run: Run, body: bytes) -> None:
    request = Request("POST", "http://127.0.0.1:9/artists/a-known-artist/media", "write", {})
    failed(run, samples.answer(201, body, request=request, headers={"Content-Type": "application/json"}), samples.answer(404))
    (text,) = written(run).values()
    assert text.count("\n> ") == 2
