"""Steps about any sequence of operations whatever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pytest_bdd import then, when

from lanes.steps.processes import apart
from lanes.steps.remains import objects, records, sees_objects
from lanes.steps.world import World

if TYPE_CHECKING:
    from lanes.findings import Findings
    from lanes.model import Eyes

_CLAUSES = ("answers", "details", "collections", "profile-images", "rendering")
_SEQUENCES, _STEPS = 15, 12


@when("artists and pictures are created, changed and deleted in every order that comes to mind")
def _(world: World) -> None:
    # Where it can, on a process of its own: what other scenarios have left would be read again after every step.
    with apart(world) as place:
        world.notes["found"] = run_model(place)


@then("everything is always as a simple model predicts")
def _(world: World) -> None:
    check_model(world)


def run_model(world: World) -> Findings:
    """Runs sequences until one differs, and then shorter ones."""
    # Only here, and only for those who come here: Hypothesis takes its time to load.
    from hypothesis import HealthCheck, reporting, seed, settings
    from hypothesis.errors import HypothesisException
    from hypothesis.stateful import run_state_machine_as_test

    from lanes.findings import Differs, Findings, ShortEnough
    from lanes.model import Machine

    found = Findings()

    class OurMachine(Machine):
        client = world.client
        files = tuple(world.corpus.upload(row) for row in world.corpus.of("small")[:3])
        refused = world.corpus.upload(world.corpus.of("damaged")[0])
        eyes = eyes_of(world)

    OurMachine.findings = found
    effort = world.effort
    if effort.seed is not None:
        seed(effort.seed)(OurMachine)
    chosen = settings(
        max_examples=_SEQUENCES * (20 if effort.long else 1),
        stateful_step_count=_STEPS,
        derandomize=effort.seed is None,
        database=None,
        deadline=None,
        print_blob=False,
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    # What Hypothesis prints about a failure is told by the check, with the exchanges.
    with reporting.with_reporter(lambda _: None):
        try:
            run_state_machine_as_test(OurMachine, settings=chosen)
        except (Differs, ShortEnough):
            pass
        except HypothesisException:
            # That shortening was cut off looks to it like a test that is not the same every time.
            if found.shortest is None:
                raise
    return found


def eyes_of(world: World) -> Eyes:
    """What this run can see of the target besides its public reads."""
    from lanes.model import Eyes

    capabilities = world.check.plan.target.capabilities
    return Eyes(
        rows=(lambda: records(world)) if "records" in capabilities else None,
        keys=(lambda: {each.key for each in objects(world).values()}) if sees_objects(world) else None,
    )


def check_model(world: World) -> None:
    """Each clause was compared, and the one that differed did not hold."""
    found: Findings = world.notes["found"]
    if difference := found.shortest:
        detail = f"after {len(difference.trace)} requests: {difference.detail}"
        world.check.stop("CON-4", difference.clause, detail, *difference.trace)
    for clause in _CLAUSES:
        count = found.counts[clause]
        world.check("CON-4", clause, count > 0, f"{count} comparisons")
