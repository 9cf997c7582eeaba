"""Two verdicts side by side: what changed, word by word, rule by rule and clause by clause, and what regressed."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from jsonschema.exceptions import best_match

from lanes.errors import Refused
from lanes.files import explain, validator

Kind = Literal["regressed", "improved", "no longer judged", "changed"]

_ABSENT: Mapping[str, Any] = {"outcome": "absent", "clauses": {}, "reason": "the second verdict does not have the rule"}

# From best to worst, as far as trust in the target goes. What one run did not judge, for whatever reason, is worse than
# what the other saw hold, and better than what it saw fail.
_TRUST = {
    "passed": 0,
    "elsewhere": 1,
    "unclaimed": 1,
    "not_verified": 1,
    "not_run": 1,
    "error": 2,
    "warned": 3,
    "known_failure": 3,
    "failed": 4,
}
# The same for words. A claim that was dropped is the worst: whatever was wrong is wrong unseen.
_WORDS = ("conformant", "partial", "refused", "inconclusive", "nonconformant", "unclaimed")
_ELSEWHERE = frozenset({"elsewhere", "not due"})  # what another lane cannot establish has not got worse

_BEST = {"passed", "held", "conformant"}
_SEEN = {"passed", "warned", "known_failure", "failed", "held"}  # of these a check was made


@dataclass(frozen=True, slots=True)
class Change:
    """The word for a run or a profile, the outcome of a rule, or the standing of a clause, where two verdicts differ."""

    subject: str  # "verdict", a profile or a rule
    clause: str | None
    before: str
    after: str
    kind: Kind
    reason: str | None = None

    @property
    def regressed(self) -> bool:
        """Whether it is for the worse."""
        return self.kind == "regressed"

    def as_json(self) -> dict[str, Any]:
        """The change as data, but for its subject."""
        told = {"before": self.before, "after": self.after, "change": self.kind, "regressed": self.regressed}
        return told | {"reason": self.reason}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Everything in which the second verdict differs from the first."""

    before: str  # what was judged, where
    after: str
    notes: tuple[str, ...]
    words: tuple[Change, ...]  # for the run as a whole and for its profiles
    changes: tuple[Change, ...]  # of rules and their clauses
    unchanged: int  # rules

    @property
    def regressions(self) -> tuple[Change, ...]:
        """The changes for the worse."""
        return tuple(change for change in (*self.words, *self.changes) if change.regressed)

    def as_json(self) -> dict[str, Any]:
        """The comparison as data."""
        return {
            "before": self.before,
            "after": self.after,
            "notes": list(self.notes),
            "unchanged": self.unchanged,
            "regressions": len(self.regressions),
            "words": [{"of": each.subject} | each.as_json() for each in self.words],
            "changes": [{"rule": each.subject, "clause": each.clause} | each.as_json() for each in self.changes],
        }


