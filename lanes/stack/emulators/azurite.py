"""Azurite: Azure's blobs, with an account of the run's own."""

from __future__ import annotations

import base64
import os
import re
import secrets
from pathlib import Path
from urllib.parse import urlsplit

from lanes.errors import StackError
from lanes.stack.emulators.daemon import Daemon
from lanes.stack.emulators.emulator import Emulator, Image, NotYet, place_of
from lanes.stack.emulators.provision import has_node, node, node_environment
from lanes.stack.watchdog import Watchdog

ACCOUNT = "medialane"
# Without the second option it refuses SDKs that are newer than itself.
_OPTIONS = ("--inMemoryPersistence", "--skipApiVersionCheck", "--disableTelemetry")


class Azurite(Emulator):
    """A blob endpoint that enforces keys, signatures and private containers."""

    name = "Azurite"
    pinned = "3.35.0"  # 3.36 and newer need Node.js 21
    oldest = (3, 35)
    given = "MEDIALANE_AZURE_CONNECTION_STRING"
    environment = f"azurite-{pinned}"
    last_word = "successfully listens"

    def __init__(self, folder: Path, watchdog: Watchdog) -> None:
        super().__init__(folder, watchdog)
        self._given = ""
        self._path = f"/{ACCOUNT}"
        self._key = base64.b64encode(secrets.token_bytes(48)).decode()

    @classmethod
    def installed(cls) -> bool:
        """Whether its package is there, and what runs it."""
        return super().installed() and has_node()

    @classmethod
    def install(cls) -> Path:
        """Its npm package."""
        return node_environment(cls.environment, f"azurite@{cls.pinned}")

    @property
    def secrets(self) -> tuple[str, ...]:
        """The keys of the account."""
        return (self._key, *re.findall(r"(?:AccountKey|SharedAccessSignature)=([^;]+)", self._given))

    @property
    def connection_string(self) -> str:
        """What an SDK needs to reach its account."""
        return self._given or (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={self._key};BlobEndpoint={self.url}{self._path};"
        )

    def accept(self, given: str) -> None:
        """Takes a connection string with a BlobEndpoint."""
        fields = connection_fields(given)
        found = place_of(fields.get("BlobEndpoint", ""))
        if found is None or not fields.get("AccountName") or not _is_key(fields.get("AccountKey", "")):
            raise StackError(
                f"{self.given} has to be a connection string of {self.name}, with AccountName, AccountKey and an http "
                f"BlobEndpoint, and is something else; {self.remedy}"
            )
        self.host, self.port = found
        self._path = urlsplit(fields["BlobEndpoint"]).path
        self._given = given

    def image(self) -> Image:
        """The vendor's image."""
        return Image(
            f"mcr.microsoft.com/azure-storage/azurite:{self.pinned}",
            "MEDIALANE_AZURITE_IMAGE",
            10000,
            command=("azurite-blob", "--blobHost", "0.0.0.0", *_OPTIONS),  # noqa: S104 - within its container
            environment=(("AZURITE_ACCOUNTS", f"{ACCOUNT}:{self._key}"),),
        )

    def launch(self) -> Daemon:
        """Starts its blob service alone."""
        program, _ = node()
        script = self.install() / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
        place = self.folder / "azurite"
        place.mkdir()
        own = {"PATH": os.environ.get("PATH", ""), "HOME": str(place), "AZURITE_ACCOUNTS": f"{ACCOUNT}:{self._key}"}
        address = ("--blobHost", self.host, "--blobPort", str(self.port))
        return Daemon([program, str(script), *address, *_OPTIONS], own, place, self.log, self.watchdog)

    def probe(self) -> str:
        """Every answer of it, refusals too, names it with its version."""
        server = self.ask(self._path).headers.get("Server", "")
        match = re.fullmatch(r"Azurite-Blob/([0-9.]+)", server)
        if match is None:
            raise NotYet(f"what answers there calls itself {server!r}, not Azurite-Blob")
        return match[1]


def connection_fields(connection_string: str) -> dict[str, str]:
    """The fields of a connection string by name (Azure Storage documentation, "Configure Azure Storage connection strings")."""
    return dict(field.strip().partition("=")[::2] for field in connection_string.split(";"))


def _is_key(value: str) -> bool:
    try:
        return bool(base64.b64decode(value, validate=True))
    except ValueError:
        return False
