"""An image of Azurite without a registry: the machine's Node.js with its libraries, and Azurite's package."""

from __future__ import annotations

import io
import re
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from lanes.stack.emulators.azurite import Azurite
from tests.containers.engine import Engine

# The same Azurite, but not its maker's image: it has to be called something else.
TAG = f"localhost/azurite:{Azurite.pinned}"


def make_image(engine: Engine) -> None:
    """Makes it, and gives it to the engine."""
    root = engine.folder / "root.tar"
    with tarfile.open(root, "w") as tar:
        for name, path in sorted(_programs().items()):
            tar.add(Path(path).resolve(), name)
        tar.add(Azurite.install() / "node_modules", "opt/node_modules")
        for folder in ("tmp", "proc", "sys", "dev", "run", "etc"):
            _add(tar, folder, tarfile.DIRTYPE, 0o1777 if folder == "tmp" else 0o755)
        _add(tar, "usr/bin/azurite-blob", tarfile.SYMTYPE, link="/opt/node_modules/.bin/azurite-blob")
        _add(tar, "etc/passwd", data=b"root:x:0:0:root:/tmp:/usr/bin/env\n")
    engine.run(
        "import", "--change", "ENV PATH=/usr/bin", "--change", "WORKDIR /tmp", "--change", "EXPOSE 10000", str(root), TAG
    )
    root.unlink()


def _programs() -> dict[str, str]:
    """What Azurite runs on, by its place in the image: Node.js and env, and the libraries of both."""
    found: dict[str, str] = {}
    for name in ("node", "env"):
        program = shutil.which(name)
        if program is None:
            sys.exit(f"{name} is not there, and Azurite's image is made of it")
        said = subprocess.run(["ldd", program], capture_output=True, text=True, check=True).stdout
        found |= {f"usr/bin/{name}": program} | {path.lstrip("/"): path for path in re.findall(r"/\S+\.so\S*", said)}
    return found


def _add(
    tar: tarfile.TarFile, name: str, kind: bytes = tarfile.REGTYPE, mode: int = 0o644, *, link: str = "", data: bytes = b""
) -> None:
    member = tarfile.TarInfo(name)
    member.type, member.mode, member.linkname, member.size = kind, mode, link, len(data)
    tar.addfile(member, io.BytesIO(data))
