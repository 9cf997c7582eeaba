from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from lanes import profile
from lanes.client import Client
from lanes.contract import NOBODY, contract
from lanes.errors import Refused, StackError, TargetSilent
from lanes.guards import Runtime, check_before_start, check_required, check_runtime, check_write_credential
from lanes.preparing import prepare
from lanes.rules import Rule
from lanes.stack.server import free_port
from lanes.wish import Wish
from tests.harness import samples
from tests.harness.samples import clause, plan, rule
from tests.harness.servers import Reply, Served, serving

OPERATED = samples.target(capabilities=frozenset({"launch", "delivery", "operator"}))
RUNTIME = {
    "storageProvider": "mocked",
    "executionTarget": "mocked",
    "applicationEnvironment": "test",
    "endpoint": "default",
    "build": "2026.11.3",
}


def answering(runtime: Any, status: int = 200) -> Reply:
    kind = "application/json" if status == 200 else "application/problem+json"
    headers = {"Content-Type": kind, "Cache-Control": "no-store", "WWW-Authenticate": "Bearer"}
    return Reply(status, headers, json.dumps(runtime).encode())


@pytest.fixture
def replies() -> list[Reply]:
    """What the target of this test answers, the last one first."""
    return []


@pytest.fixture
def served(replies: list[Reply]) -> Iterator[Served]:
    with serving(lambda _: replies[-1]) as target:
        yield target


@pytest.fixture
def client(served: Served) -> Iterator[Client]:
    made = Client(served.base_url, {"operator": "0perator-credential"}, contract())
    yield made
    made.close()


def test_a_launched_target_that_the_lane_can_judge_may_start() -> None:
    check_before_start(plan(rule("ING-1")))


@pytest.mark.parametrize(
    "rules",
    [
        [],
        [rule("ING-1", profile="records")],
        [rule("ING-1", clause("kept", "S"))],
        [rule("ING-1", clause("kept", "M", "records"))],
    ],
)
def test_a_target_of_which_nothing_can_be_judged_is_refused(rules: list[Any]) -> None:
    with pytest.raises(Refused, match=r"the lane mocked can judge nothing that 'acme' claims \(core\)"):
        check_before_start(plan(*rules))


def test_one_clause_is_enough_to_start() -> None:
    check_before_start(plan(rule("ING-1", clause("far", "S")), rule("ING-2", clause("needy", "M", "records"), clause("kept"))))


@pytest.mark.parametrize("environment", ["development", "dev"])
def test_a_reached_target_of_another_environment_is_refused(environment: str) -> None:
    judged = samples.reached(environment, credential_names=(("write", "ACME_WRITE"),))
    with pytest.raises(Refused, match=rf"acme\.toml: reach\.environment is '{environment}', the lane mocked .* 'test' only"):
        check_before_start(plan(rule("ING-1"), judged=judged))


def test_a_reached_target_whose_credential_is_not_set_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    planned = plan(rule("ING-1"), judged=samples.reached(credential_names=(("write", "ACME_WRITE"),)))
    monkeypatch.delenv("ACME_WRITE", raising=False)
    with pytest.raises(Refused, match="ACME_WRITE is not set"):
        check_before_start(planned)
    monkeypatch.setenv("ACME_WRITE", "wr1te-credential")
    check_before_start(planned)


