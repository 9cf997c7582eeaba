"""Records that are not those of the target prove nothing of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.harness.test_cli import medialane

TARGET = """
schema = 1
name = "acme"
claims = ["core", "records"]
offers = ["operator", "records"]

[launch]
command = ["{python}", "-m", "reference_impl", "serve"]

[records]
"""
SOURCES = {
    "an empty file": ("ndjson", 'source = "ndjson"\nfile = "rows.ndjson"\n', ""),
    "a file of somebody else's": ("ndjson", 'source = "ndjson"\nfile = "rows.ndjson"\n', '{"ID": "theirs"}\n'),
    "a query that finds nothing": (
        "sql",
        'source = "sql"\nurl = "DATABASE_URL"\nquery = "SELECT ID FROM artist_media WHERE 1 = 0"\n',
        "",
    ),
}


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("rule", ["SYN-2", "ING-12"])
def test_records_that_lack_what_the_public_is_shown_are_an_error_of_ours(tmp_path: Path, source: str, rule: str) -> None:
    kind, section, rows = SOURCES[source]
    (tmp_path / "acme.toml").write_text(TARGET + section, encoding="utf-8")
    (tmp_path / "rows.ndjson").write_text(rows, encoding="utf-8")
    result = medialane(tmp_path, "run", "mocked", "--target", "acme.toml", "--output", "out", "--only", rule)
    verdict: Any = json.loads((tmp_path / "out" / "verdict.json").read_text(encoding="utf-8"))
    assert (result.returncode, verdict["verdict"]) == (3, "inconclusive"), result.stdout + result.stderr
    assert verdict["rules"][rule]["outcome"] != "passed"
    (error,) = verdict["errors"]
    assert f"records ({kind})" in error
    assert "are these the records of this target?" in error
