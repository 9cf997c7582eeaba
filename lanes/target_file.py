"""A target file as somebody begins with one: every key explained, and held against its schema before it is written."""

from __future__ import annotations

import json
import shlex
import tomllib
from dataclasses import dataclass
from urllib.parse import urlsplit

from jsonschema.exceptions import best_match

from lanes.errors import Refused
from lanes.files import explain, validator
from lanes.places import CONTRACTS

_OPERATORS = {"operator", "records", "states"}  # offers that need the operator credential


@dataclass(frozen=True, slots=True)
class Sketch:
    """What has to be known of a target to begin: either a command line that launches it, or where it is reached."""

    name: str
    claims: tuple[str, ...]
    offers: tuple[str, ...]
    command: str | None = None
    base_url: str | None = None
    environment: str = "test"


def written(sketch: Sketch) -> str:
    """The text of the file. Raises Refused for a sketch that makes no valid one."""
    try:
        words = shlex.split(sketch.command or "")
    except ValueError as error:
        raise Refused(f"--command {sketch.command!r} is no command line: {error}") from None
    text = "\n".join([_head(sketch), _launch(words) if words else _reach(sketch), _TAIL])
    if violation := best_match(validator("target").iter_errors(tomllib.loads(text))):
        raise Refused(explain(violation))
    return text


def _head(sketch: Sketch) -> str:
    return f"""\
#:schema {(CONTRACTS / "schemas" / "target.schema.json").as_uri()}
# A medialane target: the implementation to judge, and how to get at it.

schema = 1

# How verdicts call it.
name = {_text(sketch.name)}

# The profiles that it claims and is judged by: core (nothing but the HTTP contract), records (its rows can be read),
# resilience (it can be broken, launched and restarted), deployed (it is reached behind its distribution), browser.
claims = {_list(sketch.claims)}

# What it offers beyond the HTTP contract: operator (the reads under /ops/), records (its rows can be read), states (the
# hooks of contracts/states.yaml), pages.
offers = {_list(sketch.offers)}

# Whether render URLs are on its own delivery path /media/; false where they lead straight to the object store.
delivery = true
"""


def _launch(command: list[str]) -> str:
    return f"""\
[launch]
# The command line. It is given the settings of contracts/runtime.yaml as environment variables, PORT and
# MEDIA_PUBLIC_BASE_URL among them, and has to serve on 127.0.0.1.
command = {_list(command)}
# Where it is started, relative to this file.
folder = "."
# The path that answers 200 once it serves, and how many seconds to wait for that.
ready = "/healthz"
timeout = 30
# A fixed port, where it cannot be told one.
# port = 8080
# Environment variables of its own.
# settings = {{ NODE_ENV = "test" }}
# The command that empties its database, and with --media its objects.
# reset = ["node", "reset.js"]
"""


def _reach(sketch: Sketch) -> str:
    # Deployed, nothing is to be talked to that is not on the list.
    hosts = _list([urlsplit(sketch.base_url or "").netloc]) if sketch.environment == "dev" else '["media.example"]'
    return f"""\
[reach]
# Scheme and authority, and the application environment that it must report: test, or dev where it is deployed.
base_url = {_text(sketch.base_url or "")}
environment = {_text(sketch.environment)}
# Hosts besides its own that render URLs may lead to; of a target that is deployed (dev), every host, its own too.
{"" if sketch.environment == "dev" else "# "}allowed_hosts = {hosts}
# Sent with every request to the target itself. No secrets.
# headers = {{ X-Preview = "medialane" }}
# Seconds to wait for a connection, and for one whole exchange.
connect_timeout = 5
exchange_timeout = 20
# The most requests in any 60 seconds that it bears, where a rate limiter stands before it.
# requests_per_minute = 600
# The host of its render URLs, where it is not its own.
# distribution = "cdn.example"

[credentials]
# The names of the environment variables that hold its credentials. Never the credentials.
write = "MEDIALANE_WRITE_CREDENTIAL"
{"" if _OPERATORS & set(sketch.offers) else "# "}operator = "MEDIALANE_OPERATOR_CREDENTIAL"

# The bucket behind a deployed target, and whose read-only eyes on it may be used: a profile of the AWS configuration, or
# access_key and secret_key by environment variable.
# [bucket]
# name = "example-media"
# region = "us-east-1"
# prefix = ""
# operator = {{ profile = "media-operator" }}
"""


_TAIL = """\
# Where its pages name what they show otherwise than contracts/surfaces.yaml says; with this, `pages` is offered.
# [pages]
# paths = { gallery = "/artists/{artistID}/photos" }
# selectors = { gallery = ".photo-grid", submit = "form.artist button[type=submit]" }
# attributes = { item = "data-id" }

# Where its rows are read, if not by its operator export.
# [records]
# source = "sql"            # or "ndjson", with file = "records.ndjson"
# url = "DATABASE_URL"      # the setting or environment variable that holds the SQLAlchemy URL
# query = "SELECT * FROM media_records"
"""


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)  # a JSON string is a TOML basic string


def _list(values: list[str] | tuple[str, ...]) -> str:
    return "[" + ", ".join(_text(value) for value in values) + "]"
