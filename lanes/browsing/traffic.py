"""Everything that a page asks for, and what it is answered."""

from __future__ import annotations

import contextlib
import itertools
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lanes.care import READS

if TYPE_CHECKING:
    from playwright.sync_api import Page, Request, Response

# Two frames: layout has run, and what is lazy has been asked for if it is wanted. It takes longer where a machine is busy.
FRAMES = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())))"
_QUIET = 3  # times two frames without a request under way, after which a page has all that it wants for now
_PAGES = ("http:", "https:")
_LASTING = {"fetch", "xhr", "eventsource"}  # kinds of requests that some pages never end
_LONG = 2.0  # seconds that such a one is waited for


@dataclass(frozen=True, slots=True)
class Sent:
    """A request of a page and its answer. `kind` is what it was for, in Chromium's words; `status` 0 is no answer.

    `began` and `answered` are its places among all beginnings and answers of requests, 0 where there was none.
    """

    method: str
    url: str
    kind: str
    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    failure: str = ""
    began: int = 0
    answered: int = 0
    asked: Mapping[str, str] = field(default_factory=dict, repr=False)  # the headers of the request
    payload: bytes = field(default=b"", repr=False)  # its body

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def text(self) -> str:
        """Its body as text, if it is any."""
        return self.body.decode("utf-8", "replace")


class Traffic:
    """The requests of a page from now on, in their order."""

    def __init__(self, page: Page, patience: float) -> None:
        self._page = page
        self._patience = patience
        self._moments = itertools.count(1)
        self._began: dict[Request, int] = {}
        self._answered: dict[Request, int] = {}
        self._statuses: dict[Request, int] = {}
        self._over: set[Request] = set()
        self._bodies: dict[Request, bytes] = {}  # of answers that a page may lead away from
        self._sockets: list[str] = []
        self._since: dict[Request, float] = {}
        page.on("request", self._begin)
        page.on("response", self._answer)
        page.on("requestfinished", self._end)
        page.on("requestfailed", self._end)
        page.on("websocket", lambda socket: self._sockets.append(socket.url))

    @property
    def addresses(self) -> list[str]:
        """Where the requests so far went."""
        return [request.url for request in self._began]

    def settle(self) -> None:
        """Returns once the page is loaded and has nothing under way for some frames, or patience is at its end."""
        from playwright.sync_api import Error  # slow to load, and no other lane needs it

        until = time.monotonic() + self._patience
        with contextlib.suppress(Error):  # it takes too long: what is there by then is looked at
            self._page.wait_for_load_state("load")
        quiet = 0
        while quiet < _QUIET and time.monotonic() < until:
            self.pass_frames()
            quiet = 0 if any(self._is_awaited(request) for request in self._began.keys() - self._over) else quiet + 1

    def pass_frames(self) -> None:
        """Returns once the page has been drawn twice, or is on its way to another one."""
        from playwright.sync_api import Error

        with contextlib.suppress(Error):
            self._page.evaluate(FRAMES)

    @property
    def sockets(self) -> list[str]:
        """The addresses to which it has opened sockets, through which anything may go."""
        return list(self._sockets)

    def told(self) -> tuple[Sent, ...]:
        """Each request with its answer, as far as there is one by now."""
        return tuple(self._told(request) for request in self._began)

    def _begin(self, request: Request) -> None:
        if request.url.startswith(_PAGES):
            self._began[request] = next(self._moments)
            self._since[request] = time.monotonic()

    def _answer(self, response: Response) -> None:
        self._answered[response.request] = next(self._moments)
        self._statuses[response.request] = response.status

    def _end(self, request: Request) -> None:
        if request.method not in READS:
            with contextlib.suppress(Exception):  # then nobody knows what it said
                self._bodies[request] = _body(request)
        self._over.add(request)

    def _is_awaited(self, request: Request) -> bool:
        return request.resource_type not in _LASTING or time.monotonic() - self._since[request] < _LONG

    def _told(self, request: Request) -> Sent:
        from playwright.sync_api import Error

        sent = Sent(
            request.method,
            request.url,
            request.resource_type,
            self._statuses.get(request, 0),  # which is known also where the page has led elsewhere meanwhile
            {},
            b"",
            "",
            self._began[request],
            self._answered.get(request, 0),
            request.headers,
            request.post_data_buffer or b"",
        )
        if request.failure or request not in self._over:
            return replace(sent, failure=request.failure or ("no whole answer" if sent.answered else "no answer yet"))
        try:
            response = request.response()
            if response is None:
                return replace(sent, failure="no answer")
            return replace(sent, headers=response.headers, body=self._bodies.get(request) or _body(request))
        except Error as error:
            return replace(sent, failure=str(error).splitlines()[0])


def _body(request: Request) -> bytes:
    response = request.response()
    bodiless = response is None or 300 <= response.status < 400 or response.status == 204
    return b"" if bodiless or response is None else response.body()
