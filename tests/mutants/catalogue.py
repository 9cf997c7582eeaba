"""Every mutant, a module for each area."""

from __future__ import annotations

from tests.mutants import artists, contract, delivery, ingest, metadata, runtime, sync, upload
from tests.mutants.mutant import REGISTRY, Mutant

_AREAS = (artists, contract, delivery, ingest, metadata, runtime, sync, upload)

MUTANTS: dict[str, Mutant] = dict(sorted(REGISTRY.items()))
