"""The checks as a pytest class to derive from."""

from __future__ import annotations

import pytest

from lanes.adapter_kit.checks import CHECKS, Check
from lanes.adapter_kit.harness import Harness


class AdapterContract:
    """Every check is a test. A derived class gives the fixture `harness`; each test has one with a prefix of its own."""

    @pytest.fixture
    def harness(self) -> Harness:
        raise NotImplementedError("a class derived from AdapterContract overrides the fixture harness")

    @pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
    def test_an_adapter_keeps_its_promise(self, harness: Harness, check: Check) -> None:
        check(harness)
