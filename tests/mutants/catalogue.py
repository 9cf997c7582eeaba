"""Every mutant, a module for each area."""

from __future__ import annotations

import importlib

from tests.mutants.mutant import REGISTRY, Mutant

_AREAS = (
    "absent",
    "addresses",
    "agreement",
    "alt_text",
    "artifacts",
    "artists",
    "caching",
    "cards",
    "collection",
    "compensating",
    "contract",
    "corners",
    "crashing",
    "deleting",
    "delivery",
    "details",
    "drafting",
    "errors",
    "exports",
    "faults",
    "former",
    "hanging",
    "ingest",
    "legacy",
    "locators",
    "metadata",
    "migrating",
    "misdelivering",
    "ordering",
    "pages",
    "profile_image",
    "races",
    "refusals",
    "rehearsing",
    "replacing",
    "resetting",
    "rows",
    "runtime",
    "scope",
    "settings",
    "simultaneous",
    "storing",
    "surviving",
    "sync",
    "upload",
    "wandering",
)

for area in _AREAS:
    importlib.import_module(f"tests.mutants.{area}")  # which enters its mutants

MUTANTS: dict[str, Mutant] = dict(sorted(REGISTRY.items()))
