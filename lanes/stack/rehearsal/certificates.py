"""A certificate authority for one rehearsal, and the edge's certificate."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import trustme


@dataclass(frozen=True, slots=True)
class Certificates:
    """Where they lie, in PEM: the authority's certificate, and the edge's with its key."""

    authority: Path
    chain: Path
    key: Path


def make(folder: Path) -> Certificates:
    """An authority that nobody else trusts, whose key is not kept, and its certificate for this machine."""
    authority = trustme.CA(organization_name="medialane rehearsal")
    server = authority.issue_cert("localhost", "127.0.0.1")
    made = Certificates(folder / "authority.pem", folder / "edge.pem", folder / "edge-key.pem")
    authority.cert_pem.write_to_path(made.authority)
    for number, blob in enumerate(server.cert_chain_pems):
        blob.write_to_path(made.chain, append=number > 0)
    made.key.touch(mode=0o600)
    server.private_key_pem.write_to_path(made.key)
    return made
