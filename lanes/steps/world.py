"""What the steps of one scenario share, and the few things that most of them do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from lanes.checks import Scribe
from lanes.client import Answer, Client, HostNotAllowed
from lanes.corpus import Corpus, Row
from lanes.stack.slot import Stack


@dataclass(frozen=True, slots=True)
class Uploaded:
    """An image of the corpus that was sent, and what the target answered."""

    row: Row
    answer: Answer

    @property
    def item(self) -> dict[str, Any]:
        """The media item of an accepted upload."""
        media: dict[str, Any] = self.answer.json["media"]
        return media


@dataclass(frozen=True, slots=True)
class Shown:
    """What a render URL of an item served: as which artifact (canonical, thumbnail) of which upload."""

    artifact: str
    upload: Uploaded
    answer: Answer

    @property
    def seen(self) -> tuple[Answer, Answer]:
        """The upload and what came of it: both are needed to see it again."""
        return self.upload.answer, self.answer

    def __str__(self) -> str:
        return f"{self.artifact} of {self.upload.row.id}"


@dataclass(slots=True)
class World:
    """One scenario's hands: a client, the corpus, the stack, and the scribe that records its checks.

    The fields below them are what the scenario has arranged so far.
    """

    client: Client
    corpus: Corpus
    stack: Stack
    check: Scribe
    artist: str = ""
    uploads: list[Uploaded] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)

    def create_artist(self) -> str:
        """The ID of a new artist. Raises Blocked, blaming ART-2, when there is none."""
        answer = self.client.call("createArtist", json={"name": "The Quarterdeck Choir", "bio": None})
        artist = (answer.json or {}).get("artist", {}) if answer.status == 201 else {}
        self.check.presume("ART-2", "created", bool(artist), f"{answer}, no artist to go on with", answer)
        return str(artist["ID"])

    def send(self, row: Row, purpose: str = "gallery") -> Uploaded:
        """Uploads an image of the corpus to the scenario's artist, whatever comes of it."""
        answer = self.client.call("uploadArtistMedia", self.artist, form={"purpose": purpose}, files=(self.corpus.upload(row),))
        return Uploaded(row, answer)

    def upload(self, row: Row, purpose: str = "gallery") -> Uploaded:
        """Uploads an image that has to be accepted. Raises Blocked, blaming UPL-1, when it is not."""
        sent = self.send(row, purpose)
        accepted = sent.answer.status == 201 and isinstance((sent.answer.json or {}).get("media"), dict)
        self.check.presume("UPL-1", "created", accepted, f"{row.id}: {sent.answer}, should be 201", sent.answer)
        self.uploads.append(sent)
        return sent

    def collection(self) -> list[dict[str, Any]]:
        """The artist's items in their order. Raises Blocked, blaming UPL-1, when they cannot be read."""
        answer = self.client.call("listArtistMedia", self.artist)
        media = (answer.json or {}).get("media") if answer.status == 200 else None
        self.check.presume("UPL-1", "listed", isinstance(media, list), f"{answer}, no collection to read", answer)
        return list(media or ())

    def shown(self, uploads: Iterable[Uploaded] | None = None) -> list[Shown]:
        """What canonical and thumbnail of each upload serve. Raises Blocked, blaming DEL-2, when one serves nothing."""
        found = []
        for upload in self.uploads if uploads is None else uploads:
            for artifact, key in (("canonical", "src"), ("thumbnail", "thumbnailSrc")):
                url = upload.item.get(key)
                self.check.presume("UPL-1", "render-ready", bool(url), f"{upload.row.id} has no {key}", upload.answer)
                answer = self.fetch(str(url))
                self.check.presume("DEL-2", "get", answer.status == 200, f"{artifact} of {upload.row.id}: {answer}", answer)
                found.append(Shown(artifact, upload, answer))
        return found

    def fetch(self, url: str, method: str = "GET") -> Answer:
        """What a render URL answers to anybody. Raises Blocked, blaming SCO-5, for one that leads somewhere else."""
        try:
            return self.client.fetch(url, method)
        except HostNotAllowed as error:
            self.check.block("SCO-5", "absolute", str(error))

    def policy(self) -> dict[str, Any]:
        """The media policy that the target publishes. Raises Blocked, blaming CON-1, when there is none."""
        answer = self.client.call("readMediaPolicy")
        self.check.presume("CON-1", "status", answer.status == 200, f"{answer}, no policy to go by", answer)
        policy: dict[str, Any] = answer.json
        return policy
