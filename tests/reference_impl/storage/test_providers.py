from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from reference_impl.runtime import judge
from reference_impl.storage import providers
from reference_impl.storage.mocked import MockedStore
from reference_impl.storage.protocol import StoreUnreachable
from reference_impl.storage.s3 import S3Store
from tests.reference_impl.settings import settings
from tests.reference_impl.storage.buckets import KEYS, NOBODY, new_bucket, on_azure, on_s3, s3_runtime

if TYPE_CHECKING:
    from collections.abc import Mapping

ENDPOINT = "http://127.0.0.1:9"
AZURE = NOBODY.format(port=9)
DEV = {"APP_ENV": "dev", "MEDIA_EXECUTION_TARGET": "cloud", "MEDIA_S3_ENDPOINT": None}
DEVELOPMENT = {"APP_ENV": "development", "MEDIA_EXECUTION_TARGET": "cloud", "MEDIA_CLOUD_OPT_IN": "yes"}


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        (on_s3(ENDPOINT), {"s3"}),
        (on_s3(ENDPOINT, MEDIA_AZURE_CONNECTION_STRING=AZURE), {"s3", "azure"}),
        (on_s3(ENDPOINT, **DEV, MEDIA_AZURE_CONNECTION_STRING=AZURE), {"s3", "azure"}),
        (on_azure(AZURE), {"azure"}),
        (on_azure(AZURE, MEDIA_S3_ENDPOINT=ENDPOINT), {"s3", "azure"}),
        (on_azure(AZURE, **DEVELOPMENT, **KEYS), {"s3", "azure"}),
        # Keys without an endpoint lead to the cloud.
        (on_azure(AZURE, **KEYS), {"azure"}),
        (settings(MEDIA_S3_ENDPOINT=ENDPOINT, MEDIA_AZURE_CONNECTION_STRING=AZURE, **KEYS), {"mocked"}),
    ],
)
def test_a_process_has_the_active_provider_and_those_whose_settings_are_given(
    environment: Mapping[str, str], expected: set[str]
) -> None:
    found = providers.adapters(judge(environment), MockedStore())
    for store in found.values():
        store.close()
    assert set(found) == expected


def test_a_mocked_process_loads_no_client_of_a_provider() -> None:
    script = (
        "import sys\nfrom reference_impl.app import create_app\nfrom reference_impl.database import open_database\n"
        "from reference_impl.runtime import judge\nfrom tests.reference_impl.settings import settings\n"
        "runtime = judge(settings())\ncreate_app(runtime, open_database(runtime.database_url))\n"
        "loaded = {name.partition('.')[0] for name in sys.modules}\n"
        "sys.exit(bool({'boto3', 'botocore', 'azure', 'requests', 'psycopg'} & loaded))"
    )
    assert subprocess.run([sys.executable, "-c", script], check=False, capture_output=True).returncode == 0


def test_the_active_store_is_there_once_it_is_given_out(s3_endpoint: str) -> None:
    runtime = s3_runtime(s3_endpoint)
    with closing(providers.active(replace(runtime, location=new_bucket(s3_endpoint)))) as store:
        assert isinstance(store, S3Store)
    with pytest.raises(StoreUnreachable, match="'no-such-bucket-here' does not exist"):
        providers.active(replace(runtime, location="no-such-bucket-here"))


def test_a_check_that_nothing_else_would_end_is_left_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    # Like the look-up of a host name, which knows no time-out.
    monkeypatch.setattr(S3Store, "check", lambda *_: time.sleep(3))
    began = time.monotonic()
    with pytest.raises(StoreUnreachable, match="did not answer in time"):
        providers.active(s3_runtime(ENDPOINT, MEDIA_STORAGE_TIMEOUT_SECONDS="1"))
    assert 1 <= time.monotonic() - began < 2
