"""The command: `medialane run LANE` and what helps around it. Running is pytest's; the command only translates."""

from __future__ import annotations

import io
import os
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from lanes.errors import Refused, StackError, no_place

if TYPE_CHECKING:
    import pytest

    from lanes.run import Run
    from lanes.wish import Wish

_REFUSED, _INCONCLUSIVE, _INTERRUPTED = 2, 3, 130


class Doors(click.Group):
    """Turns a refusal of any command into its message and exit code 2, and what is missing into exit code 3."""

    def main(self, *arguments: Any, **options: Any) -> Any:
        """The command, in a terminal that may know few characters."""
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="replace")
        return super().main(*arguments, **options)

    def invoke(self, ctx: click.Context) -> Any:
        """Runs the command that was named."""
        try:
            return super().invoke(ctx)
        except Refused as refused:
            click.echo(f"refused: {refused}", err=True)
            ctx.exit(_REFUSED)
        except StackError as error:
            click.echo(f"inconclusive: {error}", err=True)
            ctx.exit(_INCONCLUSIVE)
        except click.NoSuchOption as error:
            from lanes.errors import one_of

            command = error.ctx.command if error.ctx else self
            options = [name for each in command.params for name in each.opts if name.startswith("-")]
            click.echo(f"refused: {error.option_name!r} is not an option; {one_of(error.option_name, options)}", err=True)
            ctx.exit(_REFUSED)
        except click.MissingParameter as error:
            from lanes import profile

            lanes = f"; lanes: {', '.join(profile.names())}" if error.param and error.param.name == "lane" else ""
            click.echo(f"refused: {error.format_message().rstrip('.')}{lanes}", err=True)
            ctx.exit(_REFUSED)
        except click.UsageError as error:
            click.echo(f"refused: {error.format_message()}", err=True)
            ctx.exit(_REFUSED)
        except (KeyboardInterrupt, click.Abort):
            ctx.exit(_INTERRUPTED)
        except (click.exceptions.Exit, click.ClickException):
            raise
        except Exception as error:  # noqa: BLE001 - what nobody has foreseen is our fault, and must not look like a verdict
            traceback.print_exc()
            click.echo(f"error: this is a fault of medialane, not of a target: {type(error).__name__}: {error}", err=True)
            ctx.exit(_INCONCLUSIVE)

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
@click.option("--output", metavar="DIR", type=click.Path(path_type=Path), help="Where to write; default: .medialane/<run id>.")
@click.option("--only", metavar="NAME", multiple=True, help="Judge this area or rule only. Can be given again.")
@click.option("--exclude", metavar="NAME", multiple=True, help="Leave this area or rule out. Can be given again.")
@click.option("--require", metavar="PROFILE", multiple=True, help="Accept no partial word for this profile.")
@click.option("--baseline", metavar="FILE", type=click.Path(path_type=Path), help="Known failures, with reasons and dates.")
@click.option("--deadline", metavar="SECONDS", type=float, help="Send no request after so many seconds.")
@click.option("--fuzz-seed", metavar="N", type=int, help="Make up other requests than usual, by this number.")
@click.option("--fuzz-examples", metavar="N", type=click.IntRange(1), help="Make up so many requests of a kind.")
@click.option("--profile", type=click.Choice(["normal", "long"]), default="normal", help="How much hostile input is tried.")
@click.option(
    "--emulators",
    type=click.Choice(["auto", "container", "process"]),
    default="auto",
    show_default=True,
    help="How emulators are run: in containers where an engine answers, or as processes. Those given are taken as they are.",
)
@click.option("--workers", metavar="N", type=click.IntRange(1), help="Judge by so many workers; default: what is worth it.")
@click.option("--read-only", is_flag=True, help="Write nothing to a deployed target; judge what can be judged without.")
@click.option("--accept-partial", is_flag=True, help="Exit 0, not 10, when the verdict is partial.")
@click.option("--dry-run", is_flag=True, help="Print the plan and what would be created where, and start nothing.")
@click.pass_context
def run(
    ctx: click.Context, /, dry_run: bool, fuzz_seed: int | None, fuzz_examples: int | None, profile: str, **wished: Any
) -> None:
    """Judge a target in LANE."""
    from lanes.fuzzing import EXAMPLES, Effort
    from lanes.preparing import prepare
    from lanes.wish import Wish

    wish = Wish(**wished, effort=Effort(fuzz_seed, fuzz_examples or EXAMPLES, profile == "long"))
    if dry_run:
        from lanes.report.plans import print_plan

        print_plan(Console(), prepare(wish))
    else:
        ctx.exit(judge(wish))


