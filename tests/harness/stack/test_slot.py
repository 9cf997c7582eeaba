from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from lanes.errors import Refused, StackError
from lanes.files import read_contract
from lanes.redact import Redactor
from lanes.stack.server import free_port
from lanes.stack.slot import Stack
from lanes.stack.watchdog import Watchdog
from lanes.target import Target
from tests.harness import samples
from tests.harness.processes import SERVES, gone, soon, written

TELLS_AND_SERVES = "import json, os\nprint(json.dumps([dict(os.environ), os.getcwd(), os.getpid()]))\n" + SERVES

# A run that has started a slot, says so, and would go on for ever.
RUN = """
import sys, time
from pathlib import Path
from lanes.redact import Redactor
from lanes.stack.slot import Stack
from lanes.stack.watchdog import Watchdog
from tests.harness import samples

folder = Path(sys.argv[1])
judged = samples.target(how=samples.launch(command=("{python}", "-S", str(folder / "server.py"))))
with Watchdog() as watchdog, Stack(0, samples.lane(), judged, folder, Redactor(), watchdog):
    print("up", flush=True)
    time.sleep(60)
"""


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of the test's own for what a slot makes."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder))
    return folder


@pytest.fixture(scope="module")
def watchdog() -> Iterator[Watchdog]:
    with Watchdog() as made:
        yield made


def judged(folder: Path, program: str = TELLS_AND_SERVES, **changed: Any) -> Target:
    path = written(folder, program)
    launch = samples.launch(**{"command": ("{python}", "-S", str(path))} | changed)
    return samples.target(how=launch)


@pytest.fixture(scope="module")
def redactor() -> Redactor:
    """What the slot below has learnt."""
    return Redactor()


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory, watchdog: Watchdog, redactor: Redactor) -> Iterator[Stack]:
    """A slot that is up, for tests that start nothing of their own."""
    folder = tmp_path_factory.mktemp("slot")
    with Stack(0, samples.lane(), judged(folder), folder, redactor, watchdog) as made:
        yield made


@contextlib.contextmanager
def stacked(folder: Path, watchdog: Watchdog, target: Target, redactor: Redactor | None = None) -> Iterator[Stack]:
    with Stack(0, samples.lane(), target, folder, redactor or Redactor(), watchdog) as stack:
        yield stack


def test_a_launched_target_answers_at_its_place_with_credentials_of_this_run(tmp_path: Path, watchdog: Watchdog) -> None:
    seen: list[str] = []
    for _ in range(2):
        with stacked(tmp_path, watchdog, judged(tmp_path)) as stack:
            host, _, port = stack.place.base_url.removeprefix("http://").partition(":")
            socket.create_connection((host, int(port))).close()
            assert stack.place.credentials.keys() == {"write", "operator"}
            seen.extend(stack.place.credentials.values())
    assert len(set(seen)) == 4


def test_a_target_is_given_what_the_lane_says(tmp_path: Path, watchdog: Watchdog, temporary: Path) -> None:
    redactor = Redactor()
    with stacked(tmp_path, watchdog, judged(tmp_path), redactor) as stack:
        told = (tmp_path / "server.log").read_text(encoding="utf-8").splitlines()[0]
        environment, folder, pid = json.loads(told)
        base_url = stack.place.base_url
        assert Path(folder).parent == temporary
        assert Path(folder).stat().st_mode & 0o777 == 0o700
    listed = {setting["name"] for setting in read_contract("runtime.yaml")["settings"]}
    assert environment.pop("MEDIA_LOCATION").startswith("medialane-")
    assert {name: value for name, value in environment.items() if name in listed} == {
        "HOST": "127.0.0.1",
        "PORT": base_url.rpartition(":")[2],
        "APP_ENV": "test",
        "MEDIA_STORAGE_PROVIDER": "mocked",
        "MEDIA_EXECUTION_TARGET": "mocked",
        "MEDIA_PUBLIC_BASE_URL": base_url,
        "DATABASE_URL": f"sqlite:///{folder}/media.db",
        # Known to the run, and therefore not in its log.
        "MEDIA_WRITE_CREDENTIAL": "[redacted]",
        "MEDIA_OPERATOR_CREDENTIAL": "[redacted]",
    }
    assert soon(lambda: gone(pid))
    assert list(temporary.iterdir()) == []


