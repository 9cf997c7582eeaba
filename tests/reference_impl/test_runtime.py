from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from reference_impl.runtime import EXIT_CONFIG, SETTINGS, RuntimeRejected, judge
from tests.reference_impl.settings import settings

CONTRACT: dict[str, Any] = yaml.safe_load((Path(__file__).parents[2] / "contracts" / "runtime.yaml").read_text("utf-8"))
COMPANIONS = {
    "MEDIA_S3_ENDPOINT": "http://127.0.0.1:4566",
    "MEDIA_AZURE_CONNECTION_STRING": "AccountName=a;AccountKey=k",
}


def combination(row: dict[str, str], **changed: str) -> dict[str, str]:
    return settings(
        MEDIA_STORAGE_PROVIDER=row["provider"],
        MEDIA_EXECUTION_TARGET=row["target"],
        APP_ENV=row["environment"],
        **COMPANIONS,
        **changed,
    )


def test_the_settings_are_those_of_the_contract() -> None:
    ours = [(setting.name, setting.required, setting.default, setting.secret) for setting in SETTINGS]
    theirs = [(row["name"], row["required"], row.get("default"), row["secret"]) for row in CONTRACT["settings"]]
    assert ours == theirs
    assert [list(setting.allowed) for setting in SETTINGS] == [row.get("allowed", []) for row in CONTRACT["settings"]]
    assert CONTRACT["exit_code"] == EXIT_CONFIG


@pytest.mark.parametrize("row", CONTRACT["combinations"], ids=lambda row: "-".join(row.values()))
def test_combinations_are_judged_as_the_contract_lists_them(row: dict[str, str]) -> None:
    if row["accept"] == "yes":
        assert judge(combination(row)).provider == row["provider"]
        return
    with pytest.raises(RuntimeRejected) as rejection:
        judge(combination(row))
    if row["accept"] == "opt-in":
        assert "MEDIA_CLOUD_OPT_IN" in str(rejection.value)
        assert judge(combination(row, MEDIA_CLOUD_OPT_IN="yes")).target == "cloud"
    else:
        with pytest.raises(RuntimeRejected):
            judge(combination(row, MEDIA_CLOUD_OPT_IN="yes"))


def test_a_rejected_combination_names_a_setting_its_value_and_what_is_allowed() -> None:
    with pytest.raises(RuntimeRejected, match=r"MEDIA_EXECUTION_TARGET is 'cloud'.* has to be mocked\."):
        judge(settings(MEDIA_EXECUTION_TARGET="cloud"))
    with pytest.raises(RuntimeRejected, match=r"MEDIA_STORAGE_PROVIDER is 'mocked'.*'dev'.* s3 on cloud\."):
        judge(settings(APP_ENV="dev"))


@pytest.mark.parametrize("name", [setting.name for setting in SETTINGS if setting.required])
def test_a_required_setting_that_is_missing_or_empty_is_named(name: str) -> None:
    for value in (None, ""):
        with pytest.raises(RuntimeRejected, match=f"^{name} is not set"):
            judge(settings(**{name: value}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "80a"),
        ("PORT", "\uff18\uff10"),
        ("APP_ENV", "production"),
        ("MEDIA_STORAGE_PROVIDER", "S3"),
        ("MEDIA_EXECUTION_TARGET", "local"),
        ("MEDIA_CLOUD_OPT_IN", "true"),
        ("MEDIA_STATE_HOOKS", "1"),
        ("MEDIA_PUBLIC_BASE_URL", "https://media.example/"),
        ("MEDIA_PUBLIC_BASE_URL", "media.example"),
        ("MEDIA_PUBLIC_BASE_URL", "https://user@media.example"),
        ("MEDIA_STORAGE_TIMEOUT_SECONDS", "0"),
        ("MEDIA_STORAGE_TIMEOUT_SECONDS", "1.5"),
        ("MEDIA_LOCATION", "Media"),
        ("MEDIA_BUILD", "b" * 201),
    ],
)
def test_a_bad_value_is_named_with_what_is_allowed(name: str, value: str) -> None:
    with pytest.raises(RuntimeRejected) as rejection:
        judge(settings(**{name: value}))
    message = str(rejection.value)
    assert message.startswith(f"{name} is {value[:80]!r}")
    assert "has to be" in message


