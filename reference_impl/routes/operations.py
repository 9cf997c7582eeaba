"""What a client or an operator may know about this backend."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reference_impl import catalogue, views
from reference_impl.answers import Answer, Lines
from reference_impl.routes.endpoint import Endpoint

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

CONTRACT_VERSION = "1.0.0"


class Health(Endpoint):
    path = "/healthz"

    async def get(self, _: Request) -> Response:
        return Answer({"status": "ok", "contractVersion": CONTRACT_VERSION})


class MediaPolicy(Endpoint):
    path = "/media-policy"

    async def get(self, _: Request) -> Response:
        return Answer(views.media_policy(self.backend.policy))


class MediaRecords(Endpoint):
    path = "/ops/media-records"

    async def get(self, request: Request) -> Response:
        self.authorise(request, "operator")
        return Lines(catalogue.media_records(self.backend))


class MediaObjects(Endpoint):
    path = "/ops/media-objects"

    async def get(self, request: Request) -> Response:
        self.authorise(request, "operator")
        return Lines(catalogue.media_objects(self.backend))


class Runtime(Endpoint):
    path = "/ops/runtime"

    async def get(self, request: Request) -> Response:
        self.authorise(request, "operator")
        return Answer(views.runtime(self.backend.runtime))
