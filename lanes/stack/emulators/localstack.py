"""LocalStack: S3, and nothing else of it."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

from lanes.errors import StackError
from lanes.stack.emulators.daemon import Daemon
from lanes.stack.emulators.emulator import Emulator, Image, NotYet, place_of
from lanes.stack.emulators.provision import python_environment

_SETTINGS = {
    "SERVICES": "s3",
    "STRICT_SERVICE_LOADING": "1",
    "EAGER_SERVICE_LOADING": "1",
    # It is to ask nobody anything: no certificates, no events, no names.
    "SKIP_SSL_CERT_DOWNLOAD": "1",
    "DISABLE_EVENTS": "1",
    "DNS_ADDRESS": "0",
}

_NO_BUCKET = "medialane-has-no-such-bucket"
# By this it tells which service is meant (AWS Signature Version 4); it does not verify it.
_AS_S3 = {"Authorization": "AWS4-HMAC-SHA256 Credential=a/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=a"}

# It would listen at every address whatever it is told, and go on where it cannot listen at all.
_ON_LOOPBACK = """
import os
from twisted.internet import endpoints

class Loopback(endpoints.TCP4ServerEndpoint):
    def __init__(self, reactor, port):
        super().__init__(reactor, port, interface="127.0.0.1")

    def listen(self, factory):
        return super().listen(factory).addErrback(self.give_up)

    def give_up(self, failure):
        print(failure.getErrorMessage(), flush=True)
        os._exit(1)

endpoints.TCP4ServerEndpoint = Loopback
from localstack.runtime.main import main
main()
"""


class LocalStack(Emulator):
    """An S3 endpoint that enforces no authorisation at all."""

    name = "LocalStack"
    # 4.14 and newer need Python 3.13 although they say 3.10, and images from 2026.03 on an account.
    pinned = "4.12.0"
    oldest = (4, 12)
    given = "MEDIALANE_S3_ENDPOINT"
    environment = f"localstack-{pinned}"
    last_word = "Ready."

    @classmethod
    def install(cls) -> Path:
        """Its own environment: its requirements contradict ours, and those of its requirements its own."""
        pins = (f"localstack-core[base-runtime]=={cls.pinned}", "cbor2<6", "pyopenssl<26", "localstack-twisted<26")
        return python_environment(cls.environment, pins)

    def accept(self, given: str) -> None:
        """Takes an endpoint."""
        found = place_of(given)
        if found is None or urlsplit(given).path not in {"", "/"}:
            raise StackError(
                f"{self.given} has to be the endpoint of {self.name}, as http://HOST:PORT without credentials or a path, "
                f"and is something else; {self.remedy}"
            )
        self.host, self.port = found

    def image(self) -> Image:
        """The vendor's image."""
        return Image(
            f"docker.io/localstack/localstack:{self.pinned}",
            "MEDIALANE_LOCALSTACK_IMAGE",
            4566,
            environment=tuple(_SETTINGS.items()),
        )

    def launch(self) -> Daemon:
        """Starts it with an environment of its own, in a folder of its own: it writes where it stands."""
        python = self.install() / "bin" / "python"
        home = self.folder / "localstack"
        home.mkdir()
        own = {"PATH": os.environ.get("PATH", ""), "HOME": str(home), "FILESYSTEM_ROOT": str(home)}
        environment = own | _SETTINGS | {"GATEWAY_LISTEN": f"{self.host}:{self.port}"}
        command = [str(python), "-c", _ON_LOOPBACK]
        # Nothing of it is to be kept, and an orderly end takes it longer than its start.
        return Daemon(command, environment, home, self.log, self.watchdog, farewell=signal.SIGKILL)

    def probe(self) -> str:
        """Its health report names version and services; S3 runs before it knows its operations, so one of them is tried."""
        answer = self.ask("/_localstack/health")
        try:
            report = json.loads(answer.body)
            state, version = report["services"]["s3"], report["version"]
        except (ValueError, KeyError, TypeError):
            raise NotYet(f"what answers there is no {self.name}: its answer ({answer.status}) is no health report") from None
        if state not in {"running", "available"}:
            raise NotYet(f"its S3 is {state}")
        if (tried := self.ask(f"/{_NO_BUCKET}", _AS_S3)).status != 404:
            raise NotYet(f"its S3 answers {tried.status} for a bucket that is not there")
        return str(version)
