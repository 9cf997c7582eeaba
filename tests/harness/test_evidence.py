"""What is kept of pages, and that no secret is in it."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pytest

from lanes.browsing.evidence import FOLDER, Evidence
from lanes.browsing.traffic import Sent
from lanes.redact import Redactor

CREDENTIAL = "wr1te-credential"
PIXELS = b"\x89PNG\r\n" + CREDENTIAL.encode() + bytes(range(256))


@pytest.fixture
def evidence(tmp_path: Path) -> Evidence:
    return Evidence(tmp_path, Redactor([CREDENTIAL]))


def kept(evidence: Evidence) -> list[str]:
    """The names of all files that were kept."""
    return sorted(str(path.relative_to(evidence.output)) for path in evidence.output.rglob("*") if path.is_file())


def sent(url: str, **changed: object) -> Sent:
    made = {
        "method": "GET",
        "url": url,
        "kind": "image",
        "status": 200,
        "headers": {"content-type": "image/png"},
        "body": b"12",
    }
    return Sent(**{**made, **changed})  # type: ignore[arg-type]


def test_the_parts_of_a_trace_are_redacted_and_its_pixels_are_as_they_were(evidence: Evidence) -> None:
    trace = io.BytesIO()
    with zipfile.ZipFile(trace, "w") as made:
        made.writestr("trace.trace", f'{{"headers": [["authorization", "Bearer {CREDENTIAL}"]]}}')
        made.writestr("trace.network", f"https://acme.example/a?X-Amz-Signature=c0ffee {CREDENTIAL}")
        made.writestr("resources/0a1b.png", PIXELS)
        made.writestr("resources/2c3d.jpeg", PIXELS)
        made.writestr("resources/4e5f.dat", b"\x00\xff plain bytes \x80")
    evidence.keep_trace("a page", trace.getvalue())
    assert kept(evidence) == [f"{FOLDER}/a-page.trace.zip"]
    with zipfile.ZipFile(evidence.output / FOLDER / "a-page.trace.zip") as found:
        assert found.testzip() is None
        assert found.namelist() == [
            "trace.trace",
            "trace.network",
            "resources/0a1b.png",
            "resources/2c3d.jpeg",
            "resources/4e5f.dat",
        ]
        texts = found.read("trace.trace") + found.read("trace.network")
        assert CREDENTIAL.encode() not in texts
        assert b"c0ffee" not in texts
        assert texts.count(b"[redacted]") >= 3
        assert found.read("resources/0a1b.png") == found.read("resources/2c3d.jpeg") == PIXELS
        assert found.read("resources/4e5f.dat") == b"\x00\xff plain bytes \x80"


def test_requests_are_kept_line_by_line_without_signatures(evidence: Evidence) -> None:
    evidence.keep_requests(
        "gallery-phone",
        (
            sent("https://acme.s3.amazonaws.com/a.png?X-Amz-Signature=c0ffee&w=1"),
            sent(f"https://acme.example/a?token={CREDENTIAL}", status=0, headers={}, body=b"", failure="net::ERR_FAILED"),
        ),
    )
    text = (evidence.output / FOLDER / "gallery-phone.requests.ndjson").read_text(encoding="utf-8")
    assert CREDENTIAL not in text
    first, second = map(json.loads, text.splitlines())
    assert first == {
        "method": "GET",
        "url": "https://acme.s3.amazonaws.com/a.png?X-Amz-Signature=[redacted]&w=1",
        "for": "image",
        "status": 200,
        "type": "image/png",
        "bytes": 2,
        "failure": None,
    }
    assert (second["status"], second["type"], second["failure"]) == (None, None, "net::ERR_FAILED")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("gallery-phone.png", "gallery-phone.png"),
        ("draft-Zoë's draft, “twice”.jpeg", "draft-Zo-s-draft-twice-.jpeg"),
        ("../../../etc/passwd", "..-..-..-etc-passwd"),
        ("a/b\\c\0d\n.png", "a-b-c-d-.png"),
    ],
)
def test_a_name_becomes_one_of_a_file_in_the_folder(evidence: Evidence, name: str, file: str) -> None:
    evidence.keep_picture(name, PIXELS)
    assert kept(evidence) == [f"{FOLDER}/{file}"]
    assert (evidence.output / FOLDER / file).read_bytes() == PIXELS
