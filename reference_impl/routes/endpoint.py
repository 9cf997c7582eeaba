"""What every endpoint has."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from starlette.endpoints import HTTPEndpoint

from reference_impl import credentials

if TYPE_CHECKING:
    from starlette.requests import Request

    from reference_impl.backend import Backend
    from reference_impl.credentials import Role


class Endpoint(HTTPEndpoint):
    path: ClassVar[str]

    @property
    def backend(self) -> Backend:
        backend: Backend = self.scope["app"].state.backend
        return backend

    def authorise(self, request: Request, role: Role) -> None:
        """Raises Refused: credential_missing, credential_unknown, credential_wrong_role."""
        credentials.judge(request.headers.get("authorization"), role, self.backend.runtime)
