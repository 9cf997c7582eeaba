from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reference_impl.policy import MediaPolicy
from tests.reference_impl.pictures import encoded, quarters
from tests.reference_impl.service import FORM, JPEG, field, file_part, form
from tests.reference_impl.settings import BASE, WRITE

if TYPE_CHECKING:
    from tests.reference_impl.service import Part, Service

GALLERY = field("purpose", "gallery")
FILE = file_part(JPEG)


def test_an_upload_answers_with_the_item_that_the_collection_then_holds(service: Service) -> None:
    artist = service.artist()
    sent = service.send_form(artist, GALLERY, field("altText", "Ω"), file_part(JPEG, file_name="../piano.jpg"))
    assert (sent.status, sent.headers["cache-control"]) == (201, "no-store")
    media = sent.json["media"]
    assert service.media(artist) == [media]
    assert media == {
        "ID": media["ID"],
        "artistID": artist,
        "kind": "image",
        "purpose": "gallery",
        "status": "ready",
        "originalFileName": "piano.jpg",
        "mimeType": "image/jpeg",
        "byteSize": len(service.fetch(media["src"]).body),
        "width": 40,
        "height": 30,
        "altText": "Ω",
        "sortOrder": 0,
        "src": media["src"],
        "thumbnailSrc": media["thumbnailSrc"],
        "blurDataURL": media["blurDataURL"],
    }
    assert media["src"].startswith(f"{BASE}/media/")
    assert "piano" not in media["src"] + media["thumbnailSrc"]


def test_alternative_text_that_is_missing_is_null_and_empty_is_empty(service: Service) -> None:
    artist = service.artist()
    service.send_form(artist, GALLERY, FILE)
    service.send_form(artist, GALLERY, field("altText", ""), FILE)
    assert [media["altText"] for media in service.media(artist)] == [None, ""]


def test_what_else_a_form_holds_is_ignored(service: Service) -> None:
    claims = [field("width", "1"), field("mimeType", "image/png"), field("sortOrder", "9"), field("x", b"\xff\0")]
    answer = service.send_form(service.artist(), GALLERY, *claims, file_part(b"zip", "application/zip", name="other"), FILE)
    assert answer.status == 201
    assert (answer.json["media"]["width"], answer.json["media"]["mimeType"]) == (40, "image/jpeg")


@pytest.mark.parametrize(
    ("parts", "status", "code"),
    [
        ([FILE], 422, "purpose_invalid"),
        ([field("purpose", "clip"), FILE], 422, "purpose_invalid"),
        ([GALLERY, GALLERY, FILE], 422, "purpose_invalid"),
        ([file_part(b"gallery", name="purpose"), FILE], 422, "purpose_invalid"),
        ([field("purpose", "clip"), field("altText", "\0")], 422, "purpose_invalid"),
        ([GALLERY, field("altText", "a\0"), FILE], 422, "alt_text_invalid"),
        ([GALLERY, field("altText", "é" * 501)], 422, "alt_text_invalid"),
        ([GALLERY, field("altText", b"\xe9"), FILE], 422, "alt_text_invalid"),
        ([GALLERY, field("altText", "a"), field("altText", "b"), FILE], 422, "alt_text_invalid"),
        ([GALLERY, field("altText", "a" * 2_000_000), FILE], 422, "alt_text_invalid"),
        ([GALLERY], 422, "file_missing"),
        ([GALLERY, field("file", JPEG)], 422, "file_missing"),
        ([GALLERY, file_part(b"", file_name="")], 422, "file_missing"),
        ([GALLERY, FILE, FILE], 422, "file_multiple"),
        ([GALLERY, file_part(b"")], 422, "file_empty"),
        ([GALLERY, file_part(b"", "image/gif")], 422, "file_empty"),
        ([GALLERY, file_part(JPEG, None)], 415, "type_unsupported"),
        ([GALLERY, file_part(JPEG, "image/jpg")], 415, "type_unsupported"),
        ([GALLERY, file_part(JPEG, "video/mp4")], 415, "type_unsupported"),
        ([GALLERY, file_part(JPEG, "image/png")], 422, "type_mismatch"),
        ([GALLERY, file_part(JPEG[:400])], 422, "image_undecodable"),
    ],
)
def test_what_is_wrong_with_a_form_is_named_and_nothing_is_stored(
    service: Service, parts: list[Part], status: int, code: str
) -> None:
    artist = service.artist()
    answer = service.send_form(artist, *parts)
    assert (answer.status, answer.code) == (status, code)
    assert service.lines("media-records") == service.objects() == []


def test_the_type_of_the_request_and_of_the_form_are_judged_apart(service: Service) -> None:
    target = f"/artists/{service.artist()}/media"
    as_json = service.client("POST", target, credential=WRITE, json={"purpose": "gallery"})
    torn = service.client("POST", target, credential=WRITE, headers=FORM, body=form(GALLERY, FILE)[:-30])
    assert (as_json.status, as_json.code) == (415, "request_type_unsupported")
    assert (torn.status, torn.code) == (400, "request_malformed")


def test_the_ceiling_counts_the_whole_body(service: Service) -> None:
    ceiling = MediaPolicy().max_request_bytes
    target = f"/artists/{service.artist()}/media"
    bare = len(form(GALLERY, FILE, field("padding", "")))
    fitting = form(GALLERY, FILE, field("padding", bytes(ceiling - bare)))
    assert len(fitting) == ceiling
    assert service.client("POST", target, credential=WRITE, headers=FORM, body=fitting).status == 201
    for request in ({"body": fitting + b"\n"}, {"chunks": [fitting, b"\n"]}):
        answer = service.client("POST", target, credential=WRITE, headers=FORM, **request)
        assert (answer.status, answer.code) == (413, "request_too_large")
        assert answer.headers["connection"] == "close"
    assert len(service.objects()) == 2


def test_a_sync_answers_with_the_collection_as_it_was_sent(service: Service) -> None:
    artist = service.artist()
    first, second = service.upload(artist), service.upload(artist, encoded(quarters(9, 9), "image/png"), "image/png")
    wanted = [second | {"purpose": "profile", "altText": "text"}, first]
    for _ in range(2):
        answer = service.sync(artist, wanted)
        assert answer.status == 200
        assert answer.json["media"] == [item | {"sortOrder": place} for place, item in enumerate(wanted)]
        assert service.media(artist) == answer.json["media"]


def test_a_bad_sync_changes_nothing(service: Service) -> None:
    artist, other = service.artist(), service.artist()
    mine, theirs = service.upload(artist), service.upload(other)
    for items in ([mine, theirs], [theirs], [mine, mine], [{"ID": "x", "purpose": "gallery", "altText": None}]):
        answer = service.sync(artist, items)
        assert (answer.status, answer.code) == (422, "sync_invalid")
    assert (service.media(artist), service.media(other)) == ([mine], [theirs])


def test_an_item_is_deleted_once(service: Service) -> None:
    artist, other = service.artist(), service.artist()
    first, second = service.upload(artist), service.upload(artist)
    for owner, status in ((other, 404), (artist, 204), (artist, 404)):
        answer = service.client("DELETE", f"/artists/{owner}/media/{first['ID']}", credential=WRITE)
        assert answer.status == status
    assert answer.code == "media_unknown"
    assert service.media(artist) == [second | {"sortOrder": 0}]
    assert len(service.objects()) == 2
