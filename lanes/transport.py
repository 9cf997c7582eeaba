"""HTTP exchanges that end: within so many seconds and bytes, whatever the other side does.

The time-outs of requests and urllib3 count from one packet to the next, so that a peer that sends a byte now and then
holds a client for ever. Here the whole exchange has a limit.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

_CHUNK = 256 * 1024
_here = threading.local()


class NoAnswer(Exception):
    """There was no whole answer; the message says why, without the URL."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait for a connection and for the whole exchange, in seconds, and how many bytes to take."""

    connect: float = 5.0
    exchange: float = 20.0
    body: int = 64 * 1024 * 1024  # no answer of the contract comes near it


@dataclass(frozen=True, slots=True)
class Received:
    """An answer as it came: redirects are not followed, and the body is not decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Transport:
    """Connections to one target, kept alive, one set for each thread. Close it after use.

    Neither proxies nor .netrc of the environment have a say.
    """

    def __init__(self) -> None:
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()

    def exchange(self, method: str, url: str, limits: Limits, **parts: Any) -> Received:
        """One request and its answer; `parts` are those of requests.request. Raises NoAnswer."""
        began = time.monotonic()
        try:
            with _cut_after(limits.exchange), self._sent(method, url, limits, parts) as response:
                body = _body(response, limits, began)
                return Received(response.status_code, CaseInsensitiveDict(response.headers), body)
        except (requests.RequestException, HTTPError, OSError, ValueError) as error:
            if time.monotonic() - began >= limits.exchange:
                raise NoAnswer(f"no whole answer within {limits.exchange:.0f} s") from error
            raise NoAnswer(_why(error)) from error

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            for session in self._sessions:
                session.close()

    def _sent(self, method: str, url: str, limits: Limits, parts: Mapping[str, Any]) -> requests.Response:
        timeout = (limits.connect, limits.exchange)
        return self._session().request(method, url, timeout=timeout, allow_redirects=False, stream=True, **parts)

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            session = requests.Session()
            session.trust_env = False
            session.headers["User-Agent"] = "medialane"
            session.headers["Accept-Encoding"] = "identity"
            session.mount("http://", _Adapter())
            session.mount("https://", _Adapter())
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        found: requests.Session = self._local.session
        return found


class _Http(HTTPConnection):
    def putrequest(self, *arguments: Any, **options: Any) -> None:
        _here.used.append(self)
        super().putrequest(*arguments, **options)


class _Https(HTTPSConnection):
    def putrequest(self, *arguments: Any, **options: Any) -> None:
        _here.used.append(self)
        super().putrequest(*arguments, **options)


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https


class _Adapter(HTTPAdapter):
    """Connections that say when they are used, so that they can be cut from outside."""

    def init_poolmanager(self, *arguments: Any, **options: Any) -> None:
        super().init_poolmanager(*arguments, **options)
        self.poolmanager.pool_classes_by_scheme = {"http": _HttpPool, "https": _HttpsPool}


@contextlib.contextmanager
def _cut_after(seconds: float) -> Iterator[None]:
    """Cuts the connections that this thread uses inside, once the time is over."""
    used: list[HTTPConnection] = []
    _here.used = used
    timer = threading.Timer(seconds, _cut, (used,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(used: list[HTTPConnection]) -> None:
    for connection in used:
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)


def _body(response: requests.Response, limits: Limits, began: float) -> bytes:
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > limits.body:
            raise NoAnswer(f"the answer is longer than {limits.body} bytes")
        if time.monotonic() - began > limits.exchange:
            raise NoAnswer(f"no whole answer within {limits.exchange:.0f} s")
    return bytes(body)


def _why(error: BaseException) -> str:
    """The reason at the bottom of a chain of errors, in a few words."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    words = str(error).strip() or type(error).__name__
    return {
        "ConnectionRefusedError": "the connection was refused",
        "ConnectionResetError": "the connection was reset",
        "RemoteDisconnected": "the connection was closed without an answer",
        "BrokenPipeError": "the connection was closed while the request was sent",
        "TimeoutError": "no answer in time",
    }.get(type(error).__name__, f"{type(error).__name__}: {words}")
