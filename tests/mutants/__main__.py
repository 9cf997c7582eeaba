"""`python -m tests.mutants`: the kill matrix as a table, and as JSON with --json FILE."""

from __future__ import annotations

import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from lanes.errors import one_of
from tests.mutants.catalogue import MUTANTS
from tests.mutants.matrix import Trial, as_json, control, emulators, try_all

_CORES = os.cpu_count() or 1
_STYLES = {"killed": "green", "survived": "bold red", "wrong_rule": "bold red", "crashed": "bold yellow"}


def _part(_context: click.Context, _parameter: click.Parameter, value: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]+)/([0-9]+)", value)
    number, parts = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 1 <= number <= parts:
        raise click.BadParameter(f"{value!r} is no part; 2/6 is the second of six")
    return number, parts


@click.command()
@click.option("--lane", default="mocked", show_default=True, help="Lane to judge the mutants in.")
@click.option("--json", "file", type=click.Path(path_type=Path, dir_okay=False), help="Write the matrix here too.")
@click.option("--jobs", type=click.IntRange(1), help="Mutants judged side by side; by default as many as keep the cores busy.")
@click.option("--part", default="1/1", callback=_part, metavar="K/N", help="Of those, every Nth from the Kth on.")
@click.option("--established", is_flag=True, help="Try those too that a cheaper lane has killed.")
@click.option(
    "--against",
    type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="The matrix of another lane: what both can establish has to come to the same.",
)
@click.option("--whole", is_flag=True, help="Judge each by the whole lane, not by the scenarios of its rule alone.")
@click.argument("names", nargs=-1, metavar="[MUTANT|RULE]...")
def main(
    lane: str,
    file: Path | None,
    jobs: int | None,
    part: tuple[int, int],
    established: bool,
    against: Path | None,
    whole: bool,
    names: tuple[str, ...],
) -> None:
    """Judges every mutant that LANE is the cheapest to kill, or those named, or those of the rules named.

    Exits with 1 unless all are killed by their own rule and clause.
    """
    rules = {mutant.rule for mutant in MUTANTS.values()}
    if unknown := sorted(set(names) - MUTANTS.keys() - rules):
        known = one_of(unknown[0], [*MUTANTS, *rules])
        raise click.BadParameter(f"neither a mutant nor a rule with one: {unknown[0]!r}; {known}")
    named = [mutant for mutant in MUTANTS.values() if not names or {mutant.id, mutant.rule} & set(names)]
    chosen = [mutant for mutant in named if lane in (mutant.lanes if established else mutant.lanes[:1])]
    chosen = chosen[part[0] - 1 :: part[1]]
    if not chosen:
        raise click.ClickException(f"nothing to try: of these, {lane} is the cheapest lane to kill none")
    # What the reference itself is held against: by all rules, where all of them are tried.
    held = sorted({mutant.rule for mutant in chosen}) if names or part != (1, 1) else []
    console = Console() if sys.stdout.isatty() else Console(width=180)
    trials = []
    with (
        Progress(console=console, transient=True, disable=not console.is_terminal) as progress,
        ThreadPoolExecutor(1) as beside,
        emulators(lane) as environment,
    ):
        controlled = beside.submit(control, lane, environment, held)
        task = progress.add_task("mutants", total=len(chosen))
        # Each waits for its server now and then, and for a real store more often.
        many = jobs or _CORES * (2 if environment else 1) + 1
        for trial in try_all(lane, chosen, many, environment, whole=whole):
            trials.append(trial)
            progress.advance(task)
        word = controlled.result()
    console.print(_table(trials))
    if alive := [trial for trial in trials if not trial.proven]:
        console.print("\nNot killed as they should be:", style="bold red")
        console.print(_table(alive))
    proven = len(trials) - len(alive)
    console.print(f"control: {word}; {proven} of {len(trials)} mutants killed by their own rule and clause")
    if file:
        file.write_text(json.dumps(as_json(word, trials), indent=2) + "\n", encoding="utf-8")
    differing = _differences(trials, json.loads(against.read_text(encoding="utf-8"))) if against else []
    for difference in differing:
        console.print(difference, style="bold red")
    if against:
        console.print(f"{len(differing)} mutants came to something else in the other lane")
    sys.exit(0 if proven == len(trials) and word in {"conformant", "partial"} and not differing else 1)


def _differences(trials: list[Trial], other: dict[str, Any]) -> list[str]:
    """Mutants that two lanes judged to another end, or one of them not by the clause that is broken."""
    found = []
    there = {row["id"]: row for row in other["mutants"]}
    for trial in trials:
        row = there.get(trial.id)
        if row is None:
            continue
        mine, theirs = (trial.outcome, trial.proven), (row["outcome"], row["clause"] in row["clauses"])
        if mine != theirs:
            found.append(f"{trial.id}: {trial.lane} {_said(*mine)}, {row['lane']} {_said(*theirs)}")
    return found


def _said(outcome: str, proven: bool) -> str:
    return f"{outcome} ({'by its own clause' if proven else 'not by its own clause'})"


def _table(trials: list[Trial]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("mutant", "rule", "clause", "outcome", "red in its rule", "what else failed"):
        table.add_column(column, overflow="fold")
    for trial in trials:
        outcome = f"[{_STYLES[trial.outcome]}]{trial.outcome}[/]"
        if trial.outcome == "killed" and not trial.proven:
            outcome = "[bold red]killed, by another clause[/]"
        others = " ".join(trial.failed_rules) or ("" if trial.outcome != "crashed" else trial.text)
        table.add_row(trial.id, trial.rule, trial.clause, outcome, " ".join(trial.clauses), others)
    return table


if __name__ == "__main__":
    main()
