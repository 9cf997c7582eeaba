"""Each kind of fault, before and after the store acted. What happens without a fault is the first test's."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from xml.etree import ElementTree

import pytest

from lanes.stack.gateway.calls import Provider
from lanes.stack.gateway.faults import Fault, When
from lanes.stack.gateway.server import Gateway
from tests.harness.processes import soon
from tests.harness.stack.gateway.store import Got, Store, ask

WHENS: tuple[When, ...] = ("before", "after")
PICTURE = b"picture" * 3000


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as made:
        yield made


def put(gateway: Gateway, key: str = "one", body: bytes = PICTURE) -> Got:
    return ask(gateway.url("s3"), "PUT", f"/b/{key}", body)


def leaving(gateway: Gateway, path: str = "/b/one") -> socket.socket:
    """A connection over which a whole request has gone out; whoever closes it leaves."""
    connection = socket.create_connection(("127.0.0.1", int(gateway.url("s3").rpartition(":")[2])))
    connection.sendall(f"PUT {path} HTTP/1.1\r\nHost: h\r\nContent-Length: {len(PICTURE)}\r\n\r\n".encode() + PICTURE)
    return connection


def test_without_a_fault_calls_are_answered_by_the_store(gateway: Gateway, store: Store) -> None:
    with gateway.faulty(Fault("refuse", operation="delete")) as armed:
        began = time.monotonic()
        got = put(gateway)
        assert time.monotonic() - began < 0.2
    assert (got.status, got.headers["ETag"]) == (200, '"kept"')
    assert store.kept == {"/b/one": PICTURE}
    assert armed.calls == ()
    assert not armed.wait_reached(0)
    (call,) = gateway.record.since()
    assert (call.status, call.store_status, call.fault, call.size) == (200, 200, None, len(PICTURE))
    assert gateway.broken is None


@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize(
    ("provider", "what", "status", "code"),
    [
        ("s3", "refuse", 403, "AccessDenied"),
        ("s3", "fail", 503, "SlowDown"),
        ("azure", "refuse", 403, "AuthorizationFailure"),
        ("azure", "fail", 503, "ServerBusy"),
    ],
)
def test_a_call_is_refused_or_fails_in_the_words_of_its_provider(
    gateway: Gateway, store: Store, provider: Provider, what: str, status: int, code: str, when: When
) -> None:
    path = "/b/one" if provider == "s3" else "/a/b/one"
    fault = Fault("refuse" if what == "refuse" else "fail", when)
    with gateway.faulty(fault) as armed:
        got = ask(gateway.url(provider), "PUT", path, PICTURE)
    assert got.status == status
    assert got.headers["Content-Type"] == "application/xml"
    assert ElementTree.fromstring(got.body).findtext("Code") == code  # noqa: S314 - it is our own
    assert (got.headers["x-ms-error-code"] or code) == code
    assert (path in store.kept) == (when == "after")
    (call,) = armed.calls
    assert (call.status, call.store_status) == (status, 200 if when == "after" else None)
    assert (call.fault, call.size, call.keys) == (f"{what} {when}", len(PICTURE), ("one",))
    assert gateway.broken is None


def test_a_refused_head_has_no_body_and_its_connection_goes_on(gateway: Gateway, store: Store) -> None:
    store.kept["/b/one"] = PICTURE
    with gateway.faulty(Fault("refuse", operation="head")):
        assert ask(gateway.url("s3"), "HEAD", "/b/one").status == 403
        assert ask(gateway.url("s3"), "GET", "/b/one").body == PICTURE


@pytest.mark.parametrize("when", WHENS)
def test_a_connection_is_reset(gateway: Gateway, store: Store, when: When) -> None:
    with gateway.faulty(Fault("reset", when)) as armed, pytest.raises(ConnectionResetError):
        put(gateway)
    assert ("/b/one" in store.kept) == (when == "after")
    assert soon(lambda: armed.calls[0].seconds is not None)
    assert (armed.calls[0].status, armed.calls[0].store_status) == (None, 200 if when == "after" else None)
    assert gateway.broken is None


@pytest.mark.parametrize("when", WHENS)
def test_a_call_is_slow(gateway: Gateway, store: Store, when: When, pool: ThreadPoolExecutor) -> None:
    with gateway.faulty(Fault("slow", when, seconds=0.4)) as armed:
        began = time.monotonic()
        answer = pool.submit(put, gateway)
        assert armed.wait_reached(5)
        assert ("/b/one" in store.kept) == (when == "after")
        assert answer.result(5).status == 200
        assert 0.4 <= time.monotonic() - began < 2
    assert store.kept == {"/b/one": PICTURE}
    assert (armed.calls[0].seconds or 0) >= 0.4


@pytest.mark.parametrize("what", ["hold", "hang"])
@pytest.mark.parametrize("when", WHENS)
@pytest.mark.parametrize("let_go", ["release", "leave the context"])
def test_a_call_is_kept_back_until_it_is_let_go(
    gateway: Gateway, store: Store, what: str, when: When, let_go: str, pool: ThreadPoolExecutor
) -> None:
    fault = Fault("hold" if what == "hold" else "hang", when)
    with gateway.faulty(fault) as armed:
        answer = pool.submit(put, gateway)
        assert armed.wait_reached(5)
        time.sleep(0.2)
        assert not answer.done()
        assert ("/b/one" in store.kept) == (when == "after")
        assert (armed.calls[0].status, armed.calls[0].seconds) == (None, None)
        if let_go == "release":
            armed.release()
            assert answer.result(5).status == 200
            assert put(gateway, "two").status == 200
    assert answer.result(5).headers["ETag"] == '"kept"'
    assert store.kept["/b/one"] == PICTURE
    assert (armed.calls[0].status, armed.calls[0].store_status, armed.calls[0].fault) == (200, 200, f"{what} {when}")


@pytest.mark.parametrize("what", ["hold", "hang", "slow"])
def test_a_call_that_the_target_leaves_before_the_store_acted_never_gets_there(
    gateway: Gateway, store: Store, what: str
) -> None:
    fault = Fault("slow", seconds=0.5) if what == "slow" else Fault("hold" if what == "hold" else "hang")
    with gateway.faulty(fault) as armed:
        with leaving(gateway):
            assert armed.wait_reached(5)
        assert soon(lambda: armed.calls[0].seconds is not None)
    time.sleep(0.6)
    assert store.asked == []
    assert (armed.calls[0].status, armed.calls[0].store_status) == (None, None)
    assert gateway.broken is None


def test_a_call_that_the_target_leaves_after_the_store_acted_is_recorded_without_a_status(
    gateway: Gateway, store: Store
) -> None:
    with gateway.faulty(Fault("hang", "after")) as armed:
        with leaving(gateway):
            assert armed.wait_reached(5)
        assert soon(lambda: armed.calls[0].seconds is not None)
    assert (armed.calls[0].status, armed.calls[0].store_status) == (None, 200)
    assert "/b/one" in store.kept
    assert gateway.broken is None


@pytest.mark.parametrize("when", WHENS)
def test_a_fault_that_ends_as_the_target_leaves_lets_nothing_go_on(gateway: Gateway, store: Store, when: When) -> None:
    for _ in range(30):
        with gateway.faulty(Fault("hang", when)) as armed, leaving(gateway):
            assert armed.wait_reached(5)
            # Busy as it is, the gateway sees both at once.
            gateway._loop.call_soon_threadsafe(time.sleep, 0.02)  # noqa: SLF001
        assert armed.wait_ended(5)
        assert armed.calls[0].status is None
    assert len(store.asked) == (30 if when == "after" else 0)


def test_waiting_for_the_end_of_calls_that_hang_is_given_up(gateway: Gateway) -> None:
    with gateway.faulty(Fault("hang")) as armed:
        with leaving(gateway):
            assert armed.wait_reached(5)
            assert not armed.wait_ended(0.05)
        assert armed.wait_ended(5)


def test_others_are_served_while_a_call_hangs(gateway: Gateway, pool: ThreadPoolExecutor) -> None:
    with gateway.faulty(Fault("hang", keys=frozenset({"one"}))) as armed:
        answer = pool.submit(put, gateway, "one")
        assert armed.wait_reached(5)
        assert all(put(gateway, f"other-{number}").status == 200 for number in range(20))
        assert not answer.done()


@pytest.mark.parametrize(
    ("fault", "refused"),
    [
        pytest.param(Fault("refuse"), "PUT one, GET one, DELETE one, PUT two", id="everything"),
        pytest.param(Fault("refuse", operation="put"), "PUT one, PUT two", id="an operation"),
        pytest.param(Fault("refuse", keys=frozenset({"two", "three"})), "PUT two", id="keys"),
        pytest.param(Fault("refuse", location="b"), "PUT one, GET one, DELETE one, PUT two", id="a location"),
        pytest.param(Fault("refuse", location="c"), "", id="another location"),
        pytest.param(Fault("refuse", provider="azure"), "", id="another provider"),
        pytest.param(Fault("refuse", times=2), "PUT one, GET one", id="so many times"),
        pytest.param(Fault("refuse", nth=1), "PUT one, GET one, DELETE one", id="the first key"),
        pytest.param(Fault("refuse", nth=2), "PUT two", id="the second key"),
        pytest.param(Fault("refuse", nth=1, operation="delete"), "DELETE one", id="the first key that is deleted"),
        pytest.param(Fault("refuse", nth=1, keys=frozenset({"two"})), "PUT two", id="the first of some keys"),
        pytest.param(Fault("refuse", nth=3), "", id="a key that never comes"),
    ],
)
def test_a_fault_befalls_the_calls_that_it_is_about(gateway: Gateway, fault: Fault, refused: str) -> None:
    seen = []
    with gateway.faulty(fault) as armed:
        for method, key in (("PUT", "one"), ("GET", "one"), ("DELETE", "one"), ("PUT", "two")):
            if ask(gateway.url("s3"), method, f"/b/{key}", PICTURE if method == "PUT" else None).status == 403:
                seen.append(f"{method} {key}")
    assert ", ".join(seen) == refused
    assert len(armed.calls) == len(seen)


def test_the_nth_key_is_hit_again_when_it_is_tried_again(gateway: Gateway) -> None:
    with gateway.faulty(Fault("fail", operation="put", nth=2)) as armed:
        statuses = [put(gateway, key).status for key in ("one", "one", "two", "two", "three", "one", "two")]
    assert statuses == [200, 200, 503, 503, 200, 200, 503]
    assert [call.number for call in armed.calls] == [3, 4, 7]


def test_order_begins_when_a_fault_is_armed_and_ends_with_it(gateway: Gateway) -> None:
    assert put(gateway, "earlier").status == 200
    with gateway.faulty(Fault("refuse", operation="put", nth=1)):
        assert [put(gateway, key).status for key in ("one", "earlier", "one")] == [403, 200, 403]
    assert put(gateway, "one").status == 200


def test_a_delete_of_several_objects_is_hit_as_a_whole(gateway: Gateway, store: Store) -> None:
    body = b"<Delete><Object><Key>one</Key></Object><Object><Key>two</Key></Object></Delete>"
    with gateway.faulty(Fault("refuse", operation="delete", nth=2)) as armed:
        assert ask(gateway.url("s3"), "POST", "/b?delete", body).status == 403
    assert armed.calls[0].keys == ("one", "two")
    assert store.asked == []
    assert ask(gateway.url("s3"), "POST", "/b?delete", body).status == 404  # as the small store answers
    assert store.asked[0].body == body


def test_of_two_faults_the_one_armed_first_has_a_call_and_the_other_counts_it(gateway: Gateway) -> None:
    with (
        gateway.faulty(Fault("refuse", operation="put", nth=1)) as first,
        gateway.faulty(Fault("fail", operation="put", nth=2)) as second,
        gateway.faulty(Fault("fail", operation="put", nth=1)) as never,
    ):
        assert [put(gateway, key).status for key in ("one", "two", "three")] == [403, 503, 200]
    assert [len(armed.calls) for armed in (first, second, never)] == [1, 1, 0]


def test_a_fault_that_has_had_its_number_of_calls_leaves_the_next_to_another(gateway: Gateway) -> None:
    with gateway.faulty(Fault("refuse", times=1)), gateway.faulty(Fault("fail")):
        assert [put(gateway).status for _ in range(2)] == [403, 503]


def test_many_calls_at_once_are_held_and_let_go(gateway: Gateway, store: Store, pool: ThreadPoolExecutor) -> None:
    with gateway.faulty(Fault("hold")) as armed:
        answers: list[Future[Got]] = [pool.submit(put, gateway, str(number)) for number in range(8)]
        assert soon(lambda: len(armed.calls) == 8)
        assert store.asked == []
    assert [answer.result(5).status for answer in answers] == [200] * 8


@pytest.mark.parametrize(
    "wrong",
    [lambda: Fault("slow"), lambda: Fault("hold", seconds=1), lambda: Fault("fail", nth=0), lambda: Fault("fail", times=0)],
)
def test_a_fault_that_makes_no_sense_is_an_error(wrong: Callable[[], Fault]) -> None:
    with pytest.raises(ValueError, match=r"seconds|count"):
        wrong()
