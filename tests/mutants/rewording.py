"""How the mutants of pages are made: templates and scripts with other words in them, pictures with other bytes in browsers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.mutants.mutant import wrap, wrap_async


def template(name: str, old: str, new: str) -> None:
    """From now on a template has other words, where these stand in it once."""
    from reference_impl.pages import rendering

    def reworded(get_source: Any, environment: Any, template: str) -> Any:
        source, path, uptodate = get_source(environment, template)
        return (_reworded(source, old, new) if template == name else source), path, uptodate

    wrap(rendering.TEMPLATES.loader, "get_source", reworded)


def script(name: str, *changes: tuple[str, str]) -> None:
    """From now on a script goes out with other words, where each of the old ones stands in it once."""
    from starlette.responses import FileResponse, Response

    from reference_impl.pages import static

    async def reworded(get: Any, self: Any, request: Any) -> Response:
        answer: Response = await get(self, request)
        if not isinstance(answer, FileResponse) or Path(answer.path).name != name:
            return answer
        text = _read(answer.path)
        for old, new in changes:
            text = _reworded(text, old, new)
        kept = {key: answer.headers[key] for key in ("content-security-policy", "x-content-type-options")}
        return Response(text, headers=kept | {"cache-control": "no-store"}, media_type="text/javascript")

    wrap_async(static.Static, "get", reworded)


def shown_pictures(change: Callable[[bytes], bytes]) -> None:
    """From now on browsers that show a picture get other bytes than whoever else asks."""
    from starlette.responses import Response

    from reference_impl.answers import Content
    from reference_impl.routes import delivery

    async def changed(get: Any, self: Any, request: Any) -> Response:
        answer: Response = await get(self, request)
        if request.headers.get("sec-fetch-dest") != "image" or not isinstance(answer, Content):
            return answer
        data = b"".join([chunk async for chunk in answer.body_iterator])  # type: ignore[misc]
        kept = {key: value for key, value in answer.headers.items() if key != "content-length"}
        return Response(change(data), headers=kept)

    wrap_async(delivery.Media, "get", changed)


def _read(path: Any) -> str:
    return Path(path).read_text(encoding="utf-8")


def _reworded(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise LookupError(f"{old!r} stands {text.count(old)} times in what should be reworded")
    return text.replace(old, new)
