"""Where contracts, features and fixtures lie: beside the package in a checkout, inside it in a wheel."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_DATA = PACKAGE / "_data" if (PACKAGE / "_data").is_dir() else PACKAGE.parent

CONTRACTS = _DATA / "contracts"
FEATURES = _DATA / "features"
FIXTURES = _DATA / "fixtures"
PROFILES = PACKAGE / "profiles"
TARGETS = PACKAGE / "targets"
SUITE = PACKAGE / "suite"


def in_suite(path: Path) -> bool:
    """Whether a test or file is the suite's, and not one that is collected beside it."""
    return SUITE in path.parents
