from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from tests.reference_impl.pages.elements import Element, read
from tests.reference_impl.service import JPEG, field, file_part

if TYPE_CHECKING:
    from tests.reference_impl.service import Service

HOSTILE = """"><script>alert('1')</script>&amp;{{ 7 * 7 }}"""


@dataclass(frozen=True)
class Site:
    """An artist with five items, of which the last has lost its object, and one without any."""

    service: Service
    artist: str
    nobody: str
    media: list[Any]

    def page(self, path: str, status: int = 200) -> Element:
        answer = self.service.client("GET", path)
        assert answer.status == status, answer
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        return read(answer.body)

    def surface(self, path: str, name: str) -> Element:
        (surface,) = self.page(path).find("data-media-surface", name)
        return surface


@pytest.fixture
def site(service: Service) -> Site:
    artist = service.artist(HOSTILE)
    nobody = service.artist("Nobody")
    for purpose, described in (("profile", True), ("gallery", False)) * 2:
        alt_text = [field("altText", HOSTILE)] if described else []
        sent = service.send_form(artist, field("purpose", purpose), *alt_text, file_part(JPEG, file_name=f"{purpose}.jpg"))
        assert sent.status == 201
    service.plan_row(artist, legacyURL="https://gone.example/a.jpg")
    return Site(service, artist, nobody, service.media(artist))
