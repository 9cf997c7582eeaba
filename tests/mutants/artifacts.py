"""Mutants of what is made of a picture: format, thumbnail, preview, description, colour, transparency, name."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PIL import Image, ImageFilter, ImageOps

from tests.mutants.keeping import store_none_of
from tests.mutants.mutant import mutant, wrap
from tests.mutants.remaking import encode, refuse, remake, repaint

_DEEP = 16  # the bit depth that byte 24 of a PNG tells


_TARGET = 2048  # pixels, the long side of a canonical that was scaled down
_INDEXED = 3  # colour type of a PNG with a palette


@mutant("ING-9", "canonical-format")
def small_png_becomes_webp() -> None:
    """The canonical of a PNG is a WebP."""
    remake(lambda made, _, kind: replace(made, canonical=_as(made.canonical, "WEBP")) if kind == "image/png" else made)


@mutant("ING-9", "thumbnail-format")
def thumbnails_are_jpeg() -> None:
    """The thumbnail of a WebP is a JPEG."""
    remake(lambda made, _, kind: replace(made, thumbnail=_as(made.thumbnail, "JPEG")) if kind == "image/webp" else made)


@mutant("ING-9", "mime-type")
def webp_is_described_as_jpeg() -> None:
    """mimeType of a WebP is image/jpeg."""
    _describe(lambda row: replace(row, mime_type="image/jpeg") if row.mime_type == "image/webp" else row)


@mutant("ING-14", "served")
def small_pictures_are_their_own_thumbnail() -> None:
    """A picture no larger than a thumbnail has one URL for both."""

    def media_item(original: Any, backend: Any, media: Any) -> Any:
        item = original(backend, media)
        small = (item["width"] or 0) <= 200
        return item | {"thumbnailSrc": item["src"]} if small else item

    for module in _users_of_items():
        wrap(module, "media_item", media_item)


@mutant("ING-14", "stored")
def thumbnails_share_the_object() -> None:
    """The thumbnail of a WebP is not stored as an object: it is made when it is asked for."""
    store_none_of("thumbnail", "webp")


@mutant("ING-14", "fits")
def thumbnail_is_a_pixel_too_long() -> None:
    """The long side of a thumbnail is one pixel over its target."""
    remake(_with_thumbnail(lambda small: small.resize((481, small.height)) if small.width == 480 else small))


@mutant("ING-14", "aspect")
def thumbnail_is_cropped() -> None:
    """A tall thumbnail loses a strip at the bottom."""
    remake(
        _with_thumbnail(
            lambda small: small.crop((0, 0, small.width, small.height - 4)) if small.height > small.width else small
        )
    )


@mutant("ING-14", "orientation")
def thumbnail_of_webp_is_upside_down() -> None:
    """The thumbnail of a WebP that was stored upside down stays so."""

    def change(made: Any, data: bytes, kind: str) -> Any:
        turned = Image.open(io.BytesIO(data)).getexif().get(0x0112, 1) == 3
        upside_down = repaint(made.thumbnail, lambda picture: picture.rotate(180))
        return replace(made, thumbnail=upside_down) if kind == "image/webp" and turned else made

    remake(change)


@mutant("ING-14", "colour")
def thumbnail_ignores_the_profile() -> None:
    """The thumbnail of a picture in Adobe RGB is made without regard to its profile."""

    def change(made: Any, data: bytes, _: str) -> Any:
        with Image.open(io.BytesIO(data)) as picture:
            if b"adobe-rgb" not in (picture.info.get("icc_profile") or b""):
                return made
            small = ImageOps.exif_transpose(picture)
            small.thumbnail((480, 480))
            return replace(made, thumbnail=encode(small.copy(), str(picture.format), quality=90, icc_profile=None))

    remake(change)


@mutant("ING-14", "alike")
def thumbnail_is_mirrored_in_the_middle() -> None:
    """The middle of a large picture's thumbnail is blurred beyond recognition."""

    def smudge(small: Image.Image) -> Image.Image:
        left, top, right, bottom = small.width // 4, 0, small.width * 3 // 4, small.height
        middle = small.convert("RGB").crop((left, top, right, bottom)).filter(ImageFilter.GaussianBlur(40))
        made = small.convert("RGB")
        made.paste(middle, (left, top))
        return made

    remake(_with_thumbnail(smudge))


