from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import unquote_plus, urlsplit

import pytest

from lanes.adapter_kit import CHECKS, AdapterContract, Harness, checks
from tests.harness.adapter_kit.memory import Kept, Memory, Missing, Place, Unavailable, harness, parse, url

Broken = Callable[[], Harness]
BROKEN: list[tuple[checks.Check, Broken]] = []


def breaks(*proved: checks.Check) -> Callable[[type[Memory]], type[Memory]]:
    """Enters an adapter that each of these checks has to find out."""

    def enter(adapter: type[Memory]) -> type[Memory]:
        BROKEN.extend((check, lambda: harness(adapter())) for check in proved)
        return adapter

    return enter


def keyed(change: Callable[[str], str]) -> Callable[[], Harness]:
    """An adapter whose keys go through a change, as in a URL or a file system."""

    class Rewriting(Memory):
        def put(self, place: Place, *more: Any) -> None:
            super().put(Place(place.location, change(place.key)), *more)

        def head(self, place: Place) -> Kept:
            return super().head(Place(place.location, change(place.key)))

        def delete(self, place: Place) -> None:
            super().delete(Place(place.location, change(place.key)))

    return lambda: harness(Rewriting())


BROKEN += [
    (checks.awkward_keys_are_opaque, keyed(unquote_plus)),
    (checks.awkward_keys_are_opaque, keyed(lambda key: urlsplit(f"//h/{key}").path[1:])),
    (checks.awkward_keys_are_opaque, keyed(str.lower)),
    (checks.unicode_keys_are_opaque, keyed(lambda key: unicodedata.normalize("NFC", key))),
    (checks.unicode_keys_are_opaque, keyed(lambda key: key.encode("ascii", "replace").decode())),
    (checks.long_keys_are_kept, keyed(lambda key: key[:255])),
    (checks.double_slashes_are_kept, keyed(lambda key: key.replace("//", "/"))),
    (checks.double_slashes_are_kept, keyed(lambda key: key.rstrip("/"))),
    (
        checks.urls_name_their_objects,
        lambda: replace(harness(Memory()), parse=lambda address: parse(address.replace("%2B", "%20"))),
    ),
    (checks.urls_name_their_objects, lambda: replace(harness(Memory()), url=lambda place: url(place).replace("%25", "%"))),
]


@breaks(checks.bytes_are_exact)
class LineEndings(Memory):
    def put(self, place: Place, data: bytes, *more: str) -> None:
        super().put(place, data.replace(b"\n", b"\r\n"), *more)


@breaks(checks.bytes_are_exact)
class OwnSizes(Memory):
    def head(self, place: Place) -> Any:
        found = super().head(place)
        return type("Found", (), {"size": found.size + 1, "data": found.data})


@breaks(checks.content_type_is_kept)
class Octets(Memory):
    def put(self, place: Place, data: bytes, content_type: str, cache_control: str) -> None:
        del content_type
        super().put(place, data, "application/octet-stream", cache_control)


@breaks(checks.cache_policy_is_kept)
class Uncached(Memory):
    def put(self, place: Place, data: bytes, content_type: str, cache_control: str) -> None:
        super().put(place, data, content_type, cache_control.replace(", immutable", ""))


@breaks(checks.overwriting_replaces)
class FirstOneWins(Memory):
    def put(self, place: Place, *more: Any) -> None:
        if place not in self.kept:
            super().put(place, *more)


@breaks(checks.overwriting_replaces)
class OldHeaders(Memory):
    def put(self, place: Place, data: bytes, content_type: str, cache_control: str) -> None:
        before = self.kept.get(place)
        super().put(place, data, before.content_type if before else content_type, cache_control)


@breaks(checks.deleting_removes)
class Keeping(Memory):
    def delete(self, place: Place) -> None:
        pass


@breaks(checks.deleting_removes)
class Sweeping(Memory):
    def delete(self, place: Place) -> None:
        self.kept = {other: kept for other, kept in self.kept.items() if not other.key.startswith(place.key)}


@breaks(checks.deleting_the_missing_is_no_error)
class Strict(Memory):
    def delete(self, place: Place) -> None:
        del self.kept[place]


@breaks(checks.missing_objects_are_missing)
class Failing(Memory):
    def head(self, place: Place) -> Kept:
        try:
            return super().head(place)
        except Missing:
            raise Unavailable from None


@breaks(checks.missing_objects_are_missing)
class NothingIsEmpty(Memory):
    def read(self, place: Place, start: int, stop: int) -> Iterator[bytes]:
        return super().read(place, start, stop) if place in self.kept else iter(())


@breaks(checks.unknown_locations_are_unavailable)
class MissingEverywhere(Memory):
    def known(self, place: Place) -> None:
        if place.location != "here":
            raise Missing


@breaks(checks.unknown_locations_are_unavailable)
class Welcoming(Memory):
    def put(self, place: Place, data: bytes, content_type: str, cache_control: str) -> None:
        self.kept[place] = Kept(data, content_type, cache_control)


