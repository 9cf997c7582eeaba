"""Steps that draft an artist and its pictures in a form, before anything is persisted."""

from __future__ import annotations

import contextlib
import io
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Concatenate, NoReturn, ParamSpec
from urllib.parse import urljoin

import PIL.Image
from pytest_bdd import given, parsers, then, when

from lanes.browsing.draft import Draft, Entry, Unusable
from lanes.browsing.gate import Gate
from lanes.client import Upload
from lanes.stack.browser import DESKTOP
from lanes.steps.cards import everybodys_cards
from lanes.steps.looking import evidence, make_room, patience, words
from lanes.steps.world import World

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext

P = ParamSpec("P")

# What a form that cannot be used is held against, by the rule that a scenario is about.
_STANDS_FOR = {
    "DRF-1": "previews",
    "DRF-2": "all-uploaded",
    "DRF-3": "retry-missing-only",
    "DRF-4": "still-judged",
    "DRF-5": "new-files-only",
}
_ALT_TEXTS = ("The harbour at dawn, “before” & after", "", "Zwölf Boxkämpfer <em>jagen</em>", "Last of all")
_PURPOSES = ("gallery", "profile", "gallery", "gallery")


@dataclass(slots=True)
class Drafted:
    """A draft in the making: its form, the gate before it, the files chosen, and the form as it was submitted."""

    draft: Draft
    gate: Gate
    name: str
    files: list[Upload] = field(default_factory=list)
    chosen: tuple[Entry, ...] = ()  # the entries once the files were chosen
    details: list[tuple[str, Any, Any]] = field(default_factory=list)  # ID, purpose and altText of what the artist had
    wanted: tuple[Entry, ...] = ()  # the entries as they were submitted
    problem: str = ""  # what the form said of itself afterwards


@given(parsers.re(r"a visitor who drafts a new artist with (?P<count>\d+) pictures?"), converters={"count": int})
def _(world: World, count: int) -> None:
    begin(world, "create", some_pictures(world, count))


@given("a visitor who drafts a new artist with a picture that only looks whole")
def _(world: World) -> None:
    # Half of it is there, which browsers show without a word.
    row = next(each for each in world.corpus.of("damaged") if each.recipe["damage"] == "cut 0.6")
    begin(world, "create", [*some_pictures(world, 1), world.corpus.upload(row)])


@given(parsers.re(r"a visitor who drafts changes to the artist with (?P<count>\d+) more pictures?"), converters={"count": int})
def _(world: World, count: int) -> None:
    begin(world, "edit", some_pictures(world, count))


@given("a visitor who drafts changes to the artist with no more pictures")
def _(world: World) -> None:
    begin(world, "edit", [])


@when("the last picture is moved to the front, and one is taken out")
def _(world: World) -> None:
    to_the_front(world)
    used(world, Draft.remove, 1)


@when("the pictures are described")
def _(world: World) -> None:
    describe(world)


@when("the pictures are described, and the last one is moved to the front")
def _(world: World) -> None:
    describe(world)
    to_the_front(world)


@when("the artist's name is changed, the pictures are described, and the last one is moved to the front")
def _(world: World) -> None:
    drafted(world).name += " and Friends"
    used(world, Draft.fill, "name", drafted(world).name)
    describe(world)
    to_the_front(world)


@when("the visitor leaves")
def _(world: World) -> None:
    used(world, Draft.leave, urljoin(world.client.base_url, words(world).surfaces["showcase"].path))


@then("each picture could be seen before it was sent anywhere")
def _(world: World) -> None:
    check_previews(world)


@then("nothing was sent")
def _(world: World) -> None:
    check_nothing_sent(world)


@then("there is no such artist")
def _(world: World) -> None:
    named = [card for card in everybodys_cards(world).values() if drafted(world).name in str(card["name"])]
    world.check("DRF-1", "nothing-persisted", not named, f"after the page was left, there is an artist {drafted(world).name!r}")


@then("the artist has the pictures that it had")
def _(world: World) -> None:
    found = [str(item["ID"]) for item in world.collection()]
    before = [media for media, _, _ in drafted(world).details]
    world.check("DRF-1", "nothing-persisted", found == before, f"the artist had {before}, and after the page was left {found}")


