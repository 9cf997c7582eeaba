"""Steps about leafing through the list of all artists."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from pytest_bdd import given, then, when

from lanes.client import Answer
from lanes.steps.cards import Page, all_cards, everybodys_cards, read_page
from lanes.steps.world import World

_LONGEST_CURSOR = 512


@dataclass(frozen=True, slots=True)
class Walk:
    """A way through the pages from the first one. It is whole if it came to a page without a cursor."""

    limit: int
    pages: list[Page]
    whole: bool

    @property
    def ids(self) -> list[str]:
        """The artists in the order in which they came up."""
        return [each for page in self.pages for each in page.ids]

    def __str__(self) -> str:
        return f"{len(self.pages)} pages of {self.limit}"


@dataclass(frozen=True, slots=True)
class Asked:
    """A listing that has to be refused: by which clause, what was asked for, and what came."""

    clause: str
    query: dict[str, str]
    answer: Answer


@given("seven artists who came one after another")
def _(world: World) -> None:
    world.notes["before"] = list(all_cards(world))
    world.notes["came"] = [new_artist(world, name) for name in ("Ebb", "Adagio", "Gavotte", "ebb", "10", "Zither", "9")]
    # An edit is no arrival.
    edited = world.client.call("editArtist", world.notes["came"][1], json={"name": "Andante"})
    world.check.presume("ART-3", "applied", edited.status == 200, f"{edited}, should be 200", edited)
    everybody = everybodys_cards(world)
    world.notes["count"] = len(everybody)
    world.notes["there"] = [each for each in all_cards(world) if each in everybody]


@when("somebody leafs through all artists at several speeds")
def _(world: World) -> None:
    world.notes["walks"] = [walk(world, limit) for limit in speeds(world.notes["count"])]


@when("somebody leafs through all artists while others arrive")
def _(world: World) -> None:
    arrived: list[str] = []

    def arrive() -> None:
        if len(arrived) < 4:
            arrived.append(new_artist(world, "Latecomer"))

    count = world.notes["count"]
    world.notes["walks"] = [walk(world, min(100, max(2, -(-count // 5))), arrive)]
    world.notes["came"] += arrived


@when("somebody asks for places and page sizes that there are not")
def _(world: World) -> None:
    world.notes["asked"] = ask_for_nonsense(world)


@then("the artists appear in the order in which they came")
def _(world: World) -> None:
    for each in world.notes["walks"]:
        check_order(world, each)


@then("each appears once")
def _(world: World) -> None:
    for each in world.notes["walks"]:
        twice = {one for one in each.ids if each.ids.count(one) > 1}
        world.check("ART-7", "each-once", not twice, f"{each}: {len(twice)} artists come up more than once")


@then("each page is full but for the last")
def _(world: World) -> None:
    for each in world.notes["walks"]:
        check_pages(world, each)


@then("nobody who was there is left out")
def _(world: World) -> None:
    for each in world.notes["walks"]:
        check_none_lost(world, each)


@then("each of them is refused")
def _(world: World) -> None:
    for each in world.notes["asked"]:
        refused = each.answer.status == 422
        world.check("ART-7", each.clause, refused, f"{each.answer} to {each.query}, should be 422", each.answer)


def new_artist(world: World, name: str) -> str:
    """The ID of a new artist of this name."""
    answer = world.client.call("createArtist", json={"name": name})
    return str(world.told(answer, 201, "ART-2", "created")["artist"]["ID"])


def speeds(count: int) -> list[int]:
    """Page sizes for a list of so many: about four pages and about three, one whose last page is full, one page, and all."""
    divisor = next((each for each in range(max(2, count // 12), count) if count % each == 0), count)
    wanted = [max(2, count // 4), max(3, count // 3 + 1), divisor, count - 1, count, 100]
    return sorted({min(100, each) for each in wanted})


def walk(world: World, limit: int, between: Callable[[], None] | None = None) -> Walk:
    """Every page from the first, with something done after each; it ends at a page without a cursor, or when it should have."""
    pages = [read_page(world, limit, None)]
    most = world.notes["count"] // limit + 24  # others may arrive meanwhile
    while pages[-1].cursor is not None and len(pages) < most:
        if between:
            between()
        pages.append(read_page(world, limit, pages[-1].cursor))
    return Walk(limit, pages, pages[-1].cursor is None)


def check_order(world: World, each: Walk) -> None:
    """Those who came last are in the order in which they came, behind all who had been there before."""
    came = world.notes["came"]
    up = [one for one in each.ids if one in came]
    right = [one for one in came if one in up]
    world.check("ART-7", "creation-order", up == right != [], f"{each}: the last {len(came)} are not in the order they came")
    first = each.ids.index(came[0]) if came[0] in each.ids else len(each.ids)
    behind = set(world.notes["before"]) & set(each.ids[first:])
    world.check("ART-7", "creation-order", not behind, f"{each}: {len(behind)} of before stand behind the last {len(came)}")


def check_none_lost(world: World, each: Walk) -> None:
    """Everybody who was there from the start comes up."""
    there = world.notes["there"]
    lost = [one for one in there if one not in each.ids]
    world.check("ART-7", "none-lost", not lost, f"{each}: {len(lost)} of {len(there)} artists do not come up")


def check_pages(world: World, each: Walk) -> None:
    """Every page but the last has as many cards as were asked for, and the last one alone has no cursor."""
    check_none_lost(world, each)
    sizes = [len(page.ids) for page in each.pages]
    full = all(size == each.limit for size in sizes[:-1]) and sizes[-1] <= each.limit
    world.check("ART-7", "page-size", full, f"{each} have {sizes} cards", each.pages[-1].answer)
    world.check("ART-7", "last-page", each.whole, f"{each}, and the end of the list has a cursor still", each.pages[-1].answer)
    rest = len(world.notes["there"]) - sum(sizes)
    world.check(
        "ART-7", "last-page", rest <= 0, f"{each}, and no cursor while {rest} artists are to come", each.pages[-1].answer
    )


def ask_for_nonsense(world: World) -> list[Asked]:
    """Cursors that no target would have given, two of them behind one that it gave, and limits out of bounds or no numbers."""
    given = read_page(world, 2, None).cursor
    world.check.presume("ART-7", "last-page", given is not None, "a page of 2 has no cursor, though there are 7 artists")
    cursors = ["", " ", "-1", "!", "no cursor", "Zoë", "9" * 40, "' OR '1'='1", "x" * _LONGEST_CURSOR]
    cursors += [f"{given}!", f"{given} "]
    if not world.check.plan.lane.deployed:
        cursors.append("a\x00b")  # what stands before a deployed target may refuse it by itself (RFC 3986, section 7.3)
    limits = ["0", "101", "-1", "", "ten", "5x", "x5", "5_0", "5e0", "٣٣٣٣"]
    asked = [("bad-cursor", {"cursor": cursor}) for cursor in cursors]
    asked += [("bad-cursor", {"cursor": cursors[4], "limit": "2"})]
    asked += [("bad-limit", {"limit": limit}) for limit in limits]
    asked += [("bad-limit", {"limit": "101", "cursor": str(given)})]
    return [Asked(clause, query, world.client.call("listArtists", query=query)) for clause, query in asked]
