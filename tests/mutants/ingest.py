"""Mutants of what becomes of a file: refused for the wrong reason or not at all, or made into the wrong picture."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async
from tests.mutants.remaking import recode

_SIDEWAYS = {5, 6, 7, 8}  # Exif orientations that swap width and height


@mutant("ING-3", "refused")
def anything_passes_as_webp() -> None:
    """A JPEG or PNG that is declared as WebP is taken for what it is."""
    from reference_impl import containers, ingest

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        actual = containers.sniff(data)
        return original(data, actual if declared == "image/webp" and actual else declared, policy)

    wrap(ingest, "ingest", make)


@mutant("ING-3", "code")
def mismatch_has_the_code_of_damage() -> None:
    """A mislabelled PNG is refused with 422 image_undecodable."""
    recode(lambda code, data: "image_undecodable" if code == "type_mismatch" and data.startswith(b"\x89PNG") else code)


@mutant("ING-3", "name-ignored")
def file_name_decides() -> None:
    """A picture whose file name ends in .txt is refused as a mismatch."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    async def upload(original: Any, backend: Any, artist_id: str, sent: Any) -> Any:
        if (sent.original_file_name or "").endswith(".txt"):
            raise Refused("type_mismatch", "The file is called a text.")
        return await original(backend, artist_id, sent)

    wrap_async(workflow, "upload", upload)


@mutant("ING-3", "nothing-public")
def mismatch_leaves_an_item() -> None:
    """The row of a mislabelled file is inserted before the file is judged, and stays."""
    _leave("type_mismatch", _row("ready"))


@mutant("ING-3", "nothing-recorded")
def mismatch_leaves_a_failed_row() -> None:
    """A mislabelled file leaves a row that is marked as failed, which no public read shows."""
    _leave("type_mismatch", _row("failed"))


@mutant("ING-3", "nothing-stored")
def mismatch_leaves_an_object() -> None:
    """A mislabelled file is stored before it is judged, and stays in the bucket."""
    _leave("type_mismatch", _object)


@mutant("ING-12", "refused")
def half_a_jpeg_passes() -> None:
    """A truncated JPEG is filled up with grey and accepted."""
    import pyvips

    original = pyvips.Image.jpegload_buffer

    def lenient(data: bytes, **options: Any) -> Any:
        return original(data, **(options | {"fail_on": "none"}))

    pyvips.Image.jpegload_buffer = lenient


@mutant("ING-12", "refused")
def half_a_large_jpeg_passes() -> None:
    """A truncated JPEG is accepted where it is so large that its decoder shrinks it."""
    import pyvips

    original = pyvips.Image.jpegload_buffer

    def lenient(data: bytes, **options: Any) -> Any:
        return original(data, **(options | ({"fail_on": "none"} if options.get("shrink", 1) > 1 else {})))

    pyvips.Image.jpegload_buffer = lenient


@mutant("ING-7", "scaled")
def squares_are_left_as_large_as_they_are() -> None:
    """A picture as wide as it is high is not scaled down."""
    from reference_impl import ingest

    def reduce(original: Any, picture: Any, long_side: int) -> Any:
        return picture if picture.width == picture.height and long_side == 2048 else original(picture, long_side)

    wrap(ingest, "reduce", reduce)


@mutant("ING-12", "code")
def damage_has_the_code_of_a_mismatch() -> None:
    """A truncated WebP is refused with 422 type_mismatch."""
    recode(lambda code, data: "type_mismatch" if code == "image_undecodable" and data[8:12] == b"WEBP" else code)


@mutant("ING-12", "nothing-public")
def damage_leaves_an_item() -> None:
    """The row of a damaged picture is inserted before it is decoded, and stays."""
    _leave("image_undecodable", _row("ready"))


@mutant("ING-12", "nothing-recorded")
def damage_leaves_a_processing_row() -> None:
    """A damaged picture leaves a row that is for ever processing."""
    _leave("image_undecodable", _row("processing"))


@mutant("ING-12", "nothing-stored")
def damage_leaves_an_object() -> None:
    """A damaged picture is stored before it is decoded, and stays in the bucket."""
    _leave("image_undecodable", _object)


