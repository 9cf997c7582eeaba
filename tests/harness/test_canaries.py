"""The proof itself: what it looks for it would find, and what it plants has the shapes that secrets have."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest

from lanes.redact import Redactor
from tests.canaries.birds import Canary, flock, forms, found_in, known_forms

BIRDS = flock("a seed")


@pytest.mark.parametrize("bird", BIRDS, ids=lambda bird: bird.name)
def test_a_canary_that_gets_out_is_found(bird: Canary) -> None:
    wanted = {bird.name: forms(bird.secret)}
    for text in (bird.text, json.dumps(bird.text), quote(bird.text, safe="")):
        assert found_in(b"before " + text.encode() + b" after", wanted) == {bird.name}
    assert found_in(b"nothing of it", wanted) == set()


def test_what_a_run_was_told_is_found_in_base64_too() -> None:
    encoded = base64.b64encode(b"wr1te/credential")
    assert found_in(b"x" + encoded.rstrip(b"="), {"write": known_forms("wr1te/credential")}) == {"write"}


def test_two_seeds_have_no_canary_in_common() -> None:
    assert not {bird.secret for bird in BIRDS} & {bird.secret for bird in flock("another seed")}
    assert len({bird.name for bird in BIRDS}) == len(BIRDS)


@pytest.mark.parametrize("bird", BIRDS, ids=lambda bird: bird.name)
def test_its_shape_alone_gives_a_canary_away(bird: Canary) -> None:
    wanted = {bird.name: forms(bird.secret)}
    for text in (bird.text, json.dumps({"debug": bird.text}), json.dumps(json.dumps([bird.text]))):
        assert found_in(Redactor().text(text).encode(), wanted) == set()
