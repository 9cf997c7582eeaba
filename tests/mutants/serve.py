"""Runs the reference implementation as one mutant: `python -m tests.mutants.serve AREA MUTANT serve`.

AREA is the module of the mutant: loading all of them would take longer than the reference itself.
"""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING

from reference_impl import __main__ as command
from tests.mutants.mutant import REGISTRY, Mutant, wrap

if TYPE_CHECKING:
    from collections.abc import Callable


def main(mutant: Mutant, arguments: list[str]) -> int:
    """The reference's own command, mutated."""
    if mutant.before_start:
        mutant.patch()
    else:
        # Patching loads what it patches. A start that is rejected has to stay as quick as it is.
        wrap(command, "serve", lambda serve, runtime: _patched(mutant, serve)(runtime))
    return command.main(arguments)


def _patched(mutant: Mutant, serve: Callable[..., int]) -> Callable[..., int]:
    mutant.patch()
    return serve


if __name__ == "__main__":
    area, name, *arguments = sys.argv[1:]
    importlib.import_module(f"tests.mutants.{area}")
    sys.exit(main(REGISTRY[name], arguments))
