"""Mutants of what the store holds of an upload, and of where that lies, while delivery stays right."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.mutants.answering import on_delivered_bytes, on_records
from tests.mutants.keeping import after_upload, keep_as_sent, lie_elsewhere, on_put, store_beside, store_none_of
from tests.mutants.mutant import mutant, wrap_async


@mutant("SCO-4", "two-objects")
def files_are_kept_as_they_were_sent() -> None:
    """The file is stored as it was sent, too, in case somebody wants it."""
    keep_as_sent(lambda media: f"{_folder(media)}/original")


@mutant("SCO-4", "two-objects")
def small_pictures_are_stored_once() -> None:
    """A thumbnail is not stored: it is made of the canonical each time that it is asked for."""
    store_none_of("thumbnail")


@mutant("SCO-4", "canonical-and-thumbnail")
def the_canonical_is_stored_twice() -> None:
    """The thumbnail's object has the bytes of the canonical, which are made smaller when they are asked for."""
    thumbnails: dict[str, bytes] = {}
    canonicals: dict[str, bytes] = {}

    async def put(original: Any, self: Any, artifact: Any, data: bytes, *rest: Any) -> None:
        key = artifact.locator.key
        folder = key.rpartition("/")[0]
        if artifact.kind == "thumbnail":
            thumbnails[key] = data
            data = canonicals[folder]
        else:
            canonicals[folder] = data
        await original(self, artifact, data, *rest)

    on_put(put)
    on_delivered_bytes(thumbnails.get)


@mutant("SCO-4", "canonical-and-thumbnail")
def the_last_byte_is_not_delivered() -> None:
    """What is delivered lacks the last byte of what is stored."""
    on_delivered_bytes(lambda _, body: body[:-1])


@mutant("SCO-4", "blur-inline")
def previews_are_stored() -> None:
    """The preview is stored as an object, beside being inline."""
    import base64

    async def keep(backend: Any, _: Any, ingested: Any, media: Any) -> None:
        blur = base64.b64decode(ingested.blur_data_url.partition(",")[2])
        await store_beside(backend, f"{_folder(media)}/blur", blur, "image/webp")

    after_upload(keep)


@mutant("SCO-4", "blur-inline")
def previews_are_packed_with_the_thumbnail() -> None:
    """The preview is stored behind the bytes of the thumbnail, in one object, and cut off again on delivery."""
    import base64

    from reference_impl import workflow

    blurs: list[bytes] = []
    packed: dict[str, bytes] = {}

    async def store(original: Any, backend: Any, artist_id: str, sent: Any, ingested: Any) -> Any:
        blurs.append(base64.b64decode(ingested.blur_data_url.partition(",")[2]))
        return await original(backend, artist_id, sent, ingested)

    async def put(original: Any, self: Any, artifact: Any, data: bytes, *rest: Any) -> None:
        if artifact.kind == "thumbnail":
            packed[artifact.locator.key] = data
            data += blurs[-1]
        await original(self, artifact, data, *rest)

    wrap_async(workflow, "store", store)
    on_put(put)
    on_delivered_bytes(packed.get)


@mutant("LOC-7", "canonical-exists")
def canonicals_lie_under_a_prefix() -> None:
    """Canonicals lie under a prefix that their rows do not tell."""
    lie_elsewhere("canonical", lambda locator: replace(locator, key=f"tenant/{locator.key}"))


@mutant("LOC-7", "canonical-exists")
def rows_name_another_bucket() -> None:
    """The record of a canonical names its bucket by the name that people call it by."""
    on_records(lambda row: row | {"storageLocation": "media-of-artists"})


@mutant("LOC-7", "thumbnail-exists")
def thumbnails_lie_beside_the_canonical() -> None:
    """A thumbnail's key has an ending in the store that its row does not tell."""
    lie_elsewhere("thumbnail", lambda locator: replace(locator, key=f"{locator.key}.small"))


@mutant("LOC-7", "bytes")
def a_checksum_is_stored_behind_the_bytes() -> None:
    """Objects end with a checksum, which is taken off on delivery."""

    async def put(original: Any, self: Any, artifact: Any, data: bytes, *rest: Any) -> None:
        await original(self, artifact, data + bytes([sum(data) % 256]), *rest)

    on_put(put)
    on_delivered_bytes(lambda _, body: body[:-1])


@mutant("LOC-7", "content-type")
def objects_have_no_type() -> None:
    """Objects are stored as application/octet-stream; delivery knows better by their keys."""
    _stored_as(content_type="application/octet-stream")


@mutant("LOC-7", "content-type")
def thumbnails_are_stored_as_jpeg() -> None:
    """Every thumbnail is stored as image/jpeg; delivery knows better by its key."""
    _stored_as(kinds=("thumbnail",), content_type="image/jpeg")


@mutant("LOC-7", "cache-policy")
def objects_have_no_cache_policy() -> None:
    """Objects are stored without a cache policy; delivery adds it."""
    _stored_as(cache_control="")


@mutant("LOC-7", "cache-policy")
def edges_keep_thumbnails_for_a_year() -> None:
    """Thumbnails are stored without a limit for shared caches; delivery adds it."""
    _stored_as(kinds=("thumbnail",), cache_control="public, max-age=31536000, immutable")


def _folder(media: Any) -> str:
    return str(media.storage_key).rpartition("/")[0]


def _stored_as(
    *, kinds: tuple[str, ...] = ("canonical", "thumbnail"), content_type: str | None = None, cache_control: str | None = None
) -> None:
    """The store is told something else about artifacts of these kinds; this process knows what it should have been told."""
    from reference_impl.storage.stores import Stores

    known: dict[Any, tuple[str, str]] = {}

    async def put(original: Any, self: Any, artifact: Any, data: bytes, kind: str, policy: str) -> None:
        if artifact.kind in kinds:
            known[artifact.locator] = (kind, policy)
            kind = kind if content_type is None else content_type
            policy = policy if cache_control is None else cache_control
        await original(self, artifact, data, kind, policy)

    async def head(original: Any, self: Any, locator: Any) -> Any:
        found = await original(self, locator)
        kind, policy = known.get(locator, (found.content_type, found.cache_control))
        return replace(found, content_type=kind, cache_control=policy)

    on_put(put)
    wrap_async(Stores, "head", head)
