"""Whom the browser reaches and whom it does not, and that nothing of it is left."""

from __future__ import annotations

import json
import os
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
import trustme
from playwright.sync_api import Error, Page

from lanes.errors import StackError
from lanes.stack.browser import DESKTOP, GIVEN, Browser
from lanes.stack.watchdog import Watchdog
from tests.browsing.site import Site, doorbell, page
from tests.harness.processes import descendants, gone, soon, temporary_folders
from tests.harness.servers import serving

_FETCH = "(url) => fetch(url, {mode: 'no-cors'}).then(() => 'reached', () => 'not reached')"
_NOBODYS = "203.0.113.7"  # an address for documentation (RFC 5737): nobody has it
_OPENS = """
import sys, time
from lanes.stack.browser import DESKTOP, Browser
from lanes.stack.watchdog import Watchdog

with Watchdog() as watchdog, Browser([sys.argv[1]], watchdog) as browser, browser.looking(DESKTOP, 5) as context:
    context.new_page().goto(sys.argv[1])
    print("open", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def scratch(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Where temporary folders are made."""
    with temporary_folders(monkeypatch) as made:
        yield made


def opened(browser: Browser, url: str) -> str:
    """What comes of going there: reached, or why not."""
    with browser.looking(DESKTOP, 5) as context:
        try:
            context.new_page().goto(url)
        except Error as error:
            return str(error).splitlines()[0]
        return "reached"


def test_hosts_that_are_not_on_the_list_are_not_reached(
    site: Site, second_site: Site, watchdog: Watchdog, monkeypatch: pytest.MonkeyPatch
) -> None:
    with doorbell() as (port, rung):
        # A proxy of the environment has no say either.
        for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{port}")
        origins = [site.base_url, second_site.base_url]
        with Browser(origins, watchdog) as browser, browser.looking(DESKTOP, 5) as context:
            here = context.new_page()
            here.goto(site.show("<p>Hello.</p>"))
            assert [here.evaluate(_FETCH, origin) for origin in origins] == ["reached"] * 2
            found = {url: _tried(here, url) for url in _elsewhere(port)}
    assert set(found.values()) == {"not reached"}, found
    assert rung == []


def _elsewhere(port: int) -> list[str]:
    hosts = ("127.0.0.1", "127.0.0.2", "localhost", "medialane.localhost", "[::1]", "[::ffff:127.0.0.1]", "0.0.0.0")  # noqa: S104
    others = (f"http://{_NOBODYS}/", f"https://{_NOBODYS}/", "http://medialane.example/", "http://[2001:db8::7]/")
    return [*(f"http://{host}:{port}/" for host in hosts), *others]


def _tried(here: Page, url: str) -> str:
    by_script = str(here.evaluate(_FETCH, url))
    there = here.context.new_page()
    try:
        there.goto(url)
    except Error:
        return by_script
    finally:
        there.close()
    return "reached"


def test_a_certificate_is_held_against_the_authority_and_no_other(site: Site, watchdog: Watchdog, tmp_path: Path) -> None:
    ours, theirs = trustme.CA(), trustme.CA()
    file = tmp_path / "authority.pem"
    ours.cert_pem.write_to_path(str(file))
    with (
        serving(lambda _: page("<p>Ours."), secured=_secured(ours)) as known,
        serving(secured=_secured(theirs)) as unknown,
        serving(secured=_secured(ours, "medialane.example")) as elsewhere,
    ):
        origins = [known.base_url, unknown.base_url, elsewhere.base_url, site.base_url]
        with Browser(origins, watchdog, str(file)) as browser:
            assert opened(browser, known.base_url) == "reached"
            for wrong in (unknown, elsewhere):
                assert "net::ERR_CERT_" in opened(browser, wrong.base_url)
            with browser.looking(DESKTOP, 5) as context:
                here = context.new_page()
                here.goto(known.base_url)
                assert here.evaluate(_FETCH, unknown.base_url) == "not reached"
        reached = len(known.asked)
        with Browser(origins, watchdog) as browser:
            assert "ERR_CERT_AUTHORITY_INVALID" in opened(browser, known.base_url)
        assert len(known.asked) == reached > 0
        assert unknown.asked == elsewhere.asked == []


