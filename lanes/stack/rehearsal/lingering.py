"""A way to the application that hangs up in stages, as RFC 9112 asks of servers in section 9.6.

Who refuses a body that is too long answers before it has read it, and hangs up. nginx, still writing, takes the broken
connection for the whole of the answer, says 502 and never reads what was said. This stands between: what the application no
longer takes is thrown away until nginx has read the answer. A program of its own, started by path. Its settings are environment
variables: PORT, APPLICATION_PORT.
"""

from __future__ import annotations

import contextlib
import os
import socket
import socketserver
import threading

HOST = "127.0.0.1"
_PIECE = 256 * 1024  # bytes


class Connection(socketserver.BaseRequestHandler):
    """One connection of nginx, and the one to the application that belongs to it."""

    request: socket.socket

    def handle(self) -> None:
        """Carries bytes both ways until nginx hangs up."""
        with contextlib.suppress(OSError), socket.create_connection((HOST, application_port())) as application:
            for end in (self.request, application):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=_answer, args=(application, self.request), daemon=True)
            back.start()
            _ask(self.request, application)
            back.join()


def application_port() -> int:
    """Where the application listens."""
    return int(os.environ["APPLICATION_PORT"])


def _ask(edge: socket.socket, application: socket.socket) -> None:
    taken = True
    with contextlib.suppress(OSError):
        while piece := edge.recv(_PIECE):
            if taken:
                try:
                    application.sendall(piece)
                except OSError:
                    taken = False
    with contextlib.suppress(OSError):
        application.shutdown(socket.SHUT_RDWR)  # nobody waits for its answer any more


def _answer(application: socket.socket, edge: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while piece := application.recv(_PIECE):
            edge.sendall(piece)
    with contextlib.suppress(OSError):
        edge.shutdown(socket.SHUT_WR)


class Way(socketserver.ThreadingTCPServer):
    """Takes the connections of nginx."""

    daemon_threads = True
    request_queue_size = 1024


if __name__ == "__main__":
    with Way((HOST, int(os.environ["PORT"])), Connection) as way:
        way.serve_forever()
