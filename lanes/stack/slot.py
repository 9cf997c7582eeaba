"""One slot of a lane: the target as a lane needs it, and everything around it, gone again afterwards."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lanes.errors import StackError
from lanes.files import read_contract
from lanes.profile import LaneProfile
from lanes.redact import Redactor, secrets_in
from lanes.stack.server import Log, Server, free_port, serving
from lanes.stack.watchdog import Watchdog
from lanes.target import Launch, Reach, Target


@dataclass(frozen=True, slots=True)
class Place:
    """Where the target of a slot answers, and the credentials it knows, by role."""

    base_url: str
    credentials: Mapping[str, str]
    allowed_hosts: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    polite: bool = False  # whether to wait when it asks for it
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)  # what it was launched with


class Stack:
    """What one slot of a lane starts. Use it as a context manager; `place` says where the target answers.

    Raises StackError when the target cannot be launched, ends, or never answers.
    """

    def __init__(
        self, slot: int, lane: LaneProfile, target: Target, output: Path, redactor: Redactor, watchdog: Watchdog
    ) -> None:
        self.slot = slot
        self.place = Place("", {})
        self._lane = lane
        self._target = target
        self._redactor = redactor
        self._watchdog = watchdog
        self._log = Log(output / (f"server-{slot + 1}.log" if slot else "server.log"), redactor)
        self._exit = contextlib.ExitStack()
        self._server: Server | None = None
        self.waited = 0.0  # seconds spent waiting for processes of the target, start-up of the slot apart

    def __enter__(self) -> Stack:
        with contextlib.ExitStack() as undo:
            undo.callback(self._log.close)
            if isinstance(self._target.how, Reach):
                credentials = self._target.credentials()
                for credential in credentials.values():
                    self._redactor.learn(credential)
                how = self._target.how
                for value in secrets_in(dict(how.headers)):
                    self._redactor.learn(value)
                self.place = Place(how.base_url, credentials, how.allowed_hosts, dict(how.headers), polite=True)
            else:
                # What the target inherits or is given besides, it may print.
                for value in secrets_in({**os.environ, **dict(self._launch.settings)}):
                    self._redactor.learn(value)
                folder = undo.enter_context(self.folder())
                settings = self.settings(folder)
                self._server = undo.enter_context(self.process(settings, folder))
                self._server.wait_ready()
                self.place = Place(
                    self._server.base_url, credentials_in(settings), self._launch.allowed_hosts, settings=settings
                )
            self._exit = undo.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._exit.close()

    def settings(self, folder: Path, **changed: str) -> dict[str, str]:
        """The settings of contracts/runtime.yaml for this lane, with credentials of this call's own.

        `folder` is where a database may lie. Their secrets are redacted from now on.
        """
        launch = self._launch
        port = int(changed.get("PORT") or launch.port or free_port())
        made = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "APP_ENV": self._lane.environment,
            "MEDIA_STORAGE_PROVIDER": self._lane.provider,
            "MEDIA_EXECUTION_TARGET": self._lane.execution_target,
            "MEDIA_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": f"sqlite:///{folder / 'media.db'}",
            "MEDIA_WRITE_CREDENTIAL": secrets.token_urlsafe(24),
            "MEDIA_OPERATOR_CREDENTIAL": secrets.token_urlsafe(24),
        }
        if "states" in self._target.capabilities:
            made["MEDIA_STATE_HOOKS"] = "on"
        if self._target.build:
            made["MEDIA_BUILD"] = self._target.build
        made |= changed
        for setting in read_contract("runtime.yaml")["settings"]:
            value = made.get(setting["name"], "")
            if setting["secret"] and not value.startswith("sqlite:"):  # a file is no secret
                self._redactor.learn(value)
        return made

    @contextlib.contextmanager
    def process(self, settings: Mapping[str, str], folder: Path) -> Iterator[Server]:
        """One more process of the target with settings of the caller's choosing, whether it comes to serve or not."""
        with serving(self._launch, settings, folder, self._log, self._watchdog) as server:
            yield server

    @contextlib.contextmanager
    def folder(self) -> Iterator[Path]:
        """A folder of the run's own, removed afterwards."""
        path = Path(tempfile.gettempdir()) / f"medialane-{secrets.token_hex(8)}"
        self._watchdog.guard_folder(path)  # before it exists, so that no signal can come between
        try:
            path.mkdir(mode=0o700)
            yield path
        finally:
            shutil.rmtree(path, ignore_errors=True)
            self._watchdog.forget_folder(path)

    @contextlib.contextmanager
    def waiting(self) -> Iterator[None]:
        """Counts the time inside as spent waiting for the target."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.waited += time.perf_counter() - began

    def why_silent(self) -> str | None:
        """If the launched target has ended, how, with the last lines of its log."""
        if self._server is None or self._server.wait_exit(0.2) is None:
            return None
        return f"the target ended with exit code {self._server.exit_code}; its last lines:\n{self._server.last_lines}"

    @property
    def _launch(self) -> Launch:
        if not isinstance(self._target.how, Launch):
            raise StackError(f"the target {self._target.name!r} is reached; only a launched one can be given settings")
        return self._target.how


def credentials_in(settings: Mapping[str, str]) -> dict[str, str]:
    """The credentials by role that a target was launched with."""
    return {"write": settings["MEDIA_WRITE_CREDENTIAL"], "operator": settings["MEDIA_OPERATOR_CREDENTIAL"]}
