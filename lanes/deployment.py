"""What the lane knows of a deployed target, besides where it answers."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lanes.errors import Refused
from lanes.target import Bucket, Operator, Reach, Target


@dataclass(frozen=True, slots=True)
class Eyes:
    """An operator's read-only access to the bucket: a profile of the AWS configuration, or keys."""

    profile: str | None = None
    key: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    token: str = field(default="", repr=False)

    @property
    def secrets(self) -> dict[str, str]:
        """The keys that there are, by what each is called."""
        keys = {"the operator's access key": self.key, "its secret key": self.secret, "its session token": self.token}
        return {name: value for name, value in keys.items() if value}


@dataclass(frozen=True, slots=True)
class Deployment:
    """A target behind a distribution, with its objects in a bucket."""

    distribution: str  # the host of render URLs, with a port where it is not the scheme's
    bucket: Bucket | None = None
    eyes: Eyes | None = None
    rehearsal: bool = False  # made up on this machine
    authority: Path | None = None  # the certificate that its own is signed by, where nobody else knows it

    @property
    def secrets(self) -> tuple[str, ...]:
        """What nobody may read in any log or message."""
        return tuple(self.eyes.secrets.values()) if self.eyes else ()


def deployment_of(target: Target, environment: Mapping[str, str] = os.environ) -> Deployment:
    """What the file of a target that is reached says. Raises Refused where a variable that it names is not set."""
    assert isinstance(target.how, Reach)
    distribution = target.how.distribution or urlsplit(target.how.base_url).netloc
    operator = target.bucket.operator if target.bucket else None
    return Deployment(distribution, target.bucket, _eyes(target.source, operator, environment) if operator else None)


def _eyes(source: str, operator: Operator, environment: Mapping[str, str]) -> Eyes:
    if operator.profile:
        return Eyes(operator.profile)
    found = {}
    for key in ("access_key", "secret_key", "session_token"):
        variable = getattr(operator, key)
        if variable and not environment.get(variable):
            raise Refused(f"{source}: bucket.operator.{key}: the environment variable {variable} is not set")
        found[key] = environment[variable] if variable else ""
    return Eyes(None, found["access_key"], found["secret_key"], found["session_token"])
