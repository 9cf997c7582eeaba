"""What can be said before a run: its plan, what the machine has for it, and whether a target is as its file says."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lanes.collection import scenarios_under
from lanes.creations import Mark
from lanes.files import read_contract
from lanes.places import FEATURES
from lanes.target import Launch

if TYPE_CHECKING:
    from lanes.doctor import Finding
    from lanes.run import Run
    from lanes.target_check import Tried

_MARKS = {True: "[green]✓[/]", False: "[bold red]✗[/]", None: "[yellow]?[/]"}


def print_plan(console: Console, run: Run) -> None:
    """Which clauses are due in a run, which not and why, and what it would create where."""
    plan, judged = run.plan, run.plan.target
    console.print(f"[bold]{escape(judged.name)}[/] on [bold]{plan.lane.name}[/], judged by {', '.join(judged.claims)}")
    if isinstance(judged.how, Launch):
        command = " ".join(judged.how.command).replace("{python}", sys.executable)
        console.print(f"would launch: {escape(command)}", soft_wrap=True)
    else:
        console.print(f"would reach: {escape(judged.how.base_url)}", soft_wrap=True)
    if run.services.planned:
        console.print(f"would start, unless they are given: {', '.join(run.services.planned)}", soft_wrap=True)
    if budget := plan.lane.budget:
        most = f"{budget.uploads} uploads, {budget.megabytes} MB and {budget.requests_per_minute} requests a minute"
        console.print(f"would send at most {most}", soft_wrap=True)
    console.print(f"would write: {escape(str(run.output))}", soft_wrap=True)
    console.print(f"would make, and remove again: {created(run)}", soft_wrap=True)
    console.print(f"would keep images it makes in: {escape(str(run.corpus.cache))}", soft_wrap=True)
    for note in run.notes:
        console.print(f"note: {escape(note)}", soft_wrap=True)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("rule", "scenarios", "due", "not due"):
        table.add_column(column, overflow="fold")
    cited = Counter(rule for scenario in scenarios_under(FEATURES) for rule in scenario.tags)
    for planned in plan.rules.values():
        absent = "; ".join(f"{name}: {why}" for name, why in planned.absent.items()) if planned.due else planned.reason or ""
        settled = f"{planned.settled}: " if planned.settled else ""
        table.add_row(planned.rule.id, str(cited[planned.rule.id] or "none"), " ".join(planned.due), escape(settled + absent))
    console.print(table)
    due = sum(len(planned.due) for planned in plan.rules.values())
    judged_now = sum(1 for planned in plan.rules.values() if planned.due and cited[planned.rule.id])
    rules = sum(1 for planned in plan.rules.values() if planned.due)
    console.print(f"{due} clauses of {rules} rules are due; scenarios of this version judge {judged_now} of these rules")


def created(run: Run) -> str:
    """What a run makes besides its output, in words."""
    plan = run.plan
    if run.care.read_only:
        return "nothing: it is --read-only"
    if run.care.creations:
        where = "a deployment made up on this machine, in it " if isinstance(plan.target.how, Launch) else ""
        return (
            f"{where}artists whose names end with {str(Mark(run.id, 1)).strip()!r} and so on, with their pictures; "
            f"each is noted in {run.care.creations.path} first, and `medialane sweep` finishes what a killed run leaves"
        )
    if not isinstance(plan.target.how, Launch):
        return "artists and media at the target"
    more = sum(clause in planned.due for planned in plan.rules.values() for clause in ("rejects-mix", "rejects-environment"))
    starts = f", and {len(read_contract('runtime.yaml')['combinations'])} more starts of the target" if more else ""
    stored = ", buckets and databases in the emulators" if "gateway" in plan.lane.stack else " with a database"
    return f"a folder in {tempfile.gettempdir()}{stored}, a process on a free port of 127.0.0.1{starts}"


def print_findings(console: Console, findings: Iterable[Finding]) -> int:
    """What a machine has and has not. Answers 0 if nothing is missing, else 3."""
    missing = 0
    for finding in findings:
        console.print(f"{_MARKS[finding.there]} {escape(finding.name)}: {escape(finding.found)}", soft_wrap=True)
        if not finding.there:
            missing += 1
            console.print(f"    to get it: {escape(finding.mend)}", soft_wrap=True)
    return 3 if missing else 0


def print_tried(console: Console, tried: Iterable[Tried], verifiable: Iterable[str]) -> int:
    """What came of each thing as it is tried, then what can be judged. Answers 1 if something does not work, else 0."""
    failed = 0
    for each in tried:
        failed += each.works is False
        console.print(f"{_MARKS[each.works]} {escape(each.what)}: {escape(each.found)}", soft_wrap=True)
    if failed:
        console.print("Once what fell short works:")
    for line in verifiable:
        console.print(escape(line), soft_wrap=True)
    return 1 if failed else 0
