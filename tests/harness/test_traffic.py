from __future__ import annotations

from typing import Any

import pytest

from lanes.browsing.traffic import Sent
from lanes.browsing.writes import creations, patches, syncs, uploads


def sent(method: str = "GET", path: str = "/", body: bytes = b"") -> Sent:
    return Sent(method, f"https://acme.example{path}", "fetch", 200, {}, body)


@pytest.mark.parametrize(
    ("body", "json"),
    [(b'{"a": [1, null]}', {"a": [1, None]}), (b"[]", []), (b"", None), (b"<html>", None), (b"\xff\xfe\x00", None), (b"7", 7)],
)
def test_a_body_is_json_or_it_is_none(body: bytes, json: Any) -> None:
    assert sent(body=body).json == json


@pytest.mark.parametrize(("body", "text"), [("Zoë".encode(), "Zoë"), (b"", ""), (b"a\xffb", "a\ufffdb")])
def test_a_body_is_text_as_far_as_it_is_any(body: bytes, text: str) -> None:
    assert sent(body=body).text == text


def test_neither_headers_nor_bodies_are_told_by_accident() -> None:
    made = Sent("POST", "https://acme.example/", "fetch", 201, {"authorization": "Bearer wr1te-credential"}, b"s3cret-body")
    assert "wr1te-credential" not in repr(made)
    assert "s3cret-body" not in repr(made)


def test_writes_are_told_apart_by_method_and_path() -> None:
    writes = [
        sent("POST", "/artists"),
        sent("POST", "/artists?x=1"),
        sent("POST", "/artists/a1/media"),
        sent("PATCH", "/artists/a1"),
        sent("PATCH", "/artists/a1/media"),
        sent("PUT", "/artists/a1/media"),
        sent("PUT", "/artists/a1"),
        sent("DELETE", "/artists/a1/media"),
    ]
    assert creations(writes) == writes[:2]
    assert uploads(writes) == writes[2:3]
    assert patches(writes) == writes[3:4]
    assert syncs(writes) == writes[5:6]
