"""What pages send that changes something, by what it is."""

from __future__ import annotations

import email.parser
import email.policy
from urllib.parse import urlsplit

from lanes.browsing.traffic import Sent
from lanes.care import READS, artist_in, is_creation, is_upload
from lanes.client import Upload
from lanes.contract import contract

_BEGINNING = 64  # bytes by which a file is known again


def is_write(sent: Sent, files: list[Upload]) -> bool:
    """Whether a request is what the contract calls a write, or carries one of these files, wherever it goes.

    What a page tells others about its visitors is none.
    """
    named = contract().operation_for(sent.method, urlsplit(sent.url).path) is not None
    return sent.method not in READS and (named or any(file.data[:_BEGINNING] in sent.payload for file in files))


def creations(writes: list[Sent]) -> list[Sent]:
    """The requests that create an artist."""
    return [each for each in writes if is_creation(each.method, each.url)]


def patches(writes: list[Sent]) -> list[Sent]:
    """The requests that change an artist."""
    return [each for each in writes if each.method == "PATCH" and artist_in(each.url)]


def uploads(writes: list[Sent]) -> list[Sent]:
    """The requests that send a picture."""
    return [each for each in writes if is_upload(each.method, each.url)]


def form_of(sent: Sent) -> dict[str, str]:
    """The fields that an upload has sent (RFC 7578); its file by name, as `file`."""
    kind = f"Content-Type: {sent.asked.get('content-type', '')}\r\n\r\n".encode()
    found = {}
    for part in email.parser.BytesParser(policy=email.policy.HTTP).parsebytes(kind + sent.payload).iter_parts():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        text = content.decode("utf-8", "replace") if isinstance(content, bytes) else ""
        found[str(name)] = part.get_filename() or text
    return {"file": "a file of which nobody knows", **found}


def syncs(writes: list[Sent]) -> list[Sent]:
    """The requests that save a whole collection."""
    return [each for each in writes if each.method == "PUT" and urlsplit(each.url).path.endswith("/media")]
