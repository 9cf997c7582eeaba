from __future__ import annotations

import contextlib
import itertools
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lanes.errors import StackError
from lanes.files import read_contract
from lanes.redact import Redactor
from lanes.stack import server as module
from lanes.stack.server import Log, Server, free_port, serving
from lanes.stack.watchdog import Watchdog
from tests.harness import samples
from tests.harness.processes import SERVES, gone, soon, written
from tests.harness.servers import serving as somebody_serving

CREDENTIAL = "wr1te-credential"
TELLS = "import json, os, sys; print(json.dumps([dict(os.environ), os.getcwd(), sys.executable]))"
# It says so once, and nothing of who asks.
NEVER_WELL = (
    SERVES.replace('"serving"', '"thinking"').replace("(200)", "(503)").replace('print("asked for", self.path)', "pass")
)


@pytest.fixture(scope="module")
def watchdog() -> Iterator[Watchdog]:
    with Watchdog() as made:
        yield made


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    made = Log(tmp_path / "server.log", Redactor([CREDENTIAL]))
    yield made
    made.close()


@contextlib.contextmanager
def launched(
    home: Path, log: Log, watchdog: Watchdog, program: str, given: Mapping[str, str] | None = None, **changed: Any
) -> Iterator[Server]:
    """A target that is this program, with a folder of the run's own to start in."""
    written(home, program)
    settings = {"HOST": "127.0.0.1", "PORT": str(free_port())} | dict(given or {})
    launch = samples.launch(**{"command": ("{python}", "-S", "server.py")} | changed)
    with serving(launch, settings, home, log, watchdog) as server:
        yield server


def refusal(server: Server) -> str:
    with pytest.raises(StackError) as error:
        server.wait_ready()
    return str(error.value)


def told(server: Server) -> Any:
    """What a target that tells about itself has told."""
    assert server.wait_exit(10) == 0
    return json.loads(server.last_lines)


def test_a_target_that_serves_is_ready_and_gone_after_use(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    with launched(tmp_path, log, watchdog, SERVES) as server:
        server.wait_ready()
        assert server.exit_code is None
        port = int(server.base_url.rpartition(":")[2])
        socket.create_connection(("127.0.0.1", port)).close()
    assert gone(server.pid)
    assert server.exit_code == -signal.SIGTERM
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))
    assert (tmp_path / "server.log").read_text(encoding="utf-8").startswith("serving\n")


