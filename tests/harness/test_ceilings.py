from __future__ import annotations

import io

import pytest
from PIL import Image

from lanes import ceilings


@pytest.mark.parametrize(
    ("pixels", "longest", "sides"),
    [(50, 10, (10, 5)), (49, 10, (7, 7)), (97, 100, (97, 1)), (97, 50, None), (101, 10, None), (100, 10, (10, 10))],
)
def test_the_sides_of_an_area(pixels: int, longest: int, sides: tuple[int, int] | None) -> None:
    assert ceilings.sides_for(pixels, longest) == sides


@pytest.mark.parametrize(("pixels", "longest", "sides"), [(50, 10, (9, 6)), (48, 10, (7, 7)), (1, 10, (2, 1))])
def test_the_smallest_area_over_another(pixels: int, longest: int, sides: tuple[int, int]) -> None:
    width, height = ceilings.just_over(pixels, longest)
    assert (width, height) in {sides, sides[::-1]} or width * height == sides[0] * sides[1]
    assert width * height > pixels


def test_the_area_of_the_contract_is_met_exactly_and_then_by_as_little_as_may_be() -> None:
    width, height = ceilings.sides_for(50_000_000, 12_000) or (0, 0)
    assert width * height == 50_000_000
    width, height = ceilings.just_over(50_000_000, 12_000)
    assert 50_000_000 < width * height < 50_000_100


@pytest.mark.parametrize("kind", ["jpeg", "png", "webp"])
def test_a_flat_picture_has_the_size_that_was_asked_for(kind: str) -> None:
    assert Image.open(io.BytesIO(ceilings.flat(kind, 301, 7))).size == (301, 7)


@pytest.mark.parametrize("more", [0, 4, 5, 65_537, 65_538, 65_540, 200_000])
def test_a_padded_jpeg_has_exactly_so_many_bytes_and_is_whole(more: int) -> None:
    data = ceilings.flat("jpeg", 16, 8)
    padded = ceilings.padded(data, len(data) + more)
    assert len(padded) == len(data) + more
    image = Image.open(io.BytesIO(padded))
    image.load()
    assert image.size == (16, 8)


@pytest.mark.parametrize("more", [-1, 1, 3])
def test_what_cannot_be_padded_is_an_error(more: int) -> None:
    data = ceilings.flat("jpeg", 16, 8)
    with pytest.raises(ValueError, match="bytes"):
        ceilings.padded(data, len(data) + more)
