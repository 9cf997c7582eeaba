"""Steps about who can get at the bucket of a deployment, past the application."""

from __future__ import annotations

import contextlib
import itertools
import secrets
from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import unquote

from pytest_bdd import then, when

from lanes.anonymous import Anonymous, Attempt, doors, guises, listings
from lanes.belongings import Foreign, own_key
from lanes.contract import key_in
from lanes.deployment import Deployment
from lanes.errors import StackError
from lanes.oracle import pictures
from lanes.steps.exports import Line, lines_of
from lanes.steps.world import Uploaded, World
from lanes.target import Bucket

if TYPE_CHECKING:
    from lanes.stores.operator import OperatorEyes

_ARTIFACTS = {"src": "canonical", "thumbnailSrc": "thumbnail"}


@then("a stranger at the bucket can neither see what there is nor take a picture out of it")
def _(world: World) -> None:
    check_list_denied(world, world.uploads[0])
    check_get_denied(world, world.uploads[0])


@then("a stranger at the bucket cannot put anything into it")
def _(world: World) -> None:
    check_put_denied(world, world.uploads[0])


@then("a stranger at the bucket cannot delete a picture, which can be seen as before")
def _(world: World) -> None:
    check_delete_denied(world, world.uploads[1])


@when("the operator looks at the settings of the bucket")
def _(world: World) -> None:
    world.notes["eyes"] = eyes_of(world)


@then("all public access to the bucket is blocked")
def _(world: World) -> None:
    check_access_block(world, world.notes["eyes"])


@then("no policy of the bucket lets strangers in")
def _(world: World) -> None:
    check_policy(world, world.notes["eyes"])


def check_list_denied(world: World, upload: Uploaded) -> None:
    """Every listing is denied at every door of the bucket."""
    with anonymous_at(world) as anonymous:
        bucket = anonymous.bucket
        folder = key_of(bucket, str(upload.item["src"])).rpartition("/")[0]
        asked = listings(bucket, f"{folder}/")
        for door, (what, query) in itertools.product(doors(bucket), asked.items()):
            _check(world, "list", anonymous.list(door, query, what))


def check_get_denied(world: World, upload: Uploaded) -> None:
    """A GET of canonical and thumbnail is denied at every door, whoever the stranger says to be.

    Raises StackError where an operator sees neither.
    """
    keys = keys_of(world, upload, "get")
    prove_keys(world, keys)
    with anonymous_at(world) as anonymous:
        for door, key, guise in itertools.product(doors(anonymous.bucket), keys, guises(world.client.base_url)):
            _check(world, "get", anonymous.get(door, key, guise))


def check_put_denied(world: World, upload: Uploaded) -> None:
    """A PUT is denied at every door: over objects that go with their item, beside them, and where uploads often arrive."""
    keys = keys_of(world, upload, "put")
    if not keys:
        return
    world.client.care.permit("PUT", keys[0])
    with anonymous_at(world) as anonymous:
        for door, key in zip(doors(anonymous.bucket), keys, strict=False):
            _check(world, "put", anonymous.put(door, key))
        folders = (f"{keys[0].rpartition('/')[0]}/", f"{anonymous.bucket.prefix}uploads/")
        for door, folder in itertools.product(doors(anonymous.bucket), folders):
            _check(world, "put", anonymous.put_new(door, f"{folder}medialane-{secrets.token_hex(8)}.jpg"))


def check_delete_denied(world: World, upload: Uploaded) -> None:
    """A DELETE is denied at every door, and what it was tried on still renders.

    Nobody may have fetched it before: a distribution that keeps it would hide that it is gone. Raises Blocked, blaming DEL-2,
    where not even another picture renders.
    """
    keys = keys_of(world, upload, "delete")
    if not keys:
        return
    world.client.care.permit("DELETE", keys[0])
    world.shown(world.uploads[:1])
    with anonymous_at(world) as anonymous:
        for door, key in zip(doors(anonymous.bucket), keys, strict=False):
            _check(world, "delete", anonymous.delete(door, key))
    for name in _ARTIFACTS:
        answer = world.fetch(str(upload.item[name]))
        renders = answer.status == 200 and _is_picture(answer.body)
        world.check("DEP-1", "delete", renders, f"{name} after an anonymous DELETE: {answer}, and it should render", answer)


def check_access_block(world: World, eyes: OperatorEyes) -> None:
    """All four settings are on; where the store does not tell, that is said."""
    with telling(world, "DEP-9", "access-block"):
        found = eyes.public_access_block()
        off = [name for name, on in found.items() if not on]
        told = f"of the public access block of the bucket these are off: {', '.join(off)}"
        world.check("DEP-9", "access-block", not off, told)


