"""Every mutant, a module for each area."""

from __future__ import annotations

import importlib

from tests.mutants.mutant import REGISTRY, Mutant

_AREAS = (
    "absent",
    "addresses",
    "alt_text",
    "artifacts",
    "artists",
    "caching",
    "cards",
    "collection",
    "contract",
    "deleting",
    "delivery",
    "details",
    "errors",
    "exports",
    "faults",
    "ingest",
    "legacy",
    "locators",
    "metadata",
    "profile_image",
    "races",
    "refusals",
    "replacing",
    "rows",
    "runtime",
    "scope",
    "settings",
    "simultaneous",
    "sync",
    "upload",
    "wandering",
)

for area in _AREAS:
    importlib.import_module(f"tests.mutants.{area}")  # which enters its mutants

MUTANTS: dict[str, Mutant] = dict(sorted(REGISTRY.items()))
