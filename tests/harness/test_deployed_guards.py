"""What the lane of deployed targets refuses going by files and environment alone (DEP-5, DEP-7)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import pytest

from lanes import profile, rules
from lanes.errors import Refused
from lanes.guards import check_before_start, check_deployed, runtime_secrets
from lanes.plan import make_plan
from lanes.target import Reach, Target
from tests.harness import samples

VARIABLES = {"ACME_WRITE": "wr1te-credential", "ACME_OPERATOR": "0perator-credential"}


def deployed(**how: Any) -> Target:
    """A target file that the lane takes, but for what is changed of its reach section."""
    reach: dict[str, Any] = {"base_url": "https://acme.example", "environment": "dev", "allowed_hosts": ("acme.example",)}
    return samples.target(
        how=Reach(**{**reach, **how}),
        claims=("core", "deployed"),
        capabilities=frozenset({"operator", "delivery"}),
        credential_names=(("operator", "ACME_OPERATOR"), ("write", "ACME_WRITE")),
    )


def refusal(target: Target, environment: Mapping[str, str] = VARIABLES) -> str:
    """Why it is refused."""
    with pytest.raises(Refused) as refused:
        check_deployed(target, environment)
    return str(refused.value)


@pytest.mark.parametrize("environment", [VARIABLES, {**VARIABLES, "CI": "true"}, {**VARIABLES, "AWS_ACCESS_KEY_ID": "k"}])
def test_a_deployment_as_its_file_says_may_be_judged(environment: Mapping[str, str]) -> None:
    check_deployed(deployed(), environment)


@pytest.mark.parametrize(
    "hosts", [("ACME.example",), ("acme.example:443",), ("other.example", "acme.example"), ("acme.example", "cdn.example")]
)
def test_a_host_on_the_list_is_taken_however_it_is_written(hosts: tuple[str, ...]) -> None:
    check_deployed(deployed(allowed_hosts=hosts), VARIABLES)


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (
            {"base_url": "http://acme.example"},
            "reach.base_url is 'http://acme.example'; a deployed target is reached over https",
        ),
        ({"base_url": "https://evil.example"}, "the host 'evil.example' is not on the list .* has: acme.example"),
        ({"base_url": "https://acme.example:8443"}, "the host 'acme.example:8443' is not on the list"),
        ({"base_url": "https://acme.example.evil.example"}, "the host 'acme.example.evil.example' is not on the list"),
        ({"allowed_hosts": ()}, "reach.allowed_hosts has: none"),
        ({"distribution": "cdn.example"}, "reach.distribution: the host 'cdn.example' is not on the list"),
    ],
)
def test_a_host_that_is_not_on_the_list_is_refused(how: dict[str, Any], told: str) -> None:
    message = refusal(deployed(**how))
    assert re.search(told, message), message


@pytest.mark.parametrize("ci", ["CI", "GITHUB_ACTIONS", "GITLAB_CI", "JENKINS_URL", "TF_BUILD"])
@pytest.mark.parametrize(
    "secret", ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "MEDIA_AZURE_CONNECTION_STRING", "DATABASE_URL"]
)
def test_ci_with_a_credential_of_the_runtime_is_refused(ci: str, secret: str) -> None:
    message = refusal(deployed(), {**VARIABLES, ci: "1", secret: "s3cret-of-the-runtime"})
    assert message.startswith(f"{secret} is set in a CI environment ({ci} is set)")
    assert "s3cret" not in message


@pytest.mark.parametrize("off", ["", "0", "false", "False"])
def test_what_says_that_it_is_no_ci_is_none(off: str) -> None:
    check_deployed(deployed(), {**VARIABLES, "CI": off, "AWS_ACCESS_KEY_ID": "k"})


def test_the_credentials_that_the_file_names_may_be_there_in_ci() -> None:
    assert {"MEDIA_WRITE_CREDENTIAL", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY"} <= set(runtime_secrets())
    named = samples.target(
        how=deployed().how,
        capabilities=frozenset({"operator"}),
        credential_names=(("operator", "ACME_OPERATOR"), ("write", "MEDIA_WRITE_CREDENTIAL")),
    )
    check_deployed(named, {"ACME_OPERATOR": "o", "MEDIA_WRITE_CREDENTIAL": "w", "CI": "1"})
    assert "MEDIA_WRITE_CREDENTIAL is set" in refusal(deployed(), {**VARIABLES, "MEDIA_WRITE_CREDENTIAL": "w", "CI": "1"})


def test_one_credential_for_both_roles_is_refused() -> None:
    assert "write and operator are the same" in refusal(deployed(), {"ACME_WRITE": "same", "ACME_OPERATOR": "same"})


def test_a_target_that_cannot_be_asked_for_its_runtime_is_refused() -> None:
    silent = samples.target(how=deployed().how, capabilities=frozenset())
    assert "`operator` is missing" in refusal(silent)


def test_the_guards_stand_before_the_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    lane = profile.load("deployed-dev")
    for name, value in {**VARIABLES, "CI": "", "GITHUB_ACTIONS": ""}.items():
        monkeypatch.setenv(name, value)
    check_before_start(make_plan(lane, deployed(), rules.catalogue()))
    with pytest.raises(Refused, match="over https only"):
        check_before_start(make_plan(lane, deployed(base_url="http://acme.example"), rules.catalogue()))
    with pytest.raises(Refused, match=r"reach\.environment is 'test'"):
        check_before_start(make_plan(lane, deployed(environment="test"), rules.catalogue()))
