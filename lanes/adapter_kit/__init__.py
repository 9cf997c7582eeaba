"""What every Python storage adapter of a media backend must show, whoever wrote it.

An adapter is a plain object with put, head, read, delete and list (`harness.Adapter`). Whoever has one says in a
`Harness` how its locators are made and what it raises, and derives a test class:

    class TestOurAdapter(AdapterContract):
        @pytest.fixture
        def harness(self) -> Harness: ...

or calls the functions of `CHECKS` with the harness: each proves one thing, raises AssertionError where it does not hold,
or what the adapter raised where it should not have, and leaves the objects that it stored behind, under its prefix.
"""

from lanes.adapter_kit.checks import CHECKS
from lanes.adapter_kit.contract import AdapterContract
from lanes.adapter_kit.harness import Adapter, Harness, Stored

__all__ = ["CHECKS", "Adapter", "AdapterContract", "Harness", "Stored"]
