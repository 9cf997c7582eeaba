"""HTTP exchanges that end: within so many seconds and bytes, whatever the other side does.

The time-outs of requests and urllib3 count from one packet to the next, so that a peer that sends a byte now and then
holds a client for ever. Here the whole exchange has a limit.
"""

from __future__ import annotations

import contextlib
import os
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException, HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import HTTPError

_CHUNK = 256 * 1024
_MOMENT = 0.1  # seconds
_UNKNOWN_AUTHORITY = {2, 18, 19, 20, 21}  # X509_V_ERR_… of OpenSSL: signed by itself or by nobody who is known
_here = threading.local()


class NoAnswer(Exception):
    """There was no whole answer; the message says why, without the URL."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long to wait for a connection and for the whole exchange, in seconds, and how many bytes to take."""

    connect: float = 5.0
    exchange: float = 20.0
    body: int = 32 * 1024 * 1024  # no answer of the contract comes near it


@dataclass(frozen=True, slots=True)
class Received:
    """An answer as it came: redirects are not followed, and the body is not decoded."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


def given_authority() -> str | None:
    """The file with authorities that the environment names, where it does."""
    return os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("SSL_CERT_FILE") or None


def authorities() -> str:
    """The file with the authorities that certificates are held against: the environment's, else the one that requests has."""
    return given_authority() or DEFAULT_CA_BUNDLE_PATH


class Transport:
    """Connections to one target, kept alive, one set for each thread. Close it after use.

    Neither proxies nor .netrc of the environment have a say. Certificates are held against the authorities in the file that
    REQUESTS_CA_BUNDLE or SSL_CERT_FILE names, else against those that come with requests; `authority` is a file that is used
    instead.
    """

    def __init__(self, authority: str | None = None) -> None:
        self._authorities = authority or authorities()
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        self._lock = threading.Lock()

    def exchange(self, method: str, url: str, limits: Limits, **parts: Any) -> Received:
        """One request and its answer; `parts` are those of requests.Request. Raises NoAnswer."""
        with self._answered(method, url, limits, parts) as (response, began):
            body = _after_head(response) if method == "HEAD" else _body(response, limits, began)
            if response.status_code >= 500:
                # Servers that broke down hang up afterwards without saying so, and perhaps in the middle of the next request.
                self._session().close()
            return Received(response.status_code, CaseInsensitiveDict(response.headers), body)

    def status(self, method: str, url: str, limits: Limits) -> int:
        """The status of an answer whose body nobody waits for. Raises NoAnswer."""
        with self._answered(method, url, limits, {}) as (response, _):
            return response.status_code

    def close(self) -> None:
        """Closes all connections."""
        with self._lock:
            for session in self._sessions:
                session.close()

    @contextlib.contextmanager
    def _answered(
        self, method: str, url: str, limits: Limits, parts: Mapping[str, Any]
    ) -> Iterator[tuple[requests.Response, float]]:
        began = time.monotonic()
        try:
            with _cut_after(limits.exchange) as cut, self._sent(method, url, limits, parts) as response:
                if cut.is_set():
                    raise NoAnswer(f"no whole answer within {limits.exchange:.0f} s")
                yield response, began
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError) as error:
            if time.monotonic() - began >= limits.exchange:
                raise NoAnswer(f"no whole answer within {limits.exchange:.0f} s") from error
            raise NoAnswer(why(error)) from error

    def _sent(self, method: str, url: str, limits: Limits, parts: Mapping[str, Any]) -> requests.Response:
        session = self._session()
        prepared = session.prepare_request(requests.Request(method, url, **parts))
        if method == "HEAD":
            prepared.headers["Connection"] = "close"  # the sooner it is known that nothing follows
        # As it is written: requests would resolve dots and decode what it thinks needs no encoding. The adapter alone, because
        # a session follows up on redirects and cookies, whatever it is told.
        prepared.url = url
        timeout = (limits.connect, limits.exchange)
        return session.get_adapter(url).send(prepared, stream=True, timeout=timeout, verify=self._authorities)

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