@pytest.mark.parametrize(
    ("offers", "names", "missing"),
    [
        (set(), ("operator",), "write"),
        (set(), (), "write"),
        ({"operator"}, ("write",), "operator"),
        ({"records"}, ("write",), "operator"),
        ({"states"}, ("write",), "operator"),
        ({"bucket", "pages"}, ("write",), None),
        ({"operator", "records", "states"}, ("operator", "write"), None),
    ],
)
def test_a_reached_target_names_a_credential_for_everything_that_it_offers(
    offers: set[str], names: tuple[str, ...], missing: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ACME", "a-credential")
    judged = samples.reached(capabilities=frozenset(offers), credential_names=tuple((name, "ACME") for name in names))
    planned = plan(rule("ING-1"), judged=judged)
    if missing:
        with pytest.raises(Refused, match=rf"acme\.toml: credentials\.{missing} is missing"):
            check_before_start(planned)
    else:
        check_before_start(planned)


def test_a_profile_that_the_target_does_not_claim_cannot_be_required() -> None:
    planned = plan(rule("ING-1"), rule("REC-1", profile="records"), judged=samples.target(claims=("core", "records")))
    check_required(planned, [])
    check_required(planned, ["records", "core"])
    with pytest.raises(Refused, match=r"'record': 'acme' does not claim it; did you mean 'records'\? allowed: core, records"):
        check_required(planned, ["core", "record"])


def test_a_target_in_the_runtime_of_the_lane_tells_its_build(served: Served, client: Client, replies: list[Reply]) -> None:
    replies.append(answering(RUNTIME))
    assert check_runtime(plan(rule("ING-1"), judged=OPERATED), client) == Runtime("2026.11.3")
    assert [(each.path, each.headers["Authorization"]) for each in served.asked] == [
        ("/ops/runtime", "Bearer 0perator-credential")
    ]


def test_a_target_without_operator_reads_is_not_asked(served: Served, client: Client) -> None:
    assert check_runtime(plan(rule("ING-1")), client) == Runtime()
    assert served.asked == []


@pytest.mark.parametrize(
    ("what", "found"),
    [("storageProvider", "s3"), ("executionTarget", "cloud"), ("applicationEnvironment", "dev")],
)
def test_a_target_in_another_runtime_is_refused(client: Client, replies: list[Reply], what: str, found: str) -> None:
    replies.append(answering(RUNTIME | {what: found}))
    with pytest.raises(Refused, match=rf"the target reports {what} '{found}'; the lane mocked judges '(mocked|test)' only"):
        check_runtime(plan(rule("ING-1"), judged=OPERATED), client)


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (answering({"type": "about:blank", "title": "No", "status": 401, "code": "credential_unknown"}, 401), "answered 401"),
        (answering({"code": "x"}, 404), "readRuntime answered 404; documented"),
        (answering(RUNTIME | {"storageProvider": "gcs"}), "storageProvider: 'gcs' is not allowed"),
        (answering({"storageProvider": "mocked"}), "'executionTarget' is missing"),
        (Reply(200, {"Content-Type": "text/html", "Cache-Control": "no-store"}, b"<html>"), "Content-Type is 'text/html'"),
        (Reply(302, {"Location": "/login"}), "readRuntime answered 302"),
    ],
)
def test_a_target_that_cannot_be_asked_is_an_error(client: Client, replies: list[Reply], reply: Reply, told: str) -> None:
    replies.append(reply)
    with pytest.raises(StackError, match="cannot be asked for its runtime") as error:
        check_runtime(plan(rule("ING-1"), judged=OPERATED), client)
    assert told in str(error.value)


@pytest.mark.parametrize(
    ("lane", "status", "refused"),
    [
        ("mocked", 401, True),
        ("mocked", 403, False),
        ("mocked", 404, False),
        ("mocked", 429, False),
        ("deployed-dev", 401, True),
        ("deployed-dev", 403, True),
        ("deployed-dev", 404, False),
    ],
)
def test_a_write_credential_that_the_target_does_not_take_is_ours_to_mend(
    served: Served, replies: list[Reply], lane: str, status: int, refused: bool
) -> None:
    replies.append(answering({"type": "about:blank", "title": "No", "status": status, "code": "x"}, status))
    planned = replace(plan(rule("ING-1")), lane=profile.load(lane))
    with contextlib.closing(Client(served.base_url, {"write": "wr1te-credential"}, contract())) as client:
        if refused:
            with pytest.raises(Refused, match=r"credentials\.write: the target does not take it"):
                check_write_credential(planned, client)
        else:
            check_write_credential(planned, client)
    (asked,) = served.asked
    assert (asked.method, asked.path) == ("DELETE", f"/artists/{NOBODY}")


def test_a_target_that_does_not_answer_is_silent() -> None:
    client = Client(f"http://127.0.0.1:{free_port()}", {"operator": "o"}, contract())
    with pytest.raises(TargetSilent):
        check_runtime(plan(rule("ING-1"), judged=OPERATED), client)
    client.close()


