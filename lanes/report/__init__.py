"""What a run leaves for people and machines: verdict.json, junit.xml, and the exchanges of checks that did not hold."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from lanes.files import check_own
from lanes.report.document import document
from lanes.report.exchanges import write_exchanges
from lanes.report.junit import write_junit

if TYPE_CHECKING:
    from lanes.run import Run
    from lanes.verdict import Verdict


def write(run: Run, verdict: Verdict) -> int:
    """Writes the run's folder, everything redacted. Answers the exit code that says the verdict."""
    run.output.mkdir(parents=True, exist_ok=True)
    code = verdict.exit_code(interrupted=run.interrupted, accept_partial=run.wish.accept_partial, require=run.wish.require)
    data = run.redactor.tree(document(run, verdict, code))
    check_own("verdict", data)
    text = json.dumps(data, indent=2, ensure_ascii=False)
    run.output.joinpath("verdict.json").write_text(text + "\n", encoding="utf-8", errors="backslashreplace")
    write_junit(run, verdict)
    write_exchanges(run)
    run.written = True
    return code
