from __future__ import annotations

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from lanes import profile, target
from lanes.client import Client
from lanes.contract import contract
from lanes.deployment import Deployment, Eyes
from lanes.errors import Refused
from lanes.files import read_contract
from lanes.redact import Redactor
from lanes.stack.slot import Stack
from lanes.stack.watchdog import Watchdog
from lanes.target_check import Tried, check, lane_for, try_bucket, verifiable
from tests.harness.servers import Asked, Reply, serving

_CHECKOUT = Path(__file__).resolve().parents[2]
_MOCKED = profile.load("mocked")
_FIELDS = read_contract("openapi.yaml")["components"]["schemas"]["MediaRecord"]["required"]


def launched(folder: Path, command: list[str], claims: str = '["core"]', offers: str = "[]") -> target.Target:
    """A target that is launched from the checkout."""
    file = folder / "target.toml"
    file.write_text(
        f'schema = 1\nname = "tried"\nclaims = {claims}\noffers = {offers}\n'
        f"[launch]\ncommand = {json.dumps(command)}\nfolder = {json.dumps(str(_CHECKOUT))}\ntimeout = 5\n",
        encoding="utf-8",
    )
    return target.load(str(file))


def short(tried: list[Tried]) -> dict[str, str]:
    """What did not work, and what was found."""
    return {each.what: each.found for each in tried if each.works is False}


def test_everything_that_the_reference_says_of_itself_works() -> None:
    tried = list(check(target.load("reference"), _MOCKED))
    assert short(tried) == {}
    what = {each.what for each in tried}
    assert {"serves", "write credential", "operator reads", "records (export)"} <= what
    assert "rejects a runtime that is not allowed" in what
    assert sum(name.startswith("state hook") for name in what) == 5


@pytest.mark.parametrize(
    ("rows", "works", "found"),
    [
        ("", None, "0 rows: nothing to try it by yet"),
        ('{"ID": "a"}\n', False, "1 rows without altText, artistID"),
        (json.dumps(dict.fromkeys(_FIELDS, "ID")), True, "1 rows"),
    ],
)
def test_rows_that_are_not_there_prove_nothing(tmp_path: Path, rows: str, works: bool | None, found: str) -> None:
    (tmp_path / "rows.ndjson").write_text(rows, encoding="utf-8")
    judged = launched(tmp_path, [sys.executable, "-m", "reference_impl", "serve"], offers='["records"]')
    judged = dataclasses.replace(judged, records=target.Records("ndjson", file=tmp_path / "rows.ndjson"))
    (tried,) = (each for each in check(judged, _MOCKED) if each.what == "records (ndjson)")
    assert tried.works is works
    assert tried.found.startswith(found)


NOT_THERE = Reply(404, {"Content-Type": "application/xml"}, b"<Error><Code>NoSuchKey</Code></Error>")
DENIED = Reply(403, {"Content-Type": "application/xml"}, b"<Error><Code>AccessDenied</Code></Error>")
NO_POLICY = Reply(404, {"Content-Type": "application/xml"}, b"<Error><Code>NoSuchBucketPolicy</Code></Error>")


def at_bucket(strangers: Reply, operator: Reply, policy: Reply) -> tuple[dict[str, Tried], list[Asked]]:
    """What comes of a bucket that answers strangers and its operator like this, by what was tried; and what it was asked."""

    def reply(asked: Asked) -> Reply:
        if "Authorization" not in asked.headers:
            return strangers
        if "policy" in asked.path:
            return policy
        return operator if "/media/" in asked.path else Reply(200)

    with serving(reply) as served:
        bucket = target.Bucket("acme", endpoint=served.base_url, prefix="site/")
        known = Deployment("acme.example", bucket, Eyes(None, "any", "hunter2-hunter2"))
        return {each.what: each for each in try_bucket(known, "acme.toml")}, served.asked


def test_a_bucket_is_tried_by_a_stranger_and_by_its_operator_and_nothing_is_changed() -> None:
    tried, asked = at_bucket(DENIED, Reply(404), NO_POLICY)
    assert {what: each.works for what, each in tried.items()} == {
        "bucket denies strangers": True,
        "operator's eyes on objects": True,
        "operator's eyes on the policy": True,
    }
    assert tried["bucket denies strangers"].found.endswith("in path style is answered 403 AccessDenied")
    assert {each.method for each in asked} == {"GET", "HEAD"}
    assert asked[0].path.startswith("/acme/site/media/medialane-")


@pytest.mark.parametrize(
    ("strangers", "told"),
    [
        (NOT_THERE, "answered 404 NoSuchKey"),
        (Reply(200, {}, b"hello"), "answered 200"),
        (Reply(403, {}, b"<html>No</html>"), "what answers there is not S3"),
        (Reply(301), "the bucket is somewhere else"),
    ],
)
def test_a_bucket_that_does_not_deny_strangers_is_told(strangers: Reply, told: str) -> None:
    tried, _ = at_bucket(strangers, Reply(404), NO_POLICY)
    assert tried["bucket denies strangers"].works is False
    assert told in tried["bucket denies strangers"].found


