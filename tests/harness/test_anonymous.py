"""Strangers at real buckets: of moto, which closes objects without a word, of LocalStack, where everything is open, and of
small servers that answer as S3 does."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config

from lanes.anonymous import Anonymous, Attempt, Door, code_of, doors, guises, listings
from lanes.errors import StackError
from lanes.target import Bucket
from tests.harness.servers import Asked, Reply, serving

KEY = "media/2f/a b.jpg"
LISTING = "list-type=2&max-keys=1"
_PATHS = Config(s3={"addressing_style": "path"})
TRIES: dict[str, Callable[[Anonymous, Door], Attempt]] = {
    "get": lambda anonymous, door: anonymous.get(door, KEY),
    "list": lambda anonymous, door: anonymous.list(door, LISTING),
    "put": lambda anonymous, door: anonymous.put(door, KEY),
    "delete": lambda anonymous, door: anonymous.delete(door, KEY),
}
each_try = pytest.mark.parametrize("what", TRIES)


def error(status: int, code: str, **headers: str) -> Reply:
    """An error document of S3."""
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>{code}</Code><Message>As it is.</Message></Error>'
    return Reply(
        status, {"Content-Type": "application/xml", **{k.replace("_", "-"): v for k, v in headers.items()}}, body.encode()
    )


def tried(what: str, reply: Reply | Callable[[Asked], Reply], **changed: Any) -> tuple[list[Attempt], list[Asked]]:
    """What comes of a try at every door of a bucket whose endpoint answers like this, and what it was asked."""
    with serving(reply if callable(reply) else lambda _: reply) as served:
        bucket = Bucket("acme-media-dev", endpoint=served.base_url, **changed)
        with contextlib.closing(Anonymous(bucket, "acme.toml")) as anonymous:
            return [TRIES[what](anonymous, door) for door in doors(bucket)], served.asked


@each_try
@pytest.mark.parametrize(
    "reply",
    [error(403, "AccessDenied"), error(403, "AllAccessDisabled"), error(403, "UnauthorizedAccess"), error(401, "AccessDenied")],
    ids=str,
)
def test_a_bucket_that_is_closed_denies_everything(what: str, reply: Reply) -> None:
    attempts, _ = tried(what, reply)
    assert [attempt.denied for attempt in attempts] == [True, True]


@pytest.mark.parametrize(
    ("what", "reply"),
    [
        ("get", Reply(200, {}, b"picture")),
        ("list", Reply(200, {}, b"<ListBucketResult/>")),
        ("put", Reply(200)),
        ("put", error(400, "BadDigest")),
        ("put", error(412, "PreconditionFailed")),
        ("put", Reply(412)),
        ("delete", Reply(204)),
    ],
)
def test_a_bucket_that_is_open_allows_it(what: str, reply: Reply) -> None:
    attempts, _ = tried(what, reply)
    assert [attempt.denied for attempt in attempts] == [False, False]
    told = f"{reply.status} {code_of(attempts[0].answer)}".strip()
    assert str(attempts[0]).startswith("an anonymous ")
    assert str(attempts[0]).endswith(f" in path style is answered {told}")


@each_try
@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (error(301, "PermanentRedirect", x_amz_bucket_region="eu-west-1"), "bucket.endpoint: .*: the bucket is in eu-west-1"),
        (Reply(307, {"Location": "http://127.0.0.1:9/"}), "bucket.endpoint: .*: the bucket is somewhere else"),
        (error(404, "NoSuchBucket"), "bucket.name: .* there is no bucket acme-media-dev"),
        (error(404, "NoSuchKey"), r"bucket.prefix: .* 404 NoSuchKey .* the prefix, 'site/'"),
        (error(503, "SlowDown"), "answered 503 SlowDown .* neither that it is allowed nor that it is denied"),
        (error(400, "InvalidRequest"), "answered 400 InvalidRequest"),
        (Reply(500), "answered 500 to"),
        (Reply(403), "bucket.endpoint: .*403 to .*not in the words of S3: what answers there is not S3"),
        (Reply(401, {"Content-Type": "text/html"}, b"<html>Log in</html>"), "what answers there is not S3"),
        (Reply(403, {}, b"<html><Error><Code>AccessDenied</Code></Error></html>"), "what answers there is not S3"),
        (error(403, "InvalidAccessKeyId"), "403 InvalidAccessKeyId .*neither that it is allowed nor that it is denied"),
    ],
)
def test_an_answer_that_is_neither_yes_nor_no_is_nobodys_fault(what: str, reply: Reply, told: str) -> None:
    with pytest.raises(StackError, match=told):
        tried(what, reply, prefix="site/")


@each_try
def test_a_bucket_whose_host_does_not_answer_is_nobodys_fault(what: str) -> None:
    bucket = Bucket("acme-media-dev", endpoint="http://127.0.0.1:9")
    with contextlib.closing(Anonymous(bucket, "acme.toml")) as anonymous:
        for door in doors(bucket):
            told = r"acme\.toml: bucket\.endpoint: nobody answers for the bucket acme-media-dev at 127\.0\.0\.1:9: .*refused"
            with pytest.raises(StackError, match=told):
                TRIES[what](anonymous, door)


@pytest.mark.parametrize(
    ("bucket", "urls"),
    [
        (
            Bucket("acme-media-dev", "eu-west-1"),
            ["https://s3.eu-west-1.amazonaws.com/acme-media-dev/", "https://acme-media-dev.s3.eu-west-1.amazonaws.com/"],
        ),
        (Bucket("media.acme.example", "us-east-1"), ["https://s3.us-east-1.amazonaws.com/media.acme.example/"]),
        (
            Bucket("acme-media-dev", "cn-north-1"),
            [
                "https://s3.cn-north-1.amazonaws.com.cn/acme-media-dev/",
                "https://acme-media-dev.s3.cn-north-1.amazonaws.com.cn/",
            ],
        ),
    ],
)
def test_the_doors_of_a_bucket_of_amazons(bucket: Bucket, urls: list[str]) -> None:
    assert [door.url for door in doors(bucket)] == urls
    assert not any(door.headers for door in doors(bucket))


def test_requests_are_anonymous_and_for_the_bucket_by_path_and_by_host() -> None:
    asked = [each for what in TRIES for each in tried(what, error(403, "AccessDenied"))[1]]
    port = asked[0].headers["Host"].rpartition(":")[2]
    key = "media/2f/a%20b.jpg"
    assert [(each.method, each.path) for each in asked] == [
        ("GET", f"/acme-media-dev/{key}"),
        ("GET", f"/{key}"),
        ("GET", "/acme-media-dev/?list-type=2&max-keys=1"),
        ("GET", "/?list-type=2&max-keys=1"),
        ("PUT", f"/acme-media-dev/{key}"),
        ("PUT", f"/{key}"),
        ("DELETE", f"/acme-media-dev/{key}"),
        ("DELETE", f"/{key}"),
    ]
    assert port.isdecimal()
    assert {each.headers["Host"].partition(":")[0] for each in asked[::2]} == {"127.0.0.1"}
    assert {each.headers["Host"].partition(":")[0] for each in asked[1::2]} == {"acme-media-dev.127.0.0.1"}
    assert not any("Authorization" in each.headers for each in asked)
    put = asked[4]
    assert (put.headers["If-None-Match"], put.headers["Content-MD5"]) == ("*", "AAAAAAAAAAAAAAAAAAAAAA==")


def test_a_page_is_no_listing_and_a_listing_of_any_kind_is() -> None:
    with pytest.raises(StackError, match=r"bucket\.endpoint: .* answered 200 to .*what answers there is not S3"):
        tried("list", Reply(200, {"Content-Type": "text/html"}, b"<html>Welcome</html>"))
    for root in ("ListBucketResult", "ListVersionsResult", "ListMultipartUploadsResult"):
        attempts, _ = tried("list", Reply(200, {}, f'<?xml version="1.0"?>\n<{root} xmlns="x"/>'.encode()))
        assert [attempt.denied for attempt in attempts] == [False, False]


def test_a_listing_that_a_store_does_not_have_tells_nobody_anything_and_a_put_that_it_does_not_have_proves_nothing() -> None:
    attempts, _ = tried("list", error(501, "NotImplemented"))
    assert [attempt.denied for attempt in attempts] == [True, True]
    with pytest.raises(StackError, match="501 NotImplemented"):
        tried("put", error(501, "NotImplemented"))


@contextlib.contextmanager
def stranger(reply: Callable[[Asked], Reply], **more: Any) -> Iterator[tuple[Anonymous, list[Asked]]]:
    """Somebody at a bucket of a prefix, and what the bucket is asked."""
    with serving(reply) as served:
        bucket = Bucket("acme", endpoint=served.base_url, prefix="site/")
        with contextlib.closing(Anonymous(bucket, "acme.toml", **more)) as anonymous:
            yield anonymous, served.asked


def test_a_key_that_is_not_there_tells_who_may_list() -> None:
    for reply, denied in ((error(403, "AccessDenied"), True), (error(404, "NoSuchKey"), False)):
        with stranger(lambda _, reply=reply: reply) as (anonymous, _):  # type: ignore[misc]
            assert anonymous.knock(doors(anonymous.bucket)[0], "site/media/nowhere").denied is denied
    with stranger(lambda _: Reply(404)) as (anonymous, _), pytest.raises(StackError, match=r"bucket\.prefix"):
        anonymous.knock(doors(anonymous.bucket)[0], "site/media/nowhere")


def test_everything_that_tells_what_is_there_is_asked_and_strangers_say_who_they_might_be() -> None:
    before: list[int] = []
    with stranger(lambda _: error(403, "AccessDenied"), before=lambda: before.append(1)) as (anonymous, asked):
        door = doors(anonymous.bucket)[0]
        for what, query in listings(anonymous.bucket, "site/media/f/").items():
            anonymous.list(door, query, what)
        for guise in guises("https://acme.example/"):
            anonymous.get(door, "k", guise)
    assert [each.path.partition("?")[2] for each in asked[:5]] == [
        "list-type=2&max-keys=1",
        "list-type=2&max-keys=1&prefix=site%2Fmedia%2F",
        "list-type=2&max-keys=1&prefix=site%2Fmedia%2Ff%2F",
        "versions&max-keys=1",
        "uploads&max-uploads=1",
    ]
    assert [(each.headers["Referer"], each.headers["User-Agent"]) for each in asked[5:]] == [
        (None, "medialane"),
        ("https://acme.example/", "medialane"),
        (None, "Amazon CloudFront"),
    ]
    assert len(before) == len(asked)


@pytest.mark.parametrize(
    ("put", "delete", "told", "methods"),
    [
        (error(403, "AccessDenied"), Reply(204), "answered 403 AccessDenied", ["PUT"]),
        (error(400, "BadDigest"), Reply(204), "answered 400 BadDigest", ["PUT"]),
        (Reply(200), Reply(204), "answered 200 (it is deleted again)", ["PUT", "DELETE"]),
        (
            Reply(200),
            error(403, "AccessDenied"),
            "answered 200 (it cannot be deleted like that: do it by hand)",
            ["PUT", "DELETE"],
        ),
        (Reply(200), Reply(500), "answered 200 (it cannot be deleted like that: do it by hand)", ["PUT", "DELETE"]),
    ],
)
def test_what_a_store_writes_all_the_same_is_deleted_again(put: Reply, delete: Reply, told: str, methods: list[str]) -> None:
    with stranger(lambda asked: put if asked.method == "PUT" else delete) as (anonymous, asked):
        attempt = anonymous.put_new(doors(anonymous.bucket)[0], "site/uploads/x.jpg")
    assert str(attempt) == f"an anonymous PUT of the new key site/uploads/x.jpg in path style is {told}"
    assert attempt.denied is (put.status == 403)
    assert [each.method for each in asked] == methods
    assert len({each.path for each in asked}) == 1


@pytest.fixture
def open_bucket(request: pytest.FixtureRequest) -> Iterator[tuple[Any, Bucket]]:
    """A bucket with an object that anybody may do anything with, and a client of its owner."""
    endpoint = request.getfixturevalue(request.param)
    client: Any = boto3.session.Session("any", "any", region_name="us-east-1").client(
        "s3", endpoint_url=endpoint, config=_PATHS
    )
    name = f"strangers-{secrets.token_hex(6)}"
    client.create_bucket(Bucket=name)
    client.put_object(Bucket=name, Key=KEY, Body=b"picture", ACL="public-read-write")
    yield client, Bucket(name, endpoint=endpoint)
    for each in client.list_objects_v2(Bucket=name).get("Contents", ()):
        client.delete_object(Bucket=name, Key=each["Key"])
    client.delete_bucket(Bucket=name)


@pytest.mark.parametrize("open_bucket", ["aws_endpoint", "s3_endpoint"], indirect=True)
def test_an_open_bucket_is_seen_to_be_open_and_keeps_what_it_has(open_bucket: tuple[Any, Bucket]) -> None:
    client, bucket = open_bucket
    with contextlib.closing(Anonymous(bucket, "acme.toml")) as anonymous:
        (by_path, *_) = doors(bucket)
        for what in ("get", "list", "put"):
            attempt = TRIES[what](anonymous, by_path)
            assert not attempt.denied, attempt
        assert [each["Key"] for each in client.list_objects_v2(Bucket=bucket.name)["Contents"]] == [KEY]
        assert client.get_object(Bucket=bucket.name, Key=KEY)["Body"].read() == b"picture"
        assert not TRIES["delete"](anonymous, by_path).denied
        assert "Contents" not in client.list_objects_v2(Bucket=bucket.name)


@pytest.mark.parametrize("open_bucket", ["aws_endpoint"], indirect=True)
def test_a_denial_without_the_words_of_s3_is_none(open_bucket: tuple[Any, Bucket]) -> None:
    client, bucket = open_bucket
    client.put_object(Bucket=bucket.name, Key=KEY, Body=b"picture", ACL="private")
    with contextlib.closing(Anonymous(bucket, "acme.toml")) as anonymous:
        for door in doors(bucket):
            with pytest.raises(StackError, match=r"403 to .*what answers there is not S3"):  # moto says nothing besides
                anonymous.get(door, KEY)


@pytest.mark.parametrize("open_bucket", ["aws_endpoint", "s3_endpoint"], indirect=True)
def test_a_bucket_or_key_that_is_not_there_is_never_closed(open_bucket: tuple[Any, Bucket]) -> None:
    _, bucket = open_bucket
    for wrong, key, told in (
        (bucket, "nowhere", "bucket.prefix: .*NoSuchKey"),
        (Bucket("no-such", endpoint=bucket.endpoint), KEY, "bucket.name"),
    ):
        with contextlib.closing(Anonymous(wrong, "acme.toml")) as anonymous, pytest.raises(StackError, match=told):
            anonymous.get(doors(wrong)[0], key)
