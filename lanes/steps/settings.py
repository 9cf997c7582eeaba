"""Steps about settings: those that are rejected, and those that a target says it runs with."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from pytest_bdd import then, when

from lanes.files import read_contract
from lanes.stack.server import free_port
from lanes.steps.world import World

_AT_ONCE = 4  # starts under way at the same time
_LINES = 3  # that one message may take
_TRACE = re.compile(
    r"Traceback \(most recent|File \"[^\"]+\", line \d+|^\s+at .+[:(]\d+|goroutine \d+|\bpanicked at\b|^Caused by:",
    re.MULTILINE,
)
_TRIED = {
    "APP_ENV": "production",
    "MEDIA_STORAGE_PROVIDER": "gcs",
    "MEDIA_EXECUTION_TARGET": "docker",
    "MEDIA_STATE_HOOKS": "yes",
}


@dataclass(frozen=True, slots=True)
class Rejectable:
    """Settings of which one is wrong: how it differs (None: absent), and what of what is allowed the message has to have."""

    setting: str
    value: str | None
    allowed: tuple[str, ...] = ()  # one of them, as a pattern
    secret: bool = False
    must: bool = True  # whether every target has to reject it

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.setting} missing"
        return f"{self.setting} empty" if not self.value else f"{self.setting}={self.value}"


@dataclass(frozen=True, slots=True)
class Rejection:
    """What became of such a start: the exit code (None: it served), what it said, and the secrets that it was given."""

    tried: Rejectable
    exit_code: int | None
    said: str
    secrets: Mapping[str, str]

    def __str__(self) -> str:
        return f"{self.tried}: exit code {self.exit_code}, it said: {self.said[-300:] or 'nothing'}"


class _Without(Mapping[str, str]):
    """Settings of which one is not passed on, although whoever waits for the port can still look it up."""

    def __init__(self, settings: Mapping[str, str], name: str) -> None:
        self._settings, self._name = settings, name

    def __getitem__(self, name: str) -> str:
        return self._settings[name]

    def __iter__(self) -> Iterator[str]:
        return (name for name in self._settings if name != self._name)

    def __len__(self) -> int:
        return len(self._settings) - 1


@when("the target is started with one setting wrong or missing at a time")
def _(world: World) -> None:
    world.notes["rejections"] = start_all(world, wrong_settings(world.provider) + incomplete_settings())


@then("each start ends with one message that says which, and what it should be")
def _(world: World) -> None:
    for rejection in world.notes["rejections"]:
        check_message(world, rejection)


@then("no start tells a secret")
def _(world: World) -> None:
    for rejection in world.notes["rejections"]:
        check_no_secret(world, rejection)


@then("the target says that it runs as it was asked to")
def _(world: World) -> None:
    check_runtime(world)


def wrong_settings(provider: str) -> list[Rejectable]:
    """A wrong value of every setting that has rules of its own, or does not go together with this provider."""
    listed = {each["name"]: each for each in read_contract("runtime.yaml")["settings"]}
    words = [Rejectable(name, value, tuple(listed[name]["allowed"])) for name, value in _TRIED.items()]
    return [
        *words,
        Rejectable(
            "MEDIA_EXECUTION_TARGET", "emulator" if provider == "mocked" else "mocked", ("mocked", "s3", "azure", "cloud")
        ),
        Rejectable("PORT", "0", ("65535",)),
        Rejectable("MEDIA_PUBLIC_BASE_URL", "https://media.example/with/a/path", ("https?",)),
        Rejectable("MEDIA_STORAGE_TIMEOUT_SECONDS", "1000", ("999",)),
        Rejectable("MEDIA_WRITE_CREDENTIAL", "short-and-known", ("16",), secret=True),
        Rejectable("MEDIA_OPERATOR_CREDENTIAL", "not for a header, with spaces", ("16",), secret=True),
        Rejectable("DATABASE_URL", f"database-{secrets.token_hex(6)}", secret=True, must=False),
    ]


def incomplete_settings() -> list[Rejectable]:
    """Every required setting, missing and empty: words are never empty, and an empty port cannot be waited for."""
    required = [each for each in read_contract("runtime.yaml")["settings"] if each["required"]]
    texts = [each["name"] for each in required if "allowed" not in each and each["name"] != "PORT"]
    return [Rejectable(each["name"], None) for each in required] + [Rejectable(name, "") for name in texts]


def start_all(world: World, wanted: list[Rejectable]) -> list[Rejection]:
    """Starts the target once with each, side by side."""
    due = [each for each in wanted if world.check.due("RUN-2", "incomplete" if not each.value else "names-setting")]
    with ThreadPoolExecutor(_AT_ONCE) as pool, world.stack.waiting():
        return list(pool.map(lambda each: _start(world, each), due))


def _start(world: World, wanted: Rejectable) -> Rejection:
    with world.stack.folder() as folder:
        nowhere = {"DATABASE_URL": f"sqlite:///{folder / 'media.db'}", "MEDIA_LOCATION": "medialane-nowhere"}
        settings: dict[str, str] = world.stack.settings(folder, PORT=str(free_port()), **nowhere)
        # Secrets that nobody has been told of, so that they would be seen in what a target says.
        given = {
            "MEDIA_WRITE_CREDENTIAL": f"writer-{secrets.token_hex(12)}",
            "MEDIA_OPERATOR_CREDENTIAL": f"operator-{secrets.token_hex(12)}",
            "AWS_ACCESS_KEY_ID": f"opener-{secrets.token_hex(8)}",
            "AWS_SECRET_ACCESS_KEY": f"secret-{secrets.token_hex(12)}",
            "AWS_SESSION_TOKEN": f"session-{secrets.token_hex(12)}",
            "MEDIA_AZURE_CONNECTION_STRING": f"AccountName=media;AccountKey={secrets.token_hex(12)}",
        }
        settings |= given
        if wanted.value is not None:
            settings[wanted.setting] = wanted.value
        if wanted.secret:
            given[wanted.setting] = str(wanted.value)
        passed = _Without(settings, wanted.setting) if wanted.value is None else settings
        with world.stack.process(passed, folder) as server:
            ended = server.settle()
            server.wait_exit(0.5 if ended is not None else 0)
            return Rejection(wanted, ended, server.last_lines, {name: value for name, value in given.items() if value})


def check_message(world: World, rejection: Rejection) -> None:
    """The exit code of the contract, and one message without a stack trace that names setting, value and what is allowed."""
    tried, said = rejection.tried, rejection.said
    code = read_contract("runtime.yaml")["exit_code"]
    if not tried.must and rejection.exit_code != code:
        return
    rejected = rejection.exit_code == code
    # Of settings that do not go together any one is the wrong one.
    together = (
        ("MEDIA_EXECUTION_TARGET", "MEDIA_STORAGE_PROVIDER", "APP_ENV")
        if tried.setting == "MEDIA_EXECUTION_TARGET" and tried.value in {"emulator", "mocked"}
        else (tried.setting,)
    )
    named = any(_names(said, each) for each in together)
    if not tried.value:
        world.check("RUN-2", "incomplete", rejected and named, f"{rejection}, should be rejected by name")
    else:
        world.check("RUN-2", "names-setting", rejected and named, f"{rejection}, should name the setting")
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    one = 0 < len(lines) <= _LINES and len(set(lines)) == len(lines) and not _TRACE.search(said)
    world.check("RUN-2", "one-message", one, f"{rejection}, should be one message")
    if tried.value and not tried.secret:
        shown = tried.value in said.replace("\\/", "/")
        world.check("RUN-2", "names-value", shown, f"{rejection}, should give the value")
    if tried.allowed:
        # Apart from the value itself, which may be what is allowed in other company.
        rest = said.replace(tried.setting, "").replace(str(tried.value), "")
        told = any(re.search(rf"(?<![A-Za-z0-9_])(?:{word})(?![a-z0-9])", rest) for word in tried.allowed)
        world.check("RUN-2", "names-allowed", told, f"{rejection}, should say that it may be {' or '.join(tried.allowed)}")


def check_no_secret(world: World, rejection: Rejection) -> None:
    """None of the secrets that it was given is in what it said, nor a part of one that would do."""
    said = rejection.said
    told = [name for name, value in rejection.secrets.items() if value in said or value[-12:] in said]
    # What looked like a secret is redacted before anybody can look at it.
    told += [name for name in rejection.secrets if re.search(rf"{name}\W{{1,5}}\[redacted\]", said)]
    world.check("RUN-2", "no-secret", not told, f"{rejection.tried}: it tells {', '.join(sorted(set(told)))}")


def _names(said: str, setting: str) -> bool:
    return re.search(rf"(?<![A-Z0-9_]){setting}(?![A-Z0-9_])", said) is not None


def check_runtime(world: World) -> None:
    """What the target reports is what the lane has asked for."""
    answer = world.client.call("readRuntime")
    found = answer.json if answer.status == 200 and isinstance(answer.json, dict) else {}
    lane, settings = world.check.plan.lane, world.stack.place.settings
    overridden = lane.provider == "s3" and bool(settings.get("MEDIA_S3_ENDPOINT"))
    overridden |= lane.provider == "azure" and "BlobEndpoint=" in settings.get("MEDIA_AZURE_CONNECTION_STRING", "")
    deployment = world.stack.place.deployment
    overridden |= bool(deployment and deployment.bucket and deployment.bucket.endpoint)
    for clause, field, wanted in (
        ("provider", "storageProvider", lane.provider),
        ("execution-target", "executionTarget", lane.execution_target),
        ("environment", "applicationEnvironment", lane.environment),
        ("endpoint", "endpoint", "override" if overridden else "default"),
    ):
        told = f"{answer}: {field} is {found.get(field)!r}, should be {wanted!r}"
        world.check("RUN-3", clause, found.get(field) == wanted, told, answer)
