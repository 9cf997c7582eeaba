from __future__ import annotations

from pathlib import Path

import pytest

from lanes import target
from lanes.errors import Refused
from lanes.files import read_contract
from lanes.target import Bucket, Launch, Operator, Parameters, Reach, Records
from tests.harness import samples

LAUNCHED = """
schema = 1
name = "acme"
claims = ["core", "records"]
offers = ["operator", "records"]

[launch]
command = ["{python}", "server.py"]
"""
REACHED = """
schema = 1
name = "acme"
build = "7"
claims = ["core"]
delivery = false

[reach]
base_url = "https://acme.example"
environment = "dev"

[credentials]
write = "ACME_WRITE"
operator = "ACME_OPERATOR"
"""


def written(folder: Path, text: str) -> str:
    path = folder / "acme.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_launched_target_has_launch_and_delivery_besides_what_it_offers(tmp_path: Path) -> None:
    judged = target.load(written(tmp_path, LAUNCHED))
    assert (judged.name, judged.build, judged.claims) == ("acme", None, ("core", "records"))
    assert judged.capabilities == {"operator", "records", "launch", "delivery"}
    assert judged.how == Launch(("{python}", "server.py"), None, "/healthz", 30, None, ())
    assert judged.credentials({}) == {}


def test_a_reached_target_has_no_launch_and_may_have_no_delivery(tmp_path: Path) -> None:
    judged = target.load(written(tmp_path, REACHED))
    assert judged.capabilities == frozenset()
    assert judged.how == Reach("https://acme.example", "dev")
    assert judged.build == "7"


def test_everything_of_the_launch_section_arrives(tmp_path: Path) -> None:
    text = f'{LAUNCHED}folder = "deep/er"\nready = "/up"\ntimeout = 2.5\nport = 8081\n[launch.settings]\nB = "2"\nA = "1"\n'
    judged = target.load(written(tmp_path, text))
    assert judged.how == Launch(
        ("{python}", "server.py"), (tmp_path / "deep/er").resolve(), "/up", 2.5, 8081, (("A", "1"), ("B", "2"))
    )


def test_the_folder_is_relative_to_the_file_and_not_to_where_the_run_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here").mkdir()
    written(tmp_path, f'{LAUNCHED}folder = "."\n')
    monkeypatch.chdir(tmp_path / "here")
    how = target.load("../acme.toml").how
    assert isinstance(how, Launch)
    assert how.folder == tmp_path.resolve()


@pytest.mark.parametrize("setting", [each["name"] for each in read_contract("runtime.yaml")["settings"]])
def test_a_setting_that_the_lane_chooses_cannot_be_taken(tmp_path: Path, setting: str) -> None:
    with pytest.raises(Refused, match=rf"acme\.toml: launch\.settings: '{setting}' is set by the lane"):
        target.load(written(tmp_path, f'{LAUNCHED}[launch.settings]\n{setting} = "x"\nACME_MODE = "y"\n'))


def test_credentials_are_read_from_the_variables_that_the_file_names(tmp_path: Path) -> None:
    judged = target.load(written(tmp_path, REACHED))
    assert judged.credentials({"ACME_WRITE": "w", "ACME_OPERATOR": "o", "OTHER": "x"}) == {"write": "w", "operator": "o"}


@pytest.mark.parametrize("environment", [{"ACME_WRITE": "w"}, {"ACME_WRITE": "w", "ACME_OPERATOR": ""}])
def test_a_credential_variable_that_is_not_set_is_refused_by_name(tmp_path: Path, environment: dict[str, str]) -> None:
    judged = target.load(written(tmp_path, REACHED))
    with pytest.raises(Refused, match=r"acme\.toml: credentials\.operator: .*ACME_OPERATOR is not set"):
        judged.credentials(environment)


def test_a_built_in_target_is_loaded_by_its_name() -> None:
    assert target.built_in() == ["reference", "rehearsal"]
    judged = target.load("reference")
    assert (judged.name, judged.source) == ("reference", "reference")
    assert "launch" in judged.capabilities


