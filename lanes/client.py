"""The contract client: speaks HTTP to a target, holds every answer against the contract and keeps it as evidence."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import requests
from requests.structures import CaseInsensitiveDict

from lanes.contract import Contract, Operation, Violation

MOST_BODY_BYTES = 64 * 1024 * 1024  # no answer of the contract comes near it
TIMEOUT = (5.0, 60.0)  # seconds to connect, and between two reads


class TargetSilent(Exception):
    """The target gave no answer: it refused or closed the connection, or let it time out."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file as a client sends it: bytes, the type it is declared as (None: undeclared), and its name."""

    data: bytes = field(repr=False)
    declared: str | None
    name: str


@dataclass(frozen=True, slots=True)
class Request:
    """What was sent. `role` is whose credential went with it; the credential itself is not kept."""

    method: str
    url: str
    role: str | None
    headers: Mapping[str, str]
    json: Any = None
    form: tuple[tuple[str, str], ...] = ()
    files: tuple[Upload, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, with the request that it answers."""

    request: Request
    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float
    violations: tuple[Violation, ...]

    @property
    def json(self) -> Any:
        """The body as JSON, or None where it is none."""
        try:
            return json.loads(self.body)
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


class Client:
    """Calls operations of the contract at one target.

    `credentials` are bearer tokens by role. `watch` is told of every answer. Thread-safe; close it after use.
    """

    def __init__(
        self,
        base_url: str,
        credentials: Mapping[str, str],
        contract: Contract,
        watch: Callable[[Answer], None] | None = None,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self.waited = 0.0  # seconds spent waiting for the target, over all threads
        self._credentials = dict(credentials)
        self._contract = contract
        self._watch = watch
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
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
        operation = self._contract.operations[operation_id]
        values = iter(quote(value, safe="") for value in path_values)
        parts = [next(values) if part.startswith("{") else part for part in operation.path.split("/")]
        url = self.base_url + "/".join(parts)
        if query:
            url += "?" + "&".join(f"{quote(key)}={quote(value)}" for key, value in query.items())
        request = Request(
            method=operation.method,
            url=url,
            role=operation.role if role == "default" else role,
            headers=dict(headers or {}),
            json=json,
            form=tuple((form or {}).items()),
            files=files,
        )
        return self._exchange(request, operation, token)

    def fetch(self, url: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> Answer:
        """What a URL that the target gave out answers to anybody: no credential, no cookie."""
        operation = None
        if url.startswith(self.base_url + "/"):
            operation = self._contract.operation_for(method, urlsplit(url).path)
        return self._exchange(Request(method, url, None, dict(headers or {})), operation)

    def state(self, method: str, path: str, json: Any = None) -> Answer:
        """A call of a state hook (contracts/states.yaml), which are not part of the contract that answers are held to."""
        return self._send(Request(method, self.base_url + path, "operator", {}, json=json), self._credentials["operator"])

    def close(self) -> None:
        """Closes all connections."""
        for session in self._sessions:
            session.close()

    def _exchange(self, request: Request, operation: Operation | None, token: str | None = None) -> Answer:
        bearer = token if token is not None else self._credentials[request.role] if request.role else None
        answer = self._send(request, bearer)
        if operation or request.url.startswith(self.base_url + "/"):
            found = self._contract.violations(
                operation, answer.status, answer.headers, answer.body, bodiless=request.method == "HEAD"
            )
            answer = Answer(request, answer.status, answer.headers, answer.body, answer.seconds, tuple(found))
        if self._watch:
            self._watch(answer)
        return answer

    def _send(self, request: Request, bearer: str | None) -> Answer:
        headers = dict(request.headers) | ({"Authorization": f"Bearer {bearer}"} if bearer else {})
        files = [("file", (each.name, each.data, each.declared)) for each in request.files]
        if request.form and not files:
            # requests would send a form without a file as application/x-www-form-urlencoded.
            parts: Any = [(key, (None, value)) for key, value in request.form]
            data: Any = None
        else:
            parts, data = files or None, list(request.form) or None
        began = time.perf_counter()
        try:
            with self._session().request(
                request.method,
                request.url,
                headers=headers,
                json=request.json,
                data=data,
                files=parts,
                timeout=TIMEOUT,
                allow_redirects=False,
                stream=True,
            ) as response:
                body = _bounded(response)
        except (requests.RequestException, OSError) as error:
            place = f"{request.method} {urlsplit(request.url).path}"
            raise TargetSilent(f"{place}: no answer: {type(error).__name__}") from error
        seconds = time.perf_counter() - began
        with self._lock:
            self.waited += seconds
        return Answer(request, response.status_code, CaseInsensitiveDict(response.headers), body, seconds, ())

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = False  # neither proxies nor .netrc may come between
            session.headers["User-Agent"] = "medialane"
            session.headers["Accept-Encoding"] = "identity"
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return self._local.session  # type: ignore[no-any-return]


def _bounded(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(256 * 1024):
        body += chunk
        if len(body) > MOST_BODY_BYTES:
            raise requests.RequestException(f"the body is longer than {MOST_BODY_BYTES} bytes")
    return bytes(body)
