"""The reference as a process of its own, and a few artists who are there from the beginning."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import requests
from PIL import Image, ImageDraw

from lanes.stack.server import free_port
from tests.reached import serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

WRITE = "write-credential-of-the-pages"
OPERATOR = "operator-credential-of-the-pages"
SIZES = ((600, 400), (400, 600), (500, 500), (800, 300))


@dataclass(frozen=True)
class Site:
    """An artist with many pictures, one with none, and where they are served."""

    url: str
    folder: Path
    many: str = ""
    none: str = ""

    @property
    def pages(self) -> dict[str, str]:
        """One path of every kind of page."""
        artist = f"/pages/artists/{self.many}"
        return {
            "showcase": "/pages",
            "cards": "/pages/artists",
            "search": "/pages/search?q=a",
            "nothing found": "/pages/search?q=zzz",
            "carousel": artist,
            "gallery": f"{artist}/gallery",
            "table": f"{artist}/table",
            "detail": f"{artist}/media/{self.media(self.many)[0]['ID']}",
            "edit": f"{artist}/edit",
            "new": "/pages/artists/new",
            "no pictures": f"/pages/artists/{self.none}",
        }

    def artist(self, name: str, pictures: int = 0) -> str:
        identity: str = self._sent("/artists", json={"name": name})["artist"]["ID"]
        for number in range(pictures):
            path = self.picture(f"{name}-{number}.jpg", number)
            fields = {"purpose": "gallery" if number else "profile", **({"altText": path.stem} if number % 2 else {})}
            files = {"file": (path.name, path.read_bytes(), "image/jpeg")}
            self._sent(f"/artists/{identity}/media", data=fields, files=files)
        return identity

    def artists(self) -> list[Any]:
        artists: list[Any] = requests.get(f"{self.url}/artists?limit=100", timeout=10).json()["artists"]
        return artists

    def media(self, artist: str) -> list[Any]:
        media: list[Any] = requests.get(f"{self.url}/artists/{artist}/media", timeout=10).json()["media"]
        return media

    def picture(self, name: str, number: int = 0) -> Path:
        """A JPEG file with this name."""
        path = self.folder / name
        width, height = SIZES[number % len(SIZES)]
        image = Image.new("RGB", (width, height), (40 + 13 * number % 200, 90, 120))
        ImageDraw.Draw(image).ellipse((width // 4, height // 4, width // 2, height // 2), fill=(240, 220, 180))
        image.save(path, "JPEG")
        return path

    def _sent(self, path: str, **body: Any) -> Any:
        headers = {"authorization": f"Bearer {WRITE}"}
        answer = requests.post(f"{self.url}{path}", headers=headers, timeout=10, **body)
        assert answer.status_code == 201, answer.text
        return answer.json()


@contextmanager
def started(folder: Path) -> Iterator[Site]:
    """Serves in this folder until the end."""
    port = free_port()
    with serving(folder, port, {"MEDIA_WRITE_CREDENTIAL": WRITE, "MEDIA_OPERATOR_CREDENTIAL": OPERATOR}):
        empty = Site(f"http://127.0.0.1:{port}", folder)
        yield Site(empty.url, folder, empty.artist("Harbour Radio", 9), empty.artist("Nobody Yet"))
