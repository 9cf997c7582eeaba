"""Mutants that are wrong in one corner only: in one direction, at one place, for one kind of call."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.mutants.keeping import after_upload, leave_what_failed, on_clean_up, on_failed_upload, on_put
from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("RST-1", "media-emptied", before_start=True)
def reset_empties_what_rows_name() -> None:
    """Nothing without the flag; with it, what rows name is deleted, and then the rows; orphans stay."""
    from reference_impl import __main__ as command

    def reset(_: Any, runtime: Any, *, media: bool) -> int:
        from contextlib import closing

        from reference_impl import exports, records
        from reference_impl.database import open_database
        from reference_impl.resolution import stored_locator
        from reference_impl.storage import providers

        if not media:
            return 0
        database = open_database(runtime.database_url)
        rows = list(exports.media_after(database, 0))
        with closing(providers.active(runtime)) as store:
            for row in rows:
                for kind in ("canonical", "thumbnail"):
                    if found := stored_locator(row, kind):
                        store.delete(found)
        records.empty(database)
        database.dispose()
        return 0

    wrap(command, "reset", reset)


@mutant("RST-1", "media-emptied", before_start=True)
def reset_empties_one_page() -> None:
    """One page of the listing is deleted: a thousand objects, no more."""
    from reference_impl.storage.s3 import S3Store

    wrap(S3Store, "list", lambda original, self, location, prefix: iter(list(original(self, location, prefix))[:1000]))


def _status(error: BaseException) -> Any:
    """The status by which a store refused, in either provider's words."""
    cause: Any = error.__cause__
    response = getattr(cause, "response", None)
    if isinstance(response, dict):
        return response.get("ResponseMetadata", {}).get("HTTPStatusCode")
    return getattr(cause, "status_code", None)


@mutant("UPL-3", "answers-503", judged_by="CON-6")
def a_denied_write_is_internal() -> None:
    """A write that the store denies (403) is answered with 500."""
    from reference_impl.errors import Refused

    async def put(original: Any, self: Any, *rest: Any) -> None:
        try:
            await original(self, *rest)
        except Refused as refusal:
            if _status(refusal) == 403:
                raise Refused("internal", "What?") from None
            raise

    on_put(put)


def _told(when: Any) -> None:
    """Deletion goes on, and then tells of it."""
    from reference_impl import workflow
    from reference_impl.errors import Refused
    from reference_impl.resolution import artifacts

    async def delete_objects(_: Any, backend: Any, removed: Any) -> None:
        failure = None
        for media in removed:
            for artifact in artifacts(backend, media):
                try:
                    await backend.stores.delete(artifact)
                except Refused as refusal:
                    if when(refusal):
                        failure = refusal
        if failure:
            raise failure

    wrap_async(workflow, "delete_objects", delete_objects)


@mutant("SYN-5", "item-delete-succeeds", judged_by="CON-6")
def a_denied_deletion_is_told() -> None:
    """A delete that the store denies is answered with 503."""
    _told(lambda refusal: _status(refusal) == 403)


@mutant("SYN-5", "item-delete-succeeds", judged_by="CON-6")
def a_hanging_deletion_is_told() -> None:
    """A delete that the store hangs on is answered with 504."""
    _told(lambda refusal: refusal.code == "storage_timeout")


@mutant("CON-6", "no-orphan")
def what_timed_out_is_taken_for_absent() -> None:
    """What timed out counts as not stored."""
    leave_what_failed(lambda refusal: bool(refusal.code == "storage_timeout"))


@mutant("UPL-6", "own-keys-only")
def clean_up_collects_garbage() -> None:
    """Clearing away collects garbage: every object that no row names."""

    async def discard(original: Any, backend: Any, unwanted: Any, _: str) -> None:
        from reference_impl import exports
        from reference_impl.storage.locator import Artifact

        place = unwanted[0].locator
        rows = await backend.query(exports.media_after, 0)
        named = {key for row in rows for key in (row.storage_key, row.thumbnail_storage_key)}
        every = list(backend.stores.adapters[place.provider].list(place.location, "media/"))
        more = [Artifact("canonical", each) for each in every if each.key not in named]
        await original(backend, [*unwanted, *(each for each in more if each.locator not in {u.locator for u in unwanted})])

    on_clean_up(discard)


def _locations() -> None:
    from reference_impl import resolution

    def artifact(original: Any, backend: Any, media: Any, kind: str) -> Any:
        found = original(backend, media, kind)
        if found and resolution.stored_locator(media, kind):  # type: ignore[arg-type]
            return replace(found, locator=replace(found.locator, location=backend.stores.location))
        return found

    from reference_impl import catalogue

    for each in (resolution, catalogue):
        wrap(each, "artifact", artifact)


@mutant("LEG-5", "read-follows")
def the_location_is_a_setting() -> None:
    """The bucket of a stored locator is not looked at: it is the one in the settings."""
    _locations()


@mutant("LOC-4", "old-renders")
def azure_is_known_only_while_it_is_active() -> None:
    """Azure is known only while it is written to; S3 always."""
    from reference_impl.storage import providers

    wrap(
        providers,
        "is_given",
        lambda original, runtime, provider: original(runtime, provider) and (provider == "s3" or runtime.provider == "azure"),
    )


@mutant("LEG-1", "url-forms")
def keys_behind_hosts_are_not_decoded() -> None:
    """Keys are decoded only where the bucket is in the path."""
    from urllib.parse import quote, urlsplit

    from reference_impl.storage.legacy import LegacyURLs

    def locate(original: Any, self: Any, url: str) -> Any:
        found = original(self, url)
        host = urlsplit(url).hostname or ""
        if found and not host.startswith("s3.") and host != "127.0.0.1":
            return replace(found, key=quote(found.key))
        return found

    wrap(LegacyURLs, "locate", locate)


