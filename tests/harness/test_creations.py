from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from lanes.creations import Creations, Mark, began, held, mark_in, marked, may_hide_mark, note_deleted, read_ledger
from lanes.errors import Refused

RUN = "20261127T060000Z-0a1b2c"
MARK = Mark(RUN, 17)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Creations]:
    creations = Creations(tmp_path / f"ledger-{RUN}.ndjson", RUN)
    creations.open("acme.toml", "https://acme.example", rehearsal=False)
    yield creations
    creations.close()


def test_a_name_carries_the_mark_and_tells_it_again() -> None:
    sent = marked({"name": "Zoë", "bio": None}, MARK)
    assert sent == {"name": f"Zoë (medialane {RUN}.17)", "bio": None}
    assert mark_in(sent["name"]) == MARK


@pytest.mark.parametrize("bio", [{}, {"bio": None}, {"bio": ""}, {"bio": "Founded in 1983."}])
def test_where_the_name_has_no_room_the_bio_carries_it(bio: dict[str, str | None]) -> None:
    sent = marked({"name": "𝄞" * 200, **bio}, MARK)
    assert sent["name"] == "𝄞" * 200
    assert mark_in(sent["bio"]) == MARK
    assert may_hide_mark(sent["name"])


def test_a_name_without_a_mark_is_looked_into_only_where_one_may_be_in_the_bio() -> None:
    longest = 200 - len(str(Mark(RUN, 1)))
    assert not may_hide_mark("x" * longest)
    assert may_hide_mark("x" * (longest + 1))


@pytest.mark.parametrize(
    "details", [None, [], {}, {"name": ""}, {"name": " "}, {"name": 7}, {"name": "x" * 201}, {"name": "x" * 200, "bio": 7}]
)
def test_what_has_to_be_refused_stays_what_it_is(details: Any) -> None:
    assert marked(details, MARK) == details


@pytest.mark.parametrize(
    "name",
    [
        None,
        "",
        "medialane",
        f"(medialane {RUN}.17) and more",
        f"Zoë (medialane {RUN}.)",
        f"Zoë (medialane {RUN})",
        f"Zoë(medialane {RUN}.17)",
        "Zoë (medialane 2026-0a1b2c.17)",
        f"Zoë (medialane {RUN}.17)\n",
    ],
)
def test_nobody_else_carries_a_mark(name: str | None) -> None:
    assert mark_in(name) is None


def test_a_run_tells_when_it_began() -> None:
    assert began(RUN) == datetime(2026, 11, 27, 6, tzinfo=UTC)


def test_a_creation_is_on_the_disk_before_anything_is_sent(ledger: Creations) -> None:
    ledger.about_to_create({"name": "Zoë"})
    assert read_ledger(ledger.path).marks == (Mark(RUN, 1),)


def test_the_ledger_tells_what_is_left(ledger: Creations) -> None:
    marks = [ledger.about_to_create({"name": "Zoë"})[1] for _ in range(5)]
    for mark, artist in zip(marks, ("a", "b", None, "d"), strict=False):
        ledger.answered(mark, artist)
    ledger.deleted("b")
    ledger.deleted("somebody else")
    left = read_ledger(ledger.path)
    assert (left.run, left.target, left.base_url, left.rehearsal) == (RUN, "acme.toml", "https://acme.example", False)
    assert left.artists == ("a", "d") == tuple(ledger.artists)
    assert left.marks == (marks[4],) == tuple(ledger.unsettled)
    note_deleted(ledger.path, ["a", "d"], [marks[4]])
    assert not read_ledger(ledger.path)


def test_a_line_that_was_cut_off_announced_nothing_that_was_done(ledger: Creations) -> None:
    ledger.about_to_create({"name": "Zoë"})
    with ledger.path.open("a") as file:
        file.write('{"creates": "art')
    assert read_ledger(ledger.path).marks == (Mark(RUN, 1),)


def test_an_edit_of_the_name_keeps_the_mark(ledger: Creations) -> None:
    _, mark = ledger.about_to_create({"name": "Zoë"})
    ledger.answered(mark, "a")
    assert mark_in(ledger.changed("a", {"name": "Zoë & the others"})["name"]) == mark
    assert ledger.changed("a", {"bio": None}) == {"bio": None}
    assert ledger.changed("somebody else", {"name": "Zoë"}) == {"name": "Zoë"}


def test_nobody_sweeps_while_the_run_goes_on(ledger: Creations) -> None:
    with held(ledger.path) as ours:
        assert not ours
    ledger.close()
    with held(ledger.path) as ours:
        assert ours


def test_a_run_that_ended_before_it_sent_anything_has_left_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.ndjson"
    path.write_text("")
    assert not read_ledger(path)


def test_what_was_refused_is_not_under_way_any_more(ledger: Creations) -> None:
    marks = [ledger.about_to_create({"name": "Zoë"})[1] for _ in range(2)]
    assert ledger.since > 0
    assert read_ledger(ledger.path).since == pytest.approx(ledger.since, abs=0.01)
    for mark in marks:
        ledger.refused(mark)
    assert (ledger.since, read_ledger(ledger.path).since) == (0, 0)
    assert set(read_ledger(ledger.path).marks) == set(marks)  # whether that is true is to be seen


def test_no_ledger_is_written_over(ledger: Creations) -> None:
    with pytest.raises(Refused, match="the ledger cannot be written: File exists"):
        Creations(ledger.path, RUN).open("acme.toml", "https://acme.example", rehearsal=False)


@pytest.mark.parametrize("text", ["{}\n", "no JSON\n", "[]\n", json.dumps({"run": RUN}) + "\n"])
def test_what_is_no_ledger_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "ledger.ndjson"
    path.write_text(text)
    with pytest.raises(Refused, match=r"ledger\.ndjson is not the ledger of a run"):
        read_ledger(path)
    with pytest.raises(Refused, match="cannot be read: No such file"):
        read_ledger(tmp_path / "none")