@main.command()
def lanes() -> None:
    """List the lanes, what each is for, and how many clauses it can establish."""
    from lanes.report.catalogue import print_lanes

    print_lanes(Console())


@main.command()
@click.argument("rule")
def explain(rule: str) -> None:
    """Explain RULE: its text, its clauses, the lanes and needs of each, and the scenarios that judge it."""
    from lanes.report.catalogue import print_rule

    print_rule(Console(), rule)


@main.command()
@click.argument("lane", required=False)
@click.option("--install", is_flag=True, help="Install the emulators that LANE runs as processes, first.")
@click.pass_context
def doctor(ctx: click.Context, lane: str | None, install: bool) -> None:
    """Say what LANE needs on this machine, what is there, and the command that gets what is missing."""
    from lanes.doctor import examine, install_for
    from lanes.report.plans import print_findings

    if install:
        for line in install_for(lane):
            click.echo(line)
    ctx.exit(print_findings(Console(), examine(lane)))


@main.command()
@click.argument("before", type=click.Path(path_type=Path))
@click.argument("after", type=click.Path(path_type=Path))
@click.option("--format", "form", type=click.Choice(["terminal", "markdown", "json"]), default="terminal", show_default=True)
@click.option("--across-contracts", is_flag=True, help="Compare verdicts on different versions of the contract too.")
@click.pass_context
def compare(ctx: click.Context, before: Path, after: Path, form: str, across_contracts: bool) -> None:
    """Compare two verdicts, BEFORE and AFTER: files, or the folders of runs. Exits with 1 on a regression."""
    import json

    from lanes.compare import compare as compared
    from lanes.compare import read_verdict
    from lanes.report.comparisons import markdown, print_comparison

    comparison = compared(read_verdict(before), read_verdict(after), across_contracts=across_contracts)
    match form:
        case "json":
            click.echo(json.dumps(comparison.as_json(), indent=2, ensure_ascii=False))
        case "markdown":
            click.echo(markdown(comparison), nl=False)
        case _:
            print_comparison(Console(), comparison)
    ctx.exit(1 if comparison.regressions else 0)


@main.command()
@click.argument("ledgers", nargs=-1, type=click.Path(path_type=Path), metavar="[LEDGER|DIR]...")
@click.option("--target", metavar="FILE", help="Where to look; without it, where each ledger says.")
@click.option("--run", "run_id", metavar="RUN", help="Look for what this run left at the target, without its ledger.")
@click.option("--older-than", metavar="AGE", help="Look for what runs left that began so long ago: 90m, 12h, 2d.")
@click.option("--dry-run", is_flag=True, help="List what would be deleted, and delete nothing.")
@click.pass_context
def sweep(
    ctx: click.Context, ledgers: tuple[Path, ...], target: str | None, run_id: str | None, older_than: str | None, dry_run: bool
) -> None:
    """Delete what killed runs left at targets that others use too, and nothing else.

    Goes by the ledgers named, or those of the runs under .medialane; or, with --target and --run or --older-than, by the marks
    that artists of runs carry. Exits with 1 if something could not be deleted.
    """
    from lanes.report.sweeping import print_swept
    from lanes.sweep import by_ledgers, by_marks

    if run_id or (older_than and not ledgers and target):
        if ledgers:
            raise Refused("--run: a ledger knows its run; name one or the other")
        swept = by_marks(target, run_id, older_than, dry_run=dry_run)
    else:
        swept = by_ledgers(ledgers, target, older_than, dry_run=dry_run)
    ctx.exit(print_swept(Console(), swept, dry_run=dry_run))


