"""Finishes what runs left at targets that others use too: by their ledgers, or by the marks that their artists carry.

The guards of the lane stand before it, and it deletes through the API only.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from lanes import profile
from lanes import target as targets
from lanes.cleanup import UNDER_WAY, NotListed, delete_all, find_marked, undisturbed, wait_until
from lanes.client import Client
from lanes.contract import contract
from lanes.creations import RUN_ID, Left, Mark, began, held, note_deleted, read_ledger
from lanes.deployment import deployment_of
from lanes.errors import Refused, StackError, TargetSilent
from lanes.guards import check_before_start, check_runtime, resolved
from lanes.patience import Patience, RunOver
from lanes.plan import make_plan, placed
from lanes.rules import catalogue
from lanes.target import Launch

_LANE = "deployed-dev"
_AGE = re.compile(r"([0-9]{1,6})([smhd])")
_LONGEST = timedelta(hours=1)  # no run takes so long
_GOES_ON = "its run goes on; it deletes what it created itself"
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}


@dataclass(frozen=True, slots=True)
class Swept:
    """What became of one run's leavings. `found` are IDs that were there; `left` are those that still are, with the reason."""

    what: str  # the ledger, or the run
    found: tuple[str, ...] = ()
    left: Mapping[str, str] = field(default_factory=dict)
    why_not: str | None = None  # why nobody looked
    failed: bool = False  # and that is no reason to be content


def by_ledgers(paths: Sequence[Path], target: str | None, older_than: str | None, *, dry_run: bool) -> Iterator[Swept]:
    """Sweeps by these ledgers, or by those in these folders of runs; without any, by all under .medialane.

    What is wrong with one of them does not keep the others from being swept. Raises Refused where the wish is wrong.
    """
    before = _moment(older_than)
    for path in _ledgers(paths):
        try:
            yield _by_ledger(path, target, before, dry_run=dry_run)
        except (Refused, StackError) as error:
            yield Swept(str(path), why_not=str(error), failed=True)


def by_marks(target: str | None, run: str | None, older_than: str | None, *, dry_run: bool) -> Iterator[Swept]:
    """Sweeps what carries the mark of one run, or of any that began long enough ago. Raises Refused, StackError."""
    if target is None:
        raise Refused("--target FILE is missing: without a ledger, nobody knows where to look")
    if run is not None and not RUN_ID.fullmatch(run):
        raise Refused(f"--run {run!r} is no run's ID; those look like 20261127T060000Z-0a1b2c, as folders under .medialane do")
    before = _moment(older_than)
    if run is None and before and before > datetime.now(UTC) - _LONGEST:
        raise Refused(
            f"--older-than {older_than}: a run that began less than 1h ago may still go on; --run names one that does not"
        )
    going_on = set(_going_on())

    def wanted(mark: Mark) -> bool:
        return run in {None, mark.run} and (before is None or _began_before(mark, before))

    with _at(target) as (client, _):
        found = dict(_found(client, wanted))
        for each in sorted({mark.run for mark in found.values()} | ({run} if run else set())):
            artists = {artist: mark for artist, mark in found.items() if mark.run == each}
            if each in going_on:
                yield Swept(f"run {each}", why_not=_GOES_ON)
                continue
            with undisturbed():
                left = {} if dry_run else delete_all(client, artists)
            yield Swept(f"run {each}", tuple(artists), left)


def _by_ledger(path: Path, target: str | None, before: datetime | None, *, dry_run: bool) -> Swept:
    left = read_ledger(path)
    if not left:
        return Swept(str(path))
    if left.rehearsal:
        return Swept(str(path), why_not="its target was made up for the run, and is gone with it")
    if before and began(left.run) > before:
        return Swept(str(path), why_not="its run began later than that")
    with held(path) as ours:
        return _swept(path, left, target, dry_run=dry_run) if ours else Swept(str(path), why_not=_GOES_ON)


def _swept(path: Path, left: Left, target: str | None, *, dry_run: bool) -> Swept:
    with _at(target or left.target, left.base_url) as (client, patience), undisturbed():
        if not dry_run:
            wait_until(left.since + patience)  # what was sent last may still be under way
        unknown = dict(_found(client, lambda mark: mark in left.marks)) if left.marks else {}
        artists: dict[str, Mark | str] = dict.fromkeys(left.artists, left.run) | unknown
        if dry_run:
            return Swept(str(path), tuple(artists))
        still = delete_all(client, artists)
        lost = {mark for artist, mark in unknown.items() if artist in still}
        note_deleted(
            path, [artist for artist in artists if artist not in still], [each for each in left.marks if each not in lost]
        )
        return Swept(str(path), tuple(artists), still)


def _going_on() -> Iterator[str]:
    """The runs whose ledgers under .medialane are held."""
    for path in _ledgers(()):
        with contextlib.suppress(Refused), held(path) as ours:
            if not ours:
                yield read_ledger(path).run


def _found(client: Client, wanted: Callable[[Mark], bool]) -> list[tuple[str, Mark]]:
    try:
        return list(find_marked(client, wanted))
    except NotListed as why:
        raise StackError(str(why)) from None


@contextmanager
def _at(source: str, base_url: str | None = None) -> Iterator[tuple[Client, float]]:
    """A client for a target behind the lane's guards, and for how many seconds a request may be under way.

    Raises Refused, StackError.
    """
    found = targets.load(source)
    # What is not deployed but reached all the same was judged in a browser.
    deployed = isinstance(found.how, Launch) or found.how.environment == "dev"
    lane = placed(profile.load(_LANE if deployed else "browser"), found)
    judged = resolved(found, lane)
    plan = make_plan(lane, judged, catalogue())
    check_before_start(plan)
    how = judged.how
    if isinstance(how, Launch):
        raise Refused(f"{source}: what a run launched is gone with it; only a target that is reached can be swept")
    if base_url and how.base_url != base_url:
        there = f"reach.base_url is {how.base_url!r}, and the run of the ledger was at {base_url!r}"
        raise Refused(f"{source}: {there}; --target names another file")
    deployment = deployment_of(judged)
    client = Client(
        how.base_url,
        judged.credentials(os.environ),
        contract(),
        patience=Patience(judged.limits),
        allowed_hosts=how.allowed_hosts,
        headers=dict(how.headers),
        polite=True,
        authority=str(deployment.authority) if deployment.authority else None,
    )
    with closing(client):
        try:
            check_runtime(plan, client)
        except (TargetSilent, RunOver) as silent:
            raise StackError(str(silent)) from None
        yield client, judged.limits.exchange + UNDER_WAY


def _ledgers(paths: Sequence[Path]) -> list[Path]:
    if not paths:
        return sorted(Path.cwd().glob(".medialane/*/ledger-*.ndjson"))
    found: list[Path] = []
    for path in paths:
        inside = sorted(path.glob("ledger-*.ndjson")) if path.is_dir() else [path]
        if not inside:
            raise Refused(f"{path}: there is no ledger in it; those of runs are called ledger-RUN.ndjson")
        found += inside
    return found


def _moment(age: str | None) -> datetime | None:
    if age is None:
        return None
    found = _AGE.fullmatch(age)
    if found is None:
        raise Refused(f"--older-than {age!r} is no age; allowed: a number with s, m, h or d, as in 90m, 12h, 2d")
    return datetime.now(UTC) - timedelta(seconds=int(found[1]) * _SECONDS[found[2]])


def _began_before(mark: Mark, moment: datetime) -> bool:
    try:
        return mark.made <= moment
    except ValueError:
        return False  # no run ever had that ID
