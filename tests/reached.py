"""`python -m tests.reached`: a target that is already there, judged by the README's target file.

The reference is started as an operator would start it, with the settings of contracts/runtime.yaml and credentials of its
own, and medialane is told nothing but where it is and what its credentials are.
"""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import requests

from lanes.stack.server import free_port
from tests.harness.processes import MEDIALANE, soon

_CHECKOUT = Path(__file__).resolve().parents[1]
_REFERENCE = ("-m", "reference_impl", "serve")
_CREDENTIALS = ("WRITE_CREDENTIAL", "OPERATOR_CREDENTIAL")


def main() -> int:
    """Answers 0 where the file holds what it says and the verdict is no worse than partial."""
    with tempfile.TemporaryDirectory(prefix="medialane-reached-") as made:
        folder = Path(made)
        credentials = {name: secrets.token_urlsafe(24) for name in _CREDENTIALS}
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        (folder / "there.toml").write_text(target_file(url), encoding="utf-8")
        theirs = {f"MEDIALANE_{name}": value for name, value in credentials.items()}
        with serving(folder, port, {f"MEDIA_{name}": value for name, value in credentials.items()}):
            checked = _medialane(folder, theirs, "target", "check", "there.toml")
            judged = _medialane(folder, theirs, "run", "mocked", "--target", "there.toml", "--accept-partial")
    return checked or judged


def target_file(url: str) -> str:
    """The README's file with a `[reach]` section, but for where the target is."""
    blocks = re.findall(
        r"^```toml\n(.*?)^```$", (_CHECKOUT / "README.md").read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL
    )
    (reach,) = (block for block in blocks if "[reach]" in block)
    text, places = re.subn(r'^base_url = ".*"$', f'base_url = "{url}"', reach, flags=re.MULTILINE)
    if places != 1:
        sys.exit(f"the README's target file names {places} places, should be one")
    return text


@contextlib.contextmanager
def serving(folder: Path, port: int, more: Mapping[str, str], command: Sequence[str] = _REFERENCE) -> Iterator[None]:
    """The reference, or what this command makes of it, as a process of its own, ended afterwards. `more` are settings."""
    settings = {
        "PORT": str(port),
        "APP_ENV": "test",
        "MEDIA_STORAGE_PROVIDER": "mocked",
        "MEDIA_EXECUTION_TARGET": "mocked",
        "MEDIA_PUBLIC_BASE_URL": f"http://127.0.0.1:{port}",
        "DATABASE_URL": f"sqlite:///{folder / 'media.db'}",
        **more,
    }
    log = folder / "server.log"
    with (
        log.open("wb") as written,
        subprocess.Popen(
            [sys.executable, *command], cwd=_CHECKOUT, env={**os.environ, **settings}, stdout=written, stderr=written
        ) as process,
    ):
        try:
            soon(lambda: process.poll() is not None or serves(port), seconds=30)
            if not serves(port):
                sys.exit(f"the reference does not serve:\n{log.read_text(encoding='utf-8')}")
            yield
        finally:
            process.terminate()


def serves(port: int) -> bool:
    """Whether the reference answers there."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).status_code == 200
    except requests.ConnectionError:
        return False


def _medialane(folder: Path, credentials: Mapping[str, str], *words: str) -> int:
    environment = {**os.environ, "PYTHONPATH": str(_CHECKOUT), **credentials}
    return subprocess.run([*MEDIALANE, *words], cwd=folder, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
