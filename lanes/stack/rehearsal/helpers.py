"""The two small programs of ours that stand behind the edge: one signs for the bucket, one hangs up in stages."""

from __future__ import annotations

import os
import signal
import sys
from abc import abstractmethod
from pathlib import Path

from lanes.stack.emulators.daemon import Daemon
from lanes.stack.rehearsal import buckets
from lanes.stack.rehearsal.program import Program
from lanes.stack.watchdog import Watchdog


class Helper(Program):
    """A script beside this file, which imports nothing of the suite."""

    @property
    @abstractmethod
    def settings(self) -> dict[str, str]:
        """The environment variables it is told by, PORT apart."""

    def launch(self) -> Daemon:
        """Starts it; nothing of it is to be kept."""
        command = (sys.executable, "-P", str(Path(__file__).with_name(f"{self.name}.py")))
        environment = {"PATH": os.environ.get("PATH", ""), "PORT": str(self.port), **self.settings}
        return Daemon(command, environment, self.folder, self.log, self.watchdog, farewell=signal.SIGKILL)


class Signer(Helper):
    """Signs for the bucket what the edge asks of it, with the keys of the edge."""

    name = "signer"

    def __init__(self, folder: Path, watchdog: Watchdog, port: int, endpoint: str, bucket: buckets.Made) -> None:
        super().__init__(folder, watchdog, port)
        self._endpoint = endpoint
        self._bucket = bucket

    @property
    def settings(self) -> dict[str, str]:
        """Bucket and keys."""
        keys = self._bucket.keys["edge"]
        return {
            "ENDPOINT": self._endpoint,
            "BUCKET": self._bucket.name,
            "REGION": buckets.REGION,
            "AWS_ACCESS_KEY_ID": keys.key,
            "AWS_SECRET_ACCESS_KEY": keys.secret,
        }


class Lingering(Helper):
    """Reads on where the application hangs up before a request has ended."""

    name = "lingering"

    def __init__(self, folder: Path, watchdog: Watchdog, port: int, application: int) -> None:
        super().__init__(folder, watchdog, port)
        self._application = application

    @property
    def settings(self) -> dict[str, str]:
        """Where the application listens."""
        return {"APPLICATION_PORT": str(self._application)}
