"""Mutants of what can be reached under the addresses of pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.mutants.answering import Headers
from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("DEL-5", "traversal")
def dots_lead_out_of_the_folder() -> None:
    """Media that is not in the store is looked for as a file, dots and all."""
    _serve_files(lambda raw: raw if "/../" in raw else None)


@mutant("DEL-5", "encoded-traversal")
def double_encoding_leads_out_of_the_folder() -> None:
    """A path is decoded once more after it was judged."""
    from urllib.parse import unquote

    _serve_files(lambda raw: unquote(unquote(raw)) if "%25" in raw else None)


@mutant("DEL-5", "encoded-traversal")
def backslashes_lead_out_of_the_folder() -> None:
    """A backslash separates folders."""
    from urllib.parse import unquote

    _serve_files(lambda raw: unquote(raw).replace("\\", "/") if "%5c" in raw.lower() or "\\" in raw else None)


@mutant("DEL-5", "absolute")
def absolute_paths_are_followed() -> None:
    """A path with two slashes names a file from the root."""
    _serve_files(lambda raw: raw.partition("//")[2] and "/" + raw.partition("//")[2] if "://" not in raw else None)


@mutant("DEL-5", "absolute")
def urls_in_a_path_are_fetched() -> None:
    """A URL behind the delivery path answers 200, as a proxy would."""

    def change(method: str, path: str, status: int, headers: Headers) -> int | None:
        del method, status, headers
        return 200 if path.startswith("/media/") and "http://" in path else None

    _status(change)


@mutant("DEL-5", "unknown")
def the_folder_alone_counts() -> None:
    """A file that its folder does not have is served as the canonical of that folder."""
    from reference_impl import catalogue, records

    async def deliverable(original: Any, backend: Any, folder: str, file: str) -> Any:
        found = await original(backend, folder, file)
        if found or "." not in file:
            return found
        for artist in await backend.query(records.list_artists, 0, 1000):
            for media in await backend.query(records.list_media, artist.id):
                if (media.storage_key or "").startswith(f"media/{folder}/"):
                    return await original(backend, folder, media.storage_key.rpartition("/")[2])
        return None

    wrap_async(catalogue, "deliverable", deliverable)


@mutant("DEL-5", "unknown")
def unknown_media_is_gone() -> None:
    """Unknown media answers 410."""
    _status(lambda _, path, status, __: 410 if status == 404 and path.count("/") == 3 and path.endswith(".jpg") else None)


@mutant("DEL-5", "no-listing")
def folders_are_listed() -> None:
    """A folder with a slash lists the files in it."""
    _folder(200, "\n".join)


@mutant("DEL-5", "leaks-nothing")
def a_folder_says_what_is_in_it() -> None:
    """The 404 of a folder suggests the files that it has."""
    _folder(404, lambda names: f"Did you mean {', '.join(names)}?")


@mutant("DEL-5", "leaks-nothing")
def the_store_speaks_for_itself() -> None:
    """The 404 of unknown media is the store's own words."""
    from reference_impl import problems

    def problem(original: Any, code: str, detail: str, *rest: Any) -> Any:
        return original(code, "NoSuchKey: The specified key does not exist." if code == "not_found" else detail, *rest)

    wrap(problems, "Problem", problem)


def _serve_files(path_of: Any) -> None:
    """What the raw path of a request under /media means, where it means a file that is there, is served."""
    import os

    from starlette.responses import Response

    from reference_impl import app

    def meant(raw: str) -> Path | None:
        path = path_of(raw) if raw.startswith("/media") else None
        return Path(os.path.normpath(path)) if path else None

    def create(original: Any, runtime: Any, database: Any) -> Any:
        inner = original(runtime, database)

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            raw = scope.get("raw_path", b"").decode("latin-1")
            file = meant(raw)
            if file and file.is_file():
                await Response(file.read_bytes(), media_type="application/octet-stream")(scope, receive, send)
            else:
                await inner(scope, receive, send)

        return outer

    wrap(app, "create_app", create)


def _status(change: Any) -> None:
    from reference_impl import app

    def create(original: Any, runtime: Any, database: Any) -> Any:
        inner = original(runtime, database)

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            async def changing(message: Any) -> None:
                if message["type"] == "http.response.start":
                    status = change(scope["method"], scope["path"], message["status"], message["headers"])
                    message = {**message, "status": status or message["status"]}
                await send(message)

            await inner(scope, receive, changing if scope["type"] == "http" else send)

        return outer

    wrap(app, "create_app", create)


def _folder(status: int, say: Any) -> None:
    """The path of a folder answers with what `say` makes of the names in it."""
    from starlette.responses import JSONResponse

    from reference_impl import records
    from reference_impl.routes.delivery import Elsewhere

    async def dispatch(original: Any, self: Any) -> None:
        folder = self.scope["path"].rstrip("/") + "/"
        keys = [
            media.storage_key
            for artist in await self.backend.query(records.list_artists, 0, 1000)
            for media in await self.backend.query(records.list_media, artist.id)
            if media.storage_key
        ]
        names = [key.rpartition("/")[2] for key in keys if f"/{key}".startswith(folder)]
        if not names or folder == "/media/":
            await original(self)
        document = {"type": "about:blank", "title": "Not Found", "status": 404, "code": "not_found", "detail": say(names)}
        headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
        answer = JSONResponse(document, status, headers, media_type="application/problem+json")
        await answer(self.scope, self.receive, self.send)

    wrap_async(Elsewhere, "dispatch", dispatch)
