"""Steps about the published policy: each number in it is the one at which the answer changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pytest_bdd import then, when

from lanes import ceilings
from lanes.client import Answer, Upload
from lanes.oracle import pictures
from lanes.steps.limits import Sized, try_area, try_bytes, try_sides
from lanes.steps.world import World

_UNTAKEN = ("gif", "bmp", "tiff", "avif")


@when("the published policy is tried at each of its numbers and one past it")
def _(world: World) -> None:
    world.artist = world.create_artist()
    world.notes["policy"] = world.policy()


@then("the types that are taken are those that are published")
def _(world: World) -> None:
    check_types(world, world.notes["policy"])


@then("what is too large is too large by the published numbers")
def _(world: World) -> None:
    check_ceilings(world, world.notes["policy"])


@then("pictures, thumbnails and previews are as large as was published")
def _(world: World) -> None:
    check_targets(world, world.notes["policy"])


@then("texts and names may be as long as was published")
def _(world: World) -> None:
    check_lengths(world, world.notes["policy"])


def check_types(world: World, policy: dict[str, Any]) -> None:
    """Each published type is accepted, each other one refused."""
    for row in world.corpus.of("taken"):
        published = row.declared in policy["acceptedTypes"]
        answer = world.send(row).answer
        right = answer.status == (201 if published else 415)
        world.check("OPS-3", "types", right, f"{row.declared}, published {published}: {answer}", answer)
    for row in world.corpus.of("other-types"):
        answer = world.send(row).answer
        unpublished = row.declared not in policy["acceptedTypes"]
        world.check("OPS-3", "types", unpublished and answer.status == 415, f"{row.declared}: {answer}, should be 415", answer)


def check_ceilings(world: World, policy: dict[str, Any]) -> None:
    """The answer changes between the number and the next."""
    for clause, refusal, tried in (
        ("byte-ceiling", 413, try_bytes(world, policy["maxRequestBytes"])),
        ("side-ceiling", 422, try_sides(world, "png", policy["maxSidePixels"])),
        ("pixel-ceiling", 422, try_area(world, policy["maxSidePixels"], policy["maxPixels"])),
    ):
        for each in tried:
            check_sized(world, clause, refusal, each)


def check_sized(world: World, clause: str, refusal: int, tried: Sized) -> None:
    """Refused over the ceiling, accepted at it."""
    wanted = refusal if tried.over else 201
    world.check("OPS-3", clause, tried.is_status(wanted), f"{tried}, should be {wanted}", *tried.seen)


def check_targets(world: World, policy: dict[str, Any]) -> None:
    """The long sides of canonical, thumbnail and preview, of a picture at the target and of a larger one."""
    target, small = policy["canonicalLongSide"], policy["thumbnailLongSide"]
    for side, wanted in ((target, target), (target + 1, target), (target * 2, target)):
        file = Upload(ceilings.flat("jpeg", side, side // 4), "image/jpeg", "wide.jpg")
        answer = world.send_file(file)
        item = world.told(answer, 201, "UPL-1", "created")["media"]
        found = _long_side(world, item["src"])
        world.check("OPS-3", "canonical-target", found == wanted, f"{side} px became {found}, should be {wanted}", answer)
        found = _long_side(world, item["thumbnailSrc"])
        world.check("OPS-3", "thumbnail-target", found == small, f"a thumbnail of {found} px, should be {small}", answer)
        check_preview(world, item, policy, answer)


def check_preview(world: World, item: dict[str, Any], policy: dict[str, Any], answer: Answer) -> None:
    """The preview keeps within its published long side and length."""
    url = str(item["blurDataURL"])
    try:
        size = pictures.decode_data_url(url).size
    except pictures.Undecodable as error:
        world.check("OPS-3", "blur-limits", False, f"a preview that is no picture: {error}", answer)
        return
    within = max(size) <= policy["blurLongSide"] and len(url) <= policy["blurMaxBytes"]
    world.check("OPS-3", "blur-limits", within, f"a preview of {size} px, {len(url)} characters", answer)


def check_lengths(world: World, policy: dict[str, Any]) -> None:
    """altText and originalFileName at their published lengths, and one longer."""
    row = world.corpus.of("small")[0]
    file = world.corpus.upload(row)
    most = policy["altTextMaxCodePoints"]
    for length, wanted in ((most, 201), (most + 1, 422)):
        answer = world.send_file(file, altText="ö" * length)
        right = answer.status == wanted
        world.check("OPS-3", "alt-text-limit", right, f"{length} code points: {answer}, should be {wanted}", answer)
    most = policy["originalFileNameMaxCodePoints"]
    for letter, length in (("n", most), ("n", most + 1), ("𝄞", most), ("𝄞", most + 1)):
        name = letter * (length - 4) + ".jpg"
        answer = world.send_file(replace(file, name=name))
        back = str(world.told(answer, 201, "UPL-1", "created")["media"]["originalFileName"])
        right = back == name if length == most else 0 < len(back) <= most
        world.check("OPS-3", "file-name-limit", right, f"a name of {length} came back with {len(back)}", answer)


def _long_side(world: World, url: str) -> int:
    try:
        return max(pictures.decode(world.fetch(url).body).size)
    except pictures.Undecodable:
        return 0
