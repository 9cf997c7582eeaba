"""Ways to make the reference answer something else, shared by the mutants about answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.mutants.mutant import wrap, wrap_async

Headers = dict[str, str]


def on_delivery(change: Callable[[Any, Any], Any]) -> None:
    """What a render URL answers, unless it is refused, goes through `change`, with the request that it answers."""
    from reference_impl.routes.delivery import Media

    async def get(original: Any, self: Any, request: Any) -> Any:
        return change(await whole(await original(self, request)), request)

    wrap_async(Media, "get", get)


def on_delivered_bytes(change: Callable[[str, bytes], bytes]) -> None:
    """The bytes of a picture go through `change`, with its key, when it is delivered as a whole."""
    from starlette.responses import Response

    def changed(response: Any, request: Any) -> Any:
        if response.status_code != 200 or not response.body:
            return response
        body = change(request.url.path.removeprefix("/"), bytes(response.body))
        return Response(body, 200, dict(response.headers) | {"content-length": str(len(body))})

    on_delivery(changed)


async def whole(response: Any) -> Any:
    """The response with its body in one piece, where it can be looked at, changed and sent more than once."""
    from starlette.responses import Response, StreamingResponse

    if not isinstance(response, StreamingResponse):
        return response
    body = b"".join([bytes(chunk) async for chunk in response.body_iterator])  # type: ignore[arg-type]
    return Response(body, response.status_code, dict(response.headers))


def on_headers(change: Callable[[str, str, int, Headers], Headers]) -> None:
    """The headers of every answer go through `change`, with method, path and status."""
    from reference_impl import app

    def create(original: Any, runtime: Any, database: Any) -> Any:
        inner = original(runtime, database)

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            async def changing(message: Any) -> None:
                if message["type"] == "http.response.start":
                    headers = {name.decode().lower(): value.decode("latin-1") for name, value in message["headers"]}
                    changed = change(scope["method"], scope["path"], message["status"], headers)
                    encoded = [(name.encode(), value.encode("latin-1")) for name, value in changed.items()]
                    message = {**message, "headers": encoded}
                await send(message)

            await inner(scope, receive, changing if scope["type"] == "http" else send)

        return outer

    wrap(app, "create_app", create)


def on_items(change: Callable[[dict[str, Any], Any], dict[str, Any]]) -> None:
    """Every media item that is shown goes through `change`, with the row that it is of."""
    from reference_impl import views
    from reference_impl.routes import media

    def item(original: Any, backend: Any, row: Any) -> Any:
        return change(original(backend, row), row)

    wrap(views, "media_item", item)
    wrap(media, "media_item", item)


def on_records(change: Callable[[dict[str, Any]], dict[str, Any]]) -> None:
    """Every line of the record export goes through `change`."""
    from reference_impl import views

    wrap(views, "media_record", lambda original, media: change(original(media)))


def on_new_rows(change: Callable[[Any], Any]) -> None:
    """The row of an upload goes through `change` before it is inserted."""
    from reference_impl import workflow

    wrap(workflow, "new_row", lambda original, *arguments: change(original(*arguments)))
