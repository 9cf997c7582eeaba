"""What the steps of one scenario share, and the few things that most of them do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from lanes.by_hand import ByHand
from lanes.checks import Blocked, Scribe
from lanes.client import Answer, Client, HostNotAllowed, Upload
from lanes.corpus import Corpus, Row
from lanes.fuzzing import NORMAL, Effort
from lanes.stack.slot import Stack
from lanes.stores.store import Store

if TYPE_CHECKING:
    from lanes.stack.gateway.server import Gateway


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
    effort: Effort = NORMAL
    settings: Mapping[str, str] = field(default_factory=dict)  # what its process was launched with
    group: int | None = None  # the process group of a process of its own
    artist: str = ""
    uploads: list[Uploaded] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    notes: dict[str, Any] = field(default_factory=dict)
    closing: ExitStack = field(default_factory=ExitStack)  # what is open as long as the scenario goes on

    @property
    def provider(self) -> str:
        """The storage provider that the target writes to."""
        return self.settings.get("MEDIA_STORAGE_PROVIDER") or self.check.plan.lane.provider or ""

    @property
    def gateway(self) -> Gateway:
        """The target's way to its stores. Raises LookupError where the lane has none."""
        return self.stack.grounds.gateway

    @property
    def store(self) -> Store:
        """The harness's own eyes on the store that the target writes to. Raises LookupError where it has none."""
        return self.stack.grounds.stores[self.provider]

    @property
    def location(self) -> str:
        """Where the target stores new objects."""
        return self.settings.get("MEDIA_LOCATION", "media")

    def create_artist(self) -> str:
        """The ID of a new artist. Raises Blocked, blaming ART-2, when there is none."""
        answer = self.client.call("createArtist", json={"name": "The Quarterdeck Choir", "bio": None})
        return str(self.told(answer, 201, "ART-2", "created")["artist"]["ID"])

    def artist_with(self, pictures: int) -> str:
        """The ID of a new artist, the scenario's from now on, with so many pictures."""
        self.artist = self.create_artist()
        for row in self.corpus.of("small")[:pictures]:
            self.upload(row)
        return self.artist

    def send(self, row: Row, purpose: str = "gallery") -> Uploaded:
        """Uploads an image of the corpus to the scenario's artist, whatever comes of it."""
        return Uploaded(row, self.send_file(self.corpus.upload(row), purpose=purpose))

    def send_file(self, *files: Upload, artist: str | None = None, purpose: str = "gallery", **form: str) -> Answer:
        """Uploads files, as a rule one, with these fields to the scenario's artist or another, whatever comes of it."""
        fields = {"purpose": purpose, **form}
        return self.client.call("uploadArtistMedia", artist or self.artist, form=fields, files=files)

    def upload_by_hand(self, row: Row, purpose: str = "gallery", artist: str | None = None) -> ByHand:
        """An upload to the scenario's artist, or another one, whose bytes the caller sends."""
        request = self.client.request("uploadArtistMedia", artist or self.artist)
        request = replace(request, form=(("purpose", purpose),), files=(self.corpus.upload(row),))
        return self.client.by_hand(request)

    def upload(self, row: Row, purpose: str = "gallery") -> Uploaded:
        """Uploads an image that has to be accepted. Raises Blocked, blaming UPL-1, when it is not."""
        sent = self.send(row, purpose)
        self.told(sent.answer, 201, "UPL-1", "created")
        self.uploads.append(sent)
        return sent

    def accepted(self, row: Row, purpose: str = "gallery") -> Uploaded:
        """Uploads an image that has to be accepted, whatever else is wrong with the item that it becomes.

        For rules about a field that the contract's schema judges too. Raises Blocked, blaming UPL-1.
        """
        sent = self.send(row, purpose)
        there = (
            sent.answer.status == 201 and isinstance(sent.answer.json, dict) and isinstance(sent.answer.json.get("media"), dict)
        )
        self.check.presume("UPL-1", "created", there, f"{sent.answer}, should be 201 with an item", sent.answer)
        self.uploads.append(sent)
        return sent

    def collection(self, artist: str | None = None) -> list[dict[str, Any]]:
        """The items of the scenario's artist, or another's, in their order. Raises Blocked, blaming UPL-1, without any."""
        answer = self.client.call("listArtistMedia", artist or self.artist)
        media: list[dict[str, Any]] = self.told(answer, 200, "UPL-1", "listed")["media"]
        return media

    def read_artist(self) -> dict[str, Any]:
        """The scenario's artist. Raises Blocked, blaming UPL-1, when it cannot be read."""
        answer = self.client.call("readArtist", self.artist)
        artist: dict[str, Any] = self.told(answer, 200, "UPL-1", "listed")["artist"]
        return artist

    def told(self, answer: Answer, status: int, rule: str, clause: str) -> dict[str, Any]:
        """The body of an answer that the scenario stands on. Raises Blocked.

        Another status blames the clause; a body that the contract does not document has been blamed already, and nothing of
        it can be relied on.
        """
        self.check.presume(rule, clause, answer.status == status, f"{answer}, should be {status}", answer)
        for violation in answer.violations:
            if violation.clause in {"media-type", "body"}:
                raise Blocked(f"{answer}, and nobody can go on with that: {violation.text}")
        body: dict[str, Any] = answer.json
        return body

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
        return self.told(self.client.call("readMediaPolicy"), 200, "CON-1", "status")
