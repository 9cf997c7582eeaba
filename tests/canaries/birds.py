"""The canaries: made-up secrets in each of the shapes that secrets have, and the forms in which one may come out again."""

from __future__ import annotations

import base64
import hashlib
import json
import zipfile
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

SEED = "CANARY_SEED"  # the environment variable by which the target is told which ones there are


@dataclass(frozen=True, slots=True)
class Canary:
    """A secret, and the text in which it is leaked."""

    name: str
    secret: str
    text: str


def flock(seed: str) -> tuple[Canary, ...]:
    """The canaries of a seed: secrets that the run is never told, so that their shape alone gives them away."""

    def made(name: str, length: int = 40) -> str:
        return base64.b64encode(hashlib.sha512(f"{seed} {name}".encode()).digest(), b"-_").decode()[:length].replace("-", "x")

    def digits(name: str, length: int = 64) -> str:
        return hashlib.sha256(f"{seed} {name}".encode()).hexdigest()[:length]

    key_id = "AKIA" + base64.b32encode(hashlib.sha256(f"{seed} key".encode()).digest()).decode()[:16]
    account_key = base64.b64encode(hashlib.sha512(f"{seed} account".encode()).digest()).decode()
    signed = (
        "https://media.s3.eu-central-1.amazonaws.com/media/a/b.jpg?X-Amz-Algorithm=AWS4-HMAC-SHA256"
        f"&X-Amz-Credential={quote(key_id + '/20261127/eu-central-1/s3/aws4_request', safe='')}"
        f"&X-Amz-Security-Token={made('security token')}&X-Amz-Signature={digits('signature')}"
    )
    shared = f"https://acme.blob.core.windows.net/media/a/b.jpg?sv=2026-01-01&sp=r&sig={quote(account_key[:44], safe='')}"
    token = ".".join(
        base64.urlsafe_b64encode(part.encode()).decode().rstrip("=")
        for part in (json.dumps({"alg": "HS256"}), json.dumps({"sub": made("subject")}), digits("token"))
    )
    body = "\n".join(made(f"pem {line}", 64) for line in range(3))
    return (
        Canary("access key ID", key_id, f"the key {key_id} was used"),
        Canary("secret access key", made("secret"), f"aws_secret_access_key={made('secret')}"),
        Canary("secret access key as JSON", made("json"), json.dumps({"SecretAccessKey": made("json")})),
        Canary("session token", made("session", 80), f"AWS_SESSION_TOKEN: {made('session', 80)}"),
        Canary("signature of a signed URL", digits("signature"), signed),
        Canary("security token of a signed URL", made("security token"), signed),
        Canary("shared access signature", quote(account_key[:44], safe=""), shared),
        Canary("account key", account_key, f"DefaultEndpointsProtocol=https;AccountName=acme;AccountKey={account_key};X=y"),
        Canary("password in a URL", made("database"), f"postgresql://media:{made('database')}@db.internal:5432/media"),
        Canary("JSON web token", token, f"session {token} has ended"),
        Canary("bearer token", made("bearer"), f"Authorization: Bearer {made('bearer')}"),
        Canary("API key", made("api"), f"X-Api-Key: {made('api')}"),
        Canary("cookie", made("cookie"), f"Set-Cookie: session={made('cookie')}; Path=/"),
        Canary("private key", made("pem 1", 64), f"-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----"),
    )


def forms(secret: str) -> set[bytes]:
    """What a secret looks like as it is, quoted for a URL, and within JSON."""
    plain = {secret, quote(secret, safe=""), json.dumps(secret)[1:-1]}
    return {form.encode() for form in plain}


def known_forms(secret: str) -> set[bytes]:
    """The same for a secret that the run was told, which has to be known in base64 too."""
    encoded = base64.b64encode(secret.encode())
    return forms(secret) | {encoded, encoded.rstrip(b"=")}


def found_in(content: bytes, wanted: dict[str, set[bytes]]) -> set[str]:
    """The names of those that are in the content in any of their forms."""
    return {name for name, each in wanted.items() if any(form in content for form in each)}


def content_of(path: Path) -> bytes:
    """What is in a file, of an archive what is in its parts."""
    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"\n".join(archive.read(part) for part in archive.namelist())


def files_of(folder: Path) -> list[Path]:
    """Every file under a folder."""
    return sorted(path for path in folder.rglob("*") if path.is_file())
