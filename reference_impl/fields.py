"""Fields that clients send, judged one by one and given types."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from reference_impl.errors import Refused
from reference_impl.records import Arranged

if TYPE_CHECKING:
    from collections.abc import Mapping

PURPOSES: Final = ("profile", "gallery")
# NUL, and lone surrogates, which stand for bytes that are no text.
UNSTORABLE = re.compile("[\0\ud800-\udfff]")
NAME_MAX = 200
BIO_MAX = 5000
SYNC_MAX = 1000
MEDIA_FIELDS = frozenset(
    {
        *("media", "file", "src", "thumbnailSrc", "blurDataURL", "altText", "purpose", "mimeType", "sortOrder"),
        *("profileImageURL", "profileImageThumbnailURL", "profileImageBlurDataURL", "legacyImageURL"),
    }
)


def new_artist(body: object) -> dict[str, str | None]:
    """Name and bio of an artist to be. Raises Refused: details_invalid, media_not_allowed_here."""
    details = artist_changes(body)
    if "name" not in details:
        raise Refused("details_invalid", "name is missing.")
    return {"bio": None} | details


def artist_changes(body: object) -> dict[str, str | None]:
    """What a merge patch changes. Raises Refused: details_invalid, media_not_allowed_here."""
    if not isinstance(body, dict):
        raise Refused("details_invalid", "The details are an object.")
    if MEDIA_FIELDS & body.keys():
        raise Refused("media_not_allowed_here", "Media is uploaded to the artist's media, not sent with details.")
    if body.keys() - {"name", "bio"}:
        raise Refused("details_invalid", "Only name and bio are known here.")
    if "name" in body and not is_text(body["name"], 1, NAME_MAX):
        raise Refused("details_invalid", f"name has 1 to {NAME_MAX} characters.")
    if body.get("bio") is not None and not is_text(body["bio"], 0, BIO_MAX):
        raise Refused("details_invalid", f"bio is null or has at most {BIO_MAX} characters.")
    return body


def collection(body: object, alt_text_max: int) -> list[Arranged]:
    """The items of a sync in their order. Raises Refused: sync_invalid, purpose_invalid, alt_text_invalid."""
    if not isinstance(body, dict) or body.keys() != {"media"} or not isinstance(body["media"], list):
        raise Refused("sync_invalid", "The body is an object whose one field, media, is a list.")
    if len(body["media"]) > SYNC_MAX:
        raise Refused("sync_invalid", f"A sync may have {SYNC_MAX} items.")
    items = [arranged(item, alt_text_max) for item in body["media"]]
    if len({item.id for item in items}) < len(items):
        raise Refused("sync_invalid", "An item is named twice.")
    return items


def arranged(item: object, alt_text_max: int) -> Arranged:
    if not isinstance(item, dict) or item.keys() != {"ID", "purpose", "altText"} or not isinstance(item["ID"], str):
        raise Refused("sync_invalid", "An item has an ID, a purpose and an altText, and nothing else.")
    return Arranged(item["ID"], purpose(item["purpose"]), alt_text(item["altText"], alt_text_max))


def purpose(value: object) -> str:
    if not isinstance(value, str) or value not in PURPOSES:
        raise Refused("purpose_invalid", f"The purpose of an image is {' or '.join(PURPOSES)}.")
    return value


def alt_text(value: object, maximum: int) -> str | None:
    if value is None:
        return None
    if not isinstance(value, str) or not is_text(value, 0, maximum):
        raise Refused("alt_text_invalid", f"altText has at most {maximum} code points, all of them text.")
    return value


def is_text(value: object, minimum: int, maximum: int) -> bool:
    """Whether it is a string within these bounds, in code points, that any database can hold."""
    return isinstance(value, str) and minimum <= len(value) <= maximum and not UNSTORABLE.search(value)


def file_name(sent: str, maximum: int) -> str | None:
    """A file name for display: the last part of the path, without control characters, at most `maximum` code points."""
    last = re.split(r"[/\\]", sent)[-1]
    visible = "".join(character for character in last if unicodedata.category(character) not in {"Cc", "Zl", "Zp", "Cs"})
    name = visible.strip()[:maximum].strip()
    return name if name.strip(".") else None


def choice(body: Mapping[str, Any], field: str, allowed: tuple[str, ...]) -> str:
    """A field with a closed vocabulary. Raises Refused (details_invalid)."""
    value = body.get(field)
    if not isinstance(value, str) or value not in allowed:
        raise Refused("details_invalid", f"{field} is {', '.join(allowed[:-1])} or {allowed[-1]}.")
    return value