def test_the_path_that_tells_that_it_serves_is_the_one_of_the_target_file(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    with launched(tmp_path, log, watchdog, SERVES, ready="/up?deep=yes") as server:
        server.wait_ready()
        assert soon(lambda: "asked for /up?deep=yes" in server.last_lines)
    assert "/healthz" not in server.last_lines


def test_a_target_is_waited_for_until_it_answers_200(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    program = SERVES.replace("class Handler", "replies = iter([503, 404, 302, 204])\nclass Handler")
    program = program.replace("self.send_response(200)", "self.send_response(next(replies, 200))")
    with launched(tmp_path, log, watchdog, program) as server:
        server.wait_ready()
        assert soon(lambda: server.last_lines.count("asked for /healthz") == 5)


def test_a_target_that_dies_is_told_with_its_exit_code_and_its_last_words(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    program = f"import sys; print('no database:', {CREDENTIAL!r}); print('giving up', file=sys.stderr); sys.exit(7)"
    with launched(tmp_path, log, watchdog, program) as server:
        message = refusal(server)
    assert message == "the target ended with exit code 7 before it served; its last lines:\nno database: [redacted]\ngiving up"
    assert (tmp_path / "server.log").read_text(encoding="utf-8") == "no database: [redacted]\ngiving up\n"


def test_a_target_that_dies_without_a_word_is_told_as_that(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    with launched(tmp_path, log, watchdog, "raise SystemExit(3)") as server:
        assert refusal(server) == "the target ended with exit code 3 before it served; it wrote nothing"


def test_only_the_last_lines_are_told_and_all_are_logged(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    with launched(tmp_path, log, watchdog, "for number in range(100): print('line', number)") as server:
        message = refusal(server)
    assert message.endswith("line 98\nline 99")
    assert "line 60\n" in message
    assert "line 59\n" not in message
    assert len((tmp_path / "server.log").read_text(encoding="utf-8").splitlines()) == 100


@pytest.mark.parametrize(
    "program",
    [
        pytest.param("import time; print('thinking', flush=True); time.sleep(60)", id="listens to nobody"),
        pytest.param(
            "import os, socket, time; print('thinking', flush=True)\n"
            "listener = socket.create_server((os.environ['HOST'], int(os.environ['PORT']))); time.sleep(60)",
            id="accepts and says nothing",
        ),
        pytest.param(NEVER_WELL, id="is never well"),
    ],
)
def test_a_target_that_never_serves_is_given_up_on(tmp_path: Path, log: Log, watchdog: Watchdog, program: str) -> None:
    began = time.monotonic()
    with launched(tmp_path, log, watchdog, program, timeout=1) as server:
        message = refusal(server)
    assert f"the target did not serve {server.base_url}/healthz within 1 s; its last lines:\nthinking" in message
    assert time.monotonic() - began < 5
    assert gone(server.pid)


def test_a_target_whose_answer_does_not_end_is_no_trouble(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    # It has said 200; what follows is of no interest here.
    program = SERVES.replace('"Content-Length", "0"', '"X-Stream", "yes"').replace(
        "self.end_headers()",
        "self.end_headers()\n        import time\n        for _ in range(30):\n"
        "            self.wfile.write(b'.')\n            time.sleep(0.1)",
    )
    with launched(tmp_path, log, watchdog, program, timeout=1) as server:
        began = time.monotonic()
        server.wait_ready()
        assert time.monotonic() - began < 2


def test_a_target_whose_port_somebody_else_has_is_not_taken_for_them(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    # It takes a while to start, as most do, and then finds that it cannot.
    program = "import time; time.sleep(0.3)\n" + SERVES
    with somebody_serving() as somebody:
        port = somebody.base_url.rpartition(":")[2]
        with pytest.raises(StackError) as error, launched(tmp_path, log, watchdog, program, {"PORT": port}) as server:
            server.wait_ready()
    assert port in str(error.value)


def test_a_command_that_is_not_there_is_told_by_its_name(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    command = ("medialane-no-such-program", "--serve")
    told = "the target cannot be launched: medialane-no-such-program: No such file or directory"
    with pytest.raises(StackError, match=told), launched(tmp_path, log, watchdog, "", command=command):
        raise AssertionError


def test_a_command_that_may_not_be_run_is_told_by_its_name(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    command = (str(tmp_path / "server.py"),)
    with (
        pytest.raises(StackError, match=r"server\.py: Permission denied"),
        launched(tmp_path, log, watchdog, "", command=command),
    ):
        raise AssertionError


def test_a_folder_that_is_not_there_is_told_by_its_name(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    nowhere = tmp_path / "nowhere"
    with pytest.raises(StackError, match="nowhere"), launched(tmp_path, log, watchdog, "", folder=nowhere):
        raise AssertionError


def test_a_target_starts_in_its_folder_or_in_the_one_of_the_run(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    own = tmp_path / "own"
    own.mkdir()
    written(own, TELLS)
    with launched(tmp_path, log, watchdog, TELLS) as server:
        assert told(server)[1] == str(tmp_path)
    with launched(tmp_path, log, watchdog, TELLS, folder=own) as server:
        assert told(server)[1] == str(own)


def test_python_stands_for_the_interpreter_of_the_run(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    with launched(tmp_path, log, watchdog, TELLS) as server:
        assert Path(told(server)[2]).samefile(sys.executable)


def test_settings_of_the_contract_come_from_the_lane_alone(
    tmp_path: Path, log: Log, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [setting["name"] for setting in read_contract("runtime.yaml")["settings"]]
    for name in names:
        monkeypatch.setenv(name, "of the shell")
    monkeypatch.setenv("ACME_MODE", "of the shell")
    monkeypatch.setenv("ACME_LEVEL", "of the shell")
    # What the run itself was given leads past the gateway, and holds secrets.
    monkeypatch.setenv("MEDIALANE_AZURE_CONNECTION_STRING", "AccountKey=hunter2")
    settings = {"APP_ENV": "test"}
    with launched(tmp_path, log, watchdog, TELLS, settings, settings=(("ACME_LEVEL", "of the file"),)) as server:
        environment = told(server)[0]
    assert {name: environment[name] for name in names if name in environment} == {
        "HOST": "127.0.0.1",
        "PORT": environment["PORT"],
        "APP_ENV": "test",
    }
    assert (environment["ACME_MODE"], environment["ACME_LEVEL"]) == ("of the shell", "of the file")
    assert environment["PYTHONUNBUFFERED"] == "1"
    assert not [name for name in environment if name.startswith("MEDIALANE_")]


def test_a_target_reads_nothing_from_the_terminal(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    with launched(tmp_path, log, watchdog, "import sys; print(repr(sys.stdin.read()))") as server:
        assert server.wait_exit(10) == 0
        assert server.last_lines == "''"


def test_waiting_for_an_exit_tells_the_code_or_that_there_is_none(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    with launched(tmp_path, log, watchdog, "raise SystemExit(78)") as server:
        assert server.wait_exit(10) == 78
        assert server.exit_code == 78
    with launched(tmp_path, log, watchdog, SERVES) as server:
        began = time.monotonic()
        assert server.wait_exit(0.1) is None
        assert time.monotonic() - began < 2


def test_stopping_ends_the_children_of_a_target_too(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    program = (
        "import subprocess, sys\nprint(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']).pid)\n" + SERVES
    )
    with launched(tmp_path, log, watchdog, program) as server:
        server.wait_ready()
        child = int(server.last_lines.splitlines()[0])
        assert not gone(child)
    assert soon(lambda: gone(child))


def test_a_target_that_will_not_end_is_killed(
    tmp_path: Path, log: Log, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_GRACE", 0.3)
    program = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SERVES
    with launched(tmp_path, log, watchdog, program) as server:
        server.wait_ready()
        began = time.monotonic()
    assert server.exit_code == -signal.SIGKILL
    assert 0.3 <= time.monotonic() - began < 3


def test_a_stray_child_that_keeps_the_output_open_does_not_hold_up_the_run(
    tmp_path: Path, log: Log, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_GRACE", 0.3)
    stray = "[sys.executable, '-c', 'import time; time.sleep(5)'], start_new_session=True"
    program = f"import subprocess, sys\nprint(subprocess.Popen({stray}).pid)\n" + SERVES
    with launched(tmp_path, log, watchdog, program) as server:
        server.wait_ready()
        began = time.monotonic()
    seconds = time.monotonic() - began
    with contextlib.suppress(ProcessLookupError):
        os.kill(int(server.last_lines.splitlines()[0]), signal.SIGKILL)
    assert seconds < 3


class Noting(Watchdog):
    """A watchdog that notes what it was told."""

    def __init__(self) -> None:
        super().__init__()
        self.notes: list[tuple[str, int]] = []

    def guard_group(self, group: int) -> None:
        self.notes.append(("guard", group))
        super().guard_group(group)

    def forget_group(self, group: int) -> None:
        self.notes.append(("forget", group))
        super().forget_group(group)


def test_a_target_is_guarded_until_it_has_ended(tmp_path: Path, log: Log) -> None:
    # Afterwards its ID may be that of somebody else's group.
    noting = Noting()
    with noting, launched(tmp_path, log, noting, SERVES) as server:
        server.wait_ready()
        assert noting.notes == [("guard", server.pid)]
        server.stop()
        assert gone(server.pid)
        assert noting.notes == [("guard", server.pid), ("forget", server.pid)]


def test_output_in_another_encoding_is_logged_as_well_as_it_goes(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    with launched(tmp_path, log, watchdog, r"import os; os.write(1, b'caf\xe9 \xff\ncaf\xc3\xa9\n')") as server:
        assert server.wait_exit(10) == 0
    assert (tmp_path / "server.log").read_text(encoding="utf-8") == "caf\ufffd \ufffd\ncafé\n"


def test_a_log_is_written_at_once_and_without_secrets(tmp_path: Path, log: Log) -> None:
    assert log.line(f"the token is {CREDENTIAL}\n") == "the token is [redacted]"
    assert log.line("Cookie: a=b") == "Cookie: [redacted]"
    assert (tmp_path / "server.log").read_text(encoding="utf-8") == "the token is [redacted]\nCookie: [redacted]\n"


def test_a_private_key_is_kept_out_of_the_log_line_by_line(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqh\nkiG9w0BAQEFAASCBK\n-----END PRIVATE KEY-----\nafterwards\n"
    with launched(tmp_path, log, watchdog, f"print({key!r})") as server:
        server.wait_exit(10)
    for text in (server.last_lines, (tmp_path / "server.log").read_text(encoding="utf-8")):
        assert "MIIEvQIBADANBgkqh" not in text
        assert "kiG9w0BAQEFAASCBK" not in text
        assert "afterwards" in text


def test_a_log_is_continued(tmp_path: Path) -> None:
    for word in ("one", "two"):
        log = Log(tmp_path / "again.log", Redactor())
        log.line(word)
        log.close()
    assert (tmp_path / "again.log").read_text(encoding="utf-8") == "one\ntwo\n"


def test_a_free_port_can_be_listened_on() -> None:
    port = free_port()
    with somebody_serving(port=port) as somebody:
        assert somebody.base_url.endswith(f":{port}")
        assert free_port() != port


def test_many_starts_side_by_side_take_no_port_from_each_other(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    def start(_: int) -> None:
        settings = {"HOST": "127.0.0.1", "PORT": str(free_port())}
        with serving(samples.launch(command=("true",)), settings, tmp_path, log, watchdog):
            pass

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(start, range(300))) == [None] * 300


def test_the_ready_path_is_asked_without_a_credential(tmp_path: Path, log: Log, watchdog: Watchdog) -> None:
    program = SERVES.replace('"asked for", self.path', '"headers", sorted(self.headers)')
    with launched(tmp_path, log, watchdog, program) as server:
        server.wait_ready()
        assert soon(lambda: "headers" in server.last_lines)
    assert "Authorization" not in server.last_lines
    assert "Cookie" not in server.last_lines


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere nobody can tell")
def test_a_port_that_was_given_out_is_given_to_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    mine, honest = free_port(), secrets.randbelow
    offers = itertools.chain([mine - 10_240] * 3, iter(lambda: honest(22_528), None))
    monkeypatch.setattr("lanes.stack.server.secrets.randbelow", lambda _: next(offers))
    assert free_port() != mine
    program = f"import socket; socket.socket(socket.AF_UNIX).bind('\\0medialane port {mine}')"
    another = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert "Address already in use" in another.stderr
