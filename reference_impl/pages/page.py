"""What every page has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from starlette.endpoints import HTTPEndpoint

from reference_impl.errors import Refused
from reference_impl.pages.rendering import Document
from reference_impl.problems import PROBLEMS

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from reference_impl.backend import Backend


class Page(HTTPEndpoint):
    """An endpoint that answers with a page, also where it refuses or fails."""

    path: ClassVar[str]

    @property
    def backend(self) -> Backend:
        backend: Backend = self.scope["app"].state.backend
        return backend

    def document(self, template: str, **shown: Any) -> Document:
        return Document(template, self.backend.runtime.public_base_url, **shown)

    async def dispatch(self) -> None:
        try:
            await super().dispatch()
        except Refused as refusal:
            status, title = PROBLEMS[refusal.code]
            await self._fail(status, title, refusal.detail)
        except Exception:
            # Says nothing of what went wrong: that is in the log.
            await self._fail(*PROBLEMS["internal"], "Something went wrong here.")
            raise

    async def method_not_allowed(self, _: Request) -> Response:
        refused = self._problem(*PROBLEMS["method_not_allowed"], "Pages can only be read.")
        refused.headers["allow"] = "GET, HEAD"
        return refused

    async def _fail(self, status: int, title: str, detail: str) -> None:
        await self._problem(status, title, detail)(self.scope, self.receive, self.send)

    def _problem(self, status: int, title: str, detail: str) -> Document:
        return self.document("problem.html", status=status, title=title, detail=detail)
