"""What the gateway adds to a storage call, beside the same call without it."""

from __future__ import annotations

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from urllib.parse import urlsplit

from lanes.stack.gateway.server import Gateway
from tests.bench.figure import Figure

_BODY = bytes(50_000)
_CALLS = 40
# It answers a read with what a write brings, and is a process of its own, as stores are.
_STORE = f"""
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
body = bytes({len(_BODY)})
class Handler(BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm, wbufsize = "HTTP/1.1", True, -1
    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        self.wfile.flush()
    def do_PUT(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(b"")
    def do_GET(self):
        self.answer(body)
    def log_message(self, *_):
        pass
server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
"""


def added_milliseconds(rounds: int) -> Figure:
    """Median milliseconds that a put or a read of 50 KB takes longer through the gateway, in pairs of calls."""
    direct, through = [], []
    with _store() as url, Gateway({"s3": url}) as gateway, _connected(url) as plain, _connected(gateway.url("s3")) as proxied:
        for number in range(rounds * _CALLS):
            method = "PUT" if number % 2 else "GET"
            direct.append(_milliseconds(plain, method))
            through.append(_milliseconds(proxied, method))
    added = statistics.median(after - before for before, after in zip(direct, through, strict=True))
    of = f"{statistics.median(through):.2f} ms against {statistics.median(direct):.2f} ms"
    return Figure("what the gateway adds to a storage call of 50 KB (ms)", added, "at most 3", added <= 3, of)


@contextlib.contextmanager
def _store() -> Iterator[str]:
    with subprocess.Popen([sys.executable, "-c", _STORE], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


def _connected(url: str) -> contextlib.closing[HTTPConnection]:
    # As SDKs do, both keep their connection.
    return contextlib.closing(HTTPConnection(urlsplit(url).netloc, timeout=10))


def _milliseconds(connection: HTTPConnection, method: str) -> float:
    began = time.perf_counter()
    connection.request(method, "/bucket/key", _BODY if method == "PUT" else None)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"{method} answered {response.status}, should be 200")
    return (time.perf_counter() - began) * 1000
