"""Steps about files that are small and would become enormous."""

from __future__ import annotations

import time
from dataclasses import dataclass

from pytest_bdd import then, when

from lanes import ceilings
from lanes.client import Answer, Upload
from lanes.stack.memory import peak
from lanes.steps.processes import of_its_own
from lanes.steps.world import World

_A_FRACTION = 0.5  # of the time that the costliest upload takes
# What two starts of the same server, and what was allocated while a refusal was written, may differ by, as a share.
_NOISE = 1.05


@dataclass(frozen=True, slots=True)
class Cost:
    """What uploads cost a server of their own: its answers, seconds of the slowest, and its peak memory in bytes."""

    answers: tuple[Answer, ...]
    seconds: float
    memory: int


@when("bombs and the costliest picture that is allowed are tried, each on a server of its own")
def _(world: World) -> None:
    world.notes["allowed"] = cost_of(world, [costliest(world)])
    world.notes["bombs"] = cost_of(world, [world.corpus.upload(row) for row in world.corpus.of("bombs")])


@then("every bomb is refused for its dimensions")
def _(world: World) -> None:
    for answer in world.notes["bombs"].answers:
        refused = answer.status == 422 and answer.code == "dimensions_too_large"
        world.check("ING-6", "refused", refused, f"{answer}, should be 422 dimensions_too_large", answer)


@then("no bomb costs as much as that picture")
def _(world: World) -> None:
    check_cheap(world, world.notes["bombs"], world.notes["allowed"])


def costliest(world: World) -> Upload:
    """A picture of as many pixels as the policy allows, in colour."""
    policy = world.policy()
    sides = ceilings.most_square(policy["maxPixels"], policy["maxSidePixels"])
    return Upload(ceilings.costly(*sides), "image/png", "large.png")


def cost_of(world: World, uploads: list[Upload]) -> Cost:
    """Sends uploads, one after the other, to a process of the target that has done nothing else."""
    with of_its_own(world) as alone:
        alone.artist = alone.create_artist()
        answers, slowest = [], 0.0
        for upload in uploads:
            began = time.perf_counter()
            answers.append(alone.send_file(upload))
            slowest = max(slowest, time.perf_counter() - began)
        assert alone.group is not None
        return Cost(tuple(answers), slowest, peak(alone.group))


def check_cheap(world: World, bombs: Cost, allowed: Cost) -> None:
    """Peak memory no higher, and the slowest answer in a fraction of the time."""
    world.told(allowed.answers[0], 201, "ING-5", "area-at-ceiling")
    megabytes = f"{bombs.memory / 1e6:.0f} MB at most for bombs, {allowed.memory / 1e6:.0f} MB for the costliest picture"
    world.check("ING-6", "memory", bombs.memory <= allowed.memory * _NOISE, megabytes, *bombs.answers)
    seconds = f"{bombs.seconds:.3f} s at most for a bomb, {allowed.seconds:.3f} s for the costliest picture"
    world.check("ING-6", "time", bombs.seconds <= allowed.seconds * _A_FRACTION, seconds, *bombs.answers)
