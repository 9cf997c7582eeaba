"""Request bodies: JSON and multipart forms, read whole or refused."""

from __future__ import annotations

import json
from contextlib import aclosing, asynccontextmanager
from typing import TYPE_CHECKING, Any, NoReturn

from starlette.formparsers import MultiPartException, MultiPartParser

from reference_impl.errors import Refused

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.datastructures import FormData
    from starlette.requests import Request


async def read_json(request: Request, *types: str) -> Any:
    """The body as JSON (RFC 8259) in UTF-8, in which no object names a member twice.

    Raises Refused: request_type_unsupported, request_too_large, request_malformed.
    """
    types = types or ("application/json",)
    if media_type(request.headers.get("content-type")) not in types:
        raise Refused("request_type_unsupported", f"This operation takes {' or '.join(types)}.")
    body = await request.body()
    try:
        return json.loads(body.decode("utf-8"), object_pairs_hook=distinct, parse_constant=not_json)
    except (ValueError, RecursionError) as error:
        raise Refused("request_malformed", "The body is not JSON.") from error


def distinct(pairs: list[tuple[str, object]]) -> dict[str, object]:
    named = dict(pairs)
    if len(named) < len(pairs):
        raise ValueError("duplicate name")
    return named


def not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


@asynccontextmanager
async def read_form(request: Request) -> AsyncIterator[FormData]:
    """The body as a multipart form (RFC 7578), whose files lie on disk while they are large.

    Raises Refused: request_type_unsupported, request_too_large, request_malformed.
    """
    if media_type(request.headers.get("content-type")) != "multipart/form-data":
        raise Refused("request_type_unsupported", "This operation takes multipart/form-data.")
    async with aclosing(request.stream()) as stream:
        try:
            # No part can be larger than the body, and that has its own ceiling.
            form = await WholeForm(request.headers, stream, max_part_size=2**63).parse()
        except MultiPartException as error:
            raise Refused("request_malformed", "The body is not a whole multipart form.") from error
    try:
        yield form
    finally:
        await form.close()


class WholeForm(MultiPartParser):
    """Starlette's parser, which by itself takes a form cut short for a whole one and any bytes for text."""

    ended = False

    def on_headers_finished(self) -> None:
        # RFC 7578, section 5.1.2: whatever charset the request names, the text of a form is UTF-8.
        self._charset = "utf-8"
        super().on_headers_finished()

    def on_end(self) -> None:
        self.ended = True

    def on_part_end(self) -> None:
        part = self._current_part
        if part.file is None:
            # Bytes that are no text become lone surrogates, which no field that is read may have.
            self.items.append((part.field_name, part.data.decode("utf-8", "surrogateescape")))
        else:
            super().on_part_end()

    async def parse(self) -> FormData:
        form = await super().parse()
        if not self.ended:
            for file in self._files_to_close_on_error:
                file.close()
            raise MultiPartException("The last boundary is missing.")
        return form


def media_type(header: str | None) -> str:
    """Type and subtype of a Content-Type, in lower case, without parameters."""
    return (header or "").partition(";")[0].strip().lower()