def read_verdict(path: Path) -> dict[str, Any]:
    """A verdict.json, or that of a run's folder. Raises Refused for anything else."""
    file = path / "verdict.json" if path.is_dir() else path
    try:
        data: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise Refused(f"{file}: cannot be read: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        raise Refused(f"{file}: is not JSON: {error}") from None
    if violation := best_match(validator("verdict").iter_errors(data)):
        raise Refused(f"{file}: is no verdict: {explain(violation)}")
    return data


def compare(before: Mapping[str, Any], after: Mapping[str, Any], *, across_contracts: bool = False) -> Comparison:
    """What changed from one verdict to the other.

    Raises Refused for verdicts on different contracts, unless `across_contracts` says that this is meant.
    """
    notes = [*_other_contract(before, after, across_contracts), *_circumstances(before, after)]
    words = tuple(_words(before, after))
    if before["lane"] != after["lane"]:
        # Lanes differ in what they can establish, and the words with it.
        notes += [f"{_named(word.subject)} was {word.before} and is {word.after}" for word in words]
        words = ()
    else:
        notes += _held_less(before, after)
    apart = _apart(before, after)
    rules = [rule for rule in dict.fromkeys([*before["rules"], *after["rules"]]) if rule not in apart]
    changes = tuple(change for rule in rules for change in _changes(rule, before, after))
    changed = {change.subject for change in changes}
    return Comparison(_judged(before), _judged(after), tuple(notes), words, changes, len(rules) - len(changed))


def _other_contract(before: Mapping[str, Any], after: Mapping[str, Any], across_contracts: bool) -> Iterator[str]:
    if before["contract"] == after["contract"]:
        return
    one, other = (f"{each['contract']['version']} ({each['contract']['sha256'][:12]})" for each in (before, after))
    if not across_contracts:
        raise Refused(
            f"the verdicts are on different contracts, {one} and {other}; --across-contracts compares them all the same"
        )
    yield f"different contracts: {one} and {other}"


def _circumstances(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """What makes the two hard to compare, and what went wrong on our side in the second alone."""
    one, other = (each["target"]["name"] for each in (before, after))
    if one != other:
        yield f"different targets: {one} and {other}"
    if before["lane"] != after["lane"]:
        yield "different lanes: what the second one cannot establish is no regression"
    if before["corpus"] != after["corpus"]:
        yield "different corpora: a rule may have been judged on other images"
    apart = Counter(_apart(before, after).values())
    for each in (each for each in before["profiles"] if each not in after["profiles"]):
        yield f"the second does not claim {each}{f': {apart[each]} rules not compared' if each in apart else ''}"
    yield from (f"the first does not claim {each}" for each in after["profiles"] if each not in before["profiles"])
    yield from (f"the {name} {cut}" for name, each in (("first", before), ("second", after)) if (cut := _cut(each)))
    # The lines below the first are the end of a log, which never says the same twice.
    old, new = ([error.partition("\n")[0] for error in each["errors"]] for each in (before, after))
    yield from (f"an error in the second alone: {each}" for each in new if each not in old)


def _words(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """The words that differ: the overall one, then those of the profiles that both claim or a target claims no longer."""
    claimed = [each for each in before["profiles"] if each in after["profiles"] or _same(before, after)]
    pairs = {"verdict": (before["verdict"], after["verdict"])}
    pairs |= {each: (before["profiles"][each], after["profiles"].get(each, "unclaimed")) for each in claimed}
    dropped = before["profiles"].keys() - after["profiles"].keys()
    for subject, (was, now) in pairs.items():
        if was != now and "elsewhere" not in {was, now}:
            kind = _kind(was, now, _WORDS.index(now) > _WORDS.index(was))
            if kind == "improved" and subject == "verdict" and dropped:
                kind = "changed"  # by dropping a claim one does not get better
            yield Change(subject, None, was, now, kind)


def _apart(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, str]:
    """The rules that another target, or the target on another lane, does not claim to keep, with their profiles."""
    if _same(before, after):
        return {}  # it has dropped a claim, which is a change of its own
    bound = {rule for rule, each in before["rules"].items() if each["outcome"] != "unclaimed"}
    return {rule: each["profile"] for rule, each in after["rules"].items() if rule in bound and each["outcome"] == "unclaimed"}


def _same(before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    """Whether both are verdicts on one target in one lane."""
    return bool(before["target"]["name"] == after["target"]["name"] and before["lane"] == after["lane"])


def _held_less(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    """A clause that holds on less evidence still holds, but somebody may want to know why there is less."""
    for rule, was in before["rules"].items():
        clauses = after["rules"].get(rule, _ABSENT)["clauses"]
        for name, stood in was["clauses"].items():
            stands = clauses.get(name)
            if _standing(stood) == _standing(stands) == "held" and stands["held"] < stood["held"]:
                yield f"{rule} {name} held {_times(stood['held'])}, now {stands['held']}"


def _changes(rule: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[Change]:
    """What changed of one rule, then of each of its clauses."""
    was, now = (each["rules"].get(rule, _ABSENT) for each in (before, after))
    same_lane = before["lane"] == after["lane"]
    excused = frozenset() if same_lane else _ELSEWHERE
    stood, stands = was["outcome"], now["outcome"]
    if stood != stands:
        worse = _less_trusted(stood, stands) and stands not in excused
        yield Change(rule, None, stood, stands, _kind(stood, stands, worse), now["reason"])
    for name in dict.fromkeys([*was["clauses"], *now["clauses"]]):
        one, other = was["clauses"].get(name), now["clauses"].get(name)
        if _standing(one) == _standing(other) == "failed":
            yield from _failures(rule, name, one["failed"], other["failed"], same_lane)
        else:
            yield from _clause(rule, name, _standing(one), _standing(other), excused)


def _failures(rule: str, clause: str, was: int, now: int, same_lane: bool) -> Iterator[Change]:
    if was != now:
        worse = now > was and same_lane  # how often it is checked depends on the lane
        yield Change(rule, clause, f"failed {_times(was)}", f"failed {_times(now)}", "regressed" if worse else "changed")


def _clause(rule: str, clause: str, stood: str, stands: str, excused: frozenset[str]) -> Iterator[Change]:
    if stood != stands:
        worse = stands == "failed" or (stood == "held" and stands not in excused)
        yield Change(rule, clause, stood, stands, _kind(stood, stands, worse))


def _standing(clause: Mapping[str, Any] | None) -> str:
    if clause is None:
        return "absent"
    if clause["failed"]:
        return "failed"
    if clause["held"]:
        return "held"
    return "not reached" if clause["due"] else "not due"


def _less_trusted(was: str, now: str) -> bool:
    # A rule that is gone can no longer fail, which is no comfort.
    absent = _TRUST["failed"] - 1
    return _TRUST.get(now, absent) > _TRUST.get(was, absent)


def _kind(was: str, now: str, worse: bool) -> Kind:
    """What a change amounts to. Only what was seen to hold is an improvement: a failure nobody looks at is not mended."""
    if worse:
        return "regressed"
    if now in _BEST:
        return "improved"
    return "no longer judged" if was in _SEEN and now not in _SEEN else "changed"


def _judged(verdict: Mapping[str, Any]) -> str:
    target = verdict["target"]
    build = f" {target['build']}" if target["build"] and target["build"] != "unknown" else ""
    return f"{target['name']}{build} on {verdict['lane']}, {verdict['started']}: {verdict['verdict']}"


def _named(subject: str) -> str:
    return "the verdict" if subject == "verdict" else f"the profile {subject}"


def _times(number: int) -> str:
    return "once" if number == 1 else f"{number} times"


def _cut(verdict: Mapping[str, Any]) -> str | None:
    if verdict.get("interrupted"):
        return "was interrupted"
    return f"ended early: {verdict['over']}" if verdict.get("over") else None
