"""Mutants of a process that is killed in the middle of uploads."""

from __future__ import annotations

from typing import Any

from tests.mutants.keeping import record_early
from tests.mutants.mutant import mutant, wrap


@mutant("UPL-12", "restarts")
def unfinished_uploads_forbid_a_start() -> None:
    """The server refuses to start while the records have a picture that is not ready."""
    from reference_impl import app, exports

    def create(original: Any, runtime: Any, database: Any) -> Any:
        if any(media.status != "ready" for media in exports.media_after(database, 0)):
            raise SystemExit("The records have an unfinished upload: see to it first.")
        return original(runtime, database)

    record_early("thumbnail", "pending")
    wrap(app, "create_app", create)


@mutant("UPL-12", "restarts")
def unfinished_uploads_break_their_artist() -> None:
    """An artist with a picture that never became ready answers 500."""
    from reference_impl import exports, records
    from reference_impl.errors import Refused

    def list_media(original: Any, engine: Any, artist_id: str) -> Any:
        rows = [media for media in exports.media_after(engine, 0) if media.artist_id == artist_id]
        if any(media.status == "pending" for media in rows):
            raise Refused("internal", "A picture is not ready.")
        return original(engine, artist_id)

    record_early("canonical", "pending")
    wrap(records, "list_media", list_media)


@mutant("UPL-12", "items-render")
def killed_uploads_are_shown() -> None:
    """A picture whose upload was killed before anything of it was stored is shown, and does not render."""
    record_early("canonical", "ready")


@mutant("UPL-12", "items-render")
def killed_uploads_are_shown_without_thumbnail() -> None:
    """A picture whose upload was killed before its thumbnail was stored is shown, and its thumbnail does not render."""
    record_early("thumbnail", "ready")


@mutant("UPL-12", "canonicals-exist")
def killed_uploads_are_recorded() -> None:
    """A pending row of an upload that was killed names a canonical that was never stored."""
    record_early("canonical", "pending")


@mutant("UPL-12", "thumbnails-exist")
def killed_uploads_are_recorded_without_thumbnail() -> None:
    """A pending row of an upload that was killed names a thumbnail that was never stored."""
    record_early("thumbnail", "pending")
