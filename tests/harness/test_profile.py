from __future__ import annotations

from pathlib import Path

import pytest

from lanes import profile, target
from lanes.errors import Refused
from lanes.rules import catalogue
from tests.harness import samples

GOOD = """
schema = 1
name = "s3-emulator"
letter = "S"
summary = "Storage on an emulator."
provider = "s3"
execution_target = "emulator"
environment = "test"
stack = ["server"]
gives = ["storage", "gateway"]
default_target = "reference"
"""


def written(folder: Path, text: str, name: str = "s3-emulator") -> Path:
    (folder / f"{name}.toml").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", profile.names())
def test_a_lane_of_this_version_is_one_of_the_contract_and_judges_a_built_in_target(name: str) -> None:
    lane = profile.load(name)
    assert lane.name == name
    assert catalogue().lane_names[lane.letter] == name
    assert lane.default_target in {*target.built_in(), None if lane.deployed else ""}


def test_the_mocked_lane_is_mocked_in_the_test_environment() -> None:
    lane = profile.load("mocked")
    assert (lane.letter, lane.provider, lane.execution_target, lane.environment) == ("M", "mocked", "mocked", "test")
    assert (lane.stack, lane.gives) == (("server",), ())


def test_everything_of_a_profile_arrives(tmp_path: Path) -> None:
    lane = profile.load("s3-emulator", written(tmp_path, GOOD))
    assert lane == profile.LaneProfile(
        name="s3-emulator",
        letter="S",
        summary="Storage on an emulator.",
        provider="s3",
        execution_target="emulator",
        environment="test",
        stack=("server",),
        gives=("storage", "gateway"),
        default_target="reference",
    )


def test_an_unknown_lane_is_refused_with_the_nearest_and_all_others() -> None:
    with pytest.raises(Refused) as refusal:
        profile.load("moked")
    assert "'moked'" in str(refusal.value)
    assert "did you mean 'mocked'?" in str(refusal.value)
    assert all(name in str(refusal.value) for name in profile.names())


@pytest.mark.parametrize(
    ("right", "wrong", "told"),
    [
        ('letter = "S"', 'letter = "s"', "letter: 's' is not allowed"),
        ('provider = "s3"', 'provider = "gcs"', "provider: 'gcs' is not allowed"),
        ('stack = ["server"]', 'stack = ["servr"]', r"stack\[0\]: 'servr' is not allowed; did you mean 'server'\?"),
        ('gives = ["storage", "gateway"]', "", "'gives' is missing"),
        ("schema = 1", "schema = 1\nlanes = 2", "unknown key 'lanes'"),
    ],
)
def test_a_malformed_profile_is_refused(tmp_path: Path, right: str, wrong: str, told: str) -> None:
    assert right in GOOD
    with pytest.raises(Refused, match=rf"s3-emulator\.toml: .*{told}"):
        profile.load("s3-emulator", written(tmp_path, GOOD.replace(right, wrong)))


@pytest.mark.parametrize(
    ("deployed", "environment", "guarded"),
    [(True, "dev", True), (True, "test", False), (True, "development", False), (False, "dev", False), (False, "test", False)],
)
def test_what_others_use_in_dev_is_guarded_and_nothing_else(deployed: bool, environment: str, guarded: bool) -> None:
    assert samples.lane(deployed=deployed, environment=environment).guarded is guarded


@pytest.mark.parametrize("name", profile.names())
def test_a_lane_by_itself_is_guarded_only_where_it_judges_deployments(name: str) -> None:
    lane = profile.load(name)
    assert lane.guarded is lane.deployed is (name == "deployed-dev")


def test_the_browser_lane_judges_the_reference_as_a_process_of_its_own() -> None:
    lane = profile.load("browser")
    assert (lane.letter, lane.provider, lane.execution_target, lane.environment) == ("B", "mocked", "mocked", "test")
    assert (lane.stack, lane.gives, lane.default_target) == (("server", "browser"), (), "reference")
    assert lane.budget


def test_a_budget_is_never_faster_than_what_it_is_spent_on() -> None:
    budget = profile.Budget(10, 20, 300)
    assert budget.at_most(None) == budget.at_most(1000) == budget
    assert budget.at_most(60) == profile.Budget(10, 20, 60)