def test_the_folder_of_the_run_has_no_say_in_what_a_built_in_target_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "reference").mkdir()
    monkeypatch.chdir(tmp_path)
    assert target.load("reference").name == "reference"


def test_a_name_that_is_neither_file_nor_built_in_is_refused_with_the_nearest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Refused, match=r"'refrence'.* did you mean 'reference'\? allowed: reference, rehearsal, or a path"):
        target.load("refrence")


def test_a_target_can_be_compared_and_hashed() -> None:
    assert samples.target() == samples.target()
    assert len({samples.target(), samples.target(), samples.target(name="other")}) == 2


def test_everything_of_the_reach_section_arrives(tmp_path: Path) -> None:
    more = """
allowed_hosts = ["cdn.example", "b.example:8443"]
connect_timeout = 1
exchange_timeout = 2.5
headers = { X-Preview = "1" }
"""
    judged = target.load(written(tmp_path, REACHED.replace('environment = "dev"\n', f'environment = "dev"{more}')))
    assert judged.how == Reach(
        "https://acme.example",
        "dev",
        allowed_hosts=("cdn.example", "b.example:8443"),
        headers=(("X-Preview", "1"),),
        connect_timeout=1,
        exchange_timeout=2.5,
    )
    assert (judged.limits.connect, judged.limits.exchange) == (1, 2.5)


def test_records_come_from_the_export_unless_the_file_says_otherwise(tmp_path: Path) -> None:
    assert target.load(written(tmp_path, LAUNCHED)).records == Records("export")
    sql = '[records]\nsource = "sql"\nurl = "DATABASE_URL"\nquery = "SELECT 1"\n'
    assert target.load(written(tmp_path, LAUNCHED + sql)).records == Records("sql", "DATABASE_URL", "SELECT 1")
    ndjson = '[records]\nsource = "ndjson"\nfile = "rows.ndjson"\n'
    assert target.load(written(tmp_path, LAUNCHED + ndjson)).records.file == (tmp_path / "rows.ndjson").resolve()


@pytest.mark.parametrize(
    ("section", "told"),
    [
        ('source = "sql"\nurl = "DATABASE_URL"', "records: 'query' is missing; the source sql needs it"),
        ('source = "sql"\nquery = "SELECT 1"', "records: 'url' is missing"),
        ('source = "ndjson"', "records: 'file' is missing"),
        ('source = "csv"', "records.source: 'csv' is not allowed"),
        ('source = "sql"\nurl = "sqlite:///x"\nquery = "SELECT 1"', "records.url: 'sqlite:///x' does not match"),
    ],
)
def test_records_that_cannot_be_read_are_refused(tmp_path: Path, section: str, told: str) -> None:
    with pytest.raises(Refused) as refusal:
        target.load(written(tmp_path, f"{LAUNCHED}[records]\n{section}\n"))
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('base_url = "https://user:password@acme.example"', "reach.base_url"),
        ('base_url = "https://acme.example/path"', "reach.base_url"),
        ('base_url = "acme.example"', "reach.base_url"),
        ('base_url = "https://acme.example:99999"', "Port out of range"),
        ('base_url = "https://[::1"', "Invalid IPv6 URL"),
        ('base_url = "https://acme.example,"', "'acme.example,' is no host"),
        ('base_url = "https://acme.example"\nheaders = { X-A = "€" }', "reach.headers.X-A"),
        ('base_url = "https://acme.example"\nallowed_hosts = ["https://cdn.example"]', "reach.allowed_hosts[0]"),
        ('base_url = "https://acme.example"\nheaders = { X-A = "a\\r\\nX-B: b" }', "reach.headers.X-A"),
        ('base_url = "https://acme.example"\nexchange_timeout = 0', "reach.exchange_timeout"),
    ],
)
def test_a_place_that_cannot_be_reached_as_it_is_written_is_refused(tmp_path: Path, line: str, told: str) -> None:
    with pytest.raises(Refused) as refusal:
        target.load(written(tmp_path, REACHED.replace('base_url = "https://acme.example"', line)))
    assert told in str(refusal.value)


