"""Containers of emulators, through testcontainers: any engine that speaks Docker's API, podman among them."""

from __future__ import annotations

import contextlib
import os
import secrets
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lanes.errors import StackError
from lanes.stack.emulators.daemon import LAST_LINES, one_line
from lanes.stack.watchdog import Watchdog

if TYPE_CHECKING:
    from lanes.stack.emulators.emulator import Image

_SOCKET = "/var/run/docker.sock"
_ENGINE_PATIENCE = 5  # seconds for an engine to say that it is there
_COMMAND_PATIENCE = 60  # seconds between two words of an engine that is doing something


class NoImage(Exception):
    """The engine has no such image and cannot get it."""


def engine_address() -> str | None:
    """Where a container engine should be: DOCKER_HOST, or the usual socket if there is one."""
    if host := os.environ.get("DOCKER_HOST"):
        return host
    return f"unix://{_SOCKET}" if Path(_SOCKET).is_socket() else None


def engine_answers() -> bool:
    """Whether there is a container engine that answers."""
    return engine_address() is not None and _asked(lambda client: client.ping())


def has_image(tag: str) -> bool:
    """Whether the engine has this image already."""
    return engine_answers() and _asked(lambda client: client.images.get(tag))


class Container:
    """A running container of an image. Raises NoImage; StackError where the engine refuses to run it."""

    def __init__(self, image: Image, watchdog: Watchdog) -> None:
        from testcontainers.core.config import testcontainers_config
        from testcontainers.core.container import DockerContainer

        # The run has a watchdog of its own; testcontainers' would be one more image to be had.
        testcontainers_config.ryuk_disabled = True
        self._name = f"medialane-{secrets.token_hex(8)}"
        self._engine = engine_address() or ""
        self._watchdog = watchdog
        if not engine_answers():
            where = f"at {self._engine}" if self._engine else f"at {_SOCKET}, and DOCKER_HOST names none"
            raise StackError(f"no container engine answers {where} to run {image.tag}; `--emulators process` does without")
        try:
            _pull(image.tag)
            made = DockerContainer(image.tag, name=self._name).with_exposed_ports(image.port)
        except _troubles() as error:
            raise self._refused(image, error) from None
        made.with_envs(**dict(image.environment))
        if image.command:
            made.with_command(list(image.command))
        watchdog.guard_container(self._name, self._engine)  # before it exists, so that no signal can come between
        try:
            made.start()
            self.address = (_loopback(made.get_container_host_ip()), made.get_exposed_port(image.port))
        except _troubles() as error:
            said = self.logs_tail()
            self.stop()
            raise self._refused(image, error, said) from None
        finally:
            # Workers are forked: none may find a connection that another one uses too.
            made.get_docker_client().client.close()

    @property
    def running(self) -> bool:
        """Whether its process still runs."""
        return _asked(lambda client: client.containers.get(self._name).status == "running")

    def logs(self) -> str:
        """All that it has written. Raises OSError when the engine or the container is gone."""
        with _engine(_ENGINE_PATIENCE) as client:
            return str(client.containers.get(self._name).logs().decode(errors="replace"))

    def logs_tail(self) -> str:
        """The last lines of it, empty when the engine is gone."""
        with contextlib.suppress(OSError):
            return "\n".join(self.logs().splitlines()[-LAST_LINES:])
        return ""

    def stop(self) -> None:
        """Ends and removes it, with its volumes. Where the engine does not do so, the watchdog tries again."""
        import docker

        with contextlib.suppress(OSError):
            with _engine(_COMMAND_PATIENCE) as client, contextlib.suppress(docker.errors.NotFound):
                client.containers.get(self._name).remove(force=True, v=True)
            self._watchdog.forget_container(self._name, self._engine)

    def _refused(self, image: Image, error: Exception, said: str = "") -> StackError:
        lines = f"; its last lines:\n{said}" if said else ""
        return StackError(
            f"the container engine cannot run {image.tag}: {_reason(error)}; `--emulators process` does without{lines}"
        )


@contextlib.contextmanager
def _engine(patience: float) -> Iterator[Any]:
    """A client of the engine for a few calls. Raises OSError."""
    import docker  # slow to load, and most machines have no use for it

    _check_socket(patience)
    try:
        # Asked by a client of its own: one that asks while it is made leaves its connection open where there is no answer.
        with contextlib.closing(
            docker.from_env(timeout=patience, version=docker.constants.DEFAULT_DOCKER_API_VERSION)
        ) as client:
            version = client.version(api_version=False)["ApiVersion"]
        with contextlib.closing(docker.from_env(timeout=patience, version=version)) as client:
            yield client
    except docker.errors.DockerException as error:
        raise (error if isinstance(error, OSError) else OSError(_reason(error))) from None


def _check_socket(patience: float) -> None:
    # The library leaves a socket open that could not be connected.
    scheme, _, path = (engine_address() or "").partition("://")
    if scheme == "unix":
        with socket.socket(socket.AF_UNIX) as end:
            end.settimeout(patience)
            end.connect(path)


def _asked(question: Any) -> bool:
    """Whether the engine answers something true."""
    with contextlib.suppress(OSError), _engine(_ENGINE_PATIENCE) as client:
        return bool(question(client))
    return False


def _pull(tag: str) -> None:
    import docker

    with _engine(_COMMAND_PATIENCE) as client:
        try:
            client.images.get(tag)
        except docker.errors.ImageNotFound:
            try:
                client.images.pull(tag)
            except (docker.errors.DockerException, OSError) as error:
                raise NoImage(f"the container engine has no image {tag} and cannot get it ({_reason(error)})") from None


def _troubles() -> tuple[type[Exception], ...]:
    """What goes wrong with an engine or a container."""
    import docker

    # testcontainers says of a container that has ended that its iteration is over, and of one without a port RuntimeError.
    return docker.errors.DockerException, OSError, StopIteration, RuntimeError


def _loopback(host: str) -> str:
    # A port is mapped for IPv4; what the name stands for may be IPv6 first.
    return "127.0.0.1" if host == "localhost" else host


def _reason(error: Exception) -> str:
    said = getattr(error, "explanation", None)
    return one_line(Exception(said) if said else error)[:300]
