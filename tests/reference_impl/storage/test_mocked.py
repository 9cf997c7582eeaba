from __future__ import annotations

import hashlib

import pytest

from reference_impl.storage.locator import Locator
from reference_impl.storage.mocked import MockedStore
from reference_impl.storage.protocol import ObjectMissing, StoredObject

HERE = Locator("mocked", "media", "media/a/b.jpg")


@pytest.fixture
def store() -> MockedStore:
    store = MockedStore()
    store.put(HERE, b"0123456789", "image/jpeg", "no-cache")
    return store


def test_an_object_is_known_by_what_was_put(store: MockedStore) -> None:
    digest = hashlib.sha256(b"0123456789").hexdigest()
    assert store.head(HERE) == StoredObject(HERE, 10, "image/jpeg", "no-cache", digest)
    assert b"".join(store.read(HERE, 0, 10)) == b"0123456789"
    assert b"".join(store.read(HERE, 2, 4)) == b"23"


def test_an_object_is_missing_before_it_is_put_and_after_it_is_deleted(store: MockedStore) -> None:
    store.delete(HERE)
    store.delete(HERE)
    for elsewhere in (HERE, Locator("mocked", "other", HERE.key)):
        with pytest.raises(ObjectMissing):
            store.head(elsewhere)
        with pytest.raises(ObjectMissing):
            next(store.read(elsewhere, 0, 1))


def test_objects_are_listed_by_location_and_prefix_in_order_of_key_bytes(store: MockedStore) -> None:
    for location, key in (("media", "media/\U0001f600"), ("media", "media/\uffee"), ("media", "other"), ("b", "media/a")):
        store.put(Locator("mocked", location, key), b"", "image/png", "")
    assert [locator.key for locator in store.list("media", "media/")] == ["media/a/b.jpg", "media/\uffee", "media/\U0001f600"]
    everywhere = [(stored.locator.location, stored.locator.key) for stored in store.objects()]
    assert everywhere == sorted(everywhere, key=lambda place: (place[0], place[1].encode()))
    assert len(everywhere) == 5
