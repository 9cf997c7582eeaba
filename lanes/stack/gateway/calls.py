"""What a storage call is about: one neutral word for its operation, the provider's own name, the location and the keys."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qs, unquote

Provider = Literal["s3", "azure"]
Word = Literal["put", "read", "head", "delete", "list", "other"]

# Their keys stand in the body of the request.
DELETE_OBJECTS = "DeleteObjects"
BLOB_BATCH = "Blob Batch"


@dataclass(frozen=True, slots=True)
class Operation:
    """What a call does. `name` is the provider's own; `location` a bucket or container; keys are percent-decoded.

    Most calls are about one key; those about a location or an account are about none.
    """

    word: Word
    name: str
    location: str | None = None
    keys: tuple[str, ...] = ()

    @property
    def keys_in_body(self) -> bool:
        """Whether more is recognised of it with its body."""
        return self.name in {DELETE_OBJECTS, BLOB_BATCH}


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a request, as far as an operation is recognised by it. Parameter names and header names are as they came."""

    method: str
    path: str  # raw, without the query
    parameters: Mapping[str, str]
    headers: Mapping[str, str]

    @classmethod
    def of(cls, method: str, raw_path: str, query: str, headers: Mapping[str, str]) -> Head:
        """The head, its query parsed and the names of its headers in lower case."""
        parameters = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        return cls(method, raw_path, parameters, {name.lower(): value for name, value in headers.items()})

    def segments(self, count: int) -> tuple[str, ...]:
        """The first parts of the path, percent-decoded; the last of them is all of the rest. "" where there is none.

        A key may begin with a slash, hold several in a row, and hold encoded ones.
        """
        parts = self.path.removeprefix("/").split("/", count - 1)
        return tuple(unquote(part) for part in parts + [""] * (count - len(parts)))
