"""The verdict as JUnit XML: a suite for each area, a case for each rule. A rule that did not pass never looks as if it had."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

if TYPE_CHECKING:
    from lanes.run import Run
    from lanes.verdict import Outcome, Verdict

# XML 1.0, section 2.2: characters that no document may hold, escaped or not.
_NO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write_junit(run: Run, verdict: Verdict) -> None:
    """Writes junit.xml into the run's folder."""
    suites: dict[str, TestSuite] = {}
    for outcome in verdict.outcomes.values():
        area = outcome.planned.rule.area
        suites.setdefault(area, TestSuite(area)).add_testcase(_case(run, outcome))
    report = JUnitXml("medialane")
    for suite in suites.values():
        report.add_testsuite(suite)
    for error in verdict.errors:
        case = TestCase("the run itself", classname="medialane")
        case.result = [Error(_clean(run, error))]
        suites.setdefault("run", TestSuite("run")).add_testcase(case)
    if "run" in suites:
        report.add_testsuite(suites["run"])
    report.update_statistics()  # type: ignore[no-untyped-call]
    report.write(str(run.output / "junit.xml"), pretty=True)


def _case(run: Run, outcome: Outcome) -> TestCase:
    rule = outcome.planned.rule
    case = TestCase(f"{rule.id} {rule.text}", classname=f"{run.plan.lane.name}.{rule.area}")
    reason = _clean(run, outcome.reason or "")
    match outcome.word:
        case "failed":
            details = [f"{check.clause}: {check.detail}" for check in run.ledger.failures(rule.id)]
            failure = Failure(reason, "failed")
            failure.text = _clean(run, "\n".join(details))
            case.result = [failure]
        case "error":
            case.result = [Error(reason, "error")]
        case "passed":
            pass
        case word:
            case.result = [Skipped(f"{word}: {reason}")]
    return case


def _clean(run: Run, text: str) -> str:
    return _NO_XML.sub("\ufffd", run.redactor.text(text))
