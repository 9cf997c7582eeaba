"""Mutants of what is refused: the wrong things, for the wrong reasons, too early or too late."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.mutants.mutant import mutant, wrap
from tests.mutants.remaking import an_item, leave, recode


@mutant("ING-1", "missing")
def a_field_passes_for_a_file() -> None:
    """A form field called file, without a file name, counts as an empty file."""
    _recode_form(lambda code, form: "file_empty" if code == "file_missing" and form.get("file") is not None else code)


@mutant("ING-1", "empty")
def an_empty_png_is_called_damaged() -> None:
    """An empty file that is declared as PNG is refused as undecodable."""
    _recode_form(
        lambda code, form: "image_undecodable" if code == "file_empty" and form["file"].content_type == "image/png" else code
    )


@mutant("ING-1", "multiple")
def the_second_of_two_alike_is_ignored() -> None:
    """Two files under the same name count as one."""
    from reference_impl.routes import media

    def sent_file(original: Any, form: Any) -> Any:
        files = [part for part in form.getlist("file") if hasattr(part, "file")]
        alike = len(files) == 2 and files[0].filename == files[1].filename
        return files[0] if alike else original(form)

    wrap(media, "sent_file", sent_file)


@mutant("ING-1", "nothing-public")
def two_files_leave_an_item() -> None:
    """A refusal for two files leaves an item."""
    leave({"file_multiple"}, an_item)


def _refuse_type(refused: str) -> None:
    from reference_impl.errors import Refused
    from reference_impl.routes import media

    def sent_upload(original: Any, form: Any, policy: Any) -> Any:
        sent = original(form, policy)
        if sent.declared_type == refused:
            raise Refused("type_unsupported", "This type is not taken.")
        return sent

    wrap(media, "sent_upload", sent_upload)


@mutant("ING-2", "jpeg-accepted")
def jpeg_is_not_taken() -> None:
    """image/jpeg is refused."""
    _refuse_type("image/jpeg")


@mutant("ING-2", "png-accepted")
def png_is_not_taken() -> None:
    """image/png is refused."""
    _refuse_type("image/png")


@mutant("ING-2", "webp-accepted")
def webp_is_not_taken() -> None:
    """image/webp is refused."""
    _refuse_type("image/webp")


def _take(also: set[str] | frozenset[str]) -> None:
    from reference_impl.routes import media

    def sent_upload(original: Any, form: Any, policy: Any) -> Any:
        return original(form, replace(policy, accepted_types=(*policy.accepted_types, *also)))

    wrap(media, "sent_upload", sent_upload)


@mutant("ING-2", "other-refused")
def avif_is_let_through() -> None:
    """image/avif passes as a type, and is refused later for another reason."""
    _take({"image/avif"})


@mutant("ING-2", "relabelled-refused")
def jpg_is_taken_for_jpeg() -> None:
    """image/jpg, which is no type, is read as image/jpeg."""
    from reference_impl.routes import media

    def media_type(original: Any, header: str | None) -> str:
        found = original(header)
        return "image/jpeg" if found == "image/jpg" else str(found)

    wrap(media, "media_type", media_type)


@mutant("ING-2", "undeclared-refused")
def what_is_undeclared_is_guessed() -> None:
    """A file without a declared type is taken for what its name says."""
    from reference_impl.routes import media

    def sent_upload(original: Any, form: Any, policy: Any) -> Any:
        for part in form.getlist("file"):
            if hasattr(part, "file") and not part.content_type:
                kind = (part.filename or "").rpartition(".")[2].replace("jpg", "jpeg")
                part.headers = {"content-type": f"image/{kind}"}
        return original(form, policy)

    wrap(media, "sent_upload", sent_upload)


@mutant("ING-2", "nothing-public")
def other_types_leave_an_item() -> None:
    """A refusal for its type leaves an item."""
    leave({"type_unsupported"}, an_item)


@mutant("SCO-1", "video-refused")
def quicktime_is_let_through() -> None:
    """video/quicktime passes as a type, and is refused later for another reason."""
    _take({"video/quicktime"})


@mutant("SCO-1", "audio-refused")
def ogg_is_let_through() -> None:
    """audio/ogg passes as a type, and is refused later for another reason."""
    _take({"audio/ogg"})


@mutant("SCO-1", "nothing-public")
def films_leave_an_item() -> None:
    """A refused film leaves an item to be filled later."""
    leave({"type_unsupported"}, an_item)


def _claimed(form_fields: dict[str, str]) -> None:
    """Fields of the row are those that the form claims, where it does."""
    from reference_impl import workflow
    from reference_impl.routes import media

    claims: dict[str, Any] = {}

    def sent_upload(original: Any, form: Any, policy: Any) -> Any:
        claims.clear()
        claims.update({field: form[name] for field, name in form_fields.items() if name in form})
        return original(form, policy)

    def new_row(original: Any, *arguments: Any) -> Any:
        row = original(*arguments)
        return replace(row, **{field: type(getattr(row, field))(value) for field, value in claims.items()})

    wrap(media, "sent_upload", sent_upload)
    wrap(workflow, "new_row", new_row)


@mutant("ING-17", "size-ignored")
def claimed_size_is_believed() -> None:
    """byteSize is what the form says."""
    _claimed({"byte_size": "byteSize"})


@mutant("ING-17", "dimensions-ignored")
def claimed_height_is_believed() -> None:
    """height is what the form says."""
    _claimed({"height": "height"})


@mutant("ING-17", "type-ignored")
def claimed_type_is_believed() -> None:
    """mimeType is what the form says."""
    _claimed({"mime_type": "mimeType"})


@mutant("ING-17", "refusal-kept")
def claims_make_up_for_damage() -> None:
    """A JPEG that cannot be decoded is stored as it is when the form tells its width."""
    import base64

    from reference_impl import ingest
    from reference_impl.errors import Refused
    from reference_impl.routes import media

    claimed: list[bool] = []

    def sent_upload(original: Any, form: Any, policy: Any) -> Any:
        claimed[:] = ["width" in form]
        return original(form, policy)

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        try:
            return original(data, declared, policy)
        except Refused:
            if claimed != [True]:
                raise
            url = "data:image/webp;base64," + base64.b64encode(data[:300]).decode()
            return ingest.Ingested(data, data, url, declared, 1, 1)

    wrap(media, "sent_upload", sent_upload)
    wrap(ingest, "ingest", make)


def _still(kind: str) -> None:
    from reference_impl import containers

    def opened(original: Any, data: bytes, declared: str) -> Any:
        container = original(data, declared)
        return replace(container, animated=container.animated and declared != kind)

    wrap(containers, "opened", opened)


@mutant("ING-20", "webp-refused")
def first_frame_of_webp_is_taken() -> None:
    """An animated WebP is reduced to its first frame."""
    _still("image/webp")


@mutant("ING-20", "apng-refused")
def first_frame_of_png_is_taken() -> None:
    """An animated PNG is reduced to its first frame."""
    _still("image/png")


@mutant("ING-20", "code")
def motion_is_called_damage() -> None:
    """An animated WebP is refused as undecodable."""
    recode(lambda code, data: "image_undecodable" if code == "image_animated" and data[:4] == b"RIFF" else code)


@mutant("ING-20", "nothing-public")
def motion_leaves_an_item() -> None:
    """A refused animation leaves an item."""
    leave({"image_animated"}, an_item)


def _judge_body(judge: Any) -> None:
    from reference_impl.ceiling import Body

    Body.is_over = property(judge)  # type: ignore[assignment, method-assign]


@mutant("ING-4", "announced-413")
def announced_ceiling_is_a_byte_off() -> None:
    """An announced body may have one byte more than the ceiling."""
    _judge_body(lambda self: max(self.received, self.announced or 0) > self.limit + (self.announced is not None))


@mutant("ING-4", "chunked-413")
def chunks_are_counted_late() -> None:
    """A chunked body may have a few bytes more than the ceiling."""
    _judge_body(lambda self: max(self.received, self.announced or 0) > self.limit + (64 if self.announced is None else 0))


@mutant("ING-4", "at-ceiling")
def the_ceiling_itself_is_refused() -> None:
    """A body of exactly the ceiling is refused."""
    _judge_body(lambda self: max(self.received, self.announced or 0) >= self.limit)


@mutant("ING-4", "nothing-public")
def too_large_leaves_an_item() -> None:
    """A refusal for its size leaves an item."""
    leave({"request_too_large"}, an_item)


@mutant("ING-23", "announced-early")
def announced_bodies_are_read_to_their_end() -> None:
    """A body that was announced too large is read whole and refused then."""
    _judge_body(lambda self: self.received > self.limit and (self.announced is None or self.ended))


@mutant("ING-23", "chunked-early")
def chunked_bodies_are_read_to_their_end() -> None:
    """A chunked body is read for ten times the ceiling before it is refused."""
    _judge_body(
        lambda self: (
            (self.announced or 0) > self.limit or self.received > self.limit * (1 if self.announced is not None else 10)
        )
    )


@mutant("ING-5", "side-refused")
def tall_pictures_have_no_ceiling() -> None:
    """Only the width is judged by the ceiling of a side."""
    _judge_size(lambda width, height, policy: width > policy.max_side_pixels or width * height > policy.max_pixels)


@mutant("ING-5", "side-refused")
def webp_may_be_a_pixel_longer() -> None:
    """A WebP may be one pixel longer than the ceiling."""
    from reference_impl import ingest

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        more = declared == "image/webp"
        return original(data, declared, replace(policy, max_side_pixels=policy.max_side_pixels + more))

    wrap(ingest, "ingest", make)


@mutant("ING-5", "area-refused")
def area_has_some_leeway() -> None:
    """A thousand pixels over the ceiling are let through."""
    _judge_size(
        lambda width, height, policy: max(width, height) > policy.max_side_pixels or width * height > policy.max_pixels + 1000
    )


@mutant("ING-5", "code")
def too_tall_is_called_undecodable() -> None:
    """A picture that is too tall is refused as undecodable."""
    from reference_impl import ingest
    from reference_impl.errors import Refused

    def judge(original: Any, header: Any, policy: Any) -> Any:
        if header.height > policy.max_side_pixels:
            raise Refused("image_undecodable", "It is too tall.")
        return original(header, policy)

    wrap(ingest, "judge_size", judge)


@mutant("ING-5", "side-at-ceiling")
def a_side_at_the_ceiling_is_refused() -> None:
    """A picture as tall as the ceiling is refused."""
    _judge_size(
        lambda width, height, policy: (
            height >= policy.max_side_pixels or width > policy.max_side_pixels or width * height > policy.max_pixels
        )
    )


@mutant("ING-5", "area-at-ceiling")
def an_area_at_the_ceiling_is_refused() -> None:
    """A picture of exactly as many pixels as allowed is refused."""
    _judge_size(
        lambda width, height, policy: max(width, height) > policy.max_side_pixels or width * height >= policy.max_pixels
    )


@mutant("ING-5", "nothing-public")
def too_many_pixels_leave_an_item() -> None:
    """A refusal for its dimensions leaves an item."""
    leave({"dimensions_too_large"}, an_item)


@mutant("ING-5", "area-refused")
def only_png_has_an_area() -> None:
    """The ceiling of the area is for PNG alone."""
    from reference_impl import ingest
    from reference_impl.errors import Refused

    def judge(original: Any, header: Any, policy: Any) -> None:
        try:
            original(header, policy)
        except Refused:
            if max(header.width, header.height) > policy.max_side_pixels or "png" in header.get("vips-loader"):
                raise

    wrap(ingest, "judge_size", judge)


def _judge_size(is_over: Any) -> None:
    from reference_impl import ingest
    from reference_impl.errors import Refused

    def judge(original: Any, header: Any, policy: Any) -> None:
        del original
        if is_over(header.width, header.height, policy):
            raise Refused("dimensions_too_large", "It is too large.")

    wrap(ingest, "judge_size", judge)


def _recode_form(change: Any) -> None:
    from reference_impl.errors import Refused
    from reference_impl.routes import media

    def sent_file(original: Any, form: Any) -> Any:
        try:
            return original(form)
        except Refused as refusal:
            raise Refused(change(refusal.code, form), refusal.detail) from None

    wrap(media, "sent_file", sent_file)