def test_an_operator_who_may_not_look_is_told_why() -> None:
    tried, _ = at_bucket(DENIED, Reply(403), DENIED)
    assert "allow it s3:GetObject" in short(list(tried.values()))["operator's eyes on objects"]
    assert "allow it s3:GetBucketPolicyStatus" in short(list(tried.values()))["operator's eyes on the policy"]
    tried, _ = at_bucket(DENIED, Reply(500), NO_POLICY)
    assert "as its operator sees it" in short(list(tried.values()))["operator's eyes on objects"]


def test_no_bucket_and_no_operator_are_nothing_to_try() -> None:
    (tried,) = try_bucket(Deployment("acme.example"), "acme.toml")
    assert (tried.works, tried.found) == (None, "the target file has no [bucket] to try")
    with serving(lambda _: DENIED) as served:
        known = Deployment("acme.example", target.Bucket("acme", endpoint=served.base_url))
        assert [each.works for each in try_bucket(known, "acme.toml")] == [True, None]


def test_the_bucket_and_the_operator_of_a_rehearsal_are_tried() -> None:
    tried = list(check(target.load("rehearsal"), profile.load("deployed-dev")))
    assert short(tried) == {}
    assert {"bucket denies strangers", "operator's eyes on objects", "operator's eyes on the policy"} <= {
        each.what for each in tried if each.works
    }


def test_trying_changes_nothing(tmp_path: Path) -> None:
    with Watchdog() as watchdog, Stack(0, _MOCKED, target.load("reference"), tmp_path, Redactor(), watchdog) as stack:
        client = Client(stack.place.base_url, stack.place.credentials, contract())
        client.call("createArtist", json={"name": "Kept"})
        before = client.call("listArtists").body
        (tmp_path / "target.toml").write_text(
            'schema = 1\nname = "reached"\nclaims = ["core", "records"]\noffers = ["operator", "records", "states"]\n'
            f'[reach]\nbase_url = "{stack.place.base_url}"\nenvironment = "test"\n'
            '[credentials]\nwrite = "TRIED_WRITE"\noperator = "TRIED_OPERATOR"\n',
            encoding="utf-8",
        )
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("TRIED_WRITE", stack.place.credentials["write"])
            patch.setenv("TRIED_OPERATOR", stack.place.credentials["operator"])
            tried = list(check(target.load(str(tmp_path / "target.toml")), _MOCKED))
        assert short(tried) == {}
        assert client.call("listArtists").body == before
        client.close()


def test_what_is_offered_and_is_not_there_is_told(tmp_path: Path) -> None:
    # The reference without its hooks: the settings that turn them on are given to those alone who offer them.
    command = ["env", "-u", "MEDIA_STATE_HOOKS", sys.executable, "-m", "reference_impl", "serve"]
    tried = list(check(launched(tmp_path, command, offers='["operator", "states"]'), _MOCKED))
    wrong = short(tried)
    assert len(wrong) == 5
    assert all(name.startswith("state hook") for name in wrong)
    assert all(found.endswith("404 not_found: there is no such hook") for found in wrong.values())


def test_a_page_that_is_not_there_is_told() -> None:
    judged = dataclasses.replace(target.load("reference"), naming=target.Naming(paths=(("showcase", "/nowhere"),)))
    pages = {each.what: each for each in check(judged, _MOCKED) if each.what.startswith("page ")}
    assert [name for name, each in pages.items() if not each.works] == ["page with showcase"]
    assert pages["page with showcase"].found.startswith(
        "GET /nowhere answered 404 not_found, application/problem+json, should be"
    )