def check_policy(world: World, eyes: OperatorEyes) -> None:
    """The policy is not public; where nobody can tell, that is said."""
    with telling(world, "DEP-9", "policy"):
        world.check("DEP-9", "policy", not eyes.policy_is_public(), "the policy of the bucket lets everybody in")


@contextlib.contextmanager
def telling(world: World, rule: str, clause: str) -> Iterator[None]:
    """Records that the clause cannot be verified where the store does not tell the operator what is asked inside."""
    from lanes.stores.operator import Unseen

    try:
        yield
    except Unseen as unseen:
        world.check.cannot(rule, clause, str(unseen))


@contextlib.contextmanager
def anonymous_at(world: World) -> Iterator[Anonymous]:
    """Somebody without credentials at the bucket, whose requests count as the run's."""
    spending = world.client.care.spending
    spend = [spending.take] if spending else []
    with contextlib.closing(Anonymous(bucket_of(world), world.check.plan.target.source, *spend)) as anonymous:
        yield anonymous


def deployment_of(world: World) -> Deployment:
    """What there is to know of the deployed target. Raises LookupError where it is none."""
    if world.stack.place.deployment is None:
        raise LookupError("the target is no deployment; a step has to ask whether its clause is due")
    return world.stack.place.deployment


def bucket_of(world: World) -> Bucket:
    """The bucket of the deployed target. Raises LookupError where nobody knows it."""
    bucket = deployment_of(world).bucket
    if bucket is None:
        raise LookupError("the bucket of the target is not known; a step has to ask whether its clause is due")
    return bucket


def eyes_of(world: World) -> OperatorEyes:
    """An operator's eyes on the bucket. Raises LookupError where there are none."""
    from lanes.stores.operator import OperatorEyes  # boto3 is slow to load

    eyes = deployment_of(world).eyes
    if eyes is None:
        raise LookupError("nobody may look at the bucket; a step has to ask whether its clause is due")
    return OperatorEyes(bucket_of(world), eyes)


def key_of(bucket: Bucket, url: str) -> str:
    """The key of the object that a render URL shows."""
    return bucket.prefix + unquote(key_in(url))


def keys_of(world: World, upload: Uploaded, clause: str) -> list[str]:
    """The keys of canonical and thumbnail, known to be this item's and nobody else's.

    Where that is not known there are none, and it is recorded that the clause of DEP-1 cannot be verified: a target may show
    somebody else's picture. Raises StackError where the target file names another bucket or prefix than the target's.
    """
    lines = _objects(world)
    if lines is None:
        world.check.cannot("DEP-1", clause, "exportMediaObjects cannot be read, so that nobody knows whose an object is")
        return []
    bucket, source, item = bucket_of(world), world.check.plan.target.source, upload.item
    try:
        return [
            own_key(lines, str(item["ID"]), artifact, str(item[name]), bucket, source) for name, artifact in _ARTIFACTS.items()
        ]
    except Foreign as why:
        world.check.cannot("DEP-1", clause, f"nothing is tried at the bucket: {why}")
        return []


def _objects(world: World) -> list[Line] | None:
    """What rows name, as the scenario reads it once; None where it cannot be read."""
    if "objects" not in world.notes:
        world.notes["objects"] = lines_of(world.client.call("exportMediaObjects"))
    lines: list[Line] | None = world.notes["objects"]
    return lines


def prove_keys(world: World, keys: list[str]) -> None:
    """Objects lie at these keys, as far as there is somebody to look: a stranger is denied what is not there too.

    Raises StackError where there is none. Where the operator may not look, nobody can tell.
    """
    if deployment_of(world).eyes is None or not keys:
        return
    bucket, eyes = bucket_of(world), eyes_of(world)
    with telling(world, "DEP-1", "get"):
        missing = [key for key in keys if eyes.head(key) is None]
        if not missing:
            return
        raise StackError(
            f"{world.check.plan.target.source}: bucket: {bucket.name} has no object {missing[0]!r}, which a render URL shows; "
            f"are bucket.name and bucket.prefix ({bucket.prefix!r}) right?"
        )


def _check(world: World, clause: str, attempt: Attempt) -> None:
    world.check("DEP-1", clause, attempt.denied, f"{attempt}, should be denied", attempt.answer)


def _is_picture(body: bytes) -> bool:
    try:
        pictures.decode(body)
    except pictures.Undecodable:
        return False
    return True
