"""Failures on order, for tests: armed by the state hooks, each happening a given number of times."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from reference_impl.errors import Refused
from reference_impl.storage.protocol import StorageUnavailable
from reference_impl.storage.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Mapping

    from reference_impl.storage.locator import Artifact
    from reference_impl.storage.protocol import Store


@dataclass
class StorageFault:
    """A storage operation (put, delete) on an artifact kind, or any, that fails so many times more."""

    operation: str
    artifact: str
    times: int

    def matches(self, operation: str, kind: str) -> bool:
        return self.times > 0 and self.operation == operation and self.artifact in {kind, "any"}


class Faults:
    """What is armed. With nothing armed, as everywhere but under test, nothing fails."""

    def __init__(self) -> None:
        self.storage: list[StorageFault] = []
        self.finalisations = 0

    def clear(self) -> None:
        self.storage.clear()
        self.finalisations = 0

    def strike_storage(self, operation: str, kind: str) -> None:
        for fault in self.storage:
            if fault.matches(operation, kind):
                fault.times -= 1
                raise StorageUnavailable

    def strike_finalisation(self) -> None:
        if self.finalisations > 0:
            self.finalisations -= 1
            raise Refused("finalisation_failed", "The upload could not be finalised.")


class FaultyStores(Stores):
    """Stores whose writes fail, before the store acts, as often as is armed."""

    def __init__(self, adapters: Mapping[str, Store], provider: str, location: str, timeout: float, faults: Faults) -> None:
        super().__init__(adapters, provider, location, timeout)
        self.faults = faults

    async def put(self, artifact: Artifact, data: bytes, content_type: str, cache_control: str) -> None:
        self.faults.strike_storage("put", artifact.kind)
        await super().put(artifact, data, content_type, cache_control)

    async def delete(self, artifact: Artifact) -> None:
        self.faults.strike_storage("delete", artifact.kind)
        await super().delete(artifact)
