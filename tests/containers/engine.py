"""A container engine of a test's own: podman in a folder, with Docker's API on a socket, gone afterwards."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.harness.processes import soon

# Inside another container nothing may raise limits: asked for is less than there is. What was exec'ed ends with its command.
_SETTINGS = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=32768:32768"]

[engine]
exit_command_delay = 1
"""


@dataclass(frozen=True, slots=True)
class Engine:
    """A running podman that keeps everything in this folder."""

    folder: Path

    @property
    def environment(self) -> dict[str, str]:
        """What leads testcontainers here, also inside a container."""
        return {"DOCKER_HOST": f"unix://{self.folder}/podman.sock", "TESTCONTAINERS_CONNECTION_MODE": "docker_host"}

    def command(self, *words: str) -> list[str]:
        """The command line of podman that does this."""
        places = ["--root", f"{self.folder}/storage", "--runroot", f"{self.folder}/run", "--storage-driver", "overlay"]
        # crun refuses hybrid cgroups, and there may be neither systemd nor a journal.
        return ["podman", *places, "--cgroup-manager", "cgroupfs", "--events-backend", "file", "--runtime", "runc", *words]

    def run(self, *words: str) -> str:
        """What podman says. Ends the program where it fails."""
        done = subprocess.run(self.command(*words), env=self._own, capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"podman {' '.join(words)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    @contextlib.contextmanager
    def serving(self) -> Iterator[None]:
        """Docker's API answers."""
        self.folder.joinpath("containers.conf").write_text(_SETTINGS, encoding="utf-8")
        log = self.folder / "service.log"
        serve = self.command("system", "service", "--time=0", f"unix://{self.folder}/podman.sock")
        with log.open("wb") as said, subprocess.Popen(serve, env=self._own, stdout=said, stderr=said) as service:
            try:
                soon(lambda: service.poll() is not None or self._answers(), seconds=30)
                if service.poll() is not None or not self._answers():
                    sys.exit(f"podman does not serve:\n{log.read_text(encoding='utf-8')}")
                yield
            finally:
                service.terminate()
                service.wait()
                self.run("rm", "--all", "--force", "--time", "0")
                self.run("rmi", "--all", "--force")

    def _answers(self) -> bool:
        import docker

        try:
            with contextlib.closing(docker.DockerClient(self.environment["DOCKER_HOST"])) as client:
                return bool(client.ping())
        except (docker.errors.DockerException, requests.RequestException):
            return False

    @property
    def _own(self) -> dict[str, str]:
        return os.environ | {"CONTAINERS_CONF": f"{self.folder}/containers.conf"}


@contextlib.contextmanager
def engine() -> Iterator[Engine]:
    """An engine that serves, installed where there is none."""
    if shutil.which("podman") is None:
        for words in (["update"], ["install", "-y", "--no-install-recommends", "podman", "runc", "iptables"]):
            subprocess.run(["apt-get", "-qq", *words], check=True)
    with tempfile.TemporaryDirectory(prefix="medialane-engine-") as folder:
        made = Engine(Path(folder))
        with made.serving():
            try:
                yield made
            finally:
                with contextlib.suppress(subprocess.CalledProcessError):  # it is mounted where it is the storage's own
                    subprocess.run(["umount", f"{folder}/storage/overlay"], check=True, capture_output=True)
