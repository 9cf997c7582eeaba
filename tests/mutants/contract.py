"""Mutants whose answers the contract does not document."""

from __future__ import annotations

from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async
from tests.mutants.remaking import change_settings, leave, refuse


@mutant("CON-1", "status")
def sync_answers_202() -> None:
    """A sync answers 202, which is no documented status of it."""
    from reference_impl.routes.media import ArtistMedia

    async def put(original: Any, self: Any, request: Any) -> Any:
        response = await original(self, request)
        response.status_code = 202
        return response

    wrap_async(ArtistMedia, "put", put)


@mutant("CON-1", "media-type")
def problems_are_plain_json() -> None:
    """Problem documents come as application/json."""
    from reference_impl.problems import Problem

    Problem.media_type = "application/json"


@mutant("CON-1", "headers")
def json_may_be_stored() -> None:
    """Answers in JSON say nothing about caching."""
    from reference_impl.routes import artists

    def answer(original: Any, *args: Any) -> Any:
        response = original(*args)
        del response.headers["cache-control"]
        return response

    wrap(artists, "Answer", answer)


@mutant("CON-1", "body")
def cards_name_the_location() -> None:
    """Artist cards have a field that the contract does not know."""
    from reference_impl import views

    wrap(views, "artist_card", lambda original, *args: original(*args) | {"storageLocation": "media"})


@mutant("CON-2", "documented")
def methods_that_nobody_knows_get_501() -> None:
    """A method that an operation does not have answers 501 in plain text."""
    from starlette.responses import PlainTextResponse

    from reference_impl.routes import endpoint

    async def method_not_allowed(self: Any, request: Any) -> Any:
        del self
        return PlainTextResponse(f"{request.method} is not implemented", 501)

    endpoint.Endpoint.method_not_allowed = method_not_allowed  # type: ignore[method-assign]


@mutant("CON-2", "no-server-error")
def names_beyond_ascii_break_down() -> None:
    """An artist whose name is not all ASCII gets a 500."""
    from reference_impl import fields

    def new_artist(original: Any, body: Any) -> Any:
        details = original(body)
        if not details["name"].isascii():
            raise RuntimeError("names are ASCII")
        return details

    wrap(fields, "new_artist", new_artist)


@mutant("CON-2", "invalid-refused")
def limits_are_put_right() -> None:
    """A limit that is out of bounds is put right and not refused."""
    from reference_impl.routes import artists

    wrap(artists, "page_limit", lambda original, text: original(text if text.isdecimal() else "20"))


@mutant("CON-4", "answers")
def deleting_twice_is_fine() -> None:
    """Deleting an item that is gone answers 204 again."""
    from reference_impl import workflow
    from reference_impl.errors import Refused

    async def delete_media(original: Any, *arguments: Any) -> Any:
        try:
            return await original(*arguments)
        except Refused:
            return None

    wrap_async(workflow, "delete_media", delete_media)


@mutant("CON-4", "details")
def a_new_name_takes_the_bio_away() -> None:
    """An edit that changes the name alone empties the bio."""
    from reference_impl import fields

    def artist_changes(original: Any, body: Any) -> Any:
        changes = original(body)
        return changes | {"bio": None} if set(changes) == {"name"} else changes

    wrap(fields, "artist_changes", artist_changes)


@mutant("CON-4", "collections")
def a_sync_of_three_swaps_the_last_two() -> None:
    """A sync of three items or more puts the last two the other way round."""
    from reference_impl import fields

    def collection(original: Any, *arguments: Any) -> Any:
        items = original(*arguments)
        return [*items[:-2], items[-1], items[-2]] if len(items) > 2 else items

    wrap(fields, "collection", collection)


@mutant("CON-4", "profile-images")
def the_last_profile_image_wins() -> None:
    """Of several profile-purpose items the last one is shown."""
    from reference_impl import views

    wrap(views, "profile_image", lambda original, backend, media: original(backend, list(media)[::-1]))


