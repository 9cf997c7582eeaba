"""Target files: the implementation being judged, and how to launch or reach it."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lanes.errors import Refused, one_of
from lanes.files import frozen, read_contract, read_toml
from lanes.places import TARGETS
from lanes.transport import Limits

_LABEL = r"[^\s.,;:/?#@%\[\]()<>\"'\\]+"  # letters of any script: IDNA is the transport's affair
_HOST = re.compile(rf"{_LABEL}(\.{_LABEL})*\.?")


@dataclass(frozen=True, slots=True)
class Launch:
    """A target that the harness starts, stops and restarts with settings of its choosing."""

    command: tuple[str, ...]
    folder: Path | None  # None: a folder made for the run
    ready: str
    timeout: float  # seconds
    port: int | None  # None: a free one
    settings: tuple[tuple[str, str], ...]
    allowed_hosts: tuple[str, ...] = ()
    reset: tuple[str, ...] | None = None  # the command that empties it, where there is one


@dataclass(frozen=True, slots=True)
class Reach:
    """A target that is already there."""

    base_url: str  # empty where the parameters name it, until they are read
    environment: str
    distribution: str | None = None  # the host of render URLs, where it is not the base URL's
    allowed_hosts: tuple[str, ...] = ()  # besides its own, with a port where it is not the scheme's
    headers: tuple[tuple[str, str], ...] = ()  # sent with every request to the target itself
    connect_timeout: float = 5.0  # seconds
    exchange_timeout: float = 20.0  # seconds for one whole exchange
    requests_per_minute: int | None = None  # that it bears; None: as many as the lane sends


@dataclass(frozen=True, slots=True)
class Operator:
    """Whose eyes on a bucket are used, to read only: a profile of the AWS configuration, or keys by environment variable."""

    profile: str | None = None
    access_key: str | None = None
    secret_key: str | None = None
    session_token: str | None = None


@dataclass(frozen=True, slots=True)
class Bucket:
    """The bucket of a deployed target."""

    name: str = ""  # empty where the parameters name it, until they are read
    region: str = "us-east-1"
    endpoint: str | None = None  # where it is not the provider's own
    prefix: str = ""  # what its keys have before the path of a render URL
    operator: Operator | None = None


@dataclass(frozen=True, slots=True)
class Parameters:
    """Where in a parameter store (AWS Systems Manager) the host, bucket, prefix and distribution of a target are written."""

    path: str
    region: str
    profile: str | None = None  # of the AWS configuration; None: whoever the environment says
    endpoint: str | None = None  # where it is not the provider's own


@dataclass(frozen=True, slots=True)
class Records:
    """Where the rows of a target are read: its operator export, a query, or a file of NDJSON."""

    source: str = "export"
    url: str | None = None  # the setting or environment variable that holds the database URL
    query: str | None = None  # its columns are called like the fields of a MediaRecord
    file: Path | None = None


@dataclass(frozen=True, slots=True)
class Naming:
    """What the pages of a target call otherwise than contracts/surfaces.yaml does."""

    paths: tuple[tuple[str, str], ...] = ()  # by surface; of the draft's two: create, edit
    selectors: tuple[tuple[str, str], ...] = ()  # by surface or role
    attributes: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Target:
    """The implementation being judged: what it claims, what it offers, and how to get at it."""

    name: str
    source: str  # the file or the built-in name it was read from
    build: str | None
    claims: tuple[str, ...]
    capabilities: frozenset[str]
    how: Launch | Reach
    credential_names: tuple[tuple[str, str], ...]  # role, name of an environment variable
    records: Records = Records()
    bucket: Bucket | None = None
    parameters: Parameters | None = None
    naming: Naming = Naming()

    @property
    def limits(self) -> Limits:
        """How long to wait for its answers."""
        if isinstance(self.how, Reach):
            return Limits(connect=self.how.connect_timeout, exchange=self.how.exchange_timeout)
        return Limits()

    @property
    def pace(self) -> int | None:
        """The requests a minute that it bears, where its file says so."""
        return self.how.requests_per_minute if isinstance(self.how, Reach) else None

    def credentials(self, environment: Mapping[str, str] = os.environ) -> dict[str, str]:
        """Credentials by role, of a target that is reached. Raises Refused when a named variable is not set."""
        found = {}
        for role, variable in self.credential_names:
            if not environment.get(variable):
                raise Refused(f"{self.source}: credentials.{role}: the environment variable {variable} is not set")
            found[role] = environment[variable]
        return found


def within(target: Target, deadline: float | None) -> Target:
    """The target, which may take no longer to serve than a run may take."""
    if deadline is None or not isinstance(target.how, Launch) or target.how.timeout <= deadline:
        return target
    return replace(target, how=replace(target.how, timeout=deadline))


def built_in() -> list[str]:
    """The names of the targets that come with medialane."""
    return sorted(path.stem for path in TARGETS.glob("*.toml"))


def load(name: str) -> Target:
    """The target of a file, or a built-in one by its name. Raises Refused for an unknown or malformed one."""
    path = TARGETS / f"{name}.toml" if name in built_in() else Path(name)
    if not path.suffix and not path.exists():
        raise Refused(f"target {name!r} is neither a file nor a built-in target; {one_of(name, built_in())}, or a path")
    return _target(read_toml(path, "target"), path, name)


def _target(data: dict[str, Any], path: Path, source: str) -> Target:
    _check_places(data, path)
    offers = set(data.get("offers", ()))
    if data.get("delivery", True):
        offers.add("delivery")
    if "pages" in data:
        offers.add("pages")
    if "launch" in data:
        offers.add("launch")
        if "reset" in data["launch"]:
            offers.add("reset")
    bucket = _bucket(data.get("bucket"))
    if bucket or "parameters" in data:
        offers.add("bucket")
    if bucket and bucket.operator:
        offers.add("storage")
    return Target(
        name=data["name"],
        source=source,
        build=data.get("build"),
        claims=tuple(data["claims"]),
        capabilities=frozenset(offers),
        how=_launch(data["launch"], path) if "launch" in data else _reach(data["reach"]),
        credential_names=frozen(data.get("credentials", {})),
        records=_records(data.get("records", {}), path),
        bucket=bucket,
        parameters=Parameters(**data["parameters"]) if "parameters" in data else None,
        naming=Naming(**{name: frozen(given) for name, given in data.get("pages", {}).items()}),
    )


def _check_places(data: dict[str, Any], path: Path) -> None:
    """Where a target and its bucket are is written here or in a parameter store. Raises Refused where it is in neither."""
    for section, name in (("reach", "base_url"), ("bucket", "endpoint"), ("parameters", "endpoint")):
        if (url := data.get(section, {}).get(name)) and (why := malformed(url)):
            raise Refused(
                f"{path}: {section}.{name}: {url!r} is no URL: {why}; allowed: scheme and authority, as in https://host:443"
            )
    if "parameters" in data and "reach" not in data:
        raise Refused(f"{path}: parameters: they say where a target is reached; [launch] starts one, so leave them out")
    for section, name in (("reach", "base_url"), ("bucket", "name")):
        if "parameters" not in data and section in data and name not in data[section]:
            raise Refused(f"{path}: {section}: {name!r} is missing; it stands here, or [parameters] says where to look it up")


def malformed(url: str) -> str | None:
    """Why nobody could be asked at a URL that has the shape of one (RFC 3986, section 3.2), None where somebody could."""
    try:
        parts = urlsplit(url)
        if parts.port == 0:
            return "there is no port 0"
    except ValueError as error:
        return str(error)
    host = parts.hostname or ""
    return None if _HOST.fullmatch(host) or ":" in host else f"{host!r} is no host"


def _bucket(section: dict[str, Any] | None) -> Bucket | None:
    if section is None:
        return None
    operator = section.get("operator")
    return Bucket(**{**section, "operator": Operator(**operator) if operator else None})


def _launch(section: dict[str, Any], path: Path) -> Launch:
    settings: dict[str, str] = section.get("settings", {})
    ours = {setting["name"] for setting in read_contract("runtime.yaml")["settings"]}
    if taken := sorted(ours & settings.keys()):
        raise Refused(f"{path}: launch.settings: {taken[0]!r} is set by the lane, as contracts/runtime.yaml lists it")
    return Launch(
        command=tuple(section["command"]),
        folder=(path.parent / section["folder"]).resolve() if "folder" in section else None,
        ready=section.get("ready", "/healthz"),
        timeout=section.get("timeout", 30),
        port=section.get("port"),
        settings=frozen(settings),
        allowed_hosts=tuple(section.get("allowed_hosts", ())),
        reset=tuple(section["reset"]) if "reset" in section else None,
    )


def _reach(section: dict[str, Any]) -> Reach:
    return Reach(
        base_url=section.get("base_url", ""),
        environment=section["environment"],
        distribution=section.get("distribution"),
        allowed_hosts=tuple(section.get("allowed_hosts", ())),
        headers=frozen(section.get("headers", {})),
        connect_timeout=section.get("connect_timeout", 5.0),
        exchange_timeout=section.get("exchange_timeout", 20.0),
        requests_per_minute=section.get("requests_per_minute"),
    )


def _records(section: dict[str, Any], path: Path) -> Records:
    source = section.get("source", "export")
    for key in {"sql": ("url", "query"), "ndjson": ("file",)}.get(source, ()):
        if key not in section:
            raise Refused(f"{path}: records: {key!r} is missing; the source {source} needs it")
    return Records(
        source=source,
        url=section.get("url"),
        query=section.get("query"),
        file=(path.parent / section["file"]).resolve() if "file" in section else None,
    )
