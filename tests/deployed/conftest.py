"""A rehearsal that all tests share, with artists and objects of somebody else in it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.deployed.deployment import Standing, standing


def pytest_addoption(parser: pytest.Parser) -> None:
    """Called by pytest."""
    parser.addoption("--kills", type=int, default=3, help="kill so many runs, each at a moment of its own")


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Standing]:
    """The deployment."""
    with standing(tmp_path_factory.mktemp("deployment")) as there:
        yield there
