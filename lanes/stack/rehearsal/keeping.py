"""A rehearsal that stays up for whoever wants to look at it, and the files by which it is judged like any other deployment."""

from __future__ import annotations

import contextlib
import shlex
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from lanes.errors import Refused, StackError, no_place
from lanes.redact import Redactor
from lanes.stack.rehearsal.rehearsal import OPERATOR, Rehearsal
from lanes.stack.server import Log
from lanes.stack.watchdog import Watchdog
from lanes.target import Launch, Target

TARGET_FILE, ENVIRONMENT_FILE = "target.toml", "environment"
CREDENTIALS = {"write": "MEDIALANE_WRITE_CREDENTIAL", "operator": "MEDIALANE_OPERATOR_CREDENTIAL"}

_ROUND = 1.0  # seconds between two looks at what is up

_TARGET = """\
# A rehearsal on this machine: it goes when `medialane rehearsal` ends.
schema = 1
name = "{name}"
claims = [{claims}]
offers = [{offers}]

[reach]
base_url = "{base_url}"
environment = "dev"
allowed_hosts = ["{host}"]

[credentials]
write = "{write}"
operator = "{operator}"

[bucket]
name = "{bucket}"
region = "{region}"
endpoint = "{endpoint}"

[bucket.operator]
access_key = "{access_key}"
secret_key = "{secret_key}"
"""


def stay_up(target: Target, output: Path, say: Callable[[str], None]) -> None:
    """Keeps a rehearsal up until SIGINT or SIGTERM, and says how it is used. Raises Refused; also when a part of it ends."""
    with _until_told() as told:
        try:
            with kept(target, output) as rehearsal:
                say(f"{rehearsal.base_url} is up, with {' and '.join(rehearsal.described)}, until Ctrl-C. In another terminal:")
                say(f"  . {output / ENVIRONMENT_FILE}")
                say(f"  medialane run deployed-dev --target {output / TARGET_FILE}")
                while not told.wait(_ROUND):
                    _check_up(rehearsal)
        except StackError as error:
            raise Refused(str(error)) from None
    say("everything is gone again, but for the logs")


def _check_up(rehearsal: Rehearsal) -> None:
    if why := rehearsal.why_silent():
        raise StackError(why)


@contextlib.contextmanager
def kept(target: Target, output: Path) -> Iterator[Rehearsal]:
    """A rehearsal of a launched target, with its files in `output`: the target file and, as long as it is up, its environment.

    Raises Refused for a target that is only reached, or a folder that cannot be written to; StackError.
    """
    if not isinstance(target.how, Launch):
        raise Refused(f"{target.source}: a target that is reached is there already; a rehearsal needs one with [launch]")
    redactor, environment = Redactor(), output / ENVIRONMENT_FILE
    try:
        output.mkdir(parents=True, exist_ok=True)
        log = Log(output / "server.log", redactor)
    except OSError as error:
        raise no_place(output, error) from None
    with contextlib.ExitStack() as undo:
        undo.callback(log.close)
        watchdog = undo.enter_context(Watchdog())
        rehearsal = undo.enter_context(Rehearsal(target.how, target.build, output, redactor, watchdog, log))
        (output / TARGET_FILE).write_text(target_file(target, rehearsal), encoding="utf-8")
        watchdog.guard_file(environment)
        undo.callback(watchdog.forget_file, environment)
        undo.callback(environment.unlink, missing_ok=True)
        environment.unlink(missing_ok=True)  # one that is there may be for others to read
        environment.touch(mode=0o600)
        environment.write_text(environment_file(rehearsal), encoding="utf-8")
        yield rehearsal


def target_file(target: Target, rehearsal: Rehearsal) -> str:
    """The target as one that is reached (contracts/schemas/target.schema.json)."""
    bucket = rehearsal.deployment.bucket
    assert bucket is not None
    offers = target.capabilities & {"operator", "records", "pages"}
    return _TARGET.format(
        name=target.name,
        claims=_quoted(target.claims),
        offers=_quoted(sorted(offers)),
        base_url=rehearsal.base_url,
        host=rehearsal.deployment.distribution,
        bucket=bucket.name,
        region=bucket.region,
        endpoint=bucket.endpoint,
        access_key=OPERATOR.access_key,
        secret_key=OPERATOR.secret_key,
        **CREDENTIALS,
    )


def environment_file(rehearsal: Rehearsal) -> str:
    """What the target file refers to, and the authority behind the edge's certificate, as lines for a shell."""
    eyes = rehearsal.deployment.eyes
    assert eyes is not None
    values = {
        "REQUESTS_CA_BUNDLE": str(rehearsal.deployment.authority),
        **{CREDENTIALS[role]: credential for role, credential in rehearsal.credentials.items()},
        str(OPERATOR.access_key): eyes.key,
        str(OPERATOR.secret_key): eyes.secret,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in values.items())


@contextlib.contextmanager
def _until_told() -> Iterator[threading.Event]:
    """An event that is set by SIGINT or SIGTERM, which end nothing else meanwhile."""
    told = threading.Event()
    former = {number: signal.signal(number, lambda *_: told.set()) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield told
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)


def _quoted(names: tuple[str, ...] | list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
