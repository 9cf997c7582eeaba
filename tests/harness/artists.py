"""A small target that keeps artists."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

from tests.harness.servers import Asked, Reply

_JSON = {"Content-Type": "application/json", "Cache-Control": "no-store"}


@dataclass
class Artists:
    """A target as far as artists go. `stubborn` are those that it does not delete; `page` cards make a page."""

    names: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    stubborn: set[str] = field(default_factory=set)
    kept: set[str] = field(default_factory=set)  # those that it says it has deleted, the first time
    page: int = 2
    forgetful: bool = False  # it creates, and breaks down before it says so
    upsert: str | None = None  # an artist who is there, and whom it takes for the new one

    def reply(self, asked: Asked) -> Reply:
        path, _, query = asked.path.partition("?")
        artist = path.rpartition("/")[2]
        match asked.method, path:
            case "POST", "/artists":
                return self.create(json.loads(asked.body))
            case "GET", "/artists":
                return self.listed(int((re.findall(r"cursor=(\d+)", query) or ["0"])[0]))
            case "DELETE", _ if artist in self.stubborn:
                return Reply(500)
            case "DELETE", _ if artist in self.kept:
                self.kept.remove(artist)
                return Reply(204)
            case "DELETE", _:
                return Reply(204 if self.names.pop(artist, None) else 404)
            case "GET", _ if artist in self.names:
                name, bio = self.names[artist]
                return Reply(200, _JSON, json.dumps({"artist": {"ID": artist, "name": name, "bio": bio}}).encode())
        return Reply(404)

    def create(self, details: dict[str, str | None]) -> Reply:
        artist = self.upsert or f"a{len(self.names)}"
        if not self.upsert:
            self.names[artist] = (str(details["name"]), details.get("bio"))
        if self.forgetful:
            return Reply(500)
        name, bio = self.names[artist]
        return Reply(201, _JSON, json.dumps({"artist": {"ID": artist, "name": name, "bio": bio}}).encode())

    def listed(self, start: int) -> Reply:
        cards = [{"ID": artist, "name": name} for artist, (name, _) in self.names.items()][start : start + self.page]
        more = start + self.page < len(self.names)
        return Reply(
            200, _JSON, json.dumps({"artists": cards, "nextCursor": str(start + self.page) if more else None}).encode()
        )
