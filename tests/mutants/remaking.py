"""Ways to make the reference do something else with a file, shared by the mutants about files."""

from __future__ import annotations

import io
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from PIL import Image

from tests.mutants.mutant import wrap, wrap_async

Leave = Callable[[Any, str, Any], Awaitable[None]]


def remake(change: Callable[[Any, bytes, str], Any]) -> None:
    """What is made of a file goes through `change`, with the file's bytes and declared type."""
    from reference_impl import ingest

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        return change(original(data, declared, policy), data, declared)

    wrap(ingest, "ingest", make)


def refuse(code: str, when: Callable[[bytes, str], bool]) -> None:
    """A file that is like this is refused."""
    from reference_impl import ingest
    from reference_impl.errors import Refused

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        if when(data, declared):
            raise Refused(code, "This file is not liked.")
        return original(data, declared, policy)

    wrap(ingest, "ingest", make)


def recode(change: Callable[[str, bytes], str]) -> None:
    """A refusal has another code: what `change` makes of the right one and of the file's bytes."""
    from reference_impl import ingest
    from reference_impl.errors import Refused

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        try:
            return original(data, declared, policy)
        except Refused as refusal:
            raise Refused(change(refusal.code, data), refusal.detail) from None

    wrap(ingest, "ingest", make)


def leave(codes: set[str], left: Leave) -> None:
    """A refusal with one of these codes leaves something behind, whether the file or the form was refused."""
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMedia

    async def post(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code in codes:
                await left(self.backend, request.path_params["artistID"], None)
            raise

    wrap_async(ArtistMedia, "post", post)


async def an_item(backend: Any, artist_id: str, _: Any) -> None:
    """Leaves a ready row without objects."""
    import uuid

    from reference_impl import records

    await backend.query(
        records.insert_media, artist_id, records.NewMedia(id=str(uuid.uuid4()), purpose="gallery", status="ready")
    )


def change_settings(**changed: Any) -> None:
    """The policy in force is not the one that is published."""
    from reference_impl import ingest

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        return original(data, declared, replace(policy, **changed))

    wrap(ingest, "ingest", make)


def repaint(data: bytes, paint: Callable[[Image.Image], Image.Image], **options: Any) -> bytes:
    """An encoded picture, decoded, changed and encoded in the same format again."""
    with Image.open(io.BytesIO(data)) as picture:
        out = io.BytesIO()
        kind = picture.format
        paint(picture).save(out, kind, **({"quality": 90} | options))
    return out.getvalue()


def encode(picture: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture in a format."""
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()
