"""A comparison of two verdicts, for a terminal or as Markdown."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from lanes.compare import Change, Comparison

_COLUMNS = ("", "what", "clause", "before", "after", "reason")
_MARKS = {"regressed": "🔻", "improved": "🔺", "no longer judged": "❔", "changed": "🔹"}
_TERMINAL_MARKS = {
    "regressed": "[bold red]▼[/]",
    "improved": "[green]▲[/]",
    "no longer judged": "[yellow]?[/]",
    "changed": "[dim]·[/]",
}


def print_comparison(console: Console, comparison: Comparison) -> None:
    """What changed: the words for the run first, then rule by rule."""
    console.print(f"before: {escape(comparison.before)}\nafter:  {escape(comparison.after)}", soft_wrap=True)
    for note in comparison.notes:
        console.print(f"[yellow]note:[/] {escape(note)}", soft_wrap=True)
    if comparison.words or comparison.changes:
        table = Table(box=None, pad_edge=False, header_style="dim")
        for column in _COLUMNS:
            table.add_column(column, overflow="fold")
        for change in (*comparison.words, *comparison.changes):
            table.add_row(_TERMINAL_MARKS[change.kind], *(escape(cell) for cell in _cells(change)))
        console.print(table)
    console.print(_total(comparison), soft_wrap=True)


def markdown(comparison: Comparison) -> str:
    """The same as Markdown, for a pull request or a step summary."""
    return "\n".join(_lines(comparison)) + "\n"


def _lines(comparison: Comparison) -> Iterator[str]:
    yield f"**Before:** {_cell(comparison.before)}  "
    yield f"**After:** {_cell(comparison.after)}"
    for note in comparison.notes:
        yield f"\n> {_cell(note)}"
    if comparison.words or comparison.changes:
        yield f"\n{_row(_COLUMNS)}\n|{'---|' * len(_COLUMNS)}"
        yield from (_row((_MARKS[change.kind], *_cells(change))) for change in (*comparison.words, *comparison.changes))
    yield f"\n{_total(comparison)}"


def _cells(change: Change) -> tuple[str, ...]:
    told = ("no longer judged" if change.kind == "no longer judged" else None, change.reason)
    return (change.subject, change.clause or "", change.before, change.after, ": ".join(filter(None, told)))


def _row(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(_cell(cell) for cell in cells) + " |"


def _cell(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("\n", " ")


def _total(comparison: Comparison) -> str:
    words = [f"{each.subject} regressed" for each in comparison.words if each.regressed]
    regressed = {change.subject for change in comparison.changes if change.regressed}
    changed = {change.subject for change in comparison.changes}
    rules = f"{len(regressed)} rules regressed, {len(changed - regressed)} changed otherwise, {comparison.unchanged} unchanged"
    return ", ".join([*words, rules])
