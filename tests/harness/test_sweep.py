"""Sweeping a small target; tests/deployed sweeps what killed runs have really left."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from rich.console import Console

from lanes import sweep
from lanes.client import Client
from lanes.contract import contract
from lanes.creations import Creations, Mark, read_ledger
from lanes.errors import Refused
from lanes.patience import Patience
from lanes.report.sweeping import print_swept
from lanes.sweep import Swept, by_ledgers, by_marks
from tests.harness.artists import Artists
from tests.harness.servers import serving


def run_of(age: timedelta, tail: str = "0a1b2c") -> str:
    """The ID of a run that began so long ago."""
    return f"{datetime.now(UTC) - age:%Y%m%dT%H%M%SZ}-{tail}"


YOUNG, OLD = run_of(timedelta(minutes=5)), run_of(timedelta(days=2), "abcdef")


@pytest.fixture
def artists(monkeypatch: pytest.MonkeyPatch) -> Iterator[Artists]:
    """A target with three artists of somebody else, which every sweep of this test is at."""
    there = Artists({f"theirs{number}": (f"Somebody {number}", None) for number in range(3)})
    with serving(there.reply) as served:

        @contextlib.contextmanager
        def at(_source: str, _base_url: str | None = None) -> Iterator[tuple[Client, float]]:
            with contextlib.closing(
                Client(served.base_url, {"write": "wr1te-credential"}, contract(), patience=Patience())
            ) as client:
                yield client, 0.1

        monkeypatch.setattr(sweep, "_at", at)
        yield there


def ledger(folder: Path, artists: Artists, run: str = YOUNG, *, rehearsal: bool = False) -> Path:
    """The ledger of a run that was killed: one artist noted, one that nobody noted, one that was never created."""
    creations = Creations(folder / f"ledger-{run}.ndjson", run)
    creations.open("acme.toml", "https://acme.example", rehearsal=rehearsal)
    for number in range(3):
        _, mark = creations.about_to_create({"name": "Zoë"})
        if number < 2:
            artists.names[f"{run}.{number}"] = (f"Zoë{mark}", None)
        if number == 0:
            creations.answered(mark, f"{run}.0")
    creations.close()
    return creations.path


def test_what_a_killed_run_left_is_deleted_and_nothing_else(tmp_path: Path, artists: Artists) -> None:
    theirs = dict(artists.names)
    path = ledger(tmp_path, artists)
    (swept,) = by_ledgers([path], None, None, dry_run=False)
    assert (set(swept.found), dict(swept.left), swept.why_not) == ({f"{YOUNG}.0", f"{YOUNG}.1"}, {}, None)
    assert artists.names == theirs
    assert not read_ledger(path)
    (again,) = by_ledgers([tmp_path], None, None, dry_run=False)
    assert (again.found, again.why_not) == ((), None)


def test_a_dry_run_deletes_nothing(tmp_path: Path, artists: Artists) -> None:
    path = ledger(tmp_path, artists)
    before, text = dict(artists.names), path.read_text()
    (swept,) = by_ledgers([path], None, None, dry_run=True)
    assert set(swept.found) == {f"{YOUNG}.0", f"{YOUNG}.1"}
    assert artists.names == before
    assert path.read_text() == text


def test_what_could_not_be_deleted_stays_in_the_ledger(tmp_path: Path, artists: Artists) -> None:
    path = ledger(tmp_path, artists)
    artists.stubborn = {f"{YOUNG}.0", f"{YOUNG}.1"}
    (swept,) = by_ledgers([path], None, None, dry_run=False)
    assert swept.left.keys() == artists.stubborn
    left = read_ledger(path)
    assert (left.artists, left.marks) == ((f"{YOUNG}.0",), (Mark(YOUNG, 2),))
    artists.stubborn = set()
    (swept,) = by_ledgers([path], None, None, dry_run=False)
    assert not swept.left
    assert not read_ledger(path)


def test_a_run_that_goes_on_and_one_that_is_too_young_are_left_alone(tmp_path: Path, artists: Artists) -> None:
    path = ledger(tmp_path, artists)
    before = dict(artists.names)
    (young,) = by_ledgers([path], None, "1h", dry_run=False)
    assert young.why_not == "its run began later than that"
    going_on = Creations(tmp_path / f"ledger-{OLD}.ndjson", OLD)
    going_on.open("acme.toml", "https://acme.example", rehearsal=False)
    going_on.about_to_create({"name": "Zoë"})
    (running,) = by_ledgers([going_on.path], None, None, dry_run=False)
    going_on.close()
    assert running.why_not == "its run goes on; it deletes what it created itself"
    assert artists.names == before


def test_a_rehearsal_has_nothing_to_be_swept(tmp_path: Path, artists: Artists) -> None:
    (swept,) = by_ledgers([ledger(tmp_path, artists, rehearsal=True)], None, None, dry_run=False)
    assert swept.why_not == "its target was made up for the run, and is gone with it"


def test_without_a_ledger_marks_tell_what_a_run_has_left(artists: Artists, tmp_path: Path) -> None:
    theirs = dict(artists.names)
    for run in (YOUNG, OLD):
        ledger(tmp_path, artists, run)
    (swept,) = by_marks("acme.toml", None, "12h", dry_run=False)
    assert (swept.what, set(swept.found)) == (f"run {OLD}", {f"{OLD}.0", f"{OLD}.1"})
    (swept,) = by_marks("acme.toml", YOUNG, None, dry_run=True)
    assert set(swept.found) == {f"{YOUNG}.0", f"{YOUNG}.1"} <= artists.names.keys()
    (swept,) = by_marks("acme.toml", YOUNG, None, dry_run=False)
    assert artists.names == theirs
    (nothing,) = by_marks("acme.toml", YOUNG, None, dry_run=False)
    assert nothing.found == ()


def test_an_artist_whose_id_is_somebody_elses_by_now_is_left_alone(tmp_path: Path, artists: Artists) -> None:
    theirs = dict(artists.names)
    creations = Creations(tmp_path / f"ledger-{YOUNG}.ndjson", YOUNG)
    creations.open("acme.toml", "https://acme.example", rehearsal=False)
    _, mark = creations.about_to_create({"name": "Zoë"})
    creations.answered(mark, "theirs1")
    creations.close()
    (swept,) = by_ledgers([creations.path], None, None, dry_run=False)
    assert "may be somebody else's" in swept.left["theirs1"]
    assert artists.names == theirs


def test_a_run_that_goes_on_here_is_not_swept_by_its_marks_either(
    tmp_path: Path, artists: Artists, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / ".medialane" / YOUNG
    folder.mkdir(parents=True)
    monkeypatch.chdir(tmp_path)
    creations = Creations(folder / f"ledger-{YOUNG}.ndjson", YOUNG)
    creations.open("acme.toml", "https://acme.example", rehearsal=False)
    artists.names["a"] = (f"Zoë{Mark(YOUNG, 1)}", None)
    (swept,) = by_marks("acme.toml", YOUNG, None, dry_run=False)
    creations.close()
    assert swept.why_not == "its run goes on; it deletes what it created itself"
    assert "a" in artists.names


def test_one_that_is_wrong_does_not_keep_the_others_from_being_swept(tmp_path: Path, artists: Artists) -> None:
    theirs = dict(artists.names)
    (tmp_path / "ledger-a.ndjson").write_text("no JSON\n")
    (tmp_path / "ledger-b.ndjson").write_text('{"run": "x", "target": "t", "base_url": "u", "rehearsal": false}\n')
    ledger(tmp_path, artists)
    swept = {Path(each.what).name: each for each in by_ledgers([tmp_path], None, "0s", dry_run=False)}
    assert [each.failed for each in swept.values()].count(True) == 2
    assert "is not the ledger of a run" in str(swept["ledger-a.ndjson"].why_not)
    assert "is not the ledger of a run" in str(swept["ledger-b.ndjson"].why_not)
    assert artists.names == theirs


@pytest.mark.parametrize(
    ("target", "run", "age", "told"),
    [
        (None, YOUNG, None, "--target FILE is missing"),
        ("acme.toml", "yesterday", None, "--run 'yesterday' is no run's ID"),
        ("acme.toml", None, "2 days", "--older-than '2 days' is no age; allowed: a number with s, m, h or d"),
        ("acme.toml", None, "-1h", "is no age"),
        ("acme.toml", None, "99999999999d", "is no age"),
        ("acme.toml", None, "59m", "a run that began less than 1h ago may still go on"),
    ],
)
def test_what_is_wrong_is_refused(artists: Artists, target: str | None, run: str | None, age: str | None, told: str) -> None:
    before = dict(artists.names)
    with pytest.raises(Refused, match=told):
        list(by_marks(target, run, age, dry_run=False))
    assert artists.names == before


def test_a_folder_without_a_ledger_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match=r"there is no ledger in it; those of runs are called ledger-RUN\.ndjson"):
        list(by_ledgers([tmp_path], None, None, dry_run=False))


def test_ledgers_are_found_where_runs_write_them(tmp_path: Path, artists: Artists, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".medialane" / YOUNG
    folder.mkdir(parents=True)
    ledger(folder, artists)
    monkeypatch.chdir(tmp_path)
    (swept,) = by_ledgers([], None, None, dry_run=True)
    assert len(swept.found) == 2


@pytest.mark.parametrize(
    ("swept", "code", "line"),
    [
        ([Swept("a ledger", ("a", "b"))], 0, "a ledger: deleted 2 of 2"),
        ([Swept("a ledger", ("a", "b"), {"a": "DELETE /artists/a answered 500"})], 1, "left behind artist a: DELETE"),
        ([Swept("a ledger")], 0, "a ledger: nothing is left"),
        ([Swept("a ledger", why_not="its run goes on")], 0, "a ledger: not swept: its run goes on"),
        ([Swept("a ledger", why_not="it is none", failed=True)], 1, "a ledger: not swept: it is none"),
        ([], 0, "nothing to sweep"),
    ],
)
def test_a_person_is_told(swept: list[Swept], code: int, line: str) -> None:
    told = io.StringIO()
    assert print_swept(Console(file=told, width=200), swept, dry_run=False) == code
    assert line in told.getvalue()


FILE = """
schema = 1
name = "acme"
claims = ["browser"]

