"""Steps about alternative texts."""

from __future__ import annotations

from dataclasses import dataclass

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.steps.saving import as_saved, send_as, send_sync
from lanes.steps.world import World

# Spaces at both ends, line breaks of every kind, emoji made of several code points, and one letter in two spellings.
_AS_GIVEN = (
    "  Three hands\r\nat one\npiano\ttonight\r 👩‍👩‍👧🏽 🇸🇪 \u00e9 e\u0301 \u202etfel\u202c \u00a0\u2028 %41 &amp; <b>  ",
    " ",
    "null",
    "\ufeffmark",
    "bell\x07 and \x1b[31m escape\x7f",
)


@dataclass(frozen=True, slots=True)
class Given:
    """A text that was given to a picture: the clause about it, and what came."""

    clause: str
    text: str | None
    answer: Answer


@when("pictures are uploaded with texts of every kind")
def _(world: World) -> None:
    world.notes["given"] = [upload_with(world, clause, text) for clause, text in texts(world)]
    world.notes["read"] = {item["ID"]: item["altText"] for item in world.collection()}


@when("the same texts are given to the pictures by saving the collection")
def _(world: World) -> None:
    world.notes["saved"] = [save_with(world, text) for _, text in reversed(texts(world))]


@when("texts that are too long or no texts are given to pictures")
def _(world: World) -> None:
    world.notes["before"] = world.collection()
    world.notes["given"] = try_wrong(world)


@then("each text comes back code point for code point")
def _(world: World) -> None:
    for each in world.notes["given"]:
        check_uploaded(world, each)
    for each, items in world.notes["saved"]:
        check_saved(world, each, items)


@then("each text is refused")
def _(world: World) -> None:
    for each in world.notes["given"]:
        told = f"{each.answer} to altText of {len(each.text or '')} code points, should be 422"
        world.check("REC-5", each.clause, each.answer.status == 422, told, each.answer)


@then("after the texts the collection is as it was")
def _(world: World) -> None:
    was, now = world.notes["before"], world.collection()
    world.check("REC-5", "nothing-public", now == was != [], f"the collection had {len(was)} items, and is not what it was")


def texts(world: World) -> list[tuple[str, str | None]]:
    """Texts that have to be kept, with the clause about each; those at the limit are of one byte a code point and of four."""
    longest = world.policy()["altTextMaxCodePoints"]
    at_limit = ("a" * longest, "\U0001d11e" * (longest - 1) + "é")
    return [
        *(("as-given", text) for text in _AS_GIVEN),
        *(("at-limit", text) for text in at_limit),
        ("null-not-empty", ""),
        ("null-not-empty", None),
    ]


def upload_with(world: World, clause: str, text: str | None) -> Given:
    """Uploads a picture with this text, or without any."""
    return Given(clause, text, send_as(world, world.corpus.of("small")[0], alt_text=text).answer)


def save_with(world: World, text: str | None) -> tuple[Given, list[str | None]]:
    """Gives every picture this text, and reads what they have then."""
    wanted = [item | {"altText": text} for item in as_saved(world.collection())]
    answer = send_sync(world, wanted)
    return Given("same-in-sync", text, answer), [item["altText"] for item in world.collection()]


def try_wrong(world: World) -> list[Given]:
    """Texts of a code point too many, and with NUL, with uploads and in saves; the second picture is the one they are for."""
    longest = world.policy()["altTextMaxCodePoints"]
    wrong = [("too-long", "a" * (longest + 1)), ("too-long", "e\u0301" * (longest // 2) + "é" * (longest % 2 + 1))]
    wrong += [("too-long", " " * (longest + 1)), ("nul", "a\x00b"), ("nul", "\x00")]
    given = [upload_with(world, clause, text) for clause, text in wrong]
    for _, text in wrong:
        items = as_saved(reversed(world.notes["before"]))
        given.append(Given("same-in-sync", text, send_sync(world, [*items[:-1], items[-1] | {"altText": text}])))
    return given


def check_uploaded(world: World, each: Given) -> None:
    """The answer of the upload has the text, and so has the item on the next read."""
    told = f"{each.answer} to altText of {len(each.text or '')} code points, should be 201"
    if world.check("REC-5", each.clause, each.answer.status == 201, told, each.answer):
        item = each.answer.json["media"]
        for back in (item.get("altText", "absent"), world.notes["read"].get(item["ID"], "absent")):
            told = f"altText was {_short(each.text)}, came back as {_short(back)}"
            world.check("REC-5", each.clause, back == each.text, told, each.answer)


def check_saved(world: World, each: Given, items: list[str | None]) -> None:
    """Every item has the text, in the answer of the save and on the next read."""
    told = f"{each.answer} to altText of {len(each.text or '')} code points, should be 200"
    if world.check("REC-5", "same-in-sync", each.answer.status == 200, told, each.answer):
        answered = [item.get("altText", "absent") for item in each.answer.json["media"]]
        same = answered == items == [each.text] * len(items) != []
        told = f"altText was saved as {_short(each.text)}, came back as {' and '.join(map(_short, items[:2]))}"
        world.check("REC-5", "same-in-sync", same, told, each.answer)


def _short(text: str | None) -> str:
    return f"{text[:60]!r} of {len(text)}" if isinstance(text, str) else str(text)
