"""Mutants of settings that are rejected, of the runtime that is reported, and of what outlives a restart."""

from __future__ import annotations

from typing import Any

from tests.mutants.mutant import mutant, wrap


@mutant("RUN-2", "one-message", before_start=True)
def rejections_come_with_a_trace() -> None:
    """A rejected public base URL ends in a stack trace besides its message."""

    def stop(original: Any, code: int, message: str) -> int:
        import traceback

        if code == 78 and "MEDIA_PUBLIC_BASE_URL is" in message:
            traceback.print_stack()
        return int(original(code, message))

    _stop(stop)


@mutant("RUN-2", "one-message", before_start=True)
def rejections_are_told_twice() -> None:
    """A rejection is printed on both streams."""

    def stop(original: Any, code: int, message: str) -> int:
        import sys

        sys.stdout.write(f"{message}\n")
        return int(original(code, message))

    _stop(stop)


@mutant("RUN-2", "names-setting", before_start=True)
def the_timeout_is_called_by_another_name() -> None:
    """A rejected storage timeout is called STORAGE_TIMEOUT."""
    _message(lambda text: text.replace("MEDIA_STORAGE_TIMEOUT_SECONDS", "STORAGE_TIMEOUT"))


@mutant("RUN-2", "names-value", before_start=True)
def rejected_environments_are_not_quoted() -> None:
    """A rejected APP_ENV is said to be wrong, and not what it is."""
    _message(lambda text: text.replace("'production'", "wrong"))


@mutant("RUN-2", "names-allowed", before_start=True)
def the_range_of_ports_is_not_told() -> None:
    """A rejected port is said to be wrong, and not what it may be."""
    _message(lambda text: text.replace("it has to be 1 to 65535", "it cannot be that") if text.startswith("PORT") else text)


@mutant("RUN-2", "incomplete", before_start=True)
def an_empty_operator_credential_passes() -> None:
    """An empty operator credential counts as one that nobody knows."""

    def judge(original: Any, environ: Any) -> Any:
        changed = dict(environ)
        if changed.get("MEDIA_OPERATOR_CREDENTIAL") == "":
            changed["MEDIA_OPERATOR_CREDENTIAL"] = "nobody-knows-this-credential"
        return original(changed)

    _judge(judge)


@mutant("RUN-2", "incomplete", before_start=True)
def a_missing_database_is_made_up() -> None:
    """Without DATABASE_URL the database is in memory."""

    def judge(original: Any, environ: Any) -> Any:
        return original({"DATABASE_URL": "sqlite:///:memory:"} | dict(environ))

    _judge(judge)


@mutant("RUN-2", "no-secret", before_start=True)
def short_credentials_are_shown() -> None:
    """A rejected write credential is printed like any other value."""

    def judge(original: Any, environ: Any) -> Any:
        from reference_impl.runtime import RuntimeRejected

        try:
            return original(environ)
        except RuntimeRejected as rejection:
            shown = repr(environ.get("MEDIA_WRITE_CREDENTIAL"))
            raise RuntimeRejected(str(rejection).replace("has a value that is not shown", f"is {shown}")) from None

    _judge(judge)


@mutant("RUN-2", "no-secret", before_start=True)
def rejections_show_all_settings() -> None:
    """A rejection ends with all settings of the AWS kind, so that they can be compared."""

    def judge(original: Any, environ: Any) -> Any:
        from reference_impl.runtime import RuntimeRejected

        try:
            return original(environ)
        except RuntimeRejected as rejection:
            shown = {name: value for name, value in environ.items() if name.startswith("AWS_SES")}
            raise RuntimeRejected(f"{rejection} Settings: {shown}") from None

    _judge(judge)


@mutant("RUN-3", "provider")
def the_runtime_says_another_provider() -> None:
    """readRuntime says that the provider is one that it is not."""
    _runtime("storageProvider", "s3", "azure")


@mutant("RUN-3", "execution-target")
def the_runtime_says_another_target() -> None:
    """readRuntime says that the target is one that it is not."""
    _runtime("executionTarget", "emulator", "mocked")


@mutant("RUN-3", "environment")
def the_runtime_says_development() -> None:
    """readRuntime says that the environment is development."""
    _runtime("applicationEnvironment", "development", "test")


@mutant("RUN-3", "endpoint")
def the_runtime_says_otherwise_of_its_endpoint() -> None:
    """readRuntime says that the endpoint was overridden where nobody did, or that it was not."""
    _runtime("endpoint", "override", "default")


@mutant("RUN-4", "canonical-gone")
def mocked_canonicals_are_kept_on_disk() -> None:
    """Canonicals outlive their process in a file beside the database; HEAD and GET find them."""
    _kept_on_disk(lambda key, first: key == first)


@mutant("RUN-4", "thumbnail-gone")
def mocked_thumbnails_are_kept_on_disk() -> None:
    """Thumbnails outlive their process in a file beside the database."""
    _kept_on_disk(lambda key, first: key != first)


@mutant("RUN-4", "objects-gone")
def mocked_objects_are_listed_from_the_records() -> None:
    """The list of mocked objects goes by a file beside the database; the objects themselves are gone."""
    from reference_impl.storage.mocked import MockedStore

    _kept_on_disk(lambda *_: True)
    wrap(MockedStore, "_found", _only_own)


def _only_own(original: Any, self: Any, locator: Any) -> Any:
    from reference_impl.storage.protocol import ObjectMissing

    if locator in self.restored:
        raise ObjectMissing
    return original(self, locator)


def _kept_on_disk(kept: Any) -> None:
    """The mocked store writes what it is given to a file, and begins with what is kept of it."""
    import pickle
    from pathlib import Path

    from reference_impl import app

    def create(original: Any, runtime: Any, database: Any) -> Any:
        from reference_impl.storage.mocked import MockedStore

        file = Path(runtime.database_url.removeprefix("sqlite:///")).with_suffix(".objects")

        def begin(first: Any, self: Any) -> None:
            first(self)
            held = pickle.loads(file.read_bytes()) if file.exists() else {}  # noqa: S301 - our own file
            keys = [locator.key for locator in held]
            self._objects |= {locator: each for locator, each in held.items() if kept(locator.key, keys[0])}
            self.restored = set(self._objects)

        def put(first: Any, self: Any, *arguments: Any) -> None:
            first(self, *arguments)
            file.write_bytes(pickle.dumps(self._objects))

        wrap(MockedStore, "__init__", begin)
        wrap(MockedStore, "put", put)
        return original(runtime, database)

    wrap(app, "create_app", create)


def _runtime(name: str, lie: str, other: str) -> None:
    """readRuntime lies of a field from its second answer on: by the first one the lane decides whether it judges at all."""
    import itertools

    from reference_impl import views

    answers = itertools.count()

    def runtime(original: Any, of: Any) -> Any:
        told = original(of)
        return told | {name: lie if told[name] != lie else other} if next(answers) else told

    wrap(views, "runtime", runtime)


def _stop(around: Any) -> None:
    from reference_impl import __main__ as command

    wrap(command, "stop", around)


def _message(change: Any) -> None:
    _stop(lambda original, code, message: original(code, change(message) if code == 78 else message))


def _judge(around: Any) -> None:
    from reference_impl import __main__ as command

    wrap(command, "judge", around)
