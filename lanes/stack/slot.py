"""One slot of a lane: the target as a lane needs it, and everything around it, gone again afterwards."""

from __future__ import annotations

import contextlib
import os
import secrets
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lanes.deployment import Deployment, deployment_of
from lanes.errors import StackError
from lanes.files import read_contract
from lanes.profile import LaneProfile
from lanes.redact import Redactor, secrets_in
from lanes.stack.folders import folder
from lanes.stack.grounds import Grounds
from lanes.stack.server import Log, Server, free_port, serving
from lanes.stack.services import Services
from lanes.stack.watchdog import Watchdog
from lanes.target import Launch, Naming, Reach, Target
from lanes.transport import given_authority

if TYPE_CHECKING:
    from lanes.stack.aside import Aside
    from lanes.stack.browser import Browser
    from lanes.stack.rehearsal import Rehearsal


_TELLING = 16  # characters from which on the value of a header may be a secret, whatever it is called


@dataclass(frozen=True, slots=True)
class Place:
    """Where the target of a slot answers, and the credentials it knows, by role."""

    base_url: str
    credentials: Mapping[str, str]
    allowed_hosts: tuple[str, ...] = ()
    headers: Mapping[str, str] = field(default_factory=dict)
    polite: bool = False  # whether to wait when it asks for it
    deployment: Deployment | None = None  # what else is known of it where it is deployed
    settings: Mapping[str, str] = field(default_factory=dict, repr=False)  # what it was launched with

    @property
    def authority(self) -> str | None:
        """The file with the certificate that its own is held against, where nobody else knows it."""
        return str(self.deployment.authority) if self.deployment and self.deployment.authority else None


