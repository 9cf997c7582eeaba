from __future__ import annotations

import datetime
from collections.abc import Collection
from pathlib import Path

import pytest

from lanes.baseline import Baseline, KnownFailure, hold, load
from lanes.checks import Check, Ledger
from lanes.errors import Refused
from tests.harness import samples
from tests.harness.samples import clause, rule

TODAY = datetime.date(2026, 11, 24)
RULES = (rule("ING-1", clause("one"), clause("other")), rule("ING-2"))
ENTRY = '[[known]]\nrule = "ING-1"\nclause = "one"\nreason = "is being mended"\nexpires = 2026-11-24\n'


def loaded(folder: Path, text: str) -> Baseline:
    path = folder / "known.toml"
    path.write_text(f"schema = 1\n{text}", encoding="utf-8")
    return load(path, samples.catalogue(*RULES), TODAY)


def test_an_entry_counts_until_its_day_is_over(tmp_path: Path) -> None:
    known = KnownFailure("ING-1", "one", "is being mended", TODAY)
    assert loaded(tmp_path, ENTRY).known == (known,)
    assert loaded(tmp_path, ENTRY).covers("ING-1", "one") == known
    assert loaded(tmp_path, ENTRY).covers("ING-1", "other") is None
    assert loaded(tmp_path, ENTRY).covers("ING-2", "one") is None


def test_a_baseline_may_be_empty(tmp_path: Path) -> None:
    assert loaded(tmp_path, "known = []\n") == Baseline()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (ENTRY.replace("2026-11-24", "2026-11-23"), "ING-1 one expired on 2026-11-23"),
        (ENTRY.replace("ING-1", "ING-11"), "rule 'ING-11' is not in the catalogue; did you mean 'ING-1'"),
        (ENTRY.replace('"one"', '"onee"'), "ING-1 has no clause 'onee'; did you mean 'one'"),
        (ENTRY + ENTRY, "ING-1 one is there twice"),
        (ENTRY.replace("2026-11-24", '"2026-11-24"'), "expires is '2026-11-24'; allowed: a date"),
        (ENTRY.replace("2026-11-24", "2026-11-24T10:00:00Z"), "expires is datetime"),
        (ENTRY.replace("is being mended", "no"), r"known\[0\]\.reason: "),
        (ENTRY.replace('reason = "is being mended"\n', ""), r"known\[0\]: 'reason' is missing"),
        (ENTRY.replace("expires", "until"), r"known\[0\]: unknown key 'until'"),
    ],
)
def test_an_entry_that_could_hide_more_than_it_says_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(Refused, match=rf"known\.toml: .*{told}"):
        loaded(tmp_path, text)


@pytest.mark.parametrize(("checks", "stale"), [((), False), ((False,), False), ((True, False), False), ((True,), True)])
def test_an_entry_whose_clause_holds_is_stale(tmp_path: Path, checks: tuple[bool, ...], stale: bool) -> None:
    ledger = Ledger(samples.plan(*RULES))
    for held in checks:
        ledger.record(Check("ING-1", "one", held, "", "A scenario"))
    lines = list(loaded(tmp_path, ENTRY).stale(ledger))
    assert lines == (["the baseline names ING-1 one, which holds: remove the entry"] if stale else [])


@pytest.mark.parametrize(
    ("judged", "checks", "stale"),
    [
        ({"ING-1"}, (), True),  # the other clause may have been reached; this one was not, and nothing stopped it
        ({"ING-1"}, (False,), False),
        ({"ING-1"}, (True,), True),
        ({"ING-2"}, (), False),
        # It may fail in those of its scenarios that were left out.
        ({"ING-2"}, (True,), False),
        ((), (), False),
    ],
)
def test_an_entry_of_a_rule_judged_to_its_end_that_did_not_fail_is_stale(
    tmp_path: Path, judged: Collection[str], checks: tuple[bool, ...], stale: bool
) -> None:
    ledger = Ledger(samples.plan(*RULES))
    for held in checks:
        ledger.record(Check("ING-1", "one", held, "", "A scenario"))
    lines = list(loaded(tmp_path, ENTRY).stale(ledger, judged))
    assert [line.partition(",")[0] for line in lines] == (["the baseline names ING-1 one"] if stale else [])
    assert all(("which holds: " in line) is bool(checks) for line in lines)


def test_an_entry_whose_clause_is_not_due_is_never_stale_but_told(tmp_path: Path) -> None:
    elsewhere = samples.plan(rule("ING-1", clause("one", "S"), clause("other")), RULES[1])
    known = loaded(tmp_path, ENTRY)
    assert list(known.stale(Ledger(elsewhere), {"ING-1"})) == []
    why = "this lane cannot establish it; these can: s3-emulator"
    assert hold(known, elsewhere, tmp_path) == [f"the baseline names ING-1 one, which is not due on mocked: {why}"]
    assert hold(known, samples.plan(*RULES), tmp_path) == []


@pytest.mark.parametrize(
    ("profile", "told"),
    [
        ("records", "ING-1 is of the profile records, which 'acme' does not claim; it claims: core, browser"),
        ("suite", "ING-1 binds medialane itself, and no target"),
    ],
)
def test_an_entry_that_can_hide_nothing_of_the_target_is_refused(tmp_path: Path, profile: str, told: str) -> None:
    bound = samples.plan(rule("ING-1", clause("one"), profile=profile), judged=samples.target(claims=("core", "browser")))
    with pytest.raises(Refused, match=rf"known\.toml: {told}"):
        hold(loaded(tmp_path, ENTRY), bound, tmp_path / "known.toml")
