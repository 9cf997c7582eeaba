"""What pages may send to a target that others use too: by real pages, to a real server that counts what arrives."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lanes.browsing.gate import Gate
from lanes.budget import OverBudget, Spending
from lanes.care import Care, NotOurs
from lanes.creations import Creations, Mark, mark_in, read_ledger
from lanes.profile import Budget
from lanes.stack.server import free_port
from tests.browsing.site import Site
from tests.harness.samples import RUN_ID
from tests.harness.servers import Asked, Reply

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

_JSON = {"Content-Type": "application/json"}
_CREATE = """
async (name) => {
  const sent = {method: "POST", headers: {"content-type": "application/json"}, body: JSON.stringify({name})};
  return (await fetch("/artists", sent)).json().catch(() => null);
}
"""
_PICTURE = """
(size) => {
  const form = new FormData();
  form.set("file", new File([new Uint8Array(size)], "a.png", {type: "image/png"}));
  return fetch("/artists/a1/media", {method: "POST", body: form}).then((answer) => answer.status, () => "not sent");
}
"""


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Creations]:
    made = Creations(tmp_path / f"ledger-{RUN_ID}.ndjson", RUN_ID)
    made.open("acme.toml", "https://acme.example", rehearsal=False)
    yield made
    made.close()


def behind(context: BrowserContext, site: Site, care: Care, headers: dict[str, str] | None = None) -> tuple[Gate, Page]:
    """A page of the site behind a gate that takes this care."""
    gate = Gate(care, site.base_url, headers or {})
    gate.stand_before(context)
    page = context.new_page()
    page.goto(site.show("<p>Hello.</p>"))
    return gate, page


def creating(asked: Asked) -> Reply:
    """Creates every artist as the same one."""
    return Reply(201, _JSON, json.dumps({"artist": {"ID": "a1", **json.loads(asked.body)}}).encode())


def sized(megabytes: int = 10, uploads: int = 10) -> Spending:
    return Spending(Budget(uploads=uploads, megabytes=megabytes, requests_per_minute=10_000))


@pytest.mark.parametrize(
    "write",
    [
        ('fetch("/w", {method: "POST", body: "x"}).catch(() => 0)'),
        ('fetch("/w", {method: "PUT", keepalive: true, body: "x"}).catch(() => 0)'),
        ('new Promise((done) => { const x = new XMLHttpRequest(); x.onloadend = done; x.open("DELETE", "/w"); x.send() })'),
        ('navigator.sendBeacon("/w", "x")'),
        ('document.body.innerHTML = "<form method=post action=/w><input name=a></form>"; document.forms[0].submit()'),
        ('new Worker(URL.createObjectURL(new Blob([`fetch("${origin}/w", {method: "POST"})`]))) && 0'),
    ],
    ids=["fetch", "keepalive", "xhr", "beacon", "form", "worker"],
)
def test_where_a_run_reads_only_a_write_of_a_page_reaches_nobody(context: BrowserContext, site: Site, write: str) -> None:
    gate, page = behind(context, site, Care(read_only=True))
    page.evaluate(f"async () => {{ await ({write}); }}" if "innerHTML" not in write else f"() => {{ {write} }}")
    page.wait_for_timeout(250)
    assert site.writes == []
    gate.settle()


@pytest.mark.parametrize(
    "write",
    ['navigator.sendBeacon("/w", "x")', 'fetch("/w", {method: "POST", keepalive: true, body: "x"})'],
    ids=["beacon", "keepalive"],
)
def test_what_a_page_sends_when_it_is_left_reaches_nobody_either(context: BrowserContext, site: Site, write: str) -> None:
    _, page = behind(context, site, Care(read_only=True))
    page.evaluate(f"() => addEventListener('pagehide', () => {{ {write} }})")
    page.goto(site.show("<p>Elsewhere.</p>", "/elsewhere"))
    page.wait_for_timeout(250)
    assert site.writes == []


def test_nor_does_what_pages_send_from_a_worker_that_they_share(context: BrowserContext, site: Site) -> None:
    site.replies["/worker.js"] = Reply(200, {"Content-Type": "text/javascript"}, b'fetch("/w", {method: "POST", body: "x"})')
    _, page = behind(context, site, Care(read_only=True))
    page.evaluate('() => { try { new SharedWorker("/worker.js") } catch { } }')
    page.wait_for_timeout(300)
    assert site.writes == []


def test_where_a_run_reads_only_pages_may_read(context: BrowserContext, site: Site) -> None:
    site.replies["/artists"] = Reply(200, _JSON, b"{}")
    _, page = behind(context, site, Care(read_only=True))
    assert page.evaluate('() => fetch("/artists").then((answer) => answer.status)') == 200


def test_an_upload_beyond_the_budget_is_not_sent_and_told_in_the_end(context: BrowserContext, site: Site) -> None:
    site.replies["/artists/a1/media"] = Reply(201, _JSON, b"{}")
    spending = sized(uploads=1)
    gate, page = behind(context, site, Care(spending))
    assert [page.evaluate(_PICTURE, 100) for _ in range(3)] == [201, "not sent", "not sent"]
    assert site.writes == [("POST", "/artists/a1/media")]
    assert spending.uploads == 1
    with pytest.raises(OverBudget, match="the run may upload 1 times, and has"):
        gate.settle()


@pytest.mark.parametrize("chosen", [False, True], ids=["made by the page", "chosen by somebody"])
def test_the_bytes_of_an_upload_count_wherever_they_come_from(context: BrowserContext, site: Site, chosen: bool) -> None:
    site.replies["/artists/a1/media"] = Reply(201, _JSON, b"{}")
    spending = sized(megabytes=1)
    gate, page = behind(context, site, Care(spending))
    send = _PICTURE
    if chosen:
        page.evaluate('() => { document.body.innerHTML = "<input type=file>" }')
        send = send.replace('new File([new Uint8Array(size)], "a.png", {type: "image/png"})', "picked.files[0]")
        send = send.replace("const form", 'const picked = document.querySelector("input"), form')
    answers = []
    for size in (400_000, 700_000):
        if chosen:
            page.set_input_files("input", {"name": "a.png", "mimeType": "image/png", "buffer": b"x" * size})
        answers.append(page.evaluate(send, size))
    assert answers == [201, "not sent"]
    assert 400_000 < spending.sent < 401_000
    assert len(site.writes) == 1
    with pytest.raises(OverBudget, match="bytes more"):
        gate.settle()


def test_a_created_artist_carries_the_mark_and_is_in_the_ledger_before_it_is_there(
    context: BrowserContext, site: Site, ledger: Creations
) -> None:
    known: list[tuple[Mark, ...]] = []

    def create(asked: Asked) -> Reply:
        known.append(read_ledger(ledger.path).marks)
        return creating(asked)

    site.replies["/artists"] = create
    gate, page = behind(context, site, Care(creations=ledger))
    answered = page.evaluate(_CREATE, "Zoë")
    (sent,) = [json.loads(each.body) for each in site.asked if each.method == "POST"]
    assert mark_in(sent["name"]) == Mark(RUN_ID, 1)
    assert answered["artist"]["name"] == sent["name"] == f"Zoë{Mark(RUN_ID, 1)}"
    assert known == [(Mark(RUN_ID, 1),)]
    gate.settle()
    left = read_ledger(ledger.path)
    assert (left.artists, left.marks) == (("a1",), ())


def test_a_creation_whose_page_has_led_elsewhere_is_settled_or_left_to_its_mark(
    context: BrowserContext, site: Site, ledger: Creations
) -> None:
    site.replies["/artists"] = creating
    gate, page = behind(context, site, Care(creations=ledger))
    there = site.show("<p>Done.</p>", "/done")
    page.evaluate(f'(name) => ({_CREATE})(name).then(() => {{ location.href = "/done" }})', "Zoë")
    page.wait_for_url(there)
    gate.settle()
    left = read_ledger(ledger.path)
    assert left.artists == ("a1",) or left.marks == (Mark(RUN_ID, 1),)


def test_a_creation_that_is_refused_is_settled_too(context: BrowserContext, site: Site, ledger: Creations) -> None:
    site.replies["/artists"] = Reply(422, _JSON, b"{}")
    gate, page = behind(context, site, Care(creations=ledger))
    page.evaluate(_CREATE, "Zoë")
    gate.settle()
    assert (ledger.since, ledger.artists) == (0, {})


def test_a_creation_that_nobody_answers_stays_open(context: BrowserContext, site: Site, ledger: Creations) -> None:
    def hang_up(_: Asked) -> Reply:
        raise ConnectionAbortedError

    site.replies["/artists"] = hang_up
    gate, page = behind(context, site, Care(creations=ledger))
    page.evaluate(f"(name) => ({_CREATE})(name).catch(() => 0)", "Zoë")
    gate.settle()
    assert read_ledger(ledger.path).marks == (Mark(RUN_ID, 1),)


def test_a_new_name_keeps_the_mark_and_what_is_somebody_elses_is_not_written_to(
    context: BrowserContext, site: Site, ledger: Creations
) -> None:
    site.replies["/artists"] = creating
    care = Care(creations=ledger)
    gate, page = behind(context, site, care)
    page.evaluate(_CREATE, "Zoë")
    gate.settle()
    site.replies["/artists/a1"] = Reply(200, _JSON, b"{}")
    change = _CREATE.replace('"/artists"', '"/artists/a1"').replace("POST", "PATCH")
    page.evaluate(change, "Zoë & Friends")
    (changed,) = [json.loads(each.body) for each in site.asked if each.method == "PATCH"]
    assert changed == {"name": f"Zoë & Friends{Mark(RUN_ID, 1)}"}
    # The next creation is answered with an artist that does not carry what was sent.
    site.replies["/artists"] = Reply(201, _JSON, b'{"artist": {"ID": "theirs", "name": "Somebody"}}')
    page.evaluate(_CREATE, "Ann")
    gate.settle()
    site.asked.clear()
    page.evaluate('() => fetch("/artists/theirs/media", {method: "PUT", body: "{}"}).catch(() => 0)')
    assert site.writes == []
    with pytest.raises(NotOurs, match="may be somebody else's"):
        gate.settle()


def test_headers_for_the_target_go_to_the_target(context: BrowserContext, site: Site, other: Site) -> None:
    allowed = {"Access-Control-Allow-Origin": "*"}
    other.replies["/there"] = Reply(200, allowed)
    site.replies["/here"] = Reply(200)
    _, page = behind(context, site, Care(), {"X-Preview": "let-me-in"})
    for url in ("/here", f"{other.base_url}/there"):
        assert page.evaluate("(url) => fetch(url).then((answer) => answer.status)", url) == 200
    assert {each.headers["X-Preview"] for each in site.asked} == {"let-me-in"}
    assert [each.headers["X-Preview"] for each in other.asked] == [None]


def test_without_anything_to_take_care_of_nobody_stands_between(context: BrowserContext, site: Site) -> None:
    site.replies["/kept.js"] = Reply(200, {"Content-Type": "text/javascript", "Cache-Control": "max-age=600"}, b"0")
    _, page = behind(context, site, Care())
    for path in ("/one", "/two"):
        page.goto(site.show('<script src="/kept.js"></script>', path))
    # What is held up is not cached, so this tells.
    assert [each.path for each in site.asked].count("/kept.js") == 1


@pytest.mark.parametrize("care", [Care(sized()), Care(read_only=True)], ids=["budget", "read only"])
def test_a_page_that_cannot_be_reached_breaks_no_gate(context: BrowserContext, site: Site, care: Care) -> None:
    gate, page = behind(context, site, care)
    nobody = f"http://127.0.0.1:{free_port()}/"
    assert page.evaluate("(url) => fetch(url).catch((error) => String(error))", nobody) == "TypeError: Failed to fetch"
    gate.settle()
