"""Between a page and a target that others use too: what a page sends, it sends as the run itself would."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lanes.budget import OverBudget
from lanes.care import Care, NotOurs, WritesNothing
from lanes.client import Answer, Request
from lanes.creations import Mark

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Route
    from playwright.sync_api import Request as Asked

_HOLD = (Path(__file__).parent / "hold.js").read_text(encoding="utf-8")


class Gate:
    """What pages may send, within the care of a run: its budget, its ledger, and whether it writes at all.

    `headers` go with every request to the target itself, and with it where a redirect leads, which can be to allowed hosts
    alone. Where there is nothing to take care of, it stands nowhere in between, for what is held up is not cached.
    """

    def __init__(self, care: Care, base_url: str, headers: Mapping[str, str]) -> None:
        self._care = care
        self._origin = urlsplit(base_url)[:2]
        self._headers = headers
        self._stopped: OverBudget | NotOurs | None = None
        self._created: list[tuple[Asked, Request, Mark]] = []

    def stand_before(self, context: BrowserContext) -> None:
        """From now on everything that this browser context sends passes here."""
        care = self._care
        if care.spending or care.creations or care.read_only or self._headers:
            context.add_init_script(_HOLD)
            context.route("**/*", self._judge)
        if care.read_only:
            context.route_web_socket("**/*", lambda socket: socket.close())

    def settle(self) -> None:
        """Notes what became of what was created. Raises OverBudget, NotOurs for what was stopped meanwhile."""
        from playwright.sync_api import Error

        for asked, request, mark in self._created:
            with contextlib.suppress(Error):  # the page is another one: by its mark it is found all the same
                if (response := asked.response()) is not None:
                    answer = Answer(request, response.status, response.headers, response.body(), 0.0, ())
                    self._care.after(answer, mark)
        self._created.clear()
        if self._stopped:
            raise self._stopped

    def _judge(self, route: Route) -> None:
        asked = route.request
        own = urlsplit(asked.url)[:2] == self._origin
        sent = _json_of(asked)
        try:
            request, mark = self._care.before(
                Request(asked.method, asked.url, None, {}, json=sent, elsewhere=not own), len(asked.post_data_buffer or b"")
            )
        except WritesNothing:
            route.abort("blockedbyclient")
            return
        except (OverBudget, NotOurs) as stopped:
            self._stopped = stopped
            route.abort("blockedbyclient")
            return
        if mark:
            self._created.append((asked, request, mark))
        changed: dict[str, Any] = {} if request.json == sent else {"post_data": json.dumps(request.json)}
        if own and self._headers:
            changed["headers"] = {**asked.headers, **self._headers}
        route.continue_(**changed)


def _json_of(asked: Asked) -> Any:
    if "json" not in asked.headers.get("content-type", ""):
        return None
    try:
        return json.loads(asked.post_data_buffer or b"")
    except ValueError:
        return None
