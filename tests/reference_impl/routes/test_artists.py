from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reference_impl.settings import OPERATOR, WRITE

if TYPE_CHECKING:
    from tests.reference_impl.service import Service


def test_a_new_artist_has_every_field_and_no_media(service: Service) -> None:
    answer = service.client("POST", "/artists", credential=WRITE, json={"name": "Quartet"})
    assert answer.status == 201
    assert answer.headers["cache-control"] == "no-store"
    artist = answer.json["artist"]
    assert artist == {
        "ID": artist["ID"],
        "name": "Quartet",
        "bio": None,
        "profileImageURL": None,
        "profileImageThumbnailURL": None,
        "profileImageBlurDataURL": None,
        "media": [],
    }
    assert service.client("GET", f"/artists/{artist['ID']}").json == answer.json


def test_a_patch_changes_details_and_leaves_media_alone(service: Service) -> None:
    artist = service.artist()
    media = service.upload(artist)
    for content_type in ("application/json", "application/merge-patch+json"):
        patched = service.client(
            "PATCH",
            f"/artists/{artist}",
            credential=WRITE,
            headers={"content-type": content_type},
            json={"bio": content_type},
        )
        assert patched.status == 200
        assert patched.json["artist"]["bio"] == content_type
        assert patched.json["artist"]["media"] == [media]


def test_writes_need_the_write_credential(service: Service) -> None:
    artist = service.artist()
    targets = [
        ("POST", "/artists"),
        ("PATCH", f"/artists/{artist}"),
        ("DELETE", f"/artists/{artist}"),
        ("POST", f"/artists/{artist}/media"),
        ("PUT", f"/artists/{artist}/media"),
        ("DELETE", f"/artists/{artist}/media/any"),
    ]
    for method, target in targets:
        missing = service.client(method, target, json={"name": "changed"})
        unknown = service.client(method, target, credential="no-credential-that-we-know", json={"name": "changed"})
        wrong = service.client(method, target, credential=OPERATOR, json={"name": "changed"})
        assert (missing.code, unknown.code) == ("credential_missing", "credential_unknown")
        assert (missing.status, unknown.status, wrong.status) == (401, 401, 403)
        assert "www-authenticate" in missing.headers
        assert "www-authenticate" in unknown.headers
        assert wrong.code == "credential_wrong_role"
    assert [card["name"] for card in service.client("GET", "/artists").json["artists"]] == ["Quartet"]


def test_credential_resource_type_size_and_fields_are_judged_in_this_order(service: Service) -> None:
    artist = service.artist()
    huge = {"content-length": "99999999"}
    wrong_type, right_type = {"content-type": "text/plain"}, {"content-type": "application/json"}

    def patched(target: str, credential: str | None, headers: dict[str, str]) -> str:
        return service.client("PATCH", target, credential=credential, headers=headers, body=b"{").code

    assert patched("/artists/nobody", None, huge | wrong_type) == "credential_missing"
    assert patched("/artists/nobody", WRITE, huge | wrong_type) == "artist_unknown"
    assert patched(f"/artists/{artist}", WRITE, huge | wrong_type) == "request_type_unsupported"
    assert patched(f"/artists/{artist}", WRITE, huge | right_type) == "request_too_large"
    assert patched(f"/artists/{artist}", WRITE, right_type) == "request_malformed"


@pytest.mark.parametrize("artist", ["nobody", "%00", "%ff", "..", "a" * 300, "' OR 1=1"])
def test_an_unknown_or_malformed_artist_is_unknown_everywhere(service: Service, artist: str) -> None:
    quoted = artist.replace(" ", "%20")
    for method, target in (
        ("GET", f"/artists/{quoted}"),
        ("PATCH", f"/artists/{quoted}"),
        ("DELETE", f"/artists/{quoted}"),
        ("GET", f"/artists/{quoted}/media"),
        ("POST", f"/artists/{quoted}/media"),
        ("PUT", f"/artists/{quoted}/media"),
        ("DELETE", f"/artists/{quoted}/media/any"),
    ):
        answer = service.client(method, target, credential=WRITE, json={})
        assert (answer.status, answer.code) == (404, "artist_unknown")


def test_pages_hold_each_artist_once_in_order_of_creation_while_others_are_created(service: Service) -> None:
    names = [f"artist {number}" for number in range(5)]
    for name in names:
        service.artist(name)
    seen: list[str] = []
    cursor = ""
    while True:
        page = service.client("GET", f"/artists?limit=2{cursor}").json
        seen += [card["name"] for card in page["artists"]]
        if page["nextCursor"] is None:
            break
        cursor = f"&cursor={page['nextCursor']}"
        if len(seen) == 2:
            service.artist("late")
    assert seen == [*names, "late"]


def test_a_full_last_page_has_no_cursor(service: Service) -> None:
    service.artist()
    assert service.client("GET", "/artists?limit=1").json["nextCursor"] is None


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=101",
        "limit=",
        "limit=1.0",
        "limit=-1",
        "limit=x",
        "limit=%D9%A1",
        "cursor=",
        "cursor=!",
        "cursor=MA",
        "cursor=%00",
        "cursor=" + "OTk5" * 20,
    ],
)
def test_a_bad_cursor_or_limit_is_refused(service: Service, query: str) -> None:
    answer = service.client("GET", f"/artists?{query}")
    assert (answer.status, answer.code) == (422, "cursor_invalid")


def test_the_largest_page_has_a_hundred(service: Service) -> None:
    for number in range(101):
        service.artist(str(number))
    assert len(service.client("GET", "/artists?limit=100").json["artists"]) == 100
    assert len(service.client("GET", "/artists").json["artists"]) == 50
