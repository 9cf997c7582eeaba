"""Steps about which runtimes a target accepts when it is started."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_bdd import then, when

from lanes.files import read_contract
from lanes.stack.server import free_port
from lanes.steps.world import World

_AT_ONCE = 4  # starts under way at the same time: they mostly wait for an interpreter to load


@dataclass(frozen=True, slots=True)
class Combination:
    """A runtime to start the target in, and what the contract says of it."""

    provider: str
    target: str
    environment: str
    accept: bool
    why: str  # the clause that its acceptance or rejection is about
    opt_in: str | None = None

    def __str__(self) -> str:
        opted = f" with MEDIA_CLOUD_OPT_IN={self.opt_in}" if self.opt_in is not None else ""
        return f"{self.provider} on {self.target} in {self.environment}{opted}"


@dataclass(frozen=True, slots=True)
class Start:
    """What became of one start: its exit code (None: it served), contacts and files that it made, and its words."""

    combination: Combination
    exit_code: int | None
    contacts: int
    database: bool
    words: str

    def __str__(self) -> str:
        ended = "it served" if self.exit_code is None else f"exit code {self.exit_code}"
        return f"{self.combination}: {ended}; it said: {self.words[-300:] or 'nothing'}"


@when("the target is started in every combination of provider, execution target and environment")
def _(world: World) -> None:
    world.notes["starts"] = start_all(world, combinations(world))


@then("each combination is accepted or rejected as the contract lists it")
def _(world: World) -> None:
    for start in world.notes["starts"]:
        check_accepted_or_rejected(world, start)


@then("each rejected one says so by its exit code, before it contacts anything")
def _(world: World) -> None:
    for start in world.notes["starts"]:
        check_rejection(world, start)


def combinations(world: World) -> list[Combination]:
    """The rows of contracts/runtime.yaml that this lane can try, and the cloud with and without its opt-in."""
    found = []
    for row in read_contract("runtime.yaml")["combinations"]:
        runtime = (row["provider"], row["target"], row["environment"])
        if row["accept"] == "opt-in":
            # Only the exact word opts in.
            found += [
                Combination(*runtime, accept=value == "yes", why="opt-in", opt_in=value)
                for value in (None, "no", "true", "1", "YES", "yes")
            ]
        elif row["accept"] == "no":
            mixed = (row["provider"] == "mocked") != (row["target"] == "mocked")
            found.append(Combination(*runtime, accept=False, why="rejects-mix" if mixed else "rejects-environment"))
        else:
            found.append(Combination(*runtime, accept=True, why=f"accepts-{row['target']}"))
    return [each for each in found if world.check.due("RUN-1", each.why) and _can_be_tried(world, each)]


def _can_be_tried(world: World, wanted: Combination) -> bool:
    """Whether there is a store to start with, where it has to serve."""
    real = wanted.why in {"accepts-emulator", "accepts-cloud"}
    return not real or wanted.provider in world.stack.grounds.stores


def start_all(world: World, wanted: list[Combination]) -> list[Start]:
    """Starts the target once in each combination, side by side, each with a port, a folder and traps of its own."""
    with ThreadPoolExecutor(_AT_ONCE) as pool, world.stack.waiting():
        return list(pool.map(lambda each: _start(world, *each), enumerate(wanted)))


def check_accepted_or_rejected(world: World, start: Start) -> None:
    """An accepted combination serves; a rejected one ends by itself, in failure."""
    wanted, rejection = start.combination, _exit_code()
    if wanted.why == "opt-in":
        # Whether the cloud can be served is another question, and no cloud is there to answer it: a start that ends
        # some other way was accepted too.
        accepted = start.exit_code != rejection
        should = "accepted" if wanted.accept else "rejected"
        world.check("RUN-1", wanted.why, accepted == wanted.accept, f"{start}, should be {should}")
    elif not wanted.accept:
        world.check("RUN-1", wanted.why, start.exit_code not in {None, 0}, f"{start}, should be rejected")
    else:
        world.check("RUN-1", wanted.why, start.exit_code is None, f"{start}, should be accepted")


def check_rejection(world: World, start: Start) -> None:
    """A rejected combination ends with the contract's exit code, has connected nowhere and made no database."""
    if start.combination.accept:
        return
    code = _exit_code()
    world.check("RUN-1", "exit-code", start.exit_code == code, f"{start}, exit code should be {code}")
    untouched = not start.contacts and not start.database
    made = f"{start.contacts} connections opened, database made: {start.database}"
    world.check("RUN-1", "contacts-nothing", untouched, f"{start}; {made}")


def _exit_code() -> int:
    code: int = read_contract("runtime.yaml")["exit_code"]
    return code


def _start(world: World, number: int, wanted: Combination) -> Start:
    with world.stack.folder() as folder, _trap() as (trap, contacts):
        settings = world.stack.settings(folder, **_changed(wanted, trap, folder, number))
        with world.stack.process(settings, folder) as server:
            ended = server.settle()
            made = (folder / "media.db").exists()
            return Start(wanted, ended, len(contacts), made, server.last_lines)


def _changed(wanted: Combination, trap: int, folder: Path, number: int) -> dict[str, str]:
    changed = {
        "PORT": str(free_port()),
        "APP_ENV": wanted.environment,
        "MEDIA_STORAGE_PROVIDER": wanted.provider,
        "MEDIA_EXECUTION_TARGET": wanted.target,
    }
    if wanted.opt_in is not None:
        changed["MEDIA_CLOUD_OPT_IN"] = wanted.opt_in
    if wanted.why in {"accepts-emulator", "accepts-cloud"}:
        return changed  # the lane's own store, for it has to serve
    # Every other rejected start could contact a database instead of making one.
    contacts = number % 2 and not wanted.accept
    database = f"postgresql://media:media-password@127.0.0.1:{trap}/media" if contacts else f"sqlite:///{folder / 'media.db'}"
    account = (
        f"DefaultEndpointsProtocol=http;AccountName=media;AccountKey=bWVkaWFsYW5l;BlobEndpoint=http://127.0.0.1:{trap}/media"
    )
    return changed | {
        "DATABASE_URL": database,
        "MEDIA_LOCATION": "medialane-trap",
        "MEDIA_S3_ENDPOINT": f"http://127.0.0.1:{trap}",
        "AWS_ACCESS_KEY_ID": "medialane-nobody",
        "AWS_SECRET_ACCESS_KEY": "medialane-nothing",
        "MEDIA_AZURE_CONNECTION_STRING": account,
    }


@contextlib.contextmanager
def _trap() -> Iterator[tuple[int, list[Any]]]:
    """A port where storage or a database might be, and the list of those who connected to it."""
    contacts: list[Any] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, address = listener.accept()
                    contacts.append(address)
                    connection.close()

        watcher = threading.Thread(target=accept, daemon=True)
        watcher.start()
        try:
            yield listener.getsockname()[1], contacts
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)  # wakes the watcher, which a mere close would not
            watcher.join(1)
