from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING

from reference_impl.logs import JSONLines
from tests.reference_impl.settings import WRITE

if TYPE_CHECKING:
    import pytest

    from tests.reference_impl.service import Service


def test_a_request_is_logged_by_its_template_and_without_what_it_held(
    service: Service, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "reference_impl")
    service.client("PATCH", "/artists/some-id?token=hunter2", credential=WRITE, json={"name": "hunter2"})
    (record,) = [record for record in caplog.records if record.message == "request"]
    line = JSONLines().format(record)
    logged = json.loads(line)
    assert (logged["method"], logged["path"], logged["status"]) == ("PATCH", "/artists/{artistID}", 404)
    assert logged["milliseconds"] >= 0
    assert len(logged["request"]) == 32
    assert not any(secret in line for secret in ("hunter2", WRITE, "some-id"))


def test_an_unknown_path_is_logged_without_the_path(service: Service, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "reference_impl")
    service.client("GET", "/secret/place")
    logged = json.loads(JSONLines().format(caplog.records[-1]))
    assert (logged["path"], logged["status"]) == (None, 404)


def test_an_exception_is_logged_on_the_same_line() -> None:
    try:
        int("torn")
    except ValueError as error:
        trace = (ValueError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "", 0, "failed: %s", ("why",), trace)
    line = JSONLines().format(record)
    assert "\n" not in line
    logged = json.loads(line)
    assert (logged["level"], logged["message"]) == ("error", "failed: why")
    assert "torn" in logged["exception"]
