from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from lanes.redact import Redactor, secrets_in

CREDENTIAL = "wr1te/cr+dential=78"  # its base64 form is padded
MARK = "[redacted]"


@pytest.mark.parametrize(
    "form",
    [
        pytest.param(CREDENTIAL, id="plain"),
        pytest.param(quote(CREDENTIAL, safe=""), id="URL-quoted"),
        pytest.param(base64.b64encode(CREDENTIAL.encode()).decode(), id="base64"),
        pytest.param(base64.b64encode(CREDENTIAL.encode()).decode().rstrip("="), id="base64 without padding"),
    ],
)
def test_a_known_secret_is_taken_out_in_each_of_its_forms(form: str) -> None:
    clean = Redactor([CREDENTIAL]).text(f"before {form} after, {form}")
    assert clean == f"before {MARK} after, {MARK}"


def test_a_secret_is_taken_out_from_when_it_is_learnt_and_others_stay_known() -> None:
    redactor = Redactor(["first-secret"])
    assert redactor.text("first-secret second-secret") == f"{MARK} second-secret"
    redactor.learn("second-secret")
    assert redactor.text("first-secret second-secret") == f"{MARK} {MARK}"


def test_of_two_secrets_that_overlap_nothing_is_left() -> None:
    assert Redactor(["secret", "secret-and-more"]).text("secret-and-more") == MARK
    assert Redactor(["secret-and-more", "secret"]).text("secret-and-more") == MARK


def test_a_secret_with_signs_of_patterns_is_taken_literally() -> None:
    redactor = Redactor(["a.c*d?(e"])
    assert redactor.text("a.c*d?(e abc*d?(e") == f"{MARK} abc*d?(e"


