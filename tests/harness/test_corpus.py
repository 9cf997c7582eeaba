from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from lanes import recipes
from lanes.corpus import Corpus, Row, digest
from lanes.errors import Refused
from lanes.places import FIXTURES

ROW = """
[[image]]
id = "{id}"
set = "some"
rules = ["ING-3"]
photo = "cat.jpg"
size = [12, 8]
{more}
status = 201
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder for a corpus, with one photograph."""
    made = tmp_path / "fixtures"
    (made / "photos").mkdir(parents=True)
    Image.new("RGB", (30, 20), (90, 120, 60)).save(made / "photos" / "cat.jpg")
    return made


def corpus(folder: Path, *rows: str) -> Corpus:
    (folder / "corpus.toml").write_text("schema = 1\n" + "".join(rows), encoding="utf-8")
    return Corpus(folder, folder.parent / "cache")


def row(identifier: str, more: str) -> str:
    return ROW.format(id=identifier, more=more)


def cached(folder: Path) -> list[Path]:
    return sorted((folder.parent / "cache").glob("*"))


def test_a_row_has_a_usual_type_and_name_where_it_does_not_say(folder: Path) -> None:
    rows = corpus(
        folder,
        row("plain", 'format = "jpeg"'),
        row("told", 'format = "png"\ndeclared = "image/webp"\nfile_name = "x.txt"'),
    ).rows
    assert [(each.declared, each.file_name) for each in rows] == [("image/jpeg", "plain.jpg"), ("image/webp", "x.txt")]
    assert rows[0] == Row(
        id="plain",
        set="some",
        rules=("ING-3",),
        recipe={"photo": "cat.jpg", "size": [12, 8], "format": "jpeg"},
        declared="image/jpeg",
        file_name="plain.jpg",
        status=201,
        code=None,
    )


def test_a_matrix_makes_a_row_of_every_combination(folder: Path) -> None:
    more = 'matrix = { format = ["jpeg", "png"], orientation = [1, 6] }'
    rows = corpus(folder, row("turned-{format}-{orientation}", more)).rows
    assert [(each.id, each.recipe["format"], each.recipe["orientation"]) for each in rows] == [
        ("turned-jpeg-1", "jpeg", 1),
        ("turned-jpeg-6", "jpeg", 6),
        ("turned-png-1", "png", 1),
        ("turned-png-6", "png", 6),
    ]


def test_a_value_of_the_matrix_fills_every_text_and_list_and_sizes_read_as_width_and_height(folder: Path) -> None:
    text = row(
        "{metadata}-{size}", 'format = "png"\nmetadata = ["{metadata}"]\nmatrix = { metadata = ["gps"], size = [[7, 5]] }'
    )
    rows = corpus(folder, text.replace("size = [12, 8]\n", "")).rows
    assert [(each.id, each.recipe["metadata"], each.recipe["size"]) for each in rows] == [("gps-7x5", ["gps"], [7, 5])]


def test_the_rows_of_a_set_keep_their_order_and_an_unknown_set_is_an_error(folder: Path) -> None:
    images = corpus(folder, row("b", 'format = "png"'), row("a", 'format = "png"'))
    assert [each.id for each in images.of("some")] == ["b", "a"]
    with pytest.raises(LookupError, match=r"no set 'sone'; did you mean 'some'\?"):
        images.of("sone")


def test_an_upload_has_the_bytes_of_the_recipe_and_what_the_row_declares(folder: Path) -> None:
    images = corpus(folder, row("a", 'format = "png"\ndeclared = "image/webp"\nfile_name = "x"'))
    upload = images.upload(images.rows[0])
    assert upload.data == recipes.make(images.rows[0].recipe, folder / "photos")
    assert (upload.declared, upload.name) == ("image/webp", "x")
    assert images.upright(images.rows[0]).size == (12, 8)


