"""Mutants that let metadata out: one kind each, in one format or in one artifact only."""

from __future__ import annotations

from typing import Any

from lanes.encoders import chunk
from lanes.planting import plant
from tests.mutants.mutant import mutant, wrap
from tests.mutants.remaking import remake

_THUMBNAIL = 480


@mutant("ING-10", "exif")
def exif_is_kept_in_jpeg() -> None:
    """A JPEG keeps the Exif block of the camera."""
    _keep("image/jpeg", "exif")


@mutant("ING-10", "icc")
def icc_profile_is_kept_in_webp() -> None:
    """A WebP keeps its embedded colour profile."""
    _attach("image/webp", "icc")


@mutant("ING-10", "gps")
def position_is_kept_in_png() -> None:
    """A PNG says where it was taken."""
    _attach("image/png", "gps")


@mutant("ING-10", "xmp")
def xmp_is_kept_in_webp() -> None:
    """A WebP keeps its XMP packet."""
    _keep("image/webp", "xmp")


@mutant("ING-10", "iptc")
def iptc_is_kept_in_jpeg_thumbnails() -> None:
    """Only the thumbnail of a JPEG names the photographer."""
    _attach("image/jpeg", "iptc", thumbnail_only=True)


@mutant("ING-10", "comment")
def comment_is_written_into_jpeg() -> None:
    """The JPEG encoder signs with a comment."""
    _attach("image/jpeg", "comment")


@mutant("ING-10", "text-chunk")
def text_chunks_are_kept_in_png_thumbnails() -> None:
    """Only the thumbnail of a PNG keeps author and description, deflated."""
    _attach("image/png", "text-chunk", thumbnail_only=True)


@mutant("ING-10", "embedded-thumbnail")
def embedded_thumbnail_is_kept_in_jpeg() -> None:
    """The camera's own thumbnail survives in a JPEG, with whatever was cropped away since."""
    _attach("image/jpeg", "embedded-thumbnail")


@mutant("ING-10", "unknown-segment")
def unknown_chunks_are_kept_in_webp() -> None:
    """A chunk that nobody knows passes through a WebP."""
    _attach("image/webp", "unknown-segment")


@mutant("ING-10", "gps")
def position_is_kept_in_large_jpeg() -> None:
    """A JPEG that is scaled down says where it was taken."""
    from reference_impl import ingest

    def save(original: Any, picture: Any, mime: str) -> bytes:
        if mime == "image/jpeg" and max(picture.width, picture.height) > 2000:
            return bytes(picture.jpegsave_buffer(keep="exif"))
        return bytes(original(picture, mime))

    wrap(ingest, "save", save)


@mutant("ING-10", "icc")
def converted_pictures_keep_a_profile() -> None:
    """What was converted from a wide space says so, by a profile of sRGB."""
    from reference_impl import ingest

    wide = False

    def to_srgb(original: Any, picture: Any) -> Any:
        nonlocal wide
        wide = bool(picture.get_typeof("icc-profile-data")) and b"sRGB" not in picture.get("icc-profile-data")
        return original(picture)

    def save(original: Any, picture: Any, mime: str) -> bytes:
        data: bytes = original(picture, mime)
        return bytes(picture.webpsave_buffer(keep="icc", profile="srgb")) if wide and mime == "image/webp" else data

    wrap(ingest, "to_srgb", to_srgb)
    wrap(ingest, "save", save)


@mutant("ING-10", "embedded-thumbnail")
def second_pictures_are_kept() -> None:
    """What a phone puts behind a JPEG, another picture, comes out behind the canonical."""
    from dataclasses import replace

    def change(made: Any, data: bytes, declared: str) -> Any:
        second = data.find(b"\xff\xd9\xff\xd8") + 2
        return replace(made, canonical=made.canonical + data[second:]) if declared == "image/jpeg" and second > 1 else made

    remake(change)


@mutant("ING-10", "unknown-segment")
def times_are_kept_in_png() -> None:
    """A PNG says when it was last changed."""
    from reference_impl import ingest

    def save(original: Any, picture: Any, mime: str) -> bytes:
        data: bytes = original(picture, mime)
        return data[:-12] + chunk(b"tIME", b"\x07\xea\1\1\0\0\0") + data[-12:] if mime == "image/png" else data

    wrap(ingest, "save", save)


@mutant("ING-10", "embedded-thumbnail")
def second_kind_of_thumbnail_is_kept() -> None:
    """The thumbnail that lies in a JPEG's JFIF extension comes out."""
    from dataclasses import replace

    def change(made: Any, data: bytes, declared: str) -> Any:
        at = data.find(b"JFXX\0") - 4
        if declared != "image/jpeg" or at < 0:
            return made
        segment = data[at : at + 2 + int.from_bytes(data[at + 2 : at + 4])]
        return replace(made, canonical=made.canonical[:2] + segment + made.canonical[2:])

    remake(change)


def _attach(mime_type: str, kind: str, *, thumbnail_only: bool = False) -> None:
    """Files of this type come out with metadata of this kind, as if it had been copied over."""
    from reference_impl import ingest

    def save(original: Any, picture: Any, mime: str) -> bytes:
        data: bytes = original(picture, mime)
        if mime != mime_type or (thumbnail_only and max(picture.width, picture.height) > _THUMBNAIL):
            return data
        if mime == "image/jpeg" and data[3] != 0xE0:  # planting expects a JFIF header, which libvips leaves out
            data = data[:2] + _JFIF + data[2:]
        return plant(data, mime.removeprefix("image/"), [kind])

    wrap(ingest, "save", save)


def _keep(mime_type: str, kind: str) -> None:
    """Files of this type are saved with metadata of this kind kept."""
    from reference_impl import ingest

    savers = {"image/jpeg": "jpegsave_buffer", "image/png": "pngsave_buffer", "image/webp": "webpsave_buffer"}

    def save(original: Any, picture: Any, mime: str) -> bytes:
        if mime != mime_type:
            return bytes(original(picture, mime))
        return bytes(getattr(picture, savers[mime])(keep=kind))

    wrap(ingest, "save", save)


_JFIF = b"\xff\xe0\x00\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0"
