"""Saving a collection, and what a collection is: shared by the steps of everything that saves one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from lanes.client import Answer
from lanes.corpus import Row
from lanes.steps.world import Uploaded, World

Item = dict[str, Any]
SAVED = ("ID", "purpose", "altText")  # what a sync says of an item


def as_saved(items: Iterable[Item]) -> list[Item]:
    """What a sync says of these items to leave them as they are."""
    return [{key: item[key] for key in SAVED} for item in items]


def shuffled(items: Sequence[Item]) -> list[Item]:
    """A sync of these items that changes all there is: order, purposes, and texts, null and empty among them."""
    turned = [*items[1::2], *reversed(items[::2])]
    texts = (None, "", "Tre\u0302s ma\u0303os num piano 🎹", " two  spaces ")
    return [
        {
            "ID": item["ID"],
            "purpose": "gallery" if item["purpose"] == "profile" or place % 3 == 2 else "profile",
            "altText": next(text for text in (*texts[place % 4 :], *texts) if text != item["altText"]),
        }
        for place, item in enumerate(turned)
    ]


def send_sync(world: World, wanted: Any, artist: str | None = None) -> Answer:
    """Syncs a collection, whatever comes of it."""
    return world.client.call("syncArtistMedia", artist or world.artist, json={"media": wanted})


def save(world: World, wanted: list[Item]) -> list[Item]:
    """Syncs the collection, and answers it as it is then. Raises Blocked, blaming SYN-1, when it is not as it was sent."""
    answer = send_sync(world, wanted)
    world.told(answer, 200, "SYN-1", "order")
    items = world.collection()
    for key, clause in zip(SAVED, ("order", "purpose", "alt-text"), strict=True):
        same = [item[key] for item in items] == [item[key] for item in wanted]
        world.check.presume("SYN-1", clause, same, f"{key}: the collection is not as it was saved", answer)
    return items


def send_as(
    world: World, row: Row, purpose: str | None = "gallery", alt_text: str | None = None, artist: str | None = None
) -> Uploaded:
    """Uploads an image with these fields, those that are not None, whatever comes of it."""
    form = {key: value for key, value in (("purpose", purpose), ("altText", alt_text)) if value is not None}
    answer = world.client.call("uploadArtistMedia", artist or world.artist, form=form, files=(world.corpus.upload(row),))
    return Uploaded(row, answer)


def another(world: World, count: int = 1) -> tuple[str, list[Item]]:
    """Another artist, and their pictures: those that the scenario's artist has too."""
    own, world.artist = world.artist, world.create_artist()
    sent = [world.send(row) for row in world.corpus.of("small")[:count]]
    for each in sent:
        world.told(each.answer, 201, "UPL-1", "created")
    artist, items, world.artist = world.artist, world.collection(), own
    return artist, items


def failing_urls(world: World, items: Iterable[Item]) -> list[Answer]:
    """What the render URLs of these items answer that do not answer with a picture."""
    answers = [world.fetch(str(item[key])) for item in items for key in ("src", "thumbnailSrc")]
    return [answer for answer in answers if answer.status != 200 or not answer.body]