@breaks(checks.empty_objects_are_objects)
class EmptyIsNothing(Memory):
    def put(self, place: Place, data: bytes, *more: str) -> None:
        if data:
            super().put(place, data, *more)


@breaks(checks.empty_objects_are_objects)
class EmptyIsNotListed(Memory):
    def list(self, location: str, prefix: str) -> Iterator[Place]:
        return (place for place in super().list(location, prefix) if self.kept[place].size)


@breaks(checks.large_objects_come_in_chunks)
class InOnePiece(Memory):
    chunk = 10**9


@breaks(checks.large_objects_come_in_chunks)
class Limited(Memory):
    def put(self, place: Place, data: bytes, *more: str) -> None:
        super().put(place, data[: 8 * 1024 * 1024], *more)


@breaks(checks.ranges_are_slices)
class LastByteIncluded(Memory):
    def read(self, place: Place, start: int, stop: int) -> Iterator[bytes]:
        return super().read(place, start, stop + 1)


@breaks(checks.ranges_are_slices)
class RangesIgnored(Memory):
    def read(self, place: Place, start: int, stop: int) -> Iterator[bytes]:
        del start, stop
        return super().read(place, 0, self.kept[place].size)


@breaks(checks.broken_off_reads_let_go)
class Leaking(Memory):
    connections = 64

    def read(self, place: Place, start: int, stop: int) -> Iterator[bytes]:
        self.connections -= 1
        if self.connections < 0:
            raise Unavailable
        yield from super().read(place, start, stop)
        self.connections += 1


@breaks(checks.listing_is_in_byte_order)
class UTF16Order(Memory):
    def list(self, location: str, prefix: str) -> Iterator[Place]:
        return iter(sorted(super().list(location, prefix), key=lambda place: place.key.encode("utf-16-be")))


@breaks(checks.listing_is_by_prefix)
class FoldersOnly(Memory):
    def list(self, location: str, prefix: str) -> Iterator[Place]:
        return (place for place in super().list(location, prefix) if "/" not in place.key[len(prefix) :])


@breaks(checks.listing_is_by_prefix)
class CaselessPrefix(Memory):
    def list(self, location: str, prefix: str) -> Iterator[Place]:
        every = super().list(location, "")
        return (place for place in every if place.key.lower().startswith(prefix.lower()))


@breaks(checks.concurrent_writes_are_whole)
class OneBuffer(Memory):
    buffer = b""

    def put(self, place: Place, data: bytes, *more: str) -> None:
        self.buffer = data
        time.sleep(0.002)
        super().put(place, self.buffer, *more)


@breaks(checks.concurrent_writes_are_whole)
class Mixing(Memory):
    def put(self, place: Place, data: bytes, *more: str) -> None:
        with self.lock:
            before = self.kept[place].data if place in self.kept else b""
            super().put(place, data[:100] + before[100:200] + data[200:], *more)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_an_adapter_that_keeps_its_promises_passes(check: checks.Check) -> None:
    check(harness(Memory()))


@pytest.mark.parametrize(("check", "broken"), BROKEN)
def test_a_broken_promise_is_found_out(check: checks.Check, broken: Broken) -> None:
    with pytest.raises((AssertionError, Missing, Unavailable)):
        check(broken())


def test_what_is_wrong_is_said_without_a_diff_of_large_objects() -> None:
    # pytest's own diff of two such objects takes minutes where CI is set, so a broken adapter would look like a hung one.
    with pytest.raises(AssertionError) as caught:
        checks.concurrent_writes_are_whole(harness(Mixing()))
    assert str(caught.value) == "the object many/0 is not what was written to it"


def test_every_check_was_seen_to_fail() -> None:
    assert {check for check, _ in BROKEN} == set(CHECKS)


def test_an_adapter_that_makes_its_locations_is_judged_by_that() -> None:
    makes = replace(harness(Memory()), makes_locations=True)
    with pytest.raises(AssertionError):
        checks.unknown_locations_are_unavailable(makes)

    class Making(Memory):
        def known(self, place: Place) -> None:
            pass

    checks.unknown_locations_are_unavailable(replace(makes, adapter=Making()))
    checks.listing_is_by_prefix(replace(makes, adapter=Making()))

    class Everywhere(Making):
        def list(self, location: str, prefix: str) -> Iterator[Place]:
            del location
            return iter([place for place in self.kept if place.key.startswith(prefix)])

    with pytest.raises(AssertionError):
        checks.listing_is_by_prefix(replace(makes, adapter=Everywhere()))


def test_a_provider_that_collapses_slashes_has_to_find_the_object_still() -> None:
    collapsing = replace(keyed(lambda key: key.replace("//", "/"))(), double_slashes=False)
    checks.double_slashes_are_kept(collapsing)

    class Losing(Memory):
        def head(self, place: Place) -> Kept:
            return super().head(Place(place.location, place.key.replace("//", "/")))

    with pytest.raises(Missing):
        checks.double_slashes_are_kept(replace(collapsing, adapter=Losing()))


class TestContractClass(AdapterContract):
    """The class works for whoever derives from it."""

    @pytest.fixture
    def harness(self) -> Harness:
        return harness(Memory())
