"""Two verdicts side by side: rule by rule and clause by clause, what changed, and what regressed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from jsonschema.exceptions import best_match

from lanes.errors import Refused
from lanes.files import explain, validator

# From best to worst, as far as trust in the target goes. What one run did not judge is worse than what the other saw
# hold, and better than what it saw fail.
_TRUST = {
    "passed": 0,
    "elsewhere": 1,
    "unclaimed": 1,
    "not_verified": 2,
    "not_run": 2,
    "error": 3,
    "warned": 4,
    "known_failure": 4,
    "failed": 5,
}


_ELSEWHERE = {"elsewhere", "not due"}


@dataclass(frozen=True, slots=True)
class Change:
    """A rule whose outcome, or a clause of it whose standing, differs between two verdicts."""

    rule: str
    clause: str | None
    before: str
    after: str
    regressed: bool
    reason: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything in which the second verdict differs from the first."""

    before: str  # what was judged, where
    after: str
    notes: tuple[str, ...]
    changes: tuple[Change, ...]
    unchanged: int  # rules

    @property
    def regressions(self) -> tuple[Change, ...]:
        """The changes for the worse."""
        return tuple(change for change in self.changes if change.regressed)

    def as_json(self) -> dict[str, Any]:
        """The comparison as data."""
        return {
            "before": self.before,
            "after": self.after,
            "notes": list(self.notes),
            "unchanged": self.unchanged,
            "regressions": len(self.regressions),
            "changes": [
                {
                    "rule": each.rule,
                    "clause": each.clause,
                    "before": each.before,
                    "after": each.after,
                    "regressed": each.regressed,
                    "reason": each.reason,
                }
                for each in self.changes
            ],
        }


def read_verdict(path: Path) -> dict[str, Any]:
    """A verdict.json, or that of a run's folder. Raises Refused for anything else."""
    file = path / "verdict.json" if path.is_dir() else path
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"{file}: cannot be read: {error.strerror}") from None
    except ValueError as error:
        raise Refused(f"{file}: is not JSON: {error}") from None
    if violation := best_match(validator("verdict").iter_errors(data)):
        raise Refused(f"{file}: is no verdict: {explain(violation)}")
    return data


def compare(before: Mapping[str, Any], after: Mapping[str, Any], *, across_contracts: bool = False) -> Comparison:
    """What changed from one verdict to the other.

    Raises Refused for verdicts on different contracts, unless `across_contracts` says that this is meant.
    """
    notes = []
    if before["contract"] != after["contract"]:
        one, other = (f"{each['contract']['version']} ({each['contract']['sha256'][:12]})" for each in (before, after))
        if not across_contracts:
            raise Refused(
                f"the verdicts are on different contracts, {one} and {other}; --across-contracts compares them all the same"
            )
        notes.append(f"different contracts: {one} and {other}")
    if before["corpus"] != after["corpus"]:
        notes.append("different corpora: a rule may have been judged on other images")
    notes += [f"{name} was interrupted" for name, each in (("the first", before), ("the second", after)) if _cut(each)]
    rules = sorted(before["rules"].keys() | after["rules"].keys(), key=_in_catalogue_order(before, after))
    changes = tuple(change for rule in rules for change in _changes(rule, before["rules"].get(rule), after["rules"].get(rule)))
    if before["lane"] != after["lane"]:
        # What another lane cannot establish has not got worse.
        notes.append("different lanes: what the second one cannot establish is no regression")
        changes = tuple(replace(each, regressed=each.regressed and each.after not in _ELSEWHERE) for each in changes)
    changed = {change.rule for change in changes}
    return Comparison(_judged(before), _judged(after), tuple(notes), changes, len(rules) - len(changed))


def _changes(rule: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Iterator[Change]:
    was = before["outcome"] if before else "absent"
    now = after["outcome"] if after else "absent"
    reason = after["reason"] if after else "the second verdict does not have the rule"
    if was != now:
        yield Change(rule, None, was, now, _worse(was, now), reason)
    clauses_before = before["clauses"] if before else {}
    clauses_after = after["clauses"] if after else {}
    for name in dict.fromkeys([*clauses_before, *clauses_after]):
        stood, stands = _standing(clauses_before.get(name)), _standing(clauses_after.get(name))
        if stood != stands:
            regressed = stands == "failed" or (stood == "held" and stands != "held")
            yield Change(rule, name, stood, stands, regressed, None)


def _standing(clause: Mapping[str, Any] | None) -> str:
    if clause is None:
        return "absent"
    if clause["failed"]:
        return "failed"
    if clause["held"]:
        return "held"
    return "not reached" if clause["due"] else "not due"


def _worse(was: str, now: str) -> bool:
    # A rule that is gone can no longer fail, which is no comfort.
    worst = max(_TRUST.values()) - 1
    return _TRUST.get(now, worst) > _TRUST.get(was, worst)


def _judged(verdict: Mapping[str, Any]) -> str:
    target = verdict["target"]
    build = f" {target['build']}" if target["build"] and target["build"] != "unknown" else ""
    return f"{target['name']}{build} on {verdict['lane']}, {verdict['started']}: {verdict['verdict']}"


def _cut(verdict: Mapping[str, Any]) -> bool:
    return bool(verdict.get("interrupted"))


def _in_catalogue_order(before: Mapping[str, Any], after: Mapping[str, Any]) -> Any:
    order = {rule: place for place, rule in enumerate(dict.fromkeys([*before["rules"], *after["rules"]]))}
    return order.__getitem__
