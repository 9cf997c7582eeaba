"""The contract client: speaks HTTP to a target, holds every answer against the contract and keeps it as evidence."""

from __future__ import annotations

import datetime
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import quote, urlsplit

import requests

from lanes.budget import OverBudget
from lanes.by_hand import ByHand, Prepared
from lanes.care import Care
from lanes.contract import Contract, Operation, Violation, read_json
from lanes.creations import Mark
from lanes.errors import TargetSilent
from lanes.patience import Patience
from lanes.transport import NoAnswer, Received, Transport

MOST_PAUSES = 5  # times in a row that a target is left alone because it asks for it
LONGEST_PAUSE = 20.0  # seconds; less than the patience for pauses on end, so that one alone does not end a run
UNKNOWN = "unknown"  # the role of a credential that belongs to nobody
_PORTS = {"http": ":80", "https": ":443"}  # each scheme's own


class HostNotAllowed(Exception):
    """A URL that the target gave out leads to a host that is not on its list."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a client sends it: bytes, the type it is declared as (None: undeclared), and its name."""

    data: bytes = field(repr=False)
    declared: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent. `role` is whose credential went with it; the credential itself is not kept.

    `elsewhere`: to somebody else than the target itself, as to its bucket.
    """

    method: str
    url: str
    role: str | None
    headers: Mapping[str, str]
    json: Any = None
    form: tuple[tuple[str, str], ...] = ()
    files: tuple[Upload, ...] = ()
    elsewhere: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Answer:
    """What came back, with the request that it answers."""

    request: Request
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float
    violations: tuple[Violation, ...]
    operation: str | None = None  # which of the contract's it is an answer of

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return read_json(self.body)
        except ValueError:
            return None

    @property
    def code(self) -> str | None:
        """The code of a problem document, if the answer is one."""
        problem = self.json
        return problem.get("code") if isinstance(problem, dict) else None

    def __str__(self) -> str:
        code = f" {self.code}" if self.status >= 400 and self.code else ""
        return f"{self.request.method} {urlsplit(self.request.url).path} answered {self.status}{code}"

    __repr__ = __str__  # as it stands in a list in a message


class Client:
    """Calls operations of the contract at one target.

    `credentials` are bearer tokens by role, `headers` go with every request to the target itself, `watch` is told of every
    answer. A `polite` client waits when a 429 asks it to. `care` may refuse a request (OverBudget, WritesNothing) or mark what
    it creates; `authority` is a file with the certificate that the target's own is held against. Thread-safe; close it after
    use.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Mapping[str, str],
        contract: Contract,
        watch: Callable[[Answer], None] | None = None,
        *,
        patience: Patience | None = None,
        allowed_hosts: Iterable[str] = (),
        headers: Mapping[str, str] | None = None,
        polite: bool = False,
        care: Care | None = None,
        authority: str | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.waited = 0.0  # seconds spent waiting for the target, over all threads
        self._credentials = dict(credentials)
        self._contract = contract
        self._watch = watch
        self._patience = patience or Patience()
        self._origin = _origin(base_url)
        self._hosts = {self._origin[1], *(host.lower() for host in allowed_hosts)}
        self._headers = dict(headers or {})
        self._polite = polite
        self.care = care or Care()
        self._authority = authority
        self._transport = Transport(authority)
        self._lock = threading.Lock()

    def call(
        self,
        operation_id: str,
        *path_values: str,
        role: str | None = "default",
        token: str | None = None,
        query: Mapping[str, str] | None = None,
        json: Any = None,
        form: Mapping[str, str] | None = None,
        files: tuple[Upload, ...] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One call of an operation. Raises TargetSilent where there is no answer.

        The credential is the one that the operation needs, unless `role` names another one or None for no credential;
        `token` sends this bearer token whatever it is. Redirects are answers, not followed.
        """
        request = self.request(operation_id, *path_values, query=query)
        request = replace(
            request,
            role=UNKNOWN if token else request.role if role == "default" else role,
            headers=dict(headers or {}),
            json=json,
            form=tuple((form or {}).items()),
            files=files,
        )
        return self._exchange(request, self._contract.operations[operation_id], token)

    def request(self, operation_id: str, *path_values: str, query: Mapping[str, str] | None = None) -> Request:
        """The request of an operation, without headers and body."""
        operation = self._contract.operations[operation_id]
        values = iter(quote(value, safe="") for value in path_values)
        parts = [next(values) if part.startswith("{") else part for part in operation.path.split("/")]
        url = self.base_url + "/".join(parts)
        if query:
            url += "?" + "&".join(f"{quote(key)}={quote(value)}" for key, value in query.items())
        return Request(operation.method, url, operation.role, {})

    def fetch(self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """What a URL that the target gave out answers to anybody: no credential, no cookie.

        Raises HostNotAllowed for a host that is neither the target's own nor on its list, and TargetSilent.
        """
        self._check_host(url)
        operation = self._contract.operation_for(method, urlsplit(url).path) if self._is_own(url) else None
        return self._exchange(Request(method, url, None, dict(headers or {}), elsewhere=not self._is_own(url)), operation)

    def read(self, url: str) -> Answer:
        """What a page of the target, or a part of one, answers: none of the contract's affair. Raises as `fetch` does."""
        self._check_host(url)
        return self._send(Request("GET", url, None, {}, elsewhere=not self._is_own(url)), None)

    def by_hand(
        self, request: Request, *, announced: int | None = None, chunked: bool = False, body: bytes | None = None
    ) -> ByHand:
        """A request whose bytes the caller sends: those of form and files, unless `body` is another.

        Its length is announced as it is, or as another one, or not at all where it is sent in chunks.
        """
        bearer = self._credentials[request.role] if request.role else None
        headers, made = self.wire(request, bearer)
        whole = made if body is None else body
        length = None if chunked else len(whole) if announced is None else announced

        marks: list[Mark | None] = []

        def begin() -> None:
            marks.append(self.care.before(request, 0)[1])

        def take(received: Received, seconds: float) -> Answer:
            with self._lock:
                self.waited += seconds
            answer = Answer(request, received.status, received.headers, received.body, seconds, ())
            self.care.after(answer, marks[-1])
            if self._polite and answer.status == 429:
                raise OverBudget(
                    f"{answer}, in the middle of what cannot be repeated; reach.requests_per_minute slows a run down"
                )
            return self.held_to_contract_as(answer)

        prepared = Prepared(request.method, request.url, headers, whole, length, self._authority)
        return ByHand(prepared, self._patience.limits(), take, begin, self.care.spend)

    @property
    def time_left(self) -> float | None:
        """Seconds to the run's deadline, None without one."""
        return self._patience.left

    def check_time(self) -> None:
        """Before something else than a client sends for the run. Raises RunOver where nothing is to be sent any more."""
        self._patience.limits()

    def elsewhere(self, base_url: str, credentials: Mapping[str, str]) -> Client:
        """A client like this one for another process of the target."""
        hosts = self._hosts - {self._origin[1]}
        return Client(
            base_url, credentials, self._contract, self._watch, patience=self._patience, allowed_hosts=hosts, care=self.care
        )

    def state(self, method: str, path: str, json: Any = None) -> Answer:
        """A call of a state hook (contracts/states.yaml), which are not part of the contract that answers are held to."""
        return self._send(Request(method, self.base_url + path, "operator", {}, json=json), self._credentials["operator"])

    def close(self) -> None:
        """Closes all connections."""
        self._transport.close()

    def _exchange(self, request: Request, operation: Operation | None, token: str | None = None) -> Answer:
        bearer = token if token is not None else self._credentials[request.role] if request.role else None
        return self.held_to_contract(self._send(request, bearer), operation)

    def held_to_contract(self, answer: Answer, operation: Operation | None) -> Answer:
        """The answer with what of it the contract does not document; whoever watches is told of it."""
        request = answer.request
        if self._is_own(request.url):
            found = self._contract.violations(
                operation, answer.status, answer.headers, answer.body, bodiless=request.method == "HEAD"
            )
            answer = replace(answer, violations=tuple(found), operation=operation.id if operation else None)
        if self._watch:
            self._watch(answer)
        return answer

    def held_to_contract_as(self, answer: Answer) -> Answer:
        """The same for an answer that somebody else has got, by its own method and path."""
        operation = self._contract.operation_for(answer.request.method, urlsplit(answer.request.url).path)
        return self.held_to_contract(answer, operation)

    def wire(self, request: Request, bearer: str | None) -> tuple[dict[str, str], bytes]:
        """Headers and body of a request as they go over the wire, but for what says how long the body is."""
        prepared = requests.Request(
            request.method, request.url, headers=self._headed(request, bearer), **_parts(request)
        ).prepare()
        prepared.headers.pop("Content-Length", None)
        body = prepared.body or b""
        return dict(prepared.headers), body if isinstance(body, bytes) else body.encode()

    def _headed(self, request: Request, bearer: str | None) -> dict[str, str]:
        headers = (self._headers if self._is_own(request.url) else {}) | dict(request.headers)
        return headers | ({"Authorization": f"Bearer {bearer}"} if bearer else {})

    def _send(self, request: Request, bearer: str | None) -> Answer:
        answer = self._send_once(request, bearer)
        pauses = 0
        while self._polite and answer.status == 429:
            self._pause(request, _seconds_to_wait(answer), pauses)
            pauses += 1
            answer = self._send_once(request, bearer)
        self._patience.answered()
        return answer

    def _pause(self, request: Request, seconds: float, before: int) -> None:
        """Leaves the target alone because it asks for it, as it has so many times `before` in a row.

        Raises TargetSilent where it asks for more than anybody waits, RunOver where the run has no time for it.
        """
        what = f"{request.method} {_path(request.url)}: the target"
        if seconds > LONGEST_PAUSE:
            raise TargetSilent(f"{what} asks to be left alone for {seconds:.0f} s; at most {LONGEST_PAUSE:.0f} s are waited")
        if before == MOST_PAUSES:
            raise TargetSilent(f"{what} asks to be left alone {before + 1} times in a row")
        self._patience.pause(seconds)

    def _check_host(self, url: str) -> None:
        scheme, authority = _origin(url)
        # A host on the list is at the scheme's own port, which may be written out there.
        if self._hosts.isdisjoint({authority, authority + _PORTS.get(scheme, "")}):
            raise HostNotAllowed(f"{url} leads to a host that is not allowed; allowed: {', '.join(sorted(self._hosts))}")

    def _is_own(self, url: str) -> bool:
        """Whether a URL is the target's own: scheme, host and port are those of its base URL, and no userinfo is with them."""
        return _origin(url) == self._origin

    def _send_once(self, request: Request, bearer: str | None) -> Answer:
        size = len(self.wire(request, bearer)[1]) if self.care.spending else 0
        request, mark = self.care.before(request, size)
        answer = self._sent(request, bearer)
        self.care.after(answer, mark)
        return answer

    def _sent(self, request: Request, bearer: str | None) -> Answer:
        headers = self._headed(request, bearer)
        limits = self._patience.limits()
        began = time.perf_counter()
        try:
            received = self._transport.exchange(request.method, request.url, limits, headers=headers, **_parts(request))
        except NoAnswer as nothing:
            self._patience.waited_in_vain(time.perf_counter() - began)
            self._patience.limits()  # the run's time may be over, which is no fault of the target
            raise TargetSilent(f"{request.method} {_path(request.url)}: {nothing}") from nothing
        finally:
            seconds = time.perf_counter() - began
            with self._lock:
                self.waited += seconds
        return Answer(request, received.status, received.headers, received.body, seconds, ())


def _path(url: str) -> str:
    return "/" + url.partition("//")[2].partition("/")[2].partition("?")[0]


def _origin(url: str) -> tuple[str, str]:
    """Scheme and authority of a URL as they compare: in lower case, without the scheme's own port (RFC 3986, section 6.2).

    Of what is no URL, no scheme and whatever stands there.
    """
    try:
        scheme, authority, *_ = urlsplit(url.lower())
    except ValueError:
        scheme, authority = "", url.lower().partition("//")[2].partition("/")[0]
    return scheme, authority.removesuffix(_PORTS.get(scheme, ""))


def _parts(request: Request) -> dict[str, Any]:
    """A request's body in the words of requests."""
    if request.json is not None:
        return {"json": request.json}
    form = list(request.form)
    if request.files:
        return {"data": form, "files": [("file", (each.name, each.data, each.declared)) for each in request.files]}
    # Without a file, requests would send a form as application/x-www-form-urlencoded.
    return {"files": [(key, (None, value)) for key, value in form]} if form else {}


def _seconds_to_wait(answer: Answer) -> float:
    """The seconds that a 429 asks to wait (RFC 9110, section 10.2.3): one where it does not say."""
    told = answer.headers.get("Retry-After", "").strip()
    if told.isdecimal():
        seconds = float(told)
    else:
        try:
            seconds = (parsedate_to_datetime(told) - datetime.datetime.now(datetime.UTC)).total_seconds()
        except (TypeError, ValueError):
            seconds = 1.0
    return max(seconds, 0.0)
