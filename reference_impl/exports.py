"""Every media row and every object that a row names, in batches: what an operator reads. Queries, like records.

A batch is a transaction of its own, so that an export of any length holds up no upload. Each begins behind the last
line of the one before: a row that was there all along is exported once, whatever comes and goes meanwhile.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import literal, null, select, tuple_, union_all

from reference_impl.database import reading
from reference_impl.records import Media
from reference_impl.tables import artist_media

if TYPE_CHECKING:
    from sqlalchemy import Engine

BATCH = 500


@dataclass(frozen=True)
class NamedObject:
    """An object that a row names by a locator. byte_size is known for canonicals only."""

    provider: str
    location: str
    key: str
    media_id: str
    artifact_kind: str
    status: str
    mime_type: str | None
    byte_size: int | None

    @property
    def place(self) -> tuple[str, str, str, str, str]:
        """Where the line stands in the export; two rows may name one object."""
        return self.provider, self.location, self.key, self.media_id, self.artifact_kind


def media_after(engine: Engine, sequence: int) -> list[Media]:
    """The next batch of rows in order of creation."""
    query = select(artist_media).where(artist_media.c.sequence > sequence).order_by(artist_media.c.sequence).limit(BATCH)
    with reading(engine) as connection:
        return [Media(*row) for row in connection.execute(query)]


def objects_after(engine: Engine, place: tuple[str, ...] | None) -> list[NamedObject]:
    """The next batch of named objects by provider, location and key bytes."""
    columns = artist_media.c
    canonicals = select(
        columns.storage_provider.label("provider"),
        columns.storage_location.label("location"),
        columns.storage_key.label("key"),
        columns.id.label("media_id"),
        literal("canonical").label("artifact_kind"),
        columns.status.label("status"),
        columns.mime_type.label("mime_type"),
        columns.byte_size.label("byte_size"),
    )
    thumbnails = select(
        columns.thumbnail_storage_provider,
        columns.thumbnail_storage_location,
        columns.thumbnail_storage_key,
        columns.id,
        literal("thumbnail"),
        columns.status,
        columns.mime_type,
        null(),
    )
    named = union_all(canonicals, thumbnails).subquery()
    order = (named.c.provider, named.c.location, named.c.key, named.c.media_id, named.c.artifact_kind)
    query = (
        select(named)
        .where(named.c.provider.is_not(None), named.c.location.is_not(None), named.c.key.is_not(None))
        .order_by(*order)
        .limit(BATCH)
    )
    if place is not None:
        query = query.where(tuple_(*order) > tuple_(*place))
    with reading(engine) as connection:
        return [NamedObject(*row) for row in connection.execute(query)]
