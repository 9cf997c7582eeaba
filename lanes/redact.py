"""Takes secrets out of everything before it is written or printed: by value, and by the shapes that secrets have."""

from __future__ import annotations

import base64
import json
import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

_QUOTE = r"[\"']?"
# As it is, or as HTML has it (HTML Standard, section 13.1.4).
_QUOTE_IN_HTML = r"(?:[\"']|&(?:quot|apos|#34|#39|#x22|#x27);)?"


def _shape(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(_QUOTE, _QUOTE_IN_HTML))


# The shapes that secrets have, each behind the words of which it contains one: large files are searched for words quickly.
_SHAPES = (
    # Headers and fields whose whole value is a secret; a shell variable is none.
    (
        ("authorization",),
        _shape(r"(?i)(\b(?:authorization|proxy-authorization)\b\\*[\"']?\s*[:=]\s*\\*[\"']?(?:[a-z]+\s+)?)(?!\$|[a-z]+\s+\$)[^\s\"',;]+"),
    ),
    (
        ("api-key", "api_key", "apikey", "auth-token", "password", "passwd", "client-secret", "client_secret", "clientsecret"),
        _shape(r"(?i)(\b(?:x-api-key|api[-_]?key|x-auth-token|password|passwd|client[-_]?secret)\b\\*[\"']?\s*[:=]\s*\\*[\"']?)(?!\$)[^\s\"',;&]+"),
    ),
    (
        ("cookie",),
        _shape(r"(?i)(\b(?:set-cookie|cookie)\b\\*[\"']?\s*[:=]\s*)[^\r\n]+"),
    ),
    # Azure connection strings and shared access signatures.
    (
        ("accountkey=", "sharedaccess"),
        _shape(r"(?i)(\b(?:AccountKey|SharedAccessSignature|SharedAccessKey)=)[^;\s\"'&]+"),
    ),
    (
        ("sig=", "signature=", "token=", "credential="),
        _shape(r"(?i)((?:[?&;]|\\u0026)(?:sig|signature|x-amz-signature|x-amz-security-token|x-amz-credential|token)=)[^&\s\"'#]+"),
    ),
    # AWS keys by name, and access key IDs by their prefix.
    (
        ("secret_access_key", "secretaccesskey", "session_token", "sessiontoken"),
        _shape(r"(?i)(\b(?:aws_)?(?:secret_access_key|secretaccesskey|session_token|sessiontoken)\b\\*[\"']?\s*[:=]\s*\\*[\"']?)[^\s\"',;]+"),
    ),
    (
        ("akia", "asia"),
        _shape(r"()\b(?:AKIA|ASIA)[A-Z0-9]{16}\b"),
    ),
    # Passwords in URLs (RFC 3986, section 3.2.1), JSON web tokens, private keys.
    (
        ("://",),
        _shape(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@\"']*:)(?![0-9]{1,5}(?:[/?#\"'\s]|$))[^\s\"']+(?=@)"),
    ),
    (
        ("eyj",),
        _shape(r"()eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*"),
    ),
    (
        ("private key-----",),
        _shape(r"(-----BEGIN [A-Z ]*PRIVATE KEY-----)[\s\S]*?(?=-----END|$)"),
    ),
)  # fmt: skip
_MARK = "[redacted]"


class Redactor:
    """Knows the secrets of one run. `text` and `data` answer the same content without them."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        self._lock = threading.Lock()
        self._forms: set[str] = set()
        self._longest_first: list[str] = []
        for secret in secrets:
            self.learn(secret)

    def learn(self, secret: str) -> None:
        """From now on this value is taken out wherever it stands, URL-quoted and base64 forms too."""
        if len(secret) < 4:
            return  # shorter ones would blank out ordinary text
        encoded = base64.b64encode(secret.encode()).decode()
        as_bytes = secret.encode().decode("latin-1")  # as `data` sees it
        escaped = json.dumps(secret)[1:-1]
        quoted = quote(secret, safe="")
        forms = {secret, as_bytes, encoded, encoded.rstrip("="), escaped, escaped.replace("/", "\\/"), quoted}
        self.learn_forms(forms | {re.sub("%..", lambda match: match.group().lower(), quoted)})

    @property
    def forms(self) -> set[str]:
        """All that is taken out by value."""
        return set(self._forms)

    def learn_forms(self, forms: Iterable[str]) -> None:
        """From now on exactly these are taken out too."""
        with self._lock:  # targets are started side by side, each with secrets of its own
            self._forms |= set(forms)
            self._longest_first = sorted(self._forms, key=len, reverse=True)

    def text(self, text: str) -> str:
        """The text without secrets."""
        for form in self._longest_first:
            text = text.replace(form, _MARK)
        small = text.lower()
        for words, shape in _SHAPES:
            if any(word in small for word in words):
                text = shape.sub(rf"\g<1>{_MARK}", text)
        return text

    def tree(self, value: Any) -> Any:
        """JSON-like data without secrets in any of its texts. Redacting it once encoded could break the encoding."""
        match value:
            case str():
                return self.text(value)
            case dict():
                return {key: self.tree(each) for key, each in value.items()}
            case list() | tuple():
                return [self.tree(each) for each in value]
            case _:
                return value

    def data(self, content: bytes) -> bytes:
        """The bytes without secrets; bytes that hold none come back as they were."""
        text = content.decode("latin-1")
        clean = self.text(text)
        return content if clean == text else clean.encode("latin-1", "replace")


_SECRET_NAME = re.compile(r"(?i)(secret|token|key|passw|credential|auth)")


def secrets_in(variables: Mapping[str, str]) -> Iterator[str]:
    """The values of variables whose names say that they are secrets, paths and short ones apart."""
    for name, value in variables.items():
        if _SECRET_NAME.search(name) and len(value) >= 8 and not value.startswith("/"):
            yield value
