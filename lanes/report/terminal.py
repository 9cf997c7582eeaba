"""What a person sees: progress while the run goes on, then the rules by area and one line with the verdict."""

from __future__ import annotations

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from lanes.run import Run
    from lanes.verdict import Outcome, Verdict

_STYLES = {
    "passed": "green",
    "failed": "bold red",
    "warned": "yellow",
    "known_failure": "yellow",
    "not_verified": "magenta",
    "not_run": "cyan",
    "elsewhere": "dim",
    "unclaimed": "dim",
    "error": "bold red reverse",
    "conformant": "bold green",
    "partial": "bold cyan",
    "nonconformant": "bold red",
    "inconclusive": "bold yellow",
}
_ORDER = list(_STYLES)
REHEARSED = "a rehearsal: made up on one machine, it proves nothing about a cloud"


class Screen:
    """Takes the place of pytest's own reporter in `medialane run`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._progress.add_task("collecting", total=None)

    @pytest.hookimpl(trylast=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        """pytest's reporter has added its options, and is not needed any more."""
        if reporter := config.pluginmanager.get_plugin("terminalreporter"):
            config.pluginmanager.unregister(reporter)

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """The number of scenarios is known."""
        self._progress.update(self._task, total=len(session.items), description="starting the stack")

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        """Says which scenario is under way, once the stack of the first one is there."""
        self._progress.start()  # not before: its thread must not be there when workers are forked
        if self._progress.tasks[0].completed:
            self._progress.update(self._task, description=_scenario(nodeid))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A scenario is over; what did not hold in it is printed at once."""
        if report.when == "setup" and report.passed:
            self._progress.update(self._task, description=_scenario(report.nodeid))
        if report.failed and report.when == "call":
            self._console.print(Text.assemble(("✗ ", "bold red"), _scenario(report.nodeid)))
        if report.when == "teardown":
            self._progress.advance(self._task)

    def pytest_keyboard_interrupt(self, excinfo: pytest.ExceptionInfo[BaseException]) -> None:
        """A refusal has a message; a signal speaks for itself."""
        self._progress.stop()
        if isinstance(excinfo.value, pytest.exit.Exception):
            self._console.print(Text.assemble(("refused: ", "bold yellow"), str(excinfo.value.msg)), soft_wrap=True)

    def pytest_sessionfinish(self) -> None:
        """No more progress."""
        self._progress.stop()


def print_verdict(console: Console, run: Run, verdict: Verdict) -> None:
    """The rules by area, what did not hold, and one line with the verdict."""
    if not run.ledger.empty:
        console.print(_table(verdict))
    for word, rules, reason in _troubles(verdict):
        line = Text.assemble((f"{word} ", _STYLES[word]), (" ".join(rules) + " ", "bold"), run.redactor.text(reason))
        console.print(line, soft_wrap=True)
    for error in verdict.errors:
        console.print(Text.assemble(("error ", _STYLES["error"]), run.redactor.text(error)), soft_wrap=True)
    for note in run.notes:
        console.print(Text.assemble(("note ", "bold"), run.redactor.text(note)), soft_wrap=True)
    if run.over and run.over not in "\n".join(verdict.errors):
        console.print(Text.assemble(("stopped ", "bold yellow"), run.redactor.text(run.over)), soft_wrap=True)
    if any(outcome.word == "failed" for outcome in verdict.outcomes.values()):
        console.print(f"The exchanges of failed checks, with curl lines: {_shown(run.output)}/exchanges/", soft_wrap=True)
    if run.rehearsal:
        console.print(Text(REHEARSED, "bold yellow"), soft_wrap=True)
    for left in run.left:
        console.print(Text.assemble(("left behind ", "bold red"), run.redactor.text(left)), soft_wrap=True)
    if run.left:
        console.print(f"To try again: medialane sweep {_shown(run.output)}", soft_wrap=True)
    if run.stood_on:
        console.print(Text(f"on {', '.join(run.stood_on)}", "dim"), soft_wrap=True)
    console.print(summary(run, verdict), soft_wrap=True)


def _troubles(verdict: Verdict) -> list[tuple[str, list[str], str]]:
    """What did not hold or went wrong, each reason once with all the rules that it is the reason for."""
    found: dict[tuple[str, str], list[str]] = {}
    for outcome in verdict.outcomes.values():
        unforeseen = outcome.word == "not_verified" and outcome.planned.settled is None
        if unforeseen or outcome.word in {"failed", "warned", "known_failure", "error"}:
            found.setdefault((outcome.word, outcome.reason or ""), []).append(outcome.planned.rule.id)
    return [(word, rules, reason) for (word, reason), rules in found.items()]


def summary(run: Run, verdict: Verdict) -> Text:
    """The verdict in one line: the word, the word of each profile, the counts, the time, and where to read on."""
    word = "interrupted, " + verdict.word if run.interrupted else verdict.word
    line = Text.assemble((f"{word} ", _STYLES[verdict.word]), "(")
    judged = {profile: each for profile, each in verdict.profiles.items() if each != "elsewhere"}
    for number, (profile, each) in enumerate(judged.items()):
        line.append(", " if number else "")
        line.append(f"{profile}: ").append(each, _STYLES[each])
    counts = ", ".join(f"{number} {name}" for name, number in sorted(verdict.counts.items(), key=_by_order))
    line.append(f") {run.plan.target.name} on {run.plan.lane.name}: {counts}; {run.seconds:.1f} s; ")
    return line.append(f"{_shown(run.output)}/verdict.json")


def summary_line(run: Run, verdict: Verdict) -> str:
    """The same, as plain text."""
    return summary(run, verdict).plain


def _table(verdict: Verdict) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim", show_edge=False)
    table.add_column("area")
    table.add_column("rules", overflow="fold")
    for area, outcomes in groupby(verdict.outcomes.values(), lambda outcome: outcome.planned.rule.area):
        table.add_row(area, _by_outcome(list(outcomes)))
    return table


def _by_outcome(outcomes: list[Outcome]) -> Text:
    """The rules of one area in a cell: those that tell something by name, the others by number."""
    cell = Text()
    for word in _ORDER:
        rules = [outcome for outcome in outcomes if outcome.word == word]
        if not rules:
            continue
        cell.append("  " if cell else "").append(f"{word} ", _STYLES[word])
        if word in {"not_run", "elsewhere", "unclaimed"}:
            cell.append(str(len(rules)), "dim")
        else:
            cell.append(" ".join(outcome.planned.rule.id for outcome in rules))
    return cell


def _by_order(item: tuple[str, int]) -> int:
    return _ORDER.index(item[0])


def _scenario(nodeid: str) -> str:
    return nodeid.rpartition("::")[2].removeprefix("test_").replace("_", " ")


def _shown(path: Path) -> str:
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
