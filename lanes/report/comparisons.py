"""A comparison of two verdicts, for a terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lanes.compare import Change, Comparison


def print_comparison(console: Console, comparison: Comparison) -> None:
    """What changed, regressions first seen."""
    console.print(f"before: {escape(comparison.before)}\nafter:  {escape(comparison.after)}", soft_wrap=True)
    for note in comparison.notes:
        console.print(f"[yellow]note:[/] {escape(note)}", soft_wrap=True)
    if comparison.changes:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in ("", "rule", "clause", "before", "after", "reason"):
            table.add_column(column, overflow="fold")
        for change in comparison.changes:
            mark = "[bold red]▼[/]" if change.regressed else "[green]▲[/]"
            table.add_row(mark, change.rule, change.clause or "", change.before, change.after, escape(change.reason or ""))
        console.print(table)
    console.print(_total(comparison))


def markdown(comparison: Comparison) -> str:
    """The same as Markdown, for a pull request or a step summary."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"**Before:** {_cell(comparison.before)}  "
    yield f"**After:** {_cell(comparison.after)}"
    for note in comparison.notes:
        yield f"\n> {_cell(note)}"
    if comparison.changes:
        yield "\n| | rule | clause | before | after | reason |\n|---|---|---|---|---|---|"
        yield from (_row(change) for change in comparison.changes)
    yield f"\n{_total(comparison)}"


def _row(change: Change) -> str:
    mark = "🔻" if change.regressed else "🔺"
    cells = (mark, change.rule, change.clause or "", change.before, change.after, change.reason or "")
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _total(comparison: Comparison) -> str:
    regressed = {change.rule for change in comparison.regressions}
    changed = {change.rule for change in comparison.changes}
    return f"{len(regressed)} rules regressed, {len(changed - regressed)} changed otherwise, {comparison.unchanged} unchanged"
