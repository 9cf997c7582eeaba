"""What the scenarios of a lane stand on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lanes.checks import Scribe
from lanes.client import Answer
from lanes.collection import rules_of, template_of
from lanes.errors import Refused
from lanes.leaks import secrets_among
from lanes.overheard import NAME, Overheard
from lanes.run import Run
from lanes.stack.slot import Stack
from lanes.stash import RUN, SCRIBE
from lanes.steps.world import World


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """The run that this session is."""
    if RUN not in pytestconfig.stash:
        pytest.exit("the suite judges a target in a lane: name one with --lane", returncode=2)
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def stack(run: Run) -> Iterator[Stack]:
    """What the lane started."""
    try:
        yield run.start()
    except Refused as refused:
        pytest.exit(str(refused), returncode=2)
    finally:
        run.stop()


@pytest.fixture(scope="session")
def overheard(stack: Stack) -> Overheard | None:
    """Who listens to all answers of a deployment; what it heard is judged when all else is over."""
    place = stack.place
    if place.deployment:
        eyes = place.deployment.eyes
        opening = secrets_among(place.settings) | (eyes.secrets if eyes else {})
        stack.shared[NAME] = Overheard(place.deployment, place.base_url, opening)
    return stack.shared.get(NAME)


@pytest.fixture
def world(request: pytest.FixtureRequest, run: Run, stack: Stack, overheard: Overheard | None) -> Iterator[World]:
    """A world of the scenario's own. Raises StackError when the target is silent because it has ended."""
    template = template_of(request.node)
    scribe = Scribe(run.ledger, template.name if template else request.node.name, rules_of(request.node))
    request.node.stash[SCRIBE] = scribe

    def watch(answer: Answer) -> None:
        scribe.violations(answer)
        run.coverage.add(answer.operation, answer.status)
        if overheard:
            overheard.tell(answer)

    client = run.client(stack, watch)
    try:
        world = World(client, run.corpus, stack, scribe, run.wish.effort, stack.place.settings)
        with world.closing:
            yield world
    finally:
        client.close()
        run.timing.waiting += client.waited + stack.waited
        stack.waited = 0.0