[pages]

[reach]
base_url = "{base_url}"
environment = "{environment}"

[credentials]
write = "ACME_WRITE"
"""


def browsed(folder: Path, base_url: str, environment: str) -> str:
    """The file of a target that was judged in a browser."""
    path = folder / "acme.toml"
    path.write_text(FILE.format(base_url=base_url, environment=environment), encoding="utf-8")
    return str(path)


def test_what_a_run_in_a_browser_left_is_deleted_where_no_deployment_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME_WRITE", "wr1te-credential")
    there = Artists({"theirs": ("Somebody", None)})
    with serving(there.reply) as served:
        creations = Creations(tmp_path / f"ledger-{OLD}.ndjson", OLD)
        creations.open(browsed(tmp_path, served.base_url, "test"), served.base_url, rehearsal=False)
        _, mark = creations.about_to_create({"name": "Zoë"})
        there.names["ours"] = (f"Zoë{mark}", None)
        creations.answered(mark, "ours")
        creations.close()
        (swept,) = by_ledgers([creations.path], None, None, dry_run=False)
    assert (swept.found, dict(swept.left), swept.why_not) == (("ours",), {}, None)
    assert there.names == {"theirs": ("Somebody", None)}
    deleted = [each for each in served.asked if each.method == "DELETE"]
    assert {each.path for each in deleted} == {"/artists/ours"}
    assert {each.headers["Authorization"] for each in deleted} == {"Bearer wr1te-credential"}


def test_what_is_deployed_is_swept_behind_the_guards_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_WRITE", "wr1te-credential")
    with serving() as served, pytest.raises(Refused, match="`operator` is missing"):
        list(by_marks(browsed(tmp_path, served.base_url, "dev"), OLD, None, dry_run=False))
    assert served.asked == []
