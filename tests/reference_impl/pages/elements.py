"""The elements of a page, and what a target would be judged by: the attributes of contracts/surfaces.yaml."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

VOID = frozenset({"img", "input", "link", "meta", "br"})


@dataclass
class Element:
    tag: str
    attributes: dict[str, str]
    around: Element | None = None
    within: list[Element] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)

    def __getitem__(self, attribute: str) -> str:
        return self.attributes[attribute]

    def get(self, attribute: str) -> str | None:
        return self.attributes.get(attribute)

    @property
    def all(self) -> Iterator[Element]:
        yield self
        for element in self.within:
            yield from element.all

    def find(self, attribute: str, value: str | None = None) -> list[Element]:
        """The elements in this one, or this one itself, that have the attribute, with this word in its value."""
        having = [each for each in self.all if attribute in each.attributes]
        return [each for each in having if value is None or value in each[attribute].split()]

    def tags(self, tag: str) -> list[Element]:
        return [each for each in self.all if each.tag == tag]

    @property
    def image(self) -> Element:
        (image,) = self.tags("img")
        return image

    @property
    def text(self) -> str:
        return " ".join(" ".join(text for each in self.all for text in each.texts).split())

    @property
    def artist(self) -> str | None:
        """The artist of the element, or of what is around it."""
        return self.get("data-media-artist") or (self.around.artist if self.around else None)


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.root = self.current = Element("root", {})

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs}, self.current)
        self.current.within.append(element)
        if tag not in VOID:
            self.current = element

    def handle_endtag(self, tag: str) -> None:
        assert self.current.tag == tag, f"</{tag}> closes <{self.current.tag}>"
        assert self.current.around
        self.current = self.current.around

    def handle_data(self, data: str) -> None:
        self.current.texts.append(data)


def read(body: bytes) -> Element:
    """The page as a tree. Every element that is opened has to be closed."""
    reader = Reader()
    reader.feed(body.decode("utf-8"))
    reader.close()
    assert reader.current is reader.root
    return reader.root
