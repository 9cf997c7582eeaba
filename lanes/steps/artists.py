"""Steps about artists and what they have."""

from __future__ import annotations

from pytest_bdd import given, parsers

from lanes.steps.world import World


@given("an artist")
def _(world: World) -> None:
    world.artist = world.create_artist()


@given(parsers.parse("an artist with {count:d} pictures"))
def _(world: World, count: int) -> None:
    world.artist_with(count)
