from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from starlette.requests import Request
from starlette.responses import PlainTextResponse

from reference_impl.ceiling import Ceiling
from reference_impl.errors import Refused
from tests.reference_impl.asgi import Client

if TYPE_CHECKING:
    from collections.abc import Iterator

    from anyio.from_thread import BlockingPortal
    from starlette.types import Receive, Scope, Send

LIMIT = 1000


async def reader(scope: Scope, receive: Receive, send: Send) -> None:
    """Answers with the size of the body, or with why it was not read."""
    try:
        text = str(len(await Request(scope, receive).body()))
    except Refused as refusal:
        text = refusal.code
    await PlainTextResponse(text)(scope, receive, send)


async def ignorer(scope: Scope, receive: Receive, send: Send) -> None:
    await PlainTextResponse("answered")(scope, receive, send)


@pytest.fixture
def reading(portal: BlockingPortal) -> Client:
    return Client(Ceiling(reader, LIMIT), portal)


@pytest.fixture
def ignoring(portal: BlockingPortal) -> Client:
    return Client(Ceiling(ignorer, LIMIT), portal)


def endless(size: int) -> Iterator[bytes]:
    while True:
        yield bytes(size)


def test_a_body_at_the_ceiling_is_read(reading: Client) -> None:
    announced = reading("POST", "/", body=bytes(LIMIT))
    chunked = reading("POST", "/", chunks=[bytes(LIMIT - 1), bytes(1)])
    assert announced.body == chunked.body == b"1000"
    assert "connection" not in announced.headers
    assert "connection" not in chunked.headers


def test_a_body_announced_over_the_ceiling_is_not_read_at_all(reading: Client) -> None:
    answer = reading("POST", "/", headers={"content-length": str(LIMIT + 1)}, body=bytes(LIMIT + 1))
    assert (answer.body, answer.read) == (b"request_too_large", 0)
    assert answer.headers["connection"] == "close"


def test_a_chunked_body_is_read_no_further_than_over_the_ceiling(reading: Client) -> None:
    answer = reading("POST", "/", chunks=endless(300))
    assert (answer.body, answer.read) == (b"request_too_large", 1200)
    assert answer.headers["connection"] == "close"


def test_a_body_larger_than_it_was_announced_is_not_read_to_its_end(reading: Client) -> None:
    answer = reading("POST", "/", headers={"content-length": "3"}, chunks=endless(300))
    assert answer.body == b"request_too_large"


def test_an_answer_before_the_body_was_read_ends_the_connection_unless_the_body_is_known_to_be_small(
    ignoring: Client,
) -> None:
    over = ignoring("POST", "/", headers={"content-length": str(LIMIT + 1)})
    unknown = ignoring("POST", "/", chunks=endless(300))
    small = ignoring("POST", "/", body=bytes(LIMIT))
    without = ignoring("GET", "/")
    assert (over.headers["connection"], unknown.headers["connection"]) == ("close", "close")
    assert "connection" not in small.headers
    assert "connection" not in without.headers
    assert over.read == unknown.read == 0
