"""Steps about paths under which nothing is stored: whoever tries them finds nothing and learns nothing."""

from __future__ import annotations

import itertools
import json
import re
import secrets
from dataclasses import dataclass
from urllib.parse import urlsplit

from pytest_bdd import then, when

from lanes.client import Answer
from lanes.steps.world import World

_FILES = ("etc/passwd", "etc/hostname", "proc/self/environ")
# Dots and slashes, encoded once and twice, and what some take for a slash.
_ENCODED = (
    ("%2e%2e", "/"),
    ("..", "%2f"),
    ("%2E%2E", "%2F"),
    ("%252e%252e", "%252f"),
    ("..", "%252F"),
    ("..", "%5c"),
    ("..", "\\"),
)
# What such files begin with, and how stores word their own refusals.
_CONTENT = re.compile(rb"root:[^:\n]*:0:|daemon:[^:\n]*:|PATH=|DATABASE_URL=")
_STORES_WORDS = re.compile(
    r"(?i)<\?xml|<Error>|NoSuchKey|NoSuchBucket|SignatureDoesNotMatch|AccessDenied|BlobNotFound|ContainerNotFound|ResourceNotFound"
    r"|ENOENT|EISDIR|No such file|x-(amz|ms)-(request-id|id-2|error)|(bucket|container)[\"']?\s*[:=]"
)


@dataclass(frozen=True, slots=True)
class Wandering:
    """A path that leads nowhere, the clause that says so, and what it answered."""

    clause: str
    path: str
    answer: Answer

    def __str__(self) -> str:
        return f"GET {self.path} answered {self.answer.status}"


@when("somebody looks for what is not theirs under the addresses of pictures")
def _(world: World) -> None:
    world.shown()
    world.notes["wanderings"] = wander(world)


@then("they find nothing there")
def _(world: World) -> None:
    for each in world.notes["wanderings"]:
        world.check("DEL-5", each.clause, each.answer.status == 404, f"{each}, should be 404", each.answer)


@then("they learn nothing from it")
def _(world: World) -> None:
    for each in world.notes["wanderings"]:
        check_leaks_nothing(world, each)


def wander(world: World) -> list[Wandering]:
    """Everything that somebody could try who knows the render URLs of the scenario's pictures."""
    base = urlsplit(world.uploads[0].item["src"])
    origin = f"{base.scheme}://{base.netloc}"
    paths = [urlsplit(each.item[key]).path for each in world.uploads for key in ("src", "thumbnailSrc")]
    folder = paths[0].rpartition("/")[0]
    tried = {
        "traversal": _climbing(("/media", folder), "..", "/"),
        "encoded-traversal": [path for up, slash in _ENCODED for path in _climbing(("/media", folder), up, slash)],
        "absolute": [
            f"{start}/{where}"
            for start in ("/media", folder)
            for where in (
                "/etc/passwd",
                "%2fetc%2fpasswd",
                "file:///etc/passwd",
                "file%3A%2F%2F%2Fetc%2Fpasswd",
                f"{origin}/media-policy",
                f"{origin.replace('/', '%2F')}%2Fmedia-policy",
                f"{origin}{paths[0]}",
            )
        ],
        "unknown": _unknown(paths),
        "no-listing": ["/media", "/media/", folder, f"{folder}/"],
    }
    return [
        Wandering(clause, path, world.client.fetch(f"{origin}{path}")) for clause, several in tried.items() for path in several
    ]  # fmt: skip


def _climbing(starts: tuple[str, ...], up: str, slash: str) -> list[str]:
    """Paths out of folders, to files that every server has."""
    return [
        f"{start}/{(up + slash) * height}{name.replace('/', slash)}"
        for start, (height, name) in itertools.product(starts, zip((3, 8, 12), _FILES, strict=True))
    ]


def _unknown(paths: list[str]) -> list[str]:
    """Paths of the form of those that exist: parts of two of them, all but one character, and made up."""
    folders = [path.rpartition("/")[0] for path in paths]
    files = [path.rpartition("/")[2] for path in paths]
    made_up = secrets.token_hex(16)
    swapped = [f"{folder}/{file}" for folder, file in itertools.product(folders, files)]
    other = "0" if files[0][0] != "0" else "1"
    tried = [
        *swapped,
        f"{folders[0]}/{other}{files[0][1:]}",
        f"{folders[0][:-1]}{'0' if folders[0][-1] != '0' else '1'}/{files[0]}",
        f"{folders[0]}/{made_up}.jpg",
        f"/media/{made_up}/{files[0]}",
        f"/media/{made_up}/{secrets.token_hex(16)}.jpg",
        f"/media/{made_up}/canonical",
        f"{paths[0]}/{files[0]}",
        *(f"{paths[0].rpartition('.')[0]}.{ending}" for ending in ("jpg", "jpeg", "png", "webp")),
        f"/media/{paths[0].removeprefix('/media/').upper()}",
    ]
    return [path for path in dict.fromkeys(tried) if path not in paths]


def check_leaks_nothing(world: World, each: Wandering) -> None:
    """No content of a file, no picture, no key that was not in the path itself, and no word of a store."""
    answer, headers = each.answer, json.dumps(dict(each.answer.headers))
    said = f"{headers}\n{answer.body.decode('utf-8', 'replace')}"
    keys = [urlsplit(upload.item[key]).path.rpartition("/")[2] for upload in world.uploads for key in ("src", "thumbnailSrc")]
    found = [key for key in keys if key in said and key not in each.path]
    found += [match.group() for match in _STORES_WORDS.finditer(said)]
    found += ["a file's content"] if _CONTENT.search(answer.body) or answer.body[:3] == b"\xff\xd8\xff" else []
    world.check("DEL-5", "leaks-nothing", not found, f"{each} and tells of {', '.join(found[:3])}", answer)
