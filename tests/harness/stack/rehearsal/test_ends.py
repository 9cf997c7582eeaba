"""However a rehearsal ends, nothing of it is left; and what does not start says why."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from lanes.errors import StackError
from lanes.stack import services
from lanes.stack.rehearsal import LOGS, REQUESTS, buckets, edge
from tests.harness.processes import descendants, gone, soon
from tests.harness.stack.rehearsal.deployments import REFERENCE, up

# A rehearsal whose owner is about to be killed.
OWNER = """
import sys, time
from pathlib import Path
from tests.harness.stack.rehearsal.deployments import up

with up(Path(sys.argv[1])) as deployed:
    print("up", flush=True)
    time.sleep(600)
"""


def sockets(processes: list[psutil.Process]) -> list[Path]:
    """The files of the sockets that SeaweedFS makes outside its folder."""
    found: set[Path] = set()
    for each in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            found |= {Path(str(end.laddr)) for end in each.net_connections("unix") if "/seaweedfs-" in str(end.laddr)}
    return sorted(found)


@contextlib.contextmanager
def owner(output: Path) -> Iterator[subprocess.Popen[str]]:
    """A process with a rehearsal that is up."""
    command = [sys.executable, "-c", OWNER, str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=REFERENCE.folder) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "up\n"
            yield process
        finally:
            process.kill()


def test_nothing_is_left_after_the_end(tmp_path: Path, temporary: Path) -> None:
    before = {each.pid for each in descendants()}
    with up(tmp_path) as deployed:
        there = [each for each in descendants() if each.pid not in before]
        stray = sockets(there)
        assert len(stray) == 4
        assert len(list(temporary.iterdir())) == 1
        secrets = [deployed.rehearsal.admin.secret, *deployed.rehearsal.credentials.values()]
    assert [each for each in there if not gone(each.pid)] == []
    assert [each for each in stray if each.exists()] == []
    kept = {path.name: path.read_text(encoding="utf-8") for path in tmp_path.iterdir()}
    assert {"server.log", "seaweedfs.log", REQUESTS} <= kept.keys() <= {"server.log", REQUESTS, *LOGS.values()}
    assert kept.keys() - {"server.log"} <= set(services.LOGS)  # which the next run into the same folder removes
    assert deployed.rehearsal.access_log == tmp_path / REQUESTS
    assert not [name for name, text in kept.items() if any(secret in text for secret in secrets)]


def test_nothing_is_left_after_an_error(tmp_path: Path, temporary: Path) -> None:
    before: set[int] = {each.pid for each in descendants()}
    there: list[psutil.Process] = []

    def goes_wrong() -> None:
        with up(tmp_path):
            there.extend(each for each in descendants() if each.pid not in before)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        goes_wrong()
    assert there
    assert [each for each in there if not gone(each.pid)] == []
    assert list(temporary.iterdir()) == []


def test_nothing_is_left_when_the_owner_is_killed(tmp_path: Path, temporary: Path) -> None:
    with owner(tmp_path) as process:
        there = [*psutil.Process(process.pid).children(recursive=True)]
        stray = sockets(there)
        assert len(stray) == 4
        assert list(temporary.iterdir()) != []
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
    assert soon(lambda: all(gone(each.pid) for each in there))
    assert soon(lambda: not any(each.exists() for each in stray))
    assert soon(lambda: list(temporary.iterdir()) == [])


@pytest.mark.usefixtures("temporary")
def test_a_target_that_ends_says_why(tmp_path: Path) -> None:
    launch = replace(REFERENCE, command=(sys.executable, "-c", "raise SystemExit('no such thing as a target')"))
    with pytest.raises(StackError, match=r"(?s)ended with exit code 1.*no such thing as a target"), up(tmp_path, launch):
        pass


@pytest.mark.usefixtures("temporary")
def test_an_edge_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(edge, "configuration", lambda *_: "nonsense here;")
    with (
        pytest.raises(StackError, match=r'(?s)nginx 1.31.3 \(process\) ended with.*unknown directive "nonsense"'),
        up(tmp_path),
    ):
        pass


@pytest.mark.usefixtures("temporary")
def test_a_part_that_is_gone_is_not_the_target_s_fault(tmp_path: Path) -> None:
    before = {each.pid for each in descendants()}
    with up(tmp_path) as deployed:
        (weed,) = (each for each in descendants() if each.pid not in before and each.name() == "weed")
        weed.kill()
        os.waitid(os.P_PID, weed.pid, os.WEXITED | os.WNOWAIT)  # all its threads, and left for its parent to see
        with pytest.raises(StackError, match=r"SeaweedFS 4.48 \(process\) ended with exit code -9"):
            deployed.rehearsal.why_silent()


@pytest.mark.usefixtures("temporary")
def test_a_bucket_that_is_open_shows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets, "close", opened)
    with up(tmp_path) as deployed:
        bucket = deployed.rehearsal.deployment.bucket
        assert bucket is not None
        key = urlsplit(deployed.src).path
        assert requests.get(f"{bucket.endpoint}/{bucket.name}{key}", timeout=5).status_code == 200


def opened(s3: Any, bucket: str) -> None:
    """In place of a bucket that is closed: one that everybody may read."""
    everybody = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{bucket}/*"}
    document = str({"Version": "2012-10-17", "Statement": [everybody]}).replace("'", '"')
    s3.put_bucket_policy(Bucket=bucket, Policy=document)
