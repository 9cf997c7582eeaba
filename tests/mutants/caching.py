"""Mutants of how long pictures are kept, and of what is left of a deleted one."""

from __future__ import annotations

from typing import Any

from tests.mutants.answering import Headers, on_delivery, on_headers, on_items
from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("DEL-3", "stable")
def thumbnail_urls_change_with_the_purpose() -> None:
    """A thumbnail's URL names the purpose of its item, so that a sync changes it."""
    on_items(lambda item, row: item | {"thumbnailSrc": f"{item['thumbnailSrc']}/{row.purpose}"})


@mutant("DEL-3", "stable")
def artist_shows_urls_with_a_double_slash() -> None:
    """readArtist shows another spelling of the URLs than the collection does."""
    from reference_impl import views

    def artist(original: Any, *arguments: Any) -> Any:
        shown = original(*arguments)
        return shown | {"media": [item | {"src": item["src"].replace("/media/", "//media/")} for item in shown["media"]]}

    wrap(views, "artist", artist)


@mutant("DEL-3", "never-reused")
def keys_are_named_after_content() -> None:
    """Keys are digests of the content: the same file gets the URL that it had before its deletion."""
    import hashlib

    from reference_impl import workflow

    async def store(original: Any, backend: Any, artist_id: str, sent: Any, ingested: Any) -> Any:
        digest = hashlib.sha256(ingested.canonical).hexdigest()
        keys = {"canonical": f"media/{digest[:32]}/{digest[32:]}.jpg", "thumbnail": f"media/{digest[:32]}/t{digest[33:]}.jpg"}
        workflow.fresh_keys = lambda _: keys  # type: ignore[assignment, attr-defined, return-value]
        return await original(backend, artist_id, sent, ingested)

    wrap_async(workflow, "store", store)


@mutant("DEL-3", "browser-cache")
def head_is_not_immutable() -> None:
    """HEAD leaves `immutable` out."""

    def change(response: Any, request: Any) -> Any:
        if request.method == "HEAD":
            response.headers["cache-control"] = response.headers["cache-control"].replace(", immutable", "")
        return response

    on_delivery(change)


@mutant("DEL-3", "browser-cache")
def a_year_is_a_day_short() -> None:
    """max-age is a year of 364 days."""
    _cache("max-age=31536000", "max-age=31449600")


@mutant("DEL-3", "shared-cache")
def shared_caches_are_told_of_a_year() -> None:
    """s-maxage is a year too."""
    _cache("s-maxage=86400", "s-maxage=31536000")


@mutant("DEL-3", "shared-cache")
def not_modified_forgets_shared_caches() -> None:
    """A 304 has no s-maxage, so that shared caches keep for a year what they revalidated."""

    def change(response: Any, request: Any) -> Any:
        del request
        if response.status_code == 304:
            response.headers["cache-control"] = response.headers["cache-control"].replace("s-maxage=86400, ", "")
        return response

    on_delivery(change)


@mutant("DEL-3", "etag")
def etag_is_weak() -> None:
    """The ETag is a weak one."""
    _etag(lambda etag: f"W/{etag}")


@mutant("DEL-3", "etag")
def etag_counts_requests() -> None:
    """The ETag is another one with every answer."""
    import itertools

    counter = itertools.count()
    _etag(lambda etag: f'{etag[:-1]}-{next(counter)}"')


@mutant("DEL-3", "not-modified")
def only_one_validator_is_read() -> None:
    """If-None-Match is compared as a whole, so that a list of ETags never matches."""
    from reference_impl.routes import delivery

    wrap(delivery, "is_current", lambda _, held, etag: held == etag)


@mutant("DEL-3", "not-modified")
def lists_of_validators_are_divided_by_a_blank() -> None:
    """Of several ETags with no blank between them none is found."""
    from reference_impl.routes import delivery

    wrap(delivery, "is_current", lambda original, held, etag: original(held, etag) and not (held and '","' in held))


