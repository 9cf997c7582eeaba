"""Mutants of the fields that show a picture, of its parts, and of the headers that every answer has."""

from __future__ import annotations

from typing import Any

from tests.mutants.answering import Headers, on_delivery, on_headers, on_items
from tests.mutants.mutant import mutant, wrap


@mutant("DEL-1", "item-fields")
def artists_show_items_without_blur() -> None:
    """Items in readArtist lack blurDataURL, which the collection has."""
    from reference_impl import views

    def artist(original: Any, *arguments: Any) -> Any:
        shown = original(*arguments)
        return shown | {
            "media": [{key: value for key, value in item.items() if key != "blurDataURL"} for item in shown["media"]]
        }

    wrap(views, "artist", artist)


@mutant("DEL-1", "item-fields")
def sync_shows_items_without_height() -> None:
    """The answer to a sync tells no height."""
    from reference_impl.routes import media

    def put(original: Any, body: Any, *rest: Any) -> Any:
        if isinstance(body["media"], list):
            body = {"media": [{key: value for key, value in item.items() if key != "height"} for item in body["media"]]}
        return original(body, *rest)

    wrap(media, "Answer", put)


@mutant("DEL-1", "artist-fields")
def new_artists_have_no_blur_field() -> None:
    """An artist without a picture lacks profileImageBlurDataURL."""
    _profile(lambda shown: shown if shown["profileImageURL"] else {k: v for k, v in shown.items() if "Blur" not in k})


@mutant("DEL-1", "card-fields")
def cards_have_the_canonical_as_thumbnail() -> None:
    """A card's thumbnail is the canonical, which the artist's is not."""
    from reference_impl import views

    def card(original: Any, *arguments: Any) -> Any:
        shown = original(*arguments)
        return shown | {"profileImageThumbnailURL": shown["profileImageURL"]}

    wrap(views, "artist_card", card)


@mutant("DEL-1", "same-item")
def thumbnail_is_of_the_last_profile_item() -> None:
    """Of several profile items, the image is the first's and the thumbnail the last's."""
    from reference_impl import views

    def profile_image(original: Any, backend: Any, collection: Any) -> Any:
        items = list(collection)
        last = original(backend, reversed(items))
        return original(backend, items) | {"profileImageThumbnailURL": last["profileImageThumbnailURL"]}

    wrap(views, "profile_image", profile_image)


@mutant("DEL-1", "null-unknown")
def unknown_measures_are_zero() -> None:
    """An unknown width is 0."""
    on_items(lambda item, _: item | {"width": item["width"] or 0})


@mutant("DEL-1", "null-unknown")
def unknown_addresses_are_empty() -> None:
    """A card without a thumbnail has an empty address."""
    from reference_impl import views

    def card(original: Any, *arguments: Any) -> Any:
        shown = original(*arguments)
        return shown | {"profileImageThumbnailURL": shown["profileImageThumbnailURL"] or ""}

    wrap(views, "artist_card", card)


@mutant("DEL-6", "bounded")
def ranges_end_before_their_last_byte() -> None:
    """The last byte of a bounded range is left out."""

    def change(response: Any, request: Any) -> Any:
        wanted = request.headers.get("range", "")
        if response.status_code == 206 and wanted[-1].isdecimal() and "=-" not in wanted and len(response.body) > 1:
            response.body = response.body[:-1]
            response.headers["content-length"] = str(len(response.body))
        return response

    on_delivery(change)


@mutant("DEL-6", "open-ended")
def open_ranges_are_bad_requests() -> None:
    """A range without an end is answered as one that cannot be."""
    from reference_impl.errors import Refused
    from reference_impl.routes import delivery

    def wanted(original: Any, header: str | None, *rest: Any) -> Any:
        if header and header.endswith("-"):
            raise Refused("range_unsatisfiable", "There is no end.", {"content-range": f"bytes */{rest[-1]}"})
        return original(header, *rest)

    wrap(delivery, "wanted", wanted)


