"""A deployment that stays while runs come and go, and what is in it."""

from __future__ import annotations

import contextlib
import json
import os
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import boto3

from lanes import target as targets
from lanes.client import Client
from lanes.contract import contract
from lanes.corpus import Corpus
from lanes.stack.rehearsal import Rehearsal
from lanes.stack.rehearsal.keeping import ENVIRONMENT_FILE, TARGET_FILE, kept
from lanes.target import Launch
from tests.harness.processes import MEDIALANE

CHECKOUT = Path(__file__).resolve().parents[2]
_FOREIGN = (
    "Somebody else",
    "Somebody (medialane 20260101T000000Z-abcdef)",
    "Somebody (medialane 20260101T000000Z-abcdef.1) & friends",
    "x" * 200,
)
_FOREIGN_OBJECTS = ("media/somebody/else.jpg", "somebody/else.txt")


@dataclass(frozen=True, slots=True)
class Contents:
    """Everything that a deployment holds."""

    artists: frozenset[str]
    rows: frozenset[str]
    objects: frozenset[str]


@dataclass(frozen=True, slots=True)
class Standing:
    """A rehearsal that is up, and how runs are told of it."""

    folder: Path
    rehearsal: Rehearsal
    target_file: Path
    environment: Mapping[str, str]
    misreports: Path  # a JSON object in this file is what the target says of its runtime, instead of the truth

    def begin(self, output: Path, *words: str, lane: str = "deployed-dev", **changed: str) -> subprocess.Popen[bytes]:
        """`medialane run LANE` against it, in a session of its own; what it says goes to said.txt in its folder."""
        output.mkdir(parents=True, exist_ok=True)
        command = [*MEDIALANE, "run", lane, "--target", str(self.target_file), "--output", str(output), *words]
        with (output / "said.txt").open("wb") as said:
            return subprocess.Popen(
                command, cwd=self.folder, env={**self.environment, **changed}, stdout=said, stderr=said, start_new_session=True
            )

    def sweep(self, *words: str) -> subprocess.CompletedProcess[str]:
        """`medialane sweep` with these words."""
        return subprocess.run(
            [*MEDIALANE, "sweep", *words], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )

    def contents(self) -> Contents:
        """What is in it now."""
        with contextlib.closing(self.client()) as client:
            rows = client.call("exportMediaRecords").body.splitlines()
            return Contents(
                frozenset(_artists(client)), frozenset(json.loads(row)["ID"] for row in rows), frozenset(self.objects())
            )

    def objects(self) -> Iterator[str]:
        """The keys in its bucket."""
        pages = self._store().get_paginator("list_objects_v2").paginate(Bucket=self._bucket)
        return (each["Key"] for page in pages for each in page.get("Contents", ()))

    def asked(self) -> list[tuple[str, str]]:
        """Method and path of each request that its edge has had."""
        lines = self.rehearsal.access_log.read_text(encoding="utf-8").splitlines()
        return [(line["method"], line["path"]) for line in map(json.loads, lines)]

    def client(self) -> Client:
        """A client that takes no care: somebody else's."""
        authority = self.rehearsal.deployment.authority
        return Client(self.rehearsal.base_url, self.rehearsal.credentials, contract(), authority=str(authority))

    def populate(self) -> None:
        """Artists with pictures, and objects, that no run has made."""
        corpus = Corpus()
        with contextlib.closing(self.client()) as client:
            for name in _FOREIGN:
                bio = f"{name} (medialane is what they sing)" if len(name) == 200 else None
                artist = client.call("createArtist", json={"name": name, "bio": bio}).json["artist"]["ID"]
                files = (corpus.upload(corpus.of("small")[0]),)
                assert client.call("uploadArtistMedia", artist, form={"purpose": "gallery"}, files=files).status == 201
        for key in _FOREIGN_OBJECTS:
            self._store().put_object(Bucket=self._bucket, Key=key, Body=b"somebody else's")

    @property
    def _bucket(self) -> str:
        bucket = self.rehearsal.deployment.bucket
        assert bucket is not None
        return bucket.name

    def _store(self) -> Any:
        bucket, admin = self.rehearsal.deployment.bucket, self.rehearsal.admin
        assert bucket is not None
        session = boto3.session.Session(admin.key, admin.secret, region_name=bucket.region)
        return session.client("s3", endpoint_url=bucket.endpoint)


@contextlib.contextmanager
def standing(folder: Path) -> Iterator[Standing]:
    """A rehearsal of the reference, whose runtime report can be falsified, populated by somebody else."""
    misreports = folder / "misreports.json"
    judged = targets.load("rehearsal")
    assert isinstance(judged.how, Launch)
    command = ("{python}", "-m", "tests.deployed.misreporting", str(misreports), "serve")
    with kept(replace(judged, how=replace(judged.how, command=command, folder=CHECKOUT)), folder) as rehearsal:
        lines = (folder / ENVIRONMENT_FILE).read_text(encoding="utf-8").splitlines()
        given = dict(shlex.split(line)[1].partition("=")[::2] for line in lines)
        environment = {**os.environ, "PYTHONPATH": str(CHECKOUT), "CI": "", **given}
        there = Standing(folder, rehearsal, folder / TARGET_FILE, environment, misreports)
        there.populate()
        yield there


def _artists(client: Client) -> Iterator[str]:
    cursor = None
    while True:
        page = client.call("listArtists", query={"limit": "100"} | ({"cursor": cursor} if cursor else {})).json
        yield from (card["ID"] for card in page["artists"])
        cursor = page["nextCursor"]
        if cursor is None:
            return