@mutant("DEL-3", "not-modified")
def head_is_always_modified() -> None:
    """HEAD ignores If-None-Match."""

    def change(response: Any, request: Any) -> Any:
        if request.method == "HEAD" and response.status_code == 304:
            response.status_code = 200
        return response

    on_delivery(change)


@mutant("DEL-3", "modified")
def validators_match_by_their_beginning() -> None:
    """An ETag that begins like the right one passes for it."""
    from reference_impl.routes import delivery

    wrap(delivery, "is_current", lambda original, held, etag: original(held, etag) or bool(held and held[:-2] == etag[:-2]))


@mutant("DEL-3", "modified")
def any_validator_is_current() -> None:
    """Whoever sends If-None-Match is told that nothing has changed."""
    from reference_impl.routes import delivery

    wrap(delivery, "is_current", lambda _, held, __: held is not None)


@mutant("DEL-4", "canonical-404")
def deleted_pictures_are_gone_for_good() -> None:
    """A deleted canonical answers 410 to HEAD."""
    _remember(lambda method, thumbnail, _: 410 if method == "HEAD" and not thumbnail else None)


@mutant("DEL-4", "thumbnail-404")
def deleted_thumbnails_go_on_answering() -> None:
    """A deleted thumbnail goes on being served from memory."""
    _remember(lambda _, thumbnail, conditional: 200 if thumbnail and not conditional else None)


@mutant("DEL-4", "not-modified-404")
def deleted_pictures_are_not_modified() -> None:
    """Whoever sends the former ETag is told that nothing has changed."""
    _remember(lambda _, __, conditional: 304 if conditional else None)


@mutant("DEL-4", "brief")
def a_deletion_is_remembered_for_an_hour() -> None:
    """The 404 may be cached for an hour."""
    _not_found("public, max-age=3600")


@mutant("DEL-4", "brief")
def a_deletion_is_remembered_for_61_seconds() -> None:
    """The 404 may be cached for 61 seconds by shared caches."""
    _not_found("max-age=60, s-maxage=61")


@mutant("DEL-4", "brief")
def a_404_says_nothing_of_caching() -> None:
    """The 404 has no Cache-Control, so that caches keep it for as long as they like."""
    _not_found(None)


def _cache(right: str, wrong: str) -> None:
    def change(response: Any, request: Any) -> Any:
        del request
        response.headers["cache-control"] = response.headers["cache-control"].replace(right, wrong)
        return response

    on_delivery(change)


def _etag(change: Any) -> None:
    from reference_impl.routes import delivery

    def headers_of(original: Any, stored: Any) -> Any:
        headers = original(stored)
        return headers | {"etag": change(headers["etag"])}

    wrap(delivery, "headers_of", headers_of)


def _not_found(value: str | None) -> None:
    def change(_: str, path: str, status: int, headers: Headers) -> Headers:
        if status != 404 or not path.startswith("/media/"):
            return headers
        kept = {name: said for name, said in headers.items() if name != "cache-control"}
        return kept | ({"cache-control": value} if value else {})

    on_headers(change)


def _remember(status: Any) -> None:
    """What was served once goes on answering where `status` (method, thumbnail, conditional) has an answer."""
    from starlette.responses import Response

    from reference_impl import catalogue
    from reference_impl.errors import Refused
    from reference_impl.routes.delivery import Media

    served: dict[str, bool] = {}

    async def deliverable(original: Any, backend: Any, folder: str, file: str) -> Any:
        found = await original(backend, folder, file)
        if found:
            served[f"/media/{folder}/{file}"] = found.kind == "thumbnail"
        return found

    async def get(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused:
            path = request.url.path
            code = status(request.method, served[path], "if-none-match" in request.headers) if path in served else None
            if code is None:
                raise
            return Response(status_code=code, headers={"cache-control": "no-store", "x-content-type-options": "nosniff"})

    wrap_async(catalogue, "deliverable", deliverable)
    wrap_async(Media, "get", get)
