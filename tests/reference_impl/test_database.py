from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from sqlalchemy import event, insert, select, text
from sqlalchemy.exc import IntegrityError

from reference_impl.database import DatabaseUnavailable, open_database, reading, writing
from reference_impl.tables import artist_media, artists
from tests.reference_impl.service import JPEG, field, file_part
from tests.reference_impl.settings import WRITE

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine

    from tests.reference_impl.service import Service

both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


def test_sqlite_is_set_up_for_readers_beside_a_writer(engine: Engine) -> None:
    with reading(engine) as connection:
        pragmas = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys")]
        timeout = connection.execute(text("PRAGMA busy_timeout")).scalar()
    assert pragmas == ["wal", 1]
    assert timeout == 30_000


def test_sqlite_knows_the_case_of_letters_outside_ascii_too(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.execute(text("SELECT lower('ÄRGER'), lower(NULL), lower(7)")).one() == ("ärger", None, 7)


def test_a_write_is_all_or_nothing(engine: Engine) -> None:
    def fail() -> None:
        with writing(engine) as connection:
            connection.execute(insert(artists).values(id="a", name="x"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with reading(engine) as connection:
        assert connection.execute(select(artists)).all() == []


def test_a_write_waits_for_the_one_before_it(engine: Engine) -> None:
    began, order = threading.Event(), []

    def second() -> None:
        began.set()
        with writing(engine):
            order.append("second")

    with writing(engine) as connection:
        thread = threading.Thread(target=second)
        thread.start()
        began.wait()
        thread.join(0.2)
        connection.execute(insert(artists).values(id="a", name="x"))
        order.append("first")
    thread.join()
    assert order == ["first", "second"]


def test_media_belongs_to_an_artist(engine: Engine) -> None:
    orphan = {"id": "m", "artist_id": "nobody", "media_type_id": 1, "purpose": "gallery", "status": "ready", "sort_order": 0}
    with pytest.raises(IntegrityError), writing(engine) as connection:
        connection.execute(insert(artist_media).values(orphan))


def test_a_database_in_memory_is_one_for_all_threads() -> None:
    engine = open_database("sqlite:///:memory:")
    with writing(engine) as connection:
        connection.execute(insert(artists).values(id="a", name="x"))
    found: list[object] = []

    def look() -> None:
        with reading(engine) as connection:
            found.extend(connection.execute(select(artists.c.id)).scalars())

    thread = threading.Thread(target=look)
    thread.start()
    thread.join()
    engine.dispose()
    assert found == ["a"]


def test_a_database_that_cannot_be_opened_says_so_without_credentials(tmp_path: Path) -> None:
    with pytest.raises(DatabaseUnavailable, match="DATABASE_URL"):
        open_database(f"sqlite:///{tmp_path}/nowhere/media.sqlite")
    with pytest.raises(DatabaseUnavailable) as unavailable:
        open_database("postgresql://user:hunter2@127.0.0.1:1/name")
    assert "hunter2" not in str(unavailable.value)


@pytest.mark.parametrize("url", ["postgresql://user:hunter2@127.0.0.1:port/name", "postgresql://user:hunter2@127.0.0.1:1/name"])
def test_what_is_wrong_with_a_database_is_told_in_one_line(url: str) -> None:
    with pytest.raises(DatabaseUnavailable) as unavailable:
        open_database(url)
    assert "DATABASE_URL" in str(unavailable.value)
    assert not {"hunter2", "\n"} & {word for word in ("hunter2", "\n") if word in str(unavailable.value)}


@both
def test_processes_that_start_together_all_find_their_tables(database_url: str) -> None:
    def start() -> None:
        open_database(database_url).dispose()

    with ThreadPoolExecutor(6) as pool:
        for started in [pool.submit(start) for _ in range(12)]:
            started.result()


@both
def test_reading_sees_one_state_of_the_database(engine: Engine) -> None:
    with reading(engine) as connection:
        before = connection.execute(select(artists)).all()
        with writing(engine) as other:
            other.execute(insert(artists).values(id="a", name="x"))
        assert connection.execute(select(artists)).all() == before == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_server_that_ended_all_connections_costs_no_query_its_answer(engine: Engine) -> None:
    with reading(engine) as connection:
        assert connection.execute(select(artists)).all() == []
    with writing(engine) as connection:
        pids = connection.execute(
            text("SELECT pid FROM pg_stat_activity WHERE query LIKE '%artists%' AND pid <> pg_backend_pid()")
        )
        for pid in pids.scalars().all():
            connection.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
    with reading(engine) as connection:
        assert connection.execute(select(artists)).all() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_connection_that_is_lost_is_an_error_without_its_story(service: Service, engine: Engine) -> None:
    @event.listens_for(engine, "before_cursor_execute")
    def lose(connection: Any, *_: object) -> None:
        connection.connection.dbapi_connection.pgconn.finish()

    answer = service.client("GET", "/artists")
    event.remove(engine, "before_cursor_execute", lose)
    assert (answer.status, answer.code) == (500, "internal")
    assert b"psycopg" not in answer.body
    assert service.client("GET", "/artists").status == 200


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_keys_are_in_order_of_bytes_whatever_the_language_of_the_database(engine: Engine) -> None:
    with reading(engine) as connection:
        of_keys = connection.execute(
            text(
                "SELECT collation_name FROM information_schema.columns "
                "WHERE column_name = 'storageKey' AND table_schema = current_schema()"
            )
        )
        assert of_keys.scalars().all() == ["C"]


@both
@pytest.mark.parametrize("torn", ["a\0b", "\ud800"])
def test_text_that_no_database_holds_is_refused_alike(service: Service, torn: str) -> None:
    artist = service.artist()
    media = service.upload(artist)
    for method, target, body in (
        ("POST", "/artists", {"name": torn}),
        ("PATCH", f"/artists/{artist}", {"bio": torn}),
        ("PUT", f"/artists/{artist}/media", {"media": [{"ID": media["ID"], "purpose": "gallery", "altText": torn}]}),
        ("PUT", f"/artists/{artist}/media", {"media": [{"ID": torn, "purpose": "gallery", "altText": None}]}),
    ):
        assert service.client(method, target, credential=WRITE, json=body).status == 422
    for path in (f"/artists/{quote(torn, errors='replace')}", "/media/%00/%00", "/artists/%ff%fe"):
        assert service.client("GET", path).status == 404
    assert service.client("DELETE", f"/artists/{artist}/media/%00", credential=WRITE).status == 404
    assert service.client("GET", "/artists?cursor=OTk5OTk5OTk5OTk5OTk5OTk5").status == 200
    named = service.send_form(artist, field("purpose", "gallery"), file_part(JPEG, file_name="a\0b.jpg"))
    assert (named.status, named.json["media"]["originalFileName"]) == (201, "ab.jpg")