@mutant("ING-7", "scaled")
def canonical_is_a_pixel_short() -> None:
    """The long side of a scaled canonical is one pixel under the target."""
    from reference_impl import ingest

    wrap(ingest, "decode", lambda original, data, mime, long_side: original(data, mime, long_side - 1))


@mutant("ING-7", "scaled")
def slightly_too_large_is_kept() -> None:
    """A picture that is only a pixel over the target is stored as it is."""
    from reference_impl import ingest

    def decode(original: Any, data: bytes, mime: str, long_side: int) -> Any:
        header = ingest.LOADERS[mime](data)
        return original(data, mime, max(long_side, min(max(header.width, header.height), long_side + 1)))

    wrap(ingest, "decode", decode)


@mutant("ING-7", "aspect")
def tall_pictures_are_squeezed() -> None:
    """A portrait that is scaled loses one pixel in two hundred of its width."""
    from reference_impl import ingest

    def load(original: Any, data: bytes, mime: str, long_side: int) -> Any:
        picture = original(data, mime, long_side)
        tall = picture.height == long_side and picture.height > picture.width
        return picture.resize(0.995, vscale=1.0) if tall else picture

    wrap(ingest, "load", load)


@mutant("ING-7", "not-enlarged")
def tiny_pictures_are_enlarged() -> None:
    """A picture smaller than 16 pixels is doubled in size."""
    from reference_impl import ingest

    def load(original: Any, data: bytes, mime: str, long_side: int) -> Any:
        picture = original(data, mime, long_side)
        return picture.resize(2) if max(picture.width, picture.height) < 16 else picture

    wrap(ingest, "load", load)


@mutant("ING-8", "upright")
def orientation_is_ignored_for_webp() -> None:
    """A WebP is never turned."""
    from reference_impl import ingest

    def decode(original: Any, data: bytes, mime: str, long_side: int) -> Any:
        if mime == "image/webp":
            return ingest.to_srgb(ingest.load(data, mime, long_side)).copy_memory()
        return original(data, mime, long_side)

    wrap(ingest, "decode", decode)


@mutant("ING-8", "upright")
def mirrored_orientations_are_only_turned() -> None:
    """Orientations 5 and 7 are turned like 6 and 8, without being mirrored."""
    from reference_impl import ingest

    def upright(original: Any, picture: Any) -> Any:
        orientation = picture.get("orientation") if picture.get_typeof("orientation") else 1
        match orientation:
            case 5:
                return picture.rot90()
            case 7:
                return picture.rot270()
            case _:
                return original(picture)

    wrap(ingest, "upright", upright)


@mutant("ING-8", "dimensions")
def dimensions_are_those_of_the_file() -> None:
    """Width and height of a picture that was turned are told as they were before."""
    from reference_impl import ingest

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        made = original(data, declared, policy)
        header = ingest.LOADERS[declared](data)
        turned = header.get_typeof("orientation") and header.get("orientation") in _SIDEWAYS
        return replace(made, width=made.height, height=made.width) if turned else made

    wrap(ingest, "ingest", make)


