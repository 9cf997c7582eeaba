"""Rows as the contract shows them: the bodies of answers and the lines of exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from reference_impl.records import MEDIA_TYPES
from reference_impl.resolution import render_url

if TYPE_CHECKING:
    from collections.abc import Iterable

    from reference_impl.backend import Backend
    from reference_impl.exports import NamedObject
    from reference_impl.policy import MediaPolicy
    from reference_impl.records import Artist, Media
    from reference_impl.runtime import Runtime

JSON = dict[str, Any]


def media_item(backend: Backend, media: Media) -> JSON:
    return {
        "ID": media.id,
        "artistID": media.artist_id,
        "kind": MEDIA_TYPES[media.media_type_id],
        "purpose": media.purpose,
        "status": media.status,
        "originalFileName": media.original_file_name,
        "mimeType": media.mime_type,
        "byteSize": media.byte_size,
        "width": media.width,
        "height": media.height,
        "altText": media.alt_text,
        "sortOrder": media.sort_order,
        "src": render_url(backend, media, "canonical"),
        "thumbnailSrc": render_url(backend, media, "thumbnail"),
        "blurDataURL": media.blur_data_url,
    }


def profile_media(backend: Backend, collection: Iterable[Media]) -> Media | None:
    """What shows an artist: the first profile-purpose item that has a src."""
    shown = (media for media in collection if media.purpose == "profile" and render_url(backend, media, "canonical"))
    return next(shown, None)


def profile_image(backend: Backend, collection: Iterable[Media]) -> JSON:
    media = profile_media(backend, collection)
    return {
        "profileImageURL": media and render_url(backend, media, "canonical"),
        "profileImageThumbnailURL": media and render_url(backend, media, "thumbnail"),
        "profileImageBlurDataURL": media and media.blur_data_url,
    }


def artist(backend: Backend, artist: Artist, collection: list[Media]) -> JSON:
    return {
        "ID": artist.id,
        "name": artist.name,
        "bio": artist.bio,
        **profile_image(backend, collection),
        "media": [media_item(backend, media) for media in collection],
    }


def artist_card(backend: Backend, artist: Artist, profile_media: Iterable[Media]) -> JSON:
    return {"ID": artist.id, "name": artist.name, **profile_image(backend, profile_media)}


def media_record(media: Media) -> JSON:
    """A row as it is persisted, with the kind that its mediaTypeID means."""
    return {
        "ID": media.id,
        "artistID": media.artist_id,
        "mediaTypeID": media.media_type_id,
        "kind": MEDIA_TYPES[media.media_type_id],
        "purpose": media.purpose,
        "status": media.status,
        "originalFileName": media.original_file_name,
        "mimeType": media.mime_type,
        "byteSize": media.byte_size,
        "width": media.width,
        "height": media.height,
        "durationMs": media.duration_ms,
        "altText": media.alt_text,
        "sortOrder": media.sort_order,
        "storageProvider": media.storage_provider,
        "storageLocation": media.storage_location,
        "storageKey": media.storage_key,
        "thumbnailStorageProvider": media.thumbnail_storage_provider,
        "thumbnailStorageLocation": media.thumbnail_storage_location,
        "thumbnailStorageKey": media.thumbnail_storage_key,
        "blurDataURL": media.blur_data_url,
        "legacyURL": media.legacy_url,
        "legacyThumbnailURL": media.legacy_thumbnail_url,
    }


def media_object(named: NamedObject) -> JSON:
    return {
        "storageProvider": named.provider,
        "storageLocation": named.location,
        "storageKey": named.key,
        "artifactKind": named.artifact_kind,
        "mediaID": named.media_id,
        "status": named.status,
        "mimeType": named.mime_type,
        "byteSize": named.byte_size,
    }


def media_policy(policy: MediaPolicy) -> JSON:
    return {
        "acceptedTypes": list(policy.accepted_types),
        "maxRequestBytes": policy.max_request_bytes,
        "maxSidePixels": policy.max_side_pixels,
        "maxPixels": policy.max_pixels,
        "canonicalLongSide": policy.canonical_long_side,
        "thumbnailLongSide": policy.thumbnail_long_side,
        "blurLongSide": policy.blur_long_side,
        "blurMaxBytes": policy.blur_max_bytes,
        "altTextMaxCodePoints": policy.alt_text_max_code_points,
        "originalFileNameMaxCodePoints": policy.original_file_name_max_code_points,
        "storageTimeoutSeconds": policy.storage_timeout_seconds,
    }


def runtime(runtime: Runtime) -> JSON:
    return {
        "storageProvider": runtime.provider,
        "executionTarget": runtime.target,
        "applicationEnvironment": runtime.environment,
        "endpoint": runtime.endpoint,
        "build": runtime.build,
    }
