from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lanes.collection import Scenario, scenarios_under
from lanes.places import SUITE

pytest_plugins = ["pytester"]

# Holds what was collected against the features beside it, and writes down what is wrong.
CONFTEST = """
from pathlib import Path
import pytest
from lanes.collection import problems, rules_of, template_of
from lanes.rules import catalogue

HERE = Path(__file__).parent

@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items):
    HERE.joinpath("found.txt").write_text("\\n".join(problems(items, HERE / "features", catalogue())))
    HERE.joinpath("cited.txt").write_text("\\n".join(f"{rules_of(item)} {template_of(item) is not None}" for item in items))
"""
BINDS = "from pytest_bdd import scenarios\nscenarios('features')\n"
STEPS = """
from pytest_bdd import given, parsers, then

@given("an artist")
def _(): ...

@given(parsers.parse("an artist with {count:d} pictures"))
def _(count): ...

@then("all is well")
def _(): ...
"""
EXAMPLES = "      Examples:\n        | a |\n        | 1 |\n        | 2 |\n      Examples:\n        | a |\n        | 3 |\n"
GOOD = """
Feature: Pictures
  @ING-8
  Scenario: A picture
    Given an artist
    Then all is well
"""


def found(pytester: pytest.Pytester, feature: str, *, steps: str = "", tests: str = BINDS, name: str = "pictures") -> list[str]:
    """What is wrong with a feature file, beside the steps above and a binding of every scenario."""
    folder = pytester.mkdir("features")
    (folder / f"{name}.feature").write_text(feature, encoding="utf-8")
    pytester.makeconftest(CONFTEST + STEPS + steps)
    pytester.makepyfile(test_features=tests)
    # Tags that are no rule become marks that nobody has registered; that is not what is looked at here.
    quiet = ("-W", "ignore::pytest.PytestUnknownMarkWarning")
    result = pytester.runpytest_inprocess("--collect-only", "-q", "-p", "no:cacheprovider", *quiet)
    assert result.ret in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}
    text = (pytester.path / "found.txt").read_text(encoding="utf-8")
    return [line.removeprefix(str(folder / f"{name}.feature")) for line in text.splitlines()]


def test_a_feature_as_it_should_be_has_no_problem(pytester: pytest.Pytester) -> None:
    assert found(pytester, GOOD) == []
    assert (pytester.path / "cited.txt").read_text(encoding="utf-8") == "('ING-8',) True"


def test_outlines_backgrounds_rules_and_tags_of_the_feature_are_no_problem(pytester: pytest.Pytester) -> None:
    feature = """
    @ING-8
    Feature: Pictures
      Background:
        Given an artist

      Scenario Outline: Some
        Given an artist with <count> pictures
        Then all is well

        Examples:
          | count |
          | 1     |
          | 2     |

      Rule: A rule
        @ING-7
        Scenario: Another
          Then all is well
    """
    assert found(pytester, feature) == []
    cited = (pytester.path / "cited.txt").read_text(encoding="utf-8").splitlines()
    assert sorted(cited) == ["('ING-7', 'ING-8') True", "('ING-8',) True", "('ING-8',) True"]


@pytest.mark.parametrize(
    ("feature", "told"),
    [
        pytest.param(
            GOOD + GOOD.partition("Pictures\n")[2],
            [": 2 scenarios are named 'A picture'; all but one would be dropped"],
            id="two of one name",
        ),
        pytest.param(GOOD.replace("@ING-8", ""), [": 'A picture' cites no rule"], id="untagged"),
        pytest.param(GOOD.replace("@ING-8", "@slow"), [": 'A picture' cites no rule"], id="tagged with something else"),
        pytest.param(
            GOOD.replace("@ING-8", "@ING-88"),
            [": 'A picture' cites ING-88, which is not in the catalogue; did you mean 'ING-8'? allowed: "],
            id="unknown rule",
        ),
        pytest.param(
            GOOD.replace("@ING-8", "@ING-8 @XYZ-1"),
            [": 'A picture' cites XYZ-1, which is not in the catalogue; "],
            id="unknown area",
        ),
        pytest.param(
            GOOD.replace("an artist", "an actor"),
            [": 'A picture': no step is defined for Given 'an actor'"],
            id="undefined step",
        ),
        pytest.param(
            GOOD.replace("Then all is well", "When all is well"),
            [": 'A picture': no step is defined for When 'all is well'"],
            id="step of another kind",
        ),
        pytest.param(
            GOOD.replace("an artist\n", "an artist with <count> pictures\n"),
            [
                ": 'A picture': <count> is no column of the examples; allowed: none",
                ": 'A picture': no step is defined for Given 'an artist with <count> pictures'",
            ],
            id="placeholder without examples",
        ),
    ],
)
def test_what_would_be_dropped_or_fail_only_later_is_told(pytester: pytest.Pytester, feature: str, told: list[str]) -> None:
    lines = found(pytester, feature)
    assert len(lines) == len(told)
    for line, beginning in zip(lines, told, strict=True):
        assert line.startswith(beginning)