@pytest.mark.parametrize(
    "line", ['command = ["a\\u0000"]', 'command = ["a"]\nfolder = "\\u0000"', 'command = ["a"]\nready = "/\\n"']
)
def test_what_no_process_can_be_given_is_refused(tmp_path: Path, line: str) -> None:
    text = f'schema = 1\nname = "acme"\nclaims = ["core"]\n[launch]\n{line}\n'
    with pytest.raises(Refused, match="does not match"):
        target.load(written(tmp_path, text))


def test_a_file_that_is_nested_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Refused, match="nested too deeply"):
        target.load(written(tmp_path, f"name = {'[' * 5000}{']' * 5000}"))


@pytest.mark.parametrize(("deadline", "timeout"), [(None, 30), (60.0, 30), (2.0, 2.0)])
def test_a_target_may_take_no_longer_to_serve_than_a_run_may_take(
    tmp_path: Path, deadline: float | None, timeout: float
) -> None:
    judged = target.within(target.load(written(tmp_path, LAUNCHED.replace("timeout = 12", "timeout = 30"))), deadline)
    assert isinstance(judged.how, target.Launch)
    assert judged.how.timeout == timeout


@pytest.mark.parametrize(
    "url",
    [
        *(
            "https://acme.example",
            "http://127.0.0.1:8080",
            "http://[::1]:8080",
            "http://a_b.example:1",
            "https://bücher.example",
        ),
        *("https://हिन्दी.example", "https://xn--bcher-kva.example.", "http://localhost"),
    ],
)
def test_somebody_can_be_asked_there(url: str) -> None:
    assert target.malformed(url) is None


PARAMETERS = '[parameters]\npath = "/acme/dev"\nregion = "eu-west-1"\n'
BUCKET = '[bucket]\nname = "acme-media-dev"\n'


def test_a_bucket_is_a_capability_and_so_are_eyes_on_it(tmp_path: Path) -> None:
    judged = target.load(written(tmp_path, REACHED + BUCKET))
    assert judged.bucket == Bucket("acme-media-dev")
    assert judged.capabilities == {"bucket"}
    eyes = '[bucket.operator]\naccess_key = "ACME_KEY"\nsecret_key = "ACME_SECRET"\n'
    judged = target.load(written(tmp_path, REACHED + BUCKET + eyes))
    assert judged.bucket == Bucket("acme-media-dev", operator=Operator(None, "ACME_KEY", "ACME_SECRET"))
    assert judged.capabilities == {"bucket", "storage"}


def test_with_parameters_neither_base_url_nor_bucket_has_to_be_written(tmp_path: Path) -> None:
    text = REACHED.replace('base_url = "https://acme.example"\n', "")
    judged = target.load(written(tmp_path, f'{text}{PARAMETERS}[bucket.operator]\nprofile = "reader"\n'))
    assert judged.parameters == Parameters("/acme/dev", "eu-west-1")
    assert judged.how == Reach("", "dev")
    assert judged.bucket == Bucket(operator=Operator("reader"))
    assert judged.capabilities == {"bucket", "storage"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            REACHED.replace('base_url = "https://acme.example"\n', ""),
            "reach: 'base_url' is missing; it stands here, or [parameters]",
        ),
        (REACHED + '[bucket]\nregion = "eu-west-1"\n', "bucket: 'name' is missing; it stands here, or [parameters]"),
        (LAUNCHED + PARAMETERS, "parameters: they say where a target is reached; [launch] starts one, so leave them out"),
        (REACHED + '[parameters]\npath = "acme"\nregion = "eu-west-1"\n', "parameters.path: 'acme' does not match"),
        (REACHED + BUCKET.replace("acme-media-dev", "Acme_Media"), "bucket.name: 'Acme_Media' does not match"),
        (REACHED + BUCKET + 'prefix = "/site"\n', "bucket.prefix: '/site' does not match"),
        (REACHED + BUCKET + '[bucket.operator]\naccess_key = "A"\n', "bucket.operator"),
    ],
)
def test_places_that_nothing_says_or_that_are_none_are_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Refused) as refusal:
        target.load(written(tmp_path, text))
    assert told in str(refusal.value)
