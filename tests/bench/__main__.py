"""`python -m tests.bench`: what a lane and an upload cost, each beside what it is compared with."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import click
from rich.console import Console
from rich.table import Table

from tests.bench import collection, fuzzing, gateway, lane, smoke, upload
from tests.bench.figure import Figure


@click.command()
@click.option("--rounds", default=5, show_default=True, help="How often each thing is measured; medians are shown.")
@click.option("--strict", is_flag=True, help="Exit with 1 when a figure misses its bar.")
def main(rounds: int, strict: bool) -> None:
    """Measures, and prints each figure beside its bar."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in ("what", "figure", "bar", "of"):
        table.add_column(column)
    missed = False
    for figure in figures(rounds):
        missed |= not figure.met
        mark = "" if figure.met else " [bold red]missed[/]"
        table.add_row(figure.what, f"{figure.value:.2f}{mark}", figure.bar, figure.of)
    Console(width=140).print(table)
    sys.exit(1 if missed and strict else 0)


def figures(rounds: int) -> Iterator[Figure]:
    """Every figure, measured as it is asked for."""
    yield collection.extra_seconds(rounds)
    yield lane.share_waiting(min(rounds, 3))
    yield fuzzing.rate(1)
    yield gateway.added_milliseconds(rounds)
    yield upload.cpu_ratio(rounds)
    yield upload.peak_memory()
    yield smoke.read_only_seconds(min(rounds, 3))


if __name__ == "__main__":
    main()