def _preview(change: Callable[[Image.Image], Image.Image], **options: Any) -> None:
    def remade(made: Any, _: bytes, kind: str) -> Any:
        del kind
        raw = base64.b64decode(made.blur_data_url.partition(",")[2])
        with Image.open(io.BytesIO(raw)) as picture:
            data = encode(change(picture.convert("RGB")), "WEBP", **({"quality": 40} | options))
        return replace(made, blur_data_url="data:image/webp;base64," + base64.b64encode(data).decode())

    remake(remade)


@mutant("ING-15", "inline")
def preview_is_the_thumbnail() -> None:
    """blurDataURL is an address and no inline image."""
    remake(lambda made, *_: replace(made, blur_data_url="https://media.example/blur.webp"))


@mutant("ING-15", "size")
def preview_is_lossless() -> None:
    """The preview is encoded without loss, and some are longer than 2 KiB."""
    _preview(lambda picture: picture.resize((32, 32)).effect_spread(9), lossless=True)


@mutant("ING-15", "decodes")
def preview_is_cut_off() -> None:
    """The preview ends before its picture does."""

    def change(made: Any, *_: Any) -> Any:
        raw = base64.b64decode(made.blur_data_url.partition(",")[2])
        return replace(made, blur_data_url="data:image/webp;base64," + base64.b64encode(raw[:-3]).decode())

    remake(change)


@mutant("ING-15", "small")
def preview_is_a_pixel_too_long() -> None:
    """The preview is 33 pixels wide."""
    _preview(lambda picture: picture.resize((33, picture.height)))


@mutant("ING-15", "alike")
def preview_is_mirrored() -> None:
    """The preview is the wrong way round."""
    _preview(ImageOps.mirror)


@mutant("ING-16", "byte-size")
def byte_size_is_the_uploads() -> None:
    """byteSize is that of the upload."""
    _describe_from_upload(lambda row, data: replace(row, byte_size=len(data)))


@mutant("ING-16", "byte-size")
def byte_size_of_large_pictures_is_the_uploads() -> None:
    """byteSize is that of the upload where the picture was scaled down."""
    _describe_from_upload(lambda row, data: replace(row, byte_size=len(data)) if max(row.width, row.height) == _TARGET else row)


