"""Steps about what pages and their scripts are made of, as anybody can read it without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from urllib.parse import urljoin

from pytest_bdd import then, when

from lanes.client import Answer, HostNotAllowed
from lanes.leaks import signed_requests_in, signs
from lanes.steps.looking import address, words
from lanes.steps.page_secrets import known_credentials_in
from lanes.steps.world import World

_PARTS = {"script": "src", "link": "href"}
# ECMA-262, "ImportDeclaration", and import() of a plain string.
_IMPORT = re.compile(r"""\b(?:from|import)\s*\(?\s*["']([^"'\s]+)["']""")
_MOST = 200  # parts of pages that are read


@when("somebody reads what each page is made of")
def _(world: World) -> None:
    world.notes["parts"] = list(parts(world)) if world.check.due("DEP-4", "page-credential") else []


@then("no page and no script of one opens the storage")
def _(world: World) -> None:
    for answer in world.notes["parts"]:
        found = known_credentials_in(world, answer.body.decode("utf-8", "replace"))
        world.check("DEP-4", "page-credential", not found, f"{answer.request.url} holds {', '.join(found)}", answer)


@then("no page and no script of one signs requests to it")
def _(world: World) -> None:
    for answer in world.notes["parts"]:
        text = answer.body.decode("utf-8", "replace")
        found = [*(f"{each[:60]}…" for each in signed_requests_in(text, parts=2)), *signs(text)]
        world.check("DEP-4", "page-signature", not found, f"{answer.request.url} holds {', '.join(found)}", answer)


def parts(world: World) -> Iterator[Answer]:
    """Each page with a surface, or a draft, of the scenario's artist, and the scripts and styles that they name.

    Raises Blocked, blaming DEP-4, for a page that is not there.
    """
    paths = [address(world, surface) for surface in words(world).surfaces.values()]
    paths += [words(world).path(form, artistID=world.artist) for form in words(world).drafts]
    read: dict[str, Answer] = {}
    for path in dict.fromkeys(paths):
        url = urljoin(world.client.base_url, path)
        read[url] = world.client.read(url)
        world.check.presume("DEP-4", "page-credential", read[url].status == 200, f"{read[url]}, should be a page", read[url])
    unread = [url for page in read.values() for url in named_in(page)]
    while unread and len(read) < _MOST:
        url = unread.pop()
        if url not in read:
            try:
                read[url] = world.client.read(url)
            except HostNotAllowed:
                continue  # somebody else's script
            unread += named_in(read[url])
    yield from read.values()


def named_in(part: Answer) -> list[str]:
    """The addresses of the scripts and styles that a page names, and of the modules that a script imports."""
    text = part.body.decode("utf-8", "replace")
    if "javascript" in part.headers.get("Content-Type", ""):
        found = [match[1] for match in _IMPORT.finditer(text)]
    else:
        reader = _Reader()
        reader.feed(text)
        found = reader.found
    return [urljoin(part.request.url, each) for each in found]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Called for each element."""
        address = dict(attrs).get(_PARTS.get(tag, ""))
        if address:
            self.found.append(address)
