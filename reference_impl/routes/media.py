"""The images of an artist."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.background import BackgroundTask
from starlette.datastructures import UploadFile
from starlette.responses import Response

from reference_impl import catalogue, fields, workflow
from reference_impl.answers import Answer
from reference_impl.bodies import media_type, read_form, read_json
from reference_impl.errors import Refused
from reference_impl.routes.endpoint import Endpoint
from reference_impl.views import media_item
from reference_impl.workflow import Upload

if TYPE_CHECKING:
    from starlette.datastructures import FormData
    from starlette.requests import Request

    from reference_impl.policy import MediaPolicy


class ArtistMedia(Endpoint):
    path = "/artists/{artistID}/media"

    async def get(self, request: Request) -> Response:
        found = await catalogue.known_artist(self.backend, request.path_params["artistID"])
        return Answer({"media": await catalogue.collection(self.backend, found)})

    async def post(self, request: Request) -> Response:
        self.authorise(request, "write")
        found = await catalogue.known_artist(self.backend, request.path_params["artistID"])
        async with read_form(request) as form:
            media = await workflow.upload(self.backend, found.id, sent_upload(form, self.backend.policy))
        answered = BackgroundTask(self.backend.newcomers.answer, media.id)
        return Answer({"media": media_item(self.backend, media)}, 201, answered)

    async def put(self, request: Request) -> Response:
        self.authorise(request, "write")
        with self.backend.newcomers.unknown_to_sync() as unknown:
            found = await catalogue.known_artist(self.backend, request.path_params["artistID"])
            arranged = fields.collection(await read_json(request), self.backend.policy.alt_text_max_code_points)
            media = await workflow.sync(self.backend, found.id, arranged, unknown)
        return Answer({"media": [media_item(self.backend, each) for each in media]})


class ArtistMediaItem(Endpoint):
    path = "/artists/{artistID}/media/{mediaID}"

    async def delete(self, request: Request) -> Response:
        self.authorise(request, "write")
        found = await catalogue.known_artist(self.backend, request.path_params["artistID"])
        await workflow.delete_media(self.backend, found.id, request.path_params["mediaID"])
        return Response(status_code=204)


def sent_upload(form: FormData, policy: MediaPolicy) -> Upload:
    """The upload that a form holds; other fields than purpose, altText and file are ignored.

    Raises Refused: purpose_invalid, alt_text_invalid; then file_missing, file_multiple, file_empty, type_unsupported.
    """
    purpose = fields.purpose(only(form, "purpose"))
    alt_text = fields.alt_text(only(form, "altText"), policy.alt_text_max_code_points)
    file = sent_file(form)
    declared = media_type(file.content_type)
    if declared not in policy.accepted_types:
        raise Refused("type_unsupported", f"The file may be {', '.join(policy.accepted_types)}.")
    name = fields.file_name(file.filename or "", policy.original_file_name_max_code_points)
    return Upload(file.file, declared, purpose, alt_text, name)


def only(form: FormData, name: str) -> object:
    """The value of a field, None without one; several of them are no value that any field may have."""
    values = form.getlist(name)
    return values[0] if len(values) == 1 else (values or None)


def sent_file(form: FormData) -> UploadFile:
    files = [part for part in form.getlist("file") if isinstance(part, UploadFile) and part.filename]
    if not files:
        raise Refused("file_missing", "The form has no part called file with a file name.")
    if len(files) > 1:
        raise Refused("file_multiple", "The form has more than one file.")
    if not files[0].size:
        raise Refused("file_empty", "The file is empty.")
    return files[0]