@pytest.mark.parametrize("short", ["", "a", "the"])
def test_what_is_too_short_for_a_secret_blanks_out_no_text(short: str) -> None:
    assert Redactor([short]).text("the cat sat on a mat") == "the cat sat on a mat"


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        pytest.param("Authorization: Bearer abc.def-123", "abc.def-123", id="bearer"),
        pytest.param("authorization:bearer abc123", "abc123", id="bearer in lower case"),
        pytest.param("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz", id="basic"),
        pytest.param("Authorization: SharedKey account:c2lnbmF0dXJl", "c2lnbmF0dXJl", id="shared key"),
        pytest.param("Proxy-Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz", id="proxy"),
        pytest.param('{"Authorization": "Bearer abc123"}', "abc123", id="bearer in JSON"),
        pytest.param("{'Authorization': 'Bearer abc123'}", "abc123", id="bearer in Python"),
        pytest.param(json.dumps(json.dumps({"SecretAccessKey": "abc123"})), "abc123", id="JSON in JSON"),
        pytest.param(json.dumps(json.dumps(json.dumps({"x-api-key": "abc123"}))), "abc123", id="JSON in JSON in JSON"),
        pytest.param("-H 'Authorization: Bearer abc123'", "abc123", id="bearer in a command"),
        pytest.param("Cookie: session=abc123; theme=dark", "abc123", id="cookie"),
        pytest.param("Set-Cookie: session=abc123; Path=/; HttpOnly", "abc123", id="set-cookie"),
        pytest.param('Set-Cookie: session="abc123"; Path=/', "abc123", id="set-cookie with a quoted value (RFC 6265)"),
        pytest.param('{"Set-Cookie": "session=abc123"}', "abc123", id="set-cookie in JSON"),
        pytest.param(
            "DefaultEndpointsProtocol=https;AccountName=acme;AccountKey=YWJjMTIz+/==;EndpointSuffix=x",
            "YWJjMTIz+/==",
            id="Azure key",
        ),
        pytest.param(
            "BlobEndpoint=https://x;SharedAccessSignature=sv=2024&sig=abc%2F123&se=9", "abc%2F123", id="Azure signature"
        ),
        pytest.param("Endpoint=sb://x;SharedAccessKey=YWJjMTIz", "YWJjMTIz", id="Azure access key"),
        pytest.param("https://a.example/b?sv=2024&sig=abc%2F123&se=9", "abc%2F123", id="sig"),
        pytest.param("https://a.example/b?X-Amz-Date=9&X-Amz-Signature=abc123", "abc123", id="X-Amz-Signature"),
        pytest.param("https://a.example/b?X-Amz-Security-Token=abc123&x=1", "abc123", id="X-Amz-Security-Token"),
        pytest.param("https://a.example/b?X-Amz-Credential=AKEY123%2F2026", "AKEY123%2F2026", id="X-Amz-Credential"),
        pytest.param("https://a.example/b?Expires=9&Signature=abc123", "abc123", id="Signature"),
        pytest.param("https://a.example/b?token=abc123", "abc123", id="token"),
        pytest.param(r'{"src": "https://a.example/b?se=9\u0026sig=abc123"}', "abc123", id="sig in JSON as Go writes it"),
        pytest.param("<p>https://a.example/b?se=9&amp;sig=abc123</p>", "abc123", id="sig in HTML"),
        pytest.param("{&#34;secretAccessKey&#34;: &#34;wJalrXUtnFEMI&#34;}", "wJalrXUtnFEMI", id="JSON in HTML"),
        pytest.param("{&quot;password&quot;:&quot;hunter2hunter2&quot;}", "hunter2hunter2", id="JSON in HTML by name"),
        pytest.param("AWS_SECRET_ACCESS_KEY=abc/123+x", "abc/123+x", id="AWS secret key"),
        pytest.param('aws_secret_access_key: "abc123"', "abc123", id="AWS secret key in YAML"),
        pytest.param('{"SecretAccessKey": "abc123"}', "abc123", id="AWS secret key in JSON"),
        pytest.param("AWS_SESSION_TOKEN=abc123", "abc123", id="AWS session token"),
        pytest.param('"SessionToken": "abc123"', "abc123", id="AWS session token in JSON"),
        pytest.param("key AKIAABCDEFGHIJKLMNOP here", "AKIAABCDEFGHIJKLMNOP", id="AWS access key ID"),
        pytest.param("key ASIAABCDEFGHIJKLMNOP here", "ASIAABCDEFGHIJKLMNOP", id="AWS temporary access key ID"),
        pytest.param("postgresql://media:pa55word@db.example:5432/media", "pa55word", id="password in a URL"),
        pytest.param("redis://:pa55word@cache.example", "pa55word", id="password without a user"),
        pytest.param(
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", "eyJzdWIiOiIxMjM0In0.c2lnbmF0dXJl", id="JSON web token"
        ),
        pytest.param(
            "-----BEGIN RSA PRIVATE KEY-----\nYWJj\nMTIz\n-----END RSA PRIVATE KEY-----", "YWJj\nMTIz", id="private key"
        ),
        pytest.param("-----BEGIN PRIVATE KEY-----\nYWJj\nMTIz\n", "MTIz", id="private key without an end"),
    ],
)
def test_what_has_the_shape_of_a_secret_is_taken_out(text: str, secret: str) -> None:
    assert secret in text
    clean = Redactor().text(text)
    assert secret not in clean
    assert MARK in clean


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("POST x\nAuthorization: Bearer abc123\nAccept: */*", f"POST x\nAuthorization: Bearer {MARK}\nAccept: */*"),
        ("Cookie: session=abc123\nAccept: */*", f"Cookie: {MARK}\nAccept: */*"),
        ("AccountName=acme;AccountKey=YWJj;EndpointSuffix=x", f"AccountName=acme;AccountKey={MARK};EndpointSuffix=x"),
        ("https://a.example/b?sig=abc123&se=9#end", f"https://a.example/b?sig={MARK}&se=9#end"),
        ("postgresql://media:pa55word@db.example:5432/media", f"postgresql://media:{MARK}@db.example:5432/media"),
        ('{"Authorization": "Bearer abc123", "x": 1}', f'{{"Authorization": "Bearer {MARK}", "x": 1}}'),
        (
            "-----BEGIN PRIVATE KEY-----\nYWJj\n-----END PRIVATE KEY----- and more",
            f"-----BEGIN PRIVATE KEY-----{MARK}-----END PRIVATE KEY----- and more",
        ),
    ],
)
def test_what_is_around_a_secret_stays(text: str, clean: str) -> None:
    assert Redactor().text(text) == clean


