"""Mutants of where objects lie: locators in the records, and what the public is told of them."""

from __future__ import annotations

from typing import Any

from tests.mutants.answering import on_items, on_records
from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("LOC-1", "canonical-provider")
def provider_is_written_in_capitals() -> None:
    """storageProvider is MOCKED."""
    on_records(lambda row: row | {"storageProvider": (row["storageProvider"] or "").upper() or None})


@mutant("LOC-1", "thumbnail-provider")
def thumbnails_lie_on_the_disk() -> None:
    """The provider of thumbnails is local."""
    _thumbnail("Provider", "local")


@mutant("LOC-1", "no-emulator")
def location_names_the_emulator() -> None:
    """The location of thumbnails is named after the emulator."""
    _thumbnail("Location", "azurite-media")


@mutant("LOC-2", "location-plain")
def location_is_a_host() -> None:
    """The location is the host of the bucket."""
    on_records(lambda row: row | {"storageLocation": "media.s3.eu-west-1.amazonaws.com"})


@mutant("LOC-2", "location-plain")
def location_ends_with_a_slash() -> None:
    """The location ends with a slash."""
    on_records(lambda row: row | {"storageLocation": f"{row['storageLocation']}/"})


@mutant("LOC-2", "key-without-host")
def key_is_a_url() -> None:
    """The key is an address of the store."""
    _key(lambda key: f"s3://media/{key}")


@mutant("LOC-2", "key-without-query")
def key_has_a_version() -> None:
    """The key ends with a query for its version."""
    _key(lambda key: f"{key}?v=1")


@mutant("LOC-2", "key-without-slash")
def key_begins_with_a_slash() -> None:
    """The key begins with a slash."""
    _key(lambda key: f"/{key}")


@mutant("LOC-3", "whole")
def thumbnails_have_no_location() -> None:
    """The thumbnail's location is left to be that of the canonical."""
    _thumbnail("Location", None)


@mutant("LOC-3", "own")
def thumbnails_share_the_locator() -> None:
    """The thumbnail has the canonical's locator."""
    _shared_locator()


@mutant("LOC-3", "same-form")
def thumbnail_keys_begin_with_a_slash() -> None:
    """The thumbnail's key begins with a slash, the canonical's does not."""
    on_records(lambda row: row | {"thumbnailStorageKey": f"/{row['thumbnailStorageKey']}"})


@mutant("LOC-5", "canonical")
def mocked_says_s3() -> None:
    """A canonical that the mocked adapter stored says s3."""
    on_records(lambda row: row | {"storageProvider": "s3"})


@mutant("LOC-5", "thumbnail")
def mocked_thumbnails_say_azure() -> None:
    """A thumbnail that the mocked adapter stored says azure."""
    _thumbnail("Provider", "azure")


@mutant("LOC-6", "no-locator-field")
def items_have_a_storage_key() -> None:
    """A public item has storage_key, empty."""
    on_items(lambda item, _: item | {"storage_key": None})


@mutant("LOC-6", "no-locator-field")
def cards_have_a_bucket() -> None:
    """A card has imageBucket."""
    from reference_impl import views

    wrap(views, "artist_card", lambda original, *arguments: original(*arguments) | {"imageBucket": None})


@mutant("LOC-6", "no-provider")
def alt_text_names_the_provider() -> None:
    """An item without a file name is called after its provider."""
    on_items(lambda item, row: item | {"originalFileName": f"{row.storage_provider} {item['originalFileName']}"})


@mutant("LOC-6", "no-location")
def file_name_names_the_bucket() -> None:
    """The file name says which bucket it is in."""
    on_items(lambda item, row: item | {"originalFileName": f"{row.storage_location} - {item['originalFileName']}"})


@mutant("LOC-6", "no-key")
def alt_text_is_the_key() -> None:
    """An item without alternative text has its key as one."""
    on_items(lambda item, row: item | {"altText": item["altText"] or row.storage_key})


@mutant("LOC-8", "collection-answers")
def one_unknown_provider_breaks_the_collection() -> None:
    """listArtistMedia answers 503 with a row that it cannot resolve."""
    from reference_impl import catalogue

    wrap_async(catalogue, "collection", _breaking)


@mutant("LOC-8", "artist-answers")
def one_unknown_provider_breaks_the_artist() -> None:
    """readArtist answers 503 with a row that it cannot resolve."""
    from reference_impl import catalogue

    wrap_async(catalogue, "artist", _breaking)


@mutant("LOC-8", "cards-answer")
def an_unknown_provider_hides_the_card() -> None:
    """An artist with a profile row that cannot be resolved is on no page of cards."""
    from reference_impl import records

    def list_artists(original: Any, engine: Any, *rest: Any) -> Any:
        found = original(engine, *rest)
        return [each for each in found if not any(map(_unknown, records.list_profile_media(engine, [each.id])))]

    wrap(records, "list_artists", list_artists)


@mutant("LOC-8", "rest-unchanged")
def reading_stops_at_an_unknown_provider() -> None:
    """What comes behind a row that cannot be resolved is not shown."""
    from itertools import takewhile

    from reference_impl import records

    def list_media(original: Any, *arguments: Any) -> Any:
        return list(takewhile(lambda media: not _unknown(media), original(*arguments)))

    wrap(records, "list_media", list_media)


@mutant("SCO-3", "one-canonical")
def key_names_a_second_place() -> None:
    """The key names a second place, after a comma."""
    _key(lambda key: f"{key},backup/{key}")


@mutant("SCO-3", "one-thumbnail")
def thumbnails_have_half_a_locator() -> None:
    """A thumbnail has a location and a key, and no provider."""
    _thumbnail("Provider", None)


@mutant("SCO-3", "no-replicas")
def rows_have_a_replica() -> None:
    """A row has the key of a replica."""
    on_records(lambda row: row | {"replicaStorageKey": None})


@mutant("SCO-3", "no-replicas")
def locations_are_a_list() -> None:
    """The location is a list of one."""
    on_records(lambda row: row | {"storageLocation": [row["storageLocation"]]})


def _thumbnail(part: str, value: str | None) -> None:
    on_records(lambda row: row | {f"thumbnailStorage{part}": value})


def _key(change: Any) -> None:
    on_records(lambda row: row | {"storageKey": change(row["storageKey"])})


def _shared_locator() -> None:
    on_records(lambda row: row | {f"thumbnailS{name[1:]}": row[name] for name in row if name.startswith("storage")})


def _unknown(media: Any) -> bool:
    return media.storage_provider not in {None, "mocked", "s3", "azure"}


async def _breaking(original: Any, backend: Any, found: Any) -> Any:
    from reference_impl import records
    from reference_impl.storage.protocol import StorageUnavailable

    if any(map(_unknown, await backend.query(records.list_media, found.id))):
        raise StorageUnavailable
    return await original(backend, found)
