"""Folders of the run's own, gone afterwards however it ends."""

from __future__ import annotations

import contextlib
import secrets
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lanes.stack.watchdog import Watchdog, remove_folder


@contextlib.contextmanager
def folder(watchdog: Watchdog, mode: int = 0o700) -> Iterator[Path]:
    """A new folder among the temporary ones, removed with all that is in it."""
    path = Path(tempfile.gettempdir()) / f"medialane-{secrets.token_hex(8)}"
    watchdog.guard_folder(path)  # before it exists, so that no signal can come between
    try:
        path.mkdir()
        path.chmod(mode)  # whatever the umask says
        yield path
    finally:
        if remove_folder(path):
            watchdog.forget_folder(path)
