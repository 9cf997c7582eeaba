"""A draft as somebody makes it in a form: what is chosen, put in order, described, submitted, and what goes out for it."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lanes.browsing.traffic import Sent, Traffic
from lanes.browsing.writes import is_write
from lanes.care import is_upload
from lanes.client import Upload
from lanes.surfaces import DRAFT, Vocabulary

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page, Route

_ENTRIES = (Path(__file__).parent / "entries.js").read_text(encoding="utf-8")
_PROBLEM = "application/problem+json"
_BUSY = "submitting"


@dataclass(frozen=True, slots=True)
class Entry:
    """One item of a draft as the form shows it. `preview` is the size in pixels of the picture that it shows, 0 for none."""

    item: str | None
    file: str | None
    state: str | None
    text: str
    reason: str
    purpose: str | None
    alt_text: str | None
    preview: tuple[int, int]

    @property
    def known_as(self) -> str:
        """What it is told from others by."""
        return str(self.item or self.file)


@dataclass(frozen=True, slots=True)
class Form:
    """A draft's form at one moment."""

    state: str | None
    artist: str | None
    problem: str
    entries: tuple[Entry, ...]


class Unusable(Exception):
    """The form has not what it needs, or does not let it be used; the message says what."""


class Draft:
    """A form that is open in a browser. What of it cannot be used raises Unusable."""

    def __init__(self, page: Page, words: Vocabulary, patience: float) -> None:
        self._page = page
        self._words = words
        self._patience = patience
        self._traffic = Traffic(page, patience)
        # Of a request with a file, Chromium tells the body only where it is held up on its way.
        page.route("**/*", lambda route: route.fallback())
        self._files: list[Upload] = []  # that were chosen
        self._opened = 0  # how many sockets the page has opened for itself
        self._failing: str | None = None  # the file whose upload fails
        self._last = b""  # what the form looked like when it was left

    def open(self, url: str) -> None:
        """Opens the page with the form. Raises Unusable where there is none."""
        from playwright.sync_api import Error

        try:
            response = self._page.goto(url, wait_until="commit")
        except Error as error:
            raise Unusable(f"{url} does not open: {str(error).splitlines()[0]}") from None
        self._traffic.settle()
        form = self._page.locator(self._words.selectors[DRAFT])
        self._until(lambda: form.count() > 0)
        if form.count() != 1:
            status = response.status if response else "nothing"
            raise Unusable(f"{url} answered {status} and has no draft: one element should match {self._words.selectors[DRAFT]}")
        self._opened = len(self._traffic.sockets)

    @property
    def form(self) -> Form | None:
        """What the form shows now, None where the page has led somewhere else."""
        names = ("entry", "preview", "purpose", "alt-text", "reason", "problem", DRAFT)
        told: dict[str, Any] | None = self._page.evaluate(
            _ENTRIES,
            {name: self._words.selectors[name] for name in names}
            | {name: self._words.attributes[name] for name in ("item", "artist", "file", "state")},
        )
        if told is None:
            return None
        entries = (Entry(**{**each, "preview": tuple(each["preview"])}) for each in told["entries"])
        return Form(told["state"], told["artist"], told["problem"], tuple(entries))

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What the form has now. Raises Unusable where it is gone."""
        form = self.form
        if form is None:
            raise Unusable("the form is gone")
        return form.entries

    @property
    def sent(self) -> tuple[Sent, ...]:
        """The requests of the page so far, in their order."""
        return self._traffic.told()

    @property
    def writes(self) -> list[Sent]:
        """Those of them that change something."""
        return [each for each in self.sent if is_write(each, self._files)]

    @property
    def sockets(self) -> list[str]:
        """The addresses to which the page has opened sockets since the form was there, through which anything may go."""
        return self._traffic.sockets[self._opened :]

    def picture(self) -> bytes:
        """A JPEG of the whole page as it is now, or as it was when it was left. What is typed as a credential is covered."""
        return self._last or self._picture()

    def fill(self, role: str, text: str) -> None:
        """Types into a field of the draft."""
        with self._using(role) as field:
            field.fill(text)
            if field.input_value() != text:
                raise Unusable(f"{role} has {field.input_value()!r} after {text!r} was typed")

    def may_fill(self, role: str, text: str) -> None:
        """Types into a field that a form may have."""
        if self._all(role).count():
            self.fill(role, text)

    def choose(self, files: list[Upload]) -> None:
        """Chooses files, and waits until their previews are there or nothing more comes."""
        from playwright.sync_api import FilePayload

        known = len(self.entries)
        with self._using("choose") as field:
            field.set_input_files(
                [FilePayload(name=each.name, mimeType=each.declared or "", buffer=each.data) for each in files]
            )
        self._files += files
        self._until(lambda: len(self.entries) == known + len(files) and all(all(each.preview) for each in self.entries))
        if len(self.entries) != known + len(files):
            raise Unusable(f"{len(files)} files are chosen, and the draft has {len(self.entries) - known} entries more")

    def describe(self, place: int, purpose: str, alt_text: str) -> None:
        """Gives an entry its purpose and alternative text."""
        with self._using("purpose", place) as field:
            if field.evaluate("(each) => each.tagName") == "SELECT":
                field.select_option(purpose)
            else:
                field.fill(purpose)
        with self._using("alt-text", place) as field:
            field.fill(alt_text)
        found = self.entries[place]
        if (found.purpose, found.alt_text) != (purpose, alt_text):
            told = (found.purpose, found.alt_text)
            raise Unusable(f"entry {place + 1} was given {(purpose, alt_text)} as purpose and alternative text, and has {told}")

    def move_earlier(self, place: int) -> None:
        """Moves an entry one place towards the beginning."""
        before = [each.known_as for each in self.entries]
        self.press("earlier", place)
        wanted = [*before[: place - 1], before[place], before[place - 1], *before[place + 1 :]]
        self._expect(wanted, f"`earlier` of entry {place + 1} was pressed")

    def remove(self, place: int) -> None:
        """Takes an entry out."""
        before = [each.known_as for each in self.entries]
        self.press("remove", place)
        self._expect([*before[:place], *before[place + 1 :]], f"`remove` of entry {place + 1} was pressed")

    def press(self, role: str, place: int | None = None) -> None:
        """Presses a control, of an entry where a place is given."""
        with self._using(role, place) as control:
            control.click()

    def can(self, role: str) -> bool:
        """Whether there is such a control, and it can be pressed."""
        found = self._all(role)
        return found.count() > 0 and found.first.is_enabled()

    def submit(self, role: str = "submit") -> None:
        """Submits the draft, or what is missing of it, and waits for what comes of it."""
        if role == "retry":
            self._failing = None
        self.press(role)
        self._traffic.settle()
        self._until(lambda: (form := self.form) is None or form.state != _BUSY)
        self._traffic.settle()

    def leave(self, url: str) -> None:
        """Goes to another page."""
        self._last = self._picture()
        self._page.goto(url, wait_until="commit")
        self._traffic.settle()

    def fail_upload(self, name: str, status: int, problem: Mapping[str, Any]) -> None:
        """Until it is told to send what is missing, uploads of the file of this name reach nobody, and are answered so."""
        self._failing = name

        def answer(route: Route) -> None:
            sent = route.request
            named = f'filename="{self._failing}"'.encode() in (sent.post_data_buffer or b"")
            if is_upload(sent.method, sent.url) and named:
                route.fulfill(status=status, content_type=_PROBLEM, body=json.dumps(problem))
            else:
                route.fallback()

        self._page.route("**/*", answer)

    def _picture(self) -> bytes:
        secret = self._page.locator(self._words.selectors["credential"])
        return self._page.screenshot(full_page=True, type="jpeg", quality=60, mask=[secret])

    def _expect(self, wanted: list[str], after: str) -> None:
        """Waits until the entries are these. Raises Unusable where they never are."""
        self._until(lambda: [each.known_as for each in self.entries] == wanted)
        found = [each.known_as for each in self.entries]
        if found != wanted:
            raise Unusable(f"{after}, and the entries are {', '.join(found)}; should be {', '.join(wanted)}")

    def _all(self, role: str, place: int | None = None) -> Locator:
        draft = self._page.locator(self._words.selectors[DRAFT])
        scope = draft if place is None else draft.locator(self._words.selectors["entry"]).nth(place)
        return scope.locator(self._words.selectors[role])

    @contextlib.contextmanager
    def _using(self, role: str, place: int | None = None) -> Iterator[Locator]:
        """A control of the draft, or of an entry of it. Raises Unusable where there is none that lets itself be used."""
        from playwright.sync_api import Error

        found = self._all(role, place)
        if found.count() == 0:
            where = "the draft" if place is None else f"entry {place + 1} of the draft"
            raise Unusable(f"{where} has no {role}: nothing in it matches {self._words.selectors[role]}")
        try:
            yield found.first
        except Error as error:
            selector = self._words.selectors[role]
            raise Unusable(f"{role} ({selector}) cannot be used: {str(error).splitlines()[0]}") from None

    def _until(self, reached: Callable[[], bool]) -> None:
        until = time.monotonic() + self._patience
        while not reached() and time.monotonic() < until:
            self._page.wait_for_timeout(20)
