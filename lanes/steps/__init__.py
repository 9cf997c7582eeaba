"""Step definitions, a module for each area. Steps know lanes, never an implementation."""

MODULES = (
    "artists",
    "access",
    "upload",
    "ingest",
    "sync",
    "delivery",
    "runtime",
    "refusals",
    "limits",
    "colour",
    "artifacts",
    "names",
)
