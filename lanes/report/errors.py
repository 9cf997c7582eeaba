"""Errors of ours, in full, for whoever mends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lanes.run import Run

FILE = "errors.txt"


def write_error(run: Run, message: str, full: str) -> None:
    """Appends an error to errors.txt in the run's folder, redacted."""
    with run.output.joinpath(FILE).open("a", encoding="utf-8") as file:
        file.write(run.redactor.text(f"{message}\n\n{full}\n\n"))
