"""The command: `medialane run LANE` and what helps around it. Running is pytest's; the command only translates."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from lanes.errors import Refused

if TYPE_CHECKING:
    import pytest

    from lanes.run import Run, Wish

_REFUSED, _INCONCLUSIVE, _INTERRUPTED = 2, 3, 130


class Doors(click.Group):
    """Turns a refusal of any command into its message and exit code 2."""

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that was named."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            click.echo(f"refused: {refused}", err=True)
            ctx.exit(_REFUSED)
        except KeyboardInterrupt:
            ctx.exit(_INTERRUPTED)

    def resolve_command(self, ctx: click.Context, args: list[str]) -> tuple[str | None, click.Command | None, list[str]]:
        """Names the nearest command for an unknown one, and all of them."""
        from lanes.errors import one_of

        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            raise Refused(f"{args[0]!r} is not a command; {one_of(args[0], self.list_commands(ctx))}")
        return super().resolve_command(ctx, args)


@click.group(cls=Doors, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="medialane", message="medialane %(version)s")
def main() -> None:
    """Judges a media backend against the media contract.

    Exit codes: 0 conformant, 1 nonconformant, 2 refused, 3 inconclusive, 10 partial, 130 interrupted.
    """


@main.command()
@click.argument("lane")
@click.option("--target", metavar="FILE", help="Target file, or the name of a built-in target.")
@click.option(
    "--output",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Where the run is written to; default: .medialane/<run id>.",
)
@click.option("--accept-partial", is_flag=True, help="Exit 0, not 10, when the verdict is partial.")
@click.option("--dry-run", is_flag=True, help="Print the plan and what would be created where, and start nothing.")
@click.pass_context
def run(ctx: click.Context, lane: str, target: str | None, output: Path | None, accept_partial: bool, dry_run: bool) -> None:
    """Judge a target in LANE."""
    from lanes.run import Wish

    wish = Wish(lane, target, output, accept_partial)
    if dry_run:
        from lanes.report.plans import print_plan
        from lanes.run import prepare

        print_plan(Console(), prepare(wish))
    else:
        ctx.exit(judge(wish))


@main.command()
def lanes() -> None:
    """List the lanes, what each is for, and how many clauses it can establish."""
    from lanes.report.plans import print_lanes

    print_lanes(Console())


@main.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Explain RULE: its text, its clauses, the lanes and needs of each, and the scenarios that judge it."""
    from lanes.report.plans import print_rule

    print_rule(Console(), rule)


@main.command()
@click.argument("lane", required=False)
@click.pass_context
def doctor(ctx: click.Context, lane: str | None) -> None:
    """Say what LANE needs on this machine, what is there, and the command that gets what is missing."""
    from lanes.doctor import examine
    from lanes.report.plans import print_findings

    ctx.exit(print_findings(Console(), examine(lane)))


def judge(wish: Wish) -> int:
    """One run through pytest, with an ini, root and plugins of its own. Answers the exit code of the verdict."""
    import pytest

    from lanes import plugin
    from lanes.places import SUITE
    from lanes.report.terminal import Screen, print_verdict
    from lanes.run import prepare

    # Nothing of the environment has a say either: neither options nor plugins that happen to be installed.
    for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS"):
        os.environ.pop(name, None)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    # The folder the run is started in may hold packages named like ours.
    sys.path[:] = [entry for entry in sys.path if entry not in {"", str(Path.cwd())}]

    arguments = [
        *("-c", str(SUITE / "lane.ini"), "--rootdir", str(SUITE), "--confcutdir", str(SUITE)),
        *("-p", "pytest_bdd.plugin", "-p", "no:cacheprovider", "--import-mode=importlib"),
        "--capture=no",  # progress goes to the terminal while scenarios run
        *("--lane", wish.lane),
    ]
    arguments += ["--target", wish.target] if wish.target else []
    arguments += ["--output", str(wish.output)] if wish.output else []
    arguments += ["--accept-partial"] if wish.accept_partial else []
    console = Console()
    run = prepare(wish)
    code = int(pytest.main([*arguments, str(SUITE)], plugins=[_Prepared(run), plugin, Screen(console)]))
    if not run.written:
        return {4: _REFUSED, 5: _INCONCLUSIVE}.get(code, code)
    print_verdict(console, run, run.verdict())
    return code


class _Prepared:
    """Hands the plugin a run that the command has prepared, so that what it refuses is said once."""

    def __init__(self, run: Run) -> None:
        self._run = run

    def pytest_configure(self, config: pytest.Config) -> None:
        """Called by pytest."""
        from lanes.stash import RUN

        config.stash[RUN] = self._run
