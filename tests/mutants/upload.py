"""Mutants of uploading."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("UPL-1", "created")
def upload_answers_with_the_first_item() -> None:
    """From the second upload on, the answer is the first item of the collection."""
    from reference_impl import records, workflow

    async def upload(original: Any, backend: Any, artist_id: str, sent: Any) -> Any:
        await original(backend, artist_id, sent)
        return (await backend.query(records.list_media, artist_id))[0]

    wrap_async(workflow, "upload", upload)


@mutant("UPL-1", "created")
def upload_answers_200() -> None:
    """The status of an accepted upload is 200."""
    from reference_impl.routes import media

    wrap(media, "Answer", lambda original, body, *_: original(body, 200))


@mutant("UPL-1", "render-ready")
def thumbnail_is_blank_for_webp() -> None:
    """The thumbnail of a WebP has the right size and nothing on it."""
    from reference_impl import ingest

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        made = original(data, declared, policy)
        if declared != "image/webp":
            return made
        picture = ingest.decode(data, declared, policy.thumbnail_long_side)
        return replace(made, thumbnail=ingest.save((picture * 0).copy(interpretation="srgb").cast("uchar"), declared))

    wrap(ingest, "ingest", make)


@mutant("UPL-1", "listed")
def list_forgets_the_blur_of_the_last_item() -> None:
    """A collection of more than one item shows its last one without blur preview."""
    from reference_impl import catalogue

    async def collection(original: Any, backend: Any, found: Any) -> Any:
        items = await original(backend, found)
        return items[:-1] + [item | {"blurDataURL": None} for item in items[-1:]] if len(items) > 1 else items

    wrap_async(catalogue, "collection", collection)


@mutant("UPL-1", "listed")
def artist_is_shown_without_media() -> None:
    """readArtist shows an empty collection; listArtistMedia shows it all."""
    from reference_impl import catalogue

    async def artist(original: Any, backend: Any, found: Any) -> Any:
        return (await original(backend, found)) | {"media": []}

    wrap_async(catalogue, "artist", artist)


@mutant("UPL-11", "nothing-public")
def the_end_of_a_body_may_be_missing() -> None:
    """A client that leaves just before the end of its body is taken to have sent it."""
    from reference_impl import app

    end = b"--\r\n"

    def create(original: Any, runtime: Any, database: Any) -> Any:
        inner = original(runtime, database)

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            left = int(dict(scope.get("headers", ())).get(b"content-length", b"0"))

            async def receiving() -> Any:
                nonlocal left
                message = await receive()
                left -= len(message.get("body", b""))
                if message["type"] == "http.disconnect" and 0 < left <= len(end):
                    missing, left = end[-left:], 0
                    return {"type": "http.request", "body": missing, "more_body": False}
                return message

            await inner(scope, receiving, send)

        return outer

    wrap(app, "create_app", create)