@mutant("CON-4", "rendering")
def objects_of_a_deleted_artist_stay() -> None:
    """The objects of a deleted artist are kept, and go on being served by their URLs."""
    from reference_impl import catalogue, workflow

    known: dict[tuple[str, str], Any] = {}

    async def delete_objects(original: Any, backend: Any, removed: Any) -> None:
        gone = list(removed)
        await original(backend, gone if len(gone) == 1 else [])

    async def deliverable(original: Any, backend: Any, folder: str, file: str) -> Any:
        found = await original(backend, folder, file)
        known[folder, file] = found or known.get((folder, file))
        return known[folder, file]

    wrap_async(workflow, "delete_objects", delete_objects)
    wrap_async(catalogue, "deliverable", deliverable)


@mutant("CON-5", "no-server-error")
def a_png_without_data_breaks_down() -> None:
    """A damaged PNG gets a 500."""
    from reference_impl import ingest
    from reference_impl.errors import Refused

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        try:
            return original(data, declared, policy)
        except Refused as refusal:
            if declared == "image/png" and refusal.code == "image_undecodable" and b"IDAT" not in data:
                raise RuntimeError("no data") from refusal
            raise

    wrap(ingest, "ingest", make)


@mutant("CON-5", "whole-or-nothing")
def thumbnails_of_odd_files_are_cut_off() -> None:
    """A JPEG that was not made by an ordinary encoder gets a thumbnail without an end."""
    from dataclasses import replace

    from reference_impl import ingest

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        made = original(data, declared, policy)
        odd = declared == "image/jpeg" and not data.endswith(b"\xff\xd9")
        return replace(made, thumbnail=made.thumbnail[:-2]) if odd else made

    wrap(ingest, "ingest", make)


@mutant("CON-5", "rows-match")
def hostile_files_leave_failed_rows() -> None:
    """A file that cannot be decoded leaves a failed row."""
    from reference_impl import records

    async def failed_row(backend: Any, artist_id: str, _: Any) -> None:
        import uuid

        row = records.NewMedia(id=str(uuid.uuid4()), purpose="gallery", status="failed")
        await backend.query(records.insert_media, artist_id, row)

    leave({"image_undecodable"}, failed_row)


@mutant("CON-5", "objects-match")
def hostile_files_leave_objects() -> None:
    """A file that cannot be decoded leaves an object."""
    from reference_impl.storage.locator import Artifact, fresh_keys

    async def an_object(backend: Any, artist_id: str, _: Any) -> None:
        del artist_id
        place = backend.stores.place(fresh_keys("jpg")["canonical"])
        await backend.stores.put(Artifact("canonical", place), b"hostile", "image/jpeg", "no-store")

    leave({"image_undecodable"}, an_object)


@mutant("CON-5", "healthy")
def a_hundred_refusals_are_too_many() -> None:
    """After a hundred refused files every other one is refused too."""
    from reference_impl import ingest
    from reference_impl.errors import Refused

    refused: list[str] = []

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        if len(refused) >= 100:
            raise Refused("image_undecodable", "Enough.")
        try:
            return original(data, declared, policy)
        except Refused as refusal:
            refused.append(refusal.code)
            raise

    wrap(ingest, "ingest", make)


@mutant("CON-5", "memory")
def refused_files_are_never_forgotten() -> None:
    """What a refused file would have been unpacked to is kept."""
    from reference_impl import ingest
    from reference_impl.errors import Refused

    kept: list[bytes] = []

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        try:
            return original(data, declared, policy)
        except Refused:
            kept.append(data[:1] * 3_000_000)
            raise

    wrap(ingest, "ingest", make)


@mutant("ING-6", "refused")
def webp_bombs_are_called_damaged() -> None:
    """A WebP bomb is refused as undecodable."""
    refuse("image_undecodable", lambda data, _: data[12:16] == b"VP8L" and len(data) < 8192)


