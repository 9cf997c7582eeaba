from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reference_impl.app import create_app
from reference_impl.runtime import judge
from tests.reference_impl.asgi import Client
from tests.reference_impl.settings import OPERATOR, WRITE, settings

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from sqlalchemy import Engine

    from tests.reference_impl.service import Service

HOOKS = [
    ("POST", "/states/finalisation-failures"),
    ("POST", "/states/storage-failures"),
    ("DELETE", "/states/failures"),
    ("POST", "/states/media-rows"),
    ("PUT", "/states/artists/any/legacy-image"),
    ("GET", "/states/mocked-objects"),
]


@pytest.mark.parametrize("changed", [{"APP_ENV": "development"}, {"MEDIA_STATE_HOOKS": None}])
def test_there_are_no_hooks_but_under_test_with_the_setting(
    changed: dict[str, str | None], engine: Engine, portal: BlockingPortal
) -> None:
    client = Client(create_app(judge(settings(**changed)), engine), portal)
    for method, path in HOOKS:
        answer = client(method, path, credential=OPERATOR, json={})
        assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.parametrize(("method", "path"), HOOKS)
def test_hooks_need_the_operator_credential(service: Service, method: str, path: str) -> None:
    assert service.client(method, path, json={}).code == "credential_missing"
    assert service.client(method, path, credential=WRITE, json={}).code == "credential_wrong_role"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("finalisation-failures", {}),
        ("finalisation-failures", {"times": 0}),
        ("finalisation-failures", {"times": 1001}),
        ("finalisation-failures", {"times": True}),
        ("finalisation-failures", {"times": "1"}),
        ("finalisation-failures", {"times": 1, "more": 1}),
        ("finalisation-failures", []),
        ("storage-failures", {"operation": "get", "artifact": "any", "times": 1}),
        ("storage-failures", {"operation": "put", "artifact": ["any"], "times": 1}),
        ("storage-failures", {"operation": "put", "artifact": "any"}),
        ("media-rows", {"artistID": "x"}),
    ],
)
def test_a_bad_order_is_refused(service: Service, path: str, body: object) -> None:
    answer = service.client("POST", f"/states/{path}", credential=OPERATOR, json=body)
    assert (answer.status, answer.code) == (422, "details_invalid")


def test_armed_failures_are_disarmed(service: Service) -> None:
    service.fail_storage("put", "any", 1000)
    service.fail_finalisation(1000)
    assert service.client("DELETE", "/states/failures", credential=OPERATOR).status == 204
    service.upload(service.artist())


def test_a_planned_row_is_written_as_it_is_given_at_the_end(service: Service) -> None:
    artist = service.artist()
    service.upload(artist)
    planned = {
        "purpose": "profile",
        "status": "ready",
        "legacyURL": "https://a.example/b.jpg",
        "legacyThumbnailURL": "https://a.example/c.jpg",
        "storageProvider": "floppy",
        "storageLocation": "drawer",
        "storageKey": "/odd key",
    }
    identity = service.plan_row(artist, **planned)
    row = service.lines("media-records")[-1]
    assert {name: row[name] for name in planned} == planned
    assert (row["ID"], row["artistID"], row["sortOrder"], row["kind"]) == (identity, artist, 1, "image")
    assert [item["ID"] for item in service.media(artist)][-1] == identity


def test_a_planned_row_needs_an_artist(service: Service) -> None:
    row = dict.fromkeys(("legacyURL", "legacyThumbnailURL", "storageProvider", "storageLocation", "storageKey"))
    body = {"artistID": "nobody", "purpose": "gallery", "status": "ready"} | row
    assert service.client("POST", "/states/media-rows", credential=OPERATOR, json=body).code == "artist_unknown"
    invalid = service.client("POST", "/states/media-rows", credential=OPERATOR, json=body | {"storageKey": 1})
    assert invalid.code == "details_invalid"


def test_a_legacy_image_of_an_artist_is_shown_nowhere(service: Service) -> None:
    artist = service.artist()
    before = service.client("GET", f"/artists/{artist}").json
    target = f"/states/artists/{artist}/legacy-image"
    body = {"legacyImageURL": "https://media.s3.amazonaws.com/media/old/face.jpg"}
    assert service.client("PUT", target, credential=OPERATOR, json=body).status == 204
    assert service.client("GET", f"/artists/{artist}").json == before
    assert service.client("PUT", target, credential=OPERATOR, json={}).code == "details_invalid"


def test_mocked_objects_are_listed_with_what_is_stored(service: Service) -> None:
    media = service.upload(service.artist())
    stored = {each["key"]: each for each in service.objects()}
    answer = service.fetch(media["src"])
    (row,) = service.lines("media-records")
    canonical = stored[row["storageKey"]]
    service.backend.stores.provider = "s3"
    assert service.client("GET", "/states/mocked-objects", credential=OPERATOR).code == "not_found"
    assert f'"{canonical["sha256"]}"' == answer.headers["etag"]
    assert canonical["byteSize"] == len(answer.body)
