"""In the checkout a bare `pytest` judges the reference implementation on mocked storage, besides running the tests."""

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """The lane, where none was asked for."""
    if config.option.lane is None:
        config.option.lane = "mocked"
