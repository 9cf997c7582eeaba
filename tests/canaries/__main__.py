"""`python -m tests.canaries [--lane LANE]`: a run against a target that leaks and fails everywhere leaves no secret anywhere.

It is judged twice in the mocked lane, launched and reached, and once in each other lane that is named.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

from lanes.stack.server import free_port
from tests.canaries.birds import SEED, content_of, files_of, flock, forms, found_in, known_forms
from tests.canaries.target import CHANNELS, LEAKS, PAGES
from tests.harness.processes import MEDIALANE
from tests.reached import serving

_CHECKOUT = Path(__file__).resolve().parents[2]
_COMMAND = ["{python}", "-m", "tests.canaries.target", "serve"]
_CLAIMS = 'claims = ["core", "records"{more}]\noffers = ["operator", "records", "pages"]\n'
# Drafts are held against collections, of which none can be relied on where all their URLs leak.
_SHADED = {"drafts"}
_MORE = {"deployed-dev": "deployed", "browser": "browser"}


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of one run: in which files a secret was found, what was leaked where, and which areas failed."""

    what: str
    code: int
    found: dict[str, set[str]]  # names of secrets by file
    files: int
    leaked: set[tuple[str, str]]  # canary and channel
    failed: set[str]  # areas with a failed rule
    unharmed: set[str]  # areas that were judged and have none


@click.command()
@click.option("--lane", "lanes", multiple=True, help="Judge it there too. Can be given again.")
def main(lanes: tuple[str, ...]) -> None:
    """Exits with 1 where a secret came out, where one was never leaked in some channel, or an area was never made to fail."""
    looked = [launched("mocked"), reached(), *(launched(lane) for lane in lanes)]
    for each in looked:
        click.echo(
            f"{each.what}: exit {each.code}, {len(each.leaked)} leaks by canary and channel, "
            f"failed in {len(each.failed)} areas, {sum(map(len, each.found.values()))} secrets found in {each.files} files"
        )
        for file, names in each.found.items():
            click.echo(f"    {file}: {', '.join(sorted(names))}")
    spared = set().union(*(each.unharmed for each in looked)) - set().union(*(each.failed for each in looked)) - _SHADED
    for area in sorted(spared):
        click.echo(f"the area {area} was judged and has never failed")
    channels = {channel for each in looked for _, channel in each.leaked}
    wanted = CHANNELS | ({PAGES} if "browser" in lanes else set())
    for channel in sorted(wanted - channels):
        click.echo(f"nothing was leaked in a {channel}")
    untold = {bird.name for bird in flock("")} - {name for each in looked for name, _ in each.leaked}
    for name in sorted(untold):
        click.echo(f"no {name} was ever leaked")
    found = any(each.found or each.code != 1 for each in looked)
    sys.exit(1 if found or spared or untold or wanted - channels else 0)


def launched(lane: str) -> Looked:
    """A run of a lane that launches it, with secrets in the environment that it inherits."""
    more = f', "{_MORE.get(lane, "resilience")}"'
    with tempfile.TemporaryDirectory(prefix="medialane-canaries-") as made:
        folder = Path(made)
        text = f'schema = 1\nname = "leaking"\n{_CLAIMS.format(more=more)}\n[launch]\ncommand = {json.dumps(_COMMAND)}\n'
        (folder / "target.toml").write_text(text + f"folder = {json.dumps(str(_CHECKOUT))}\n", encoding="utf-8")
        known = {"ACME_API_KEY": secrets.token_urlsafe(24)}
        return judged(f"{lane}, launched", lane, folder, secrets.token_hex(8), known)


def reached() -> Looked:
    """A run of the mocked lane that reaches it, with secrets in credentials and headers."""
    with tempfile.TemporaryDirectory(prefix="medialane-canaries-") as made:
        folder = Path(made)
        seed, port = secrets.token_hex(8), free_port()
        known = {name: secrets.token_urlsafe(24) for name in ("ACME_WRITE", "ACME_OPERATOR", "ACME_HEADER")}
        (folder / "target.toml").write_text(
            f'schema = 1\nname = "leaking"\n{_CLAIMS.format(more="")}\n[reach]\nbase_url = "http://127.0.0.1:{port}"\n'
            f'environment = "test"\nheaders = {{ X-Preview-Token = "{known["ACME_HEADER"]}" }}\n\n'
            '[credentials]\nwrite = "ACME_WRITE"\noperator = "ACME_OPERATOR"\n',
            encoding="utf-8",
        )
        settings = {
            "MEDIA_WRITE_CREDENTIAL": known["ACME_WRITE"],
            "MEDIA_OPERATOR_CREDENTIAL": known["ACME_OPERATOR"],
            SEED: seed,
            LEAKS: str(folder / "leaks"),
        }
        with serving(folder, port, settings, _COMMAND[1:]):
            return judged("mocked, reached", "mocked", folder, seed, known)


def judged(what: str, lane: str, folder: Path, seed: str, known: Mapping[str, str]) -> Looked:
    """One run, and everything that it has left or printed looked through."""
    environment = {**os.environ, "PYTHONPATH": str(_CHECKOUT), SEED: seed, LEAKS: str(folder / "leaks"), **known}
    output = folder / "run"
    output.mkdir()
    with (output / "printed.txt").open("wb") as printed:
        words = ["run", lane, "--target", "target.toml", "--output", "run"]
        done = subprocess.run([*MEDIALANE, *words], cwd=folder, env=environment, stdout=printed, stderr=printed, check=False)
    wanted = {bird.name: forms(bird.secret) for bird in flock(seed)} | {name: known_forms(each) for name, each in known.items()}
    found = {str(path.relative_to(output)): found_in(content_of(path), wanted) for path in files_of(output)}
    verdict = json.loads((output / "verdict.json").read_text(encoding="utf-8"))
    areas = _areas(verdict)
    leaks = (folder / "leaks").read_text(encoding="utf-8").splitlines()
    return Looked(
        what,
        done.returncode,
        {file: names for file, names in found.items() if names},
        len(found),
        {(name, channel) for name, channel in map(json.loads, leaks)},
        {area for area, failed in areas.items() if failed},
        {area for area, failed in areas.items() if not failed},
    )


def _areas(verdict: dict[str, dict[str, dict[str, str]]]) -> dict[str, bool]:
    """The areas of which something was due, and whether a rule of it has failed."""
    from lanes.rules import catalogue

    found: dict[str, bool] = {}
    for rule, row in verdict["rules"].items():
        if row["outcome"] not in {"elsewhere", "unclaimed", "not_verified"}:
            area = catalogue().rules[rule].area
            found[area] = found.get(area, False) or row["outcome"] == "failed"
    return found


if __name__ == "__main__":
    main()