def begin(world: World, form: str, files: list[Upload]) -> None:
    """Opens the form, says who the artist is, and chooses files. Raises WritesNothing, Blocked."""
    world.client.care.permit("POST", world.client.base_url + "/artists")
    make_room(world)
    stack = world.stack
    gate = Gate(world.client.care, world.client.base_url, stack.place.headers)
    context = world.closing.enter_context(stack.browser.looking(DESKTOP, patience(world)))
    gate.stand_before(context)
    draft = Draft(context.new_page(), words(world), patience(world))
    world.closing.callback(keep_evidence, world, context, draft)
    made = Drafted(draft, gate, f"The Drafted {secrets.token_hex(4)}", files)
    if form == "create":  # as it will be sent, so that the page is not surprised by another name in the answer
        made.name = str(world.client.care.announce({"name": made.name, "bio": None})["name"])
        world.closing.callback(world.client.care.withdraw)
    world.notes["drafted"] = made
    if form == "edit":
        made.details = [(str(item["ID"]), item["purpose"], item["altText"]) for item in world.collection()]
        made.name = str(world.read_artist()["name"])
    url = urljoin(world.client.base_url, words(world).path(form, artistID=world.artist))
    used(world, Draft.open, url)
    used(world, Draft.may_fill, "credential", stack.place.credentials["write"])
    if form == "create":
        used(world, Draft.fill, "name", made.name)
    if files:
        used(world, Draft.choose, files)
    made.chosen = entries(world)


def keep_evidence(world: World, context: BrowserContext, draft: Draft) -> None:
    """Of a draft with which something was wrong, all is kept that was seen of it; of others, what it looks like."""
    from playwright.sync_api import Error

    kept, name = evidence(world), f"draft-{world.check.scenario}"
    with contextlib.suppress(Error):  # of a browser that has ended there is nothing to be seen any more
        kept.keep_picture(f"{name}.jpeg", draft.picture())
        if world.check.failed:
            kept.keep_requests(name, draft.sent)
            kept.keep_trace(name, world.stack.browser.trace(context))


def some_pictures(world: World, count: int) -> list[Upload]:
    """So many files, each with a name of its own."""
    return [world.corpus.upload(row) for row in world.corpus.of("small")[:count]]


def drafted(world: World) -> Drafted:
    """The scenario's draft."""
    found: Drafted = world.notes["drafted"]
    return found


def entries(world: World) -> tuple[Entry, ...]:
    """What the form has now. Raises Blocked, blaming the rule that the scenario is about."""
    form = drafted(world).draft.form
    if form is None:
        unusable(world, "the form is gone")
    return form.entries


def used(world: World, deed: Callable[Concatenate[Draft, P], None], *args: P.args, **kwargs: P.kwargs) -> None:
    """Does something with the form. Raises Blocked, blaming the scenario's rule, where the form does not let it."""
    try:
        deed(drafted(world).draft, *args, **kwargs)
    except Unusable as why:
        world.stack.browser.check()  # what has ended is not to be used, and that is not the form's fault
        unusable(world, str(why))


def unusable(world: World, why: str) -> NoReturn:
    """A form that cannot be used keeps no promise. Raises Blocked."""
    rule = min(world.check.rules)
    world.check.block(rule, _STANDS_FOR[rule], why)


def describe(world: World) -> None:
    """Gives every entry that is new a purpose and an alternative text, one of them none."""
    for place, entry in enumerate(entries(world)):
        if entry.item is None:
            purpose, text = _PURPOSES[place % len(_PURPOSES)], _ALT_TEXTS[place % len(_ALT_TEXTS)]
            used(world, Draft.describe, place, purpose, text)


def to_the_front(world: World) -> None:
    """Moves the last entry before all others."""
    for place in range(len(entries(world)) - 1, 0, -1):
        used(world, Draft.move_earlier, place)


def size_of_part(data: bytes) -> tuple[int, int]:
    """Width and height in pixels of a picture that may be cut short."""
    with PIL.Image.open(io.BytesIO(data)) as image:
        return image.size


def check_previews(world: World) -> None:
    """Each file that was chosen had a preview, of its own shape."""
    chosen = {str(entry.file): entry.preview for entry in drafted(world).chosen if entry.item is None}
    for file in drafted(world).files:
        width, height = size_of_part(file.data)
        found = chosen.get(file.name, (0, 0))
        right = all(found) and abs(found[0] * height - found[1] * width) <= max(width, height)
        world.check("DRF-1", "previews", right, f"the preview of {file.name} has {found} pixels, the file {(width, height)}")


def check_nothing_sent(world: World) -> None:
    """The page has sent no write so far."""
    draft = drafted(world).draft
    sent = [f"{each.method} {each.url}" for each in draft.writes] + [f"a socket to {url}" for url in draft.sockets]
    told = f"sent without being asked to: {', '.join(sent)}"
    clause = {"DRF-1": "no-write", "DRF-5": "no-change-no-write"}
    rule = next(rule for rule in clause if rule in world.check.rules)
    world.check(rule, clause[rule], not sent, told)