@mutant("LEG-1", "url-forms")
def path_style_is_always_the_media_bucket() -> None:
    """A path-style URL is read as one of the media bucket, at Amazon's own host."""
    from urllib.parse import urlsplit

    from reference_impl.storage.legacy import LegacyURLs

    def locate(original: Any, self: Any, url: str) -> Any:
        found = original(self, url)
        host = urlsplit(url).hostname or ""
        return replace(found, location=self.s3_location) if found and host.startswith("s3.") else found

    wrap(LegacyURLs, "locate", locate)


def _left(name: str) -> None:
    from contextvars import ContextVar

    from reference_impl import workflow
    from reference_impl.resolution import stored_locator

    inside: ContextVar[bool] = ContextVar("inside", default=False)

    async def around(original: Any, *arguments: Any) -> Any:
        inside.set(True)
        return await original(*arguments)

    wrap_async(workflow, name, around)
    wrap(
        workflow,
        "artifacts",
        lambda original, backend, media: [
            each for each in original(backend, media) if not inside.get() or stored_locator(media, each.kind)
        ],
    )


@mutant("LEG-2", "canonical-deleted")
def deleted_artists_leave_old_pictures() -> None:
    """Deleting an artist deletes what locators name, and leaves what old URLs name."""
    _left("remove_artist")


@mutant("LEG-2", "canonical-deleted")
def syncs_leave_old_pictures() -> None:
    """A sync deletes what locators name, and leaves what old URLs name."""
    _left("arrange")


@mutant("SCO-4", "two-objects")
def originals_are_kept_in_another_bucket() -> None:
    """The file is stored as it was sent, in a bucket of its own."""

    async def keep(backend: Any, sent: Any, _: Any, media: Any) -> None:
        from anyio import to_thread

        sent.file.seek(0)
        data = sent.file.read()
        client = backend.stores.adapters["s3"]._client  # noqa: SLF001

        def store() -> None:
            bucket = f"{backend.stores.location}-originals"
            client.create_bucket(Bucket=bucket)
            client.put_object(Bucket=bucket, Key=f"media/{media.id}", Body=data)

        await to_thread.run_sync(store)

    after_upload(keep)


async def _placeless(backend: Any, artist_id: str, _: Any) -> None:
    import uuid

    from reference_impl import records

    row = records.NewMedia(id=str(uuid.uuid4()), purpose="gallery", status="failed")
    await backend.query(records.insert_media, artist_id, row)


@mutant("CON-6", "no-mismatch")
def timeouts_leave_a_row_without_a_place() -> None:
    """An upload that the store hung on leaves a failed row that names nothing."""
    on_failed_upload(_placeless, lambda refusal: bool(refusal.code == "storage_timeout"))


@mutant("LEG-4", "look-alike", seen_in="A")
def any_account_is_ours() -> None:
    """A blob of any account is taken for one of ours."""
    from reference_impl.storage import legacy
    from reference_impl.storage.legacy import LegacyURLs

    def azure(original: Any, self: Any, parts: Any, host: str) -> Any:
        if legacy.AZURE_HOST.fullmatch(host):
            return legacy.named("azure", parts.path)
        return original(self, parts, host)

    wrap(LegacyURLs, "_azure", azure)


@mutant("LEG-4", "look-alike", seen_in="SA")
def any_port_is_the_endpoint() -> None:
    """An endpoint is known by its host, at whatever port."""
    from urllib.parse import urlsplit

    from reference_impl.storage import legacy
    from reference_impl.storage.legacy import LegacyURLs

    def s3(original: Any, self: Any, parts: Any, host: str) -> Any:
        if self.s3_endpoint and host == urlsplit(self.s3_endpoint).hostname:
            return legacy.named("s3", parts.path)
        return original(self, parts, host)

    wrap(LegacyURLs, "_s3", s3)


@mutant("CON-6", "no-orphan")
def deletions_wait_for_ever() -> None:
    """Deletes have no time-out at all."""
    from functools import partial

    from anyio import to_thread

    from reference_impl.storage.patience import Patience
    from reference_impl.storage.stores import Stores

    wrap(Patience, "__init__", lambda original, self, _: original(self, 3600.0))

    async def delete(_: Any, self: Any, artifact: Any) -> None:
        await to_thread.run_sync(partial(self._adapter(artifact.locator).delete, artifact.locator), abandon_on_cancel=True)

    wrap_async(Stores, "delete", delete)


@mutant("UPL-12", "canonicals-exist")
def rows_name_a_bucket_that_is_not_there() -> None:
    """The record names a bucket that is not there."""
    from tests.mutants.answering import on_records

    on_records(lambda row: row | {"storageLocation": "media-of-artists"})


@mutant("UPL-12", "canonicals-exist")
def pending_rows_have_no_place() -> None:
    """An upload that was killed leaves a pending row that has no place yet."""
    from tests.mutants.answering import on_records
    from tests.mutants.keeping import record_early

    record_early("canonical", "pending")
    on_records(
        lambda row: (
            row | {"storageProvider": None, "storageLocation": None, "storageKey": None} if row["status"] == "pending" else row
        )
    )


@mutant("LOC-4", "old-renders")
def other_providers_keep_it_from_starting() -> None:
    """A process does not start where there are pictures with another provider than its own."""
    from reference_impl import app, exports

    def create(original: Any, runtime: Any, database: Any) -> Any:
        if any(media.storage_provider != runtime.provider for media in exports.media_after(database, 0)):
            raise SystemExit("The database has pictures of another provider.")
        return original(runtime, database)

    wrap(app, "create_app", create)
