"""The HTTP contract, an endpoint for each path: parse, call, answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import Route

from reference_impl.routes import artists, delivery, media, operations, states

if TYPE_CHECKING:
    from reference_impl.routes.endpoint import Endpoint
    from reference_impl.runtime import Runtime

# One endpoint a path, so that Allow is complete.
CONTRACT: tuple[type[Endpoint], ...] = (
    artists.Artists,
    artists.Artist,
    media.ArtistMedia,
    media.ArtistMediaItem,
    delivery.Media,
    delivery.Elsewhere,
    operations.MediaPolicy,
    operations.Health,
    operations.MediaRecords,
    operations.MediaObjects,
    operations.Runtime,
)
STATE_HOOKS: tuple[type[Endpoint], ...] = (
    states.FinalisationFailures,
    states.StorageFailures,
    states.Failures,
    states.MediaRows,
    states.LegacyArtistImage,
    states.MockedObjects,
)


def routes(runtime: Runtime) -> list[Route]:
    """The routes that a process with this configuration has."""
    endpoints = CONTRACT + (STATE_HOOKS if runtime.state_hooks else ())
    return [Route(endpoint.path, endpoint) for endpoint in endpoints]
