from __future__ import annotations

import json
from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from lanes.client import Answer
from lanes.deployment import Deployment, Eyes
from lanes.overheard import Overheard, render_urls_in, wrong_in
from lanes.target import Bucket
from tests.harness import samples

DEPLOYMENT = Deployment("img.acme.example", Bucket("acme-media-dev", endpoint="http://127.0.0.1:8333"))
KINDS = ("own-host", "media-path", "https", "bucket-host", "credential", "signature")
GOOD = "https://img.acme.example/media/a/b.jpg"


@pytest.fixture
def overheard() -> Overheard:
    return Overheard(DEPLOYMENT, "https://app.acme.example", {"the secret key": "hunter2/hunter2"})


def answer(
    body: Any, status: int = 200, kind: str = "application/json", operation: str | None = None, **headers: str
) -> Answer:
    """An answer of JSON, text or bytes."""
    data = body if isinstance(body, bytes) else body.encode() if kind != "application/json" else json.dumps(body).encode()
    found = CaseInsensitiveDict({"Content-Type": kind} | {name.replace("_", "-"): value for name, value in headers.items()})
    made = samples.answer(status, data, headers=found)  # type: ignore[arg-type]
    return Answer(made.request, made.status, made.headers, made.body, made.seconds, (), operation)


def heard(overheard: Overheard) -> set[str]:
    return {kind for kind in KINDS if overheard.count(kind)}


@pytest.mark.parametrize(
    "said",
    [
        answer({"media": [{"src": GOOD, "thumbnailSrc": GOOD, "blurDataURL": "data:image/webp;base64,AKIAIOSFODNN7EXAMPLE"}]}),
        answer({"artists": [{"profileImageURL": None}]}),
        answer({"src": "https://img.acme.example:443/media/a"}),
        answer({"code": "not_found", "title": "There is no such media"}, 404, "application/json"),
        answer(b"\xff\xd8 AKIAIOSFODNN7EXAMPLE https://x.s3.amazonaws.com/a?sig=1", kind="image/jpeg"),
        answer({"artist": {"name": "acme-media-dev", "bio": "see https://band.s3.amazonaws.com/a?sig=1 AKIAIOSFODNN7EXAMPLE"}}),
        answer(
            '{"legacyURL": "https://old.s3.amazonaws.com/a?sig=1"}', kind="application/x-ndjson", operation="exportMediaRecords"
        ),
        answer({"location": "acme-media-development"}),
        answer('{"storageLocation": "acme-media-dev"}', kind="application/x-ndjson", operation="exportMediaObjects"),
        answer("", kind="text/plain", Location="https://img.acme.example/media/a", Server="AmazonS3"),
        answer(b"{", kind="application/json"),
    ],
)
def test_what_gives_nothing_away_is_counted_and_that_is_all(overheard: Overheard, said: Answer) -> None:
    overheard.tell(said)
    assert heard(overheard) == set()
    assert overheard.answers == 1


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        (answer({"src": "https://cdn.other.example/media/a"}), {"own-host"}),
        (answer({"artists": [{"profileImageURL": "https://img.acme.example/pictures/a"}]}), {"media-path"}),
        (answer({"media": {"thumbnailSrc": "http://img.acme.example/media/a"}}), {"https"}),
        (answer({"src": "/media/a"}), {"own-host", "https"}),
        (answer({"src": "https://acme-media-dev.s3.amazonaws.com/media/a"}), {"own-host", "bucket-host"}),
        (answer("", 302, "text/plain", Location="http://127.0.0.1:8333/acme-media-dev/media/a"), {"bucket-host"}),
        (answer("", kind="image/jpeg", X_Origin="x.s3.eu-west-1.amazonaws.com"), {"bucket-host"}),
        (answer({"code": "internal", "detail": "acme-media-dev is full"}, 500), {"bucket-host"}),
        (answer("acme-media-dev: no such key", 404, "text/plain"), {"bucket-host"}),
        (answer({"location": "acme-media-dev"}), {"bucket-host"}),
        (answer(b"\xff\xd8", kind="image/jpeg", X_Origin_Bucket="acme-media-dev"), {"bucket-host"}),
        (answer("", kind="application/x-ndjson", operation="exportMediaObjects", X_B="acme-media-dev"), {"bucket-host"}),
        (answer("<Error><BucketName>x</BucketName></Error>", 403, "application/xml"), {"bucket-host"}),
        (answer("", kind="text/plain", operation="exportMediaRecords", X_O="x.s3.amazonaws.com"), {"bucket-host"}),
        (answer({"detail": "AKIAIOSFODNN7EXAMPLE"}), {"credential"}),
        (answer({"secretAccessKey": None}), {"credential"}),
        (answer({"bio": "hunter2/hunter2"}), {"credential"}),
        (answer(b"\xff\xd8 hunter2/hunter2", kind="image/jpeg"), {"credential"}),
        (answer("", kind="text/plain", X_Debug="hunter2/hunter2"), {"credential"}),
        (answer("AccountKey=x", kind="application/x-ndjson", operation="exportMediaRecords"), {"credential"}),
        (answer({"src": f"{GOOD}?X-Amz-Signature=1"}), {"signature"}),
        (answer("", 302, "text/plain", Location=f"{GOOD}?sig=1"), {"signature"}),
        (answer(b"\xff\xd8", kind="image/jpeg", X_Origin="/media/a.jpg?X-Amz-Signature=1"), {"signature"}),
        (answer("", kind="text/plain", X_O="AWS4-HMAC-SHA256 Credential=k/s3, Signature=0f"), {"signature"}),
    ],
)
def test_what_gives_something_away_is_found(overheard: Overheard, said: Answer, kinds: set[str]) -> None:
    overheard.tell(said)
    assert heard(overheard) == kinds
    for kind in kinds:
        (finding,) = overheard.findings(kind)
        assert finding.answer is said
        assert finding.told.startswith(f"GET /artists answered {said.status}")


