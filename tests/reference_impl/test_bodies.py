from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from starlette.datastructures import UploadFile
from starlette.requests import Request

from reference_impl.bodies import media_type, read_form, read_json
from reference_impl.errors import Refused
from tests.reference_impl.service import BOUNDARY, FORM, field, file_part, form

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from starlette.types import Message


def request(body: bytes, content_type: str | None) -> Request:
    headers = [(b"content-type", content_type.encode("latin-1"))] if content_type is not None else []

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": headers}, receive)


@pytest.fixture
def as_json(portal: BlockingPortal) -> Any:
    def read(body: bytes, content_type: str | None = "application/json") -> Any:
        return portal.call(read_json, request(body, content_type))

    return read


@pytest.fixture
def as_form(portal: BlockingPortal) -> Any:
    async def items(body: bytes, content_type: str) -> list[tuple[str, str | bytes]]:
        async with read_form(request(body, content_type)) as parsed:
            return [(name, await part.read() if isinstance(part, UploadFile) else part) for name, part in parsed.multi_items()]

    def read(body: bytes, content_type: str = FORM["content-type"]) -> Any:
        return portal.call(items, body, content_type)

    return read


def test_json_is_read_whatever_parameters_its_type_has(as_json: Any) -> None:
    assert as_json(b'{"a": "\xc3\xa9"}', "Application/JSON; charset=latin-1") == {"a": "é"}


@pytest.mark.parametrize("content_type", [None, "", "text/plain", "multipart/form-data", ";application/json"])
def test_another_type_than_json_is_refused(as_json: Any, content_type: str | None) -> None:
    with pytest.raises(Refused) as refusal:
        as_json(b"{}", content_type)
    assert refusal.value.code == "request_type_unsupported"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"{} {}",
        b'{"a": "\xff"}',
        b'\xef\xbb\xbf{"a": 1}',
        json.dumps({"a": 1}).encode("utf-16"),
        b'{"a": 1, "a": 2}',
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b"[" * 100_000,
        b'{"a": ' + b"9" * 5000 + b"}",
        b'{"a": "\x00"}',
    ],
)
def test_what_is_no_json_is_malformed(as_json: Any, body: bytes) -> None:
    with pytest.raises(Refused) as refusal:
        as_json(body)
    assert refusal.value.code == "request_malformed"


def test_a_form_is_read_with_its_fields_and_files(as_form: Any) -> None:
    body = form(field("purpose", "gallery"), field("altText", "é"), file_part(b"\x00\xff" * 1_000_000))
    assert as_form(body) == [("purpose", "gallery"), ("altText", "é"), ("file", b"\x00\xff" * 1_000_000)]


@pytest.mark.parametrize("charset", ["utf-16", "unicode_escape", "idna", "zlib", "nonsense"])
def test_the_text_of_a_form_is_utf_8_whatever_charset_it_claims(as_form: Any, charset: str) -> None:
    body = form(field("altText", "é \\ud800"), field("file", "x"))
    read = as_form(body, f"{FORM['content-type']}; charset={charset}")
    assert read == [("altText", "é \\ud800"), ("file", "x")]


def test_bytes_that_are_no_text_do_not_pass_for_text(as_form: Any) -> None:
    ((_, text),) = as_form(form(field("altText", b"caf\xe9")))
    with pytest.raises(UnicodeEncodeError):
        text.encode()


@pytest.mark.parametrize("content_type", ["application/json", "multipart/mixed; boundary=b", "text/plain"])
def test_another_type_than_a_form_is_refused(as_form: Any, content_type: str) -> None:
    with pytest.raises(Refused) as refusal:
        as_form(form(), content_type)
    assert refusal.value.code == "request_type_unsupported"


WHOLE = form(field("purpose", "gallery"), file_part(b"x" * 100))


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (WHOLE, "multipart/form-data"),
        (WHOLE, "multipart/form-data; boundary="),
        (WHOLE, f"multipart/form-data; boundary={'b' * 300}"),
        (WHOLE, "multipart/form-data; boundary=other"),
        (b"", FORM["content-type"]),
        (b'{"a": 1}', FORM["content-type"]),
        (WHOLE[:40], FORM["content-type"]),
        (WHOLE[:-50], FORM["content-type"]),
        (WHOLE[: -len(f"--{BOUNDARY}--\r\n")], FORM["content-type"]),
        (form(("form-data", b"nameless")), FORM["content-type"]),
        (WHOLE.replace(b"\r\n", b"\n"), FORM["content-type"]),
    ],
)
def test_a_form_that_is_not_whole_is_malformed(as_form: Any, body: bytes, content_type: str) -> None:
    with pytest.raises(Refused) as refusal:
        as_form(body, content_type)
    assert refusal.value.code == "request_malformed"


def test_whatever_follows_the_last_boundary_is_ignored(as_form: Any) -> None:
    assert as_form(form(field("purpose", "gallery")) + b"more") == [("purpose", "gallery")]


def test_a_media_type_has_no_parameters_and_no_capitals() -> None:
    assert media_type("Image/JPEG ; q=1") == "image/jpeg"
    assert media_type(None) == ""
