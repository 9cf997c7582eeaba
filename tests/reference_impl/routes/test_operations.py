from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.reference_impl.settings import OPERATOR, WRITE

if TYPE_CHECKING:
    from tests.reference_impl.service import Service


def test_health_names_the_contract(service: Service) -> None:
    answer = service.client("GET", "/healthz")
    assert answer.json == {"status": "ok", "contractVersion": "1.0.0"}
    assert answer.headers["cache-control"] == "no-store"


def test_the_published_policy_is_the_one_in_force(service: Service) -> None:
    policy = service.backend.policy
    assert service.client("GET", "/media-policy").json == {
        "acceptedTypes": ["image/jpeg", "image/png", "image/webp"],
        "maxRequestBytes": 15_728_640,
        "maxSidePixels": 12_000,
        "maxPixels": 50_000_000,
        "canonicalLongSide": 2048,
        "thumbnailLongSide": 480,
        "blurLongSide": 32,
        "blurMaxBytes": 2048,
        "altTextMaxCodePoints": 500,
        "originalFileNameMaxCodePoints": 255,
        "storageTimeoutSeconds": policy.storage_timeout_seconds,
    }


def test_the_runtime_is_reported(service: Service) -> None:
    assert service.client("GET", "/ops/runtime", credential=OPERATOR).json == {
        "storageProvider": "mocked",
        "executionTarget": "mocked",
        "applicationEnvironment": "test",
        "endpoint": "default",
        "build": "unknown",
    }


@pytest.mark.parametrize("operation", ["media-records", "media-objects", "runtime"])
def test_operator_reads_need_the_operator_credential(service: Service, operation: str) -> None:
    assert service.client("GET", f"/ops/{operation}").code == "credential_missing"
    assert service.client("GET", f"/ops/{operation}", credential="x" * 16).code == "credential_unknown"
    assert service.client("GET", f"/ops/{operation}", credential=WRITE).code == "credential_wrong_role"


def test_records_are_exported_whole_ready_or_not(service: Service) -> None:
    artist = service.artist()
    media = service.upload(artist)
    pending = service.plan_row(artist, status="pending", legacyURL="https://a.example/b")
    ready, other = service.lines("media-records")
    shared = ("ID", "artistID", "kind", "purpose", "status", "originalFileName", "mimeType", "byteSize", "width", "height")
    assert {name: ready[name] for name in shared} == {name: media[name] for name in shared}
    assert (ready["mediaTypeID"], ready["durationMs"], ready["legacyURL"]) == (1, None, None)
    assert (ready["storageProvider"], ready["storageLocation"]) == ("mocked", "media")
    assert media["src"].endswith(f"/{ready['storageKey']}")
    assert media["thumbnailSrc"].endswith(f"/{ready['thumbnailStorageKey']}")
    assert (other["ID"], other["status"], other["legacyURL"]) == (pending, "pending", "https://a.example/b")
    assert len(ready) == len(other) == 23


def test_named_objects_are_exported_in_order(service: Service) -> None:
    artist = service.artist()
    for _ in range(3):
        service.upload(artist)
    lines = service.lines("media-objects")
    keys = [line["storageKey"] for line in lines]
    assert keys == sorted(keys) == [stored["key"] for stored in service.objects()]
    assert {line["artifactKind"] for line in lines} == {"canonical", "thumbnail"}
    assert set(lines[0]) == {
        *("storageProvider", "storageLocation", "storageKey", "artifactKind", "mediaID", "status", "mimeType", "byteSize"),
    }


def test_an_export_is_lines_that_nobody_keeps(service: Service) -> None:
    answer = service.client("GET", "/ops/media-records", credential=OPERATOR)
    assert (answer.headers["content-type"], answer.headers["cache-control"]) == ("application/x-ndjson", "no-store")
    huge = service.client("GET", "/ops/media-records", credential=OPERATOR, headers={"content-length": "99999999"})
    assert (huge.status, huge.raised, huge.read) == (200, None, 0)
