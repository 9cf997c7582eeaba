from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import pytest

from reference_impl.storage.locator import Artifact, Locator
from reference_impl.storage.mocked import MockedStore
from reference_impl.storage.protocol import ObjectMissing, StorageTimeout, StorageUnavailable
from reference_impl.storage.stores import Stores

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal


@pytest.fixture
def stores() -> Stores:
    return Stores({"azure": MockedStore(), "s3": MockedStore()}, "s3", "media", 0.2)


def test_new_objects_go_to_the_active_provider(stores: Stores) -> None:
    locator = stores.place("media/a/b.jpg")
    assert locator == Locator("s3", "media", "media/a/b.jpg")
    assert stores.serves_from(locator)
    assert not stores.serves_from(Locator("azure", "media", "a"))
    assert not stores.serves_from(Locator("s3", "other", "a"))


def test_every_call_follows_the_provider_of_the_locator(stores: Stores, portal: BlockingPortal) -> None:
    artifact = Artifact("canonical", Locator("azure", "old", "a"))
    portal.call(stores.put, artifact, b"bytes", "image/png", "no-cache")
    assert stores.adapters["azure"].head(artifact.locator).size == 5
    assert portal.call(stores.head, artifact.locator).content_type == "image/png"
    assert portal.call(stores.read, artifact.locator, 1, 3) == b"yt"
    portal.call(stores.delete, artifact)
    with pytest.raises(ObjectMissing):
        portal.call(stores.head, artifact.locator)


def test_a_provider_without_an_adapter_is_unavailable(stores: Stores, portal: BlockingPortal) -> None:
    unknown = Locator("floppy", "a", "b")
    assert not stores.knows(unknown)
    with pytest.raises(StorageUnavailable):
        portal.call(stores.delete, Artifact("canonical", unknown))


def test_a_call_that_hangs_is_given_up_in_time(stores: Stores, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    monkeypatch.setattr(stores.adapters["s3"], "head", lambda _: release.wait(10))
    began = time.monotonic()
    with pytest.raises(StorageTimeout):
        portal.call(stores.head, stores.place("a"))
    assert time.monotonic() - began < 2
    release.set()
