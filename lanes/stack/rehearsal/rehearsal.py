"""A deployment on one machine: bucket, identities, edge and target, as they would be in a cloud, of which it proves nothing."""

from __future__ import annotations

import contextlib
import os
import secrets
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from lanes.deployment import Deployment, Eyes
from lanes.errors import StackError
from lanes.files import read_contract
from lanes.redact import Redactor, secrets_in
from lanes.stack.emulators.daemon import read
from lanes.stack.folders import folder
from lanes.stack.rehearsal import buckets, certificates
from lanes.stack.rehearsal.buckets import Keys, Made
from lanes.stack.rehearsal.edge import Edge, Ways
from lanes.stack.rehearsal.helpers import Lingering, Signer
from lanes.stack.rehearsal.program import Program
from lanes.stack.rehearsal.seaweedfs import SeaweedFS
from lanes.stack.server import Log, Server, free_port, serving
from lanes.stack.watchdog import Watchdog
from lanes.target import Bucket, Launch, Operator

PROGRAMS: tuple[type[Program], ...] = (SeaweedFS, Edge)  # those that have to be installed
LOGS = {
    "seaweedfs.log": "seaweedfs.log",
    "nginx.log": "edge.log",
    "signer.log": "signer.log",
    "lingering.log": "lingering.log",
}  # as they are kept
REQUESTS = "edge-requests.log"
# By which variables a target file names the operator's keys.
OPERATOR = Operator(access_key="MEDIALANE_OPERATOR_ACCESS_KEY_ID", secret_key="MEDIALANE_OPERATOR_SECRET_ACCESS_KEY")  # noqa: S106


def deployed_settings(place: Path, port: int, public: str, endpoint: str, made: Made) -> dict[str, str]:
    """The settings of contracts/runtime.yaml for a deployment: public base URL, endpoint and bucket are the rehearsal's.

    Its database is embedded, in the folder `place`: what PostgreSQL adds is judged in other lanes, and costs a second here.
    """
    runtime = made.keys["runtime"]
    return {
        "HOST": "127.0.0.1",
        "PORT": str(port),
        "APP_ENV": "dev",
        "MEDIA_STORAGE_PROVIDER": "s3",
        "MEDIA_EXECUTION_TARGET": "cloud",
        "MEDIA_PUBLIC_BASE_URL": public,
        "DATABASE_URL": f"sqlite:///{place / 'media.db'}",
        "MEDIA_WRITE_CREDENTIAL": secrets.token_urlsafe(24),
        "MEDIA_OPERATOR_CREDENTIAL": secrets.token_urlsafe(24),
        "MEDIA_LOCATION": made.name,
        "MEDIA_S3_ENDPOINT": endpoint,
        "MEDIA_S3_REGION": buckets.REGION,
        "AWS_ACCESS_KEY_ID": runtime.key,
        "AWS_SECRET_ACCESS_KEY": runtime.secret,
    }


