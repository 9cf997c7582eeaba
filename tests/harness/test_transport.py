from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from lanes.transport import Limits, NoAnswer, Received, Transport
from tests.harness.servers import Reply, serving, talking

QUICK = Limits(connect=1, exchange=0.3, body=100)


@contextlib.contextmanager
def transporting() -> Iterator[Transport]:
    with contextlib.closing(Transport()) as transport:
        yield transport


def why(talk: Callable[[socket.socket], None], limits: Limits = QUICK) -> str:
    """Why there was no answer from such a server."""
    began = time.monotonic()
    with talking(talk) as base_url, transporting() as transport, pytest.raises(NoAnswer) as nothing:
        transport.exchange("GET", base_url + "/x", limits)
    assert time.monotonic() - began < 2
    return str(nothing.value)


def saying(*pieces: bytes, pause: float = 0.0) -> Callable[[socket.socket], None]:
    def talk(connection: socket.socket) -> None:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(pause)

    return talk


def test_an_answer_comes_as_it_was_sent() -> None:
    with serving(lambda _: Reply(418, {"X-Odd": "yes"}, b"\0\xff")) as served, transporting() as transport:
        received = transport.exchange("POST", served.base_url + "/x?y=z", QUICK, json={"a": 1})
    assert (received.status, received.body) == (418, b"\0\xff")
    assert received.headers["x-odd"] == "yes"
    assert (served.asked[0].method, served.asked[0].path, served.asked[0].body) == ("POST", "/x?y=z", b'{"a": 1}')


@pytest.mark.parametrize("over", [False, True])
def test_a_body_has_as_many_bytes_as_the_limit_allows(over: bool) -> None:
    with serving(lambda _: Reply(body=b"x" * (101 if over else 100))) as served, transporting() as transport:
        if over:
            with pytest.raises(NoAnswer, match="the answer is longer than 100 bytes"):
                transport.exchange("GET", served.base_url, QUICK)
        else:
            assert len(transport.exchange("GET", served.base_url, QUICK).body) == 100


