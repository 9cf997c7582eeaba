"""The checks: each is a function of a harness and proves what its docstring says.

Each says itself what is wrong. pytest would add a diff of the two objects, which it does not shorten where CI is set, and
for large objects that takes longer than anybody waits. So: PYTEST_DONT_REWRITE.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from lanes.adapter_kit.harness import Harness, raised

Check = Callable[[Harness], None]

EVERY_BYTE = bytes(range(256)) * 40
LARGE = 9 * 1024 * 1024
# Characters that URLs, signatures, shells and file systems treat in ways of their own.
AWKWARD = (
    *("a b.jpg", "a+b.jpg", "a%20b.jpg", "100%.jpg", "%2e%2e.jpg", "it's.jpg", 'say "x".jpg', "a?b=c.jpg", "a#b.jpg"),
    *("a&b=c;d,e.jpg", "a:b@c!$(d)*.jpg", "[1]~_-.jpg", ".hidden/..two.jpg", "UPPER.jpg", "upper.jpg"),
)
UNICODE = ("é.jpg", "e\u0301.jpg", "日本語.jpg", "\U0001f600.jpg", "\u202eright.jpg", "ß-ﬁ.jpg")


def bytes_are_exact(harness: Harness) -> None:
    """What is read is what was put, byte for byte, and the size is theirs."""
    locator = harness.put("exact.bin", EVERY_BYTE)
    assert harness.read(locator) == EVERY_BYTE, "the bytes that are read are not those that were put"
    assert harness.adapter.head(locator).size == len(EVERY_BYTE), "the size is not that of the bytes"


def content_type_is_kept(harness: Harness) -> None:
    """An object has the content type that it was put with."""
    for content_type in ("image/jpeg", "image/png", "image/webp", "text/plain; charset=utf-8"):
        found = harness.adapter.head(harness.put("typed", b"x", content_type=content_type)).content_type
        assert found == content_type, f"the content type is {found!r} and not {content_type!r}"


def cache_policy_is_kept(harness: Harness) -> None:
    """An object has the cache policy that it was put with."""
    for policy in ("public, max-age=31536000, s-maxage=86400, immutable", "no-store"):
        found = harness.adapter.head(harness.put("cached", b"x", cache_control=policy)).cache_control
        assert found == policy, f"the cache policy is {found!r} and not {policy!r}"


def overwriting_replaces(harness: Harness) -> None:
    """A second put replaces bytes and headers as a whole."""
    harness.put("twice", b"the first, which is longer", "image/png", "no-store")
    locator = harness.put("twice", b"second", "image/webp", "max-age=1")
    found = harness.adapter.head(locator)
    assert harness.read(locator) == b"second", "the bytes of the first put are still there"
    assert (found.content_type, found.cache_control) == ("image/webp", "max-age=1"), "a header of the first put is still there"
    assert harness.listed("twice") == ["twice"], "there are two objects of one key"


def deleting_removes(harness: Harness) -> None:
    """What is deleted is gone, and nothing else is."""
    gone, kept = harness.put("gone", b"x"), harness.put("gone.not", b"y")
    harness.adapter.delete(gone)
    assert raised(lambda: harness.adapter.head(gone)) is harness.missing, "what was deleted is still there"
    assert harness.read(kept) == b"y", "something else was deleted too"


def deleting_the_missing_is_no_error(harness: Harness) -> None:
    """Deleting what is not there, or not any more, changes nothing and raises nothing."""
    locator = harness.put("once", b"x")
    for attempt in ("of what is there", "of what is gone"):
        failure = raised(lambda: harness.adapter.delete(locator))
        assert failure is None, f"the deletion {attempt} raised {failure}"
    failure = raised(lambda: harness.adapter.delete(harness.locator("never")))
    assert failure is None, f"the deletion of what never was raised {failure}"


def missing_objects_are_missing(harness: Harness) -> None:
    """head and read tell an object that is not there from a store that fails."""
    nothing = harness.locator("nothing")
    for name, call in (
        ("head", lambda: harness.adapter.head(nothing)),
        ("read", lambda: list(harness.adapter.read(nothing, 0, 1))),
        ("an empty read", lambda: list(harness.adapter.read(nothing, 0, 0))),
    ):
        failure = raised(call)
        assert failure is harness.missing, f"{name} of a missing object raised {failure}"


def unknown_locations_are_unavailable(harness: Harness) -> None:
    """A bucket or container that is not there is a store that fails, not an object that is missing."""
    there = harness.locate(harness.nowhere, harness.prefix + "x")
    expected = harness.missing if harness.makes_locations else harness.unavailable
    for name, call in (
        ("head", lambda: harness.adapter.head(there)),
        ("read", lambda: list(harness.adapter.read(there, 0, 1))),
    ):
        failure = raised(call)
        assert failure is expected, f"{name} in an unknown location raised {failure}"
    failure = raised(lambda: harness.adapter.put(there, b"x", "image/png", "no-store"))
    assert failure is (None if harness.makes_locations else expected), f"put into an unknown location raised {failure}"


def awkward_keys_are_opaque(harness: Harness) -> None:
    """Keys with characters that mean something elsewhere mean nothing here."""
    _keep_apart(harness, AWKWARD)


def unicode_keys_are_opaque(harness: Harness) -> None:
    """Keys are told apart by their code points: composed from decomposed, and whatever looks alike."""
    _keep_apart(harness, UNICODE)


def long_keys_are_kept(harness: Harness) -> None:
    """Keys of 900 bytes are told apart by their last one."""
    _keep_apart(harness, tuple("long/" + "x" * (894 - len(harness.prefix)) + end for end in "ab"))


def double_slashes_are_kept(harness: Harness) -> None:
    """Slashes that follow each other are part of the key, where the provider keeps them; the object is found in any case."""
    if harness.double_slashes:
        _keep_apart(harness, ("a//b.jpg", "a/b.jpg", "a///b.jpg", "a/b.jpg/"))
    else:
        assert harness.read(harness.put("a//b.jpg", b"found")) == b"found", "a key with two slashes is not found"


def empty_objects_are_objects(harness: Harness) -> None:
    """An object without bytes is there, and reading it gives none."""
    locator = harness.put("empty", b"")
    assert harness.adapter.head(locator).size == 0, "an empty object has a size"
    assert b"".join(harness.adapter.read(locator, 0, 0)) == b"", "an empty object has bytes"
    assert harness.listed("empty") == ["empty"], "an empty object is not listed"


def large_objects_come_in_chunks(harness: Harness) -> None:
    """9 MiB are put in one call and read in chunks, none of which is larger than the adapter says."""
    data = random.Random(9).randbytes(LARGE)  # noqa: S311 - bytes that no two chunks share
    locator = harness.put("large", data)
    chunks = [bytes(chunk) for chunk in harness.adapter.read(locator, 0, LARGE)]
    largest = max(map(len, chunks), default=0)
    assert b"".join(chunks) == data, "the bytes of a large object are not those that were put"
    assert largest <= harness.chunk_max, f"a chunk has {largest} bytes"


def ranges_are_slices(harness: Harness) -> None:
    """Reading from start up to stop gives these bytes and no others."""
    size = len(EVERY_BYTE)
    locator = harness.put("ranged", EVERY_BYTE)
    for start, stop in ((0, 1), (0, size), (1, 2), (255, 300), (size - 1, size), (size // 2, size), (7, 7), (0, 0)):
        found = b"".join(harness.adapter.read(locator, start, stop))
        assert found == EVERY_BYTE[start:stop], f"from {start} up to {stop} there are {len(found)} bytes, or other ones"


def broken_off_reads_let_go(harness: Harness) -> None:
    """More readings than an adapter has connections are begun and closed, and the next one still works."""
    data = EVERY_BYTE * 100
    locator = harness.put("half", data)
    for _ in range(100):
        begun = harness.first_chunk(locator, len(data))
        assert begun, "a reading gives nothing at first"
        assert data.startswith(begun), "a reading does not begin at the beginning"
    assert harness.read(locator) == data, "after readings that were broken off another one fails"


def listing_is_in_byte_order(harness: Harness) -> None:
    """Keys are listed in order of their UTF-8 bytes, in which the astral planes come last."""
    keys = ["list/Z", "list/a", "list/a/b", "list/a-b", "list/é", "list/\uffee", "list/\U0001f600"]
    for key in reversed(keys):
        harness.put(key, b"")
    found = harness.listed("list/")
    assert found == sorted(keys, key=str.encode), f"the listing is {found}"


def listing_is_by_prefix(harness: Harness) -> None:
    """A listing has every key that begins with the prefix, of its own location, and no other key."""
    for key in ("near/a", "near/deep/b", "near.c", "nearly", "Near/d", "other/near/e"):
        harness.put(key, b"x")
    assert harness.listed("near/") == ["near/a", "near/deep/b"], "a folder's listing is not what is in the folder"
    assert sorted(harness.listed("near")) == ["near.c", "near/a", "near/deep/b", "nearly"], "a prefix need not end at a slash"
    assert harness.listed("nothing/") == [], "under a prefix without objects something is listed"
    if harness.makes_locations:
        harness.adapter.put(harness.locate(harness.nowhere, harness.prefix + "near/z"), b"x", "image/png", "")
        assert harness.listed("near/z") == [], "an object of another location is listed"


def concurrent_writes_are_whole(harness: Harness) -> None:
    """Writes at the same time all take place, and of those to one key one wins as a whole."""
    different = {f"many/{number}": bytes([number]) * 50_000 for number in range(24)}
    same = [bytes([number]) * 200_000 for number in range(12)]
    with ThreadPoolExecutor(12) as pool:
        list(pool.map(lambda item: harness.put(*item), different.items()))
        list(pool.map(lambda data: harness.put("contested", data), same))
    for key, data in different.items():
        assert harness.read(harness.locator(key)) == data, f"the object {key} is not what was written to it"
    assert harness.read(harness.locator("contested")) in same, "a contested object is a mixture"


def urls_name_their_objects(harness: Harness) -> None:
    """The provider's own URL of an object is read back into its locator, whatever query it has."""
    for key in ("plain.jpg", *AWKWARD, *UNICODE):
        locator = harness.locator(key)
        url = harness.url(locator)
        assert harness.parse(url) == locator, f"{url} is read as {harness.parse(url)}"
        queried = f"{url}{'&' if '?' in url else '?'}signature=a%2Fb"
        assert harness.parse(queried) == locator, f"{queried} is read as {harness.parse(queried)}"


