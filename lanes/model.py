"""The model: what any sequence of operations should leave, held in memory and compared with the target after every step.

Hypothesis makes the sequences, and shortens one that ends in a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar, NoReturn

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lanes.client import Answer, Client, Upload
from lanes.contract import NOBODY, key_in
from lanes.findings import Differs, Findings

_TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=12)
_ALT_TEXT = st.none() | st.just("") | _TEXT
_PURPOSE = st.sampled_from(["gallery", "profile"])
_ANY = st.integers(0, 11)


@dataclass(frozen=True, slots=True)
class Item:
    """A media item: what was sent of it, and the identity that the target gave it."""

    id: str
    purpose: str
    alt_text: str | None
    src: str
    thumbnail: str


@dataclass(slots=True)
class Artist:
    """An artist, details and items in their order."""

    id: str
    name: str
    bio: str | None
    items: list[Item] = field(default_factory=list)

    @property
    def profile(self) -> str | None:
        """src of the first profile-purpose item."""
        return next((item.src for item in self.items if item.purpose == "profile"), None)


@dataclass(frozen=True, slots=True)
class Eyes:
    """What can be seen of a target besides its public reads; each is None where it cannot."""

    rows: Callable[[], list[dict[str, Any]]] | None
    keys: Callable[[], set[str]] | None


class Machine(RuleBasedStateMachine):
    """One sequence of operations beside its model. A run gives it a client, files, eyes and a place for findings."""

    client: ClassVar[Client]
    files: ClassVar[tuple[Upload, ...]]
    refused: ClassVar[Upload]
    eyes: ClassVar[Eyes]
    findings: ClassVar[Findings]

    def __init__(self) -> None:
        super().__init__()
        self.artists: list[Artist] = []
        self.gone: list[str] = []  # render URLs
        self.trace: list[Answer] = []

    @initialize(name=_TEXT, bio=_TEXT, purposes=st.lists(_PURPOSE, min_size=5, max_size=5))
    def begin(self, name: str, bio: str, purposes: list[str]) -> None:
        """There are two artists with pictures from the start: what goes wrong mostly does so with several of them."""
        for which, count in enumerate((3, 2)):
            self.create(name, bio)
            for number in range(count):
                self.add(self.artists[which], number, purposes.pop(), None)

    @rule(name=_TEXT, bio=st.none() | _TEXT)
    def create_artist(self, name: str, bio: str | None) -> None:
        """A new artist is last."""
        self.create(name, bio)

    @precondition(lambda self: self.artists)
    @rule(which=_ANY, changes=st.fixed_dictionaries({}, optional={"name": _TEXT, "bio": st.none() | _TEXT}))
    def edit(self, which: int, changes: dict[str, str | None]) -> None:
        """What is sent is changed, the rest stays."""
        artist = self.artist(which)
        sent = self.call("editArtist", artist.id, json=changes, status=200).request.json
        artist.name = sent.get("name") or artist.name
        artist.bio = sent.get("bio", artist.bio)

    @precondition(lambda self: self.artists)
    @rule(which=_ANY, file=_ANY, purpose=_PURPOSE, alt_text=_ALT_TEXT)
    def upload(self, which: int, file: int, purpose: str, alt_text: str | None) -> None:
        """An item more, at the end."""
        self.add(self.artist(which), file, purpose, alt_text)

    @precondition(lambda self: self.artists)
    @rule(which=_ANY)
    def upload_refused(self, which: int) -> None:
        """A damaged file changes nothing."""
        files = (self.refused,)
        self.call("uploadArtistMedia", self.artist(which).id, form={"purpose": "gallery"}, files=files, status=422)

    @precondition(lambda self: any(artist.items for artist in self.artists))
    @rule(which=_ANY, order=st.lists(_ANY, max_size=6), purposes=st.lists(_PURPOSE, min_size=6, max_size=6), alt_text=_ALT_TEXT)
    def sync(self, which: int, order: list[int], purposes: list[str], alt_text: str | None) -> None:
        """The items named, in their new order and state; the others are gone."""
        artist = self.artist_with_items(which)
        chosen = dict.fromkeys(number % len(artist.items) for number in order)
        wanted = [
            replace(artist.items[number], purpose=purpose, alt_text=alt_text)
            for number, purpose in zip(chosen, purposes, strict=False)
        ]
        self.save(artist, wanted, status=200)
        kept = {item.id for item in wanted}
        self.forget(item for item in artist.items if item.id not in kept)
        artist.items = wanted

    @precondition(lambda self: self.artists)
    @rule(which=_ANY)
    def sync_refused(self, which: int) -> None:
        """A sync that names a stranger changes nothing."""
        artist = self.artist(which)
        self.save(artist, [*artist.items[::-1], Item(NOBODY, "gallery", None, "", "")], status=422)

    @precondition(lambda self: any(artist.items for artist in self.artists))
    @rule(which=_ANY, item=_ANY)
    def delete_item(self, which: int, item: int) -> None:
        """One item less, and gone for good."""
        artist = self.artist_with_items(which)
        removed = artist.items.pop(item % len(artist.items))
        self.call("deleteArtistMedia", artist.id, removed.id, status=204)
        self.call("deleteArtistMedia", artist.id, removed.id, status=404)
        self.forget([removed])

    @precondition(lambda self: len(self.artists) > 1)
    @rule(which=_ANY)
    def delete_artist(self, which: int) -> None:
        """An artist less, with all items."""
        artist = self.artist(which)
        self.call("deleteArtist", artist.id, status=204)
        self.call("readArtist", artist.id, status=404)
        self.forget(artist.items)
        self.artists.remove(artist)

    @invariant()
    def agrees(self) -> None:
        """Public reads, records and objects are those of the model."""
        for artist in self.artists:
            self.compare_artist(artist)
        self.compare_cards()
        self.compare_rendering()
        self.compare_rows()
        self.compare_objects()

    def teardown(self) -> None:
        """Leaves nothing of this sequence."""
        for artist in self.artists:
            self.client.call("deleteArtist", artist.id)

    # What the rules are made of.

    def artist(self, which: int) -> Artist:
        """One of the artists."""
        return self.artists[which % len(self.artists)]

    def artist_with_items(self, which: int) -> Artist:
        """One of those that have items."""
        having = [artist for artist in self.artists if artist.items]
        return having[which % len(having)]

    def create(self, name: str, bio: str | None) -> None:
        """Creates an artist."""
        answer = self.call("createArtist", json={"name": name, "bio": bio}, status=201)
        sent = answer.request.json  # with a mark of ours, where others use the target too
        self.artists.append(Artist(answer.json["artist"]["ID"], sent["name"], sent["bio"]))

    def add(self, artist: Artist, file: int, purpose: str, alt_text: str | None) -> None:
        """Uploads one of the files."""
        form = {"purpose": purpose} | ({} if alt_text is None else {"altText": alt_text})
        files = (self.files[file % len(self.files)],)
        media = self.call("uploadArtistMedia", artist.id, form=form, files=files, status=201).json["media"]
        artist.items.append(Item(media["ID"], purpose, alt_text, media["src"], media["thumbnailSrc"]))

    def save(self, artist: Artist, items: list[Item], status: int) -> None:
        """Syncs a collection."""
        media = [{"ID": item.id, "purpose": item.purpose, "altText": item.alt_text} for item in items]
        self.call("syncArtistMedia", artist.id, json={"media": media}, status=status)

    def forget(self, items: Any) -> None:
        """These render URLs answer nothing any more."""
        self.gone.extend(url for item in items for url in (item.src, item.thumbnail))

    def call(self, operation: str, *path: str, status: int, **parts: Any) -> Answer:
        """One operation, whose status the model predicts. Raises Differs."""
        self.findings.check_time()
        answer = self.client.call(operation, *path, **parts)
        self.trace.append(answer)
        self.same("answers", answer.status == status, f"{answer}, should be {status}")
        if any(violation.clause in {"media-type", "body"} for violation in answer.violations):
            self.differ("answers", f"{answer}, whose body the contract does not document")
        return answer

    def same(self, clause: str, agrees: bool, detail: str) -> None:
        """Counts a comparison. Raises Differs."""
        self.findings.counts[clause] += 1
        if not agrees:
            self.differ(clause, detail)

    def differ(self, clause: str, detail: str) -> NoReturn:
        """Ends the sequence here."""
        difference = Differs(clause, detail, tuple(self.trace))
        self.findings.add(difference)
        raise difference

    def compare_artist(self, artist: Artist) -> None:
        """Details, items in order, and profile image, in both reads."""
        read = self.call("readArtist", artist.id, status=200).json["artist"]
        details = (read["name"], read["bio"])
        self.same("details", details == (artist.name, artist.bio), f"{details}, should be {(artist.name, artist.bio)}")
        listed = self.call("listArtistMedia", artist.id, status=200).json["media"]
        wanted = [(item.id, item.purpose, item.alt_text, item.src, place) for place, item in enumerate(artist.items)]
        for what, items in (("readArtist", read["media"]), ("listArtistMedia", listed)):
            found = [(each["ID"], each["purpose"], each["altText"], each["src"], each["sortOrder"]) for each in items]
            self.same("collections", found == wanted, f"{what} has {found}, should be {wanted}")
        shown = read["profileImageURL"]
        self.same("profile-images", shown == artist.profile, f"profileImageURL {shown}, should be {artist.profile}")

    def compare_cards(self) -> None:
        """The model's artists are on the pages of cards, in order, each with its profile image."""
        cards: list[dict[str, Any]] = []
        cursor: str | None = None
        while True:
            query = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
            page = self.call("listArtists", query=query, status=200).json
            cards += page["artists"]
            cursor = page["nextCursor"]
            if not cursor:
                break
        ours = {artist.id for artist in self.artists}
        found = [(card["ID"], card["name"], card["profileImageURL"]) for card in cards if card["ID"] in ours]
        wanted = [(artist.id, artist.name, artist.profile) for artist in self.artists]
        self.same(
            "details", [each[:2] for each in found] == [each[:2] for each in wanted], f"cards {found}, should be {wanted}"
        )
        self.same("profile-images", found == wanted, f"cards {found}, should be {wanted}")

    def compare_rendering(self) -> None:
        """Every render URL of the model answers, and none of what is gone."""
        for urls, status in (
            ([url for artist in self.artists for item in artist.items for url in (item.src, item.thumbnail)], 200),
            (self.gone[-6:], 404),
        ):
            for url in urls:
                answer = self.client.fetch(url, "HEAD")
                self.trace.append(answer)
                self.same("rendering", answer.status == status, f"{answer}, should be {status}")

    def compare_rows(self) -> None:
        """The records have the model's items as rows, and none of its artists' besides."""
        if self.eyes.rows is None:
            return
        ours = {artist.id for artist in self.artists}
        found = sorted((row["artistID"], row["sortOrder"], row["ID"]) for row in self.eyes.rows() if row["artistID"] in ours)
        wanted = sorted((artist.id, place, item.id) for artist in self.artists for place, item in enumerate(artist.items))
        self.same("collections", found == wanted, f"the records have {found}, should be {wanted}")

    def compare_objects(self) -> None:
        """The store has the objects of the model's items, and none of what is gone."""
        if self.eyes.keys is None:
            return
        stored = self.eyes.keys()
        urls = [url for artist in self.artists for item in artist.items for url in (item.src, item.thumbnail)]
        lacking = [url for url in urls if key_in(url) not in stored]
        left = [url for url in self.gone if key_in(url) in stored]
        self.same("rendering", not lacking and not left, f"the store lacks {lacking[:1]} and still has {left[:1]}")
