"""One run of the harness in a process that was forked with everything loaded."""

from __future__ import annotations

import gc
import importlib
import os
import sys
from importlib.metadata import entry_points
from pathlib import Path

# Loaded for the forks to come.
from pytest_bdd.feature import get_features

from lanes import cli, corpus, report, session, steps  # noqa: F401
from lanes.collection import scenarios_under
from lanes.contract import contract
from lanes.places import FEATURES
from lanes.rules import catalogue
from tests.mutants import nursery
from tests.mutants.mutant import REGISTRY

SAID = "said.txt"


def run_command(
    words: list[str], folder: Path, environment: dict[str, str], servers: Path | None, around: tuple[str, str] | None = None
) -> None:
    """`medialane` with these words in this folder, mutants from this nursery; what it says goes to SAID there.

    `around` is the area and ID of a mutant of what stands around the target, which this process starts.
    """
    os.environ.update(environment)
    if around:
        area, mutant = around
        importlib.import_module(f"tests.mutants.{area}")
        REGISTRY[mutant].patch()
    if servers:
        nursery.use(servers)
    os.chdir(folder)
    said = os.open(SAID, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for stream in (1, 2):
        os.dup2(said, stream)
    sys.argv = ["medialane", *words]
    cli.main()


contract()
catalogue()
list(scenarios_under(FEATURES))
get_features([str(FEATURES)])
for module in steps.MODULES:
    importlib.import_module(f"lanes.steps.{module}")
for plugin in entry_points(group="pytest11"):
    plugin.load()
gc.collect()
gc.freeze()  # or every fork would look through all of it again
