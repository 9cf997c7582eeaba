"""Steps about files that are refused: for what they are, what they are called and how many they are."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from pytest_bdd import parsers, then, when

from lanes.client import Answer
from lanes.corpus import Row
from lanes.steps.remains import check_nothing_left, look, prove_sight
from lanes.steps.world import Uploaded, World

_CLAIMS = {
    "byteSize": "1",
    "size": "1",
    "width": "1",
    "height": "1",
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """Something that was tried and has to be refused: the clause that says so, the code, and what came."""

    clause: str
    code: str
    answer: Answer


@when(parsers.re(r'the (?P<names>"[^"]+"(?:(?:, | and )"[^"]+")*) files are tried'))
def _(world: World, names: str) -> None:
    try_sets(world, *re.findall(r'"([^"]+)"', names))


@when("uploads with no file, an empty one and two at once are tried")
def _(world: World) -> None:
    begin(world, "ING-1")
    world.notes["attempts"] = try_wrong_numbers(world)


@when("pictures are uploaded with false claims about their size, dimensions and type")
def _(world: World) -> None:
    world.uploads = [send_claiming(world, row) for row in world.corpus.of("taken")]


@then("each is refused for what it lacks or has too much of")
def _(world: World) -> None:
    for attempt in world.notes["attempts"]:
        check_attempt(world, "ING-1", attempt)


@then("each of the three types is accepted")
def _(world: World) -> None:
    for upload in world.uploads:
        clause = f"{upload.row.recipe['format']}-accepted"
        world.check("ING-2", clause, upload.answer.status == 201, f"{upload.row.id}: {upload.answer}", upload.answer)


@then("every one is refused because its type is not taken")
def _(world: World) -> None:
    for upload in world.uploads:
        check_type_refused(world, upload)


@then("every one is refused because pictures alone are taken")
def _(world: World) -> None:
    for upload in world.uploads:
        clause = f"{upload.row.declared.partition('/')[0]}-refused"
        check_refused(world, "SCO-1", clause, clause, upload)


@then("every one is refused because it moves")
def _(world: World) -> None:
    for upload in world.uploads:
        clause = "webp-refused" if upload.row.recipe["format"] == "webp" else "apng-refused"
        check_refused(world, "ING-20", clause, "code", upload)


@then("each is described as it was found")
def _(world: World) -> None:
    for upload in world.uploads:
        check_found(world, upload)


@then("a damaged file that is claimed to be in order is refused all the same")
def _(world: World) -> None:
    for row in world.corpus.of("damaged")[::5]:
        check_refused(world, "ING-17", "refusal-kept", "refusal-kept", send_claiming(world, row))


@then("none of them left anything behind")
def _(world: World) -> None:
    check_nothing_left(world, world.notes["rule"], world.notes["before"])


def begin(world: World, rule: str) -> None:
    """Notes what is there before something of which nothing may be left."""
    prove_sight(world, rule)
    world.notes["rule"] = rule
    world.notes["before"] = look(world, rule)


def try_sets(world: World, *names: str) -> None:
    """Sends every file of these sets; undeclared are those that do not say what they are."""
    begin(world, world.corpus.of(names[0])[0].rules[0])
    world.uploads = []
    for name in names:
        if name == "undeclared":
            world.uploads += [send_undeclared(world, row) for row in world.corpus.of("taken")]
        else:
            world.uploads += [world.send(row) for row in world.corpus.of(name)]


def send_undeclared(world: World, row: Row) -> Uploaded:
    """A file that does not say what it is."""
    undeclared = replace(world.corpus.upload(row), declared=None)
    answer = world.send_file(undeclared)
    # What nobody declared is of no type that is taken, whatever its bytes are.
    return Uploaded(replace(row, id=f"{row.id}-undeclared", declared="", status=415, code="type_unsupported"), answer)


def send_claiming(world: World, row: Row) -> Uploaded:
    """A file together with form fields that describe it wrongly."""
    other = "image/jpeg" if row.declared == "image/webp" else "image/webp"
    claims = {**_CLAIMS, "mimeType": other, "contentType": other, "type": other}
    answer = world.send_file(world.corpus.upload(row), **claims)
    return Uploaded(row, answer)


def try_wrong_numbers(world: World) -> list[Attempt]:
    """No file, a field in its place, an empty one in each type, and two or three at once, each valid."""
    files = [world.corpus.upload(row) for row in world.corpus.of("taken")]

    send = world.send_file
    return [
        Attempt("missing", "file_missing", send()),
        Attempt("missing", "file_missing", send(file="a field is no file")),
        *(Attempt("empty", "file_empty", send(replace(each, data=b""))) for each in files),
        Attempt("multiple", "file_multiple", send(files[0], files[1])),
        Attempt("multiple", "file_multiple", send(files[2], files[2])),
        Attempt("multiple", "file_multiple", send(*files)),
    ]


def check_attempt(world: World, rule: str, attempt: Attempt) -> None:
    """422 and the code of the clause."""
    refused = attempt.answer.status == 422 and attempt.answer.code == attempt.code
    world.check(rule, attempt.clause, refused, f"{attempt.answer}, should be 422 {attempt.code}", attempt.answer)


def check_refused(world: World, rule: str, clause: str, code_clause: str, upload: Uploaded) -> None:
    """The status and the code that the corpus says."""
    row, answer = upload.row, upload.answer
    world.check(rule, clause, answer.status == row.status, f"{row.id}: {answer}, should be {row.status}", answer)
    world.check(rule, code_clause, answer.code == row.code, f"{row.id}: {answer}, code should be {row.code}", answer)


def check_type_refused(world: World, upload: Uploaded) -> None:
    """415, by the clause for what is wrong with the declared type."""
    clause = {"other-types": "other-refused", "relabelled": "relabelled-refused"}.get(upload.row.set, "undeclared-refused")
    check_refused(world, "ING-2", clause, clause, upload)


def check_found(world: World, upload: Uploaded) -> None:
    """Size, dimensions and type are those of the stored picture, whatever the form said."""
    world.told(upload.answer, 201, "UPL-1", "created")
    item, (canonical, _) = upload.item, world.shown([upload])
    size = tuple(upload.row.recipe["size"])
    told = (item["width"], item["height"])
    length = len(canonical.answer.body)
    world.check(
        "ING-17", "size-ignored", item["byteSize"] == length, f"{canonical}: {item['byteSize']}, is {length}", upload.answer
    )
    world.check("ING-17", "dimensions-ignored", told == size, f"{canonical}: {told}, should be {size}", upload.answer)
    mime = item["mimeType"]
    world.check("ING-17", "type-ignored", mime == upload.row.declared, f"{canonical}: {mime}", upload.answer)