def test_an_image_is_made_once_and_then_read_from_the_cache(folder: Path) -> None:
    images = corpus(folder, row("a", 'format = "png"'), row("b", 'format = "jpeg"'))
    images.prepare()
    assert len(cached(folder)) == 2
    before = {path: path.stat().st_mtime_ns for path in cached(folder)}
    made = {images.upload(each).data for each in images.rows}
    assert {path: path.stat().st_mtime_ns for path in cached(folder)} == before
    # What was kept and is not whole any more is made again: it would be blamed on the target.
    for path in cached(folder):
        path.write_bytes(path.read_bytes()[:-1])
    assert {images.upload(each).data for each in images.rows} == made


def test_a_cache_that_cannot_be_written_costs_time_and_nothing_else(folder: Path) -> None:
    corpus(folder, row("a", 'format = "png"'))
    images = Corpus(folder, Path("/dev/null/nowhere"))
    assert images.upload(images.rows[0]).data


@pytest.mark.parametrize(
    "changed",
    [
        'format = "jpeg"',
        'format = "png"\norientation = 2',
        'format = "png"\nmetadata = ["exif"]',
        'format = "png"\ndamage = "cut -2"',
    ],
)
def test_another_recipe_is_another_image_in_the_cache(folder: Path, changed: str) -> None:
    corpus(folder, row("a", 'format = "png"')).prepare()
    images = corpus(folder, row("a", changed))
    images.prepare()
    assert len(cached(folder)) == 2
    assert images.upload(images.rows[0]).data == recipes.make(images.rows[0].recipe, folder / "photos")


def test_another_name_or_expectation_is_no_other_image(folder: Path) -> None:
    corpus(folder, row("a", 'format = "png"')).prepare()
    corpus(folder, row("b", 'format = "png"\ndeclared = "image/webp"')).prepare()
    assert len(cached(folder)) == 1


def test_another_photograph_of_the_same_name_is_another_image(folder: Path, tmp_path: Path) -> None:
    corpus(folder, row("a", 'format = "png"')).prepare()
    other = tmp_path / "other"
    shutil.copytree(folder, other)
    Image.new("RGB", (30, 20), (200, 10, 10)).save(other / "photos" / "cat.jpg")
    corpus(other, row("a", 'format = "png"')).prepare()
    assert len(cached(folder)) == 2


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('format = "jp2"', r"image\[0\]\.format: 'jp2' is not allowed"),
        ('format = "png"\norientation = 9', r"image\[0\]\.orientation: "),
        ('format = "png"\ndamage = "burn"', r"image\[0\]\.damage: 'burn' does not match"),
        ('format = "png"\nfile = "x"', r"image\[0\]: unknown key 'file'"),
    ],
)
def test_a_malformed_row_is_refused(folder: Path, wrong: str, told: str) -> None:
    with pytest.raises(Refused, match=rf"corpus\.toml: {told}"):
        corpus(folder, row("a", wrong))


def test_the_digest_is_of_rows_and_photographs(folder: Path) -> None:
    corpus(folder, row("a", 'format = "png"'))
    seen = {digest(folder)}
    assert seen == {digest(folder)}
    corpus(folder, row("b", 'format = "png"'))
    seen.add(digest(folder))
    Image.new("RGB", (30, 20)).save(folder / "photos" / "cat.jpg")
    seen.add(digest(folder))
    (folder / "photos" / "cat.jpg").rename(folder / "photos" / "dog.jpg")
    seen.add(digest(folder))
    assert len(seen) == 4


def test_every_row_of_the_corpus_has_a_name_of_its_own_and_a_photograph_that_is_there() -> None:
    rows = Corpus().rows
    assert len({each.id for each in rows}) == len(rows)
    photos: set[Any] = {each.recipe["photo"] for each in rows if "photo" in each.recipe}
    assert [photo for photo in photos if not (FIXTURES / "photos" / photo).is_file()] == []


def test_every_row_of_the_corpus_is_whole_or_refused() -> None:
    for each in Corpus().rows:
        assert (each.status == 201) == (each.code is None), each.id
        assert ("damage" in each.recipe) == (each.set == "damaged"), each.id
