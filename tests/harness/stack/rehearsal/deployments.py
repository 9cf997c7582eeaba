"""A rehearsal of the reference, as the tests use it: over TLS, by its own authority alone."""

from __future__ import annotations

import contextlib
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests
from PIL import Image

from lanes.redact import Redactor
from lanes.stack.rehearsal import Rehearsal
from lanes.stack.server import Log
from lanes.stack.watchdog import Watchdog
from lanes.target import Launch
from tests.harness.processes import soon

REFERENCE = Launch(
    command=(sys.executable, "-m", "reference_impl", "serve"),
    folder=Path(__file__).resolve().parents[4],
    ready="/healthz",
    timeout=30,
    port=None,
    settings=(),
)


@dataclass
class Deployed:
    """A rehearsal that is up, and the picture that is in it."""

    rehearsal: Rehearsal
    session: requests.Session
    redactor: Redactor
    src: str = ""
    artist: str = ""

    def ask(self, method: str, path: str, **parts: Any) -> requests.Response:
        """An answer of the edge to somebody without a credential."""
        url = path if path.startswith("https:") else self.rehearsal.base_url + path
        return self.session.request(method, url, timeout=20, allow_redirects=False, **parts)

    def write(self, path: str, **parts: Any) -> Any:
        """What a write with the credential answers."""
        bearer = f"Bearer {self.rehearsal.credentials['write']}"
        answer = self.ask("POST", path, headers={"Authorization": bearer}, **parts)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def upload(self) -> str:
        """The address of a new picture."""
        self.artist = self.write("/artists", json={"name": "The Quarterdeck Choir"})["artist"]["ID"]
        files = {"file": ("deck.jpg", picture(), "image/jpeg")}
        src = self.write(f"/artists/{self.artist}/media", data={"purpose": "gallery"}, files=files)["media"]["src"]
        assert isinstance(src, str)
        return src

    def requests(self, path: str, count: int) -> list[dict[str, Any]]:
        """What the edge has noted of requests for a path, of which there were so many: it notes them after the answer."""
        assert soon(lambda: len(self._noted(path)) >= count)
        return self._noted(path)

    def _noted(self, path: str) -> list[dict[str, Any]]:
        lines = self.rehearsal.access_log.read_text(encoding="utf-8").splitlines()
        return [noted for line in lines if (noted := json.loads(line))["path"] == path]


def picture() -> bytes:
    """A JPEG of some size."""
    file = io.BytesIO()
    Image.effect_noise((320, 240), 80).convert("RGB").save(file, "JPEG")
    return file.getvalue()


@contextlib.contextmanager
def up(output: Path, launch: Launch = REFERENCE) -> Iterator[Deployed]:
    """A rehearsal with a picture in it."""
    redactor = Redactor()
    with contextlib.ExitStack() as undo:
        log = undo.enter_context(contextlib.closing(Log(output / "server.log", redactor)))
        watchdog = undo.enter_context(Watchdog())
        rehearsal = undo.enter_context(Rehearsal(launch, "build 7", output, redactor, watchdog, log))
        session = undo.enter_context(requests.Session())
        session.trust_env = False
        session.verify = str(rehearsal.deployment.authority)
        deployed = Deployed(rehearsal, session, redactor)
        deployed.src = deployed.upload()
        yield deployed