def check_form(made: dict[str, str]) -> None:
    """Every required setting is there, and each is of the form that the contract asks for."""
    listed = {setting["name"]: setting for setting in read_contract("runtime.yaml")["settings"]}
    assert {name for name, setting in listed.items() if setting["required"]} <= made.keys() <= listed.keys()
    for name, value in made.items():
        assert re.search(listed[name].get("pattern", ""), value), name
        assert value in listed[name].get("allowed", [value]), name
    assert made["MEDIA_WRITE_CREDENTIAL"] != made["MEDIA_OPERATOR_CREDENTIAL"]


def test_settings_are_those_that_the_contract_lists_in_the_form_it_asks_for(tmp_path: Path, stack: Stack) -> None:
    made = stack.settings(tmp_path)
    check_form(made)
    assert not {"MEDIA_STATE_HOOKS", "MEDIA_BUILD"} & made.keys()


def test_state_hooks_build_and_port_are_as_the_target_file_says(tmp_path: Path, watchdog: Watchdog) -> None:
    port = free_port()
    target = dataclasses.replace(judged(tmp_path, port=port), capabilities=frozenset({"launch", "states"}), build="7")
    with stacked(tmp_path, watchdog, target) as stack:
        assert stack.place.base_url == f"http://127.0.0.1:{port}"
        made = stack.settings(tmp_path)
    check_form(made)
    assert (made["MEDIA_STATE_HOOKS"], made["MEDIA_BUILD"], made["PORT"]) == ("on", "7", str(port))


def test_settings_can_be_changed_and_the_public_base_follows_the_port(tmp_path: Path, stack: Stack) -> None:
    made = stack.settings(tmp_path, PORT="8099", APP_ENV="dev", MEDIA_LOCATION="other")
    assert (made["PORT"], made["APP_ENV"], made["MEDIA_LOCATION"]) == ("8099", "dev", "other")
    assert made["MEDIA_PUBLIC_BASE_URL"] == "http://127.0.0.1:8099"


SECRETS = [setting["name"] for setting in read_contract("runtime.yaml")["settings"] if setting["secret"]]


@pytest.mark.parametrize("name", SECRETS)
def test_a_secret_that_a_target_is_given_is_known_to_the_redactor(
    tmp_path: Path, stack: Stack, redactor: Redactor, name: str
) -> None:
    secret = f"hush-hush-{name.lower().replace('_', '-')}"
    value, told = {
        # Of these only a part is secret, and its shape gives it away.
        "DATABASE_URL": (
            f"postgresql://media:{secret}@127.0.0.1:5432/media",
            f"postgresql://media:{secret}@127.0.0.1:5432/media",
        ),
        "MEDIA_AZURE_CONNECTION_STRING": (f"AccountName=media;AccountKey={secret};", f"AccountKey={secret};"),
    }.get(name, (secret, secret))
    stack.settings(tmp_path, **{name: value})
    assert secret not in redactor.text(f"it says {told}")


