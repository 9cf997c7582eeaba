"""The exchanges of checks that did not hold, each with a curl line that repeats it."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from urllib3.filepost import encode_multipart_formdata

from lanes.client import UNKNOWN

if TYPE_CHECKING:
    from lanes.checks import Check
    from lanes.client import Answer, Request
    from lanes.redact import Redactor
    from lanes.run import Run

MOST_FOR_A_CLAUSE = 5  # checks of one clause whose exchanges are written; the rest differ in little
_TELLING = 8  # characters that a text needs, to be told from others by itself
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
        text = run.redactor.text(_told(check, Keeper(folder, run.redactor), run.plan.target.name))
        (folder / f"{check.rule}.{check.clause}.{number}.txt").write_text(text, encoding="utf-8", errors="replace")


class Keeper:
    """Keeps the bodies that are no text as files beside the exchanges, redacted."""

    def __init__(self, folder: Path, redactor: Redactor) -> None:
        self._folder = folder
        self._redactor = redactor

    def keep(self, what: str, data: bytes, extension: str) -> str:
        """Writes the bytes, the same ones once, and answers the name of the file."""
        name = f"{what}-{hashlib.sha256(data).hexdigest()[:16]}{extension}"
        (self._folder / name).write_bytes(self._redactor.data(data))
        return name


def curl(request: Request, keeper: Keeper | None = None) -> str:
    """A curl command that sends the request again. Credentials are shell variables; files lie beside the exchange.

    What went elsewhere than to the target never has a credential of it.
    """
    words = ["curl", "-i", "--path-as-is"]
    if request.method == "HEAD":
        words.append("--head")
    elif request.method != "GET":
        words += ["-X", request.method]
    words += [part for name, value in request.headers.items() for part in ("-H", f"{name}: {value}")]
    words += _body_words(request, keeper)
    line = shlex.join([*words, request.url])
    if request.elsewhere:
        return line
    if request.role == UNKNOWN:
        line += ' -H "Authorization: Bearer a-credential-that-nobody-knows"'
    elif request.role:
        # Outside the quotes of shlex, so that the shell fills it in.
        line += f' -H "Authorization: Bearer $MEDIALANE_{request.role.upper()}_CREDENTIAL"'
    return line


def _body_words(request: Request, keeper: Keeper | None) -> list[str]:
    if request.json is not None:
        declared = any(name.lower() == "content-type" for name in request.headers)
        kind = [] if declared else ["-H", "Content-Type: application/json"]
        return [*kind, "--data-binary", json.dumps(request.json, ensure_ascii=False)]
    if any(upload.declared is None for upload in request.files):
        # curl gives every file a type: one without needs the whole body as it was.
        parts: list[Any] = [*request.form, *(("file", (each.name, each.data, each.declared)) for each in request.files)]
        body, kind_of_body = encode_multipart_formdata(parts, boundary="medialane-boundary")
        kept = keeper.keep("sent", body, ".multipart") if keeper else "FILE"
        return ["-H", f"Content-Type: {kind_of_body}", "--data-binary", f"@{kept}"]
    words = [word for name, value in request.form for word in ("--form-string", f"{name}={value}")]
    for upload in request.files:
        kept = keeper.keep("sent", upload.data, "") if keeper else "FILE"
        words += ["-F", f"file=@{kept};type={upload.declared};filename={_quoted(upload.name)}"]
    return words


def _told(check: Check, keeper: Keeper, target: str) -> str:
    lines = [f"{check.rule} {check.clause} did not hold at {target}", f"in: {check.scenario}", check.detail]
    if not check.seen:
        return (
            "\n".join(
                [
                    *lines,
                    "",
                    "There was no exchange: this was seen in a process, in the store, or in a browser: see browser/.",
                ]
            )
            + "\n"
        )
    lines += ["", *(_ELSEWHERE if all(answer.request.elsewhere for answer in check.seen) else _BEFORE)]
    known: dict[str, str] = {}
    for answer in check.seen:
        lines += ["", *_repeated(answer, keeper, known), "", _exchange(answer, keeper)]
    return "\n".join(lines) + "\n"


_ELSEWHERE = ("# To repeat it, as anybody can: it went to somebody else than the target itself.",)
_BEFORE = (
    "# To repeat it, in this folder: start the target again, then say where it is and what its credentials are.",
    ": ${MEDIALANE_BASE_URL:?} ${MEDIALANE_WRITE_CREDENTIAL:?}",
    """field() { grep -o "\\"$1\\": *\\"[^\\"]*\\"" | head -n 1 | cut -d '"' -f 4; }""",
)
_NEW_ARTIST = (
    """ARTIST=$(curl -sS -H "Authorization: Bearer $MEDIALANE_WRITE_CREDENTIAL" -H 'Content-Type: application/json' """
    """--data '{"name": "Repeated"}' """
    """"$MEDIALANE_BASE_URL/artists" | field ID)"""
)


def _repeated(answer: Answer, keeper: Keeper, known: dict[str, str]) -> Iterator[str]:
    """The shell lines that send the request of an answer again, to a target that has none of the run's artists or media.

    `known` maps what the run was told (IDs, URLs) to the shell variables that hold what is told now.
    """
    request = answer.request
    base = "/".join(request.url.split("/", 3)[:3])
    line = curl(request, keeper)
    artist = re.match(r"[^/]+//[^/]+/artists/([^/?]+)", request.url)
    if artist and artist[1] not in known and len(artist[1]) >= _TELLING:
        yield "# A new artist, in place of the run's:"
        yield _NEW_ARTIST
        known[artist[1]] = "$ARTIST"
    for told, variable in sorted(known.items(), key=lambda each: -len(each[0])):
        if not request.elsewhere or told.startswith(base):  # a key of a bucket is none of the target's URLs
            line = _substituted(line, told, variable)
    if not request.elsewhere:
        line = _substituted(line, base, "$MEDIALANE_BASE_URL")
    body = answer.json if answer.status == 201 else None
    media = body.get("media") if isinstance(body, dict) else None
    if isinstance(media, dict):
        yield f'TOLD=$({line}) && echo "$TOLD"'
        for key, variable in (("src", "SRC"), ("thumbnailSrc", "THUMBNAIL_SRC"), ("ID", "MEDIA_ID")):
            yield f'{variable}=$(field {key} <<<"$TOLD")'
            if len(str(media.get(key))) >= _TELLING:
                known[str(media[key])] = f"${variable}"
    else:
        yield line


def _substituted(line: str, told: str, variable: str) -> str:
    """The line with a shell variable in place of a text, which the shell fills in also where the text is in single quotes."""
    parts = line.split(told)
    filled = parts[0]
    for part in parts[1:]:
        filled += (f"'\"{variable}\"'" if _open_quote(filled) == "'" else f'"{variable}"') + part
    return filled


def _open_quote(words: str) -> str:
    """The kind of quote that is open at the end of shell words, empty where none is."""
    quote = ""
    for character in words:
        if not quote and character in {"'", '"'}:
            quote = character
        elif character == quote:
            quote = ""
    return quote


def _exchange(answer: Answer, keeper: Keeper) -> str:
    split = urlsplit(answer.request.url)
    path = split.path + (f"?{split.query}" if split.query else "")
    lines = [f"> {answer.request.method} {answer.request.url if answer.request.elsewhere else path}"]
    lines += [f"> {name}: {value}" for name, value in answer.request.headers.items()]
    lines += [f"< {answer.status} after {answer.seconds * 1000:.0f} ms"]
    lines += [f"< {name}: {value}" for name, value in answer.headers.items()]
    return "\n".join([*lines, "", _body(answer, keeper)])


def _body(answer: Answer, keeper: Keeper) -> str:
    if not answer.body:
        return "(no body)"
    kind = answer.headers.get("Content-Type", "").partition(";")[0]
    if kind.startswith("text/") or kind.endswith(("json", "xml")):
        return answer.body.decode("utf-8", "replace")[:_MOST_TEXT]
    name = keeper.keep("received", answer.body, _EXTENSIONS.get(kind, ".bin"))
    return f"({len(answer.body)} bytes, in {name})"


def _quoted(name: str) -> str:
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
