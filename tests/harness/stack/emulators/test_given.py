"""An emulator or server that is there already: it is taken as it is, and left as it was."""

from __future__ import annotations

import contextlib
import json
import secrets
from collections.abc import Mapping

import psycopg
import pytest

from lanes.errors import StackError
from lanes.stack.emulators import emulator as module
from lanes.stack.grounds import Grounds
from lanes.stack.services import KINDS, Services
from lanes.transport import Limits
from tests.harness.processes import descendants
from tests.harness.servers import Reply, serving, talking
from tests.harness.stack.emulators.calls import store_of

S3, AZURE, POSTGRES = (kind.given for kind in KINDS.values())
KEY = "c2VjcmV0LWtleQ=="


@pytest.fixture
def given(
    s3_endpoint: str, azure_connection_string: str, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Mapping[str, str]:
    """All three are there."""
    there = {S3: s3_endpoint, AZURE: azure_connection_string, POSTGRES: postgres_url}
    for name, value in there.items():
        monkeypatch.setenv(name, value)
    return there


def databases(url: str) -> set[str]:
    with contextlib.closing(psycopg.connect(url)) as connection:
        return {name for (name,) in connection.execute("SELECT datname FROM pg_database")}


def test_what_was_given_is_taken_as_it_is_and_never_stopped(given: Mapping[str, str]) -> None:
    before = {each.pid for each in descendants()}
    for how in ("process", "container"):
        with Services(tuple(KINDS), how) as services:
            assert services.as_given == given
            assert all(services.lasting(kind) for kind in KINDS)
            assert sorted(services.described) == [
                f"Azurite 3.35.0 (given by {AZURE})",
                f"LocalStack 4.12.0 (given by {S3})",
                f"PostgreSQL 18.6 (given by {POSTGRES})",
            ]
            assert before <= {each.pid for each in descendants()}
    assert before <= {each.pid for each in descendants()}


def test_what_a_run_makes_in_it_is_gone_afterwards_and_all_else_stays(given: Mapping[str, str]) -> None:
    name = f"before-{secrets.token_hex(4)}"
    with Services(tuple(KINDS)) as services:
        stores = {provider: store_of(services, provider) for provider in ("s3", "azure")}
        for store in stores.values():
            store.make(name)
            store.put(name, "kept", b"kept", "text/plain")
        before = databases(given[POSTGRES])
        with Grounds(services) as grounds:
            made = [grounds.settings(), grounds.settings(), {"MEDIA_LOCATION": grounds.location()}]
            locations = [each["MEDIA_LOCATION"] for each in made]
            for store in stores.values():
                for location in locations:
                    store.put(location, "media/ü", b"bytes", "text/plain")
            # A target that was killed has left a connection.
            with contextlib.closing(psycopg.connect(made[0]["DATABASE_URL"])):
                assert len(databases(given[POSTGRES]) - before) == 2
                grounds.__exit__()
        assert databases(given[POSTGRES]) == before
        for store in stores.values():
            assert [each.key for each in store.list(name)] == ["kept"]
            for location in locations:
                with pytest.raises(StackError, match="does not exist"):
                    store.list(location)
            store.drop(name)


def test_a_target_is_given_a_database_of_its_own_whatever_the_url_says_besides(
    given: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for url in (
        given[POSTGRES] + "?application_name=a/b",
        given[POSTGRES].removesuffix("/postgres") + "/postgres?sslmode=prefer",
    ):
        monkeypatch.setenv(POSTGRES, url)
        with Services(("postgres",)) as services, Grounds(services) as grounds:
            made = grounds.settings()["DATABASE_URL"]
            assert made.partition("?")[2] == url.partition("?")[2]
            with contextlib.closing(psycopg.connect(made)) as connection:
                (name,) = connection.execute("SELECT current_database()").fetchone() or ("",)
            assert str(name).startswith("medialane_")
        assert name not in databases(url)


MALFORMED = [
    (S3, "hunter2", "http://HOST:PORT"),
    (S3, "ftp://127.0.0.1:4566", "http://HOST:PORT"),
    (S3, "https://127.0.0.1:4566", "http://HOST:PORT"),
    (S3, "http://key:hunter2@127.0.0.1:4566", "http://HOST:PORT"),
    (S3, "http://127.0.0.1:4566/hunter2", "http://HOST:PORT"),
    (S3, "http://127.0.0.1:4566?token=hunter2", "http://HOST:PORT"),
    (S3, "http://127.0.0.1:hunter2", "http://HOST:PORT"),
    (S3, "http://[::1", "http://HOST:PORT"),
    (S3, "http://", "http://HOST:PORT"),
    (AZURE, "hunter2", "connection string"),
    (AZURE, "UseDevelopmentStorage=true", "AccountName, AccountKey and an http BlobEndpoint"),
    (AZURE, f"AccountName=a;AccountKey={KEY};BlobEndpoint=https://127.0.0.1/a", "an http BlobEndpoint"),
    (AZURE, f"AccountName=a;AccountKey={KEY};BlobEndpoint=http://127.0.0.1:hunter2/a", "an http BlobEndpoint"),
    (AZURE, f"AccountName=a;AccountKey={KEY}", "an http BlobEndpoint"),
    (AZURE, f"AccountKey={KEY};BlobEndpoint=http://127.0.0.1:10000/a", "AccountName"),
    (AZURE, "AccountName=a;AccountKey=hunter2;BlobEndpoint=http://127.0.0.1:10000/a", "AccountKey"),
    (AZURE, "AccountName=a;SharedAccessSignature=hunter2;BlobEndpoint=http://127.0.0.1:10000/a", "AccountKey"),
    (POSTGRES, "hunter2", "postgresql://HOST:PORT/NAME"),
    (POSTGRES, "mysql://me:hunter2@127.0.0.1:3306/media", "postgresql://HOST:PORT/NAME"),
    (POSTGRES, "postgresql+psycopg://me:hunter2@127.0.0.1/media", "postgresql://HOST:PORT/NAME"),
    (POSTGRES, "postgresql://me:hunter2@/media?host=/tmp", "postgresql://HOST:PORT/NAME"),
    (POSTGRES, "postgresql://me:hunter2@127.0.0.1:many/media", "postgresql://HOST:PORT/NAME"),
    (POSTGRES, "postgresql://me:hunter2@[::1/media", "postgresql://HOST:PORT/NAME"),
    (POSTGRES, "postgresql://127.0.0.1:5432/media", "postgresql://HOST:PORT/NAME"),
]


def kind_of(variable: str) -> str:
    return next(name for name, kind in KINDS.items() if kind.given == variable)


def refusal(variable: str) -> str:
    with pytest.raises(StackError) as error:
        Services((kind_of(variable),)).__enter__()
    return str(error.value)


@pytest.mark.parametrize(("variable", "value", "expected"), MALFORMED)
def test_a_malformed_value_is_told_by_what_is_expected_and_is_not_shown(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, expected: str
) -> None:
    monkeypatch.setenv(variable, value)
    said = refusal(variable)
    assert said.startswith(f"{variable} has to be ")
    assert expected in said
    assert said.endswith(f"; unset {variable}, and one is started for the run")
    assert "hunter2" not in said
    assert KEY not in said


def place(variable: str, address: str) -> str:
    """A value that leads to this address."""
    return {
        S3: f"http://{address}",
        AZURE: f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey={KEY};BlobEndpoint=http://{address}/a;",
        POSTGRES: f"postgresql://me:hunter2hunter2@{address}/postgres",
    }[variable]


@pytest.mark.parametrize("variable", [S3, AZURE, POSTGRES])
def test_where_nobody_answers_it_is_told(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, place(variable, "127.0.0.1:9"))
    said = refusal(variable)
    name = KINDS[kind_of(variable)].name
    assert said.startswith(f"{name}, given by {variable}, does not answer at 127.0.0.1:9: ")
    assert f"unset {variable}" in said
    assert "hunter2" not in said


@pytest.mark.parametrize("variable", [S3, AZURE, POSTGRES])
def test_something_else_at_its_place_is_told(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setattr("lanes.stack.emulators.postgres._PATIENCE", 1)
    elsewhere = Reply(302, {"Location": "http://127.0.0.1:9/"}, b"<html>welcome</html>")
    for reply in (Reply(200, {"Server": "nginx"}, b"[1]"), elsewhere):
        with serving(lambda _, reply=reply: reply) as somebody:  # type: ignore[misc]
            monkeypatch.setenv(variable, place(variable, somebody.base_url.removeprefix("http://")))
            said = refusal(variable)
        assert f", given by {variable}, does not answer at 127.0.0.1:" in said
        assert variable == POSTGRES or "what answers there" in said


@pytest.mark.parametrize("variable", [S3, AZURE, POSTGRES])
def test_one_that_says_nothing_or_never_ends_is_not_waited_for(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setattr(module, "_PROBE", Limits(connect=0.3, exchange=0.3))
    monkeypatch.setattr("lanes.stack.emulators.postgres._PATIENCE", 1)

    def drip(connection: object) -> None:
        import socket
        import time

        assert isinstance(connection, socket.socket)
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(100):
            connection.sendall(b"X-More: x\r\n")
            time.sleep(0.1)

    with talking(drip) as url:
        monkeypatch.setenv(variable, place(variable, url.removeprefix("http://")))
        assert "does not answer" in refusal(variable)


def test_one_that_is_too_old_is_told_with_what_it_has_to_be(monkeypatch: pytest.MonkeyPatch) -> None:
    health = json.dumps({"services": {"s3": "available"}, "version": "3.8.1"}).encode()
    replies = {S3: Reply(body=health), AZURE: Reply(400, {"Server": "Azurite-Blob/3.34.0"})}
    for variable, reply, told in (
        (S3, replies[S3], "LocalStack, given by MEDIALANE_S3_ENDPOINT, is 3.8.1: too old, it has to be 4.12 or newer"),
        (AZURE, replies[AZURE], f"Azurite, given by {AZURE}, is 3.34.0: too old, it has to be 3.35 or newer"),
    ):
        with serving(lambda asked, reply=reply: Reply(404) if "no-such-bucket" in asked.path else reply) as somebody:  # type: ignore[misc]
            monkeypatch.setenv(variable, place(variable, somebody.base_url.removeprefix("http://")))
            assert refusal(variable).startswith(told)


def test_localstack_is_there_once_its_s3_knows_its_operations(monkeypatch: pytest.MonkeyPatch) -> None:
    health = Reply(body=json.dumps({"services": {"s3": "running"}, "version": "4.12.0"}).encode())
    for status, told in ((501, "its S3 answers 501 for a bucket that is not there"), (404, None)):
        with serving(lambda asked, status=status: Reply(status) if "no-such-bucket" in asked.path else health) as somebody:  # type: ignore[misc]
            monkeypatch.setenv(S3, place(S3, somebody.base_url.removeprefix("http://")))
            if told:
                assert told in refusal(S3)
            else:
                with Services(("localstack",)) as services:
                    assert services.s3


def test_postgresql_that_is_too_old_is_told(monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    monkeypatch.setenv(POSTGRES, postgres_url)
    monkeypatch.setattr(KINDS["postgres"], "oldest", (99,))
    assert "too old, it has to be 99 or newer" in refusal(POSTGRES)


def test_a_localstack_without_s3_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    for services, told in (({"sqs": "running"}, "is no health report"), ({"s3": "disabled"}, "its S3 is disabled")):
        health = json.dumps({"services": services, "version": "4.12.0"}).encode()
        with serving(lambda _, body=health: Reply(body=body)) as somebody:  # type: ignore[misc]
            monkeypatch.setenv(S3, somebody.base_url)
            assert told in refusal(S3)


def test_a_password_that_is_wrong_is_told_without_it(monkeypatch: pytest.MonkeyPatch, postgres_url: str) -> None:
    user, _, rest = postgres_url.rpartition("@")
    wrong = f"{user.rpartition(':')[0]}:hunter2%2Fhunter2@{rest}"
    monkeypatch.setenv(POSTGRES, wrong)
    said = refusal(POSTGRES)
    assert "password authentication failed" in said
    assert "hunter2" not in said


@pytest.mark.usefixtures("given")
def test_proxies_of_the_environment_have_no_say(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with Services(("localstack", "azurite")) as services:
        for provider in ("s3", "azure"):
            store = store_of(services, provider)
            name = f"proxied-{secrets.token_hex(4)}"
            store.make(name)
            store.drop(name)
