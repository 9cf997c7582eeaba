"""How much memory the processes of a group have needed at most."""

from __future__ import annotations

import contextlib
from pathlib import Path

from lanes.errors import StackError

_PROC = Path("/proc")


def peak(group: int) -> int:
    """The peak resident sizes of all processes of a group that still run, added up, in bytes (proc(5), VmHWM).

    Raises StackError where the system does not tell.
    """
    found = [size for folder in _PROC.glob("[0-9]*") if (size := _peak_of(folder, group)) is not None]
    if not found:
        raise StackError(f"the peak memory of process group {group} cannot be read: it needs Linux's /proc")
    return sum(found)


def _peak_of(folder: Path, group: int) -> int | None:
    # A process may end between the two.
    with contextlib.suppress(OSError, ValueError, IndexError):
        # Behind the name, which may hold anything, come state, parent and group.
        if int((folder / "stat").read_text(encoding="latin-1").rpartition(")")[2].split()[2]) != group:
            return None
        for line in (folder / "status").read_text(encoding="latin-1").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None
