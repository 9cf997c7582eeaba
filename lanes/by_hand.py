"""A request whose bytes go out when the scenario says so: held back, cut off, longer than announced, or without an end."""

from __future__ import annotations

import contextlib
import io
import select
import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from types import TracebackType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from requests.structures import CaseInsensitiveDict

from lanes.errors import TargetSilent
from lanes.transport import Limits, Received, authorities, why

if TYPE_CHECKING:
    from lanes.client import Answer

_PIECE = 64 * 1024
_RESET = struct.pack("ii", 1, 0)  # SO_LINGER: whatever is not delivered is dropped, and the connection is reset


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request with its body as it goes over the wire. `announced` is its Content-Length; None sends it in chunks."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes
    announced: int | None
    authority: str | None = None  # the file with the certificate that the target's own is held against


class ByHand:
    """One request on a connection of its own. Use it as a context manager: the head goes out on entry.

    `take` makes an answer of what came back after so many seconds; `begin` is asked before anything goes out, `spend` before
    so many bytes of the body do. All methods raise TargetSilent where the target cannot be connected to or gives no whole
    answer in time.
    """

    def __init__(
        self,
        prepared: Prepared,
        limits: Limits,
        take: Callable[[Received, float], Answer],
        begin: Callable[[], None] = lambda: None,
        spend: Callable[[int], None] = lambda _: None,
    ) -> None:
        self.prepared = prepared
        self._take = take
        self._begin = begin
        self._spend = spend
        self.sent = 0  # bytes of the body that the connection has taken
        self._limits = limits
        self._socket: socket.socket | None = None
        self._ahead = b""  # the beginning of the answer, where it had to be read to see that there is one

    def __enter__(self) -> ByHand:
        self._begin()
        parts = urlsplit(self.prepared.url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        headers = {"Host": parts.netloc, "User-Agent": "medialane", "Connection": "close", **self.prepared.headers}
        if self.prepared.announced is None:
            headers["Transfer-Encoding"] = "chunked"
        else:
            headers["Content-Length"] = str(self.prepared.announced)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        lines = [f"{self.prepared.method} {path} HTTP/1.1", *(f"{name}: {value}" for name, value in headers.items())]
        try:
            self._socket = socket.create_connection((parts.hostname or "", port), self._limits.connect)
            if parts.scheme == "https":
                context = ssl.create_default_context(cafile=self.prepared.authority or authorities())
                self._socket = context.wrap_socket(self._socket, server_hostname=parts.hostname)
            self._socket.settimeout(self._limits.exchange)
            self._socket.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        except OSError as error:
            self._close()
            raise TargetSilent(f"{self._what}: {why(error)}") from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._close()

    def send(self, data: bytes) -> bool:
        """Sends more of a body, in pieces. False, and the rest is kept, once the target has answered or takes no more."""
        for start in range(0, len(data), _PIECE):
            piece = data[start : start + _PIECE]
            framed = piece if self.prepared.announced is not None else b"%x\r\n%s\r\n" % (len(piece), piece)
            if self.is_answered():
                return False
            self._spend(len(framed))
            try:
                self._connection.sendall(framed)
            except OSError:
                return False
            self.sent += len(piece)
        return True

    def send_all_but(self, left: int) -> None:
        """Sends the body but for its last bytes."""
        self.send(self.prepared.body[self.sent : len(self.prepared.body) - left])

    def finish(self) -> Answer:
        """Sends what is left of the body, and reads the answer."""
        if self.send(self.prepared.body[self.sent :]) and self.prepared.announced is None:
            with contextlib.suppress(OSError):
                self._connection.sendall(b"0\r\n\r\n")
        return self.answer()

    def answer(self) -> Answer:
        """Reads the answer, whether or not all of the body was sent."""
        began = time.monotonic()
        cut = threading.Timer(self._limits.exchange, _shut, (self._connection,))
        cut.daemon = True
        cut.start()
        try:
            response = HTTPResponse(_Resumed(self._connection, self._ahead), method=self.prepared.method)  # type: ignore[arg-type]
            response.begin()
            body = response.read(self._limits.body + 1)
        except (OSError, HTTPException, ValueError) as error:
            if time.monotonic() - began >= self._limits.exchange:
                raise TargetSilent(f"{self._what}: no whole answer within {self._limits.exchange:.0f} s") from error
            raise TargetSilent(f"{self._what}: {why(error)}") from error
        finally:
            cut.cancel()
        if response.length and len(body) <= self._limits.body:
            raise TargetSilent(f"{self._what}: {response.length} bytes of the answer's body are missing")
        if len(body) > self._limits.body:
            raise TargetSilent(f"{self._what}: the answer is longer than {self._limits.body} bytes")
        received = Received(response.status, CaseInsensitiveDict(response.getheaders()), body)
        return self._take(received, time.monotonic() - began)

    def is_answered(self, wait: float = 0.0) -> bool:
        """Whether an answer has begun, or begins within so many seconds."""
        if self._ahead:
            return True
        until = time.monotonic() + wait
        while select.select([self._connection], [], [], max(0.0, until - time.monotonic()))[0]:
            if not isinstance(self._connection, ssl.SSLSocket) or self._begins(self._connection):
                return True
        return False

    def _begins(self, connection: ssl.SSLSocket) -> bool:
        # What can be read may be TLS's own affair: a ticket, which comes unasked after the handshake (RFC 8446, section 4.6.1).
        before = connection.gettimeout()
        connection.setblocking(False)
        try:
            self._ahead = connection.recv(1)
        except ssl.SSLWantReadError:
            return False
        except OSError:
            return True  # the answer is that the connection broke, as whoever reads it will see
        finally:
            connection.settimeout(before)
        return True

    def abort(self) -> None:
        """Resets the connection, as a client does that is gone."""
        self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
        self._close()

    @property
    def _what(self) -> str:
        return f"{self.prepared.method} {urlsplit(self.prepared.url).path}"

    @property
    def _connection(self) -> socket.socket:
        if self._socket is None:
            raise RuntimeError("the connection is not open")
        return self._socket

    def _close(self) -> None:
        if self._socket is not None:
            self._socket.close()
            self._socket = None


class _Resumed:
    """A connection of which the beginning has been read already, as far as http.client needs one."""

    def __init__(self, connection: socket.socket, ahead: bytes) -> None:
        self._connection = connection
        self._beginning = ahead

    def makefile(self, *_: Any, **__: Any) -> Any:
        """A file that begins with what has been read."""
        return io.BufferedReader(_Joined(self._connection.makefile("rb", buffering=0), self._beginning))


class _Joined(io.RawIOBase):
    """Bytes, and then a file."""

    def __init__(self, rest: Any, beginning: bytes) -> None:
        self._rest = rest
        self._beginning = beginning

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        if not self._beginning:
            read: int | None = self._rest.readinto(buffer)
            return read
        buffer[: len(self._beginning)] = self._beginning
        count, self._beginning = len(self._beginning), b""
        return count

    def close(self) -> None:
        self._rest.close()
        super().close()


def _shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
