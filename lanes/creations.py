"""The ledger: what a run creates at a target that others use too, on disk before it is there.

An artist is all that is ever created by itself; pictures go with theirs. Each carries a mark in its name, or in its bio where
there is no room, so that it is known for a run's own even where nobody has noted its ID.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from lanes.errors import Refused

_ROOM = {"name": 200, "bio": 5000}  # characters, as the contract has them
_RUN = r"[0-9]{8}T[0-9]{6}Z-[0-9a-f]{6}"
_MARK = re.compile(rf" \(medialane ({_RUN})\.([0-9]+)\)\Z")
RUN_ID = re.compile(_RUN)


@dataclass(frozen=True, slots=True)
class Mark:
    """What tells an artist of a run from all others: the run, and a number that it uses once."""

    run: str
    number: int

    def __str__(self) -> str:
        return f" (medialane {self.run}.{self.number})"

    @property
    def made(self) -> datetime:
        """When its run began."""
        return began(self.run)


@dataclass(frozen=True, slots=True)
class Left:
    """What the ledger of a run says that may still be there: artists by ID, and marks of those whose ID nobody noted.

    `since` is when the last of those was sent that was neither answered nor refused (seconds since the epoch): it may still be
    under way.
    """

    run: str = ""
    base_url: str = ""
    target: str = ""
    rehearsal: bool = False
    artists: tuple[str, ...] = ()
    marks: tuple[Mark, ...] = ()
    since: float = 0.0

    def __bool__(self) -> bool:
        return bool(self.artists or self.marks)


@dataclass(slots=True)
class Creations:
    """The ledger of a run that goes on. Every line is on the disk before what it announces is done. Thread-safe."""

    path: Path
    run: str
    artists: dict[str, Mark] = field(default_factory=dict)  # those that are there, by ID
    ever: set[str] = field(default_factory=set)  # those that were there at any time
    unmarked: set[Mark] = field(default_factory=set)  # sent without a mark, and neither answered nor refused
    _unsettled: dict[Mark, float] = field(default_factory=dict)  # marks without an ID, and when they were sent; 0: refused
    _file: Any = None
    _number: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self, target: str, base_url: str, *, rehearsal: bool) -> None:
        """Begins the file. Nobody sweeps what it names while this process has it open. Raises Refused."""
        try:
            self._file = self.path.open("x", encoding="utf-8")
        except OSError as error:
            raise Refused(
                f"{self.path}: the ledger cannot be written: {error.strerror}; --output names another place"
            ) from None
        fcntl.flock(self._file, fcntl.LOCK_EX)
        self._write(run=self.run, target=target, base_url=base_url, rehearsal=rehearsal)

    def about_to_create(self, details: Any) -> tuple[Any, Mark]:
        """Notes that an artist is about to be created, and answers what to send for it so that it can be known again."""
        with self._lock:
            self._number += 1
            mark = Mark(self.run, self._number)
            sent = marked(details, mark)
            self._write(creates="artist", mark=mark.number, at=round(time.time(), 3))
            self._unsettled[mark] = time.time()
            if sent == details:
                self.unmarked.add(mark)
        return sent, mark

    def refused(self, mark: Mark) -> None:
        """The target says that there is none, and is done with the request; whether that is true is another matter."""
        with self._lock:
            self._write(mark=mark.number, refused=True)
            self._unsettled[mark] = 0.0
            self.unmarked.discard(mark)

    def answered(self, mark: Mark, artist: str | None) -> None:
        """What came of it: the ID of the artist, None where it is certain that there is none."""
        with self._lock:
            self._unsettled.pop(mark, None)
            self.unmarked.discard(mark)
            self._write(mark=mark.number, artist=artist)
            if artist is not None:
                self.artists[artist] = mark
                self.ever.add(artist)

    def changed(self, artist: str, details: Any) -> Any:
        """What to send to change an artist: where its name is changed, its mark is kept."""
        mark = self.artists.get(artist)
        return marked(details, mark) if mark and isinstance(details, dict) and "name" in details else details

    def deleted(self, artist: str) -> None:
        """It is gone."""
        with self._lock:
            if self.artists.pop(artist, None):
                self._write(deleted=artist)

    @property
    def is_open(self) -> bool:
        """Whether anything may be created."""
        return self._file is not None

    @property
    def unsettled(self) -> set[Mark]:
        """Marks of artists of which nobody knows whether they are there."""
        return set(self._unsettled)

    @property
    def since(self) -> float:
        """When the last creation was sent that was neither answered nor refused, in seconds since the epoch; 0 without one."""
        return max(self._unsettled.values(), default=0.0)

    def close(self) -> None:
        """From now on others may sweep what is left."""
        if self._file:
            self._file.close()
            self._file = None

    def _write(self, **line: Any) -> None:
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        os.fsync(self._file.fileno())


def marked(details: Any, mark: Mark) -> Any:
    """Details with the mark at the end of the name, or of the bio where the name has no room; as they are where neither has."""
    if not isinstance(details, dict) or not isinstance(details.get("name"), str) or not details["name"].strip():
        return details
    for key in ("name", "bio"):
        text = details.get(key) or ""
        if isinstance(text, str) and len(text) + len(str(mark)) <= _ROOM[key] and len(details["name"]) <= _ROOM["name"]:
            return details | {key: text + str(mark)}
    return details


def mark_of(artist: Mapping[str, Any]) -> Mark | None:
    """The mark that an artist carries in its name or bio, None where it has none."""
    texts = (artist.get(key) for key in ("name", "bio"))
    return next((found for text in texts if isinstance(text, str) and (found := mark_in(text))), None)


def mark_in(text: str | None) -> Mark | None:
    """The mark that a name or bio ends with, None where there is none."""
    found = _MARK.search(text or "")
    return Mark(found[1], int(found[2])) if found else None


def may_hide_mark(name: str) -> bool:
    """Whether a name is so long that its mark would be in the bio."""
    return len(name) > _ROOM["name"] - len(str(Mark("00000000T000000Z-000000", 1)))


def began(run: str) -> datetime:
    """When the run of this ID began. Raises ValueError where no run has such an ID."""
    if not RUN_ID.fullmatch(run):
        raise ValueError(f"{run!r} is the ID of no run")
    return datetime.strptime(run.partition("-")[0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)


def read_ledger(path: Path) -> Left:
    """What the ledger of a run that is over says is left. Raises Refused where it is none."""
    try:
        lines = [json.loads(line) for line in _whole_lines(path.read_text(encoding="utf-8"))]
        if not lines:
            return Left()  # its run ended before it sent anything
        head = lines[0]
        run = str(head["run"])
        began(run)
        left: dict[str, None] = {}
        open_marks: dict[int, float] = {}
        for line in lines[1:]:
            _apply(line, left, open_marks)
        marks = tuple(Mark(run, number) for number in open_marks)
        since = max(open_marks.values(), default=0.0)
        return Left(run, head["base_url"], head["target"], bool(head["rehearsal"]), tuple(left), marks, since)
    except OSError as error:
        raise Refused(f"{path}: the ledger cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, IndexError):
        raise Refused(f"{path} is not the ledger of a run; those are called ledger-RUN.ndjson") from None


@contextmanager
def held(path: Path) -> Iterator[bool]:
    """Whether nobody else holds the ledger; while inside, it is ours. Raises Refused where it cannot be written to."""
    try:
        file = path.open("r+", encoding="utf-8")
    except OSError as error:
        raise Refused(f"{path}: the ledger cannot be written to: {error.strerror}") from None
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            yield False
        else:
            yield True


def note_deleted(path: Path, artists: Iterable[str], marks: Iterable[Mark] = ()) -> None:
    """Adds to a ledger what has been deleted since, and which marks nobody carries any more."""
    with path.open("a", encoding="utf-8") as file:
        for artist in artists:
            file.write(json.dumps({"deleted": artist}) + "\n")
        for mark in marks:
            file.write(json.dumps({"mark": mark.number, "artist": None}) + "\n")


def _apply(line: dict[str, Any], left: dict[str, None], open_marks: dict[int, float]) -> None:
    if "creates" in line:
        open_marks[int(line["mark"])] = float(line["at"])
    elif "refused" in line:
        open_marks[int(line["mark"])] = 0.0  # whether that is true is to be seen at once
    elif "mark" in line:
        open_marks.pop(int(line["mark"]), None)
        if line["artist"] is not None:
            left[str(line["artist"])] = None
    elif "deleted" in line:
        left.pop(str(line["deleted"]), None)


def _whole_lines(text: str) -> list[str]:
    # The last line may have been cut off in the middle of writing; then nothing of what it announces was done.
    return [line for line in text.split("\n")[:-1] if line]
