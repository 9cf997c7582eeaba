"""The two tables. Columns bear the names of the contract's record, so that a plain SQL query reads like an export."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, MetaData, String, Table

metadata = MetaData()

# Order of key bytes, as the object export promises it. SQLite compares bytes anyway.
Bytewise = String().with_variant(String(collation="C"), "postgresql")
# The order of creation, which no later deletion disturbs.
Sequence = BigInteger().with_variant(Integer, "sqlite")

artists = Table(
    "artists",
    metadata,
    Column("sequence", Sequence, primary_key=True, autoincrement=True),
    Column("ID", String(36), key="id", nullable=False, unique=True),
    Column("name", String, nullable=False),
    Column("bio", String),
    Column("legacyImageURL", String, key="legacy_image_url"),
    sqlite_autoincrement=True,
)

artist_media = Table(
    "artist_media",
    metadata,
    Column("sequence", Sequence, primary_key=True, autoincrement=True),
    Column("ID", String(36), key="id", nullable=False, unique=True),
    Column("artistID", String(36), ForeignKey(artists.c.id, ondelete="CASCADE"), key="artist_id", nullable=False),
    Column("mediaTypeID", Integer, key="media_type_id", nullable=False),
    Column("purpose", String, nullable=False),
    Column("status", String, nullable=False),
    Column("originalFileName", String, key="original_file_name"),
    Column("mimeType", String, key="mime_type"),
    Column("byteSize", Integer, key="byte_size"),
    Column("width", Integer),
    Column("height", Integer),
    Column("durationMs", Integer, key="duration_ms"),
    Column("altText", String, key="alt_text"),
    Column("sortOrder", Integer, key="sort_order", nullable=False),
    Column("storageProvider", Bytewise, key="storage_provider"),
    Column("storageLocation", Bytewise, key="storage_location"),
    Column("storageKey", Bytewise, key="storage_key"),
    Column("thumbnailStorageProvider", Bytewise, key="thumbnail_storage_provider"),
    Column("thumbnailStorageLocation", Bytewise, key="thumbnail_storage_location"),
    Column("thumbnailStorageKey", Bytewise, key="thumbnail_storage_key"),
    Column("blurDataURL", String, key="blur_data_url"),
    Column("legacyURL", String, key="legacy_url"),
    Column("legacyThumbnailURL", String, key="legacy_thumbnail_url"),
    sqlite_autoincrement=True,
)

Index("artist_media_order", artist_media.c.artist_id, artist_media.c.sort_order)
Index("artist_media_key", artist_media.c.storage_key)
Index("artist_media_thumbnail_key", artist_media.c.thumbnail_storage_key)
