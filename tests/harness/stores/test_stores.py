"""The harness's eyes on real stores, the same for every provider."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from azure.storage.blob import ContainerClient

from lanes.errors import StackError
from lanes.stack.services import Access
from lanes.stores.azure import AzureStore
from lanes.stores.s3 import S3Store
from lanes.stores.store import Store

# As targets name objects, and as they must not trip over them.
KEYS = [
    *("media/2f/ü.png", "media/日本/🖼.webp", "é", "e\u0301", "UPPER", "upper"),
    *("a b", " a", "a ", "a+b", "a%2Fb", "a?b#c&d=e", "a\"'<>&b", "a=b;c,d", "~!*()", "a//b", "/a", "a/", "x" * 900),
]


@pytest.fixture(scope="module", params=["s3", "azure"])
def store(request: pytest.FixtureRequest) -> Store:
    """A store of each provider."""
    if request.param == "s3":
        return S3Store(Access(request.getfixturevalue("s3_endpoint"), "any", "any"))
    return AzureStore(request.getfixturevalue("azure_connection_string"))


@pytest.fixture(scope="module")
def location(store: Store) -> Iterator[str]:
    """A bucket or container, for objects of which each test has its own."""
    name = f"eyes-{secrets.token_hex(6)}"
    store.make(name)
    yield name
    store.drop(name)


def test_an_object_is_read_as_it_was_put_and_listed_by_its_key(store: Store) -> None:
    name = f"keys-{secrets.token_hex(6)}"
    store.make(name)
    for key in KEYS:
        store.put(name, key, key.encode(), "image/png")
    for key in KEYS:
        found = store.read(name, key)
        assert found is not None
        assert (found.location, found.key, found.data) == (name, key, key.encode())
        assert (found.size, found.content_type) == (len(key.encode()), "image/png")
        assert store.content_type(name, key) == "image/png"
    listed = store.list(name)
    assert [each.key for each in listed] == sorted(KEYS, key=str.encode)
    assert {each.size for each in listed if each.key == "é"} == {2}
    assert {each.data for each in listed} == {None}
    store.drop(name)
    with pytest.raises(StackError, match="does not exist"):
        store.list(name)


def test_lists_go_on_after_their_first_page(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    # S3 gives 1,000 keys a page; Azure's are made smaller, for 5,000 take a while to be put.
    listed = ContainerClient.list_blobs
    monkeypatch.setattr(ContainerClient, "list_blobs", lambda *given, **named: listed(*given, **named, results_per_page=100))
    count = 1_001 if isinstance(store, S3Store) else 201
    name = f"pages-{secrets.token_hex(6)}"
    store.make(name)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda number: store.put(name, f"{number:05}", b"", "text/plain"), range(count)))
    assert [each.key for each in store.list(name)] == [f"{number:05}" for number in range(count)]
    assert [each.key for each in store.list(name, "0010")] == [f"{number:05}" for number in range(100, 110)]
    store.drop(name)


def test_what_is_not_there_is_none(store: Store, location: str) -> None:
    assert store.read(location, "nowhere") is None
    assert store.content_type(location, "nowhere") is None
    assert store.list(location, "nowhere") == []


def test_an_object_can_be_put_again_and_lie_there_empty(store: Store, location: str) -> None:
    for data, kind in ((b"first", "image/png"), (b"", "image/webp")):
        store.put(location, "again", data, kind)
    found = store.read(location, "again")
    assert found is not None
    assert (found.data, found.size, found.content_type) == (b"", 0, "image/webp")
    assert found.name == f"{location}/again"


@pytest.mark.parametrize(
    "look",
    [
        pytest.param(lambda store: store.list("nowhere-at-all"), id="list"),
        pytest.param(lambda store: store.read("nowhere-at-all", "key"), id="read"),
        pytest.param(lambda store: store.content_type("nowhere-at-all", "key"), id="content type"),
        pytest.param(lambda store: store.put("nowhere-at-all", "key", b"", "text/plain"), id="put"),
        pytest.param(lambda store: store.drop("nowhere-at-all"), id="drop"),
    ],
)
def test_where_there_is_no_bucket_the_stack_is_wrong(store: Store, look: Callable[[Store], object]) -> None:
    with pytest.raises(StackError, match=r"the (S3|Azure) emulator would not .* for the harness: .+"):
        look(store)


@pytest.mark.parametrize("provider", ["s3", "azure"])
def test_where_there_is_no_store_the_stack_is_wrong_and_no_key_is_told(provider: str) -> None:
    key = "c2VjcmV0LXNlY3JldA=="
    azure = f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey={key};BlobEndpoint=http://127.0.0.1:9/a;"
    store: Store = S3Store(Access("http://127.0.0.1:9", "any", key)) if provider == "s3" else AzureStore(azure)
    for look in (lambda: store.list("pictures"), lambda: store.read("pictures", "key"), lambda: store.make("pictures")):
        with pytest.raises(StackError) as error, contextlib.suppress(KeyError):
            look()
        assert "would not" in str(error.value)
        assert key not in str(error.value)


def test_the_secret_of_an_access_is_not_shown() -> None:
    assert "hunter2" not in repr(Access("http://127.0.0.1:9", "any", "hunter2"))
