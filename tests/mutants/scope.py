"""Mutants of what is handed out: credentials, places to send bytes to, and what addresses are built on."""

from __future__ import annotations

from typing import Any

from tests.mutants.answering import Headers, on_headers, on_items
from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("SCO-2", "no-credential")
def heads_have_an_account_key() -> None:
    """HEAD of a picture has the connection string of the store in a header."""

    def change(method: str, path: str, _: int, headers: Headers) -> Headers:
        leaks = method == "HEAD" and path.startswith("/media/")
        return headers | ({"x-backend": "AccountName=media;AccountKey=bWVkaWFsYW5l"} if leaks else {})

    on_headers(change)


@mutant("SCO-2", "no-credential")
def policy_names_a_secret_key() -> None:
    """The media policy has a field for a secret key."""
    from reference_impl import views

    wrap(views, "media_policy", lambda original, policy: original(policy) | {"storageSecretKey": None})


@mutant("SCO-2", "no-upload-session")
def new_artists_get_an_upload_url() -> None:
    """The answer to createArtist tells where to send bytes."""
    from reference_impl.routes import artists

    def answer(original: Any, body: Any, status: int = 200, *rest: Any) -> Any:
        return original(body | ({"uploadURL": "http://127.0.0.1/upload"} if status == 201 else {}), status, *rest)

    wrap(artists, "Answer", answer)


@mutant("SCO-2", "no-upload-session")
def uploads_are_located_in_the_bucket() -> None:
    """An upload answers with a Location in the bucket."""

    def change(method: str, path: str, status: int, headers: Headers) -> Headers:
        created = method == "POST" and path.endswith("/media") and status == 201
        return headers | ({"location": "https://media.s3.eu-west-1.amazonaws.com/next"} if created else {})

    on_headers(change)


@mutant("SCO-2", "no-signed-url")
def thumbnails_are_signed() -> None:
    """thumbnailSrc has an expiry in its query."""
    on_items(lambda item, _: item | {"thumbnailSrc": f"{item['thumbnailSrc']}?expires=1893456000"})


@mutant("SCO-5", "absolute")
def thumbnails_have_no_host_in_artists() -> None:
    """readArtist shows thumbnailSrc without scheme and host."""
    from urllib.parse import urlsplit

    from reference_impl import views

    def artist(original: Any, *arguments: Any) -> Any:
        shown = original(*arguments)
        return shown | {
            "media": [item | {"thumbnailSrc": urlsplit(item["thumbnailSrc"] or "").path} for item in shown["media"]]
        }

    wrap(views, "artist", artist)


@mutant("SCO-5", "public")
def pictures_are_for_our_pages_only() -> None:
    """A picture is refused to pages of others, by their Referer."""
    from reference_impl.routes import delivery

    async def get(original: Any, self: Any, request: Any) -> Any:
        if "intruder" in request.headers.get("referer", ""):
            delivery.nothing_here()
        return await original(self, request)

    wrap_async(delivery.Media, "get", get)


@mutant("SCO-5", "host-ignored")
def urls_are_built_on_the_host() -> None:
    """Render URLs in reads have the Host of the request."""
    _rebased("host")


@mutant("SCO-5", "forwarded-host-ignored")
def urls_are_built_on_the_forwarded_host() -> None:
    """Render URLs have the host of X-Forwarded-Host."""
    _rebased("x-forwarded-host")


@mutant("SCO-5", "forwarded-host-ignored")
def urls_are_built_on_forwarded() -> None:
    """Render URLs have the host of Forwarded."""
    _rebased("forwarded")


def _rebased(header: str) -> None:
    """Items are shown on the host that a header of the request names."""
    import contextvars
    import re

    from reference_impl import app

    host: contextvars.ContextVar[str] = contextvars.ContextVar("host", default="")

    def create(original: Any, runtime: Any, database: Any) -> Any:
        inner = original(runtime, database)

        async def outer(scope: Any, receive: Any, send: Any) -> None:
            said = dict(scope.get("headers", ())).get(header.encode(), b"").decode("latin-1")
            named = re.search(r"host=([^;,]+)", said)
            host.set(named[1] if named else said)
            await inner(scope, receive, send)

        return outer

    def item(shown: Any, _: Any) -> Any:
        here = host.get()
        return shown | {"src": re.sub("//[^/]+", f"//{here}", shown["src"], count=1)} if here and shown["src"] else shown

    wrap(app, "create_app", create)
    on_items(item)