class Stack:
    """What one slot of a lane starts. Use it as a context manager; `place` says where the target answers.

    Raises StackError when the target cannot be launched, ends, or never answers.
    """

    def __init__(
        self,
        slot: int,
        lane: LaneProfile,
        target: Target,
        output: Path,
        redactor: Redactor,
        watchdog: Watchdog,
        services: Services | None = None,
    ) -> None:
        self.slot = slot
        self.place = Place("", {})
        self.grounds = Grounds(services or Services())
        self._lane = lane
        self._target = target
        self.redactor = redactor
        self._watchdog = watchdog
        self._log = Log(output / (f"server-{slot + 1}.log" if slot else "server.log"), redactor)
        self.output = output
        self._exit = contextlib.ExitStack()
        self._server: Server | None = None
        self._rehearsal: Rehearsal | None = None
        self._browser: Browser | None = None
        self._aside: Aside | None = None
        self.waited = 0.0  # seconds spent waiting for processes of the target, start-up of the slot apart
        self.shared: dict[str, Any] = {}  # what outlives a scenario, by whatever name the steps give it

    def __enter__(self) -> Stack:
        with contextlib.ExitStack() as undo:
            undo.callback(self._log.close)
            if isinstance(self._target.how, Reach):
                credentials = self._target.credentials()
                for credential in credentials.values():
                    self.redactor.learn(credential)
                how = self._target.how
                for value in (*secrets_in(dict(how.headers)), *(value for _, value in how.headers if len(value) >= _TELLING)):
                    self.redactor.learn(value)
                deployment = deployment_of(self._target) if self._lane.deployed else None
                for value in deployment.secrets if deployment else ():
                    self.redactor.learn(value)
                self.place = Place(
                    how.base_url, credentials, how.allowed_hosts, dict(how.headers), polite=True, deployment=deployment
                )
            elif self._lane.deployed:
                self.place = self._rehearse(undo)
            else:
                # What the target inherits or is given besides, it may print.
                for value in secrets_in({**os.environ, **dict(self._launch.settings)}):
                    self.redactor.learn(value)
                undo.enter_context(self.grounds)
                place = undo.enter_context(self.folder())
                settings = self.settings(place)
                self._server = undo.enter_context(self.process(settings, place))
                self._server.wait_ready()
                self.place = Place(
                    self._server.base_url, credentials_in(settings), self._launch.allowed_hosts, settings=settings
                )
            self._exit = undo.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._exit.close()

    def _rehearse(self, undo: contextlib.ExitStack) -> Place:
        # Slow to load, and only where there is one.
        from lanes.stack.rehearsal import Rehearsal

        launch = self._launch
        rehearsal = Rehearsal(launch, self._target.build, self.output, self.redactor, self._watchdog, self._log)
        self._rehearsal = undo.enter_context(rehearsal)
        return Place(
            rehearsal.base_url, rehearsal.credentials, launch.allowed_hosts, polite=True, deployment=rehearsal.deployment
        )

    def settings(self, folder: Path, **changed: str) -> dict[str, str]:
        """The settings of contracts/runtime.yaml for this lane, with credentials, bucket and database of this call's own.

        `folder` is where a database may lie. Their secrets are redacted from now on.
        """
        launch = self._launch
        port = int(changed.get("PORT") or launch.port or free_port())
        made = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "APP_ENV": self._lane.environment,
            "MEDIA_STORAGE_PROVIDER": self._lane.provider or "",
            "MEDIA_EXECUTION_TARGET": self._lane.execution_target or "",
            "MEDIA_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
            "DATABASE_URL": f"sqlite:///{folder / 'media.db'}",
            "MEDIA_LOCATION": f"medialane-{secrets.token_hex(6)}",
            **self.grounds.settings(changed),
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
                self.redactor.learn(value)
        return made

    @contextlib.contextmanager
    def process(self, settings: Mapping[str, str], folder: Path) -> Iterator[Server]:
        """One more process of the target with settings of the caller's choosing, whether it comes to serve or not."""
        with serving(self._launch, settings, folder, self._log, self._watchdog) as server:
            yield server

    @contextlib.contextmanager
    def resetting(self, settings: Mapping[str, str], folder: Path, flags: tuple[str, ...]) -> Iterator[Server]:
        """The target's reset command with these flags and settings. Raises StackError without one."""
        if self._launch.reset is None:
            raise StackError(f"{self._target.source}: launch.reset is missing; a step has to ask whether its clause is due")
        command = replace(self._launch, command=(*self._launch.reset, *flags))
        with serving(command, settings, folder, self._log, self._watchdog) as server:
            yield server

    @property
    def browser(self) -> Browser:
        """A browser that reaches the target and the hosts of its pictures; started once. Raises StackError."""
        if self._browser is None:
            self._browser = self._exit.enter_context(self._new_browser())
        return self._browser

    @property
    def aside(self) -> Aside:
        """Another such browser, on a thread of its own; started once. Raises StackError."""
        if self._aside is None:
            from lanes.stack.aside import Aside

            self._aside = self._exit.enter_context(Aside(self._new_browser()))
        return self._aside

    def _new_browser(self) -> Browser:
        from lanes.stack.browser import Browser

        place = self.place
        scheme = urlsplit(place.base_url).scheme
        hosts = [*place.allowed_hosts, *([place.deployment.distribution] if place.deployment else [])]
        origins = [place.base_url, *(f"{scheme}://{host}" for host in hosts)]
        return Browser(origins, self._watchdog, place.authority or given_authority())

    def folder(self) -> contextlib.AbstractContextManager[Path]:
        """A folder of the run's own, removed afterwards."""
        return folder(self._watchdog)

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
        if self._rehearsal:
            return self._rehearsal.why_silent()
        if self._server is None or self._server.wait_exit(0.2) is None:
            return None
        return f"the target ended with exit code {self._server.exit_code}; its last lines:\n{self._server.last_lines}"

    @property
    def described(self) -> tuple[str, ...]:
        """What of others' there is in this slot, each with its version and how it runs: parts of a rehearsal, a browser."""
        parts = self._rehearsal.described if self._rehearsal else ()
        return (*parts, self._browser.described) if self._browser else parts

    @property
    def naming(self) -> Naming:
        """What the pages of the target call otherwise than usual."""
        return self._target.naming

    @property
    def patience(self) -> float:
        """The seconds that its answers may take."""
        return self._target.limits.exchange

    @property
    def _launch(self) -> Launch:
        if not isinstance(self._target.how, Launch):
            raise StackError(f"the target {self._target.name!r} is reached; only a launched one can be given settings")
        return self._target.how


def credentials_in(settings: Mapping[str, str]) -> dict[str, str]:
    """The credentials by role that a target was launched with."""
    return {"write": settings["MEDIA_WRITE_CREDENTIAL"], "operator": settings["MEDIA_OPERATOR_CREDENTIAL"]}
