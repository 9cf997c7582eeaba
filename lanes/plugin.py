"""The pytest plugin: runs the suite in a lane, turns checks into outcomes, and the verdict into the exit code.

`pytest --lane LANE` and `medialane run LANE` are the same run. Where no lane is asked for, the plugin does nothing.
"""

from __future__ import annotations

import signal
from collections.abc import Generator
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import pytest

from lanes.stash import RUN, SCRIBE

if TYPE_CHECKING:
    from lanes.run import Run

# What the plugin needs beyond pytest is imported once a lane is asked for: it is loaded in every pytest run of an
# environment that has medialane installed.

_SUITE = Path(__file__).resolve().parent / "suite"


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
    group.addoption("--accept-partial", action="store_true", help="exit 0, not 10, when the verdict is partial")


def pytest_configure(config: pytest.Config) -> None:
    """Registers the lane's run, when there is one."""
    config.addinivalue_line("markers", "rule(id): the rule of the contract that a test judges")
    if lane := config.getoption("lane"):
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
    if not config.getoption("lane") and any(_in_lane(item) for item in items):
        pytest.exit("the suite judges a target in a lane: name one with --lane", returncode=2)


class LaneRun:
    """The hooks of one lane run."""

    def __init__(self, config: pytest.Config, lane: str) -> None:
        self._config = config
        self._lane = lane
        self._others_failed = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Plan first: files and guards may refuse before anything starts."""
        from lanes.errors import Refused

        signal.signal(signal.SIGTERM, _as_interrupt)
        try:
            if RUN not in self._config.stash:  # the command has prepared it
                self._config.stash[RUN] = self._prepared()
        except Refused as refused:
            pytest.exit(str(refused), returncode=2)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuses scenarios that would be dropped, pass unnoticed or fail only at run time."""
        from lanes.collection import problems, rules_of, scenarios_under
        from lanes.places import FEATURES
        from lanes.rules import catalogue

        ours = [item for item in items if _in_lane(item)]
        if not ours:
            return
        if found := problems(ours, FEATURES, catalogue()):
            pytest.exit("the suite cannot be judged as it is written:\n" + "\n".join(found), returncode=2)
        for scenario in scenarios_under(FEATURES):
            self._run.cited(scenario.tags, scenario.key, scenario.tests)
        unwanted = [item for item in ours if not self._run.wants(rules_of(item))]
        if unwanted:
            items[:] = [item for item in items if item not in unwanted]
            self._config.hook.pytest_deselected(items=unwanted)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """What is left after every selection is what this run will have tried."""
        from lanes.collection import template_of
        from lanes.errors import Refused

        ours = [item for item in session.items if _in_lane(item)]
        for item in ours:
            if template := template_of(item):
                self._run.selected((template.feature.filename, template.name))
        if session.items and not ours and self._asked:
            self._run.error("no scenario of the suite is among the tests that were chosen, so nothing of the target was judged")
        if ours and not self._config.option.collectonly:
            try:
                self._run.open_output()
            except Refused as refused:
                pytest.exit(str(refused), returncode=2)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """A scenario whose checks did not all hold has failed, however far it came."""
        from lanes.checks import Blocked

        if not _in_lane(item):
            yield
            return
        blocked = None
        try:
            yield
        except Blocked as stopped:
            blocked = str(stopped)
        scribe = item.stash[SCRIBE]
        from lanes.collection import rules_of

        if blocked:
            self._run.scenario_stopped(rules_of(item), f"{scribe.scenario!r} could not go on: {blocked}")
        if scribe.failed:
            lines = [f"{check.rule} {check.clause}: {check.detail}" for check in scribe.failed]
            pytest.fail("\n".join(lines), pytrace=False)
        if blocked:
            pytest.fail(blocked, pytrace=False)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """What is neither a check nor a stop is an error of ours, and never blamed on the target."""
        from lanes.collection import template_of

        report = yield
        if call.when == "call" and _in_lane(item):
            self._run.timing.scenarios += call.duration
            template = template_of(item)
            if template and (call.excinfo is None or call.excinfo.errisinstance(pytest.fail.Exception)):
                self._run.ended((template.feature.filename, template.name))
        if not _in_lane(item):
            self._others_failed |= report.failed
        elif call.excinfo and not call.excinfo.errisinstance((pytest.fail.Exception, KeyboardInterrupt)):
            self._blame_ourselves(item, call.excinfo, report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """A file of the suite that cannot be collected is an error of ours."""
        report = yield
        if report.failed and _in_lane(collector):
            self._run.error(f"{collector.path} cannot be collected: {_reason(str(report.longrepr))}")
        return report

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """Only a signal interrupts a run; pytest uses the same exception for other ends."""
        if excinfo.type is KeyboardInterrupt and RUN in self._config.stash:
            self._run.interrupted = True

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """pytest itself, or a plugin, broke."""
        if RUN in self._config.stash:
            self._run.errors.append(f"internal error: {excinfo.exconly()}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Everything that was started is gone; the verdict is written, and the exit code says it."""
        if RUN not in self._config.stash or self._config.option.collectonly:
            return
        from lanes.report import write

        run = self._run
        run.stop()
        if session.exitstatus == 2 and not (run.interrupted or run.over or run.errors):
            return  # refused: pytest.exit has said why
        if session.exitstatus == 5:
            session.exitstatus = 3  # nothing was selected, so nothing was checked
        if not (run.interrupted or run.errors or any(_in_lane(item) for item in session.items)):
            return  # tests of something else only
        verdict = run.verdict()
        code = write(run, verdict)
        if self._others_failed and code in {0, 10}:
            code = 1
        session.exitstatus = code

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line with the verdict, after pytest's own."""
        if RUN in self._config.stash and self._run.written:
            from lanes.report.terminal import summary_line

            terminalreporter.section("medialane")
            terminalreporter.write_line(summary_line(self._run, self._run.verdict()))

    def _prepared(self) -> Run:
        from lanes.fuzzing import EXAMPLES, Effort
        from lanes.run import Wish, prepare

        option = self._config.option
        return prepare(
            Wish(
                lane=self._lane,
                target=option.target,
                output=Path(option.output).absolute() if option.output else None,
                accept_partial=option.accept_partial,
                only=tuple(option.only),
                exclude=tuple(option.exclude),
                require=tuple(option.require),
                baseline=Path(option.baseline) if option.baseline else None,
                deadline=option.deadline,
                effort=Effort(option.fuzz_seed, option.fuzz_examples or EXAMPLES, option.profile == "long"),
            )
        )

    @property
    def _asked(self) -> bool:
        # On the command line or in addopts; a conftest that sets the option only makes it the default.
        return self._config.known_args_namespace.lane is not None

    @property
    def _run(self) -> Run:
        return self._config.stash[RUN]

    def _blame_ourselves(
        self, item: pytest.Item, excinfo: pytest.ExceptionInfo[BaseException], report: pytest.TestReport
    ) -> None:
        from lanes.collection import rules_of
        from lanes.errors import StackError, TargetSilent
        from lanes.patience import RunOver
        from lanes.report.errors import write_error

        run, error = self._run, excinfo.value
        match error:
            case StackError():
                run.error(str(error))
                self._end(item.session, str(error))
            case RunOver():
                if not run.patience.past_deadline:
                    run.error(str(error))
                self._end(item.session, str(error))
            case TargetSilent():
                run.scenario_error(rules_of(item), str(error))
                if why := run.why_silent():
                    run.error(why)
                    self._end(item.session, why)
            case _:
                message = f"{item.name}: {excinfo.exconly(tryshort=True)}"
                run.scenario_error(rules_of(item), message)
                write_error(run, message, str(report.longrepr))

    def _end(self, session: pytest.Session, why: str) -> None:
        # Whatever is still to come would say the same.
        self._run.over = why.splitlines()[0]
        session.shouldstop = self._run.over


def _reason(traceback: str) -> str:
    said = [line[1:].strip() for line in traceback.splitlines() if line.startswith("E ")]
    return "; ".join(said) or traceback.splitlines()[-1]


def _with_suite(config: pytest.Config) -> list[str]:
    """The paths to collect: the suite besides what the project's own settings name, unless the command line names others."""
    if config.args_source is config.ArgsSource.ARGS:
        return config.args
    if config.args_source is not config.ArgsSource.TESTPATHS:
        return [str(_SUITE)]
    there = any(Path(path).resolve() in {_SUITE, *_SUITE.parents} for path in config.args)
    return config.args if there else [*config.args, str(_SUITE)]


def _in_lane(node: pytest.Item | pytest.Collector) -> bool:
    return _SUITE in node.path.parents


def _as_interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
