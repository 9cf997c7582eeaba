from __future__ import annotations

import pytest

from reference_impl.errors import Refused
from reference_impl.faults import Faults, StorageFault
from reference_impl.storage.protocol import StorageUnavailable


def test_a_storage_fault_strikes_as_often_as_it_is_armed_and_where_it_matches() -> None:
    faults = Faults()
    faults.storage += [StorageFault("put", "thumbnail", 1), StorageFault("delete", "any", 2)]
    faults.strike_storage("put", "canonical")
    with pytest.raises(StorageUnavailable):
        faults.strike_storage("put", "thumbnail")
    faults.strike_storage("put", "thumbnail")
    for kind in ("canonical", "thumbnail"):
        with pytest.raises(StorageUnavailable):
            faults.strike_storage("delete", kind)
    faults.strike_storage("delete", "canonical")


def test_a_finalisation_fault_strikes_as_often_as_it_is_armed() -> None:
    faults = Faults()
    faults.finalisations = 2
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            faults.strike_finalisation()
        assert refusal.value.code == "finalisation_failed"
    faults.strike_finalisation()


def test_clearing_disarms_everything() -> None:
    faults = Faults()
    faults.storage.append(StorageFault("put", "any", 9))
    faults.finalisations = 9
    faults.clear()
    faults.strike_storage("put", "canonical")
    faults.strike_finalisation()
