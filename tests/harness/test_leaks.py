from __future__ import annotations

import pytest

from lanes import leaks
from lanes.target import Bucket

OWN = {"img.acme.example", "app.acme.example:8443"}
BUCKET = Bucket("acme-media-dev")
LOCAL = Bucket("acme-media-dev", endpoint="http://127.0.0.1:8333")


@pytest.mark.parametrize(
    "text",
    [
        "AccountKey=c2VjcmV0",
        "DefaultEndpointsProtocol=https;AccountName=acme",
        "the key is AKIAIOSFODNN7EXAMPLE.",
        "ASIAIOSFODNN7EXAMPLE",
        "AWS_SECRET_ACCESS_KEY is not set",
    ],
)
def test_what_looks_like_a_credential_is_found(text: str) -> None:
    assert leaks.credentials_in(text)


@pytest.mark.parametrize("text", ["", "AKIA", "an account key", "XAKIAIOSFODNN7EXAMPLE", "akiaiosfodnn7example"])
def test_what_only_resembles_a_credential_is_not(text: str) -> None:
    assert leaks.credentials_in(text) == []


def test_fields_for_credentials_are_found_however_they_are_spelled() -> None:
    body = {"artist": {"ID": 1, "Secret_Access-Key": ""}, "media": [{"sasToken": None, "altText": "password"}]}
    assert leaks.credential_fields(body) == ["secretaccesskey", "sastoken"]
    assert leaks.credential_fields({"code": "credential", "title": "secret"}) == []


def test_the_settings_that_open_something_are_the_secret_ones_that_are_set() -> None:
    settings = {"AWS_ACCESS_KEY_ID": "k", "AWS_SESSION_TOKEN": "", "MEDIA_LOCATION": "media", "DATABASE_URL": "postgresql://x"}
    assert leaks.secrets_among(settings) == {"AWS_ACCESS_KEY_ID": "k", "DATABASE_URL": "postgresql://x"}


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0",
        "https://x.example/a.jpg?AWSAccessKeyId=a&Expires=1&Signature=b",
        "https://acme.blob.core.windows.net/m/a.jpg?sv=2024-11-04&sig=x",
        "https:\\/\\/x.example\\/a.jpg?w=1\\u0026sig=x",
        "https://img.example/a.jpg?Policy=x&Key-Pair-Id=y",
        "https://img.example/a.jpg?Signature=x&amp;Key-Pair-Id=y",
        "/media/a.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=0",
        "/media/a.jpg?w=1\\u0026sig=x",
        "a.jpg?sig=x",
        "?Signature=x",
    ],
)
def test_a_signed_url_is_found(url: str) -> None:
    assert leaks.signed_urls_in(f'{{"src": "{url}"}}')
    assert leaks.signed_requests_in(f"X-Origin: GET {url}\nDate: x")


@pytest.mark.parametrize(
    "url",
    [
        "https://x.example/a.jpg",
        "https://x.example/a.jpg?w=100&name=signature",
        "https://[x/?sig=1",
        "sig=1",
        "/media/a.jpg",
        "/media/a.jpg?w=100",
        "Is that a sig? =1",
    ],
)
def test_a_plain_url_is_not_signed(url: str) -> None:
    assert leaks.signed_urls_in(f'{{"src": "{url}"}}') == []


@pytest.mark.parametrize(
    "text",
    [
        f"AWS4-HMAC-SHA256 Credential=k/20261127/us-east-1/s3/aws4_request, SignedHeaders=host, Signature={'0f' * 32}",
        f"AWS4-HMAC-SHA256 Credential=k/20261127/us-east-1/s3/aws4_request,SignedHeaders=host,Signature={'0f' * 32}",
        "AWS4-ECDSA-P256-SHA256 Credential=k/20261127/s3/aws4_request, SignedHeaders=host, Signature=30",
        f"SharedKey acme:{'c' * 43}=",
    ],
)
def test_what_goes_into_authorization_is_a_signed_request_of_which_only_the_beginning_is_told(text: str) -> None:
    assert leaks.signed_requests_in(f'X-Debug: {text}\n{{"detail": "x"}}') == [text[:16]]


@pytest.mark.parametrize(
    "text", ["AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 is refused\nSignature=0", "Signature=0", "a SharedKey acme:short="]
)
def test_words_about_signatures_are_no_signed_request(text: str) -> None:
    assert leaks.signed_requests_in(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "https://other.s3.amazonaws.com/a",
        "other.s3.eu-west-1.amazonaws.com",
        "https://s3.eu-west-1.amazonaws.com/other/a",
        "https://s3-eu-west-1.amazonaws.com/other/a",
        "https://s3.dualstack.eu-west-1.amazonaws.com/other",
        "http://other.s3-website-us-east-1.amazonaws.com",
        "https://other.s3-accelerate.amazonaws.com",
        "https://point-1234.s3-accesspoint.eu-west-1.amazonaws.com",
        "HTTPS://OTHER.S3.CN-NORTH-1.AMAZONAWS.COM.CN",
        "https:\\/\\/other.s3.amazonaws.com\\/a",
        "https://acme.blob.core.windows.net/media/a.jpg",
        "https://acme-secondary.blob.core.windows.net/media",
        "https://acme.z6.web.core.windows.net",
        "<Error><Code>NoSuchBucket</Code><BucketName>x</BucketName></Error>",
    ],
)
def test_hosts_of_buckets_are_found_by_their_shape(text: str) -> None:
    assert leaks.bucket_hosts_in(f"Location: {text}")


