"""The kill matrix: every mutant is judged like any target, and has to be killed by a check of its own rule.

A mutant is judged by the scenarios that cite its rule, unless the whole lane is asked for: they are what has to kill it.
"""

from __future__ import annotations

import contextlib
import json
import multiprocessing
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from lanes import profile
from lanes.stack.services import Services
from tests.mutants import judging, nursery
from tests.mutants.mutant import Mutant

_CHECKOUT = Path(__file__).resolve().parents[2]
_SECONDS = 300  # a hang, not a speed limit
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload([judging.__name__])


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one mutant. `clauses` are those of its own rule that did not hold."""

    id: str
    rule: str
    clause: str
    lane: str
    outcome: str  # killed, survived, wrong_rule, crashed
    failed_rules: tuple[str, ...]
    clauses: tuple[str, ...] = ()
    text: str = field(default="", repr=False)
    seconds: float = 0.0  # that it took to judge it

    @property
    def proven(self) -> bool:
        """Whether the very clause that it breaks turned red."""
        return self.outcome == "killed" and self.clause in self.clauses


def control(lane: str, environment: Mapping[str, str], rules: Iterable[str] = ()) -> str:
    """The verdict of the reference without mutation, by these rules or all: its word, or `failed: …` with those that failed."""
    chosen = [word for rule in rules for word in ("--only", rule)]
    verdict, said = _judge(lane, ["{python}", "-m", "reference_impl"], "control", environment, chosen)
    if verdict is None:
        return f"crashed: {said[-500:]}"
    failed = _failed(verdict)
    return f"failed: {' '.join(failed)}" if failed else str(verdict["verdict"])


def try_all(
    lane: str, mutants: Iterable[Mutant], jobs: int, environment: Mapping[str, str], *, whole: bool = False
) -> Iterator[Trial]:
    """Judges mutants, several side by side, and answers each trial as it is over, in the order of the catalogue.

    `environment` says where the emulators are that all of them share.
    """
    with nursery.raised(with_stores=bool(environment)) as servers, ThreadPoolExecutor(jobs) as pool:
        yield from pool.map(lambda each: _timed(lane, each, environment, servers, whole=whole), mutants)


@contextlib.contextmanager
def emulators(lane: str) -> Iterator[dict[str, str]]:
    """The emulators of a lane, started once for all mutants; what the environment of a run has to say of them."""
    with Services(profile.load(lane).stack) as services:
        yield services.as_given


def as_json(control_word: str, trials: Iterable[Trial]) -> dict[str, Any]:
    """The matrix as data."""
    keys = ("id", "rule", "clause", "lane", "outcome", "failed_rules", "clauses", "seconds")
    rows = [{key: value for key, value in asdict(trial).items() if key in keys} for trial in trials]
    return {"control": control_word, "mutants": rows}


def _timed(lane: str, mutant: Mutant, environment: Mapping[str, str], servers: Path, *, whole: bool) -> Trial:
    began = time.perf_counter()
    trial = _try(lane, mutant, environment, servers, whole=whole)
    return replace(trial, seconds=round(time.perf_counter() - began, 2))


def _try(lane: str, mutant: Mutant, environment: Mapping[str, str], servers: Path, *, whole: bool) -> Trial:
    chosen = [] if whole else ["--only", mutant.judged_by]
    around = (mutant.area, mutant.id) if mutant.around else None
    verdict, said = _judge(lane, mutant.command, mutant.id, environment, chosen, servers, around)
    if verdict is None:
        return Trial(mutant.id, mutant.rule, mutant.clause, lane, "crashed", (), (), said[-500:])
    failed = _failed(verdict)
    rows = verdict["rules"][mutant.rule]["clauses"]
    clauses = tuple(name for name, row in rows.items() if row["failed"])
    if mutant.rule in failed:
        outcome = "killed"
    elif failed:
        outcome = "wrong_rule"
    else:
        broken = verdict["errors"] or verdict["rules"][mutant.rule]["outcome"] in {"error", "not_run"}
        outcome = "crashed" if broken else "survived"
    text = (
        "; ".join([*verdict["errors"], str(verdict["rules"][mutant.rule]["reason"])]) if outcome == "crashed" else mutant.text
    )
    others = tuple(rule for rule in failed if rule != mutant.rule)
    return Trial(mutant.id, mutant.rule, mutant.clause, lane, outcome, others, clauses, text)


def _claims(lane: str) -> list[str]:
    # Whoever claims to be deployed is judged as that in a browser, too.
    return ["core", "records", "resilience", "browser" if lane == "browser" else "deployed"]


def _failed(verdict: dict[str, Any]) -> list[str]:
    return [rule for rule, row in verdict["rules"].items() if row["outcome"] in {"failed", "warned"}]


def _judge(
    lane: str,
    command: list[str],
    name: str,
    environment: Mapping[str, str],
    chosen: Iterable[str] = (),
    servers: Path | None = None,
    around: tuple[str, str] | None = None,
) -> tuple[dict[str, Any] | None, str]:
    with tempfile.TemporaryDirectory(prefix="medialane-mutant-") as made:
        folder = Path(made)
        (folder / "target.toml").write_text(
            f'schema = 1\nname = "{name}"\nclaims = {json.dumps(_claims(lane))}\n'
            'offers = ["operator", "records", "states", "pages"]\n\n'
            f"[launch]\ncommand = {json.dumps([*command, 'serve'])}\nreset = {json.dumps([*command, 'reset'])}\n"
            f"folder = {json.dumps(str(_CHECKOUT))}\n",
            encoding="utf-8",
        )
        words = ["run", lane, "--target", "target.toml", "--output", "run", *chosen]
        # A fork of a process that has loaded the harness already: most mutants are judged in less time than that takes.
        process = _FORKS.Process(target=judging.run_command, args=(words, folder, dict(environment), servers, around))
        process.start()
        process.join(_SECONDS)
        if process.is_alive():
            process.terminate()
            process.join()
        process.close()
        verdict = folder / "run" / "verdict.json"
        said = (folder / judging.SAID).read_text(encoding="utf-8", errors="replace")
        return (json.loads(verdict.read_text(encoding="utf-8")) if verdict.exists() else None), said