def _keep_apart(harness: Harness, keys: tuple[str, ...]) -> None:
    contents = {key: f"object {number}".encode() for number, key in enumerate(keys)}
    for key, data in contents.items():
        harness.put(key, data)
    for key, data in contents.items():
        found = harness.read(harness.locator(key))
        assert found == data, f"under {key!r} there is {found!r} and not {data!r}"
    listed = harness.listed()
    assert sorted(listed) == sorted(keys), f"listed are {listed}"
    for key in keys:
        harness.adapter.delete(harness.locator(key))
    left = harness.listed()
    assert left == [], f"deletion left {left}"


CHECKS: tuple[Check, ...] = (
    bytes_are_exact,
    content_type_is_kept,
    cache_policy_is_kept,
    overwriting_replaces,
    deleting_removes,
    deleting_the_missing_is_no_error,
    missing_objects_are_missing,
    unknown_locations_are_unavailable,
    awkward_keys_are_opaque,
    unicode_keys_are_opaque,
    long_keys_are_kept,
    double_slashes_are_kept,
    empty_objects_are_objects,
    large_objects_come_in_chunks,
    ranges_are_slices,
    broken_off_reads_let_go,
    listing_is_in_byte_order,
    listing_is_by_prefix,
    concurrent_writes_are_whole,
    urls_name_their_objects,
)