def test_a_placeholder_that_is_no_column_is_told_with_the_columns(pytester: pytest.Pytester) -> None:
    feature = """
    Feature: Pictures
      @ING-8
      Scenario Outline: Some
        Given an artist with <cuont> pictures

        Examples:
          | count | size |
          | 1     | 2    |
          | 2     | 3    |
    """
    assert found(pytester, feature) == [
        ": 'Some': <cuont> is no column of the examples; did you mean 'count'? allowed: count, size",
        ": 'Some': no step is defined for Given 'an artist with <cuont> pictures'",
    ]


def test_an_undefined_step_of_the_background_is_told(pytester: pytest.Pytester) -> None:
    feature = GOOD.replace("  @ING-8", "  Background:\n    Given an actor\n\n  @ING-8")
    assert found(pytester, feature) == [": 'A picture': no step is defined for Given 'an actor'"]


def test_a_step_that_two_definitions_match_is_told(pytester: pytest.Pytester) -> None:
    steps = '@given(parsers.parse("an {whoever}"))\ndef _(whoever): ...\n'
    assert found(pytester, GOOD, steps=steps) == [": 'A picture': 2 step definitions match Given 'an artist'"]


@pytest.mark.parametrize("body", ["pass", "yield"])
def test_an_async_step_is_told(pytester: pytest.Pytester, body: str) -> None:
    steps = f'@given("a concert")\nasync def _():\n    {body}\n'
    feature = GOOD.replace("an artist", "a concert")
    assert found(pytester, feature, steps=steps) == [": 'A picture': Given 'a concert' is an async step, which would never run"]


def test_a_scenario_that_no_test_binds_is_told(pytester: pytest.Pytester) -> None:
    feature = GOOD + GOOD.partition("Pictures\n")[2].replace("A picture", "Another")
    tests = "from pytest_bdd import scenario\n@scenario('features/pictures.feature', 'A picture')\ndef test_it(): ...\n"
    assert found(pytester, feature, tests=tests) == [": 'Another' is bound to no test"]


def test_nothing_bound_is_told_of_every_scenario(pytester: pytest.Pytester) -> None:
    assert found(pytester, GOOD, tests="") == [": 'A picture' is bound to no test"]


def test_a_scenario_without_a_step_is_told(pytester: pytest.Pytester) -> None:
    # It would pass, and nothing would have been checked.
    feature = "Feature: Pictures\n  @ING-8\n  Scenario: A picture\n"
    assert len(found(pytester, feature)) == 1


def test_tests_that_are_no_scenarios_are_none_of_its_business(pytester: pytest.Pytester) -> None:
    assert found(pytester, GOOD, tests=BINDS + "\ndef test_plain(): ...\n") == []
    assert (pytester.path / "cited.txt").read_text(encoding="utf-8").splitlines() == ["('ING-8',) True", "() False"]


def test_the_marker_cites_a_rule_as_a_tag_does(pytester: pytest.Pytester) -> None:
    tests = BINDS + "\nimport pytest\n@pytest.mark.rule('CON-2')\n@pytest.mark.rule('CON-5')\ndef test_plain(): ...\n"
    assert found(pytester, GOOD, tests=tests) == []
    assert "('CON-2', 'CON-5') False" in (pytester.path / "cited.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("text", "scenarios"),  # name, tests, tags
    [
        ("", []),
        ("Feature: Empty\n", []),
        (
            "@A-1\nFeature: F\n  @B-2 @slow\n  Scenario: One\n  Scenario: One\n",
            [("One", 1, {"A-1", "B-2", "slow"}), ("One", 1, {"A-1"})],
        ),
        (
            "Feature: F\n  @R-1\n  Rule: R\n    @S-1\n    Scenario Outline: O\n" + EXAMPLES,
            [("O", 3, {"R-1", "S-1"})],
        ),
        ("Feature: F\n  Background:\n    Given x\n", []),
    ],
)
def test_scenarios_are_listed_with_their_tests_and_every_tag_that_applies(
    tmp_path: Path, text: str, scenarios: list[tuple[str, int, set[str]]]
) -> None:
    path = tmp_path / "some.feature"
    path.write_text(text, encoding="utf-8")
    expected = [Scenario(path, name, tests, frozenset(tags)) for name, tests, tags in scenarios]
    assert list(scenarios_under(tmp_path)) == expected


def test_the_features_that_come_with_medialane_can_be_judged_as_they_are_written(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pytest", "--lane", "mocked", "--collect-only", "-q", "-c", str(SUITE / "lane.ini")]
    result = subprocess.run(
        [*command, "--rootdir", str(SUITE), str(SUITE)], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (0, "")
    assert "test_features.py::" in result.stdout
    assert list(tmp_path.iterdir()) == []


def test_scenarios_of_a_folder_are_listed_with_their_files(tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "some.feature").write_text(f"@R-1\nFeature: F\n  Scenario: In {name}\n", encoding="utf-8")
    found = [(scenario.file, scenario.name) for scenario in scenarios_under(tmp_path)]
    assert found == [(tmp_path / name / "some.feature", f"In {name}") for name in ("a", "b")]
