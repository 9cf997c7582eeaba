"""A browser at a deployment: within its budget, to the last artist that it has made, and not one write where it only reads."""

from __future__ import annotations

import contextlib
import random
from pathlib import Path

import pytest

from lanes import profile
from lanes.corpus import Corpus
from lanes.profile import Budget
from tests.deployed.deployment import Standing
from tests.deployed.killing import check_killed_run
from tests.deployed.test_runs import read, said

_BUDGET = profile.load("browser").budget or Budget(0, 0, 0)
_ITEMS = 100
_SURFACES = {f"SUR-{number}" for number in range(1, 9)}
_DRAFTS = {f"DRF-{number}" for number in range(1, 6)}


def test_a_run_in_a_browser_stays_within_its_budget_and_leaves_nothing(deployment: Standing, tmp_path: Path) -> None:
    before, asked = deployment.contents(), len(deployment.asked())
    assert deployment.begin(tmp_path / "run", lane="browser").wait() == 0, said(tmp_path / "run")
    verdict, news = read(tmp_path / "run"), deployment.asked()[asked:]
    assert (verdict["verdict"], verdict["profiles"]["browser"]) == ("conformant", "conformant")
    assert (verdict["errors"], verdict["left"], verdict["rehearsal"]) == ([], [], True)
    uploads = [path for method, path in news if method == "POST" and path.endswith("/media")]
    assert len(uploads) <= verdict["spent"]["uploads"] <= _BUDGET.uploads
    assert len(news) <= verdict["spent"]["requests"]
    assert verdict["spent"]["bytes"] <= _BUDGET.megabytes * 1_000_000
    assert deployment.contents() == before


def test_a_browser_that_only_looks_sends_not_one_write(deployment: Standing, tmp_path: Path) -> None:
    artist = with_many_pictures(deployment)
    try:
        before, asked = deployment.contents(), len(deployment.asked())
        run = deployment.begin(tmp_path / "run", "--read-only", "--accept-partial", lane="browser")
        assert run.wait() == 0, said(tmp_path / "run")
        news = deployment.asked()[asked:]
        assert {method for method, _ in news} <= {"GET", "HEAD", "OPTIONS"}
        assert ("GET", f"/pages/artists/{artist}/gallery") in news
        rules = {rule: row["outcome"] for rule, row in read(tmp_path / "run")["rules"].items()}
        assert {rule for rule in _SURFACES if rules[rule] != "passed"} == set()
        assert {rules[rule] for rule in _DRAFTS} == {"not_run"}
        assert deployment.contents() == before
    finally:
        with contextlib.closing(deployment.client()) as client:
            assert client.call("deleteArtist", artist).status == 204


def test_a_killed_run_takes_its_browser_with_it_and_is_swept(
    deployment: Standing, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    before = deployment.contents()
    moments = random.Random(7)  # noqa: S311 - the same moments every time
    for number in range(request.config.getoption("kills")):
        check_killed_run(deployment, before, tmp_path / str(number), 2 + moments.random() * 30, lane="browser")


def with_many_pictures(deployment: Standing) -> str:
    """The ID of somebody else's artist, with more pictures than anybody else has."""
    corpus = Corpus()
    rows = corpus.of("album")
    with contextlib.closing(deployment.client()) as client:
        artist: str = client.call("createArtist", json={"name": "Somebody with an album"}).json["artist"]["ID"]
        for number in range(_ITEMS):
            files = (corpus.upload(rows[number % len(rows)]),)
            form = {"purpose": "gallery" if number else "profile", "altText": f"Picture {number}"}
            assert client.call("uploadArtistMedia", artist, form=form, files=files).status == 201
    return artist
