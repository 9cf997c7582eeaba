"""The exchanges of checks that did not hold, each with a curl line that repeats it."""

from __future__ import annotations

import hashlib
import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from lanes.checks import Check
    from lanes.client import Answer, Request, Upload
    from lanes.run import Run

MOST_FOR_A_CLAUSE = 5  # checks of one clause whose exchanges are written; the rest differ in little
_MOST_TEXT = 20_000  # characters of a body
_EXTENSIONS = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


def write_exchanges(run: Run) -> None:
    """Writes exchanges/<rule>.<clause>.<number>.txt for the first failed checks of each clause, redacted."""
    numbers: dict[tuple[str, str], int] = {}
    for check in run.ledger.failed:
        number = numbers[check.rule, check.clause] = numbers.get((check.rule, check.clause), 0) + 1
        if number > MOST_FOR_A_CLAUSE:
            continue
        folder = run.output / "exchanges"
        folder.mkdir(exist_ok=True)
        text = run.redactor.text(_told(check, folder, run.plan.target.name))
        (folder / f"{check.rule}.{check.clause}.{number}.txt").write_text(text, encoding="utf-8", errors="replace")


def curl(request: Request, folder: Path | None = None) -> str:
    """A curl command that sends the request again. Credentials are shell variables; files lie beside the exchange."""
    words = ["curl", "-i", "--path-as-is"]
    if request.method == "HEAD":
        words.append("--head")
    elif request.method != "GET":
        words += ["-X", request.method]
    words += [part for name, value in request.headers.items() for part in ("-H", f"{name}: {value}")]
    if request.json is not None:
        words += ["-H", "Content-Type: application/json", "--data-binary", json.dumps(request.json, ensure_ascii=False)]
    for name, value in request.form:
        words += ["--form-string", f"{name}={value}"]
    for upload in request.files:
        kept = _keep(upload, folder) if folder else Path("FILE")
        declared = f";type={upload.declared}" if upload.declared else ""
        words += ["-F", f"file=@{kept.name}{declared};filename={_quoted(upload.name)}"]
    line = shlex.join([*words, request.url])
    if request.role:
        # Outside the quotes of shlex, so that the shell fills it in.
        line += f' -H "Authorization: Bearer $MEDIALANE_{request.role.upper()}_CREDENTIAL"'
    return line


def _told(check: Check, folder: Path, target: str) -> str:
    lines = [f"{check.rule} {check.clause} did not hold at {target}", f"in: {check.scenario}", check.detail]
    if not check.seen:
        lines.append("\nThere was no exchange: this was seen in a process or in the store.")
    for answer in check.seen:
        lines += ["", "# To repeat it, from this folder:", curl(answer.request, folder), "", _exchange(answer, folder)]
    return "\n".join(lines) + "\n"


def _exchange(answer: Answer, folder: Path) -> str:
    split = urlsplit(answer.request.url)
    path = split.path + (f"?{split.query}" if split.query else "")
    lines = [f"> {answer.request.method} {path}"]
    lines += [f"> {name}: {value}" for name, value in answer.request.headers.items()]
    lines += [f"< {answer.status} after {answer.seconds * 1000:.0f} ms"]
    lines += [f"< {name}: {value}" for name, value in answer.headers.items()]
    return "\n".join([*lines, "", _body(answer, folder)])


def _body(answer: Answer, folder: Path) -> str:
    if not answer.body:
        return "(no body)"
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind.startswith("text/") or kind.endswith("json"):
        return answer.body.decode("utf-8", "replace")[:_MOST_TEXT]
    name = hashlib.sha256(answer.body).hexdigest()[:16] + _EXTENSIONS.get(kind, ".bin")
    (folder / name).write_bytes(answer.body)
    return f"({len(answer.body)} bytes, in {name})"


def _keep(upload: Upload, folder: Path) -> Path:
    path = folder / f"sent-{hashlib.sha256(upload.data).hexdigest()[:16]}"
    path.write_bytes(upload.data)
    return path


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
