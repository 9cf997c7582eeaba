"""The files of contracts/, features/ and fixtures/, held against their schemas and against each other."""

from __future__ import annotations

import itertools
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate as validate_openapi
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from lanes import collection, contract, profile, target
from lanes.corpus import Corpus
from lanes.files import read_contract, read_toml, validator
from lanes.places import CONTRACTS, FEATURES, FIXTURES, PROFILES, TARGETS
from lanes.rules import catalogue

OPENAPI: Any = read_contract("openapi.yaml")
STATES: Any = read_contract("states.yaml")
RULES: Any = read_contract("rules.yaml")
RUNTIME: Any = read_contract("runtime.yaml")
DOCUMENTS = {"openapi.yaml": OPENAPI, "states.yaml": STATES}
SCHEMAS = sorted((CONTRACTS / "schemas").glob("*.schema.json"))
METHODS = {"get", "put", "post", "delete", "options", "head", "patch", "trace"}

STATUS_OF_CODE = {
    "request_malformed": 400,
    "credential_missing": 401,
    "credential_unknown": 401,
    "credential_wrong_role": 403,
    "artist_unknown": 404,
    "media_unknown": 404,
    "not_found": 404,
    "method_not_allowed": 405,
    "request_too_large": 413,
    "request_type_unsupported": 415,
    "type_unsupported": 415,
    "range_unsatisfiable": 416,
    "details_invalid": 422,
    "media_not_allowed_here": 422,
    "purpose_invalid": 422,
    "alt_text_invalid": 422,
    "sync_invalid": 422,
    "cursor_invalid": 422,
    "file_missing": 422,
    "file_empty": 422,
    "file_multiple": 422,
    "type_mismatch": 422,
    "dimensions_too_large": 422,
    "image_undecodable": 422,
    "image_animated": 422,
    "internal": 500,
    "finalisation_failed": 500,
    "storage_unavailable": 503,
    "storage_timeout": 504,
}


