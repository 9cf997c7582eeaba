"""What is kept of pages: a picture of each surface, and of what failed a trace and what was requested."""

from __future__ import annotations

import html
import io
import json
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lanes.redact import Redactor

if TYPE_CHECKING:
    from lanes.browsing.traffic import Sent

FOLDER = "browser"
_PICTURES = (b"\xff\xd8\xff", b"\x89PNG", b"GIF8")  # what they begin with, whatever they are called
_EVENTS = (".trace", ".network", ".stacks")  # parts with an event in JSON on each line


@dataclass(frozen=True, slots=True)
class Evidence:
    """A run's folder for it. Everything is redacted before it is written, but for pixels."""

    output: Path
    redactor: Redactor

    def keep_picture(self, name: str, picture: bytes) -> None:
        """A JPEG of this name."""
        self._place(name).write_bytes(picture)

    def keep_requests(self, name: str, sent: tuple[Sent, ...]) -> None:
        """A line of JSON for each request of a page."""
        lines = (
            json.dumps(
                {
                    "method": each.method,
                    "url": each.url,
                    "for": each.kind,
                    "status": each.status or None,
                    "type": each.headers.get("content-type"),
                    "bytes": len(each.body),
                    "failure": each.failure or None,
                }
            )
            for each in sent
        )
        self._place(f"{name}.requests.ndjson").write_text(self.redactor.text("\n".join(lines) + "\n"), encoding="utf-8")

    def keep_trace(self, name: str, trace: bytes) -> None:
        """A trace, for `playwright show-trace`. Headers and bodies are in it, so each of its parts is redacted."""
        with (
            zipfile.ZipFile(io.BytesIO(trace)) as found,
            zipfile.ZipFile(self._place(f"{name}.trace.zip"), "w", zipfile.ZIP_DEFLATED) as kept,
        ):
            for part in found.namelist():
                content = found.read(part)
                kept.writestr(part, self._without_secrets(part, content))

    def _without_secrets(self, part: str, content: bytes) -> bytes:
        if content.startswith(_PICTURES) or content[8:12] == b"WEBP":
            return content
        if not part.endswith(_EVENTS):
            text = html.unescape(content.decode("latin-1"))
            clean = self.redactor.text(text)
            return content if clean == text else clean.encode("latin-1", "replace")
        try:
            lines = [json.dumps(self._clean(json.loads(line))) for line in content.splitlines() if line]
        except ValueError:
            return self.redactor.data(content)
        return "\n".join(lines).encode() + b"\n"

    def _clean(self, value: Any, within: str = "") -> Any:
        """Events without secrets: headers stand there by name and value, and cookies too."""
        match value:
            case {"name": str(name), "value": str(text)}:
                if within == "queryString":
                    told = self.redactor.text(f"?{name}={text}").replace(f"?{name}=", ": ", 1)
                else:
                    told = self.redactor.text(f"{'cookie' if within == 'cookies' else name}: {text}")
                rest = {key: self._clean(each) for key, each in value.items() if key not in {"name", "value"}}
                return rest | {"name": self.redactor.text(name), "value": told.partition(": ")[2]}
            case dict():
                return {key: self._clean(each, key) for key, each in value.items()}
            case list():
                return [self._clean(each, within) for each in value]
            case str():
                return self.redactor.text(html.unescape(value))
            case _:
                return value

    def _place(self, name: str) -> Path:
        folder = self.output / FOLDER
        folder.mkdir(parents=True, exist_ok=True)
        return folder / re.sub(r"[^A-Za-z0-9._-]+", "-", name)