class Rehearsal:
    """Use it as a context manager: inside, the target answers at `base_url`. All its secrets are redacted from then on.

    `access_log` holds a line of JSON for each request to the edge, written once it is over: time, method, path without query,
    status, cache (hit, miss or nothing). Afterwards it is in the output, like the other logs. Raises StackError, with the last
    lines of what did not start.
    """

    def __init__(
        self, launch: Launch, build: str | None, output: Path, redactor: Redactor, watchdog: Watchdog, log: Log
    ) -> None:
        self.base_url = ""
        self.credentials: dict[str, str] = {}
        self.deployment = Deployment("")
        self.admin: Keys  # nobody in the lane: for tests that spoil a rehearsal
        self.access_log = output / REQUESTS
        self.described: tuple[str, ...] = ()
        self._launch = launch
        self._build = build
        self._output = output
        self._redactor = redactor
        self._watchdog = watchdog
        self._log = log
        self._programs: list[Program] = []
        self._server: Server | None = None
        self._exit = contextlib.ExitStack()

    def __enter__(self) -> Rehearsal:
        for value in secrets_in({**os.environ, **dict(self._launch.settings)}):
            self._redactor.learn(value)
        with contextlib.ExitStack() as undo:
            place = undo.enter_context(folder(self._watchdog))
            undo.callback(self._keep_logs, place)
            self.access_log = place / REQUESTS
            store = SeaweedFS(place, self._watchdog, free_port())
            self.admin = self._known(Keys(store.key, store.secret))
            self._begin(undo, store)
            signed = certificates.make(place)  # while it starts
            self._wait([store])
            made = buckets.make(store.url, self.admin)
            for keys in made.keys.values():
                self._known(keys)
            target = self._launch.port or free_port()
            ways = Ways(edge=free_port(), application=target, lingering=free_port(), signer=free_port())
            edge = Edge(place, self._watchdog, self.access_log, signed, ways)
            settings = self._told(deployed_settings(place, target, edge.url, store.url, made))
            self._server = undo.enter_context(serving(self._launch, settings, place, self._log, self._watchdog))
            signer = Signer(place, self._watchdog, ways.signer, store.url, made)
            lingering = Lingering(place, self._watchdog, ways.lingering, target)
            for each in (signer, lingering, edge):
                self._begin(undo, each)
            self._wait([signer, lingering, edge], self._server)
            self.base_url = edge.url
            self.credentials = {role: settings[f"MEDIA_{role.upper()}_CREDENTIAL"] for role in ("write", "operator")}
            eyes = made.keys["operator"]
            self.deployment = Deployment(
                distribution=f"localhost:{ways.edge}",
                bucket=Bucket(made.name, buckets.REGION, store.url, operator=OPERATOR),
                eyes=Eyes(key=eyes.key, secret=eyes.secret),
                rehearsal=True,
                authority=signed.authority,
            )
            self.described = tuple(str(each) for each in (store, edge))
            self._exit = undo.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._exit.close()

    def why_silent(self) -> str | None:
        """If the launched target has ended, how, with the last lines of its log.

        Raises StackError when anything else of the rehearsal has ended: that is no fault of the target.
        """
        self.check()
        if self._server is None or self._server.wait_exit(0.2) is None:
            return None
        return f"the target ended with exit code {self._server.exit_code}; its last lines:\n{self._server.last_lines}"

    def check(self) -> None:
        """Raises StackError when store, signer or edge is gone."""
        for each in self._programs:
            if gone := each.why_gone():
                raise StackError(self._redactor.text(gone))

    def _told(self, settings: dict[str, str]) -> dict[str, str]:
        if self._build:
            settings["MEDIA_BUILD"] = self._build
        for setting in read_contract("runtime.yaml")["settings"]:
            value = settings.get(setting["name"], "")
            if setting["secret"] and not value.startswith("sqlite:"):  # a file is no secret
                self._redactor.learn(value)
        return settings

    def _known(self, keys: Keys) -> Keys:
        self._redactor.learn(keys.key)
        self._redactor.learn(keys.secret)
        return keys

    def _begin(self, undo: contextlib.ExitStack, program: Program) -> None:
        self._programs.append(program)
        undo.callback(program.stop)
        program.begin()

    def _wait(self, programs: list[Program], server: Server | None = None) -> None:
        # Side by side; but no thread is left when this is over.
        waits = [*(each.wait for each in programs), *([server.wait_ready] if server else [])]
        with ThreadPoolExecutor(len(waits)) as pool:
            try:
                for waited in as_completed([pool.submit(each) for each in waits]):
                    waited.result()
            except BaseException as error:
                for each in programs:
                    each.give_up()
                if isinstance(error, StackError):
                    raise StackError(self._redactor.text(str(error))) from None
                raise

    def _keep_logs(self, place: Path) -> None:
        for name, kept in {**LOGS, REQUESTS: REQUESTS}.items():
            with contextlib.suppress(OSError):
                if log := read(place / name):
                    (self._output / kept).write_text(self._redactor.text(log), encoding="utf-8")
        self.access_log = self._output / REQUESTS
