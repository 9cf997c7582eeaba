"""Where the plugin keeps what the suite needs: the run in pytest's configuration, the scribe on each scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from lanes.checks import Scribe
    from lanes.run import Run

RUN: pytest.StashKey[Run] = pytest.StashKey()
SCRIBE: pytest.StashKey[Scribe] = pytest.StashKey()
