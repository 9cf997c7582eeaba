"""The command: `python -m reference_impl serve`, `python -m reference_impl reset [--media]`."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from typing import TYPE_CHECKING

from reference_impl.runtime import EXIT_CONFIG, RuntimeRejected, judge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reference_impl.runtime import Runtime

EXIT_FAILED = 1
EXIT_REFUSED = 2
MEDIA_PREFIX = "media/"  # what every key of storage.locator begins with
EXIT_UNAVAILABLE = 69  # EX_UNAVAILABLE of sysexits.h


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs a command under the settings of the environment and returns its exit code."""
    parser = argparse.ArgumentParser(prog="reference_impl", description="The reference media backend.")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("serve", help="serve the contract over HTTP")
    reset_parser = commands.add_parser("reset", help="delete every row of the database")
    reset_parser.add_argument("--media", action="store_true", help="delete the stored media in MEDIA_LOCATION too")
    chosen = parser.parse_args(arguments)
    try:
        runtime = judge(os.environ)
    except RuntimeRejected as rejection:
        return stop(EXIT_CONFIG, str(rejection))
    if chosen.command == "reset" and runtime.target == "cloud":
        return stop(EXIT_REFUSED, "MEDIA_EXECUTION_TARGET is 'cloud': reset works on mocked and emulator targets only.")
    return serve(runtime) if chosen.command == "serve" else reset(runtime, media=chosen.media)


def serve(runtime: Runtime) -> int:
    # Only now: a rejected configuration must not have to wait for libvips and SQLAlchemy.
    from reference_impl import logs, server
    from reference_impl.app import create_app
    from reference_impl.database import DatabaseUnavailable, open_database
    from reference_impl.storage import providers
    from reference_impl.storage.protocol import StoreUnreachable

    if runtime.provider != "mocked":
        try:
            providers.active(runtime).close()
        except StoreUnreachable as error:
            return stop(EXIT_UNAVAILABLE, str(error))
    try:
        listener = server.listen(runtime.host, runtime.port)
    except OSError as error:
        return stop(EXIT_FAILED, f"HOST {runtime.host!r} and PORT {runtime.port} cannot be listened on: {error.strerror}.")
    try:
        database = open_database(runtime.database_url)
    except DatabaseUnavailable as error:
        return stop(EXIT_FAILED, str(error))
    logs.configure()
    server.run(create_app(runtime, database), listener)
    return 0


def reset(runtime: Runtime, *, media: bool) -> int:
    """Rows first, as every deletion: no row is left that names an object which is not there."""
    from reference_impl import records
    from reference_impl.database import DatabaseError, DatabaseUnavailable, open_database

    try:
        database = open_database(runtime.database_url)
    except DatabaseUnavailable as error:
        return stop(EXIT_FAILED, str(error))
    try:
        records.empty(database)
    except DatabaseError as error:
        return stop(EXIT_FAILED, f"The rows could not be deleted: {type(error).__name__}.")
    finally:
        database.dispose()
    if not media:
        return 0
    if runtime.provider == "mocked":
        sys.stderr.write("Mocked storage ends with its process: there are no stored objects to delete.\n")
        return 0
    return delete_media(runtime)


def delete_media(runtime: Runtime) -> int:
    """Deletes every object that is where new ones go, and no other."""
    from reference_impl.errors import Refused
    from reference_impl.storage import providers
    from reference_impl.storage.protocol import StoreUnreachable

    try:
        with closing(providers.active(runtime)) as store:
            # All of them are known before the first one goes: deleting does not disturb the listing.
            for locator in list(store.list(runtime.location, MEDIA_PREFIX)):
                store.delete(locator)
    except StoreUnreachable as error:
        return stop(EXIT_FAILED, f"The rows are deleted, the objects are not. {error}")
    except Refused as refusal:
        return stop(EXIT_FAILED, f"The rows are deleted, the objects under {MEDIA_PREFIX!r} not all. {refusal.detail}")
    return 0


def stop(code: int, message: str) -> int:
    sys.stderr.write(f"{message}\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
