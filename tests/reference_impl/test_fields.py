from __future__ import annotations

import pytest

from reference_impl import fields
from reference_impl.errors import Refused
from reference_impl.records import Arranged

EMOJI = "\N{GRINNING FACE}"


def code_of(function: object, *arguments: object) -> str:
    assert callable(function)
    with pytest.raises(Refused) as refusal:
        function(*arguments)
    return refusal.value.code


@pytest.mark.parametrize("name", ["x", " ", EMOJI * 200])
def test_a_name_has_1_to_200_code_points(name: str) -> None:
    assert fields.new_artist({"name": name}) == {"name": name, "bio": None}


@pytest.mark.parametrize("name", ["", EMOJI * 201, None, 1, True, ["x"], "a\0", "\ud800"])
def test_any_other_name_is_invalid(name: object) -> None:
    assert code_of(fields.new_artist, {"name": name}) == "details_invalid"
    assert code_of(fields.artist_changes, {"name": name}) == "details_invalid"


@pytest.mark.parametrize("bio", [None, "", "b" * 5000])
def test_a_bio_may_be_null_or_empty(bio: str | None) -> None:
    assert fields.artist_changes({"bio": bio}) == {"bio": bio}


@pytest.mark.parametrize("bio", ["b" * 5001, 1, {}, "\0"])
def test_any_other_bio_is_invalid(bio: object) -> None:
    assert code_of(fields.artist_changes, {"bio": bio}) == "details_invalid"


def test_a_patch_may_change_nothing() -> None:
    assert fields.artist_changes({}) == {}


@pytest.mark.parametrize("body", [[], "x", None, 1, {}, {"name": "x", "fans": 1}])
def test_details_are_an_object_of_known_fields_with_a_name(body: object) -> None:
    assert code_of(fields.new_artist, body) == "details_invalid"


@pytest.mark.parametrize("field", ["media", "file", "profileImageURL", "src"])
def test_media_is_not_allowed_among_details(field: str) -> None:
    assert code_of(fields.new_artist, {"name": "x", field: None}) == "media_not_allowed_here"


def item(**changed: object) -> dict[str, object]:
    return {"ID": "a", "purpose": "gallery", "altText": None} | changed


def test_a_collection_keeps_its_order() -> None:
    body = {"media": [item(ID="b", altText=""), item(purpose="profile")]}
    assert fields.collection(body, 500) == [Arranged("b", "gallery", ""), Arranged("a", "profile", None)]
    assert fields.collection({"media": []}, 500) == []


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (None, "sync_invalid"),
        ({}, "sync_invalid"),
        ({"media": None}, "sync_invalid"),
        ({"media": [], "more": 1}, "sync_invalid"),
        ({"media": ["a"]}, "sync_invalid"),
        ({"media": [item(ID=1)]}, "sync_invalid"),
        ({"media": [item(sortOrder=0)]}, "sync_invalid"),
        ({"media": [{"ID": "a", "purpose": "gallery"}]}, "sync_invalid"),
        ({"media": [item(), item()]}, "sync_invalid"),
        ({"media": [item(ID=str(number)) for number in range(1001)]}, "sync_invalid"),
        ({"media": [item(purpose="clip")]}, "purpose_invalid"),
        ({"media": [item(purpose=None)]}, "purpose_invalid"),
        ({"media": [item(purpose=["gallery"])]}, "purpose_invalid"),
        ({"media": [item(altText="a" * 501)]}, "alt_text_invalid"),
        ({"media": [item(altText=1)]}, "alt_text_invalid"),
    ],
)
def test_any_other_collection_is_invalid(body: object, code: str) -> None:
    assert code_of(fields.collection, body, 500) == code


@pytest.mark.parametrize("text", [None, "", EMOJI * 500, "Ω\u202e\n"])
def test_alternative_text_is_kept_as_it_is(text: str | None) -> None:
    assert fields.alt_text(text, 500) == text


@pytest.mark.parametrize("text", [EMOJI * 501, "a\0b", "\udcff", 1, ["a", "b"]])
def test_alternative_text_out_of_bounds_is_invalid(text: object) -> None:
    assert code_of(fields.alt_text, text, 500) == "alt_text_invalid"


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("piano.jpg", "piano.jpg"),
        ("/home/me/piano.jpg", "piano.jpg"),
        ("C:\\Users\\me\\piano.jpg", "piano.jpg"),
        ("../../../etc/passwd", "passwd"),
        ("a\x00b\r\nc\x7f\x85\u2028.jpg", "abc.jpg"),
        ("  é \N{GRINNING FACE} .jpg ", "é \N{GRINNING FACE} .jpg"),
        ("n" * 300, "n" * 255),
        ("..", None),
        ("photos/", None),
        ("\x01", None),
        ("", None),
    ],
)
def test_a_file_name_is_for_display_only(sent: str, kept: str | None) -> None:
    assert fields.file_name(sent, 255) == kept
