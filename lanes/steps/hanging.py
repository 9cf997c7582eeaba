"""Steps about a store that hangs, or is slow."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

from pytest_bdd import parsers, then, when

from lanes.client import Answer
from lanes.stack.gateway.faults import Armed, Fault
from lanes.stack.server import free_port
from lanes.steps.holding import ARTIFACTS, REACHED
from lanes.steps.hooks import place_of
from lanes.steps.processes import served
from lanes.steps.world import World

TIMEOUT = 3  # seconds that the target is told to wait for its store: long enough to see what goes on meanwhile
MARGIN = 2.5  # seconds for everything that is not waiting, clearing away included, on a busy machine
_PATIENCE = 1.0  # seconds for a read that waits for nothing, on a busy machine
LETS_GO = 10.0  # seconds in which a target that has given up closes its connection to the store
_LATE = 0.5  # seconds in which what was given up might still appear


@dataclass(frozen=True, slots=True)
class Hung:
    """An upload whose store hung: what came of it and when, and what others got meanwhile."""

    answer: Answer
    seconds: float
    reads: list[tuple[Answer, float]]  # while it was under way
    beside: Answer
    hindered: float  # seconds that the upload beside it took longer than another one
    shown: list[str]  # IDs in the collection, soon and late


@when(parsers.parse("the store hangs on {what} of somebody's upload"))
def _(world: World, what: str) -> None:
    if world.check.due("UPL-13", "given-up"):
        with impatient(world) as alone:
            world.notes["hung"] = hang(alone, place_of(ARTIFACTS[what]))


@then("it is given up in time, for that reason")
def _(world: World) -> None:
    if "hung" in world.notes:
        check_given_up(world, world.notes["hung"])


@then("others were served meanwhile as ever")
def _(world: World) -> None:
    if "hung" in world.notes:
        check_others(world, world.notes["hung"])


@then("the picture never appears")
def _(world: World) -> None:
    if "hung" in world.notes:
        hung: Hung = world.notes["hung"]
        world.check("UPL-13", "nothing-public", not hung.shown, f"the collection has {hung.shown}", hung.answer)


@when("pictures are sent to a store that is slow, and to one that is slower than was published")
def _(world: World) -> None:
    if world.check.due("OPS-3", "storage-timeout"):
        with impatient(world) as alone:
            world.notes["tried"] = try_slow(alone)


@then("the slow one is waited for and the slower one is not")
def _(world: World) -> None:
    for seconds, published, answer in world.notes.get("tried", ()):
        wanted = 201 if seconds < published else 504
        told = f"a store that takes {seconds:g} s, {published} s are published: {answer}, should be {wanted}"
        world.check("OPS-3", "storage-timeout", answer.status == wanted, told, answer)


@contextlib.contextmanager
def impatient(world: World, timeout: int = TIMEOUT) -> Iterator[World]:
    """The scenario's world at a target of its own that waits so many seconds for its store."""
    with world.stack.folder() as folder:
        settings = world.stack.settings(folder, PORT=str(free_port()), MEDIA_STORAGE_TIMEOUT_SECONDS=str(timeout))
        with served(world, settings, folder) as alone:
            alone.artist = alone.create_artist()
            yield alone


def hang(world: World, nth: int) -> Hung:
    """One upload during which the store hangs on its nth object, and others meanwhile."""
    other = world.create_artist()
    row = world.corpus.of("small")[0]
    upload_beside = partial(world.send_file, world.corpus.upload(row), artist=other)
    _, usual = _timed(upload_beside)
    with world.gateway.faulty(Fault("hang", operation="put", nth=nth)) as armed, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(lambda: (world.send(row).answer, time.perf_counter()))
        armed.wait_reached(REACHED)
        began = time.perf_counter()  # what comes before the store is asked is not waiting for it
        with let_go_after(TIMEOUT + MARGIN, armed):
            reads = [_timed(partial(world.client.call, "listArtistMedia", world.artist)) for _ in range(10)]
            reads = [] if sending.done() else reads
            beside, took = _timed(upload_beside)
            answer, ended = sending.result()
        armed.wait_ended(LETS_GO)  # what is still kept back would be let through afterwards
    shown = [item["ID"] for item in world.collection()]
    time.sleep(_LATE)
    return Hung(answer, ended - began, reads, beside, took - usual, shown + [item["ID"] for item in world.collection()])


@contextlib.contextmanager
def let_go_after(seconds: float, armed: Armed) -> Iterator[None]:
    """What hangs is let go somewhat later than this, should it hang still.

    A target that has not given up by then never will: what it does is known, and the run has no time to watch it.
    """
    in_the_end = threading.Timer(seconds + 0.5, armed.release)
    in_the_end.daemon = True
    in_the_end.start()
    try:
        yield
    finally:
        in_the_end.cancel()


def _timed(task: Callable[[], Answer]) -> tuple[Answer, float]:
    began = time.perf_counter()
    answer = task()
    return answer, time.perf_counter() - began


def check_given_up(world: World, hung: Hung) -> None:
    """504 storage_timeout, not before its time and not long after it."""
    told = f"{hung.answer} after {hung.seconds:.1f} s, should be after {TIMEOUT} s and {MARGIN} s more at most"
    world.check("UPL-13", "given-up", hung.seconds <= TIMEOUT + MARGIN, told, hung.answer)
    held = hung.answer.status == 504 and hung.answer.code == "storage_timeout"
    world.check("UPL-13", "answers-504", held, f"{hung.answer}, should be 504 storage_timeout", hung.answer)


def check_others(world: World, hung: Hung) -> None:
    """Reads and uploads of others were answered while it hung."""
    slowest = max((seconds for _, seconds in hung.reads), default=0.0)
    fine = bool(hung.reads) and all(answer.status == 200 for answer, _ in hung.reads) and slowest < _PATIENCE
    told = f"{len(hung.reads)} reads while the store hung, the slowest took {slowest:.2f} s"
    world.check("UPL-13", "reads-meanwhile", fine, told, hung.answer)
    held = hung.beside.status == 201 and hung.hindered < TIMEOUT / 2
    told = f"{hung.beside} to another artist while the store hung, {hung.hindered:.1f} s later than without, should be 201"
    world.check("UPL-13", "uploads-meanwhile", held, told, hung.beside)


def try_slow(world: World) -> list[tuple[float, int, Answer]]:
    """Uploads to a store that takes half the published time, and to one that takes longer: seconds, published, answer."""
    published = int(world.policy()["storageTimeoutSeconds"])
    found = []
    for seconds in (published / 2, published + MARGIN):
        with world.gateway.faulty(Fault("slow", operation="put", nth=1, seconds=seconds)):
            found.append((seconds, published, world.send(world.corpus.of("small")[0]).answer))
    return found
