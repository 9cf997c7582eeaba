"""The image corpus: rows of fixtures/corpus.toml, their bytes made when first needed and cached."""

from __future__ import annotations

import contextlib
import functools
import hashlib
import itertools
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import PIL
import platformdirs
from PIL import Image

from lanes import encoders, hiding, icc, planting, recipes
from lanes.client import Upload
from lanes.errors import one_of
from lanes.files import read_toml
from lanes.places import FIXTURES

_EXTENSIONS = {"jpeg": "jpg", "png": "png", "webp": "webp", "gif": "gif", "bmp": "bmp", "tiff": "tif", "avif": "avif"}
_RECIPE = (
    *("text", "photo", "size", "format", "mode", "profile", "orientation", "exif_order", "exif_form"),
    *("metadata", "hidden", "inflating", "bomb", "damage"),
)


@dataclass(frozen=True, slots=True)
class Row:
    """One image: what it is, what it is declared as, and what must happen when it is uploaded."""

    id: str
    set: str
    rules: tuple[str, ...]
    recipe: Mapping[str, Any] = field(repr=False)
    declared: str
    file_name: str
    status: int
    code: str | None


class Corpus:
    """The rows of a corpus file, and their bytes."""

    def __init__(self, folder: Path = FIXTURES, cache: Path | None = None) -> None:
        self._photos = folder / "photos"
        self.cache = cache or platformdirs.user_cache_path("medialane") / "corpus"
        data = read_toml(folder / "corpus.toml", "corpus")
        self.rows = tuple(row for template in data["image"] for row in _expanded(template))

    def of(self, name: str) -> tuple[Row, ...]:
        """The rows of one set, in their order. Raises LookupError for an unknown one."""
        found = tuple(row for row in self.rows if row.set == name)
        if not found:
            raise LookupError(f"the corpus has no set {name!r}; {one_of(name, sorted({row.set for row in self.rows}))}")
        return found

    def upload(self, row: Row) -> Upload:
        """The image as a client sends it."""
        return Upload(self._bytes(row), row.declared, row.file_name)

    def upright(self, row: Row) -> Image.Image:
        """The picture as it has to be shown, before any encoding."""
        return recipes.upright(row.recipe, self._photos)

    def prepare(self) -> None:
        """Makes every image that the cache does not have yet."""
        for row in self.rows:
            if not self._place(row).exists():
                self._bytes(row)

    def _place(self, row: Row) -> Path:
        return self.cache / _fingerprint(row, self._photos)

    def _bytes(self, row: Row) -> bytes:
        path = self._place(row)
        data = _kept(path)
        if data is None:
            data = recipes.make(row.recipe, self._photos)
            with contextlib.suppress(OSError):  # where nothing can be kept, it is made every time
                _keep(path, data)
        return data


def _kept(path: Path) -> bytes | None:
    """What was kept, None where there is nothing or it is not whole: a damaged image would be blamed on the target."""
    try:
        kept = path.read_bytes()
    except OSError:
        return None
    digest, data = kept[:32], kept[32:]
    return data if hashlib.sha256(data).digest() == digest else None


def _keep(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(f".{os.getpid()}")
    half.write_bytes(hashlib.sha256(data).digest() + data)
    half.replace(path)  # so that a run beside this one never reads half an image


def digest(folder: Path = FIXTURES) -> str:
    """SHA-256 of the corpus file and the photographs, as hexadecimal."""
    total = hashlib.sha256((folder / "corpus.toml").read_bytes())
    for photo in sorted((folder / "photos").glob("*.jpg")):
        total.update(photo.name.encode() + b"\0" + photo.read_bytes())
    return total.hexdigest()


def _expanded(template: Mapping[str, Any]) -> Iterator[Row]:
    matrix: Mapping[str, list[Any]] = template.get("matrix", {})
    for values in itertools.product(*matrix.values()):
        chosen = dict(zip(matrix, values, strict=True))
        yield _row(dict(chosen) | {key: _filled(value, chosen) for key, value in template.items() if key != "matrix"})


def _filled(value: Any, chosen: Mapping[str, Any]) -> Any:
    if isinstance(value, str):
        shown = {key: "x".join(map(str, each)) if isinstance(each, list) else each for key, each in chosen.items()}
        return value.format_map(shown)
    return [_filled(item, chosen) for item in value] if isinstance(value, list) else value


def _row(data: Mapping[str, Any]) -> Row:
    kind = data.get("format")
    return Row(
        id=data["id"],
        set=data["set"],
        rules=tuple(data["rules"]),
        recipe={key: data[key] for key in _RECIPE if key in data},
        declared=data.get("declared", f"image/{kind}"),
        file_name=data.get("file_name", f"{data['id']}.{_EXTENSIONS.get(str(kind), 'bin')}"),
        status=data["status"],
        code=data.get("code"),
    )


def _fingerprint(row: Row, photos: Path) -> str:
    recipe = json.dumps(row.recipe, sort_keys=True)
    photo = _digest_of(photos / row.recipe["photo"]) if "photo" in row.recipe else ""
    return hashlib.sha256("\n".join((recipe, photo, _makers(), PIL.__version__)).encode()).hexdigest()


@functools.cache
def _digest_of(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@functools.cache
def _makers() -> str:
    """What the code that makes images is, so that the cache never outlives a change of it."""
    return "".join(_digest_of(Path(str(module.__file__))) for module in (recipes, encoders, hiding, icc, planting))
