"""What holds of every picture that is taken, whatever its size, mode, orientation, profile, transparency and format."""

from __future__ import annotations

import base64
import io

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from lanes.oracle import containers, pictures
from lanes.places import FIXTURES
from lanes.recipes import CORNERS, make, upright
from reference_impl.ingest import Ingested, ingest
from reference_impl.policy import MediaPolicy

_PHOTOS = FIXTURES / "photos"
POLICY = MediaPolicy(canonical_long_side=300, thumbnail_long_side=80)
MODES = {
    "jpeg": ["rgb", "grey", "progressive", "two-pictures"],
    "png": ["rgb", "grey", "palette", "transparent", "sixteen-bit", "interlaced"],
    "webp": ["rgb", "transparent"],
}


@st.composite
def uploads(draw: st.DrawFn) -> tuple[Image.Image, str, str, int, str | None, bytes]:
    """A picture as it has to be shown, its format, mode, orientation and profile, and the file that it is in."""
    size = draw(st.integers(1, 420)), draw(st.integers(1, 420))
    kind = draw(st.sampled_from(["jpeg", "png", "webp"]))
    mode = draw(st.sampled_from(MODES[kind]))
    orientation = draw(st.integers(1, 8))
    profiles = [None, "srgb", "display-p3", "adobe-rgb", "broken"] if mode in {"rgb", "progressive", "interlaced"} else [None]
    profile = draw(st.sampled_from(profiles))
    recipe = {"photo": "coffee.jpg", "size": size, "format": kind, "mode": mode, "orientation": orientation}
    recipe |= {"profile": profile} if profile else {}
    recipe |= {"metadata": ["exif", "gps"]} if orientation > 1 else {}
    return _picture(size), kind, mode, orientation, profile, make(recipe, _PHOTOS)


def _picture(size: tuple[int, int]) -> Image.Image:
    return upright({"photo": "coffee.jpg", "size": size}, _PHOTOS)


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(uploads())
def test_every_picture_comes_out_right(upload: tuple[Image.Image, str, str, int, str | None, bytes]) -> None:
    picture, kind, mode, _, profile, data = upload
    made = ingest(data, f"image/{kind}", POLICY)
    canonical = pictures.decode(made.canonical)
    assert canonical.size == (made.width, made.height)
    assert containers.parse(made.canonical).format == containers.parse(made.thumbnail).format == kind
    assert containers.metadata(made.canonical) == containers.metadata(made.thumbnail) == {}
    check_sizes(made, picture.size)
    preview = pictures.decode(base64.b64decode(made.blur_data_url.partition(",")[2]))
    assert max(preview.size) <= POLICY.blur_long_side
    assert len(made.blur_data_url) <= POLICY.blur_max_bytes
    if min(picture.size) >= 60 and mode not in {"grey", "transparent"} and profile != "broken":
        assert pictures.off_patches(canonical, CORNERS, 12) == []
    if mode == "transparent" and min(picture.size) >= 60:
        assert canonical.convert("RGBA").getchannel("A").tobytes().count(0) > 0


def check_sizes(made: Ingested, size: tuple[int, int]) -> None:
    """Within the targets, never enlarged, and in the shape of the upload within a pixel."""
    for data, limit in ((made.canonical, POLICY.canonical_long_side), (made.thumbnail, POLICY.thumbnail_long_side)):
        with Image.open(io.BytesIO(data)) as found:
            assert max(found.size) == min(limit, max(size))
            scale = max(found.size) / max(size)
            assert all(abs(side - max(1.0, whole * scale)) <= 1 for side, whole in zip(found.size, size, strict=True))
