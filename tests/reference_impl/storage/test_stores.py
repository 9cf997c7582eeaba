from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

import pytest

from reference_impl.storage.locator import Artifact, Locator
from reference_impl.storage.mocked import MockedStore
from reference_impl.storage.protocol import ObjectMissing, StorageTimeout, StorageUnavailable
from reference_impl.storage.stores import Stores

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator

    from anyio.from_thread import BlockingPortal


async def everything(chunks: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in chunks]


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
    assert portal.call(everything, stores.read(artifact.locator, 1, 3)) == [b"yt"]
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


class Watched:
    """Chunks of a store: what became of them, and a gate before the second one."""

    def __init__(self) -> None:
        self.gate = threading.Event()
        self.closed = threading.Event()

    def chunks(self, *_: object) -> Generator[bytes]:
        try:
            yield b"first"
            self.gate.wait(10)
            yield b"second"
        finally:
            self.closed.set()


@pytest.fixture
def watched(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> Watched:
    watched = Watched()
    monkeypatch.setattr(stores.adapters["s3"], "read", watched.chunks)
    return watched


def test_chunks_come_one_by_one_and_are_let_go_at_the_end(stores: Stores, portal: BlockingPortal, watched: Watched) -> None:
    watched.gate.set()
    assert portal.call(everything, stores.read(stores.place("a"), 0, 11)) == [b"first", b"second"]
    assert watched.closed.is_set()


def test_a_reading_that_is_broken_off_lets_go_at_once(stores: Stores, portal: BlockingPortal, watched: Watched) -> None:
    async def scenario() -> None:
        chunks = stores.read(stores.place("a"), 0, 11)
        assert await anext(chunks) == b"first"
        assert not watched.closed.is_set()
        await chunks.aclose()

    portal.call(scenario)
    assert watched.closed.is_set()


def test_a_chunk_that_hangs_is_given_up_and_let_go_when_it_comes(
    stores: Stores, portal: BlockingPortal, watched: Watched
) -> None:
    began = time.monotonic()
    with pytest.raises(StorageTimeout):
        portal.call(everything, stores.read(stores.place("a"), 0, 11))
    assert 0.2 <= time.monotonic() - began < 2
    assert not watched.closed.is_set()
    watched.gate.set()
    assert watched.closed.wait(5)


def test_a_missing_object_is_known_by_its_first_chunk(stores: Stores, portal: BlockingPortal) -> None:
    with pytest.raises(ObjectMissing):
        portal.call(everything, stores.read(stores.place("a"), 0, 1))


def test_closing_closes_every_adapter(stores: Stores, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[str] = []
    for provider, adapter in stores.adapters.items():
        monkeypatch.setattr(adapter, "close", partial(closed.append, provider))
    stores.close()
    assert sorted(closed) == ["azure", "s3"]
