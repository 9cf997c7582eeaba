"""The verdict: the outcome of every rule in one run, by profile, and the overall word."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from lanes.baseline import Baseline
from lanes.checks import Check, Ledger
from lanes.plan import Plan, PlannedRule

EXIT_CODES = {"conformant": 0, "nonconformant": 1, "refused": 2, "inconclusive": 3, "partial": 10}
INTERRUPTED = 130
UNJUDGED = "no scenario of this version judges it yet"


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of the scenarios that cite one rule."""

    cited: bool = False  # some scenario of the suite cites it
    selected: bool = False  # every one of them was selected in this run
    unselected: str = "it was deselected"  # why not
    ended: bool = False  # every one of them went on to its end
    errors: tuple[str, ...] = ()  # what went wrong on our side in them
    stopped: tuple[str, ...] = ()  # why some of them could not go on
    over: str | None = None  # why the whole run ended early

    @property
    def ended_well(self) -> bool:
        """Whether all that there is to see of the rule was seen."""
        return self.cited and self.selected and self.ended and not (self.errors or self.stopped)


@dataclass(frozen=True, slots=True)
class Outcome:
    """The outcome of one rule, with the reason where it did not pass."""

    planned: PlannedRule
    word: str
    reason: str | None
    clauses: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Every rule's outcome and the words that follow from them."""

    outcomes: Mapping[str, Outcome]
    profiles: Mapping[str, str]
    word: str
    errors: tuple[str, ...]

    @property
    def counts(self) -> dict[str, int]:
        """Rules by outcome."""
        return dict(Counter(outcome.word for outcome in self.outcomes.values()))

    def exit_code(self, *, interrupted: bool = False, accept_partial: bool = False, require: Iterable[str] = ()) -> int:
        """The exit code that says it. A partial verdict is accepted only where every required profile is conformant."""
        if interrupted:
            return INTERRUPTED
        code = EXIT_CODES[self.word]
        missed = [self.profiles[profile] for profile in require if self.profiles[profile] != "conformant"]
        if code == 0 and missed:
            return EXIT_CODES["partial" if set(missed) == {"partial"} else "inconclusive"]
        return 0 if self.word == "partial" and accept_partial and not missed else code


def judge(
    plan: Plan,
    ledger: Ledger,
    reached: Mapping[str, Reached],
    errors: Iterable[str] = (),
    baseline: Baseline | None = None,
) -> Verdict:
    """Makes outcomes of checks, and words of outcomes. `errors` are those of the whole run, not of one rule."""
    known = baseline or Baseline()
    # A scenario may blame any rule: only where all of them ran has a rule that did not fail not failed.
    whole = all(each.selected for each in reached.values() if each.cited)
    ended = {rule for rule, each in reached.items() if whole and each.ended_well}
    errors = (*errors, *known.stale(ledger, ended))
    outcomes = {
        rule_id: _outcome(planned, ledger, reached.get(rule_id, Reached()), known) for rule_id, planned in plan.rules.items()
    }
    profiles = {
        profile: _word_of([each for each in outcomes.values() if each.planned.rule.profile == profile], errors)
        for profile in plan.target.claims
    }
    return Verdict(outcomes, profiles, _word(list(outcomes.values()), errors), errors)


def _outcome(planned: PlannedRule, ledger: Ledger, reached: Reached, known: Baseline) -> Outcome:
    rule = planned.rule
    clauses = {clause.name: _clause(planned, clause.name, ledger) for clause in rule.clauses}
    if planned.settled:
        return Outcome(planned, planned.settled, planned.reason, clauses)
    failures = ledger.failures(rule.id)
    unknown = [check for check in failures if not known.covers(rule.id, check.clause)]
    unreached = _unreached(planned, ledger, reached)
    if unknown and rule.level == "MUST":
        # A failure that was seen stays one, whatever went wrong besides; one that nobody named is not made up for by others.
        return Outcome(planned, "failed", _told(unknown), clauses)
    if reached.errors:
        return Outcome(planned, "error", "; ".join(reached.errors), clauses)
    if unknown:
        return Outcome(planned, "warned", "; ".join([_told(unknown), *unreached]), clauses)
    if failures:
        entries = [known.covers(rule.id, check.clause) for check in failures]
        why = "; ".join(dict.fromkeys(f"{each.reason} (until {each.expires})" for each in entries if each))
        return Outcome(planned, "known_failure", "; ".join([f"{why}: {_told(failures)}", *unreached]), clauses)
    if unverified := [f"{name}: {clauses[name]['why']}" for name in planned.due if "why" in clauses[name]]:
        return Outcome(planned, "not_verified", "; ".join([*unverified, *unreached]), clauses)
    if unreached:
        return Outcome(planned, "not_run", "; ".join(unreached), clauses)
    lacking = sorted({why for why in planned.absent.values() if why.startswith("needs")})
    return Outcome(planned, "passed", f"not every clause: {'; '.join(lacking)}" if lacking else None, clauses)


def _told(failures: list[Check]) -> str:
    first = f"{failures[0].clause}: {failures[0].detail}"
    return f"{first} (and {len(failures) - 1} more)" if len(failures) > 1 else first


def _unreached(planned: PlannedRule, ledger: Ledger, reached: Reached) -> list[str]:
    """Why the rule has not been judged to its end; nothing where it has."""
    if not reached.cited:
        return [UNJUDGED]
    if not reached.selected:
        return [reached.unselected]
    rule = planned.rule.id
    seen = {name for name in planned.due if ledger.held(rule, name) or ledger.failures(rule, name)}
    seen |= {name for name in planned.due if (rule, name) in ledger.unverified}
    if missed := [name for name in planned.due if name not in seen]:
        why = f"never reached: {', '.join(missed)}"
    elif reached.stopped:
        why = "a scenario of it stopped"
    elif not reached.ended:
        why = "a scenario of it did not go on to its end"
    else:
        return []
    return [why, *dict.fromkeys(reached.stopped), *filter(None, [reached.over])]


def _clause(planned: PlannedRule, name: str, ledger: Ledger) -> dict[str, Any]:
    row: dict[str, Any] = {
        "due": name in planned.due,
        "held": ledger.held(planned.rule.id, name),
        "failed": len(ledger.failures(planned.rule.id, name)),
    }
    if name in planned.absent:
        row["why"] = planned.absent[name]
    elif not row["failed"] and (planned.rule.id, name) in ledger.unverified:
        row["why"] = ledger.unverified[planned.rule.id, name]
    return row


def _word_of(outcomes: list[Outcome], errors: tuple[str, ...]) -> str:
    """The word of one profile, which may be none of this lane's affair."""
    return "elsewhere" if {outcome.word for outcome in outcomes} == {"elsewhere"} else _word(outcomes, errors)


def _word(outcomes: list[Outcome], errors: tuple[str, ...]) -> str:
    binding = {outcome.word for outcome in outcomes if outcome.planned.rule.level == "MUST"}
    if "failed" in binding:
        return "nonconformant"  # a failure that was seen stays one, whatever went wrong besides
    if errors or any(outcome.word == "error" for outcome in outcomes) or not binding & {"passed", "known_failure"}:
        return "inconclusive"
    return "partial" if binding & {"not_verified", "not_run", "known_failure"} else "conformant"