@pytest.mark.parametrize("name", ["DATABASE_URL", "MEDIA_WRITE_CREDENTIAL", "MEDIA_OPERATOR_CREDENTIAL"])
def test_the_value_of_a_secret_is_never_shown(name: str) -> None:
    with pytest.raises(RuntimeRejected) as rejection:
        judge(settings(**{name: "hunter2 hunter2"}))
    assert name in str(rejection.value)
    assert "hunter2" not in str(rejection.value)


def test_the_repr_of_a_runtime_holds_no_secret() -> None:
    secrets = {
        "MEDIA_WRITE_CREDENTIAL": "secret-write-credential",
        "MEDIA_OPERATOR_CREDENTIAL": "secret-operator-credential",
        "DATABASE_URL": "postgresql://user:secret-password@host/name",
        "AWS_SECRET_ACCESS_KEY": "secret-key",
        "MEDIA_AZURE_CONNECTION_STRING": "secret-string",
    }
    assert "secret" not in repr(judge(settings(**secrets)))


def test_the_two_credentials_have_to_differ() -> None:
    with pytest.raises(RuntimeRejected, match="MEDIA_OPERATOR_CREDENTIAL"):
        judge(settings(MEDIA_OPERATOR_CREDENTIAL=settings()["MEDIA_WRITE_CREDENTIAL"]))


def test_an_emulator_needs_its_endpoint_and_reports_the_override() -> None:
    emulator = {"MEDIA_STORAGE_PROVIDER": "s3", "MEDIA_EXECUTION_TARGET": "emulator"}
    with pytest.raises(RuntimeRejected, match="MEDIA_S3_ENDPOINT is not set"):
        judge(settings(**emulator))
    assert judge(settings(**emulator, MEDIA_S3_ENDPOINT="http://127.0.0.1:1")).endpoint == "override"


def test_azure_needs_its_connection_string() -> None:
    with pytest.raises(RuntimeRejected, match="MEDIA_AZURE_CONNECTION_STRING is not set"):
        judge(settings(MEDIA_STORAGE_PROVIDER="azure", MEDIA_EXECUTION_TARGET="emulator"))


def test_state_hooks_are_for_the_test_environment_only() -> None:
    assert judge(settings(APP_ENV="test")).state_hooks
    assert not judge(settings(APP_ENV="development")).state_hooks
    assert not judge(settings(MEDIA_STATE_HOOKS=None)).state_hooks


def test_defaults_stand_for_what_is_not_set() -> None:
    runtime = judge(settings())
    assert (runtime.host, runtime.build, runtime.storage_timeout_seconds) == ("127.0.0.1", "unknown", 10)
    assert (runtime.location, runtime.endpoint, runtime.s3_public_hosts) == ("media", "default", ())


def test_judging_loads_nothing_heavy() -> None:
    script = "import sys, reference_impl.runtime; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"starlette", "sqlalchemy", "pyvips", "uvicorn", "anyio"} & set(loaded)


@pytest.mark.parametrize(
    "string",
    [
        "nonsense",
        "AccountName=a",
        "AccountKey=k",
        "AccountName=;AccountKey=k",
        "AccountName=a;AccountKey=k;what",
        "SharedAccessSignature=sv=1",
        "UseDevelopmentStorage=false",
    ],
)
@pytest.mark.parametrize("provider", ["azure", "s3"])
def test_a_connection_string_that_connects_to_nothing_is_rejected_and_not_shown(string: str, provider: str) -> None:
    on = {"MEDIA_STORAGE_PROVIDER": provider, "MEDIA_EXECUTION_TARGET": "emulator", "MEDIA_S3_ENDPOINT": "http://127.0.0.1:1"}
    with pytest.raises(RuntimeRejected, match="MEDIA_AZURE_CONNECTION_STRING") as rejection:
        judge(settings(MEDIA_AZURE_CONNECTION_STRING=string, **on))
    assert string not in str(rejection.value)


@pytest.mark.parametrize(
    "string",
    [
        "AccountName=a;AccountKey=k==",
        "accountname=a;accountkey=k;",
        "BlobEndpoint=https://a.blob.core.windows.net;SharedAccessSignature=sv=1&sig=2",
        "AccountName=a;SharedAccessSignature=sv=1&sig=2",
        "UseDevelopmentStorage=true",
    ],
)
def test_every_form_of_a_connection_string_is_accepted(string: str) -> None:
    on = {"MEDIA_STORAGE_PROVIDER": "azure", "MEDIA_EXECUTION_TARGET": "emulator"}
    assert judge(settings(MEDIA_AZURE_CONNECTION_STRING=string, **on)).azure_connection_string == string
