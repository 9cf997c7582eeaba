from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from lanes.client import MOST_PAUSES, Answer, Client, HostNotAllowed, Upload
from lanes.contract import contract
from lanes.errors import TargetSilent
from lanes.patience import Patience, RunOver
from lanes.stack.server import free_port
from lanes.transport import Limits, Received, Transport
from tests.harness.servers import Asked, Reply, Served, serving, talking

CREDENTIALS = {"write": "wr1te-credential", "operator": "0perator-credential"}
HEALTHY = Reply(
    headers={"Content-Type": "application/json", "Cache-Control": "no-store"},
    body=b'{"status": "ok", "contractVersion": "1.0.0"}',
)


@contextlib.contextmanager
def calling(base_url: str, watch: Callable[[Answer], None] | None = None, **options: Any) -> Iterator[Client]:
    client = Client(base_url, CREDENTIALS, contract(), watch, **options)
    try:
        yield client
    finally:
        client.close()


def host(served: Served) -> str:
    return served.base_url.removeprefix("http://")


def parts_of(request: Asked) -> dict[str, Message]:
    """The parts of a multipart body by their names."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = message_from_bytes(head + request.body)
    assert message.is_multipart()
    return {str(part.get_param("name", header="Content-Disposition")): part for part in message.walk() if part is not message}


def test_a_call_goes_to_the_path_of_its_operation_with_the_credential_it_needs() -> None:
    with serving(lambda _: HEALTHY) as target, calling(target.base_url + "/") as client:
        client.call("readHealth")
        client.call("listArtists", query={"limit": "5", "cursor": "a&b=c d"})
        client.call("deleteArtistMedia", "a/1", "m?2#3%")
        client.call("readRuntime")
    assert [(each.method, each.path, each.headers["Authorization"]) for each in target.asked] == [
        ("GET", "/healthz", None),
        ("GET", "/artists?limit=5&cursor=a%26b%3Dc%20d", None),
        ("DELETE", "/artists/a%2F1/media/m%3F2%233%25", "Bearer wr1te-credential"),
        ("GET", "/ops/runtime", "Bearer 0perator-credential"),
    ]


def test_a_call_may_go_with_another_credential_or_none() -> None:
    with serving() as target, calling(target.base_url) as client:
        client.call("deleteArtist", "a", role="operator")
        client.call("deleteArtist", "a", role=None)
        client.call("deleteArtist", "a", role=None, token="nobody's")  # noqa: S106 - nobody has it
        client.call("deleteArtist", "a", token="")
    sent = [each.headers["Authorization"] for each in target.asked]
    assert sent == ["Bearer 0perator-credential", None, "Bearer nobody's", None]


def test_what_is_not_kept_as_evidence_is_the_credential() -> None:
    with serving() as target, calling(target.base_url) as client:
        answer = client.call("createArtist", json={"name": "A"})
    assert answer.request.role == "write"
    assert "wr1te-credential" not in repr(answer)


def test_json_is_sent_as_json() -> None:
    with serving() as target, calling(target.base_url) as client:
        client.call("createArtist", json={"name": "Ünïcode 🎷", "bio": None})
        client.call("editArtist", "a", json={}, headers={"Content-Type": "application/merge-patch+json"})
    assert json.loads(target.asked[0].body) == {"name": "Ünïcode 🎷", "bio": None}
    assert target.asked[0].headers["Content-Type"] == "application/json"
    assert (target.asked[1].body, target.asked[1].headers["Content-Type"]) == (b"{}", "application/merge-patch+json")


def test_an_upload_is_multipart_with_its_declared_type_and_name() -> None:
    with serving() as target, calling(target.base_url) as client:
        upload = Upload(b"\x89PNG\r\n\0", "image/png", "photo.png")
        client.call("uploadArtistMedia", "a", form={"purpose": "gallery", "altText": "Hände"}, files=(upload,))
    parts = parts_of(target.asked[0])
    assert set(parts) == {"purpose", "altText", "file"}
    assert parts["purpose"].get_payload(decode=True) == b"gallery"
    assert parts["altText"].get_payload(decode=True) == "Hände".encode()
    assert parts["file"].get_payload(decode=True) == upload.data
    assert (parts["file"].get_content_type(), parts["file"].get_filename()) == ("image/png", "photo.png")


def test_an_undeclared_file_is_sent_without_a_type() -> None:
    with serving() as target, calling(target.base_url) as client:
        client.call("uploadArtistMedia", "a", form={"purpose": "gallery"}, files=(Upload(b"x", None, "photo.png"),))
    file = parts_of(target.asked[0])["file"]
    assert file["Content-Type"] is None
    assert file.get_filename() == "photo.png"


def test_an_empty_file_is_sent_all_the_same() -> None:
    with serving() as target, calling(target.base_url) as client:
        client.call("uploadArtistMedia", "a", form={"purpose": "gallery"}, files=(Upload(b"", "image/png", "a.png"),))
    assert parts_of(target.asked[0])["file"].get_payload(decode=True) == b""


def test_two_files_are_two_parts_of_one_name() -> None:
    with serving() as target, calling(target.base_url) as client:
        files = (Upload(b"one", "image/png", "1.png"), Upload(b"two", "image/png", "2.png"))
        client.call("uploadArtistMedia", "a", form={"purpose": "gallery"}, files=files)
    assert target.asked[0].body.count(b'name="file"') == 2
    assert b"one" in target.asked[0].body
    assert b"two" in target.asked[0].body


def test_a_form_without_a_file_is_multipart_too() -> None:
    with serving() as target, calling(target.base_url) as client:
        client.call("uploadArtistMedia", "a", form={"purpose": "gallery"})
    parts = parts_of(target.asked[0])
    assert {name: part.get_payload(decode=True) for name, part in parts.items()} == {"purpose": b"gallery"}
    assert parts["purpose"].get_filename() is None


def test_an_answer_is_held_against_the_contract_and_shown_to_the_watch_once() -> None:
    seen: list[Answer] = []
    replies = iter([HEALTHY, Reply(200, HEALTHY.headers, b"{}"), Reply(418)])
    with serving(lambda _: next(replies)) as target, calling(target.base_url, seen.append) as client:
        answers = [client.call("readHealth") for _ in range(3)]
    assert [[violation.clause for violation in each.violations] for each in answers] == [[], ["body"], ["status"]]
    assert seen == answers
    assert [each.status for each in answers] == [200, 200, 418]
    assert answers[0].body == HEALTHY.body
    assert answers[0].headers["content-type"] == "application/json"


def test_a_path_of_the_target_outside_the_contract_is_held_against_its_answers_for_such_paths() -> None:
    with serving(lambda _: HEALTHY) as target, calling(target.base_url) as client:
        assert [each.clause for each in client.fetch(target.base_url + "/robots.txt").violations] == ["status"]
        assert client.fetch(target.base_url + "/healthz?x=1").violations == ()


def test_an_answer_of_another_host_is_not_held_against_the_contract() -> None:
    with (
        serving() as target,
        serving(lambda _: Reply(418)) as store,
        calling(target.base_url, allowed_hosts=[host(store)]) as client,
    ):
        answer = client.fetch(store.base_url + "/media/a/b.jpg")
    assert (answer.status, answer.violations) == (418, ())


def test_a_host_that_begins_like_the_target_is_another_host() -> None:
    with (
        serving(lambda _: Reply(418)) as target,
        calling(target.base_url[:-1], allowed_hosts=[host(target)]) as client,
    ):
        # The base ends in the middle of the port: what follows is no path of it.
        assert client.fetch(target.base_url + "/robots.txt").violations == ()


def test_fetching_takes_no_credential_to_anybody() -> None:
    with serving() as target, serving() as other, calling(target.base_url, allowed_hosts=[host(other)]) as client:
        client.call("readRuntime")
        client.fetch(target.base_url + "/media/a/b.jpg")
        client.fetch(other.base_url + "/media/a/b.jpg", "HEAD", {"If-None-Match": '"1"'})
    assert [each.headers["Authorization"] for each in target.asked] == ["Bearer 0perator-credential", None]
    assert [(each.method, each.headers["Authorization"]) for each in other.asked] == [("HEAD", None)]
    assert other.asked[0].headers["If-None-Match"] == '"1"'


def test_a_cookie_that_the_target_sets_is_not_sent_back() -> None:
    with serving(lambda _: Reply(headers={"Set-Cookie": "session=1; Path=/"})) as target, calling(target.base_url) as client:
        client.call("readRuntime")
        client.call("readHealth")
        client.fetch(target.base_url + "/media/a/b.jpg")
    assert [each.headers["Cookie"] for each in target.asked] == [None, None, None]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    with (
        serving() as other,
        serving(lambda _: Reply(status, {"Location": f"{other.base_url}/x"})) as target,
        calling(target.base_url) as client,
    ):
        called = client.call("deleteArtist", "a")
        fetched = client.fetch(target.base_url + "/media/a/b.jpg")
    assert (called.status, fetched.status) == (status, status)
    assert called.headers["Location"] == f"{other.base_url}/x"
    assert [violation.clause for violation in called.violations] == ["status"]
    assert other.asked == []
    assert len(target.asked) == 2


def test_a_redirect_comes_with_its_body() -> None:
    with serving(lambda _: Reply(302, {"Location": "/x"}, b"gone over there")) as target, calling(target.base_url) as client:
        assert client.call("readHealth").body == b"gone over there"


@pytest.mark.parametrize("location", ["http://[", "//", "", "/\xff"])
def test_a_redirect_to_nowhere_is_an_answer_too(location: str) -> None:
    with serving(lambda _: Reply(302, {"Location": location})) as target, calling(target.base_url) as client:
        assert client.call("readHealth").status == 302


@pytest.mark.parametrize(
    "path",
    [
        "/media/../healthz",
        "/media/a/./b.jpg",
        "/media/..%2F..%2Fetc/passwd",
        "/media/%2E%2E/%2E%2E/etc/passwd",
        "/media/%2e%2e%2fetc/passwd",
        "/media/%252e%252e/x",
        "/media/..%5C..%5Cx",
        "/media//etc/passwd",
        "/media/%41/b.jpg",
    ],
)
def test_a_path_is_sent_as_it_is_written(path: str) -> None:
    # A client that tidies a path up has not asked for what it says it has.
    with serving(lambda _: Reply(404)) as target, calling(target.base_url) as client:
        answer = client.fetch(target.base_url + path)
    # RFC 3986, section 6.2.2.1: %2f is %2F.
    assert [each.path.upper() for each in target.asked] == [path.upper()]
    assert answer.request.url == target.base_url + path


@pytest.mark.parametrize("value", ["..", ".", "%2e%2e", ""])
def test_an_id_is_sent_as_it_is(value: str) -> None:
    with serving(lambda _: Reply(404)) as target, calling(target.base_url) as client:
        client.call("readArtist", value)
    assert target.asked[0].path == "/artists/" + value.replace("%", "%25")


def test_a_state_hook_is_called_by_the_operator_and_not_held_against_the_contract() -> None:
    seen: list[Answer] = []
    with serving(lambda _: Reply(418)) as target, calling(target.base_url, seen.append) as client:
        answer = client.state("POST", "/states/storage-failures", {"times": 1})
    assert (answer.status, answer.violations, seen) == (418, (), [])
    asked = target.asked[0]
    assert (asked.method, asked.path) == ("POST", "/states/storage-failures")
    assert (asked.headers["Authorization"], json.loads(asked.body)) == ("Bearer 0perator-credential", {"times": 1})


def silent(connection: socket.socket) -> None:
    connection.settimeout(5)
    connection.recv(1)  # ends when the client hangs up


def slow_body(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc")
    silent(connection)


def dripping(connection: socket.socket) -> None:
    # Never silent for long, and never done.
    connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    for _ in range(100):
        connection.sendall(b"x")
        time.sleep(0.05)


def dripping_headers(connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        connection.sendall(f"X-{number}: y\r\n".encode())
        time.sleep(0.05)


def saying(data: bytes) -> Callable[[socket.socket], None]:
    return lambda connection: connection.sendall(data)


@pytest.mark.parametrize(
    "talk",
    [
        pytest.param(silent, id="silent"),
        pytest.param(slow_body, id="silent in the middle of the body"),
        pytest.param(dripping, id="byte by byte without end"),
        pytest.param(dripping_headers, id="header by header without end"),
        pytest.param(saying(b""), id="closes at once"),
        pytest.param(saying(b"HTTP/1."), id="closes in the status line"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nabc"), id="closes in the body"),
        pytest.param(
            saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabcde\r\n"), id="closes between chunks"
        ),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n"), id="garbage for a chunk"),
        pytest.param(saying(b"\x16\x03\x01\x02\x00\x01"), id="speaks another protocol"),
        pytest.param(saying(b"SSH-2.0-OpenSSH_9.6\r\n"), id="speaks another protocol in text"),
        pytest.param(saying(b"HTTP/1.1 two hundred\r\n\r\n"), id="garbage for a status"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n"), id="headers without end"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n"), id="a header without end"),
        pytest.param(saying(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"), id="two lengths"),
    ],
)
def test_a_target_that_gives_no_whole_answer_is_silent(talk: Callable[[socket.socket], None]) -> None:
    patience = Patience(Limits(connect=1, exchange=0.3))
    with talking(talk) as base_url, calling(base_url, patience=patience) as client:
        began = time.monotonic()
        with pytest.raises(TargetSilent, match=r"^GET /healthz: \w+"):
            client.call("readHealth")
        assert time.monotonic() - began < 2


def test_a_target_that_is_not_there_is_silent() -> None:
    with (
        calling(f"http://127.0.0.1:{free_port()}") as client,
        pytest.raises(TargetSilent, match="DELETE /artists/a: the connection was refused"),
    ):
        client.call("deleteArtist", "a")


@pytest.mark.parametrize(
    "url", ["", "media/a/b.jpg", "//", "http://", "http://[", "http://:80/x", "ftp://a.example/x", "http://a b/"]
)
def test_a_url_that_nobody_can_fetch_is_not_fetched(url: str) -> None:
    with calling("http://127.0.0.1:9") as client, pytest.raises((HostNotAllowed, TargetSilent)):
        client.fetch(url)


@pytest.mark.parametrize("url", ["http://[", "http://127.0.0.1:9/a b", "http://127.0.0.1:99999/", "ftp://127.0.0.1:9/x"])
def test_a_url_of_an_allowed_host_that_nobody_can_fetch_gets_no_answer(url: str) -> None:
    with (
        calling("http://127.0.0.1:9", allowed_hosts=["[", "127.0.0.1:99999"]) as client,
        pytest.raises(TargetSilent),
    ):
        client.fetch(url)


def test_a_host_that_is_not_on_the_list_is_not_asked() -> None:
    with serving() as target, serving() as other, calling(target.base_url) as client:
        for url in (f"{other.base_url}/x", f"http://{host(target)}@{host(other)}/x", f"//{host(other)}/x"):
            with pytest.raises(HostNotAllowed, match=host(target)):
                client.fetch(url)
    assert other.asked == []


def test_the_hosts_own_spelling_of_itself_is_allowed() -> None:
    # RFC 3986, section 6.2.2.1: scheme and host are the same in any case.
    with serving() as target, calling(target.base_url.replace("127.0.0.1", "localhost")) as client:
        client.fetch(target.base_url.replace("127.0.0.1", "LocalHost").replace("http", "HTTP") + "/media/a/b.jpg")
    assert len(target.asked) == 1


@pytest.mark.parametrize(
    ("base_url", "allowed", "url"),
    [
        ("https://a.example", "", "https://A.example:443/x"),
        ("https://a.example:443", "", "https://a.example/x"),
        ("http://a.example", "", "http://a.example:80/x"),
        ("https://a.example", "cdn.example", "https://cdn.example:443/x"),
        ("https://a.example", "cdn.example", "http://cdn.example:80/x"),
        ("https://a.example", "CDN.example:443", "https://cdn.example/x"),
        ("https://a.example", "cdn.example:443", "https://cdn.example:443/x"),
        ("https://a.example", "cdn.example:8443", "https://cdn.example:8443/x"),
    ],
)
def test_a_host_is_allowed_with_and_without_the_port_of_the_scheme(base_url: str, allowed: str, url: str) -> None:
    # The run is over, so that a URL that is allowed is not asked for.
    with calling(base_url, allowed_hosts=[allowed], patience=Patience(for_silence=0)) as client, pytest.raises(RunOver):
        client.fetch(url)


@pytest.mark.parametrize(
    ("base_url", "allowed", "url"),
    [
        ("https://a.example", "", "https://a.example:80/x"),
        ("https://a.example:8443", "", "https://a.example/x"),
        ("https://a.example", "", "https://user@a.example/x"),
        ("https://a.example", "cdn.example", "https://cdn.example:80/x"),
        ("https://a.example", "cdn.example", "https://cdn.example:8443/x"),
        ("https://a.example", "cdn.example:443", "http://cdn.example/x"),
        ("https://a.example", "cdn.example", "https://user:443@cdn.example/x"),
    ],
)
def test_a_host_at_another_port_or_with_userinfo_is_not_allowed(base_url: str, allowed: str, url: str) -> None:
    with calling(base_url, allowed_hosts=[allowed], patience=Patience(for_silence=0)) as client, pytest.raises(HostNotAllowed):
        client.fetch(url)


def test_the_target_is_itself_however_its_url_is_spelled() -> None:
    with (
        serving(lambda _: Reply(418)) as target,
        calling(target.base_url.replace("127.0.0.1", "localhost"), headers={"X-Preview": "1"}) as client,
    ):
        answer = client.fetch(target.base_url.replace("http://127.0.0.1", "HTTP://LocalHost") + "/healthz")
    assert [violation.clause for violation in answer.violations] == ["status"]
    assert [each.headers["X-Preview"] for each in target.asked] == ["1"]


@pytest.mark.parametrize(
    ("base_url", "url", "own"),
    [
        ("https://a.example", "https://a.example:443/x", True),
        ("https://a.example:443", "HTTPS://A.example/x", True),
        ("http://a.example:80", "http://a.example?x", True),
        ("https://a.example", "http://a.example/x", False),
        ("https://a.example", "http://a.example:443/x", False),
        ("https://a.example", "https://user@a.example/x", False),
        ("https://a.example", "https://a.example.evil.example/x", False),
        ("https://a.example", "https://a.example@evil.example/x", False),
    ],
)
def test_extra_headers_go_to_no_other_origin(base_url: str, url: str, own: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[dict[str, str]] = []

    def exchange(_self: Transport, _method: str, _url: str, _limits: Limits, headers: dict[str, str]) -> Received:
        sent.append(headers)
        return Received(418, {}, b"")

    monkeypatch.setattr(Transport, "exchange", exchange)  # such names and ports are not to be had on loopback
    authority = url.partition("//")[2].partition("/")[0]
    with calling(base_url, allowed_hosts=[authority], headers={"X-Preview": "1"}) as client:
        answer = client.fetch(url)
    assert sent == [{"X-Preview": "1"} if own else {}]
    assert bool(answer.violations) is own


def test_headers_of_the_target_file_go_to_the_target_alone() -> None:
    with (
        serving() as target,
        serving() as other,
        calling(target.base_url, allowed_hosts=[host(other)], headers={"X-Preview": "1"}) as client,
    ):
        client.call("readHealth")
        client.call("readHealth", headers={"X-Preview": "2"})
        client.fetch(target.base_url + "/x")
        client.fetch(other.base_url + "/x")
    assert [each.headers["X-Preview"] for each in target.asked] == ["1", "2", "1"]
    assert [each.headers["X-Preview"] for each in other.asked] == [None]


@pytest.mark.parametrize("after", ["0", "Tue, 24 Nov 2020 09:00:00 GMT"])
def test_a_polite_client_waits_when_it_is_asked_to(after: str) -> None:
    replies = iter([Reply(429, {"Retry-After": after}), Reply(429, {"Retry-After": after}), HEALTHY])
    with serving(lambda _: next(replies)) as target, calling(target.base_url, polite=True) as client:
        assert client.call("readHealth").status == 200
    assert len(target.asked) == 3


def test_a_client_that_is_not_polite_takes_429_for_an_answer() -> None:
    with serving(lambda _: Reply(429, {"Retry-After": "0"})) as target, calling(target.base_url) as client:
        assert client.call("readHealth").status == 429
    assert len(target.asked) == 1


def test_a_target_that_asks_again_and_again_to_be_left_alone_gives_no_answer_to_judge() -> None:
    seen: list[Answer] = []
    with (
        serving(lambda _: Reply(429, {"Retry-After": "0"})) as target,
        calling(target.base_url, seen.append, polite=True) as client,
        pytest.raises(TargetSilent, match="GET /healthz: the target asks to be left alone 6 times in a row"),
    ):
        client.call("readHealth")
    assert len(target.asked) == MOST_PAUSES + 1 == 6
    assert seen == []


def test_a_target_that_asks_for_too_long_a_pause_is_not_waited_for() -> None:
    with (
        serving(lambda _: Reply(429, {"Retry-After": "3600"})) as target,
        calling(target.base_url, polite=True) as client,
        pytest.raises(TargetSilent, match="GET /healthz: the target asks to be left alone for 3600 s; at most 20 s are waited"),
    ):
        client.call("readHealth")
    assert len(target.asked) == 1


def test_a_pause_that_the_deadline_forbids_ends_the_run_and_blames_nobody() -> None:
    patience = Patience(deadline=5)
    with (
        serving(lambda _: Reply(429, {"Retry-After": "10"})) as target,
        calling(target.base_url, polite=True, patience=patience) as client,
        pytest.raises(RunOver, match="the deadline of 5 s"),
    ):
        client.call("readHealth")
    assert len(target.asked) == 1
    assert patience.past_deadline


def test_a_target_that_is_always_busy_is_left_alone_for_so_long_over_all_calls() -> None:
    with (
        serving(lambda _: Reply(429, {"Retry-After": "1"})) as target,
        calling(target.base_url, polite=True, patience=Patience(for_pauses=1.5)) as client,
    ):
        for _ in range(2):
            with pytest.raises(RunOver, match=r"asks to be left alone for more than 1\.5 s on end"):
                client.call("readHealth")
    assert len(target.asked) == 3


def test_any_other_answer_renews_the_patience_for_pauses() -> None:
    replies = iter([Reply(429, {"Retry-After": "1"}), Reply(404)] * 2)
    with (
        serving(lambda _: next(replies)) as target,
        calling(target.base_url, polite=True, patience=Patience(for_pauses=1.5)) as client,
    ):
        assert [client.call("readHealth").status for _ in range(2)] == [404, 404]
    assert len(target.asked) == 4


def test_a_run_that_is_over_sends_nothing() -> None:
    patience = Patience(Limits(connect=1, exchange=0.6), for_silence=0.9)
    with talking(silent) as base_url, calling(base_url, patience=patience) as client:
        with pytest.raises(TargetSilent):
            client.call("readHealth")
        with pytest.raises(RunOver):
            client.call("readHealth")


@pytest.mark.parametrize("status", [200, 302])
def test_a_body_that_does_not_end_is_given_up_on(status: int) -> None:
    sent: list[int] = []

    def pour(connection: socket.socket) -> None:
        connection.sendall(f"HTTP/1.1 {status} OK\r\nLocation: /x\r\n\r\n".encode())
        while sum(sent) < 50_000_000:  # far beyond the bound and what buffers may hold besides
            sent.append(connection.send(b"x" * 100_000))

    patience = Patience(Limits(body=1_000_000))
    with (
        talking(pour) as base_url,
        calling(base_url, patience=patience) as client,
        pytest.raises(TargetSilent, match="the answer is longer than 1000000 bytes"),
    ):
        client.call("readHealth")
    assert sum(sent) < 40_000_000


def test_a_long_body_within_the_bound_arrives_whole() -> None:
    body = bytes(range(250)) * 4_000
    patience = Patience(Limits(body=len(body)))
    with serving(lambda _: Reply(body=body)) as target, calling(target.base_url, patience=patience) as client:
        assert client.fetch(target.base_url + "/x").body == body


def test_a_body_arrives_as_it_was_sent() -> None:
    # Whoever packs it although nobody asked has sent these bytes, and they are what is judged.
    packed = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcbH\xcd\xc9\xc9\x07\x00\x86\xa6\x106\x05\x00\x00\x00"
    with (
        serving(lambda _: Reply(headers={"Content-Encoding": "gzip"}, body=packed)) as target,
        calling(target.base_url) as client,
    ):
        assert client.fetch(target.base_url + "/x").body == packed
    assert target.asked[0].headers["Accept-Encoding"] == "identity"


def test_neither_proxies_nor_netrc_of_the_environment_come_between(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login me password mine\n", encoding="utf-8")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
    with serving() as proxy, serving() as target, calling(target.base_url) as client:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.base_url)
        client.fetch(target.base_url + "/media/a/b.jpg")
    assert proxy.asked == []
    assert [each.headers["Authorization"] for each in target.asked] == [None]


def test_head_has_no_body_and_is_judged_without_one() -> None:
    headers = {
        "Content-Type": "image/png",
        "Content-Length": "3",
        "ETag": '"1"',
        "Cache-Control": "public, max-age=31536000, s-maxage=86400, immutable",
        "X-Content-Type-Options": "nosniff",
    }
    with serving(lambda _: Reply(headers=headers, body=b"abc")) as target, calling(target.base_url) as client:
        answer = client.fetch(target.base_url + "/media/a/b.png", "HEAD")
    assert (answer.body, answer.violations) == (b"", ())
    assert answer.headers["Content-Length"] == "3"


@pytest.mark.parametrize(
    ("body", "value", "code"),
    [
        (b'{"code": "not_found"}', {"code": "not_found"}, "not_found"),
        (b'["code"]', ["code"], None),
        (b"<html>", None, None),
        (b"", None, None),
        (b"\xff", None, None),
        (b"[" * 100_000, None, None),
    ],
)
def test_the_json_of_an_answer_is_none_where_it_is_no_json(body: bytes, value: Any, code: str | None) -> None:
    with serving(lambda _: Reply(404, body=body)) as target, calling(target.base_url) as client:
        answer = client.state("GET", "/x")
    assert answer.json == value
    assert answer.code == code


def test_an_answer_says_in_a_line_what_was_asked_and_what_came() -> None:
    replies = iter([Reply(404, body=b'{"code": "not_found"}'), Reply(200, body=b'{"code": "x"}')])
    with serving(lambda _: next(replies)) as target, calling(target.base_url) as client:
        assert str(client.state("GET", "/a?b=c")) == "GET /a answered 404 not_found"
        assert str(client.state("GET", "/a")) == "GET /a answered 200"


def test_threads_each_have_a_connection_and_their_waits_add_up() -> None:
    gate = threading.Barrier(3, timeout=5)

    def reply(_: Asked) -> Reply:
        gate.wait()  # passes only when all three are there at once
        time.sleep(0.05)
        return HEALTHY

    with serving(reply) as target, calling(target.base_url) as client:
        threads = [threading.Thread(target=client.call, args=("readHealth",)) for _ in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(target.asked) == 3
        assert client.waited >= 0.15


def test_a_part_of_a_page_is_read_without_a_credential_and_is_no_affair_of_the_contract() -> None:
    seen: list[Answer] = []
    page = Reply(200, {"Content-Type": "text/html"}, b"<p>Hello.")
    with (
        serving(lambda _: page) as target,
        serving(lambda _: page) as cdn,
        calling(target.base_url, seen.append, allowed_hosts=[host(cdn)], headers={"X-Preview": "1"}) as client,
    ):
        # What no operation answers, and what one answers otherwise: neither is held against the contract.
        for path in ("/pages/artists?x=1", "/artists"):
            own = client.read(target.base_url + path)
            assert (own.status, own.body, own.violations, own.operation) == (200, page.body, (), None)
            assert not own.request.elsewhere
        other = client.read(f"{cdn.base_url}/app.js")
        assert (other.body, other.violations, other.request.elsewhere) == (page.body, (), True)
    assert seen == []
    assert [(each.path, each.headers["Authorization"], each.headers["X-Preview"]) for each in target.asked] == [
        ("/pages/artists?x=1", None, "1"),
        ("/artists", None, "1"),
    ]
    assert [(each.path, each.headers["Authorization"], each.headers["X-Preview"]) for each in cdn.asked] == [
        ("/app.js", None, None)
    ]


def test_a_part_of_a_page_at_a_host_that_is_not_on_the_list_is_not_read() -> None:
    with serving() as target, serving() as other, calling(target.base_url) as client:
        for url in (f"{other.base_url}/x.js", f"http://{host(target)}@{host(other)}/x.js", f"//{host(other)}/x.js"):
            with pytest.raises(HostNotAllowed, match="leads to a host that is not allowed"):
                client.read(url)
        assert target.asked == []
    assert other.asked == []


def test_a_page_that_does_not_come_is_silence_and_one_that_leads_elsewhere_is_an_answer() -> None:
    with serving(lambda _: Reply(302, {"Location": "/login"})) as target, calling(target.base_url) as client:
        assert client.read(f"{target.base_url}/pages").status == 302
        assert len(target.asked) == 1
    nobody = f"http://127.0.0.1:{free_port()}"
    with calling(nobody) as client, pytest.raises(TargetSilent, match="GET /pages: the connection was refused"):
        client.read(f"{nobody}/pages")
