from __future__ import annotations

import pytest

from reference_impl.runtime import judge
from reference_impl.storage.legacy import LegacyURLs, legacy_urls
from reference_impl.storage.locator import Locator
from tests.reference_impl.settings import settings

AZURITE = "DefaultEndpointsProtocol=http;AccountName=devstore;AccountKey=a==;BlobEndpoint=http://127.0.0.1:10000/devstore;"
OURS = LegacyURLs(
    s3_location="media",
    s3_public_hosts=("cdn.example",),
    s3_endpoint="http://127.0.0.1:4566",
    azure_account="devstore",
    azure_endpoint="http://127.0.0.1:10000/devstore",
)


@pytest.mark.parametrize(
    ("url", "locator"),
    [
        ("https://pics.s3.eu-west-1.amazonaws.com/media/a/b.jpg", ("s3", "pics", "media/a/b.jpg")),
        ("https://pics.s3.amazonaws.com/b.jpg", ("s3", "pics", "b.jpg")),
        ("https://pics.s3-eu-west-1.amazonaws.com/b.jpg", ("s3", "pics", "b.jpg")),
        ("https://my.pics.s3.dualstack.us-east-1.amazonaws.com/b.jpg", ("s3", "my.pics", "b.jpg")),
        ("https://pics.s3.eu-west-1.amazonaws.com:443/b.jpg", ("s3", "pics", "b.jpg")),
        ("https://pics.s3-fips.us-east-1.amazonaws.com/b.jpg", ("s3", "pics", "b.jpg")),
        ("https://pics.s3-accelerate.amazonaws.com/b.jpg", ("s3", "pics", "b.jpg")),
        ("https://s3.dualstack.eu-west-1.amazonaws.com/pics/b.jpg", ("s3", "pics", "b.jpg")),
        ("https://pics.s3.cn-north-1.amazonaws.com.cn/b.jpg", ("s3", "pics", "b.jpg")),
        ("https://s3.eu-west-1.amazonaws.com/pics/a/b.jpg", ("s3", "pics", "a/b.jpg")),
        ("https://s3.amazonaws.com/pics/b.jpg", ("s3", "pics", "b.jpg")),
        ("HTTPS://PICS.S3.AMAZONAWS.COM/B.jpg", ("s3", "pics", "B.jpg")),
        ("https://pics.s3.amazonaws.com/a%20b/%C3%A9.jpg?X-Amz-Signature=1#top", ("s3", "pics", "a b/é.jpg")),
        ("http://127.0.0.1:4566/pics/a/b.jpg", ("s3", "pics", "a/b.jpg")),
        ("https://cdn.example/media/a/b.jpg", ("s3", "media", "media/a/b.jpg")),
        ("https://devstore.blob.core.windows.net/pics/a/b.jpg?sv=1&sig=2", ("azure", "pics", "a/b.jpg")),
        ("http://127.0.0.1:10000/devstore/pics/a/b.jpg", ("azure", "pics", "a/b.jpg")),
    ],
)
def test_a_url_of_a_provider_names_an_object(url: str, locator: tuple[str, str, str]) -> None:
    assert OURS.locate(url) == Locator(*locator)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "/media/a/b.jpg",
        "https://[torn",
        "https://images.example/media/a/b.jpg",
        "https://pics.s3.amazonaws.com.evil.example/b.jpg",
        "https://evilamazonaws.com/pics/b.jpg",
        "https://user:password@pics.s3.amazonaws.com/b.jpg",
        "ftp://pics.s3.amazonaws.com/b.jpg",
        "https://pics.s3.amazonaws.com",
        "https://pics.s3.amazonaws.com/",
        "https://pics.s3.amazonaws.com//b.jpg",
        "https://pics.s3.amazonaws.com/a%00b.jpg",
        "https://s3.amazonaws.com/pics",
        "https://s3.amazonaws.com/pics/",
        "https://theirs.blob.core.windows.net/pics/b.jpg",
        "http://127.0.0.1:10000/theirs/pics/b.jpg",
        "http://127.0.0.1:10000/devstore/pics",
        "http://127.0.0.1:4567/pics/b.jpg",
    ],
)
def test_any_other_url_names_none(url: str) -> None:
    assert OURS.locate(url) is None


def test_what_is_ours_follows_from_the_configuration() -> None:
    azure = judge(
        settings(
            MEDIA_STORAGE_PROVIDER="azure",
            MEDIA_EXECUTION_TARGET="emulator",
            MEDIA_AZURE_CONNECTION_STRING=AZURITE,
            MEDIA_S3_ENDPOINT=OURS.s3_endpoint,
            MEDIA_S3_PUBLIC_HOSTS=" CDN.example ",
        )
    )
    assert legacy_urls(azure) == OURS


@pytest.mark.parametrize(
    ("string", "account", "endpoint"),
    [
        ("AccountName=ours;AccountKey=a==", "ours", None),
        ("accountname=ours;ACCOUNTKEY=a==;", "ours", None),
        ("DefaultEndpointsProtocol=https;AccountName=ours;AccountKey=a==;EndpointSuffix=core.windows.net", "ours", "core"),
        ("AccountName=ours;AccountKey=a==;EndpointSuffix=core.chinacloudapi.cn", "ours", "china"),
        ("BlobEndpoint=https://ours.blob.core.windows.net/;SharedAccessSignature=sv=1&sig=2", "ours", "core"),
        ("AccountName=ours;AccountKey=a==;BlobEndpoint=https://pictures.example", "ours", "custom"),
        ("UseDevelopmentStorage=true", "devstoreaccount1", "azurite"),
    ],
)
def test_the_account_is_where_its_connection_string_says(string: str, account: str, endpoint: str | None) -> None:
    hosts = {
        "core": "https://ours.blob.core.windows.net",
        "china": "https://ours.blob.core.chinacloudapi.cn",
        "custom": "https://pictures.example",
        "azurite": "http://127.0.0.1:10000/devstoreaccount1",
    }
    ours = legacy_urls(judge(settings(MEDIA_AZURE_CONNECTION_STRING=string)))
    assert ours.azure_account == account
    at_home = f"https://{account}.blob.core.windows.net"
    for base in {at_home, hosts[endpoint] if endpoint else at_home}:
        assert ours.locate(f"{base}/pics/a%20b.jpg?sig=1") == Locator("azure", "pics", "a b.jpg")
    assert ours.locate("https://theirs.blob.core.windows.net/pics/b.jpg") is None


@pytest.mark.parametrize("host", ["pics.s3-website-eu-west-1.amazonaws.com", "pics.s3-website.eu-west-1.amazonaws.com"])
def test_a_website_is_no_object(host: str) -> None:
    assert OURS.locate(f"http://{host}/b.jpg") is None
