"""Steps about a target that is killed in the middle of uploads."""

from __future__ import annotations

import contextlib
import os
import signal
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.errors import TargetSilent
from lanes.stack.gateway.faults import Fault, When
from lanes.stack.server import free_port
from lanes.steps.holding import REACHED
from lanes.steps.processes import served, served_again
from lanes.steps.remains import records
from lanes.steps.saving import failing_urls
from lanes.steps.whereabouts import LOCATORS
from lanes.steps.world import World

# An upload is killed while it stores one or the other, before the store has it or just afterwards.
_MOMENTS: tuple[tuple[int, When], ...] = ((1, "before"), (1, "after"), (2, "before"), (2, "after"))


@dataclass(frozen=True, slots=True)
class Survived:
    """What a target showed after it had been killed and started again."""

    artist: Answer
    items: list[dict[str, Any]]
    failing: list[Answer]
    lost: dict[str, list[str]]  # by artifact: the places of objects that rows name and the store lacks


@when("a target with pictures is killed in the middle of uploads and started again")
def _(world: World) -> None:
    if world.check.due("UPL-12", "restarts"):
        world.notes["survived"] = kill_and_start_again(world)


@then("it reads the artist")
def _(world: World) -> None:
    for survived in _survived(world):
        answer = survived.artist
        held = answer.status == 200 and len(survived.items) >= 1
        world.check(
            "UPL-12", "restarts", held, f"{answer} with {len(survived.items)} pictures, after the target was killed", answer
        )


@then("every picture that it shows is whole")
def _(world: World) -> None:
    for survived in _survived(world):
        told = f"of {len(survived.items)} pictures {len(survived.failing)} URLs fail: {survived.failing[:1]}"
        world.check("UPL-12", "items-render", bool(survived.items) and not survived.failing, told, *survived.failing[:1])


@then("every picture in the records is in the store")
def _(world: World) -> None:
    for survived in _survived(world):
        for artifact, lost in survived.lost.items():
            told = f"the store lacks {len(lost)} {artifact}s of rows, the first: {lost[:1]}"
            world.check("UPL-12", f"{artifact}s-exist", not lost, told, survived.artist)


def _survived(world: World) -> list[Survived]:
    return [world.notes["survived"]] if "survived" in world.notes else []


def kill_and_start_again(world: World) -> Survived:
    """A target of the scenario's own, killed at each moment of an upload, each time started again, and looked at in the end."""
    with world.stack.folder() as folder:
        settings = world.stack.settings(folder, PORT=str(free_port()))
        artist = ""
        for nth, moment in _MOMENTS:
            with _started(world, settings, folder, again=bool(artist)) as alone:
                alone.artist = artist or alone.create_artist()
                if not artist:
                    alone.upload(alone.corpus.of("small")[0])
                artist = alone.artist
                kill_during_upload(alone, Fault("hold", moment, operation="put", nth=nth))
        with _started(world, settings, folder, again=True) as again:
            again.artist = artist
            answer = again.client.call("readArtist", artist)
            items = answer.json["artist"]["media"] if answer.status == 200 else []
            return Survived(answer, items, failing_urls(again, items), _lost(again))


def _started(
    world: World, settings: Mapping[str, str], folder: Path, *, again: bool
) -> contextlib.AbstractContextManager[World]:
    return served_again(world, settings, folder, "UPL-12", "restarts") if again else served(world, settings, folder)


def kill_during_upload(world: World, moment: Fault) -> None:
    """Kills the target's processes while the gateway holds back a write of its upload."""
    with world.gateway.faulty(moment) as armed, ThreadPoolExecutor(1) as pool:
        sending = pool.submit(world.send, world.corpus.of("small")[1])
        reached = armed.wait_reached(REACHED)
        assert world.group is not None
        os.killpg(world.group, signal.SIGKILL)
        with contextlib.suppress(TargetSilent):
            sending.result()
        armed.wait_ended(REACHED)  # or what it was killed over would be let through to the store after all
    world.check.presume("UPL-1", "created", reached, "the store was never asked for the picture")


def _lost(world: World) -> dict[str, list[str]]:
    if not world.check.due("UPL-12", "canonicals-exist"):
        return {}
    rows, stored = records(world), {each.name for each in world.store.list(world.location)}
    named = {artifact: [f"{row[place]}/{row[key]}" for row in rows] for artifact, (_, place, key) in LOCATORS.items()}
    return {artifact: [name for name in names if name not in stored] for artifact, names in named.items()}
