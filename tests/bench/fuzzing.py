"""How quickly requests are made up and sent, beside Schemathesis's own command on the same contract and server."""

from __future__ import annotations

import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from lanes.client import Client
from lanes.contract import contract
from lanes.corpus import Corpus
from lanes.fuzzing import EXAMPLES, Effort, Supplies, fuzz
from lanes.places import CONTRACTS
from lanes.stack.server import free_port
from tests.bench.figure import Figure

_CREDENTIALS = {"write": "bench-write-credential-1", "operator": "bench-operator-credential"}
_CONFIG = """
[generation]
mode = "all"
max-examples = {examples}
deterministic = true

[phases.stateful]
enabled = false

[[operations]]
include-operation-id = "uploadArtistMedia"
phases.coverage.enabled = false
"""


def rate(rounds: int) -> Figure:
    """Median ratio of cases a second, ours to those of the command."""
    ratios, ours_a_second = [], 0.0
    for _ in range(rounds):
        with tempfile.TemporaryDirectory(prefix="medialane-bench-") as folder, _served(Path(folder)) as base_url:
            theirs = _theirs(base_url, Path(folder))
            ours_a_second = _ours(base_url)
            ratios.append(ours_a_second / theirs)
    ratio = statistics.median(ratios)
    return Figure(
        "fuzzing: cases a second beside Schemathesis alone",
        ratio,
        "at least 0.8",
        ratio >= 0.8,
        f"{ours_a_second:.0f} a second",
    )


class _served:  # noqa: N801 - it reads as what it gives
    """The reference as an ordinary process."""

    def __init__(self, folder: Path) -> None:
        port = free_port()
        self._base_url = f"http://127.0.0.1:{port}"
        settings = {
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "APP_ENV": "test",
            "MEDIA_STORAGE_PROVIDER": "mocked",
            "MEDIA_EXECUTION_TARGET": "mocked",
            "MEDIA_PUBLIC_BASE_URL": self._base_url,
            "DATABASE_URL": f"sqlite:///{folder / 'media.db'}",
            "MEDIA_WRITE_CREDENTIAL": _CREDENTIALS["write"],
            "MEDIA_OPERATOR_CREDENTIAL": _CREDENTIALS["operator"],
        }
        command = [sys.executable, "-m", "reference_impl", "serve"]
        self._process = subprocess.Popen(
            command, env=os.environ | settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def __enter__(self) -> str:
        for _ in range(200):
            client = Client(self._base_url, _CREDENTIALS, contract())
            try:
                client.call("readHealth")
            except Exception:  # noqa: BLE001 - it is not there yet
                time.sleep(0.05)
            else:
                break
            finally:
                client.close()
        return self._base_url

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


def _theirs(base_url: str, folder: Path) -> float:
    (folder / "schemathesis.toml").write_text(_CONFIG.format(examples=EXAMPLES), encoding="utf-8")
    command = [sys.executable, "-c", "from schemathesis.cli import schemathesis; schemathesis()"]
    command += ["--config-file", "schemathesis.toml", "run", str(CONTRACTS / "openapi.yaml"), "--url", base_url]
    command += ["--header", f"Authorization: Bearer {_CREDENTIALS['write']}"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    cases = re.search(r"([\d,]+) generated", done.stdout)
    spent = re.search(r"in ([\d.]+)s =+\s*$", done.stdout)
    if not cases or not spent:
        raise RuntimeError(f"Schemathesis said nothing of its cases:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return int(cases[1].replace(",", "")) / float(spent[1])


def _ours(base_url: str) -> float:
    client = Client(base_url, _CREDENTIALS, contract())
    corpus = Corpus()

    def artist(fresh: bool) -> str:
        del fresh
        return str(client.call("createArtist", json={"name": "A bench", "bio": None}).json["artist"]["ID"])

    def item(fresh: bool) -> tuple[str, str]:
        owner = artist(fresh)
        files = (corpus.upload(corpus.of("small")[0]),)
        made = client.call("uploadArtistMedia", owner, form={"purpose": "gallery"}, files=files)
        return owner, str(made.json["media"]["ID"])

    images = {row.declared: [corpus.upload(row).data] for row in corpus.of("taken")}
    began = time.perf_counter()
    cases = list(fuzz(base_url, _CREDENTIALS, (), Supplies(artist, item, None, images), Effort()))
    client.close()
    return len(cases) / (time.perf_counter() - began)
