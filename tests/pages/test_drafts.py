"""What the draft form sends, and when."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from tests.pages.site import WRITE

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Locator, Page, Request, Route

    from tests.pages.site import Site

WRITES = {"POST", "PUT", "PATCH", "DELETE"}
REFUSAL = {
    "type": "about:blank",
    "title": "Service Unavailable",
    "status": 503,
    "code": "storage_unavailable",
    "detail": "Storage rests.",
}


@dataclass
class Form:
    """The draft form in a tab, and the writes that it has sent."""

    page: Page
    writes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._note)

    def _note(self, request: Request) -> None:
        if request.method in WRITES:
            self.writes.append(f"{request.method} {request.url.rpartition('/')[2]}")

    def role(self, role: str, within: Locator | None = None) -> Locator:
        return (within or self.page).locator(f"[data-media-role='{role}']")

    def entry(self, place: int) -> Locator:
        return self.role("entry").nth(place)

    def begin(self, path: str) -> None:
        self.page.goto(path)
        self.role("credential").fill(WRITE)

    def choose(self, *paths: Path) -> None:
        self.role("choose").set_input_files(paths)

    def submit(self, role: str = "submit", state: str = "done") -> None:
        self.role(role).click()
        self.page.locator(f"[data-media-surface=draft][data-media-state={state}]").wait_for()

    @property
    def states(self) -> list[str | None]:
        return [entry.get_attribute("data-media-state") for entry in self.role("entry").all()]

    @property
    def artist(self) -> str:
        return self.page.locator("[data-media-surface=draft]").get_attribute("data-media-artist") or ""


@pytest.fixture
def form(page: Page) -> Form:
    return Form(page)


def fail(page: Page, number: int, how: str) -> None:
    """Lets the upload with this number fail: refused, cut off before it arrives, or its answer lost."""
    uploads = 0

    def handle(route: Route) -> None:
        nonlocal uploads
        uploads += route.request.method == "POST"
        if route.request.method != "POST" or uploads != number:
            route.continue_()
        elif how == "refused":
            route.fulfill(status=503, content_type="application/problem+json", body=json.dumps(REFUSAL))
        else:
            route.abort()

    page.route("**/artists/*/media", handle)


def lose_answer(page: Page, number: int) -> None:
    """Lets the upload with this number arrive, and its answer be lost."""
    session = page.context.new_cdp_session(page)
    uploads = 0

    def handle(paused: dict[str, Any]) -> None:
        nonlocal uploads
        uploads += paused["request"]["method"] == "POST"
        if paused["request"]["method"] == "POST" and uploads == number:
            session.send("Fetch.failRequest", {"requestId": paused["requestId"], "errorReason": "ConnectionReset"})
        else:
            session.send("Fetch.continueRequest", {"requestId": paused["requestId"]})

    session.on("Fetch.requestPaused", handle)
    session.send("Fetch.enable", {"patterns": [{"urlPattern": "*/artists/*/media", "requestStage": "Response"}]})


def names(media: list[Any]) -> list[str]:
    return [item["originalFileName"] for item in media]


def test_nothing_is_sent_before_submitting(site: Site, form: Form) -> None:
    before = site.artists()
    form.begin("/pages/artists/new")
    form.role("name").fill("Left behind")
    form.choose(site.picture("a.jpg"), site.picture("b.jpg"), site.picture("c.jpg"))
    form.choose(site.picture("a.jpg"))
    form.role("earlier", form.entry(2)).click()
    form.role("remove", form.entry(0)).click()
    assert [entry.get_attribute("data-media-file") for entry in form.role("entry").all()] == ["c.jpg", "b.jpg", "a.jpg"]
    for preview in form.role("preview").all():
        assert preview.evaluate("async (image) => { await image.decode(); return image.naturalWidth; }") > 0
    form.page.goto("/pages")
    assert form.writes == []
    assert site.artists() == before
    assert form.page.evaluate("[localStorage.length, sessionStorage.length, document.cookie]") == [0, 0, ""]


def test_what_is_submitted_in_order_needs_no_sync(site: Site, form: Form) -> None:
    form.begin("/pages/artists/new")
    form.role("name").fill("In Order")
    form.choose(site.picture("a.jpg"), site.picture("b.jpg"), site.picture("c.jpg"))
    form.role("purpose", form.entry(1)).select_option("profile")
    form.role("alt-text", form.entry(1)).fill("B")
    form.role("later", form.entry(0)).click()
    form.submit()
    assert form.writes == ["POST artists", "POST media", "POST media", "POST media"]
    held = [(item["originalFileName"], item["purpose"], item["altText"]) for item in site.media(form.artist)]
    assert held == [("b.jpg", "profile", "B"), ("a.jpg", "gallery", None), ("c.jpg", "gallery", None)]
    assert [entry.get_attribute("data-media-item") for entry in form.role("entry").all()] == [
        item["ID"] for item in site.media(form.artist)
    ]
    assert form.page.locator("[role=status] a").get_attribute("href") == f"/pages/artists/{form.artist}"


@pytest.mark.parametrize(
    ("how", "reason"), [("refused", "Storage rests. (storage_unavailable)"), ("cut off", "No answer came from the server.")]
)
def test_a_retry_sends_only_what_is_missing(site: Site, form: Form, complaints: list[str], how: str, reason: str) -> None:
    fail(form.page, 2, how)
    form.begin("/pages/artists/new")
    form.role("name").fill(f"Second Try, {how}")
    form.choose(site.picture("a.jpg"), site.picture("b.jpg"), site.picture("c.jpg"))
    form.submit(state="failed")
    assert form.states == ["persisted", "failed", "persisted"]
    assert form.role("reason", form.entry(1)).text_content() == reason
    assert form.page.locator("[role=status]").text_content() == "Not persisted: b.jpg."
    assert form.writes == ["POST artists", *["POST media"] * 3]
    assert names(site.media(form.artist)) == ["a.jpg", "c.jpg"]
    form.writes.clear()
    form.submit("retry")
    # It was appended after the third: the sync puts it where it was drafted.
    assert form.writes == ["POST media", "PUT media"]
    assert names(site.media(form.artist)) == ["a.jpg", "b.jpg", "c.jpg"]
    assert len([artist for artist in site.artists() if artist["name"] == f"Second Try, {how}"]) == 1
    complaints.clear()


@pytest.mark.parametrize(("removed", "writes"), [(False, []), (True, ["PUT media"])])
def test_a_file_that_arrived_after_all_is_not_sent_again(
    site: Site, form: Form, complaints: list[str], removed: bool, writes: list[str]
) -> None:
    lose_answer(form.page, 2)
    form.begin("/pages/artists/new")
    form.role("name").fill("Lost Answer")
    form.choose(site.picture("a.jpg"), site.picture("b.jpg"), site.picture("c.jpg"))
    form.submit(state="failed")
    assert form.states == ["persisted", "failed", "persisted"]
    assert names(site.media(form.artist)) == ["a.jpg", "b.jpg", "c.jpg"]
    form.writes.clear()
    if removed:
        form.role("remove", form.entry(1)).click()
    form.submit("retry")
    assert form.writes == writes
    assert names(site.media(form.artist)) == (["a.jpg", "c.jpg"] if removed else ["a.jpg", "b.jpg", "c.jpg"])
    complaints.clear()


def test_a_draft_can_be_finished_without_the_file_that_failed(site: Site, form: Form, complaints: list[str]) -> None:
    form.begin("/pages/artists/new")
    form.role("name").fill("Without")
    broken = site.folder / "broken.jpg"
    broken.write_bytes(site.picture("whole.jpg").read_bytes()[:600])
    form.choose(broken, site.picture("a.jpg"))
    form.page.locator("[data-media-state=advised]").wait_for()
    assert form.role("reason", form.entry(0)).text_content() == "The browser cannot decode this file."
    form.submit(state="failed")
    assert form.states == ["failed", "persisted"]
    assert "image_undecodable" in (form.role("reason", form.entry(0)).text_content() or "")
    form.role("remove", form.entry(0)).click()
    form.submit()
    assert form.writes == ["POST artists", "POST media", "POST media"]
    assert names(site.media(form.artist)) == ["a.jpg"]
    complaints.clear()


def test_a_refused_artist_is_said_and_nothing_is_uploaded(site: Site, form: Form, complaints: list[str]) -> None:
    form.begin("/pages/artists/new")
    form.role("credential").fill("")
    form.choose(site.picture("a.jpg"))
    form.submit(state="failed")
    assert form.role("problem").text_content() == "This operation needs a credential. (credential_missing)"
    form.role("credential").fill(WRITE)
    form.submit("retry", state="failed")
    assert "details_invalid" in (form.role("problem").text_content() or "")
    form.role("name").fill("Third Try")
    form.submit("retry")
    assert form.writes == [*["POST artists"] * 3, "POST media"]
    assert form.role("problem").text_content() == ""
    complaints.clear()


def test_preflight_advises_and_the_server_judges(site: Site, form: Form, complaints: list[str]) -> None:
    form.begin("/pages/artists/new")
    form.role("name").fill("Advised")
    text = site.folder / "notes.txt"
    text.write_text("no picture", encoding="utf-8")
    form.choose(text, site.picture("a.jpg"))
    form.role("alt-text", form.entry(1)).fill("x" * 501)
    form.page.locator("[data-media-state=advised]").nth(1).wait_for()
    assert form.role("reason").all_text_contents() == [
        "The file should be image/jpeg, image/png, image/webp.",
        "The alternative text should have at most 500 characters.",
    ]
    form.submit(state="failed")
    reasons = form.role("reason").all_text_contents()
    assert "type_unsupported" in reasons[0]
    assert "alt_text_invalid" in reasons[1]
    complaints.clear()


def test_an_edit_that_changes_nothing_sends_nothing(site: Site, form: Form) -> None:
    artist = site.artist("As Before", 3)
    form.begin(f"/pages/artists/{artist}/edit")
    form.role("alt-text", form.entry(0)).fill("changed")
    form.role("alt-text", form.entry(0)).fill("")
    form.submit()
    assert form.writes == []


def test_an_edit_sends_new_files_and_one_sync(site: Site, form: Form) -> None:
    artist = site.artist("Edited", 3)
    before = site.media(artist)
    form.begin(f"/pages/artists/{artist}/edit")
    form.role("remove", form.entry(1)).click()
    form.choose(site.picture("new.jpg"))
    form.role("earlier", form.entry(2)).click()
    form.role("earlier", form.entry(1)).click()
    form.role("alt-text", form.entry(1)).fill("first of old")
    form.submit()
    assert form.writes == ["POST media", "PUT media"]
    after = site.media(artist)
    assert names(after) == ["new.jpg", before[0]["originalFileName"], before[2]["originalFileName"]]
    assert [item["ID"] for item in after[1:]] == [before[0]["ID"], before[2]["ID"]]
    assert after[1]["altText"] == "first of old"
    form.submit()
    assert len(form.writes) == 2


def test_an_edit_of_the_name_patches_the_name(site: Site, form: Form) -> None:
    artist = site.artist("Old Name", 1)
    sent: list[object] = []
    form.page.on("request", lambda request: sent.append(request.post_data_json) if request.method == "PATCH" else None)
    form.begin(f"/pages/artists/{artist}/edit")
    form.role("name").fill("New Name")
    form.submit()
    assert (form.writes, sent) == ([f"PATCH {artist}"], [{"name": "New Name"}])


def test_dropped_files_are_added(form: Form) -> None:
    form.begin("/pages/artists/new")
    form.page.evaluate(
        """() => {
          const dropped = new DataTransfer();
          dropped.items.add(new File(["x"], "dropped.jpg", { type: "image/jpeg" }));
          const event = new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true });
          document.querySelector(".drop").dispatchEvent(event);
        }"""
    )
    assert form.entry(0).get_attribute("data-media-file") == "dropped.jpg"