@pytest.mark.parametrize(
    "phase", ["head", "headers", "length", "chunks", "body that ends with the connection", "silence in such a body"]
)
def test_an_answer_that_was_cut_off_is_none(phase: str) -> None:
    # Whoever is cut off must not look as if it had come to its end.
    head = b"HTTP/1.1 200 OK\r\n"
    pieces = {
        "head": [bytes([each]) for each in head],
        "headers": [head, *[b"X-%d: y\r\n" % number for number in range(30)]],
        "length": [head + b"Content-Length: 90\r\n\r\n", *[b"x"] * 30],
        "chunks": [head + b"Transfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 30],
        "body that ends with the connection": [head + b"\r\n", *[b"x"] * 30],
        "silence in such a body": [head + b"\r\nx", *[b""] * 30],
    }[phase]
    assert why(saying(*pieces, pause=0.04)).startswith("no whole answer within")


@pytest.mark.parametrize(
    ("talk", "told"),
    [
        (saying(), "the connection was closed without an answer"),
        (saying(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"), "IncompleteRead"),
        (saying(b"nonsense\r\n"), "BadStatusLine"),
    ],
    ids=["closed", "body broken off", "another protocol"],
)
def test_why_there_was_no_answer_is_told_in_a_few_words(talk: Callable[[socket.socket], None], told: str) -> None:
    words = why(talk)
    assert told in words
    assert "127.0.0.1" not in words


def test_a_slow_answer_within_the_limit_is_one() -> None:
    talk = saying(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n", b"a", b"b", b"c", pause=0.05)
    with talking(talk) as base_url, transporting() as transport:
        assert transport.exchange("GET", base_url, Limits(exchange=2)).body == b"abc"


@pytest.mark.parametrize(("status", "kept"), [(200, True), (422, True), (500, False), (503, False)])
def test_no_request_goes_over_a_connection_of_an_answer_of_5xx(status: int, kept: bool) -> None:
    with serving(lambda _: Reply(status)) as served, transporting() as transport:
        for _ in range(2):
            assert transport.exchange("GET", served.base_url, QUICK).status == status
        assert (len({asked.port for asked in served.asked}) == 1) == kept


def test_connections_are_kept_and_outlive_an_exchange_that_failed() -> None:
    with serving(lambda asked: Reply(body=b"x" * (500 if asked.path == "/long" else 5))) as served, transporting() as transport:
        with pytest.raises(NoAnswer):
            transport.exchange("GET", served.base_url + "/long", QUICK)
        received = transport.exchange("GET", served.base_url + "/short", QUICK)
    assert received == Received(200, received.headers, b"xxxxx")


@pytest.mark.parametrize("stray", [b"", b"a body where none may be"])
@pytest.mark.parametrize("pause", [0.0, 0.03])
def test_bytes_after_the_head_of_an_answer_to_head_are_seen(stray: bytes, pause: float) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 24\r\n\r\n"
    with talking(saying(head, stray, pause=pause)) as base_url, transporting() as transport:
        received = transport.exchange("HEAD", base_url + "/x", QUICK)
        again = transport.exchange("HEAD", base_url + "/x", QUICK)
    assert (received.status, received.body) == (200, stray)
    assert again == received


def certified(folder: Path, name: str = "IP:127.0.0.1", days: int = 1) -> Path:
    """A certificate for this name that is signed by itself, with its key, in one file."""
    key, request, certificate = (folder / each for each in ("key.pem", "request.pem", "certificate.pem"))
    made = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=medialane"]
    _openssl("req", "-new", *made, "-addext", f"subjectAltName={name}", "-keyout", str(key), "-out", str(request))
    signed = ["-signkey", str(key), "-days", str(days), "-copy_extensions", "copy"]
    _openssl("x509", "-req", "-in", str(request), *signed, "-out", str(certificate))
    certificate.write_bytes(certificate.read_bytes() + key.read_bytes())
    return certificate


def _openssl(*words: str) -> None:
    subprocess.run(["openssl", *words], check=True, capture_output=True)


@contextlib.contextmanager
def serving_tls(certificate: Path) -> Iterator[str]:
    """A server on loopback that shows this certificate and answers 204 to every GET. Yields its base URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

        def handle(self) -> None:
            with contextlib.suppress(ssl.SSLError):  # who does not trust it hangs up
                super().handle()

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"https://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(autouse=True)
def _no_authorities(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name, raising=False)


def why_not_trusted(certificate: Path) -> str:
    """Why there was no answer from a server with this certificate."""
    with serving_tls(certificate) as base_url, transporting() as transport, pytest.raises(NoAnswer) as nothing:
        transport.exchange("GET", base_url + "/x", QUICK)
    return str(nothing.value)


def test_a_certificate_of_an_unknown_authority_is_not_trusted_and_the_way_out_is_told(tmp_path: Path) -> None:
    assert why_not_trusted(certified(tmp_path)) == (
        "its certificate cannot be verified: self-signed certificate; "
        "REQUESTS_CA_BUNDLE or SSL_CERT_FILE can name a file with the authority that signed it"
    )


@pytest.mark.parametrize("name", ["REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"])
def test_the_environment_names_the_authorities(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = certified(tmp_path)
    monkeypatch.setenv(name, str(certificate))
    with serving_tls(certificate) as base_url, transporting() as transport:
        assert transport.exchange("GET", base_url + "/x", QUICK).status == 204
        assert transport.status("GET", base_url + "/x", QUICK) == 204


@pytest.mark.parametrize(
    ("name", "days", "told"),
    [
        ("IP:127.0.0.1", -1, "certificate has expired"),
        ("IP:127.0.0.2", 1, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        ("DNS:a.example", 1, "IP address mismatch, certificate is not valid for '127.0.0.1'"),
    ],
    ids=["expired", "another address", "another name"],
)
def test_what_is_wrong_with_a_certificate_of_a_known_authority_is_told(
    tmp_path: Path, name: str, days: int, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = certified(tmp_path, name, days)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    assert why_not_trusted(certificate) == f"its certificate cannot be verified: {told}"


def test_a_file_of_authorities_that_is_not_there_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "nowhere.pem"))
    assert str(tmp_path / "nowhere.pem") in why_not_trusted(certified(tmp_path))
