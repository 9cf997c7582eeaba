"""The vocabulary of pages: contracts/surfaces.yaml, and what a target file says otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lanes import target
from lanes.errors import Refused
from lanes.files import read_contract, validator
from lanes.rules import catalogue
from lanes.surfaces import DRAFT, Surface, vocabulary
from lanes.target import Naming

SURFACES: Any = read_contract("surfaces.yaml")
PLAIN = vocabulary(Naming())
PAGES: Any = validator("target").schema["properties"]["pages"]["properties"]  # type: ignore[index,unused-ignore]
# What a clause calls a surface otherwise than the surface is called.
CALLED = {"large-detail": "detail", "inline-preview": "blurred-background", "full-not-loaded": "blurred-background"}
TOML = """
schema = 1
name = "acme"
claims = ["browser"]

[launch]
command = ["{python}", "server.py"]

[pages]
"""


def written(folder: Path, pages: str) -> str:
    path = folder / "acme.toml"
    path.write_text(TOML + pages, encoding="utf-8")
    return str(path)


def test_the_surfaces_keep_their_schema() -> None:
    validator("surfaces").validate(SURFACES)
    assert SURFACES["version"] == catalogue().version


def test_every_surface_that_shows_media_has_a_page_and_an_element() -> None:
    assert list(PLAIN.surfaces) == [name for name in SURFACES["surfaces"] if name != DRAFT]
    for name, surface in PLAIN.surfaces.items():
        said = SURFACES["surfaces"][name]
        assert surface == Surface(name, said["path"], f'[data-media-surface~="{name}"]', said["shows"], said["loads"])


def test_drafts_have_two_pages_and_every_role_an_element() -> None:
    assert PLAIN.drafts == {"create": "/pages/artists/new", "edit": "/pages/artists/{artistID}/edit"}
    assert PLAIN.selectors == {
        DRAFT: '[data-media-surface~="draft"]',
        **{role: f'[data-media-role~="{role}"]' for role in SURFACES["roles"]},
    }
    assert PLAIN.attributes == SURFACES["attributes"]


@pytest.mark.parametrize(
    ("section", "ours"),
    [
        ("paths", [*PLAIN.surfaces, *PLAIN.drafts]),
        ("selectors", [*PLAIN.surfaces, DRAFT, *SURFACES["roles"]]),
        # Of a surface and of a role, the whole selector is named.
        ("attributes", [name for name in PLAIN.attributes if name not in {"surface", "role"}]),
    ],
)
def test_a_target_file_may_rename_all_that_there_is_and_nothing_else(section: str, ours: list[str]) -> None:
    allowed = PAGES[section]["propertyNames"]["enum"]
    assert sorted(allowed) == sorted(ours)
    assert len(set(allowed)) == len(allowed)


@pytest.mark.parametrize("rule", ["SUR-1", "SUR-2", "SUR-3"])
def test_a_clause_about_a_surface_is_about_one_that_there_is(rule: str) -> None:
    named = {CALLED.get(clause.name, clause.name) for clause in catalogue().rule(rule).clauses}
    assert named <= PLAIN.surfaces.keys()
    loads = {PLAIN.surfaces[name].loads for name in named}
    assert loads == {{"SUR-1": "thumbnail", "SUR-2": "src", "SUR-3": "preview"}[rule]}


def test_every_surface_is_what_some_clause_is_about() -> None:
    named = {
        CALLED.get(clause.name, clause.name)
        for rule in ("SUR-1", "SUR-2", "SUR-3")
        for clause in catalogue().rule(rule).clauses
    }
    assert named == PLAIN.surfaces.keys()


def test_the_rules_of_pages_need_pages_and_are_judged_in_a_browser() -> None:
    for rule in catalogue():
        if rule.area in {"surfaces", "drafts"}:
            assert rule.profile == "browser"
            assert {(clause.lanes, tuple(clause.needs)) for clause in rule.clauses} == {("B", ("pages",))}, rule.id


@pytest.mark.parametrize(
    ("surface", "values", "path"),
    [
        ("showcase", {}, "/pages"),
        ("gallery", {"artistID": "a1"}, "/pages/artists/a1/gallery"),
        ("detail", {"artistID": "a1", "mediaID": "m1"}, "/pages/artists/a1/media/m1"),
        ("detail", {"artistID": "a/1 ?#%", "mediaID": "ö"}, "/pages/artists/a%2F1%20%3F%23%25/media/%C3%B6"),
        ("search-result", {"query": "Zoë & the “others”"}, "/pages/search?q=Zo%C3%AB%20%26%20the%20%E2%80%9Cothers%E2%80%9D"),
        ("create", {"artistID": "a1"}, "/pages/artists/new"),
        ("edit", {"artistID": "a1"}, "/pages/artists/a1/edit"),
        ("gallery", {"artistID": "{mediaID}", "mediaID": "m1"}, "/pages/artists/%7BmediaID%7D/gallery"),
    ],
)
def test_a_path_is_filled_in_with_what_is_quoted(surface: str, values: dict[str, str], path: str) -> None:
    assert PLAIN.path(surface, **values) == path


def test_a_form_is_a_place_of_its_own() -> None:
    assert PLAIN.place("edit").path == "/pages/artists/{artistID}/edit"
    assert PLAIN.place("create").selector == PLAIN.selectors["draft"]
    assert PLAIN.place("gallery") is PLAIN.surfaces["gallery"]


def test_a_target_without_a_word_about_its_pages_calls_everything_as_usual() -> None:
    judged = target.load("reference")
    assert judged.naming == Naming()
    assert vocabulary(judged.naming) == PLAIN


def test_what_a_target_file_calls_otherwise_is_called_so_and_the_rest_as_usual(tmp_path: Path) -> None:
    judged = target.load(
        written(
            tmp_path,
            '[pages.paths]\ngallery = "/of/{artistID}"\nedit = "/of/{artistID}/change"\n'
            '[pages.selectors]\ngallery = "ul.gallery"\ndraft = "#record"\nsubmit = "button[type=\'submit\']"\n'
            '[pages.attributes]\nitem = "data-id"\n',
        )
    )
    assert "pages" in judged.capabilities
    found = vocabulary(judged.naming)
    assert found.surfaces["gallery"] == Surface("gallery", "/of/{artistID}", "ul.gallery", "items", "thumbnail")
    assert found.path("gallery", artistID="a 1") == "/of/a%201"
    assert found.path("edit", artistID="a1") == "/of/a1/change"
    assert (found.selectors[DRAFT], found.selectors["submit"]) == ("#record", "button[type='submit']")
    assert found.attributes == {**PLAIN.attributes, "item": "data-id"}
    same = PLAIN.surfaces.keys() - {"gallery"}
    assert {name: found.surfaces[name] for name in same} == {name: PLAIN.surfaces[name] for name in same}
    assert found.selectors["retry"] == PLAIN.selectors["retry"]
    assert found.drafts["create"] == PLAIN.drafts["create"]


@pytest.mark.parametrize(
    ("pages", "told"),
    [
        ('[pages.paths]\nposter = "/p"', "'poster' is not allowed"),
        ('[pages.paths]\ndraft = "/p"', "'draft' is not allowed"),
        ('[pages.paths]\ngallery = "of/{artistID}"', "pages.paths.gallery"),
        ('[pages.paths]\ngallery = "/of/{artist}"', "pages.paths.gallery"),
        ('[pages.paths]\ngallery = "https://acme.example/{artistID}"', "pages.paths.gallery"),
        ('[pages.selectors]\nsumbit = "button"', "did you mean 'submit'?"),
        ('[pages.selectors]\nsubmit = ""', "pages.selectors.submit"),
        ('[pages.attributes]\nsurface = "data-s"', "'surface' is not allowed"),
        ('[pages.attributes]\nitem = "Data Item"', "pages.attributes.item"),
        ("surfaces = 1", "unknown key 'surfaces'"),
    ],
)
def test_what_no_page_can_be_called_is_refused(tmp_path: Path, pages: str, told: str) -> None:
    with pytest.raises(Refused) as refusal:
        target.load(written(tmp_path, pages + "\n"))
    assert told in str(refusal.value)