@mutant("ING-3", "name-ignored")
def supported_extension_decides() -> None:
    """A JPEG whose file name ends in .png is refused as a mismatch."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    types = {"jpg": "image/jpeg", "png": "image/png", "webp": "image/webp"}

    async def upload(original: Any, backend: Any, artist_id: str, sent: Any) -> Any:
        extension = (sent.original_file_name or "").rpartition(".")[2].lower()
        if types.get(extension, sent.declared_type) != sent.declared_type:
            raise Refused("type_mismatch", "The file is called something else.")
        return await original(backend, artist_id, sent)

    wrap_async(workflow, "upload", upload)


@mutant("ING-3", "nothing-public")
def mismatch_clears_the_collection() -> None:
    """Cleaning up after a mislabelled file deletes the whole collection."""
    _leave("type_mismatch", _clear)


@mutant("ING-12", "nothing-public")
def damage_clears_the_collection() -> None:
    """Cleaning up after a damaged picture deletes the whole collection."""
    _leave("image_undecodable", _clear)


@mutant("ING-12", "refused")
def corrupt_jpeg_passes() -> None:
    """A JPEG that is whole at both ends and damaged in between is accepted; only a missing end is noticed."""
    import pyvips

    original = pyvips.Image.jpegload_buffer

    def lenient(data: bytes, **options: Any) -> Any:
        return original(data, **(options | ({"fail_on": "truncated"} if "fail_on" in options else {})))

    pyvips.Image.jpegload_buffer = lenient


@mutant("ING-7", "scaled")
def large_pictures_are_cropped() -> None:
    """A picture over the target is cut to its size instead of being scaled."""
    from reference_impl import ingest

    def decode(original: Any, data: bytes, mime: str, long_side: int) -> Any:
        whole = original(data, mime, 100_000)
        scale = min(1.0, long_side / max(whole.width, whole.height))
        width, height = round(whole.width * scale), round(whole.height * scale)
        return whole.crop((whole.width - width) // 2, (whole.height - height) // 2, width, height)

    wrap(ingest, "decode", decode)


@mutant("ING-8", "upright")
def motorola_byte_order_is_not_read() -> None:
    """The orientation of a camera that writes big-endian Exif is ignored."""
    from reference_impl import ingest

    def decode(original: Any, data: bytes, mime: str, long_side: int) -> Any:
        return original(data.replace(b"MM\0*", b"MM\0+", 1), mime, long_side)

    wrap(ingest, "decode", decode)


@mutant("ING-8", "upright")
def orientation_behind_the_pixels_is_not_read() -> None:
    """The orientation of a PNG is heeded where it comes before the pixels only."""
    from reference_impl import containers

    def opened(original: Any, data: bytes, mime: str) -> Any:
        late = data.find(b"IDAT") < data.find(b"eXIf")
        return original(_without_chunk(data, b"eXIf") if late and mime == "image/png" else data, mime)

    wrap(containers, "opened", opened)


@mutant("ING-8", "upright")
def exif_with_a_prefix_is_not_read_in_webp() -> None:
    """The orientation of a WebP is ignored where its Exif block begins as it would in a JPEG."""
    from reference_impl import ingest

    def decode(original: Any, data: bytes, mime: str, long_side: int) -> Any:
        plain = data.replace(b"Exif\0\0II", b"Exif\0\0??", 1) if mime == "image/webp" else data
        return original(plain, mime, long_side)

    wrap(ingest, "decode", decode)


@mutant("ING-2", "jpeg-accepted")
def jpeg_needs_a_jfif_header() -> None:
    """A JPEG is known by its JFIF or Exif header, which no decoder needs."""
    from reference_impl import containers

    def sniff(original: Any, data: bytes) -> Any:
        kind = original(data)
        return None if kind == "image/jpeg" and data[3] not in {0xE0, 0xE1} else kind

    wrap(containers, "sniff", sniff)


def _without_chunk(data: bytes, name: bytes) -> bytes:
    at = data.find(name) - 4
    return data[:at] + data[at + 12 + int.from_bytes(data[at : at + 4]) :]


def _leave(code: str, leave: Callable[[Any, str, Any], Any]) -> None:
    from reference_impl import workflow
    from reference_impl.errors import Refused

    async def upload(original: Any, backend: Any, artist_id: str, sent: Any) -> Any:
        try:
            return await original(backend, artist_id, sent)
        except Refused as refusal:
            if refusal.code == code:
                await leave(backend, artist_id, sent)
            raise

    wrap_async(workflow, "upload", upload)


def _row(status: str) -> Callable[[Any, str, Any], Any]:
    async def leave(backend: Any, artist_id: str, sent: Any) -> None:
        import uuid

        from reference_impl import records

        await backend.query(
            records.insert_media, artist_id, records.NewMedia(id=str(uuid.uuid4()), purpose=sent.purpose, status=status)
        )

    return leave


async def _clear(backend: Any, artist_id: str, sent: Any) -> None:
    from reference_impl import records, workflow

    del sent
    for media in await backend.query(records.list_media, artist_id):
        await workflow.delete_media(backend, artist_id, media.id)


async def _object(backend: Any, artist_id: str, sent: Any) -> None:
    from reference_impl.storage.locator import Artifact, fresh_keys

    del artist_id
    sent.file.seek(0)
    place = backend.stores.place(fresh_keys("bin")["canonical"])
    await backend.stores.put(Artifact("canonical", place), sent.file.read(), sent.declared_type, "no-store")
