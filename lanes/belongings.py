"""Whether an object that a target shows is the run's own: at the bucket of a deployment, nothing else is ever touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import unquote

from lanes.contract import key_in
from lanes.errors import StackError
from lanes.target import Bucket


class Foreign(Exception):
    """The object is not known to be the run's own, and of nobody else; the message says why."""


def own_key(lines: Sequence[Mapping[str, Any]], media: str, artifact: str, url: str, bucket: Bucket, source: str) -> str:
    """The key in the bucket of what a render URL of an item shows, proven by the target's export of objects.

    `lines` are MediaObjects of the contract, `artifact` is canonical or thumbnail, `source` is the target file. Raises Foreign;
    StackError where the target file names another bucket or prefix than the target's.
    """
    what = f"the {artifact} of {media}"
    named = [line for line in lines if (line.get("mediaID"), line.get("artifactKind")) == (media, artifact)]
    if len(named) != 1:
        raise Foreign(f"exportMediaObjects has {len(named)} lines for {what}, should be 1")
    provider, location, key = _locator(named[0])
    if provider != "s3":
        raise Foreign(f"exportMediaObjects says that {what} is stored at {provider!r}, should be 's3'")
    if location != bucket.name:
        raise StackError(f"{source}: bucket.name is {bucket.name!r}, but the target says that {what} is stored in {location!r}")
    path = unquote(key_in(url))
    wanted = bucket.prefix + path
    if key != wanted:
        if isinstance(key, str) and path and key.endswith(path):
            prefix = key.removesuffix(path)
            told = f"the target says that {what} is stored at {key!r}, which makes it {prefix!r}"
            raise StackError(f"{source}: bucket.prefix is {bucket.prefix!r}, but {told}")
        raise Foreign(f"exportMediaObjects says that {what} is stored at {key!r}, but its render URL shows {path!r}")
    sharing = sum(_locator(line) == (provider, location, key) for line in lines)
    if sharing != 1:
        raise Foreign(f"exportMediaObjects names {key!r} in {sharing} lines: it is not the object of {media} alone")
    return wanted


def _locator(line: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    return line.get("storageProvider"), line.get("storageLocation"), line.get("storageKey")
