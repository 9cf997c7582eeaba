"""One lane run, as pytest's hooks: from the plan to checks, outcomes, the verdict and the exit code."""

from __future__ import annotations

import signal
from collections.abc import Generator
from pathlib import Path
from types import FrameType

import pytest

from lanes import workers
from lanes.budget import OverBudget
from lanes.care import NotOurs, WritesNothing
from lanes.checks import Blocked
from lanes.collection import is_closing, problems, rules_of, scenarios_under, template_of
from lanes.errors import Refused, StackError, TargetSilent
from lanes.fuzzing import EXAMPLES, Effort
from lanes.patience import RunOver
from lanes.places import FEATURES, in_suite
from lanes.preparing import prepare
from lanes.report import write
from lanes.report.errors import write_error
from lanes.report.terminal import summary_line
from lanes.rules import catalogue
from lanes.run import Run
from lanes.stash import RUN, SCRIBE
from lanes.wish import Wish


class LaneRun:
    """The hooks of one lane run."""

    def __init__(self, config: pytest.Config, lane: str) -> None:
        self._config = config
        self._lane = lane
        self._others_failed = False
        self._interrupted = False

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionstart(self) -> None:
        """Plan first: files and guards may refuse before anything starts."""
        signal.signal(signal.SIGTERM, self._interrupt)
        if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:  # whoever started us may want it ignored
            signal.signal(signal.SIGINT, self._interrupt)
        try:
            if RUN not in self._config.stash:  # the command has prepared it
                self._config.stash[RUN] = self._prepared()
        except Refused as refused:
            pytest.exit(str(refused), returncode=2)

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Refuses scenarios that would be dropped, pass unnoticed or fail only at run time."""
        ours = [item for item in items if in_suite(item.path)]
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
        """What is left after every selection is what this run will have tried; what closes a run comes last, in any order."""
        session.items.sort(key=is_closing)
        ours = [item for item in session.items if in_suite(item.path)]
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

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        """Several workers, where that is worth it; tests of something else are pytest's own affair."""
        option = session.config.option
        if option.usepdb or option.trace:
            return None  # somebody wants to see one at a time
        if option.collectonly or session.testsfailed or not all(in_suite(item.path) for item in session.items):
            return None
        count = workers.number(self._run.plan, len(session.items), self._run.wish.workers)
        wanted = self._run.wish.workers
        if wanted and wanted != count:
            self._run.notes += (
                f"--workers {wanted}: {count} judged, for the target is there once or there is no more to judge",
            )
        if count == 1:
            return None
        try:
            self._run.serve()
        except StackError as error:
            self._run.error(str(error))
            self._end(session, str(error))
            return True
        workers.judge(session, self._run, count)
        return True

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self) -> None:
        """No scenario starts after a signal, even where the last one caught the exception that told of it."""
        if self._interrupted:
            raise KeyboardInterrupt

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self, item: pytest.Item) -> Generator[None]:
        """A scenario whose checks did not all hold has failed, however far it came."""
        if not in_suite(item.path):
            yield
            return
        blocked = None
        try:
            yield
        except WritesNothing as unwritten:
            self._run.scenario_stopped(rules_of(item), str(unwritten))
            pytest.skip(str(unwritten))  # its rules are not_run, and the verdict is partial
        except (Blocked, OverBudget, NotOurs) as stopped:
            blocked = str(stopped)
        except Exception:
            self._check_grounds(item)
            raise
        scribe = item.stash[SCRIBE]
        if blocked or scribe.failed:
            self._check_grounds(item)
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
        report = yield
        if call.when == "call" and in_suite(item.path):
            self._run.timing.scenarios += call.duration
            template = template_of(item)
            if template and (call.excinfo is None or call.excinfo.errisinstance(pytest.fail.Exception)):
                self._run.ended((template.feature.filename, template.name))
        if not in_suite(item.path):
            self._others_failed |= report.failed
        elif call.excinfo and not call.excinfo.errisinstance((pytest.fail.Exception, pytest.skip.Exception, KeyboardInterrupt)):
            self._blame_ourselves(item, call.excinfo, report)
        return report

    @pytest.hookimpl(wrapper=True)
    def pytest_make_collect_report(
        self, collector: pytest.Collector
    ) -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
        """A file of the suite that cannot be collected is an error of ours."""
        report = yield
        if report.failed and in_suite(collector.path):
            self._run.error(f"{collector.path} cannot be collected: {_reason(str(report.longrepr))}")
        return report

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """pytest calls this for other ends too."""
        self._interrupted |= excinfo.type is KeyboardInterrupt

    def pytest_internalerror(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """pytest itself, or a plugin, broke."""
        if RUN in self._config.stash:
            self._run.errors.append(f"internal error: {excinfo.exconly()}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Everything that was started is gone; the verdict is written, and the exit code says it."""
        if RUN not in self._config.stash or self._config.option.collectonly:
            return

        run = self._run
        run.interrupted = self._interrupted
        run.stop()
        if session.exitstatus == 2 and not (run.interrupted or run.over or run.errors):
            return  # refused: pytest.exit has said why
        if session.exitstatus == 5:
            session.exitstatus = 3  # nothing was selected, so nothing was checked
        if not (run.interrupted or run.errors or any(in_suite(item.path) for item in session.items)):
            return  # tests of something else only
        verdict = run.verdict()
        code = write(run, verdict)
        if self._others_failed and code in {0, 10}:
            code = 1
        session.exitstatus = code

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """One line with the verdict, after pytest's own."""
        if RUN in self._config.stash and self._run.written:
            terminalreporter.section("medialane")
            terminalreporter.write_line(summary_line(self._run, self._run.verdict()))

    def _prepared(self) -> Run:
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
                workers=option.workers,
                read_only=option.read_only,
                emulators=option.emulators,
                effort=Effort(option.fuzz_seed, option.fuzz_examples or EXAMPLES, option.profile == "long"),
            )
        )

    def _interrupt(self, _number: int, _frame: FrameType | None) -> None:
        self._interrupted = True
        raise KeyboardInterrupt

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

    def _check_grounds(self, item: pytest.Item) -> None:
        """What was seen of a target whose store or database is gone is not its fault. Raises StackError then."""
        try:
            self._run.check_grounds()
        except StackError:
            item.stash[SCRIBE].withdraw()
            raise

    def _end(self, session: pytest.Session, why: str) -> None:
        # Whatever is still to come would say the same.
        self._run.over = why.splitlines()[0]
        session.shouldstop = self._run.over


def _reason(traceback: str) -> str:
    said = [line[1:].strip() for line in traceback.splitlines() if line.startswith("E ")]
    return "; ".join(said) or traceback.splitlines()[-1]