def test_a_runtime_that_is_accepted_and_must_not_be_is_told(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.mutants.serve", "runtime", "mocked-storage-passes-in-dev", "serve"]
    assert short(list(check(launched(tmp_path, command), _MOCKED))) == {
        "rejects a runtime that is not allowed": "it went on running, should be 78"
    }


@pytest.mark.parametrize(
    ("name", "what", "found"),
    [
        ("html", "health", "Content-Type is 'text/html'"),
        ("closes", "answers", "GET /media-policy: the connection was "),  # closed without an answer, or reset
        ("tls", "serves", "did not serve"),
    ],
)
def test_a_target_that_is_none_is_told(tmp_path: Path, name: str, what: str, found: str) -> None:
    tried = list(check(launched(tmp_path, [sys.executable, "-m", "tests.harness.hostile.targets", name]), _MOCKED))
    assert found in short(tried)[what]


def test_what_can_be_judged_follows_from_what_is_offered(tmp_path: Path) -> None:
    lines = list(verifiable(launched(tmp_path, ["x"]), _MOCKED))
    assert lines[0].endswith("can be established on mocked")
    (hooks,) = (line for line in lines if "clauses cannot: needs states (" in line)
    assert re.fullmatch(r"[0-9]+ clauses cannot: needs states \(([A-Z]+-[0-9]+ [a-z0-9-]+, ){6}…\)", hooks)
    assert not any("needs" in line for line in verifiable(target.load("reference"), _MOCKED))


def test_the_lane_is_the_one_that_judges_the_environment(tmp_path: Path) -> None:
    file = tmp_path / "target.toml"
    reach = 'schema = 1\nname = "there"\nclaims = ["core"]\n[reach]\nbase_url = "https://a.example"\nenvironment = "{}"\n'
    file.write_text(reach.format("test"), encoding="utf-8")
    assert lane_for(target.load(str(file)), None).name == "mocked"
    file.write_text(reach.format("dev"), encoding="utf-8")
    assert lane_for(target.load(str(file)), None).name == "deployed-dev"
    file.write_text(reach.format("development"), encoding="utf-8")
    with pytest.raises(Refused, match="'development'"):
        lane_for(target.load(str(file)), None)
    with pytest.raises(Refused, match="did you mean 'mocked'"):
        lane_for(target.load(str(file)), "mockd")


def medialane(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """The command, started in a folder."""
    command = [sys.executable, "-c", "from lanes.cli import main; main()", *words]
    environment = os.environ | {"COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, env=environment, timeout=120)


def test_a_file_is_written_and_tried(tmp_path: Path) -> None:
    command = f"{sys.executable} -m reference_impl serve"
    made = medialane(tmp_path, "target", "init", "--name", "ours", "--command", command, "--offers", "operator,records")
    assert made.returncode == 0, made.stderr
    assert "medialane target check target.toml" in made.stdout
    tried = medialane(tmp_path, "target", "check", "target.toml")
    assert tried.returncode == 0, tried.stdout
    assert "? records (export): 0 rows: nothing to try it by yet" in tried.stdout
    again = medialane(tmp_path, "target", "init", "--name", "ours", "--command", command)
    assert (again.returncode, again.stdout) == (2, "")
    assert "--force" in again.stderr


def test_a_target_that_is_reached_names_its_credentials_before_it_is_tried(tmp_path: Path) -> None:
    reach = 'schema = 1\nname = "there"\nclaims = ["core"]\n[reach]\nbase_url = "http://127.0.0.1:9"\nenvironment = "test"\n'
    (tmp_path / "target.toml").write_text(reach, encoding="utf-8")
    refused = medialane(tmp_path, "target", "check", "target.toml")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "credentials.write is missing" in refused.stderr


@pytest.mark.parametrize(
    ("reset", "found"),
    [
        ("print('emptied')", None),
        ("raise SystemExit('no such table')", "exit code 1, should be 0; its last lines:\nno such table"),
        ("import time; time.sleep(60)", "it goes on after 1 s"),
    ],
)
def test_the_reset_command_is_tried(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reset: str, found: str | None) -> None:
    monkeypatch.setattr("lanes.target_check._PATIENCE", 1.0)
    judged = launched(tmp_path, [sys.executable, "-m", "reference_impl", "serve"])
    assert isinstance(judged.how, target.Launch)
    judged = dataclasses.replace(judged, how=dataclasses.replace(judged.how, reset=(sys.executable, "-c", reset)))
    fell_short = short(list(check(judged, _MOCKED))).get("reset command")
    assert fell_short == found if found is None else found in str(fell_short)


def test_what_falls_short_is_told_by_the_exit_code(tmp_path: Path) -> None:
    launched(tmp_path, ["no-such-program"])
    tried = medialane(tmp_path, "target", "check", "target.toml")
    assert tried.returncode == 1
    assert "✗ serves: the target cannot be launched: no-such-program" in tried.stdout
    assert "Once what fell short works:\n" in tried.stdout


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["init"], "--name is missing"),
        (["init", "--name", "ours"], "--command is missing"),
        (["init", "--name", "ours", "--command", "a", "--base-url", "http://b"], "either launched or reached"),
        (["init", "--name", "ours", "--command", "a", "--claims", "cor"], "did you mean 'core'"),
        (["init", "--name", "ours", "--command", "a 'b"], "is no command line"),
        (["init", "--name", "ours", "--command", "a", "--output", "no/where.toml"], "No such file or directory; name another"),
        (["init", "--name", "ours", "--command", "a", "--output", ".", "--force"], "Is a directory; name another"),
        (["check", "nowhere.toml"], "there is no such file"),
        (["inti"], "did you mean 'init'"),
    ],
)
def test_what_makes_no_target_is_refused_in_one_message(tmp_path: Path, words: list[str], told: str) -> None:
    refused = medialane(tmp_path, "target", *words)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert told in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert list(tmp_path.iterdir()) == []
