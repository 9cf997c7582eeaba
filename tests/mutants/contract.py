"""Mutants whose answers the contract does not document."""

from __future__ import annotations

from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


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
