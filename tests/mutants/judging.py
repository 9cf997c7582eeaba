"""One run of the harness in a process that was forked with everything loaded."""

from __future__ import annotations

import os
import sys
from pathlib import Path

# Loaded for the forks to come.
import pytest_bdd  # noqa: F401

from lanes import cli, corpus, plugin, report, run, steps  # noqa: F401
from lanes.contract import contract
from lanes.rules import catalogue

SAID = "said.txt"


def run_command(words: list[str], folder: Path) -> None:
    """`medialane` with these words in this folder; what it says goes to SAID there."""
    os.chdir(folder)
    said = os.open(SAID, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(said, stream)
    sys.argv = ["medialane", *words]
    cli.main()


contract()
catalogue()
