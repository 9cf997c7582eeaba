"""Steps about what is left when a target is started again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.stack.server import free_port
from lanes.steps.processes import served, served_again
from lanes.steps.remains import objects, stored_at
from lanes.steps.world import World


@when("another target like it is stopped and started again with its pictures")
def _(world: World) -> None:
    world.notes["restarted"] = restart(world)


@then("nothing that was only imagined to be stored is there any more")
def _(world: World) -> None:
    check_gone(world)


@when("another target like it is stopped and started again with its pictures, and they are really stored")
def _(world: World) -> None:
    if world.check.due("RUN-5", "rows-survive"):
        world.notes["survived"] = restart_with_pictures(world)


@then("every collection and every picture is as it was")
def _(world: World) -> None:
    if "survived" in world.notes:
        check_survived(world, world.notes["survived"])


@dataclass(frozen=True, slots=True)
class Survival:
    """What a target told before and after a restart: collections by artist, and what was served, by artifact and URL."""

    before: dict[str, Any]
    after: dict[str, Any]
    served: list[tuple[str, Answer, Answer]]


def restart_with_pictures(world: World) -> Survival:
    """Artists with pictures at a target of the scenario's own, before and after a restart."""
    with world.stack.folder() as folder:
        settings = world.stack.settings(folder, PORT=str(free_port()))
        with served(world, settings, folder) as first:
            artists = [first.artist_with(count) for count in (3, 1, 0)]
            before = {artist: first.collection(artist) for artist in artists}
            shown = first.shown()
        with served_again(world, settings, folder, "RUN-5", "rows-survive") as second:
            after = {artist: second.client.call("listArtistMedia", artist) for artist in artists}
            again = [second.client.fetch(each.answer.request.url) for each in shown]
    collections = {artist: answer.json["media"] if answer.status == 200 else str(answer) for artist, answer in after.items()}
    return Survival(before, collections, [(each.artifact, each.answer, now) for each, now in zip(shown, again, strict=True)])


def check_survived(world: World, survival: Survival) -> None:
    """Every collection reads as before, and every render URL serves the bytes that it served."""
    for artist, was in survival.before.items():
        now = survival.after[artist]
        told = f"after a restart a collection of {len(was)} is {str(now)[:200] if now != was else 'the same'}"
        world.check("RUN-5", "rows-survive", now == was, told)
    for artifact, was, now in survival.served:
        held = now.status == 200 and now.body == was.body
        told = f"after a restart: {now}, should be the {len(was.body)} bytes that were served before"
        world.check("RUN-5", f"{artifact}s-survive", held, told, was, now)


def restart(world: World) -> dict[str, Any]:
    """What of an upload another process of the target serves than the one it was sent to: same settings, same database."""
    if not world.check.due("RUN-4", "canonical-gone"):
        return {}
    with world.stack.folder() as folder:
        settings = world.stack.settings(folder, PORT=str(free_port()))
        with served(world, settings, folder) as first:
            first.artist = first.create_artist()
            upload = first.upload(first.corpus.of("small")[0])
            first.shown()
            urls = {key: str(upload.item[key]) for key in ("src", "thumbnailSrc")}
            if world.check.due("RUN-4", "objects-gone"):
                there = all(len(stored_at(first, url)) == 1 for url in urls.values())
                world.check.presume("DEL-2", "stored-bytes", there, "the store has no objects of the upload")
        with served(world, settings, folder) as second:
            answers = {key: [second.client.fetch(url), second.client.fetch(url, "HEAD")] for key, url in urls.items()}
            stored = sorted(objects(second)) if world.check.due("RUN-4", "objects-gone") else None
    return {"answers": answers, "stored": stored}


def check_gone(world: World) -> None:
    """src and thumbnailSrc answer 404 to GET and HEAD, and the list of mocked objects is empty."""
    found = world.notes["restarted"]
    for clause, key in (("canonical-gone", "src"), ("thumbnail-gone", "thumbnailSrc")):
        answers: list[Answer] = found["answers"][key] if found else []
        for answer in answers:
            world.check("RUN-4", clause, answer.status == 404, f"{key} after a restart: {answer}, should be 404", answer)
    if found and found["stored"] is not None:
        told = f"after a restart the store has {len(found['stored'])} objects, the first: {found['stored'][:1]}"
        world.check("RUN-4", "objects-gone", not found["stored"], told)