def test_a_reached_target_is_where_its_file_says_with_the_credentials_of_the_environment(
    tmp_path: Path, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    # `Target.credentials` looks at the environment of the process unless it is given another.
    monkeypatch.setenv("ACME_WRITE", "wr1te-credential")
    redactor = Redactor()
    target = samples.reached(base_url="http://acme.example", credential_names=(("write", "ACME_WRITE"),))
    with stacked(tmp_path, watchdog, target, redactor) as stack:
        assert stack.place.base_url == "http://acme.example"
        assert stack.place.credentials == {"write": "wr1te-credential"}
        assert stack.place.polite
        assert redactor.text("wr1te-credential") == "[redacted]"
        assert stack.why_silent() is None
        with pytest.raises(StackError, match="'acme' is reached; only a launched one can be given settings"):
            stack.settings(tmp_path)


def test_a_reached_target_without_its_credential_is_refused(
    tmp_path: Path, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ACME_WRITE", raising=False)
    target = samples.reached(credential_names=(("write", "ACME_WRITE"),))
    with pytest.raises(Refused, match="ACME_WRITE is not set"), stacked(tmp_path, watchdog, target):
        raise AssertionError


@pytest.mark.parametrize(
    ("program", "changed"),
    [
        pytest.param("raise SystemExit('no database')", {}, id="dies"),
        pytest.param("import time; time.sleep(60)", {"timeout": 0.2}, id="never serves"),
        pytest.param("", {"command": ("medialane-no-such-program",)}, id="is not there"),
    ],
)
def test_a_target_that_does_not_come_up_leaves_nothing(
    tmp_path: Path, watchdog: Watchdog, temporary: Path, program: str, changed: dict[str, Any]
) -> None:
    with pytest.raises(StackError), stacked(tmp_path, watchdog, judged(tmp_path, program, **changed)):
        raise AssertionError
    assert list(temporary.iterdir()) == []


def test_one_more_process_can_be_started_with_settings_of_its_own(tmp_path: Path, watchdog: Watchdog, temporary: Path) -> None:
    with stacked(tmp_path, watchdog, judged(tmp_path)) as stack, stack.folder() as folder:
        settings = stack.settings(folder, APP_ENV="dev")
        with stack.process(settings, folder) as server:
            server.wait_ready()
            assert server.base_url != stack.place.base_url
            assert soon(lambda: '"APP_ENV": "dev"' in server.last_lines)
            assert len(list(temporary.iterdir())) == 2
        assert gone(server.pid)
        assert stack.why_silent() is None
    assert list(temporary.iterdir()) == []


def test_why_a_target_is_silent_is_told_once_it_has_ended(tmp_path: Path, watchdog: Watchdog) -> None:
    dies_when_asked = SERVES.replace(
        'print("asked for", self.path)', 'print("asked"); os._exit(9) if self.path == "/die" else None'
    )
    with stacked(tmp_path, watchdog, judged(tmp_path, dies_when_asked)) as stack:
        assert stack.why_silent() is None
        host, _, port = stack.place.base_url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(b"GET /die HTTP/1.0\r\n\r\n")
            connection.recv(1)
        why = stack.why_silent()
    assert why is not None
    assert why.startswith("the target ended with exit code 9; its last lines:\n")
    assert why.endswith("asked")


def test_a_folder_of_the_run_is_gone_after_use_also_when_something_breaks(stack: Stack, temporary: Path) -> None:
    with contextlib.suppress(KeyError), stack.folder() as folder:
        (folder / "deep").mkdir()
        (folder / "deep" / "file").write_bytes(b"x")
        assert list(temporary.iterdir()) == [folder]
        raise KeyError
    assert list(temporary.iterdir()) == []


def test_time_spent_waiting_adds_up(stack: Stack) -> None:
    for _ in range(2):
        with stack.waiting():
            sum(range(100_000))
    assert stack.waited > 0
    was = stack.waited
    with pytest.raises(KeyError), stack.waiting():
        raise KeyError
    assert stack.waited > was


def test_a_slot_whose_run_is_killed_leaves_neither_target_nor_folder(tmp_path: Path, temporary: Path) -> None:
    written(tmp_path, TELLS_AND_SERVES)
    with subprocess.Popen([sys.executable, "-c", RUN, str(tmp_path)], stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout is not None
            assert run.stdout.readline() == "up\n"
            pid = json.loads((tmp_path / "server.log").read_text(encoding="utf-8").splitlines()[0])[2]
            assert not gone(pid)
            assert len(list(temporary.iterdir())) == 1
        finally:
            run.send_signal(signal.SIGKILL)
    assert soon(lambda: gone(pid) and not list(temporary.iterdir()))