@pytest.mark.parametrize("name", ["media", "media-policy", "img", "app-1"])
def test_a_bucket_that_is_called_like_a_word_of_the_application_makes_no_answer_wrong(name: str) -> None:
    overheard = Overheard(Deployment("img.acme.example", Bucket(name)), "https://app-1.acme.example/", {})
    overheard.tell(answer({"detail": f"There is no such {name}"}, 404, X_Served_By=name, Link=f"</{name}>; rel=about"))
    assert heard(overheard) == set()


def test_a_secret_is_not_told_on() -> None:
    eyes = Eyes("reader", "operators-key", "hunter2/hunter2")
    overheard = Overheard(DEPLOYMENT, "https://app.acme.example", eyes.secrets)
    overheard.tell(answer({"title": "operators-key hunter2/hunter2 AKIAIOSFODNN7EXAMPLE"}))
    (finding,) = overheard.findings("credential")
    assert finding.told.endswith("it holds the operator's access key, its secret key, AKIAIOSF…")


def test_a_few_findings_are_kept_and_all_are_counted(overheard: Overheard) -> None:
    for number in range(100):
        overheard.tell(answer({"src": f"http://img.acme.example/media/{number}"}))
    overheard.tell(answer({"media": [{"src": GOOD, "thumbnailSrc": GOOD}]}))
    assert (overheard.answers, overheard.render_urls) == (101, 102)
    assert (overheard.count("https"), len(overheard.findings("https"))) == (100, 5)


def test_render_urls_are_found_by_their_fields_wherever_they_are() -> None:
    body = {"artists": [{"profileImageURL": "a", "profileImageThumbnailURL": None}], "media": {"src": "b", "legacyURL": "c"}}
    assert render_urls_in(body) == [("profileImageURL", "a"), ("src", "b")]
    assert render_urls_in(None) == []


@pytest.mark.parametrize(
    ("url", "wrong"),
    [
        (GOOD, []),
        ("HTTPS://IMG.ACME.EXAMPLE/media/a", []),
        ("https://img.acme.example/MEDIA/a", ["media-path"]),
        ("https://img.acme.example/media", ["media-path"]),
        ("https://img.acme.example.evil.example/media/a", ["own-host"]),
        ("https://img.acme.example@evil.example/media/a", ["own-host"]),
        ("https://img.acme.example:8443/media/a", ["own-host"]),
        ("//img.acme.example/media/a", ["https"]),
        ("https://[x/media/a", ["own-host", "media-path", "https"]),
    ],
)
def test_what_is_wrong_with_a_render_url(url: str, wrong: list[str]) -> None:
    assert wrong_in(url, "img.acme.example") == wrong
