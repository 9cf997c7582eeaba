"""Mutants of which runtimes are accepted. They patch before the settings are judged."""

from __future__ import annotations

from typing import Any

from tests.mutants.mutant import mutant, wrap


@mutant("RUN-1", "rejects-mix", before_start=True)
def mocked_storage_passes_on_an_emulator() -> None:
    """The mocked provider is accepted on the emulator target, in test."""
    _accept(("mocked", "emulator", "test"))


@mutant("RUN-1", "rejects-environment", before_start=True)
def mocked_storage_passes_in_dev() -> None:
    """Mocked storage is accepted in the deployed environment."""
    _accept(("mocked", "mocked", "dev"))


@mutant("RUN-1", "opt-in", before_start=True)
def any_word_opts_in() -> None:
    """MEDIA_CLOUD_OPT_IN=no lets a development environment use the cloud: only being set counts."""

    def judge(original: Any, environ: Any) -> Any:
        changed = dict(environ)
        if changed.get("MEDIA_CLOUD_OPT_IN"):
            changed["MEDIA_CLOUD_OPT_IN"] = "yes"
        return original(changed)

    _judge(judge)


@mutant("RUN-1", "exit-code", before_start=True)
def rejection_exits_with_1() -> None:
    """A rejected configuration ends with exit code 1."""
    from reference_impl import __main__ as command

    setattr(command, "EXIT_CONFIG", 1)  # noqa: B010 - the command imports it from elsewhere


@mutant("RUN-1", "contacts-nothing", before_start=True)
def storage_is_probed_first() -> None:
    """The storage endpoint is contacted before the configuration is judged."""
    import contextlib
    import socket
    from urllib.parse import urlsplit

    def judge(original: Any, environ: Any) -> Any:
        endpoint = urlsplit(environ.get("MEDIA_S3_ENDPOINT", ""))
        if endpoint.hostname and endpoint.port:
            with contextlib.suppress(OSError), socket.create_connection((endpoint.hostname, endpoint.port), timeout=1):
                pass
        return original(environ)

    _judge(judge)


@mutant("RUN-1", "contacts-nothing", before_start=True)
def database_is_made_first() -> None:
    """The SQLite file is made before the configuration is judged."""
    from pathlib import Path

    def judge(original: Any, environ: Any) -> Any:
        url = environ.get("DATABASE_URL", "")
        if url.startswith("sqlite:///"):
            Path(url.removeprefix("sqlite:///")).touch()
        return original(environ)

    _judge(judge)


@mutant("RUN-1", "accepts-mocked", before_start=True)
def development_is_rejected() -> None:
    """Mocked storage is rejected in development."""
    _reject(("mocked", "mocked", "development"))


@mutant("RUN-1", "accepts-emulator", before_start=True)
def emulators_are_for_tests() -> None:
    """S3 on the emulator is rejected in development."""
    _reject(("s3", "emulator", "development"))


@mutant("RUN-1", "accepts-cloud", before_start=True)
def dev_has_no_cloud() -> None:
    """S3 in the cloud is rejected in the deployed environment."""
    _reject(("s3", "cloud", "dev"))


@mutant("RUN-1", "accepts-cloud", before_start=True)
def an_endpoint_means_no_cloud() -> None:
    """S3 in the cloud is rejected with an endpoint override."""

    def judge(original: Any, environ: Any) -> Any:
        from reference_impl.runtime import RuntimeRejected

        runtime = original(environ)
        if (runtime.provider, runtime.target) == ("s3", "cloud") and runtime.s3_endpoint:
            raise RuntimeRejected("MEDIA_S3_ENDPOINT is set: in the cloud it must not be.")
        return runtime

    _judge(judge)


@mutant("RUN-1", "opt-in", before_start=True)
def true_opts_in() -> None:
    """MEDIA_CLOUD_OPT_IN may be true or 1 as well."""

    def judge(original: Any, environ: Any) -> Any:
        changed = dict(environ)
        if changed.get("MEDIA_CLOUD_OPT_IN", "").lower() in {"true", "1"}:
            changed["MEDIA_CLOUD_OPT_IN"] = "yes"
        return original(changed)

    _judge(judge)


def _accept(combination: tuple[str, str, str]) -> None:
    from reference_impl import runtime

    runtime.ACCEPTED = runtime.ACCEPTED | {combination}


def _reject(combination: tuple[str, str, str]) -> None:
    from reference_impl import runtime

    runtime.ACCEPTED = runtime.ACCEPTED - {combination}


def _judge(around: Any) -> None:
    from reference_impl import __main__ as command

    wrap(command, "judge", around)
