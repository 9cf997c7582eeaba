"""Steps about requests that nobody thought of."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from urllib.parse import urlsplit

from pytest_bdd import then, when

from lanes.fuzzing import Fuzzed, Supplies, fuzz, operator_reads
from lanes.steps.world import World

_DELIVERY = ("deliverMedia", "headMedia")


@when("requests of every kind are made up and sent")
def _(world: World) -> None:
    world.notes["fuzzed"] = send_made_up(world)


@then("every answer is one that the contract describes")
def _(world: World) -> None:
    for each in world.notes["fuzzed"]:
        check_documented(world, each)


@then("none is a breakdown")
def _(world: World) -> None:
    for each in world.notes["fuzzed"]:
        check_no_breakdown(world, each)


@then("whatever the contract calls invalid is refused")
def _(world: World) -> None:
    for each in world.notes["fuzzed"]:
        check_refused(world, each)


@then("every operation has been accepted too")
def _(world: World) -> None:
    prove_accepted(world.notes["fuzzed"])


def send_made_up(world: World) -> list[Fuzzed]:
    """Sends what was made up, with IDs of this scenario's own artists, and holds every answer against the contract."""
    artists = [world.create_artist() for _ in range(2)]
    world.artist = artists[0]
    picture = path_of_picture(world)
    supplies = Supplies(
        artist=lambda fresh: world.create_artist() if fresh else artists[1],
        item=lambda fresh: item_of(world, artists[0], fresh=fresh),
        picture=picture,
        images={
            f"image/{kind}": [
                world.corpus.upload(row).data for row in world.corpus.of("taken") if row.declared == f"image/{kind}"
            ]
            for kind in ("jpeg", "png", "webp")
        },
    )
    capabilities = world.check.plan.target.capabilities
    without = [*([] if "operator" in capabilities else operator_reads()), *([] if picture else _DELIVERY)]
    place = world.stack.place
    made_up = list(fuzz(place.base_url, place.credentials, without, supplies, world.effort))
    world.stack.waited += sum(each.answer.seconds for each in made_up)
    return [replace(each, answer=world.client.held_to_contract_as(each.answer)) for each in made_up]


def path_of_picture(world: World) -> tuple[str, str] | None:
    """Folder and file of a picture that the target delivers itself."""
    upload = world.upload(world.corpus.of("small")[0])
    url = str(upload.item["src"])
    parts = urlsplit(url).path.strip("/").split("/")
    if not url.startswith(world.client.base_url + "/media/") or len(parts) != 3:
        return None
    return parts[1], parts[2]


def item_of(world: World, artist: str, *, fresh: bool) -> tuple[str, str]:
    """An artist and an item of theirs."""
    if not fresh:
        return artist, world.uploads[0].item["ID"]
    world.artist = artist
    return artist, world.upload(world.corpus.of("small")[0]).item["ID"]


def check_documented(world: World, each: Fuzzed) -> None:
    """Status, media type, headers and body are documented."""
    wrong = "; ".join(violation.text for violation in each.answer.violations)
    world.check("CON-2", "documented", not wrong, f"{each.answer}: {wrong}; {each.curl}", each.answer)


def check_no_breakdown(world: World, each: Fuzzed) -> None:
    """No 5xx."""
    world.check("CON-2", "no-server-error", each.answer.status < 500, f"{each.answer}; {each.curl}", each.answer)


def check_refused(world: World, each: Fuzzed) -> None:
    """What is invalid gets a 4xx."""
    told = f"{each.answer}: {each.invalid_accepted}; {each.curl}"
    world.check("CON-2", "invalid-refused", each.invalid_accepted is None, told, each.answer)


def prove_accepted(fuzzed: list[Fuzzed]) -> None:
    """Every operation was accepted at least once. Raises LookupError: fuzzing that only ever sees refusals proves nothing."""
    tried = Counter(each.operation for each in fuzzed)
    accepted = Counter(each.operation for each in fuzzed if each.answer.status < 300)
    if never := sorted(tried.keys() - accepted.keys()):
        raise LookupError(
            f"no made-up request was ever accepted by {', '.join(never)}, of {tried[never[0]]}: that proves nothing"
        )