@main.command()
@click.option("--target", "name", default="rehearsal", show_default=True, metavar="NAME|FILE", help="The target to launch.")
@click.option("--output", default=".medialane/rehearsal", show_default=True, metavar="DIR", type=click.Path(path_type=Path))
def rehearsal(name: str, output: Path) -> None:
    """Keep a target up as if it were deployed, until Ctrl-C: bucket, edge and identities on this machine.

    Writes a target file into DIR, logs, and an environment file with the secrets of both, which goes when the rehearsal does.
    """
    from lanes.stack.rehearsal.keeping import stay_up
    from lanes.target import load

    stay_up(load(name), output, click.echo)


@main.group(cls=Doors)
def target() -> None:
    """Write a target file, or try what one says."""


@target.command("init")
@click.option("--name", help="How verdicts call the target.")
@click.option("--command", help="The command line that launches it.")
@click.option("--base-url", help="Where it is reached, instead of a command.")
@click.option("--environment", help="Environment of a target that is reached: test or dev.")
@click.option("--claims", help="Profiles, separated by commas; core, where nobody is asked.")
@click.option("--offers", help="Capabilities beyond the HTTP contract, separated by commas; none, where nobody is asked.")
@click.option("--output", default="target.toml", show_default=True, type=click.Path(path_type=Path), help="The file to write.")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def init(
    name: str | None,
    command: str | None,
    base_url: str | None,
    environment: str | None,
    claims: str | None,
    offers: str | None,
    output: Path,
    force: bool,
) -> None:
    """Write a commented target file. Asks for what the options leave open."""
    from lanes.target_file import written
    from lanes.target_questions import sketched

    if output.exists() and not force:
        raise Refused(f"{output} is there already; --force writes over it, --output names another")
    options = {"command": command, "base_url": base_url, "environment": environment, "claims": claims, "offers": offers}
    text = written(sketched({"name": name, **options}, _ask if sys.stdin.isatty() else None))
    try:
        output.write_text(text, encoding="utf-8")
    except (OSError, ValueError) as error:
        raise no_place(output, error) from None
    click.echo(f"{output} is written; next: medialane target check {output}")


@target.command("check")
@click.argument("file")
@click.option("--lane", help="The lane to try it in; default: the first that judges its environment.")
@click.pass_context
def check(ctx: click.Context, file: str, lane: str | None) -> None:
    """Try everything that target FILE says, harmlessly, and say what can be judged. Exits with 1 if something falls short."""
    from lanes.guards import resolved
    from lanes.report.plans import print_tried
    from lanes.target import load
    from lanes.target_check import check as tried
    from lanes.target_check import lane_for, verifiable

    judged = load(file)
    where = lane_for(judged, lane)
    judged = resolved(judged, where)
    ctx.exit(print_tried(Console(), tried(judged, where), verifiable(judged, where)))


def _ask(question: str, default: str | None, wrong: Callable[[str], str | None]) -> str:
    def checked(answer: str) -> str:
        if why := wrong(answer):
            raise click.UsageError(why)
        return answer

    answer: str = click.prompt(question, default=default, value_proc=checked, show_default=bool(default))
    return answer


def judge(wish: Wish) -> int:
    """One run through pytest, with an ini, root and plugins of its own. Answers the exit code of the verdict."""
    import pytest

    from lanes import plugin
    from lanes.places import SUITE
    from lanes.preparing import prepare
    from lanes.report.terminal import Screen, print_verdict

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
