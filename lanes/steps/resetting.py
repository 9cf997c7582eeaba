"""Steps about the reset command of a target."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pytest_bdd import then, when

from lanes.stack.server import free_port
from lanes.steps.hooks import plant
from lanes.steps.processes import served
from lanes.steps.remains import objects
from lanes.steps.world import World

FLAG = "--media"
_PAGE = 1000  # objects that S3 lists at once
_PATIENCE = 60.0  # seconds for a reset

# What only resembles the media prefix.
_BESIDE = ("media-other/a.jpg", "mediax", "other/media/a.jpg", "Media/a.jpg")


@dataclass(frozen=True, slots=True)
class Reset:
    """One run of the command: with which flags, how it ended (None: not at all), and what it said."""

    flags: tuple[str, ...]
    exit_code: int | None
    said: str

    def __str__(self) -> str:
        told = " ".join(self.flags) or "no flag"
        return f"reset with {told}: exit code {self.exit_code}, it said: {self.said[-300:] or 'nothing'}"


@when("a target with pictures is reset, first without its media and then with them")
def _(world: World) -> None:
    if world.check.due("RST-1", "nothing-without-flag"):
        reset_twice(world)


@then("the first reset took nothing from the store")
def _(world: World) -> None:
    if "before" in world.notes:
        lost = sorted(world.notes["before"] - world.notes["without"])
        told = f"{world.notes['resets'][0]}; the store lost {lost}"
        world.check("RST-1", "nothing-without-flag", not lost, told)


@then("the second took all media, and nothing else")
def _(world: World) -> None:
    if "before" in world.notes:
        check_emptied(world)


@when("a target that runs in the cloud is to be reset")
def _(world: World) -> None:
    if world.check.due("RST-2", "exit-code"):
        reset_in_cloud(world)


@then("every reset is refused for that reason")
def _(world: World) -> None:
    for reset in world.notes.get("resets", ()):
        check_refused(world, reset)


@then("the store has not heard of any")
def _(world: World) -> None:
    if "resets" in world.notes:
        calls = world.notes["calls"]
        told = f"{len(calls)} storage calls of a reset of the cloud, the first: {calls[:1]}"
        world.check("RST-2", "no-storage-call", not calls, told)


def reset_twice(world: World) -> None:
    """A target of the scenario's own with pictures, reset without and with its flag; other objects lie beside them."""
    with world.stack.folder() as folder:
        settings = world.stack.settings(folder, PORT=str(free_port()))
        with served(world, settings, folder) as alone:
            alone.artist_with(2)
            elsewhere = [alone.stack.grounds.location(like) for like in ("", alone.location)]
            beside = [plant(alone, key, b"beside") for key in _BESIDE]
            # No row names them, and they are more than a store lists at once.
            with ThreadPoolExecutor(4) as pool:
                orphans = list(pool.map(lambda number: plant(alone, f"media/orphans/{number}.jpg", b"orphan"), range(_PAGE)))
            others = [plant(alone, "media/elsewhere/a.jpg", b"elsewhere", location=each) for each in elsewhere]
            before = objects(alone)
            world.notes["before"] = set(before)
            media = [stored for stored in before.values() if stored.key.startswith("media/")]
            told = f"two uploads stored {len(media) - len(orphans)} objects"
            alone.check.presume("SCO-4", "two-objects", len(media) - len(orphans) == 4, told)
        first = run_reset(world, settings, ())
        world.notes["without"] = set(objects(alone))
        second = run_reset(world, settings, (FLAG,))
        world.notes["resets"] = [first, second]
        world.notes["left"] = set(objects(alone))
        world.notes["media"] = {stored.name for stored in media}
        world.notes["beside"] = {stored.name for stored in beside}
        world.notes["other"] = all(alone.store.read(other.location, other.key) is not None for other in others)


def check_emptied(world: World) -> None:
    """No media left where the target stored them; everything beside them is."""
    second, left = world.notes["resets"][1], world.notes["left"]
    still = sorted(world.notes["media"] & left)
    told = f"{second}; the store still has {len(still)}: {still[:3]}"
    world.check("RST-1", "media-emptied", not still and second.exit_code == 0, told)
    lost = sorted(world.notes["beside"] - left)
    world.check("RST-1", "other-prefix-kept", not lost, f"{second}; the store lost {lost}")
    world.check("RST-1", "other-bucket-kept", world.notes["other"], f"{second}; an object in another bucket is gone")


def reset_in_cloud(world: World) -> None:
    """The command, with its flag and without, under settings that say that the store is in the cloud."""
    with world.stack.folder() as folder:
        cloud = {"APP_ENV": "development", "MEDIA_CLOUD_OPT_IN": "yes", "MEDIA_EXECUTION_TARGET": "cloud"}
        settings = world.stack.settings(folder, PORT=str(free_port()), **cloud)
        settings.pop("MEDIA_STATE_HOOKS", None)
        mark = world.gateway.record.mark()
        world.notes["resets"] = [run_reset(world, settings, flags) for flags in ((), (FLAG,))]
        world.notes["calls"] = world.gateway.record.since(mark)


def check_refused(world: World, reset: Reset) -> None:
    """Not 0, and one message that names the execution target."""
    held = reset.exit_code not in {0, None}
    world.check("RST-2", "exit-code", held, f"{reset}, should be refused")
    named = "MEDIA_EXECUTION_TARGET" in reset.said or "cloud" in reset.said.lower()
    one = 0 < len([line for line in reset.said.splitlines() if line.strip()]) <= 3
    world.check(
        "RST-2", "message", named and one and "Traceback" not in reset.said, f"{reset}, should say that it is the cloud"
    )


def run_reset(world: World, settings: dict[str, str], flags: tuple[str, ...]) -> Reset:
    """Runs the target's reset command to its end."""
    with world.stack.folder() as folder, world.stack.resetting(replace_port(settings), folder, flags) as running:
        with world.stack.waiting():
            ended = running.wait_exit(_PATIENCE)
        return Reset(flags, ended, running.last_lines)


def replace_port(settings: dict[str, str]) -> dict[str, str]:
    """The same settings; a port has to be free for a process to be started with them."""
    return settings | {"PORT": str(free_port())}
