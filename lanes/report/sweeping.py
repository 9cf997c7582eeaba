"""What a sweep found and did, for a person."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.console import Console
from rich.markup import escape

if TYPE_CHECKING:
    from lanes.sweep import Swept


def print_swept(console: Console, swept: Iterable[Swept], *, dry_run: bool) -> int:
    """A line for each run, and one for each artist that is still there.

    Answers 1 if there is one, or a run could not be swept, else 0.
    """
    looked = left = 0
    for each in swept:
        looked += 1
        left += len(each.left) + each.failed
        console.print(f"{escape(each.what)}: {_told(each, dry_run=dry_run)}", soft_wrap=True, highlight=False)
        for artist in each.found if dry_run else ():
            console.print(f"    artist {escape(artist)}", soft_wrap=True, highlight=False)
        for artist, why in each.left.items():
            console.print(
                f"    [bold red]left behind[/] artist {escape(artist)}: {escape(why)}", soft_wrap=True, highlight=False
            )
    if not looked:
        console.print(
            "nothing to sweep: there is no ledger under .medialane, and nobody was asked; "
            "--target with --run or --older-than goes by the marks that artists carry",
            soft_wrap=True,
        )
    return 1 if left else 0


def _told(swept: Swept, *, dry_run: bool) -> str:
    if swept.why_not:
        return f"not swept: {swept.why_not}"
    if not swept.found:
        return "nothing is left"
    if dry_run:
        return f"would delete {len(swept.found)}"
    return f"deleted {len(swept.found) - len(swept.left)} of {len(swept.found)}"
