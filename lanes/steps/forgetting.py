"""Steps about how long a distribution remembers that there was nothing at an address."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.edge_caches import forgets, sign_of
from lanes.steps.world import World

MINUTE = 60.0  # seconds that a distribution may remember that there was nothing
_MARGIN = 1.5  # seconds: ages are whole numbers, and clocks differ
# In what outlives a scenario: such an address, and whether answers from a cache there say how old they are.
_NOWHERE, AGES = "an address that leads nowhere", "ages grow"


@dataclass(frozen=True, slots=True)
class Nowhere:
    """An address at which there has never been a picture, and when it was asked for, by a monotonic clock."""

    url: str
    asked: float
    answer: Answer
    tells: bool = False  # whether a cache said so when it was asked for again


@when("an address is asked for at which there has never been a picture")
def _(world: World) -> None:
    ask_nowhere(world)


@when("a minute has passed since an address led nowhere")
def _(world: World) -> None:
    wait_for_the_minute(world)


@then("whoever asks for it again is not told what was so a minute ago")
def _(world: World) -> None:
    check_forgotten(world)


def ask_nowhere(world: World) -> None:
    """Asks for an address at which there has never been a picture, and once more, for caches that wait to be asked twice."""
    scheme, authority, *_ = urlsplit(str(world.uploads[0].item["src"]))
    url = f"{scheme}://{authority}/media/{secrets.token_hex(8)}/{secrets.token_hex(16)}.jpg"
    answer = world.fetch(url)
    if answer.status != 404:
        # DEL-5 is about that.
        world.check.cannot("DEP-3", "brief-404", f"an address that leads nowhere is answered {answer.status}, not 404")
        return
    tells = any(sign_of(each).cached for each in (answer, world.fetch(url)))
    world.stack.shared[_NOWHERE] = Nowhere(url, time.monotonic(), answer, tells)


def wait_for_the_minute(world: World) -> None:
    """Waits for what is left of the minute since an address led nowhere, if one did in this slot."""
    nowhere: Nowhere | None = world.stack.shared.get(_NOWHERE)
    if nowhere:
        time.sleep(max(nowhere.asked + MINUTE + _MARGIN - time.monotonic(), 0.0))


def check_forgotten(world: World) -> None:
    """An answer now is no answer that a cache has kept for longer than a minute."""
    nowhere: Nowhere | None = world.stack.shared.get(_NOWHERE)
    if nowhere is None:
        return
    answer = world.fetch(nowhere.url)
    held, told = forgets(answer, MINUTE, tells=nowhere.tells, ages=world.stack.shared.get(AGES, False))
    if held is None:
        world.check.cannot("DEP-3", "brief-404", told)
    else:
        ago = time.monotonic() - nowhere.asked
        told = f"{answer}, first asked for {ago:.0f} s ago: {told}"
        world.check("DEP-3", "brief-404", held, told, nowhere.answer, answer)
