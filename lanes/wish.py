"""What was asked for: the options of one run, as data, and the command line that asks for the same again."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from pathlib import Path

from lanes.fuzzing import EXAMPLES, NORMAL, Effort
from lanes.stack.emulators.emulator import How


@dataclass(frozen=True, slots=True)
class Wish:
    """What was asked for on the command line."""

    lane: str
    target: str | None = None
    output: Path | None = None
    accept_partial: bool = False
    only: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    require: tuple[str, ...] = ()
    baseline: Path | None = None
    deadline: float | None = None  # seconds
    effort: Effort = NORMAL
    workers: int | None = None  # None: as many as is worth it
    emulators: How = "auto"  # how those are run that were not given
    read_only: bool = False  # whether nothing may be written to a deployed target

    @property
    def command(self) -> str:
        """The command line that repeats the run."""
        words = ["medialane", "run", self.lane]
        words += ["--target", self.target] if self.target else []
        for option, values in (("--only", self.only), ("--exclude", self.exclude), ("--require", self.require)):
            words += [word for value in values for word in (option, value)]
        words += ["--baseline", str(self.baseline)] if self.baseline else []
        words += ["--deadline", f"{self.deadline:g}"] if self.deadline else []
        words += ["--fuzz-seed", str(self.effort.seed)] if self.effort.seed is not None else []
        words += ["--fuzz-examples", str(self.effort.examples)] if self.effort.examples != EXAMPLES else []
        words += ["--profile", "long"] if self.effort.long else []
        words += ["--workers", str(self.workers)] if self.workers else []
        words += ["--emulators", self.emulators] if self.emulators != "auto" else []
        words += ["--read-only"] if self.read_only else []
        words += ["--accept-partial"] if self.accept_partial else []
        return shlex.join(words)
