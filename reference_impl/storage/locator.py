"""Where an object lies, in words that no provider owns."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from typing import Literal

ArtifactKind = Literal["canonical", "thumbnail"]

# A key that can stand in a URL as it is, under the one path that serves media.
PLAIN_KEY = re.compile(r"media/[A-Za-z0-9_-][A-Za-z0-9._-]*/[A-Za-z0-9_-][A-Za-z0-9._-]*")


@dataclass(frozen=True)
class Locator:
    """A provider (s3, azure, mocked), a bucket or container, and a key relative to it."""

    provider: str
    location: str
    key: str


@dataclass(frozen=True)
class Artifact:
    """A stored object and its role in the pipeline."""

    kind: ArtifactKind
    locator: Locator


def fresh_keys(extension: str) -> dict[ArtifactKind, str]:
    """Keys for the objects of one new asset. Nothing in them can be guessed or tells of the upload."""
    folder = secrets.token_hex(16)
    return {
        "canonical": f"media/{folder}/{secrets.token_hex(16)}.{extension}",
        "thumbnail": f"media/{folder}/{secrets.token_hex(16)}.{extension}",
    }


def is_plain(key: str) -> bool:
    return PLAIN_KEY.fullmatch(key) is not None