@mutant("ING-16", "width")
def width_is_rounded() -> None:
    """An odd width is told as the even one below it."""
    _describe(lambda row: replace(row, width=row.width // 4 * 4 - 4))


@mutant("ING-16", "height")
def height_is_the_stored_one() -> None:
    """The height of a picture taken sideways is told as it was before it was turned."""
    _describe(lambda row: replace(row, height=row.width) if row.height > row.width else row)


@mutant("ING-16", "mime-type")
def png_is_described_as_webp() -> None:
    """mimeType of a PNG is image/webp."""
    _describe(lambda row: replace(row, mime_type="image/webp") if row.mime_type == "image/png" else row)


def _without_profile(name: bytes) -> None:
    from reference_impl import ingest

    def to_srgb(original: Any, picture: Any) -> Any:
        if picture.get_typeof("icc-profile-data") and name in picture.get("icc-profile-data"):
            bare = picture.copy()
            bare.remove("icc-profile-data")
            return bare.colourspace("srgb")
        return original(picture)

    wrap(ingest, "to_srgb", to_srgb)


@mutant("ING-11", "display-p3")
def display_p3_is_taken_for_srgb() -> None:
    """A Display P3 profile is dropped and not converted."""
    _without_profile(b"display-p3")


@mutant("ING-11", "adobe-rgb")
def adobe_rgb_is_taken_for_srgb() -> None:
    """An Adobe RGB profile is dropped and not converted."""
    _without_profile(b"adobe-rgb")


@mutant("ING-11", "cmyk")
def press_profile_is_ignored() -> None:
    """CMYK is converted without regard to its profile."""
    import pyvips

    original = pyvips.Image.jpegload_buffer

    def load(data: bytes, **options: Any) -> Any:
        picture = original(data, **options)
        if picture.interpretation != "cmyk":
            return picture
        bare = picture.copy()
        bare.remove("icc-profile-data")
        return bare

    pyvips.Image.jpegload_buffer = load


@mutant("ING-11", "srgb-unchanged")
def pictures_without_profile_are_faded() -> None:
    """A PNG without a profile comes out a little paler."""

    def change(made: Any, data: bytes, kind: str) -> Any:
        if kind != "image/png" or b"iCCP" in data:
            return made
        faded = repaint(
            made.canonical, lambda picture: Image.blend(picture.convert("RGB"), Image.new("RGB", picture.size, "white"), 0.15)
        )
        return replace(made, canonical=faded)

    remake(change)


@mutant("ING-22", "sixteen-bit")
def deep_png_is_refused() -> None:
    """A PNG of 16 bits is refused."""
    refuse("image_undecodable", lambda data, kind: kind == "image/png" and data[24] == _DEEP)


def _refuse_mode(mode: str) -> None:
    refuse("image_undecodable", lambda data, _: Image.open(io.BytesIO(data)).mode == mode)


@mutant("ING-22", "greyscale")
def grey_is_refused() -> None:
    """A greyscale picture is refused."""
    _refuse_mode("L")


@mutant("ING-22", "palette")
def palette_is_refused() -> None:
    """A palette PNG is refused."""
    _refuse_mode("P")


@mutant("ING-22", "cmyk")
def cmyk_is_refused() -> None:
    """A CMYK JPEG is refused."""
    _refuse_mode("CMYK")


@mutant("ING-22", "progressive")
def progressive_is_refused() -> None:
    """A progressive JPEG is refused."""
    refuse("image_undecodable", lambda data, kind: kind == "image/jpeg" and b"\xff\xc2" in data[:2000])


@mutant("ING-22", "eight-bit")
def deep_png_stays_deep() -> None:
    """The canonical of a PNG of 16 bits has 16 bits, in grey."""

    def change(made: Any, data: bytes, kind: str) -> Any:
        if kind != "image/png" or data[24] != _DEEP:
            return made
        with Image.open(io.BytesIO(made.canonical)) as picture:
            return replace(made, canonical=encode(picture.convert("L").convert("I;16"), "PNG"))

    remake(change)


@mutant("ING-22", "colours")
def thumbnails_from_palettes_are_grey() -> None:
    """The thumbnail of a palette PNG has lost its colours."""

    def change(made: Any, data: bytes, _: str) -> Any:
        paletted = Image.open(io.BytesIO(data)).mode == "P"
        return replace(made, thumbnail=repaint(made.thumbnail, lambda picture: picture.convert("L"))) if paletted else made

    remake(change)


def _flatten(artifact: str, when: Callable[[Any, bytes, str], bool]) -> None:
    """An artifact is opaque where this holds of what was made, of the file's bytes and of their declared type."""

    def change(made: Any, data: bytes, declared: str) -> Any:
        if not when(made, data, declared):
            return made
        flat = repaint(getattr(made, artifact), lambda picture: picture.convert("RGBA").convert("RGB"))
        return replace(made, **{artifact: flat})

    remake(change)


@mutant("ING-19", "png-canonical")
def png_is_flattened() -> None:
    """A transparent PNG is stored opaque."""
    _flatten("canonical", lambda _, __, kind: kind == "image/png")


@mutant("ING-19", "png-canonical")
def large_pictures_are_flattened() -> None:
    """A transparent picture that is scaled down is stored opaque."""
    _flatten("canonical", lambda made, _, kind: max(made.width, made.height) >= _TARGET and kind != "image/jpeg")


@mutant("ING-19", "png-canonical")
def transparency_of_a_palette_is_forgotten() -> None:
    """A PNG with a palette is stored opaque, whatever its palette says."""
    _flatten("canonical", lambda _, data, kind: kind == "image/png" and data[25] == _INDEXED)


@mutant("ING-19", "png-thumbnail")
def png_thumbnail_is_flattened() -> None:
    """The thumbnail of a transparent PNG is opaque."""
    _flatten("thumbnail", lambda _, __, kind: kind == "image/png")


@mutant("ING-19", "webp-canonical")
def webp_is_flattened() -> None:
    """A transparent WebP is stored opaque."""
    _flatten("canonical", lambda _, __, kind: kind == "image/webp")


@mutant("ING-19", "webp-thumbnail")
def half_transparent_webp_thumbnail_is_all_or_nothing() -> None:
    """What is half transparent in a WebP is opaque in its thumbnail."""

    def harden(picture: Image.Image) -> Image.Image:
        hard = picture.convert("RGBA")
        hard.putalpha(hard.getchannel("A").point(lambda value: 255 if value > 64 else 0))
        return hard

    remake(lambda made, _, kind: replace(made, thumbnail=repaint(made.thumbnail, harden)) if kind == "image/webp" else made)


@mutant("ING-13", "trailing-data")
def what_follows_a_png_follows_its_thumbnail() -> None:
    """What comes after the end of a PNG comes after the end of its thumbnail too."""

    def change(made: Any, data: bytes, kind: str) -> Any:
        after = data[data.find(b"IEND") + 8 :] if kind == "image/png" else b""
        return replace(made, thumbnail=made.thumbnail + after)

    remake(change)


@mutant("ING-13", "script")
def jpeg_comments_are_kept() -> None:
    """The comment of a JPEG is copied into its canonical."""

    def change(made: Any, data: bytes, kind: str) -> Any:
        with Image.open(io.BytesIO(data)) as picture:
            comment = picture.info.get("comment")
        if kind != "image/jpeg" or not comment:
            return made
        segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
        return replace(made, canonical=made.canonical[:2] + segment + made.canonical[2:])

    remake(change)


@mutant("ING-13", "archive")
def archives_stay_joined_to_webp() -> None:
    """A ZIP that is joined to a WebP is kept."""

    def change(made: Any, data: bytes, kind: str) -> Any:
        end = 8 + int.from_bytes(data[4:8], "little")
        archive = data[end:] if kind == "image/webp" and data[end:].startswith(b"PK") else b""
        return replace(made, canonical=made.canonical + archive)

    remake(change)


@mutant("ING-13", "no-original")
def originals_are_kept() -> None:
    """Every upload is stored beside its canonical as it came."""
    from reference_impl import workflow
    from reference_impl.storage.locator import Artifact, fresh_keys
    from tests.mutants.mutant import wrap_async

    async def upload(original: Any, backend: Any, artist_id: str, sent: Any) -> Any:
        media = await original(backend, artist_id, sent)
        sent.file.seek(0)
        place = backend.stores.place(fresh_keys("bin")["canonical"])
        await backend.stores.put(Artifact("canonical", place), sent.file.read(), sent.declared_type, "no-store")
        return media

    wrap_async(workflow, "upload", upload)


@mutant("ING-18", "kept")
def names_are_put_into_ascii() -> None:
    """A name loses every letter that is not ASCII."""
    from reference_impl import fields

    wrap(fields, "file_name", lambda original, sent, most: str(original(sent, most)).encode("ascii", "ignore").decode())


@mutant("ING-18", "kept")
def names_are_escaped_for_pages() -> None:
    """A name comes back as it would stand in HTML."""
    import html

    from reference_impl import fields

    wrap(fields, "file_name", lambda original, sent, most: html.escape(str(original(sent, most))))


@mutant("ING-18", "kept")
def names_are_composed() -> None:
    """A name comes back in another Unicode form than the one in which it was sent (NFC)."""
    import unicodedata

    from reference_impl import fields

    wrap(fields, "file_name", lambda original, sent, most: unicodedata.normalize("NFC", str(original(sent, most))))


@mutant("ING-18", "path-removed")
def backslashes_are_part_of_a_name() -> None:
    """Only slashes divide a path."""
    from reference_impl import fields

    def file_name(original: Any, sent: str, most: int) -> Any:
        if "\\" in sent and "/" not in sent:
            return sent[:most]
        return original(sent, most)

    wrap(fields, "file_name", file_name)


@mutant("ING-18", "control-removed")
def controls_above_ascii_are_kept() -> None:
    """The controls U+0080 to U+009F stay in a name."""
    from reference_impl import fields

    def file_name(original: Any, sent: str, most: int) -> Any:
        return sent.replace("\x7f", "") if any("\x80" <= letter <= "\x9f" for letter in sent) else original(sent, most)

    wrap(fields, "file_name", file_name)


@mutant("ING-18", "bounded")
def names_are_a_letter_too_long() -> None:
    """A long name is cut one code point too late."""
    from reference_impl import fields

    wrap(fields, "file_name", lambda original, sent, most: original(sent, most + 1))


def _keys_from_names(artifact: str) -> None:
    import re

    from reference_impl import workflow
    from tests.mutants.mutant import wrap_async

    name: list[str] = []

    async def upload(original: Any, backend: Any, artist_id: str, sent: Any) -> Any:
        name[:] = [re.sub(r"[^A-Za-z0-9]", "", sent.original_file_name or "")[:40]]
        return await original(backend, artist_id, sent)

    def fresh_keys(original: Any, extension: str) -> Any:
        keys = original(extension)
        return keys | {artifact: keys[artifact].replace(f".{extension}", f"-{''.join(name)}.{extension}")}

    wrap_async(workflow, "upload", upload)
    wrap(workflow, "fresh_keys", fresh_keys)


@mutant("ING-18", "not-in-url")
def urls_are_made_of_names() -> None:
    """The URL of a thumbnail ends in the name of the file."""
    _keys_from_names("thumbnail")


@mutant("ING-18", "not-in-key")
def keys_are_made_of_names() -> None:
    """The key of a canonical ends in the name of the file."""
    _keys_from_names("canonical")


def _roughly(kind: str, paint: Callable[[Image.Image], Image.Image], **options: Any) -> None:
    def change(made: Any, _: bytes, declared: str) -> Any:
        return replace(made, canonical=repaint(made.canonical, paint, **options)) if declared == kind else made

    remake(change)


@mutant("ING-21", "jpeg")
def jpeg_is_squeezed() -> None:
    """JPEGs are saved at a quality of 8."""
    _roughly("image/jpeg", lambda picture: picture, quality=8)


@mutant("ING-21", "png")
def png_is_soft() -> None:
    """PNGs come out a little soft."""
    _roughly("image/png", lambda picture: picture.filter(ImageFilter.GaussianBlur(3)))


@mutant("ING-21", "webp")
def webp_is_squeezed() -> None:
    """WebPs are saved at a quality of 1."""
    _roughly("image/webp", lambda picture: picture, quality=1)


def _as(data: bytes, kind: str) -> bytes:
    with Image.open(io.BytesIO(data)) as picture:
        return encode(picture.convert("RGB"), kind, quality=90)


def _with_thumbnail(change: Callable[[Image.Image], Image.Image]) -> Callable[[Any, bytes, str], Any]:
    return lambda made, *_: replace(made, thumbnail=repaint(made.thumbnail, change))


def _describe(change: Callable[[Any], Any]) -> None:
    from reference_impl import workflow

    wrap(workflow, "new_row", lambda original, *arguments: change(original(*arguments)))


def _describe_from_upload(change: Callable[[Any, bytes], Any]) -> None:
    from reference_impl import workflow

    def new_row(original: Any, sent: Any, *arguments: Any) -> Any:
        sent.file.seek(0)
        return change(original(sent, *arguments), sent.file.read())

    wrap(workflow, "new_row", new_row)


def _users_of_items() -> list[Any]:
    from reference_impl import catalogue, views
    from reference_impl.routes import media

    return [module for module in (catalogue, media, views) if hasattr(module, "media_item")]
