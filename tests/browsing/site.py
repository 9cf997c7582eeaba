"""A small site that a test fills with pages and pictures of its own."""

from __future__ import annotations

import contextlib
import io
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from PIL import Image

from tests.harness.servers import Asked, Reply, Served, serving

Answering = Reply | Callable[[Asked], Reply]


@dataclass
class Site:
    """What it answers by path, and what it was asked. A page is `/page`; pictures are `/large.png` and `/small.png`."""

    base_url: str = ""
    replies: dict[str, Answering] = field(default_factory=dict)
    served: Served | None = None

    @property
    def asked(self) -> list[Asked]:
        """The requests so far."""
        assert self.served
        return self.served.asked

    @property
    def writes(self) -> list[tuple[str, str]]:
        """Method and path of those that were no mere reads."""
        return [(each.method, each.path) for each in self.asked if each.method not in {"GET", "HEAD", "OPTIONS"}]

    def show(self, body: str, path: str = "/page") -> str:
        """Has a page with this body, and answers its URL."""
        self.replies[path] = page(body)
        return self.base_url + path

    def clear(self) -> None:
        """Forgets everything, but for two pictures."""
        self.replies.clear()
        self.replies |= {"/large.png": picture(600, 400), "/small.png": picture(60, 40)}
        self.asked.clear()

    def reply(self, asked: Asked) -> Reply:
        """What is at a path, 404 where nothing is."""
        found = self.replies.get(asked.path.partition("?")[0], Reply(404, {"Content-Type": "text/html"}, b"nothing here"))
        return found if isinstance(found, Reply) else found(asked)


@contextlib.contextmanager
def open_site() -> Iterator[Site]:
    """A site that is up."""
    site = Site()
    with serving(site.reply) as served:
        site.served, site.base_url = served, served.base_url
        site.clear()
        yield site


def page(body: str) -> Reply:
    """A page with this body."""
    text = f'<!doctype html><meta charset="utf-8"><title>A page</title><link rel="icon" href="data:,">{body}'
    return Reply(200, {"Content-Type": "text/html; charset=utf-8"}, text.encode())


def picture(width: int, height: int) -> Reply:
    """A picture that is noisy enough to count as content."""
    file = io.BytesIO()
    Image.effect_noise((width, height), 60).save(file, "PNG")
    return Reply(200, {"Content-Type": "image/png"}, file.getvalue())


@contextlib.contextmanager
def doorbell() -> Iterator[tuple[int, list[str]]]:
    """A port of this machine at which nobody should ring, and the addresses of those who did."""
    rung: list[str] = []
    with socket.create_server(("0.0.0.0", 0)) as listener:  # noqa: S104 - all addresses of the loopback network

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    connection, address = listener.accept()
                    rung.append(str(address))
                    connection.close()

        thread = threading.Thread(target=accept)
        thread.start()
        try:
            yield listener.getsockname()[1], rung
        finally:
            with contextlib.suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join()
