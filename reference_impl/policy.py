"""The media policy: every number by which an upload is judged or shaped."""

from __future__ import annotations

from dataclasses import dataclass

# What the store keeps with every object, and what render URLs answer: a year in browsers, a day in shared caches.
CACHE_CONTROL = "public, max-age=31536000, s-maxage=86400, immutable"

EXTENSIONS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


@dataclass(frozen=True)
class MediaPolicy:
    """Ceilings and targets in force. Sides in pixels, long side where a target is one number."""

    accepted_types: tuple[str, ...] = tuple(EXTENSIONS)
    max_request_bytes: int = 15 * 1024 * 1024
    max_side_pixels: int = 12_000
    max_pixels: int = 50_000_000
    canonical_long_side: int = 2048
    thumbnail_long_side: int = 480
    blur_long_side: int = 32
    blur_max_bytes: int = 2048
    alt_text_max_code_points: int = 500
    original_file_name_max_code_points: int = 255
    storage_timeout_seconds: float = 10
