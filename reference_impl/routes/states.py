"""State hooks: what a test may arrange or see. Routed in the test environment only."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from reference_impl import catalogue, fields, workflow
from reference_impl.answers import Answer
from reference_impl.bodies import read_json
from reference_impl.errors import Refused
from reference_impl.faults import StorageFault
from reference_impl.records import NewMedia
from reference_impl.routes.endpoint import Endpoint

if TYPE_CHECKING:
    from starlette.requests import Request

TIMES_MAX = 1000
STATUSES = ("pending", "processing", "ready", "failed")


class FinalisationFailures(Endpoint):
    path = "/states/finalisation-failures"

    async def post(self, request: Request) -> Response:
        self.authorise(request, "operator")
        body = fields_of(await read_json(request), "times")
        self.backend.faults.finalisations += times(body)
        return Response(status_code=204)


class StorageFailures(Endpoint):
    path = "/states/storage-failures"

    async def post(self, request: Request) -> Response:
        self.authorise(request, "operator")
        body = fields_of(await read_json(request), "operation", "artifact", "times")
        operation = fields.choice(body, "operation", ("put", "delete"))
        artifact = fields.choice(body, "artifact", ("canonical", "thumbnail", "any"))
        self.backend.faults.storage.append(StorageFault(operation, artifact, times(body)))
        return Response(status_code=204)


class Failures(Endpoint):
    path = "/states/failures"

    async def delete(self, request: Request) -> Response:
        self.authorise(request, "operator")
        self.backend.faults.clear()
        return Response(status_code=204)


class MediaRows(Endpoint):
    path = "/states/media-rows"

    async def post(self, request: Request) -> Response:
        self.authorise(request, "operator")
        artist_id, row = planned_row(await read_json(request))
        artist = await catalogue.known_artist(self.backend, artist_id)
        inserted = await workflow.insert_planned(self.backend, artist.id, row)
        return Answer({"ID": inserted.id}, 201)


class LegacyArtistImage(Endpoint):
    path = "/states/artists/{artistID}/legacy-image"

    async def put(self, request: Request) -> Response:
        self.authorise(request, "operator")
        artist = await catalogue.known_artist(self.backend, request.path_params["artistID"])
        body = fields_of(await read_json(request), "legacyImageURL")
        await workflow.set_legacy_image(self.backend, artist.id, text(body, "legacyImageURL", 2048))
        return Response(status_code=204)


class MockedObjects(Endpoint):
    path = "/states/mocked-objects"

    async def get(self, request: Request) -> Response:
        self.authorise(request, "operator")
        if self.backend.stores.provider != "mocked":
            raise Refused("not_found", "There is nothing at this path.")
        return Answer(
            {
                "objects": [
                    {
                        "location": stored.locator.location,
                        "key": stored.locator.key,
                        "byteSize": stored.size,
                        "mimeType": stored.content_type,
                        "cacheControl": stored.cache_control,
                        "sha256": stored.etag,
                    }
                    for stored in self.backend.mocked.objects()
                ]
            }
        )


def planned_row(body: object) -> tuple[str, NewMedia]:
    """The artist's ID and a row that the workflow itself would never write. Raises Refused (details_invalid)."""
    names = (
        *("artistID", "purpose", "status", "legacyURL", "legacyThumbnailURL"),
        *("storageProvider", "storageLocation", "storageKey"),
    )
    planned = fields_of(body, *names)
    artist_id = text(planned, "artistID", 64)
    if artist_id is None:
        raise Refused("details_invalid", "artistID is a string.")
    return artist_id, NewMedia(
        id=str(uuid.uuid4()),
        purpose=fields.choice(planned, "purpose", fields.PURPOSES),
        status=fields.choice(planned, "status", STATUSES),
        legacy_url=text(planned, "legacyURL", 2048),
        legacy_thumbnail_url=text(planned, "legacyThumbnailURL", 2048),
        storage_provider=text(planned, "storageProvider", 32),
        storage_location=text(planned, "storageLocation", 255),
        storage_key=text(planned, "storageKey", 1024),
    )


def fields_of(body: object, *names: str) -> dict[str, Any]:
    if not isinstance(body, dict) or body.keys() != set(names):
        raise Refused("details_invalid", f"The body is an object with exactly these fields: {', '.join(names)}.")
    return body


def times(body: dict[str, Any]) -> int:
    value = body["times"]
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= TIMES_MAX:
        raise Refused("details_invalid", f"times is 1 to {TIMES_MAX}.")
    return value


def text(body: dict[str, Any], field: str, maximum: int) -> str | None:
    value = body[field]
    if value is None:
        return None
    if not isinstance(value, str) or not fields.is_text(value, 0, maximum):
        raise Refused("details_invalid", f"{field} is null or has at most {maximum} characters.")
    return value
