"""Bytes in; canonical, thumbnail and blur preview out. Knows no HTTP, no storage, no database.

libvips does the work, one thread to a picture. A caller runs as many at once as there are cores.
"""

from __future__ import annotations

import base64
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pyvips

from reference_impl import containers
from reference_impl.errors import Refused

if TYPE_CHECKING:
    from reference_impl.policy import MediaPolicy

# No other parser may ever see an upload, whatever its bytes look like.
pyvips.operation_block_set("VipsForeignLoad", True)
for loader in ("VipsForeignLoadJpeg", "VipsForeignLoadPng", "VipsForeignLoadWebp"):
    pyvips.operation_block_set(loader, False)
pyvips.cache_set_max(0)
pyvips.concurrency_set(1)

LOADERS = {
    "image/jpeg": pyvips.Image.jpegload_buffer,
    "image/png": pyvips.Image.pngload_buffer,
    "image/webp": pyvips.Image.webpload_buffer,
}
BLUR_QUALITY = 40


@dataclass(frozen=True)
class Ingested:
    """What becomes of an upload. Width and height are those of the canonical, in pixels; the thumbnail has its type."""

    canonical: bytes
    thumbnail: bytes
    blur_data_url: str
    mime_type: str
    width: int
    height: int


def ingest(data: bytes, declared: str, policy: MediaPolicy) -> Ingested:
    """Makes the stored artifacts of one image.

    Raises Refused: type_mismatch, dimensions_too_large, image_animated, image_undecodable.
    """
    if containers.sniff(data) != declared:
        raise Refused("type_mismatch", f"The file is declared {declared} and is not.")
    container = containers.opened(data, declared)
    try:
        judge_size(LOADERS[declared](container.data), policy)
        judge_motion(container)
        picture = decode(container.data, declared, policy.canonical_long_side)
        small = reduce(picture, policy.thumbnail_long_side).copy_memory()
        return Ingested(
            canonical=save(picture, declared),
            thumbnail=save(small, declared),
            blur_data_url=blur(small, policy),
            mime_type=declared,
            width=picture.width,
            height=picture.height,
        )
    except pyvips.Error as error:
        raise Refused("image_undecodable", "The image is cut short or corrupt.") from error


def judge_size(header: pyvips.Image, policy: MediaPolicy) -> None:
    """Refuses by the header alone: no pixel has been decoded."""
    if max(header.width, header.height) > policy.max_side_pixels or header.width * header.height > policy.max_pixels:
        raise Refused(
            "dimensions_too_large",
            f"An image may have {policy.max_side_pixels} pixels a side and {policy.max_pixels} in all.",
        )


def judge_motion(container: containers.Container) -> None:
    if container.animated:
        raise Refused("image_animated", "The image is an animation.")


def decode(data: bytes, mime_type: str, long_side: int) -> pyvips.Image:
    """The upright 8-bit sRGB picture in memory, at most long_side pixels on its long side."""
    # Materialised once: three artifacts are derived from it, and turning it needs random access.
    picture = to_srgb(load(data, mime_type, long_side)).copy_memory()
    return upright(picture)


def load(data: bytes, mime_type: str, long_side: int) -> pyvips.Image:
    if mime_type != "image/jpeg":
        # Passed as a loader option: as its own argument, thumbnail accepts fail_on and ignores it.
        return pyvips.Image.thumbnail_buffer(
            data, long_side, height=long_side, size="down", no_rotate=True, option_string="[fail_on=error]"
        )
    header = pyvips.Image.jpegload_buffer(data)
    factor = min(max(header.width, header.height) / long_side, header.width, header.height)
    shrink = max((step for step in (2, 4, 8) if step <= factor), default=1)
    # Only libjpeg's warnings tell a hole in the data: at fail_on=error, half a picture passes.
    picture = pyvips.Image.jpegload_buffer(data, access="sequential", shrink=shrink, fail_on="warning")
    return reduce(picture, long_side)


def reduce(picture: pyvips.Image, long_side: int) -> pyvips.Image:
    """At most long_side pixels on the long side, aspect ratio kept, never enlarged."""
    return picture.thumbnail_image(long_side, height=long_side, size="down", no_rotate=True)


def to_srgb(picture: pyvips.Image) -> pyvips.Image:
    """8-bit sRGB, by the embedded profile where there is one that can be read and fits."""
    if picture.get_typeof("icc-profile-data"):
        # A profile that says nothing leaves the pixels what they would be without it.
        with suppress(pyvips.Error):
            return picture.icc_transform("srgb", embedded=True, intent="relative", black_point_compensation=True)
    return picture.colourspace("srgb")


def upright(picture: pyvips.Image) -> pyvips.Image:
    """The picture turned as its EXIF orientation says."""
    return picture.autorot()


def save(picture: pyvips.Image, mime_type: str) -> bytes:
    """Encoded without any metadata, resolution included."""
    bare = picture.copy(xres=1, yres=1)
    if mime_type == "image/jpeg":
        return bytes(bare.jpegsave_buffer(Q=85, keep="none"))
    if mime_type == "image/png":
        return bytes(bare.pngsave_buffer(compression=3, filter="up", keep="none"))
    # Whoever uploads waits for it: a third of the time for one per cent more bytes.
    return bytes(bare.webpsave_buffer(Q=88, effort=1, keep="none"))


def blur(picture: pyvips.Image, policy: MediaPolicy) -> str:
    """A tiny inline preview as a data URL (RFC 2397)."""
    preview = reduce(picture, policy.blur_long_side).webpsave_buffer(Q=BLUR_QUALITY, alpha_q=BLUR_QUALITY, keep="none")
    return "data:image/webp;base64," + base64.b64encode(preview).decode("ascii")
