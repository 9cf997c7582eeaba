"""Steps about what is too large: in bytes, along a side, in all its pixels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from pytest_bdd import then, when

from lanes import ceilings
from lanes.client import Answer, Request, Upload
from lanes.errors import TargetSilent
from lanes.steps.refusals import begin
from lanes.steps.remains import check_nothing_left
from lanes.steps.world import World

_FAR_TOO_MUCH = 300 * 1024 * 1024  # bytes
_LONGEST_WEBP = 16_383  # pixels (RFC 9649, section 2.6)
_EARLY = 6_000_000  # bytes; while so many go out, there is a pause after each piece, so that buffers cannot fill in between
_PIECE = bytes(1024 * 1024)
_PAUSE = 1.0  # seconds; it ends with the answer


@dataclass(frozen=True, slots=True)
class Sized:
    """Something of a certain size that was tried: what it was, the clause about it, whether it is over, and what came."""

    what: str
    clause: str
    over: bool
    answer: Answer | TargetSilent

    def __str__(self) -> str:
        return f"{self.what}: {self.answer}"

    @property
    def seen(self) -> tuple[Answer, ...]:
        """The answer, where there is one."""
        return (self.answer,) if isinstance(self.answer, Answer) else ()

    def is_status(self, status: int) -> bool:
        """Whether the answer came, with this status."""
        return isinstance(self.answer, Answer) and self.answer.status == status


@dataclass(frozen=True, slots=True)
class Sending:
    """An endless upload: whether it was announced, how many bytes were sent before it was answered, and what came."""

    clause: str
    allowed: int
    sent: int
    answer: Answer | TargetSilent


@when("uploads at the byte ceiling and a byte over it are tried")
def _(world: World) -> None:
    begin(world, "ING-4")
    world.notes["tried"] = list(try_bytes(world, world.policy()["maxRequestBytes"]))


@when("pictures at the ceilings of side and area and just over them are tried")
def _(world: World) -> None:
    begin(world, "ING-5")
    policy = world.policy()
    world.notes["tried"] = list(try_pixels(world, policy["maxSidePixels"], policy["maxPixels"]))


@when("somebody begins to send far too much")
def _(world: World) -> None:
    world.notes["sendings"] = [send_far_too_much(world, chunked=False), send_far_too_much(world, chunked=True)]


@then("only those over it are refused for their size")
def _(world: World) -> None:
    for tried in world.notes["tried"]:
        check_bytes(world, tried)


@then("only those over a ceiling are refused for their dimensions")
def _(world: World) -> None:
    for tried in world.notes["tried"]:
        check_pixels(world, tried)


@then("none of those over it left anything behind")
@then("none of those over a ceiling left anything behind")
def _(world: World) -> None:
    forget_accepted(world, world.notes["tried"])
    check_nothing_left(world, world.notes["rule"], world.notes["before"])


@then("each is refused long before it has all been sent")
def _(world: World) -> None:
    for sending in world.notes["sendings"]:
        check_early(world, sending)


def try_bytes(world: World, ceiling: int) -> Iterator[Sized]:
    """A valid picture in a request of exactly the ceiling, and of a byte more, announced and, where that is due, in chunks."""
    picture = ceilings.flat("jpeg", 64, 48)
    overhead = len(world.client.wire(uploading(world, picture, "image/jpeg"), None)[1]) - len(picture)
    for clause, size, chunked in (
        ("at-ceiling", ceiling, False),
        ("at-ceiling", ceiling, True),
        ("announced-413", ceiling + 1, False),
        ("chunked-413", ceiling + 1, True),
    ):
        if chunked and not world.check.due("ING-4", "chunked-413"):
            continue  # what stands before a deployed target may take no chunks, or none without an end in sight
        request = uploading(world, ceilings.padded(picture, size - overhead), "image/jpeg")
        yield Sized(
            f"{size} bytes{' in chunks' if chunked else ''}", clause, size > ceiling, _sent(world, request, chunked=chunked)
        )


def try_pixels(world: World, longest: int, most: int) -> Iterator[Sized]:
    """Pictures whose side or area is at the ceiling, and the smallest over it; long and thin ones in every format."""
    for kind in ("jpeg", "png", "webp"):
        yield from try_sides(world, kind, longest)
    yield from try_area(world, longest, most)
    yield _picture(world, "png", "area-refused", (longest, longest))


def try_sides(world: World, kind: str, longest: int) -> Iterator[Sized]:
    """Long and thin pictures of a format, as wide and as tall as the ceiling, and a pixel more."""
    for clause, width, height in (
        ("side-at-ceiling", longest, 8),
        ("side-at-ceiling", 8, longest),
        ("side-refused", longest + 1, 8),
        ("side-refused", 8, longest + 1),
    ):
        yield _picture(world, kind, clause, (width, height))


def try_area(world: World, longest: int, most: int) -> Iterator[Sized]:
    """A picture of exactly as many pixels as the ceiling, and the smallest of more."""
    if exact := ceilings.sides_for(most, longest):
        yield _picture(world, "png", "area-at-ceiling", exact)
    over = ceilings.just_over(most, longest)
    for kind in ("png", "jpeg", "webp") if max(over) <= _LONGEST_WEBP else ("png", "jpeg"):
        yield _picture(world, kind, "area-refused", over)


def send_far_too_much(world: World, *, chunked: bool) -> Sending:
    """Sends until there is an answer, or all of it is sent."""
    request = uploading(world, ceilings.flat("jpeg", 64, 48), "image/jpeg")
    clause, above = ("chunked-early", world.policy()["maxRequestBytes"]) if chunked else ("announced-early", 0)
    allowed = above + _EARLY
    with world.client.by_hand(request, announced=_FAR_TOO_MUCH, chunked=chunked) as sending:
        # But for its end: what follows is more of the same file.
        more = sending.send(sending.prepared.body[:-64])
        while more and sending.sent + len(_PIECE) <= _FAR_TOO_MUCH:
            answered = above <= sending.sent <= allowed and sending.is_answered(_PAUSE)
            more = not answered and sending.send(_PIECE)
        try:
            return Sending(clause, allowed, sending.sent, sending.answer())
        except TargetSilent as silent:
            return Sending(clause, allowed, sending.sent, silent)


def check_bytes(world: World, tried: Sized) -> None:
    """413 over the ceiling, anything else at it."""
    right = tried.is_status(413) if tried.over else bool(tried.seen) and not tried.is_status(413)
    world.check("ING-4", tried.clause, right, f"{tried}, should {'' if tried.over else 'not '}be 413", *tried.seen)


def check_pixels(world: World, tried: Sized) -> None:
    """422 with its code over a ceiling, accepted at it."""
    right = tried.is_status(422 if tried.over else 201)
    world.check("ING-5", tried.clause, right, f"{tried}, should be {422 if tried.over else 201}", *tried.seen)
    if tried.over:
        code = tried.seen[0].code if tried.seen else None
        world.check(
            "ING-5", "code", code == "dimensions_too_large", f"{tried}, code should be dimensions_too_large", *tried.seen
        )


def check_early(world: World, sending: Sending) -> None:
    """413 after a small part of it."""
    refused = isinstance(sending.answer, Answer) and sending.answer.status == 413
    detail = f"{sending.answer} after {sending.sent} bytes, should be 413 after {sending.allowed} at most"
    seen = (sending.answer,) if isinstance(sending.answer, Answer) else ()
    world.check("ING-23", sending.clause, refused and sending.sent <= sending.allowed, detail, *seen)


def forget_accepted(world: World, tried: Iterable[Sized]) -> None:
    """Deletes what was rightly accepted, so that what is left is what was there before."""
    for each in tried:
        if each.is_status(201) and not each.over:
            gone = world.client.call("deleteArtistMedia", world.artist, each.seen[0].json["media"]["ID"])
            world.check.presume("SYN-6", "deleted", gone.status == 204, f"{gone}, should be 204", gone)


def uploading(world: World, data: bytes, declared: str) -> Request:
    """The request that uploads these bytes to the scenario's artist."""
    file = Upload(data, declared, "picture.jpg")
    return replace(world.client.request("uploadArtistMedia", world.artist), form=(("purpose", "gallery"),), files=(file,))


def _picture(world: World, kind: str, clause: str, sides: tuple[int, int]) -> Sized:
    file = Upload(ceilings.flat(kind, *sides), f"image/{kind}", f"picture.{kind}")
    answer = world.send_file(file)
    return Sized(f"{kind} of {sides[0]} x {sides[1]}", clause, clause.endswith("refused"), answer)


def _sent(world: World, request: Request, *, chunked: bool) -> Answer | TargetSilent:
    try:
        with world.client.by_hand(request, chunked=chunked) as sending:
            return sending.finish()
    except TargetSilent as silent:
        return silent