@pytest.mark.parametrize(
    "text",
    [
        "",
        "GET /artists answered 200",
        "The delivery path sets no cookie.",
        "Every 401 has a WWW-Authenticate header that names Bearer.",
        "WWW-Authenticate: Bearer",
        "http://127.0.0.1:8080/media/8d1c2f/41aa90.jpg",
        "http://127.0.0.1:8080/media/8d1c2f/photo@2x.jpg",
        "https://media.example/a?page=2&assignee=me&design=1",
        'credential_missing: "The token is not known"',
        "ING-8 upright: top left is (214, 40, 40)",
        'curl -H "Authorization: Bearer $MEDIALANE_WRITE_CREDENTIAL"',
        "AccountName=acme;BlobEndpoint=http://127.0.0.1:10000/acme",
        "-----BEGIN PUBLIC KEY-----\nYWJj\n-----END PUBLIC KEY-----",
        "AKIA is how access key IDs begin",
        "sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert Redactor(["wr1te-credential"]).text(text) == text


@pytest.mark.parametrize(
    "text",
    ["Authorization: Bearer abc123", "Cookie: a=b", f"https://a.example/?sig=x {CREDENTIAL}", "redis://:pw@h", "AccountKey=x"],
)
def test_redacting_twice_is_redacting_once(text: str) -> None:
    redactor = Redactor([CREDENTIAL])
    assert redactor.text(redactor.text(text)) == redactor.text(text)


def test_bytes_without_a_secret_come_back_as_they_were() -> None:
    picture = bytes(range(256)) * 3
    assert Redactor([CREDENTIAL]).data(picture) is picture


@pytest.mark.parametrize("secret", [CREDENTIAL, "pässwörd-7"])
def test_a_secret_among_bytes_is_taken_out_and_the_rest_stays(secret: str) -> None:
    data = b"\x00\xff" + secret.encode() + b"\xfe\x01 Cookie: a=b"
    assert Redactor([secret]).data(data) == b"\x00\xff[redacted]\xfe\x01 Cookie: [redacted]"


def test_data_for_json_is_redacted_in_every_text_and_keeps_its_form() -> None:
    data = {
        "a": [CREDENTIAL, {"b": f"x {CREDENTIAL}"}, 7, None, True],
        "c": 'he sent "Authorization: Bearer abc"',
        "d": 'Set-Cookie: id="abc"\nand more',
        "e": "-----BEGIN PRIVATE KEY-----\nYWJj",
        "f": "last",
    }
    clean = Redactor([CREDENTIAL]).tree(data)
    assert json.loads(json.dumps(clean)) == clean
    assert clean["a"] == [MARK, {"b": f"x {MARK}"}, 7, None, True]
    assert clean["c"] == f'he sent "Authorization: Bearer {MARK}"'
    assert clean["e"] == f"-----BEGIN PRIVATE KEY-----{MARK}"
    assert clean["f"] == "last"
    assert data["a"][0] == CREDENTIAL


@pytest.mark.parametrize(
    "text",
    [
        "X-Api-Key: hush-hush-1",
        "Authorization: Token hush-hush-1",
        "Authorization: hush-hush-1",
        "password=hush-hush-1",
        "postgresql://media:hush-hush-1/w@d@127.0.0.1:5432/media",
    ],
)
def test_secrets_of_other_shapes_are_taken_out(text: str) -> None:
    assert "hush-hush-1" not in Redactor().text(text)


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8080/a@b", "no password is needed", 'Authorization: Bearer $MEDIALANE_WRITE_CREDENTIAL"']
)
def test_what_only_looks_like_a_secret_stays(text: str) -> None:
    assert Redactor().text(text) == text


@pytest.mark.parametrize("form", ["s3cr/et-1", "s3cr%2Fet-1", "s3cr%2fet-1", "s3cr\\/et-1"])
def test_a_known_secret_is_taken_out_however_it_is_escaped(form: str) -> None:
    assert Redactor(["s3cr/et-1"]).text(f"<{form}>") == "<[redacted]>"


def test_variables_say_by_their_names_which_are_secrets() -> None:
    variables = {"STRIPE_KEY": "sk-live-12345", "GITHUB_TOKEN": "ghp_12345678", "HOME": "/root", "SSH_AUTH_SOCK": "/run/agent"}
    assert set(secrets_in(variables | {"A_KEY": "short"})) == {"sk-live-12345", "ghp_12345678"}
