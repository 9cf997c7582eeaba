"""A small store, and a gateway before it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lanes.stack.gateway.server import Gateway
from tests.harness.stack.gateway.store import Store, storing


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    """A small store of any provider."""
    with storing() as made:
        yield made


@pytest.fixture
def gateway(store: Store) -> Iterator[Gateway]:
    """A gateway before the small store, which forgets what it was asked before."""
    store.clear()
    with Gateway({"s3": store.url, "azure": store.url}) as made:
        yield made
