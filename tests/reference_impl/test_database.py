from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import IntegrityError

from reference_impl.database import DatabaseUnavailable, open_database, reading, writing
from reference_impl.tables import artist_media, artists

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Engine


def test_sqlite_is_set_up_for_readers_beside_a_writer(engine: Engine) -> None:
    with reading(engine) as connection:
        pragmas = [connection.execute(text(f"PRAGMA {name}")).scalar() for name in ("journal_mode", "foreign_keys")]
        timeout = connection.execute(text("PRAGMA busy_timeout")).scalar()
    assert pragmas == ["wal", 1]
    assert timeout == 30_000


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