@mutant("ING-6", "memory")
def bombs_are_unpacked_first() -> None:
    """The pixels of a PNG are allotted before its header is judged."""
    from reference_impl import ingest

    kept: list[bytearray] = []

    def make(original: Any, data: bytes, declared: str, policy: Any) -> Any:
        width, height = int.from_bytes(data[16:20], "big"), int.from_bytes(data[20:24], "big")
        if declared == "image/png" and width * height > policy.max_pixels:
            kept[:] = [bytearray(b"\1") * (width * height * 3)]
        return original(data, declared, policy)

    wrap(ingest, "ingest", make)


@mutant("ING-6", "time")
def bombs_are_thought_about() -> None:
    """A bomb is refused only after more work than a large picture takes."""
    import pyvips

    from reference_impl import ingest
    from reference_impl.errors import Refused

    def judge(original: Any, header: Any, policy: Any) -> Any:
        try:
            return original(header, policy)
        except Refused:
            # Work, and not a time: on a busy machine the large picture takes longer too.
            pyvips.Image.gaussnoise(4000, 4000, mean=128, sigma=40).cast("uchar").pngsave_buffer()
            raise

    wrap(ingest, "judge_size", judge)


@mutant("OPS-3", "types")
def webp_is_published_and_not_taken() -> None:
    """image/webp is published, and refused."""
    from dataclasses import replace

    from reference_impl.routes import media

    def sent_upload(original: Any, form: Any, policy: Any) -> Any:
        return original(form, replace(policy, accepted_types=("image/jpeg", "image/png")))

    wrap(media, "sent_upload", sent_upload)


@mutant("OPS-3", "byte-ceiling")
def a_kibibyte_more_than_published_is_taken() -> None:
    """Bodies may be a KiB longer than is published."""
    from reference_impl.ceiling import Body

    def is_over(self: Any) -> bool:
        return bool(max(self.received, self.announced or 0) > self.limit + 1024)

    Body.is_over = property(is_over)  # type: ignore[assignment, method-assign]


@mutant("OPS-3", "side-ceiling")
def sides_may_be_longer_than_published() -> None:
    """The ceiling of a side is two pixels above the published one."""
    change_settings(max_side_pixels=12_002)


@mutant("OPS-3", "pixel-ceiling")
def areas_are_refused_below_what_is_published() -> None:
    """The pixel ceiling is one pixel below the published one."""
    change_settings(max_pixels=49_999_999)


@mutant("OPS-3", "canonical-target")
def canonicals_are_smaller_than_published() -> None:
    """Canonicals are scaled to 2,000 px."""
    change_settings(canonical_long_side=2000)


@mutant("OPS-3", "thumbnail-target")
def thumbnails_are_smaller_than_published() -> None:
    """Thumbnails are scaled to 479 px."""
    change_settings(thumbnail_long_side=479)


@mutant("OPS-3", "blur-limits")
def a_smaller_preview_is_published() -> None:
    """The published long side of previews is 16, they have 32."""
    from reference_impl import views

    wrap(views, "media_policy", lambda original, *arguments: original(*arguments) | {"blurLongSide": 16})


@mutant("OPS-3", "alt-text-limit")
def alt_text_is_counted_in_bytes() -> None:
    """altText may have as many bytes as code points are published."""
    from reference_impl import fields
    from reference_impl.errors import Refused

    def alt_text(original: Any, value: Any, most: int) -> Any:
        if isinstance(value, str) and len(value.encode("utf-8", "surrogatepass")) > most:
            raise Refused("alt_text_invalid", "It is too long.")
        return original(value, most)

    wrap(fields, "alt_text", alt_text)


@mutant("OPS-3", "file-name-limit")
def names_are_cut_sooner_than_published() -> None:
    """A name is cut one code point before the published length."""
    from reference_impl import fields

    wrap(fields, "file_name", lambda original, sent, most: original(sent, most - 1))