def resolved(document: Any, node: Any) -> Any:
    """What a node stands for, its references followed."""
    while isinstance(node, dict) and "$ref" in node:
        found = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def nodes(tree: Any, *path: str) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every mapping of a document, with the path to it."""
    if isinstance(tree, dict):
        yield path, tree
        for key, value in tree.items():
            yield from nodes(value, *path, str(key))
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from nodes(value, *path, str(number))


def texts(tree: Any) -> Iterator[str]:
    """Every text of a document, keys apart."""
    if isinstance(tree, str):
        yield tree
    elif isinstance(tree, dict):
        for value in tree.values():
            yield from texts(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from texts(value)


def operations(document: Any) -> dict[str, Any]:
    return {
        item["operationId"]: item
        for methods in document["paths"].values()
        for method, item in methods.items()
        if method in METHODS
    }


def rules() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = RULES["rules"]
    return found


def clauses() -> list[tuple[str, dict[str, Any]]]:
    return [(rule["id"], clause) for rule in rules() for clause in rule["clauses"]]


def capabilities() -> set[str]:
    schema: Any = validator("rules").schema
    return set(schema["$defs"]["capability"]["enum"])


def problem_codes(document: Any, responses: dict[str, Any]) -> dict[int, set[str]]:
    """The codes that a problem document may have, by the status of the response it comes with."""
    found = {}
    for status, response in responses.items():
        content = resolved(document, response).get("content", {})
        if "application/problem+json" in content:
            narrow = content["application/problem+json"]["schema"]["allOf"][1]["properties"]
            assert narrow["status"]["const"] == int(status), (status, narrow)
            found[int(status)] = set(narrow["code"]["enum"])
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_document_is_valid_openapi(name: str) -> None:
    assert DOCUMENTS[name]["openapi"].startswith("3.1.")
    validate_openapi(DOCUMENTS[name])


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_example_is_valid_under_the_schema_it_stands_beside(name: str) -> None:
    document = DOCUMENTS[name]
    registry: Registry[Any] = Registry().with_resource("urn:document", DRAFT202012.create_resource(document))
    checked = []
    for path, node in nodes(document):
        if "example" in node and "schema" in node:
            # The schema is looked up where it stands, so that the references in it resolve.
            here = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in path)
            line = node["schema"].get("x-line")
            at = f"urn:document#{here}/schema" + ("/x-line" if line else "")
            values = [json.loads(text) for text in node["example"].splitlines()] if line else [node["example"]]
            judge = Draft202012Validator({"$ref": at}, registry=registry, format_checker=Draft202012Validator.FORMAT_CHECKER)
            assert values, path
            for value in values:
                judge.validate(value)
            checked.append(path)
    assert len(checked) > 5


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_answer_and_body_in_json_has_an_example(name: str) -> None:
    for path, node in nodes(DOCUMENTS[name]):
        for kind, content in node.get("content", {}).items() if isinstance(node.get("content"), dict) else ():
            if "schema" in content:
                assert "example" in content, f"{path}: {kind}"


def test_no_operation_has_a_name_of_another_and_all_are_known_to_the_client() -> None:
    ours, states = operations(OPENAPI), operations(STATES)
    assert not ours.keys() & states.keys()
    assert set(contract.contract().operations) == set(ours)
    assert len(ours) == 16


def test_every_problem_code_occurs_at_its_status_and_at_no_other() -> None:
    statuses: dict[str, set[int]] = defaultdict(set)
    everywhere = [each["responses"] for each in operations(OPENAPI).values()] + [OPENAPI["x-elsewhere"]]
    for responses in everywhere:
        for status, codes in problem_codes(OPENAPI, responses).items():
            for code in codes:
                statuses[code].add(status)
    assert dict(statuses) == {code: {status} for code, status in STATUS_OF_CODE.items()}
    assert OPENAPI["components"]["schemas"]["ProblemCode"]["enum"] == list(STATUS_OF_CODE)


def test_every_refusal_is_a_problem_document_and_every_response_is_used() -> None:
    used = set()
    for responses in [each["responses"] for each in operations(OPENAPI).values()] + [OPENAPI["x-elsewhere"]]:
        for status, response in responses.items():
            used.add(response.get("$ref", "").removeprefix("#/components/responses/"))
            if int(status) >= 400:
                assert list(resolved(OPENAPI, response)["content"]) == ["application/problem+json"], (status, response)
    assert set(OPENAPI["components"]["responses"]) == used - {""}


def test_writes_need_the_write_credential_operator_reads_the_operator_credential_and_the_rest_none() -> None:
    for name, operation in operations(OPENAPI).items():
        role = contract.contract().operations[name].role
        path, method = contract.contract().operations[name].path, contract.contract().operations[name].method
        assert role == ("operator" if path.startswith("/ops/") else None if method in {"GET", "HEAD"} else "write"), name
        assert ({"401", "403"} <= operation["responses"].keys()) == (role is not None), name


def test_problem_codes_of_the_state_hooks_are_codes_of_the_contract() -> None:
    hooks = set(STATES["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    assert hooks <= set(OPENAPI["components"]["schemas"]["ProblemCode"]["enum"])


def test_every_answer_in_json_may_not_be_stored() -> None:
    for name, operation in operations(OPENAPI).items():
        for status, response in operation["responses"].items():
            found = resolved(OPENAPI, response)
            if any(kind.endswith("json") for kind in found.get("content", {})) and not (
                name in {"deliverMedia", "headMedia"} and status in {"404", "416"}
            ):
                assert found["headers"]["Cache-Control"] == {"$ref": "#/components/headers/NoStore"}, (name, status)


@pytest.mark.parametrize("path", SCHEMAS, ids=lambda path: path.name)
def test_every_schema_is_valid_under_its_own(path: Path) -> None:
    schema = json.loads(path.read_text(encoding="utf-8"))
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(schema)
    references = {node["$ref"] for _, node in nodes(schema) if "$ref" in node}
    assert all(resolved(schema, {"$ref": each}) for each in references)


@pytest.mark.parametrize("path", [path for path in SCHEMAS if path.name != "rules.schema.json"], ids=lambda path: path.name)
def test_every_object_of_a_schema_is_closed(path: Path) -> None:
    for where, node in nodes(json.loads(path.read_text(encoding="utf-8"))):
        if node.get("type") == "object":
            assert "additionalProperties" in node, where


def test_the_rules_keep_their_schema() -> None:
    validator("rules").validate(RULES)


@pytest.mark.parametrize(
    ("folder", "schema"), [(PROFILES, "profile"), (TARGETS, "target")], ids=["lane profiles", "built-in targets"]
)
def test_the_files_that_come_with_medialane_keep_their_schema(folder: Path, schema: str) -> None:
    paths = sorted(folder.glob("*.toml"))
    assert paths
    for path in paths:
        assert read_toml(path, schema)["name"] == path.stem


def test_the_corpus_keeps_its_schema() -> None:
    assert read_toml(FIXTURES / "corpus.toml", "corpus")["image"]


def test_there_are_131_rules_and_no_two_of_one_name() -> None:
    ids = Counter(rule["id"] for rule in rules())
    assert len(ids) == 131
    assert max(ids.values()) == 1
    for rule in rules():
        names = Counter(clause["name"] for clause in rule["clauses"])
        assert max(names.values()) == 1, rule["id"]


def test_the_rules_of_an_area_stand_together_and_count_from_one() -> None:
    areas = [area for area, _ in itertools.groupby(rules(), lambda rule: rule["area"])]
    assert len(areas) == len(set(areas))
    for _, group in itertools.groupby(rules(), lambda rule: rule["area"]):
        ids = [rule["id"] for rule in group]
        prefix = ids[0].partition("-")[0]
        assert ids == [f"{prefix}-{number}" for number in range(1, len(ids) + 1)]


def test_the_needs_of_a_clause_are_capabilities_or_shorthands() -> None:
    for rule_id, clause in clauses():
        assert set(clause["needs"]) <= capabilities() | RULES["shorthands"].keys(), (rule_id, clause["name"])


def test_a_shorthand_stands_for_something_in_every_lane_of_its_clauses() -> None:
    for rule_id, clause in clauses():
        for need in clause["needs"]:
            if need in RULES["shorthands"]:
                assert set(clause["lanes"]) <= RULES["shorthands"][need].keys(), (rule_id, clause["name"], need)


def test_every_shorthand_is_used() -> None:
    assert {need for _, clause in clauses() for need in clause["needs"]} >= RULES["shorthands"].keys()


def test_a_clause_of_the_suite_alone_has_no_lane_and_every_other_has_one() -> None:
    for rule in rules():
        for clause in rule["clauses"]:
            assert clause["lanes"] or rule["profile"] == "suite", rule["id"]


def test_capabilities_are_the_same_in_rules_target_files_and_lane_profiles() -> None:
    target_schema: Any = validator("target").schema
    profile_schema: Any = validator("profile").schema
    offered = set(target_schema["properties"]["offers"]["items"]["enum"]) | {"launch", "reset", "delivery", "bucket"}
    given = set(profile_schema["properties"]["gives"]["items"]["enum"])
    assert {"launch", "delivery"} <= target_schema["properties"].keys()
    assert "reset" in target_schema["properties"]["launch"]["properties"]
    assert offered | given == capabilities()
    assert offered & given == {"bucket"}  # made up where it is rehearsed
    assert "bucket" in target_schema["properties"]
    spelt = {
        need
        for rule in catalogue()
        for clause in rule.clauses
        for lane in clause.lanes
        for need in catalogue().needs(clause, lane)
    }
    assert spelt == capabilities()


def test_profiles_lanes_and_environments_are_the_same_everywhere() -> None:
    target_schema: Any = validator("target").schema
    verdict_schema: Any = validator("verdict").schema
    profile_schema: Any = validator("profile").schema
    claimed = target_schema["properties"]["claims"]["items"]["enum"]
    assert claimed == verdict_schema["$defs"]["profile"]["enum"]
    assert set(claimed) | {"suite"} == {rule["profile"] for rule in rules()}
    assert profile_schema["properties"]["letter"]["enum"] == list(RULES["lanes"])
    allowed = {setting["name"]: setting.get("allowed") for setting in RUNTIME["settings"]}
    runtime = OPENAPI["components"]["schemas"]["Runtime"]["properties"]
    for setting, ours, reported in (
        ("MEDIA_STORAGE_PROVIDER", "provider", "storageProvider"),
        ("MEDIA_EXECUTION_TARGET", "execution_target", "executionTarget"),
        ("APP_ENV", "environment", "applicationEnvironment"),
    ):
        assert allowed[setting] == profile_schema["properties"][ours]["enum"] == runtime[reported]["enum"]
    assert target_schema["properties"]["reach"]["properties"]["environment"]["enum"] == allowed["APP_ENV"]


def test_all_27_combinations_of_the_runtime_are_judged_once() -> None:
    rows = [(row["provider"], row["target"], row["environment"]) for row in RUNTIME["combinations"]]
    names = (("mocked", "s3", "azure"), ("mocked", "emulator", "cloud"), ("development", "test", "dev"))
    assert sorted(rows) == sorted(itertools.product(*names))
    assert len(rows) == 27


def expected(provider: str, execution_target: str, environment: str) -> str:
    """What the words of the contract say of a combination."""
    if (provider == "mocked") != (execution_target == "mocked"):
        return "no"
    match environment, execution_target:
        case (("development" | "test"), ("mocked" | "emulator")):
            return "yes"
        case "development", "cloud":
            return "opt-in"
        case "dev", "cloud" if provider == "s3":
            return "yes"
    return "no"


@pytest.mark.parametrize(
    "row", RUNTIME["combinations"], ids=lambda row: f"{row['provider']}-{row['target']}-{row['environment']}"
)
def test_a_combination_is_accepted_as_the_words_say(row: dict[str, str]) -> None:
    assert row.keys() == {"provider", "target", "environment", "accept"}
    assert row["accept"] == expected(row["provider"], row["target"], row["environment"])


def test_every_lane_is_in_a_runtime_that_a_target_must_accept() -> None:
    for name in profile.names():
        lane = profile.load(name)
        assert lane.provider
        assert lane.execution_target
        assert expected(lane.provider, lane.execution_target, lane.environment) == "yes"


def test_settings_are_unique_and_described() -> None:
    names = Counter(setting["name"] for setting in RUNTIME["settings"])
    assert max(names.values()) == 1
    for setting in RUNTIME["settings"]:
        assert {"name", "required", "secret", "text"} <= setting.keys()
        assert not (setting["required"] and "default" in setting), setting["name"]
        if "pattern" in setting and "default" in setting:
            assert re.search(setting["pattern"], setting["default"]), setting["name"]
        if setting["secret"]:
            assert "default" not in setting
            assert "allowed" not in setting


SETTING = re.compile(r"\b[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+\b")


def test_a_setting_that_a_text_names_is_one_of_the_runtime() -> None:
    known = {setting["name"] for setting in RUNTIME["settings"]}
    named = {
        name for document in (OPENAPI, STATES, RULES, RUNTIME) for text in texts(document) for name in SETTING.findall(text)
    }
    comments = set(SETTING.findall((CONTRACTS / "runtime.yaml").read_text(encoding="utf-8"))) - {"EX_CONFIG"}
    assert named | comments <= known
    assert {"APP_ENV", "MEDIA_STATE_HOOKS"} <= named


CAMEL = re.compile(r"\b[a-z]+(?:[A-Z][a-z]*)+\b")


def test_an_operation_or_field_that_a_rule_names_is_there() -> None:
    fields = {
        name
        for document in DOCUMENTS.values()
        for _, node in nodes(document)
        if isinstance(node.get("properties"), dict)
        for name in node["properties"]
    }
    known = operations(OPENAPI).keys() | operations(STATES).keys() | fields
    named = {(rule["id"], name) for rule in rules() for text in texts(rule) for name in CAMEL.findall(text)}
    assert {(rule_id, name) for rule_id, name in named if name not in known | {"sRGB"}} == set()
    assert {name for _, name in named} >= {"createArtist", "syncArtistMedia", "readRuntime", "altText"}


def test_an_operation_that_another_text_names_is_there() -> None:
    verbs = {re.match(r"[a-z]+", name).group() for name in operations(OPENAPI) | operations(STATES)}  # type: ignore[union-attr]
    named = {
        name
        for document in DOCUMENTS.values()
        for text in texts(document)
        for name in CAMEL.findall(text)
        if re.match(r"[a-z]+", name).group() in verbs  # type: ignore[union-attr]
    }
    assert named <= operations(OPENAPI).keys() | operations(STATES).keys()
    assert "deliverMedia" in named


def cited() -> set[tuple[str, str]]:
    """Where a rule is cited, and which."""
    features = {
        (str(scenario.file.relative_to(FEATURES)), rule)
        for scenario in collection.scenarios_under(FEATURES)
        for rule in scenario.tags
    }
    return features | {(f"corpus.toml: {row.id}", rule) for row in Corpus().rows for rule in row.rules}


def test_a_rule_that_a_feature_or_the_corpus_cites_is_there() -> None:
    assert cited()
    assert {(where, rule) for where, rule in cited() if rule not in catalogue().rules} == set()


def test_a_feature_lies_in_the_folder_of_an_area_and_cites_rules_of_it() -> None:
    for scenario in collection.scenarios_under(FEATURES):
        assert {catalogue().rule(tag).area for tag in scenario.tags} == {scenario.file.parent.name}, scenario.name


def test_a_scenario_cites_rules_that_some_lane_can_establish() -> None:
    assert [rule for _, rule in cited() if not catalogue().rule(rule).lanes] == []


def test_a_status_and_code_that_the_corpus_expects_are_those_of_an_upload() -> None:
    responses = operations(OPENAPI)["uploadArtistMedia"]["responses"]
    codes = problem_codes(OPENAPI, responses)
    for row in Corpus().rows:
        assert str(row.status) in responses, row.id
        assert row.code in codes.get(row.status, {None}), row.id


def test_a_file_that_the_corpus_expects_to_be_accepted_is_declared_as_an_accepted_type() -> None:
    accepted = OPENAPI["components"]["schemas"]["MimeType"]["enum"]
    for row in Corpus().rows:
        assert row.declared in accepted or row.code == "type_unsupported", row.id


def test_metadata_that_the_corpus_plants_is_what_the_metadata_rule_has_clauses_for() -> None:
    from lanes.oracle.containers import METADATA

    assert [clause.name for clause in catalogue().rule("ING-10").clauses] == list(METADATA)
    planted = {kind for row in Corpus().rows for kind in row.recipe.get("metadata", ())}
    assert planted == set(METADATA)


def test_the_example_of_the_media_policy_is_the_default_that_the_rules_speak_of() -> None:
    content = OPENAPI["paths"]["/media-policy"]["get"]["responses"]["200"]["content"]
    policy = content["application/json"]["example"]
    said = " ".join(texts([rule["text"] for rule in rules()]))
    assert policy["maxRequestBytes"] == 15 * 1024 * 1024
    assert "15 MiB" in said
    for number in ("12,000 px", "50,000,000 pixels", "2048 px", "480 px", "32 px", "500 code points"):
        assert number in said
        assert int(number.partition(" ")[0].replace(",", "")) in policy.values()


def test_the_version_is_the_same_in_every_file() -> None:
    assert RULES["version"] == OPENAPI["info"]["version"] == STATES["info"]["version"]
    health = OPENAPI["paths"]["/healthz"]["get"]["responses"]["200"]["content"]["application/json"]["example"]
    assert health["contractVersion"] == RULES["version"]


def test_the_reference_claims_and_offers_what_the_schema_knows() -> None:
    judged = target.load("reference")
    assert judged.capabilities <= capabilities()
