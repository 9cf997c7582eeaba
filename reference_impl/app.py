"""Wiring: a backend, its routes and pages, and what stands before them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.applications import Starlette

from reference_impl.backend import Backend
from reference_impl.ceiling import Ceiling
from reference_impl.logs import RequestLog
from reference_impl.pages import pages
from reference_impl.problems import HANDLERS
from reference_impl.routes import routes

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from sqlalchemy import Engine
    from starlette.types import ASGIApp

    from reference_impl.runtime import Runtime


def create_app(runtime: Runtime, database: Engine) -> ASGIApp:
    """The backend as an ASGI application. It takes over the database and disposes of it at shutdown."""
    backend = Backend(runtime, database)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await backend.close()

    app = Starlette(routes=[*routes(runtime), *pages()], exception_handlers=HANDLERS, lifespan=lifespan)
    app.state.backend = backend
    # A path with a slash too many is another path.
    app.router.redirect_slashes = False
    return RequestLog(Ceiling(app, backend.policy.max_request_bytes))
