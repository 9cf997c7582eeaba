"""The HTTP contract as a judge: what contracts/openapi.yaml says of an answer that was seen."""

from __future__ import annotations

import functools
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from lanes.files import explain, read_contract
from lanes.places import CONTRACTS

NOBODY = "00000000-0000-4000-8000-000000000000"  # an ID that no artist and no item has
_URI = "urn:medialane:contract"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the contract."""

    id: str
    method: str
    path: str  # template, as in /artists/{artistID}
    role: str | None  # write, operator, or None where the operation is public
    responses: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Violation:
    """Something of an answer that the contract does not document; `clause` is the clause of CON-1 that it breaks."""

    clause: str
    text: str


class Schemas:
    """The schemas of a document, each made ready when it is first needed, references resolved against the document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._for_fast = jsonschema_rs.Registry([(_URI, dict(document))], draft=jsonschema_rs.Draft202012)
        self._for_thorough: Registry[Any] = Registry().with_resource(_URI, DRAFT202012.create_resource(document))
        self._ready: dict[int, tuple[jsonschema_rs.Draft202012Validator, Draft202012Validator]] = {}

    def wrong(self, schema: Mapping[str, Any], value: Any) -> ValidationError | None:
        """What of a value breaks a schema that stands in the document, or else None.

        One validator is fast and knows formats, the other picks what to say.
        """
        if id(schema) not in self._ready:  # it lives as long as the document
            self._ready[id(schema)] = self._validators(_rebased(schema))
        fast, thorough = self._ready[id(schema)]
        said = None
        with suppress(ValueError):  # the fast one cannot read a text that is not Unicode
            said = next(iter(fast.iter_errors(value)), None)
            if said is None:
                return None
        found: ValidationError | None = best_match(thorough.iter_errors(value))
        return found or (ValidationError(said.message, path=said.instance_path) if said else None)

    def _validators(self, schema: Any) -> tuple[jsonschema_rs.Draft202012Validator, Draft202012Validator]:
        return (
            jsonschema_rs.Draft202012Validator(schema, registry=self._for_fast, validate_formats=True),
            Draft202012Validator(schema, registry=self._for_thorough),
        )


@dataclass(frozen=True, slots=True)
class Contract:
    """The operations of the contract, and the validators of their answers."""

    version: str
    operations: Mapping[str, Operation]
    elsewhere: Mapping[str, Any]  # answers of paths and methods outside the contract
    _document: Mapping[str, Any]
    _schemas: Schemas

    def violations(
        self,
        operation: Operation | None,
        status: int,
        headers: Mapping[str, str],
        body: bytes,
        *,
        bodiless: bool = False,
    ) -> Iterator[Violation]:
        """What of an answer is undocumented: status, media type, headers, body.

        `bodiless` answers (to HEAD) are judged by status and headers alone. `headers` are looked up without regard to case.
        """
        responses = operation.responses if operation else self.elsewhere
        name = operation.id if operation else "an operation outside the contract"
        if str(status) not in responses:
            documented = ", ".join(sorted(responses))
            yield Violation("status", f"{name} answered {status}; documented: {documented}")
            return
        response = self._resolved(responses[str(status)])
        yield from self._header_violations(response, headers)
        content = response.get("content", {})
        if bodiless or not content:
            if body:
                yield Violation("body", f"{len(body)} bytes of body where the contract has none")
            return
        media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        if media_type not in content:
            yield Violation("media-type", f"Content-Type is {media_type or 'missing'!r}; documented: {', '.join(content)}")
            return
        yield from self._body_violations(content[media_type].get("schema", {}), media_type, body)

    def keeps(self, name: str, value: Any) -> bool:
        """Whether a value keeps the schema of this name."""
        return self._schemas.wrong(self._document["components"]["schemas"][name], value) is None

    def _resolved(self, node: Any) -> Any:
        while "$ref" in node:
            found: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part.replace("~1", "/").replace("~0", "~")]
            node = found
        return node

    def _header_violations(self, response: Mapping[str, Any], headers: Mapping[str, str]) -> Iterator[Violation]:
        for name, unresolved in response.get("headers", {}).items():
            header = self._resolved(unresolved)
            value = headers.get(name)
            if value is None:
                if header.get("required"):
                    yield Violation("headers", f"{name} is missing")
            elif wrong := self._schemas.wrong(header["schema"], value):
                yield Violation("headers", f"{name}: {wrong.message}")

    def _body_violations(self, schema: Mapping[str, Any], media_type: str, body: bytes) -> Iterator[Violation]:
        if media_type == "application/x-ndjson":
            for number, line in enumerate(body.splitlines(), 1):
                for violation in self._json_violations(schema["x-line"], line):
                    yield Violation("body", f"line {number}: {violation.text}")
        elif media_type.endswith("json"):
            yield from self._json_violations(schema, body)

    def _json_violations(self, schema: Mapping[str, Any], body: bytes) -> Iterator[Violation]:
        try:
            value = read_json(body)
        except ValueError as error:
            yield Violation("body", f"is not JSON: {error}")
            return
        if wrong := self._schemas.wrong(schema, value):
            yield Violation("body", explain(wrong))

    def operation_for(self, method: str, path: str) -> Operation | None:
        """The operation that a method and a path belong to, if the contract has one."""
        for operation in self.operations.values():
            if operation.method == method and _pattern(operation.path).fullmatch(path):
                return operation
        return None


def read_json(body: bytes) -> Any:
    """A body as JSON (RFC 8259), which knows no NaN. Raises ValueError, also for one that is nested beyond reason."""
    try:
        return json.loads(body, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested beyond reason") from None


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is no number")


@functools.cache
def contract() -> Contract:
    """The contract of contracts/openapi.yaml."""
    return parse(read_contract("openapi.yaml"))


def parse(document: Mapping[str, Any]) -> Contract:
    """An OpenAPI 3.1 document as a Contract."""
    operations = {
        item["operationId"]: Operation(item["operationId"], method.upper(), path, _role(item), item["responses"])
        for path, methods in document["paths"].items()
        for method, item in methods.items()
        if isinstance(item, dict) and "operationId" in item
    }
    return Contract(document["info"]["version"], operations, document.get("x-elsewhere", {}), document, Schemas(document))


def key_in(url: Any) -> str:
    """The key that a render URL stands for: its path without the slash that it begins with."""
    return urlsplit(str(url)).path.removeprefix("/")


def digest() -> str:
    """SHA-256 over every file of the contract, names included, as hexadecimal."""
    total = hashlib.sha256()
    for path in sorted(CONTRACTS.rglob("*")):
        if path.is_file():
            total.update(path.relative_to(CONTRACTS).as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def _role(item: Mapping[str, Any]) -> str | None:
    schemes = [name for requirement in item.get("security", ()) for name in requirement]
    return schemes[0].removesuffix("Credential") if schemes else None


def _rebased(schema: Any) -> Any:
    if isinstance(schema, dict):
        return {
            key: f"{_URI}{value}" if key == "$ref" and value.startswith("#") else _rebased(value)
            for key, value in schema.items()
        }
    return [_rebased(item) for item in schema] if isinstance(schema, list) else schema


@functools.cache
def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)))
