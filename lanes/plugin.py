"""The pytest plugin: the options of a lane run. Where no lane is asked for, it does nothing else.

`pytest --lane LANE` and `medialane run LANE` are the same run: lanes.session.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from lanes.places import SUITE, in_suite

# What the plugin needs beyond pytest is imported once a lane is asked for: it is loaded in every pytest run of an
# environment that has medialane installed.


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of a lane run."""
    group = parser.getgroup("medialane")
    group.addoption("--lane", metavar="LANE", help="judge a target in this lane (`medialane lanes` lists them)")
    group.addoption("--target", metavar="FILE", help="target file, or the name of a built-in target")
    group.addoption("--output", metavar="DIR", help="where the run is written to; default: .medialane/<run id>")
    group.addoption("--only", metavar="NAME", action="append", default=[], help="judge this area or rule only")
    group.addoption("--exclude", metavar="NAME", action="append", default=[], help="leave this area or rule out")
    group.addoption("--require", metavar="PROFILE", action="append", default=[], help="accept no partial word for it")
    group.addoption("--baseline", metavar="FILE", help="known failures, with reasons and dates")
    group.addoption("--deadline", metavar="SECONDS", type=float, help="send no request after so many seconds")
    group.addoption("--fuzz-seed", metavar="N", type=int, help="make up other requests than usual, by this number")
    group.addoption("--fuzz-examples", metavar="N", type=int, help="make up so many requests of a kind")
    group.addoption("--profile", choices=("normal", "long"), default="normal", help="how much hostile input is tried")
    group.addoption("--workers", metavar="N", type=int, help="judge by so many workers, each with a target of its own")
    group.addoption(
        "--emulators",
        choices=("auto", "container", "process"),
        default="auto",
        help="how emulators are run that were not given",
    )
    group.addoption("--read-only", action="store_true", help="write nothing to a deployed target; judge what can be judged")
    group.addoption("--accept-partial", action="store_true", help="exit 0, not 10, when the verdict is partial")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the lane's run, when there is one."""
    config.addinivalue_line("markers", "closing: a scenario that comes after all others, once in every slot")
    config.addinivalue_line("markers", "rule(id): the rule of the contract that a test judges")
    if lane := config.getoption("lane"):
        from lanes.session import LaneRun
        from lanes.steps import MODULES

        for module in MODULES:
            config.pluginmanager.import_plugin(f"lanes.steps.{module}")
        config.args = _with_suite(config)
        config.pluginmanager.register(LaneRun(config, lane), "medialane-run")


@pytest.hookimpl(tryfirst=True)
def pytest_bdd_apply_tag(tag: str, function: pytest.Function) -> bool | None:
    """Tags that are rule IDs become the marker `rule`."""
    from lanes.collection import RULE_ID

    if not RULE_ID.fullmatch(tag):
        return None
    pytest.mark.rule(tag)(function)
    return True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The suite judges nothing outside a lane."""
    if not config.getoption("lane") and any(in_suite(item.path) for item in items):
        pytest.exit("the suite judges a target in a lane: name one with --lane", returncode=2)


def _with_suite(config: pytest.Config) -> list[str]:
    """The paths to collect: the suite besides what the project's own settings name, unless the command line names others."""
    if config.args_source is config.ArgsSource.ARGS:
        return config.args
    if config.args_source is not config.ArgsSource.TESTPATHS:
        return [str(SUITE)]
    there = any(Path(path).resolve() in {SUITE, *SUITE.parents} for path in config.args)
    return config.args if there else [*config.args, str(SUITE)]
