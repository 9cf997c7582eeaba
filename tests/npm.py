"""What tests need of the npm registry."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

_INSTALL = ("npm", "install", "--no-audit", "--no-fund")


def install(folder: Path, *packages: str) -> None:
    """Fetches what the package.json of a folder names, where these packages of it are not there yet."""
    if all((folder / "node_modules" / package).is_dir() for package in packages):
        return
    command = f"cd {folder} && {' '.join(_INSTALL)}"
    if shutil.which("npm") is None:
        pytest.fail(f"npm is missing: install Node 20 or newer with npm, then run: {command}")
    done = subprocess.run(_INSTALL, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode != 0:
        pytest.fail(f"this failed: {command}\n{done.stdout}{done.stderr}")
