"""What all slots of a run share: emulators and a database, started once, and how each is reached."""

from __future__ import annotations

import contextlib
import secrets
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

from lanes.errors import StackError
from lanes.redact import Redactor
from lanes.stack.emulators.azurite import Azurite
from lanes.stack.emulators.daemon import read
from lanes.stack.emulators.emulator import Emulator, How
from lanes.stack.emulators.localstack import LocalStack
from lanes.stack.emulators.postgres import Postgres
from lanes.stack.folders import folder
from lanes.stack.watchdog import Watchdog

E = TypeVar("E", bound=Emulator)

KINDS: dict[str, type[Emulator]] = {"localstack": LocalStack, "azurite": Azurite, "postgres": Postgres}
_OF_A_REHEARSAL = ("seaweedfs.log", "edge.log", "signer.log", "lingering.log", "edge-requests.log")
LOGS = (*(kind.log_name() for kind in KINDS.values()), *_OF_A_REHEARSAL)  # the names of the logs that are kept


@dataclass(frozen=True, slots=True)
class Access:
    """How an S3 endpoint is reached, by whomever."""

    endpoint: str
    key: str
    secret: str = field(repr=False)
    region: str = "us-east-1"


class Services:
    """The emulators of a run. Use it as a context manager, before any worker is forked.

    Raises StackError when one does not start, is too old, or is not what it should be.
    """

    def __init__(
        self, kinds: tuple[str, ...] = (), how: How = "auto", output: Path | None = None, redactor: Redactor | None = None
    ) -> None:
        self.watchdog: Watchdog | None = None
        self._wanted = [KINDS[kind] for kind in kinds if kind in KINDS]
        self._how = how
        self._output = output  # where their logs are kept
        self._redactor = redactor or Redactor()
        self._there: list[Emulator] = []
        self._key, self._secret = f"medialane{secrets.token_hex(6)}", secrets.token_urlsafe(30)
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Services:
        if not self._wanted:
            return self
        with contextlib.ExitStack() as undo:
            self.watchdog = undo.enter_context(Watchdog())
            place = undo.enter_context(folder(self.watchdog, mode=0o711))  # PostgreSQL may run as somebody else
            self._there = [kind(place, self.watchdog) for kind in self._wanted]
            undo.callback(self._stop)
            self._redactor.learn(self._secret)
            self._start()
            self._exit = undo.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._exit.close()

    @property
    def s3(self) -> Access | None:
        """How the S3 emulator is reached, where there is one. It takes any key."""
        there = self._of(LocalStack)
        return Access(there.url, self._key, self._secret) if there else None

    @property
    def azure(self) -> str | None:
        """The connection string of the Azure emulator, where there is one."""
        there = self._of(Azurite)
        return there.connection_string if there else None

    @property
    def postgres(self) -> str | None:
        """The URL of a database in which others may be created, where there is one."""
        there = self._of(Postgres)
        return there.url if there else None

    @property
    def as_given(self) -> dict[str, str]:
        """The environment variables by which other runs are given what this one has started."""
        there = ((self._of(LocalStack), "url"), (self._of(Azurite), "connection_string"), (self._of(Postgres), "url"))
        return {each.given: str(getattr(each, name)) for each, name in there if each}

    @property
    def planned(self) -> tuple[str, ...]:
        """Each by name and pinned version, before anything is started."""
        return tuple(f"{kind.name} {kind.pinned}" for kind in self._wanted)

    @property
    def notes(self) -> tuple[str, ...]:
        """What was tried for an emulator and could not be had."""
        return tuple(each.note for each in self._there if each.note)

    @property
    def described(self) -> tuple[str, ...]:
        """Each with its version and how it runs."""
        return tuple(str(each) for each in self._there)

    def lasting(self, kind: str) -> bool:
        """Whether one was given, and outlives the run with whatever was left in it."""
        return any(isinstance(each, KINDS[kind]) and each.how.startswith("given") for each in self._there)

    def check(self) -> None:
        """Raises StackError when one of them is gone."""
        for each in self._there:
            if why := each.why_gone():
                raise StackError(self._redactor.text(why))

    def let_go(self) -> None:
        """In a fork of the run: what was started is not its own to end."""
        if self.watchdog:
            self.watchdog.let_go()

    def _start(self) -> None:
        # Side by side, for each is mostly waiting; but no thread is left when this is over.
        with ThreadPoolExecutor(len(self._there)) as pool:
            try:
                for started in as_completed([pool.submit(self._start_one, each) for each in self._there]):
                    started.result()
            except BaseException:
                for each in self._there:
                    each.give_up()
                raise

    def _start_one(self, emulator: Emulator) -> None:
        try:
            emulator.begin(self._how)
            emulator.wait()
        except StackError as error:
            self._learn(emulator)
            raise StackError(self._redactor.text(str(error))) from None
        self._learn(emulator)

    def _learn(self, emulator: Emulator) -> None:
        for secret in emulator.secrets:
            self._redactor.learn(secret)

    def _stop(self) -> None:
        with contextlib.ExitStack() as all_of_them:  # whatever becomes of one, the others are ended
            for each in self._there:
                all_of_them.callback(self._keep_log, each)
                all_of_them.callback(each.stop)

    def _keep_log(self, emulator: Emulator) -> None:
        self._learn(emulator)
        with contextlib.suppress(OSError):
            if self._output and (log := read(emulator.log)):
                (self._output / emulator.log.name).write_text(self._redactor.text(log), encoding="utf-8")

    def _of(self, kind: type[E]) -> E | None:
        return next((each for each in self._there if isinstance(each, kind)), None)
