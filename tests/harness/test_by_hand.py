"""A request whose bytes go out when the test says so, to real servers on loopback."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from lanes.client import Client, Request, Upload
from lanes.contract import contract
from lanes.errors import TargetSilent
from lanes.patience import Patience
from lanes.transport import Limits
from tests.harness.servers import Reply, Served, serving

MADE = Reply(422, {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}, json.dumps({"code": "x"}).encode())
PICTURE = Upload(b"0123456789" * 100, "image/jpeg", "picture.jpg")


@pytest.fixture
def served() -> Iterator[Served]:
    with serving(lambda _: MADE) as target:
        yield target


def client_of(base_url: str, seconds: float = 5) -> Client:
    return Client(base_url, {"write": "wr1te"}, contract(), patience=Patience(Limits(connect=1, exchange=seconds)))


def uploading(client: Client) -> Request:
    return replace(client.request("uploadArtistMedia", "an-artist"), form=(("purpose", "gallery"),), files=(PICTURE,))


def test_a_request_by_hand_is_the_one_that_a_call_would_send(served: Served) -> None:
    with contextlib.closing(client_of(served.base_url)) as client, client.by_hand(uploading(client)) as sending:
        answer = sending.finish()
        client.call("uploadArtistMedia", "an-artist", form={"purpose": "gallery"}, files=(PICTURE,))
    assert (answer.status, answer.code) == (422, "x")
    by_hand, called = served.asked
    assert (by_hand.method, by_hand.path, by_hand.headers["Authorization"]) == ("POST", called.path, "Bearer wr1te")
    assert len(by_hand.body) == len(called.body)
    assert PICTURE.data in by_hand.body


def test_what_is_held_back_is_not_there_until_it_is_sent(served: Served) -> None:
    with contextlib.closing(client_of(served.base_url)) as client, client.by_hand(uploading(client)) as sending:
        sending.send_all_but(7)
        time.sleep(0.1)
        assert served.asked == []
        assert sending.sent == len(sending.prepared.body) - 7
        sending.finish()
    assert len(served.asked) == 1


def test_what_is_cut_off_never_comes(served: Served) -> None:
    with contextlib.closing(client_of(served.base_url)) as client, client.by_hand(uploading(client)) as sending:
        sending.send_all_but(7)
        sending.abort()
    time.sleep(0.1)
    assert served.asked == [] or len(served.asked[0].body) < len(sending.prepared.body)


@contextlib.contextmanager
def raw(answers: bytes, after: int) -> Iterator[tuple[str, list[int]]]:
    """A server that answers so once it has read so many bytes, and goes on reading; the list says how many it read."""
    read = [0]
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                while read[0] < after and (data := connection.recv(65536)):
                    read[0] += len(data)
                connection.sendall(answers)
                with contextlib.suppress(OSError):
                    while data := connection.recv(65536):
                        read[0] += len(data)

        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", read
        thread.join(5)


def test_sending_stops_when_there_is_an_answer() -> None:
    answer = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    with raw(answer, 100_000) as (base_url, _), contextlib.closing(client_of(base_url)) as client:
        with client.by_hand(uploading(client), announced=300_000_000) as sending:
            pieces = 0
            while pieces < 300 and sending.send(bytes(1_000_000)):
                pieces += 1
            assert sending.answer().status == 413
        assert sending.sent < 30_000_000


def test_a_body_of_no_announced_length_comes_in_chunks() -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    with raw(answer, 300) as (base_url, read), contextlib.closing(client_of(base_url)) as client:
        with client.by_hand(uploading(client), chunked=True) as sending:
            assert sending.finish().status == 200
        assert read[0] > len(sending.prepared.body)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", b"nonsense\r\n\r\n"])
def test_what_is_no_whole_answer_is_silence(answer: bytes) -> None:
    with (
        raw(answer, 300) as (base_url, _),
        contextlib.closing(client_of(base_url, 1)) as client,
        client.by_hand(uploading(client)) as sending,
        pytest.raises(TargetSilent, match="POST /artists/an-artist/media"),
    ):
        sending.finish()


def test_nobody_there_is_silence() -> None:
    with contextlib.closing(client_of("http://127.0.0.1:1")) as client, pytest.raises(TargetSilent):
        client.by_hand(uploading(client)).__enter__()
