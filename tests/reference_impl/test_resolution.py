from __future__ import annotations

from typing import TYPE_CHECKING

from reference_impl.policy import CACHE_CONTROL
from reference_impl.storage.legacy import LegacyURLs
from reference_impl.storage.locator import Locator
from reference_impl.storage.mocked import MockedStore
from tests.reference_impl.pictures import encoded, quarters
from tests.reference_impl.settings import BASE, WRITE

if TYPE_CHECKING:
    from tests.reference_impl.service import Service

BYTES = encoded(quarters(8, 8))


def put(service: Service, locator: Locator, data: bytes = BYTES) -> None:
    store = service.backend.stores.adapters[locator.provider]
    store.put(locator, data, "image/jpeg", CACHE_CONTROL)


def with_s3(service: Service) -> MockedStore:
    """Puts an S3 provider, played by a store in memory, beside the mocked one."""
    store = MockedStore()
    service.backend.stores.adapters = {"mocked": service.backend.mocked, "s3": store}
    return store


def test_a_row_with_a_locator_is_rendered_and_deleted_where_it_lies(service: Service) -> None:
    store = with_s3(service)
    locator = Locator("s3", "elsewhere", "media/a/b.jpg")
    put(service, locator)
    artist = service.artist()
    service.plan_row(artist, storageProvider="s3", storageLocation="elsewhere", storageKey="media/a/b.jpg")
    (media,) = service.media(artist)
    assert media["src"] == f"{BASE}/media/a/b.jpg"
    assert media["thumbnailSrc"] is None
    assert service.fetch(media["src"]).body == BYTES
    service.sync(artist, [])
    assert store.objects() == ()


def test_an_old_url_is_rendered_and_deleted_where_it_points(service: Service) -> None:
    store = with_s3(service)
    artist = service.artist()
    for number, key in enumerate(("photos/2019/a b.jpg", "media/x/y.jpg", "media/a.jpg")):
        put(service, Locator("s3", "old-bucket", key), BYTES + bytes([number]))
        url = f"https://old-bucket.s3.eu-west-1.amazonaws.com/{key.replace(' ', '%20')}"
        service.plan_row(artist, legacyURL=url, legacyThumbnailURL=url)
    for number, media in enumerate(service.media(artist)):
        assert media["src"] != media["thumbnailSrc"]
        for url in (media["src"], media["thumbnailSrc"]):
            assert service.fetch(url).body == BYTES + bytes([number])
    service.sync(artist, [])
    assert store.objects() == ()


def test_an_old_object_where_new_ones_go_keeps_its_path(service: Service) -> None:
    service.backend.stores.adapters = {"s3": service.backend.mocked}
    service.backend.stores.provider = "s3"
    put(service, Locator("s3", "media", "media/old/a.jpg"))
    artist = service.artist()
    service.plan_row(artist, legacyURL="https://s3.amazonaws.com/media/media/old/a.jpg?X-Amz-Signature=1")
    (media,) = service.media(artist)
    assert media["src"] == f"{BASE}/media/old/a.jpg"
    assert service.fetch(media["src"]).body == BYTES


def test_a_locator_goes_before_an_old_url(service: Service) -> None:
    store = with_s3(service)
    put(service, Locator("s3", "media", "media/old/a.jpg"), BYTES + b"old")
    put(service, Locator("mocked", "media", "media/new/a.jpg"), BYTES)
    artist = service.artist()
    service.plan_row(
        artist,
        legacyURL="https://media.s3.amazonaws.com/media/old/a.jpg",
        storageProvider="mocked",
        storageLocation="media",
        storageKey="media/new/a.jpg",
    )
    (media,) = service.media(artist)
    assert service.fetch(media["src"]).body == BYTES
    service.sync(artist, [])
    assert {stored.locator.location for stored in store.objects()} == {"media"}
    assert service.backend.mocked.objects() == ()


def test_what_cannot_be_resolved_has_no_src_and_breaks_nothing(service: Service) -> None:
    with_s3(service)
    artist = service.artist()
    uploaded = service.upload(artist)
    service.plan_row(artist, storageProvider="floppy", storageLocation="a", storageKey="media/a/b.jpg")
    service.plan_row(artist, legacyURL="https://images.example/media/a/b.jpg")
    service.plan_row(artist, legacyURL="https://[torn")
    service.plan_row(artist, storageProvider="s3", legacyURL=None)
    media = service.media(artist)
    assert [item["src"] for item in media] == [uploaded["src"], None, None, None, None]
    assert service.fetch(f"{BASE}/media/a/b.jpg").status == 404
    objects = service.objects()
    assert service.sync(artist, [uploaded]).status == 200
    assert service.objects() == objects


def test_an_unusual_key_never_becomes_part_of_a_url(service: Service) -> None:
    artist = service.artist()
    for key in ("../secret", "/media/a/b.jpg", "media/a/b.jpg?x", "media/../b", "a b/ü#@", "media/a/b/c.jpg"):
        put(service, Locator("mocked", "media", key))
        identity = service.plan_row(artist, storageProvider="mocked", storageLocation="media", storageKey=key)
        media = service.media(artist)[-1]
        assert media["src"] == f"{BASE}/media/{identity}/canonical"
        assert service.fetch(media["src"]).body == BYTES


def test_only_a_ready_row_is_delivered(service: Service) -> None:
    artist = service.artist()
    put(service, Locator("mocked", "media", "media/a/b.jpg"))
    place = {"storageProvider": "mocked", "storageLocation": "media", "storageKey": "media/a/b.jpg"}
    identity = service.plan_row(artist, status="pending", **place)
    assert service.fetch(f"{BASE}/media/a/b.jpg").status == 404
    assert service.fetch(f"{BASE}/media/{identity}/canonical").status == 404


def test_the_profile_image_is_the_first_of_that_purpose_that_has_a_src(service: Service) -> None:
    artist = service.artist()
    service.upload(artist, purpose="gallery")
    service.plan_row(artist, purpose="profile", legacyURL="https://images.example/a.jpg")
    service.plan_row(artist, purpose="profile", status="pending")
    first, second = service.upload(artist, purpose="profile"), service.upload(artist, purpose="profile")
    for body in (
        service.client("GET", f"/artists/{artist}").json["artist"],
        service.client("GET", "/artists").json["artists"][0],
    ):
        assert body["profileImageURL"] == first["src"]
        assert body["profileImageThumbnailURL"] == first["thumbnailSrc"]
        assert body["profileImageBlurDataURL"] == first["blurDataURL"]
    service.client("DELETE", f"/artists/{artist}/media/{first['ID']}", credential=WRITE)
    assert service.client("GET", "/artists").json["artists"][0]["profileImageURL"] == second["src"]


def test_azure_urls_count_only_for_the_account_of_this_process(service: Service) -> None:
    service.backend.stores.adapters = {"mocked": service.backend.mocked, "azure": MockedStore()}
    service.backend.legacy = LegacyURLs("media", azure_account="ours")
    put(service, Locator("azure", "container", "a.jpg"))
    artist = service.artist()
    service.plan_row(artist, legacyURL="https://ours.blob.core.windows.net/container/a.jpg")
    service.plan_row(artist, legacyURL="https://theirs.blob.core.windows.net/container/a.jpg")
    ours, theirs = service.media(artist)
    assert service.fetch(ours["src"]).body == BYTES
    assert theirs["src"] is None
