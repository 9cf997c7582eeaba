"""More processes of a launched target, beside the one that the scenarios share. No steps."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from lanes.errors import StackError
from lanes.stack.server import free_port
from lanes.stack.slot import credentials_in
from lanes.steps.world import World


@contextlib.contextmanager
def of_its_own(world: World) -> Iterator[World]:
    """The scenario's world at a process of the target that nobody else uses, with nothing in it yet."""
    with world.stack.folder() as folder:
        settings = world.stack.settings(folder, PORT=str(free_port()))
        with served(world, settings, folder) as alone:
            yield alone


def apart(world: World) -> contextlib.AbstractContextManager[World]:
    """The scenario's world at a process of its own, where the target can be launched; else at the one that all share."""
    return of_its_own(world) if "launch" in world.check.plan.target.capabilities else contextlib.nullcontext(world)


@contextlib.contextmanager
def served_again(world: World, settings: Mapping[str, str], folder: Path, rule: str, clause: str) -> Iterator[World]:
    """As `served`, for a target that has served there before. Raises Blocked, blaming the clause, when it does not any more."""
    with contextlib.ExitStack() as exits:
        try:
            again = exits.enter_context(served(world, settings, folder))
        except StackError as error:
            world.stack.grounds.check()
            world.check.block(rule, clause, f"it served before; started again, {error}")
        yield again


@contextlib.contextmanager
def served(world: World, settings: Mapping[str, str], folder: Path) -> Iterator[World]:
    """The scenario's world at a process of the target that was started with these settings, in this folder."""
    with world.stack.process(settings, folder) as server:
        with world.stack.waiting():
            server.wait_ready()
        with contextlib.closing(world.client.elsewhere(server.base_url, credentials_in(settings))) as client:
            try:
                yield replace(
                    world, client=client, settings=settings, group=server.pid, artist="", uploads=[], answers=[], notes={}
                )
            finally:
                world.stack.waited += client.waited
