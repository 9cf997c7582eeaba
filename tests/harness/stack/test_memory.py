from __future__ import annotations

import subprocess
import sys

import pytest

from lanes.errors import StackError
from lanes.stack.memory import peak


def test_the_peak_of_a_group_is_what_its_processes_have_needed() -> None:
    program = (
        "import sys; kept = bytes(120_000_000) and bytearray(b'1') * 120_000_000; del kept; print(flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        found = peak(process.pid)
        process.terminate()
    assert 120_000_000 < found < 400_000_000


def test_a_group_that_is_gone_has_no_peak() -> None:
    with pytest.raises(StackError, match="cannot be read"):
        peak(2**22 + 1)