class _WholeHead(HTTPResponse):
    """An answer whose headers ended; http.client takes the end of the connection for the end of the headers."""

    def begin(self) -> None:
        file: Any = self.fp
        lines = _Lines(file)
        # It reads lines, which is all that the head needs.
        self.fp = lines  # type: ignore[assignment]
        super().begin()
        if lines.last not in {b"\r\n", b"\n"}:
            raise HTTPException("the headers were cut off")
        self.fp = file
        self.stray = b""
        if self._method == "HEAD":  # type: ignore[attr-defined]
            # http.client never looks for a body here, so one that is there would go unnoticed.
            self.will_close = True
            self.stray = _stray(file)


def _stray(file: Any) -> bytes:
    """What comes after a head within a moment, where nothing should."""
    connection = file.raw._sock  # noqa: SLF001 - the only way to its time-out
    before = connection.gettimeout()
    connection.settimeout(_MOMENT)
    try:
        return bytes(file.peek(1))
    except OSError:
        return b""  # nothing came
    finally:
        connection.settimeout(before)


class _Lines:
    """A file that remembers the last line that was read from it."""

    def __init__(self, file: Any) -> None:
        self._file = file
        self.last = b""

    def readline(self, *limit: int) -> bytes:
        self.last = self._file.readline(*limit)
        return self.last

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)


class _Http(HTTPConnection):
    response_class = _WholeHead

    def putrequest(self, *arguments: Any, **options: Any) -> None:
        _here.used.append(self)
        super().putrequest(*arguments, **options)


class _Https(HTTPSConnection):
    response_class = _WholeHead

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
def _cut_after(seconds: float) -> Iterator[threading.Event]:
    """Cuts the connections that this thread uses inside, once the time is over; the event says that it did."""
    used: list[HTTPConnection] = []
    cut = threading.Event()
    _here.used = used
    timer = threading.Timer(seconds, _cut, (used, cut))
    timer.daemon = True
    timer.start()
    try:
        yield cut
    finally:
        timer.cancel()


def _cut(used: list[HTTPConnection], cut: threading.Event) -> None:
    cut.set()
    for connection in used:
        if connection.sock is not None:
            with contextlib.suppress(OSError):
                connection.sock.shutdown(socket.SHUT_RDWR)


def _after_head(response: requests.Response) -> bytes:
    """The bytes that wrongly follow the head of an answer to HEAD."""
    head: Any = response.raw._original_response  # noqa: SLF001 - urllib3 has no public name for it
    stray: bytes = head.stray
    return stray


def _body(response: requests.Response, limits: Limits, began: float) -> bytes:
    body = bytearray()
    while chunk := response.raw.read1(_CHUNK, decode_content=False):
        body += chunk
        if len(body) > limits.body:
            body.clear()  # a traceback that somebody keeps would keep it
            raise NoAnswer(f"the answer is longer than {limits.body} bytes")
        if time.monotonic() - began > limits.exchange:
            raise NoAnswer(f"no whole answer within {limits.exchange:.0f} s")
    return bytes(body)


def why(error: BaseException) -> str:
    """The reason at the bottom of a chain of errors, in a few words."""
    while (cause := error.__cause__ or error.__context__) is not None:
        error = cause
    if isinstance(error, ssl.SSLCertVerificationError):
        return _why_not_trusted(error)
    words = str(error).strip() or type(error).__name__
    return {
        "ConnectionRefusedError": "the connection was refused",
        "ConnectionResetError": "the connection was reset",
        "RemoteDisconnected": "the connection was closed without an answer",
        "BrokenPipeError": "the connection was closed while the request was sent",
        "TimeoutError": "no answer in time",
    }.get(type(error).__name__, f"{type(error).__name__}: {words}")


def _why_not_trusted(error: ssl.SSLCertVerificationError) -> str:
    why = f"its certificate cannot be verified: {error.verify_message.rstrip('.')}"
    if error.verify_code in _UNKNOWN_AUTHORITY:
        why += "; REQUESTS_CA_BUNDLE or SSL_CERT_FILE can name a file with the authority that signed it"
    return why
