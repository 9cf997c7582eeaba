from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

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
