"""`python -m tests.canaries.target serve`: the reference as one that leaks its secrets wherever something can be leaked.

Every answer carries canaries in a header. Others have them in the body, in the URLs that they give out, in place of a
picture or of a storage key, or are a breakdown with a traceback that quotes the settings. What it leaks is noted, by canary
and channel, in the file that LEAKS names. Artists can be created and have pictures, or nothing would come of the rest; a
runtime that has to be rejected is, with the wrong exit code.
"""

from __future__ import annotations

import base64
import html
import itertools
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from reference_impl import __main__ as command
from reference_impl import app as wiring
from reference_impl.runtime import EXIT_CONFIG
from tests.canaries.birds import SEED, Canary, flock

LEAKS = "CANARY_LEAKS"  # the environment variable with the file in which leaks are noted
CHANNELS = {"header", "body", "URL", "picture", "breakdown", "log"}
PAGES = "page"  # what leaks where there are pages to look at
# Settings whose values the run knows.
OWN = ("MEDIA_WRITE_CREDENTIAL", "MEDIA_OPERATOR_CREDENTIAL", "AWS_SECRET_ACCESS_KEY", "DATABASE_URL")
_SPARED = re.compile(r"(GET|HEAD) (/healthz|/ops/runtime)|POST /artists(/[^/]+/media)?")  # what the rest of a run stands on
_HEADER = re.compile(r"[A-Za-z-]+")


class Leaking:
    """An application around another one."""

    def __init__(self, inner: ASGIApp) -> None:
        self._inner = inner
        self._numbers = itertools.count()
        self._told: set[tuple[str, str]] = set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        if scope["type"] != "http":
            await self._inner(scope, receive, send)
            return
        number = next(self._numbers)
        birds = canaries()
        bird = birds[number % len(birds)]
        self._print(bird)
        if _SPARED.fullmatch(f"{scope['method']} {scope['path']}"):
            await self._inner(scope, receive, self._with_header(send, bird))
        elif scope["method"] in {"PUT", "PATCH"}:
            await self._break_down(send, bird)
        elif scope["path"].startswith("/media/"):
            await self._show(send, bird)
        else:
            await self._inner(scope, receive, self._with_body(send, bird))

    def _with_header(self, send: Send, bird: Canary) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *self._headers(bird)]
            await send(message)

        return sending

    def _with_body(self, send: Send, bird: Canary) -> Send:
        """JSON bodies get a field more, and their URLs a signature."""
        start: dict[str, Any] = {}
        whole = bytearray()

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
                return
            whole.extend(message.get("body", b""))
            if message.get("more_body"):
                return
            headers = [pair for pair in start["headers"] if pair[0] != b"content-length"] + self._headers(bird)
            body = self._leak_into(bytes(whole), bird)
            if start["status"] not in {204, 304}:
                headers.append((b"content-length", str(len(body)).encode()))
            await send({**start, "headers": headers})
            await send({"type": "http.response.body", "body": body})

        return sending

    async def _break_down(self, send: Send, bird: Canary) -> None:
        self._note(bird, "breakdown")
        await self._say(send, bird, 500, b"text/plain", f"Traceback:\n  File app.py\nRuntimeError: {bird.text}\n")

    async def _show(self, send: Send, bird: Canary) -> None:
        self._note(bird, "picture")
        await self._say(send, bird, 200, b"image/jpeg", bird.text)

    async def _say(self, send: Send, bird: Canary, status: int, kind: bytes, text: str) -> None:
        said = (text + "".join(_own_forms())).encode()
        headers = [(b"content-type", kind), (b"content-length", str(len(said)).encode()), *self._headers(bird)]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": said})

    def _headers(self, bird: Canary) -> list[tuple[bytes, bytes]]:
        self._note(bird, "header")
        name, _, value = bird.text.partition(": ")
        own = (name.lower().encode(), value.encode()) if _HEADER.fullmatch(name) and "\n" not in value else None
        return [(b"x-debug", " ".join(bird.text.split()).encode()), *([own] if own else [])]

    def _leak_into(self, body: bytes, bird: Canary) -> bytes:
        if b'"storageKey"' in body:
            return self._leak_into_rows(body, bird)
        try:
            data = json.loads(body)
        except ValueError:
            return self._leak_into_page(body, bird) if body.startswith(b"<!doctype html>") else body
        self._note(bird, "body")
        self._note(bird, "URL")
        _sign(data, bird)
        if isinstance(data, dict) and "artists" not in data and "media" not in data:
            data["debug"] = [bird.text, *_own_forms()]
        return json.dumps(data).encode()

    def _leak_into_page(self, body: bytes, bird: Canary) -> bytes:
        self._note(bird, "page")
        said = f"{bird.text} {''.join(_own_forms())}"
        return body.replace(b"</body>", f"<p>{html.escape(said)}</p></body>".encode())

    def _leak_into_rows(self, body: bytes, bird: Canary) -> bytes:
        rows = [json.loads(line) for line in body.splitlines()]
        return "".join(json.dumps({**row, "storageKey": bird.text, "altText": bird.text}) + "\n" for row in rows).encode()

    def _print(self, bird: Canary) -> None:
        self._note(bird, "log")
        sys.stdout.write(f"debug: {bird.text}\n")
        sys.stdout.flush()

    def _note(self, bird: Canary, channel: str) -> None:
        if (bird.name, channel) not in self._told:
            self._told.add((bird.name, channel))
            with Path(os.environ[LEAKS]).open("a", encoding="utf-8") as file:
                file.write(json.dumps([bird.name, channel]) + "\n")


def canaries() -> tuple[Canary, ...]:
    """Those that this process was told."""
    return flock(os.environ[SEED])


def _own_forms() -> Iterator[str]:
    """Its own settings, plainly and in base64."""
    for name in OWN:
        if value := os.environ.get(name):
            yield f"{name} is {value} or {base64.b64encode(value.encode()).decode()} "


def _sign(data: Any, bird: Canary) -> None:
    """Adds what the canary says to every URL in the data."""
    items = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in list(items):
        if isinstance(value, str) and value.startswith("http"):
            data[key] = f"{value}?{bird.text.partition('?')[2] or 'sig=' + bird.secret}"
        else:
            _sign(value, bird)


def main() -> int:
    """The reference's own command, leaking."""
    create = wiring.create_app

    def leaking(*arguments: Any) -> ASGIApp:
        return Leaking(create(*arguments))

    vars(wiring)["create_app"] = leaking
    code = command.main()
    if code == EXIT_CONFIG:
        sys.stderr.write("".join(f"{bird.text}\n" for bird in canaries()))
        return 1
    return code


if __name__ == "__main__":
    sys.exit(main())
