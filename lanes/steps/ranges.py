"""Steps about parts of a picture: whoever asks for some bytes gets those, or the whole."""

from __future__ import annotations

from pytest_bdd import then

from lanes.client import Answer
from lanes.steps.world import Shown, World


@then("any part of each picture can be had by itself")
def _(world: World) -> None:
    for shown in world.shown():
        check_parts(world, shown)


@then("there is no part beyond the end of a picture")
def _(world: World) -> None:
    for shown in world.shown():
        check_beyond(world, shown)


def check_parts(world: World, shown: Shown) -> None:
    """Ranges of each of the three forms, at the edges too."""
    size = len(shown.answer.body)
    last = size - 1
    for clause, wanted, begin, end in (
        ("bounded", "0-0", 0, 1),
        ("bounded", "1-100", 1, 101),
        ("bounded", f"0-{last}", 0, size),
        ("bounded", f"{last}-{last}", last, size),
        ("bounded", f"7-{size + 100}", 7, size),
        ("open-ended", "0-", 0, size),
        ("open-ended", "100-", 100, size),
        ("open-ended", f"{last}-", last, size),
        ("suffix", "-1", last, size),
        ("suffix", "-100", size - 100, size),
        ("suffix", f"-{size}", 0, size),
        ("suffix", f"-{size + 100}", 0, size),
    ):
        answer = _ask(world, shown, wanted)
        check_slice(world, shown, clause, wanted, answer, (begin, end))


def check_slice(world: World, shown: Shown, clause: str, wanted: str, answer: Answer, part: tuple[int, int]) -> None:
    """206 with these bytes, labelled as what they are, or 200 with all of them."""
    whole, (begin, end) = shown.answer.body, part
    should = whole[begin:end] if answer.status == 206 else whole
    right = answer.status in {200, 206} and answer.body == should
    told = f"{shown}: {answer} with {len(answer.body)} bytes to bytes={wanted} of {len(whole)}"
    world.check("DEL-6", clause, right, told, answer, shown.answer)
    label, length = answer.headers.get("Content-Range"), answer.headers.get("Content-Length")
    labels = {f"bytes {begin}-{end - 1}/{len(whole)}", f"bytes {begin}-{end - 1}/*"} if answer.status == 206 else {None}
    labelled = label in labels and length == str(len(should))
    told += f", Content-Range {label!r} and Content-Length {length}"
    world.check("DEL-6", "content-range", labelled, told, answer)


def check_beyond(world: World, shown: Shown) -> None:
    """416 where a range begins at the end or behind it."""
    size = len(shown.answer.body)
    for wanted in (f"{size}-", f"{size}-{size + 10}", f"{size + 1000}-", f"{size * 10}-{size * 11}"):
        answer = _ask(world, shown, wanted)
        told = f"{shown}: {answer} to bytes={wanted} of {size}, should be 416"
        world.check("DEL-6", "beyond-end", answer.status == 416, told, answer, shown.answer)


def _ask(world: World, shown: Shown, wanted: str) -> Answer:
    return world.client.fetch(shown.answer.request.url, "GET", {"Range": f"bytes={wanted}"})
