"""Mutants of the reset command. They patch before it begins."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.mutants.mutant import mutant, wrap


@mutant("RST-1", "nothing-without-flag", before_start=True)
def reset_always_takes_the_media() -> None:
    """A reset deletes the stored media whether it was told to or not."""
    _resetting(lambda _: True)


@mutant("RST-1", "media-emptied", before_start=True)
def reset_never_takes_the_media() -> None:
    """A reset deletes the rows and leaves the media, with the flag too."""
    _resetting(lambda _: False)


@mutant("RST-1", "media-emptied", before_start=True)
def reset_takes_the_first_object() -> None:
    """A reset deletes the first object that the store lists, and no more."""
    _deleting(lambda store, location: list(store.list(location, "media/"))[:1])


@mutant("RST-1", "media-emptied", before_start=True)
def reset_takes_what_rows_name() -> None:
    """A reset empties the records and then deletes every object that a row names: there is none any more."""
    _deleting(lambda *_: [])


@mutant("RST-1", "other-prefix-kept", before_start=True)
def reset_takes_similar_prefixes() -> None:
    """A reset deletes everything whose key begins with media, with or without a slash behind it."""
    _deleting(lambda store, location: list(store.list(location, "media")))


@mutant("RST-1", "other-prefix-kept", before_start=True)
def reset_empties_the_bucket() -> None:
    """A reset deletes everything in the bucket."""
    _deleting(lambda store, location: list(store.list(location, "")))


@mutant("RST-1", "other-bucket-kept", before_start=True)
def reset_empties_similar_buckets() -> None:
    """A reset deletes the media in every bucket whose name begins like that of the media bucket."""

    def listed(store: Any, location: str) -> Any:
        found = list(store.list(location, "media/"))
        buckets = [bucket["Name"] for bucket in vars(store)["_client"].list_buckets()["Buckets"]]
        others = [name for name in buckets if name.startswith(location) and name != location]
        return found + [each for name in others for each in store.list(name, "media/")]

    _deleting(listed)


@mutant("RST-2", "exit-code", before_start=True)
def a_refused_reset_exits_with_0() -> None:
    """A reset of the cloud is refused, and exits with 0."""
    _refusing(lambda original, code, message: original(code, message) and 0)


@mutant("RST-2", "exit-code", before_start=True)
def the_flag_overrides_the_refusal() -> None:
    """A reset of the cloud is refused only without the media flag."""
    import os
    import sys

    from reference_impl import __main__ as command
    from reference_impl.runtime import judge

    def stop(original: Any, code: int, message: str) -> Any:
        flagged = "--media" in sys.argv
        return command.reset(judge(os.environ), media=True) if flagged else original(code, message)

    _refusing(stop)


@mutant("RST-2", "message", before_start=True)
def a_refused_reset_does_not_say_why() -> None:
    """A reset of the cloud is refused without a reason."""
    _refusing(lambda original, code, _: original(code, "This cannot be reset."))


@mutant("RST-2", "message", before_start=True)
def a_refused_reset_ends_in_a_trace() -> None:
    """A reset of the cloud ends in a stack trace."""

    def stop(_: Any, __: int, message: str) -> int:
        raise RuntimeError(message)

    _refusing(stop)


@mutant("RST-2", "no-storage-call", before_start=True)
def reset_looks_into_the_cloud_first() -> None:
    """A reset of the cloud counts what there would be to delete, and is refused after that."""

    def stop(original: Any, code: int, message: str) -> Any:
        import contextlib
        import os

        from reference_impl.runtime import judge
        from reference_impl.storage import providers

        runtime = judge(os.environ)
        with contextlib.closing(providers.adapter(runtime, runtime.provider)) as store:
            list(store.list(runtime.location, "media/"))
        return original(code, message)

    _refusing(stop)


def _resetting(media: Callable[[bool], bool]) -> None:
    """Whether a reset takes the media goes through `media`."""
    from reference_impl import __main__ as command

    wrap(command, "reset", lambda original, runtime, **flags: original(runtime, media=media(flags["media"])))


def _deleting(listed: Callable[[Any, str], Iterable[Any]]) -> None:
    """A reset with its flag deletes what `listed` finds, with the store and the location."""
    from reference_impl import __main__ as command

    def delete_media(_: Any, runtime: Any) -> int:
        import contextlib

        from reference_impl.storage import providers

        with contextlib.closing(providers.active(runtime)) as store:
            for locator in listed(store, runtime.location):
                store.delete(locator)
        return 0

    wrap(command, "delete_media", delete_media)


def _refusing(around: Any) -> None:
    """The refusal of a reset goes through `around`: original, exit code, message."""
    from reference_impl import __main__ as command

    def stop(original: Any, code: int, message: str) -> Any:
        return around(original, code, message) if code == command.EXIT_REFUSED else original(code, message)

    wrap(command, "stop", stop)