@pytest.mark.parametrize(
    "text",
    [
        "https://acme-media-dev.storage.example/a.jpg",
        "https://storage.example/acme-media-dev/a.jpg",
        "s3://acme-media-dev/media/a.jpg",
        "https://eu.acme-media-dev.storage.example:9000/",
        "no such key: acme-media-dev.s3.",
    ],
)
def test_the_host_of_the_bucket_itself_is_found_wherever_it_is(text: str) -> None:
    assert leaks.bucket_hosts_in(f"Location: {text}", BUCKET, OWN)
    assert leaks.bucket_hosts_in(f"Location: {text}") == []


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8333/x", "127.0.0.1:8333 refused the connection", "acme-media-dev.127.0.0.1:8333"]
)
def test_the_endpoint_of_a_bucket_is_a_host_of_it(text: str) -> None:
    assert leaks.bucket_hosts_in(text, LOCAL, OWN)
    assert leaks.bucket_hosts_in(text, BUCKET, OWN) == []
    assert leaks.bucket_hosts_in("http://127.0.0.1:83331/x", LOCAL, OWN) == []


@pytest.mark.parametrize(
    ("text", "bucket"),
    [
        ("https://img.acme.example/media/a.jpg", BUCKET),
        ("https://img.acme.example/media/a.jpg", Bucket("img.acme.example")),
        ("https://app.acme.example:8443/media/a.jpg", Bucket("media")),
        ("https://media.other.example/a.jpg", Bucket("media")),  # an ordinary word
        ("https://docs.amazonaws.com/s3/", BUCKET),
        ("https://us-east-1.amazonaws.com, https://ec2.amazonaws.com", BUCKET),
        ("https://acme-media-development.example/", BUCKET),
        ("AmazonS3", BUCKET),
        ("https://windows.net/blob", BUCKET),
        ("https://[acme-media-dev", BUCKET),
    ],
)
def test_other_hosts_are_none_of_a_bucket(text: str, bucket: Bucket) -> None:
    assert leaks.bucket_hosts_in(text, bucket, OWN) == []


def test_the_name_of_a_bucket_is_a_word_of_its_own() -> None:
    assert leaks.names_bucket("no key in acme-media-dev.", BUCKET)
    assert leaks.names_bucket("arn:aws:s3:::acme-media-dev/x", BUCKET)
    assert not leaks.names_bucket("acme-media-development", BUCKET)
    assert not leaks.names_bucket("acme-media-dev.example", BUCKET)


@pytest.mark.parametrize(
    ("bucket", "telling"),
    [
        (BUCKET, True),
        (Bucket("media1"), True),
        (Bucket("media"), False),  # an ordinary word
        (Bucket("2026"), False),  # a year
        (Bucket("img.acme.example"), False),
        (Bucket("img-1"), False),  # a label of the distribution's host
        (Bucket("img-1.acme.example"), False),
        (Bucket("media-policy"), False),  # a part of a path
        (Bucket("site-1", prefix="a/site-1/"), False),  # a part of its keys
    ],
)
def test_a_name_that_may_be_the_applications_own_word_tells_nothing(bucket: Bucket, telling: bool) -> None:
    assert leaks.is_telling(bucket, {"IMG-1.acme.example:8443"}, {"media", "media-policy"}) is telling


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('const scheme = "AWS4-HMAC-SHA256";', ["AWS4-HMAC-SHA256"]),
        ("url.searchParams.set('X-Amz-Signature', sign(request))", ["X-Amz-Signature"]),
        ("headers.authorization = `SharedKey ${account}:${signature}`", ["SharedKey "]),
        ("'SharedKeyLite ' + account", ["SharedKeyLite "]),
        ("const StringToSign = [method, '', date].join()", ["StringToSign"]),
        ('"AWS4-HMAC-SHA256\\n" + x; "AWS4-HMAC-SHA256"; x-amz-signature', ["AWS4-HMAC-SHA256", "x-amz-signature"]),
        ("", []),
        ("const signature = document.querySelector('.signature');", []),
        ("sharedKeyboard.press(); 'X-Amz-Request-Id'; 'AWS4'; stringtosign", []),
    ],
)
def test_a_script_that_signs_is_known_by_its_words(text: str, found: list[str]) -> None:
    assert leaks.signs(text) == found
