"""A backend under test, and short words for what is done to it again and again."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.reference_impl import pictures
from tests.reference_impl.settings import BASE, OPERATOR, WRITE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sqlalchemy import Engine

    from reference_impl.backend import Backend
    from reference_impl.runtime import Runtime
    from tests.reference_impl.asgi import Answer, Client

BOUNDARY = "boundary"
FORM = {"content-type": f"multipart/form-data; boundary={BOUNDARY}"}
JPEG = pictures.encoded(pictures.quarters(40, 30))

Part = tuple[str, bytes]


def field(name: str, value: str | bytes) -> Part:
    return f'form-data; name="{name}"', value.encode() if isinstance(value, str) else value


def file_part(data: bytes, declared: str | None = "image/jpeg", file_name: str = "a.jpg", name: str = "file") -> Part:
    kind = f"\r\nContent-Type: {declared}" if declared else ""
    return f'form-data; name="{name}"; filename="{file_name}"{kind}', data


def form(*parts: Part) -> bytes:
    heads = [f"--{BOUNDARY}\r\nContent-Disposition: {head}\r\n\r\n".encode() + data + b"\r\n" for head, data in parts]
    return b"".join(heads) + f"--{BOUNDARY}--\r\n".encode()


class Service:
    def __init__(self, client: Client, runtime: Runtime, engine: Engine) -> None:
        self.client = client
        self.runtime = runtime
        self.engine = engine

    @property
    def backend(self) -> Backend:
        starlette: Any = self.client.app
        while not hasattr(starlette, "state"):
            starlette = starlette.app
        backend: Backend = starlette.state.backend
        return backend

    def artist(self, name: str = "Quartet") -> str:
        answer = self.client("POST", "/artists", credential=WRITE, json={"name": name})
        assert answer.status == 201, answer
        identity: str = answer.json["artist"]["ID"]
        return identity

    def send_form(self, artist: str, *parts: Part) -> Answer:
        target = f"/artists/{artist}/media"
        return self.client("POST", target, credential=WRITE, headers=FORM, body=form(*parts))

    def send(self, artist: str, data: bytes = JPEG, declared: str = "image/jpeg", purpose: str = "gallery") -> Answer:
        return self.send_form(artist, field("purpose", purpose), file_part(data, declared))

    def upload(self, artist: str, data: bytes = JPEG, declared: str = "image/jpeg", purpose: str = "gallery") -> Any:
        answer = self.send(artist, data, declared, purpose)
        assert answer.status == 201, answer
        return answer.json["media"]

    def media(self, artist: str) -> list[Any]:
        media: list[Any] = self.client("GET", f"/artists/{artist}/media").json["media"]
        return media

    def sync(self, artist: str, items: Iterable[Any]) -> Answer:
        wanted = [{name: item[name] for name in ("ID", "purpose", "altText")} for item in items]
        return self.client("PUT", f"/artists/{artist}/media", credential=WRITE, json={"media": wanted})

    def fetch(self, url: str, method: str = "GET", **headers: str) -> Answer:
        assert url.startswith(f"{BASE}/"), url
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client(method, url.removeprefix(BASE), headers=named)

    def objects(self) -> list[Any]:
        objects: list[Any] = self.client("GET", "/states/mocked-objects", credential=OPERATOR).json["objects"]
        return objects

    def lines(self, export: str) -> list[Any]:
        answer = self.client("GET", f"/ops/{export}", credential=OPERATOR)
        assert answer.status == 200, answer
        return [json.loads(line) for line in answer.body.splitlines()]

    def plan_row(self, artist: str, **fields: object) -> str:
        row = {
            "artistID": artist,
            "purpose": "gallery",
            "status": "ready",
            **dict.fromkeys(("legacyURL", "legacyThumbnailURL", "storageProvider", "storageLocation", "storageKey")),
            **fields,
        }
        answer = self.client("POST", "/states/media-rows", credential=OPERATOR, json=row)
        assert answer.status == 201, answer
        identity: str = answer.json["ID"]
        return identity

    def fail_storage(self, operation: str, artifact: str, times: int = 1) -> None:
        armed = {"operation": operation, "artifact": artifact, "times": times}
        assert self.client("POST", "/states/storage-failures", credential=OPERATOR, json=armed).status == 204

    def fail_finalisation(self, times: int = 1) -> None:
        armed = {"times": times}
        assert self.client("POST", "/states/finalisation-failures", credential=OPERATOR, json=armed).status == 204
