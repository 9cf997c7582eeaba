"""The HTTP server."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import h11
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from reference_impl.problems import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp

BACKLOG = 2048
SHUTDOWN_SECONDS = 3


class ProblemProtocol(H11Protocol):
    """HTTP/1.1 that answers what is no HTTP in the words of the contract."""

    def send_400_response(self, msg: str) -> None:
        problem = Problem("request_malformed", msg)
        headers = [*problem.raw_headers, (b"connection", b"close")]
        for event in (
            h11.Response(status_code=problem.status_code, headers=headers, reason=b"Bad Request"),
            h11.Data(data=bytes(problem.body)),
            h11.EndOfMessage(),
        ):
            self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


def listen(host: str, port: int) -> socket.socket:
    """A bound socket. Raises OSError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family, backlog=BACKLOG)
    # asyncio does this for the sockets that it makes itself. Without it every answer waits 40 ms for a delayed
    # acknowledgement; accepted connections inherit it.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


def run(app: ASGIApp, listener: socket.socket) -> None:
    """Serves until the process is told to stop."""
    config = uvicorn.Config(
        app,
        http=ProblemProtocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])