@mutant("DEL-6", "suffix")
def suffixes_are_prefixes() -> None:
    """The last bytes of a suffix range are the first ones."""
    from reference_impl.routes import delivery

    def wanted(original: Any, header: str | None, if_range: Any, etag: str, size: int) -> Any:
        part = original(header, if_range, etag, size)
        return (0, part[1] - part[0]) if part and header and "=-" in header else part

    wrap(delivery, "wanted", wanted)


@mutant("DEL-6", "suffix")
def long_suffixes_are_refused() -> None:
    """A suffix that is longer than the picture answers 416 and not the whole."""
    from reference_impl.errors import Refused
    from reference_impl.routes import delivery

    def wanted(original: Any, header: str | None, if_range: Any, etag: str, size: int) -> Any:
        if header and "=-" in header and int(header.partition("=-")[2]) > size:
            raise Refused("range_unsatisfiable", "That is more than there is.", {"content-range": f"bytes */{size}"})
        return original(header, if_range, etag, size)

    wrap(delivery, "wanted", wanted)


@mutant("DEL-6", "content-range")
def content_range_counts_from_one() -> None:
    """Content-Range says one more for the last byte, as slices do."""

    def change(response: Any, _: Any) -> Any:
        if response.status_code == 206:
            words, _, size = response.headers["content-range"].partition("/")
            begin, _, last = words.partition("-")
            response.headers["content-range"] = f"{begin}-{int(last) + 1}/{size}"
        return response

    on_delivery(change)


@mutant("DEL-6", "beyond-end")
def a_range_at_the_end_is_empty() -> None:
    """A range that begins just at the end gets the whole; one further on is refused."""
    from reference_impl.routes import delivery

    def wanted(original: Any, header: str | None, if_range: Any, etag: str, size: int) -> Any:
        return None if header and header.startswith(f"bytes={size}-") else original(header, if_range, etag, size)

    wrap(delivery, "wanted", wanted)


@mutant("DEL-7", "nosniff")
def unknown_media_may_be_sniffed() -> None:
    """The 404 of the delivery path lacks nosniff."""

    def change(_: str, path: str, status: int, headers: Headers) -> Headers:
        bare = path.startswith("/media/") and status == 404
        return {name: value for name, value in headers.items() if not (bare and name == "x-content-type-options")}

    on_headers(change)


@mutant("DEL-7", "nosniff")
def parts_may_be_sniffed() -> None:
    """A 206 lacks nosniff."""

    def change(_: str, __: str, status: int, headers: Headers) -> Headers:
        return {name: value for name, value in headers.items() if not (status == 206 and name == "x-content-type-options")}

    on_headers(change)


@mutant("DEL-7", "no-cookie")
def heads_set_a_cookie() -> None:
    """HEAD of a picture sets a cookie."""

    def change(method: str, path: str, _: int, headers: Headers) -> Headers:
        return headers | ({"set-cookie": "seen=1"} if method == "HEAD" and path.startswith("/media/") else {})

    on_headers(change)


@mutant("DEL-7", "json-no-store")
def created_artists_may_be_kept() -> None:
    """The answer to createArtist says nothing of caching."""

    def change(_: str, path: str, status: int, headers: Headers) -> Headers:
        bare = status == 201 and path == "/artists"
        return {name: value for name, value in headers.items() if not (bare and name == "cache-control")}

    on_headers(change)


@mutant("DEL-7", "json-no-store")
def refused_files_may_be_kept() -> None:
    """A refusal with 422 may be kept for a minute, as a 404 may."""

    def change(_: str, __: str, status: int, headers: Headers) -> Headers:
        return headers | ({"cache-control": "public, max-age=60"} if status == 422 else {})

    on_headers(change)


def _profile(change: Any) -> None:
    from reference_impl import views

    wrap(views, "profile_image", lambda original, *arguments: change(original(*arguments)))