def _secured(authority: trustme.CA, host: str = "127.0.0.1") -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(host).configure_cert(context)
    return context


def test_nothing_is_left_of_a_browser_that_was_used(site: Site, scratch: Path) -> None:
    environment = dict(os.environ)
    with Watchdog() as watchdog:
        before = {each.pid for each in descendants()}
        with Browser([site.base_url], watchdog) as browser:
            assert opened(browser, site.show("<p>Hello.</p>")) == "reached"
            started = [each for each in descendants() if each.pid not in before]
            assert len(started) > 2
            assert browser.described.startswith("Chromium ")
            assert dict(os.environ) == environment
            assert list(scratch.iterdir())
        assert soon(lambda: all(gone(each.pid) for each in started))
        assert list(scratch.iterdir()) == []


def test_nothing_is_left_of_a_browser_whose_run_is_killed(site: Site, scratch: Path) -> None:
    url = site.show("<p>Hello.</p>")
    with subprocess.Popen([sys.executable, "-c", _OPENS, url], stdout=subprocess.PIPE, text=True) as run:
        try:
            assert run.stdout
            assert run.stdout.readline() == "open\n"
            started = psutil.Process(run.pid).children(recursive=True)
            assert any("chrom" in each.name() for each in started)
            assert list(scratch.iterdir())
        finally:
            run.kill()
    assert soon(lambda: all(gone(each.pid) for each in started))
    assert soon(lambda: not list(scratch.iterdir()))


def test_what_does_not_start_is_an_error_and_nothing_is_left_of_it(
    watchdog: Watchdog, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = scratch.parent / f"{scratch.name}-no-browser"
    program.write_text("#!/bin/sh\nexit 3\n", encoding="utf-8")
    program.chmod(0o755)
    monkeypatch.setenv(GIVEN, str(program))
    before = {each.pid for each in descendants()}
    try:
        with (
            pytest.raises(StackError, match=rf"{program.name} does not start: .*playwright install chromium"),
            Browser((), watchdog),
        ):
            pass
    finally:
        program.unlink()
    assert soon(lambda: {each.pid for each in descendants()} <= before)
    assert list(scratch.iterdir()) == []


def test_nobody_outside_of_this_machine_is_asked_for_anything(site: Site, watchdog: Watchdog, tmp_path: Path) -> None:
    log = tmp_path / "net.json"
    outside = (
        "http://medialane.example/a.png",
        f"http://{_NOBODYS}/b.png",
        f"https://{_NOBODYS}/c.png",
        "//[2001:db8::7]/d.png",
    )
    body = "".join(f'<img src="{url}"><link rel="preconnect" href="{url}">' for url in outside)
    socket = f"<script>new WebSocket('ws://{_NOBODYS}/'); fetch('http://localhost./')</script>"
    with Browser([site.base_url], watchdog, extra=(f"--log-net-log={log}",)) as browser, browser.looking(DESKTOP, 5) as context:
        here = context.new_page()
        here.goto(site.show(body + socket))
        here.wait_for_timeout(1500)
    told = json.loads(log.read_text(encoding="utf-8"))
    names = {number: name for name, number in told["constants"]["logEventTypes"].items()}
    events = [(names[each["type"]], each.get("params", {})) for each in told["events"]]
    attempts = {params["address"] for name, params in events if name == "TCP_CONNECT_ATTEMPT" and "address" in params}
    assert site.base_url.removeprefix("http://") in attempts
    assert {address.rpartition(":")[0] for address in attempts} == {"127.0.0.1"}
    assert [params for name, params in events if name.startswith("UDP_BYTES_SENT")] == []
    assert [params for name, params in events if name == "DNS_TRANSACTION_RESPONSE"] == []
    # Whatever was resolved by others would have come with addresses.
    resolved = [params for name, params in events if name.startswith("HOST_RESOLVER_") and params.get("address_list")]
    assert resolved == []
    assert {each.path for each in site.asked} == {"/page"}