@pytest.mark.parametrize(
    "lone", [rule("REC-1", clause("far", "S"), profile="records"), rule("REC-1", level="SHOULD", profile="records")]
)
def test_a_profile_that_the_lane_cannot_judge_cannot_be_required(lone: Rule) -> None:
    planned = plan(rule("ING-1"), lone, judged=samples.target(claims=("core", "records")))
    with pytest.raises(Refused, match=r"--require 'records': the lane mocked can establish none of its rules for 'acme'"):
        check_required(planned, ["records"])


BROWSED = """
schema = 1
name = "acme"
claims = ["core", "browser"]
offers = [{offers}]

[pages]

[reach]
base_url = "{base_url}"
environment = "{environment}"
{more}

[credentials]
write = "ACME_WRITE"
operator = "ACME_OPERATOR"
"""


def browsed(folder: Path, base_url: str, environment: str, more: str = "", offers: str = '"operator"') -> Wish:
    """A wish to judge in a browser what is reached there."""
    path = folder / "acme.toml"
    path.write_text(BROWSED.format(base_url=base_url, environment=environment, more=more, offers=offers), encoding="utf-8")
    return Wish("browser", target=str(path), output=folder / "out")


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ACME_WRITE", "wr1te-credential")
    monkeypatch.setenv("ACME_OPERATOR", "0perator-credential")


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize("environment", ["test", "development"])
def test_a_browser_judges_what_is_reached_on_this_machine_within_a_budget_and_with_a_ledger(
    tmp_path: Path, environment: str
) -> None:
    run = prepare(browsed(tmp_path, "http://127.0.0.1:9", environment, "requests_per_minute = 60", offers=""))
    care = run.care
    assert care.spending
    assert care.spending.budget.requests_per_minute == 60
    assert care.spending.budget.uploads > 0
    assert care.creations
    assert care.creations.path == tmp_path / "out" / f"ledger-{run.id}.ndjson"
    assert not run.plan.lane.guarded


@pytest.mark.usefixtures("credentials")
@pytest.mark.parametrize(
    ("base_url", "more", "told"),
    [
        ("http://127.0.0.1:9", 'allowed_hosts = ["127.0.0.1:9"]', "a deployed target is reached over https only"),
        ("https://acme.example", "", r"the host 'acme.example' is not on the list .* reach.allowed_hosts has: none"),
    ],
)
def test_a_browser_does_not_go_to_a_deployment_past_the_guards(tmp_path: Path, base_url: str, more: str, told: str) -> None:
    with pytest.raises(Refused, match=told):
        prepare(browsed(tmp_path, base_url, "dev", more))
    with pytest.raises(Refused, match="`operator` is missing"):
        prepare(browsed(tmp_path, base_url, "dev", more, offers=""))
    allowed = prepare(browsed(tmp_path, "https://acme.example", "dev", 'allowed_hosts = ["acme.example"]'))
    assert allowed.plan.lane.guarded


@pytest.mark.usefixtures("credentials")
def test_a_browser_may_be_told_to_read_only_where_it_is_not_at_home(tmp_path: Path) -> None:
    wish = replace(browsed(tmp_path, "http://127.0.0.1:9", "test"), read_only=True)
    care = prepare(wish).care
    assert (care.read_only, care.creations) == (True, None)
    with pytest.raises(Refused, match="what the lane browser judges is its own"):
        prepare(Wish("browser", read_only=True, output=tmp_path / "out"))


@pytest.mark.parametrize(
    ("asked", "refused"),
    [
        ({}, {"storageProvider", "executionTarget", "applicationEnvironment"}),
        ({"provider": None}, {"executionTarget", "applicationEnvironment"}),
        ({"provider": None, "execution_target": None}, {"applicationEnvironment"}),
    ],
)
def test_of_a_runtime_that_the_lane_leaves_open_anything_will_do(
    client: Client, replies: list[Reply], asked: dict[str, Any], refused: set[str]
) -> None:
    planned = plan(rule("ING-1"), judged=OPERATED, where=samples.lane(**asked))
    other = {"storageProvider": "s3", "executionTarget": "cloud", "applicationEnvironment": "dev"}
    for what, found in other.items():
        replies.append(answering(RUNTIME | {what: found}))
        if what in refused:
            with pytest.raises(Refused, match=rf"the target reports {what} '{found}'"):
                check_runtime(planned, client)
        else:
            assert check_runtime(planned, client) == Runtime("2026.11.3")
