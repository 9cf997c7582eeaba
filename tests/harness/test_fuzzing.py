from __future__ import annotations

from types import SimpleNamespace

import pytest

from lanes.fuzzing import is_valid_form

_HEAD = 'Content-Disposition: form-data; name="{}"'
_FILE = (_HEAD.format("file") + '; filename="a.jpg"\r\nContent-Type: image/jpeg', b"\xff\xd8\0\xff")


def sent(*parts: tuple[str, bytes], kind: str = "multipart/form-data; boundary=xyz") -> SimpleNamespace:
    body = b"".join(b"--xyz\r\n" + head.encode() + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + b"--xyz--\r\n"
    return SimpleNamespace(headers={"Content-Type": [kind]}, body=body)


def field(name: str, value: str) -> tuple[str, bytes]:
    return _HEAD.format(name), value.encode()


GALLERY = field("purpose", "gallery")


@pytest.mark.parametrize(
    ("parts", "valid"),
    [
        pytest.param([_FILE, GALLERY], True, id="nothing but what is needed"),
        pytest.param([_FILE, GALLERY, field("altText", "null")], True, id="a null, which is a word here"),
        pytest.param([field("Zoë", "{}"), field("Zoë", "[]"), _FILE, GALLERY], True, id="fields that nobody knows"),
        pytest.param([_FILE], False, id="no purpose"),
        pytest.param([GALLERY], False, id="no file"),
        pytest.param([_FILE, field("purpose", "poster")], False, id="another purpose"),
        pytest.param([_FILE, GALLERY, GALLERY], False, id="two purposes"),
        pytest.param([_FILE, _FILE, GALLERY], False, id="two files"),
        pytest.param([field("file", "text"), GALLERY], False, id="a file without a name"),
        pytest.param([_FILE, GALLERY, field("altText", "x" * 501)], False, id="a text that is too long"),
        pytest.param([_FILE, GALLERY, field("altText", "x" * 500)], True, id="a text at its length"),
    ],
)
def test_a_form_is_valid_as_it_was_sent(parts: list[tuple[str, bytes]], valid: bool) -> None:
    assert is_valid_form(sent(*parts)) == valid


def test_what_is_no_form_is_no_valid_one() -> None:
    assert not is_valid_form(sent(_FILE, GALLERY, kind="application/json"))
    assert not is_valid_form(SimpleNamespace(headers={}, body=None))
