from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from reference_impl import catalogue
from reference_impl.problems import PROBLEMS, Problem

if TYPE_CHECKING:
    from tests.reference_impl.service import Service

CONTRACT = Path(__file__).parents[2] / "contracts" / "openapi.yaml"


def test_the_codes_are_those_of_the_contract() -> None:
    schemas = yaml.safe_load(CONTRACT.read_text("utf-8"))["components"]["schemas"]
    assert sorted(PROBLEMS) == sorted(schemas["ProblemCode"]["enum"])


def test_a_problem_is_a_document_with_its_status_and_title() -> None:
    problem = Problem("file_empty", "The file is empty.", {"x-more": "1"})
    assert problem.status_code == 422
    assert problem.headers["content-type"] == "application/problem+json"
    assert (problem.headers["cache-control"], problem.headers["x-more"]) == ("no-store", "1")
    assert bytes(problem.body) == (
        b'{"type":"about:blank","title":"Unprocessable Content","status":422,"code":"file_empty","detail":"The file is empty."}'
    )


def test_unknown_paths_and_methods_are_problems_too(service: Service) -> None:
    assert service.client("GET", "/nowhere").code == "not_found"
    assert service.client("GET", "/artists/").code == "not_found"
    refused = service.client("DELETE", "/artists")
    assert refused.code == "method_not_allowed"
    assert refused.headers["allow"] == "GET, HEAD, POST"


def test_a_failure_inside_tells_nothing_of_itself(service: Service, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "page", lambda *_: 1 / 0)
    answer = service.client("GET", "/artists")
    assert (answer.status, answer.code) == (500, "internal")
    assert isinstance(answer.raised, ZeroDivisionError)
    assert b"ZeroDivision" not in answer.body
