"""Files that people write (TOML, YAML), read and held against their JSON Schema."""

from __future__ import annotations

import functools
import json
import math
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema_rs
import yaml
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import best_match

from lanes.errors import Refused, one_of
from lanes.places import CONTRACTS


@functools.cache
def validator(schema: str) -> Draft202012Validator:
    """The validator of contracts/schemas/<schema>.schema.json."""
    return Draft202012Validator(_schema(schema), format_checker=Draft202012Validator.FORMAT_CHECKER)


def check_own(schema: str, data: Any) -> None:
    """Data that we have made ourselves: nobody has to be told what is wrong with it. Raises jsonschema_rs.ValidationError."""
    _quick(schema).validate(data)


@functools.cache
def _quick(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(_schema(schema), validate_formats=True)


def _schema(name: str) -> Any:
    return json.loads((CONTRACTS / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8"))


@functools.cache
def read_contract(name: str) -> Any:
    """A YAML file of contracts/, parsed once."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return yaml.load((CONTRACTS / name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - a safe loader either way


def read_toml(path: Path, schema: str) -> dict[str, Any]:
    """A TOML file that keeps its schema. Raises Refused with one message: file, section, value, what is allowed."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Refused(f"{path}: there is no such file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise Refused(f"{path}: cannot be read: {error}") from None
    except tomllib.TOMLDecodeError as error:
        raise Refused(f"{path}: is not TOML: {error}") from None
    except RecursionError:
        raise Refused(f"{path}: is nested too deeply") from None
    if wrong := _no_number(data, ""):
        raise Refused(f"{path}: {wrong}; allowed: a number")
    violation = best_match(validator(schema).iter_errors(data), key=_deepest_first)
    if violation:
        raise Refused(f"{path}: {explain(violation)}")
    return data


def explain(error: ValidationError) -> str:
    """One line for a schema violation: section, bad value, nearest valid one, all valid ones."""
    where = _section(error)
    rule: Any = error.validator_value
    found: Any = error.instance
    match error.validator:
        case "additionalProperties":
            known = _properties(error.schema)
            unknown = next(key for key in found if key not in known)
            return f"{where}: unknown key {unknown!r}; {one_of(unknown, known)}"
        case "enum":
            return f"{where}: {found!r} is not allowed; {one_of(found, rule)}"
        case "const":
            return f"{where}: {found!r} is not allowed; allowed: {rule}"
        case "required":
            missing = next(key for key in rule if key not in found)
            return f"{where}: {missing!r} is missing; required: {', '.join(rule)}"
        case "oneOf" if all(set(choice) == {"required"} for choice in rule):
            choices = [" and ".join(choice["required"]) for choice in rule]
            return f"{where}: exactly one of these sections is needed: {', '.join(choices)}"
        case "pattern":
            return f"{where}: {found!r} does not match {rule}"
        case "type":
            kinds = rule
            wanted = kinds if isinstance(kinds, str) else " or ".join(kinds)
            return f"{where}: {found!r} is not of the type that is allowed: {wanted}"
        case _:
            return f"{where}: {error.message}"


def _properties(schema: Any) -> list[str]:
    return list(schema.get("properties", {}))


def _no_number(value: Any, where: str) -> str | None:
    """Where in a TOML file an infinity or a NaN stands, which no bound of a schema catches."""
    match value:
        case float() if not math.isfinite(value):
            return f"{where.lstrip('.')}: {value} is not allowed"
        case dict():
            found = (_no_number(each, f"{where}.{key}") for key, each in value.items())
        case list():
            found = (_no_number(each, f"{where}[{index}]") for index, each in enumerate(value))
        case _:
            return None
    return next(filter(None, found), None)


def _section(error: ValidationError) -> str:
    parts = [f"[{part}]" if isinstance(part, int) else f".{part}" for part in error.absolute_path]
    return "".join(parts).lstrip(".") or "top level"


def _deepest_first(error: ValidationError) -> tuple[bool, int]:
    # The missing launch or reach section is worth saying only when nothing more precise is wrong.
    return (error.validator not in {"oneOf", "anyOf"}, -len(error.absolute_path))


def frozen(values: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    """A mapping as a hashable, ordered tuple of pairs, for frozen data."""
    return tuple(sorted(values.items()))
