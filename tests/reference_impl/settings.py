"""Settings under which the backend starts."""

from __future__ import annotations

WRITE = "write-credential-of-the-tests"
OPERATOR = "operator-credential-of-the-tests"
BASE = "https://media.example"


def settings(**changed: str | None) -> dict[str, str]:
    """A complete configuration on mocked storage, with these changes; None takes a setting out."""
    complete: dict[str, str | None] = {
        "PORT": "8000",
        "APP_ENV": "test",
        "MEDIA_STORAGE_PROVIDER": "mocked",
        "MEDIA_EXECUTION_TARGET": "mocked",
        "MEDIA_STATE_HOOKS": "on",
        "MEDIA_PUBLIC_BASE_URL": BASE,
        "DATABASE_URL": "sqlite:///:memory:",
        "MEDIA_WRITE_CREDENTIAL": WRITE,
        "MEDIA_OPERATOR_CREDENTIAL": OPERATOR,
    }
    return {name: value for name, value in (complete | changed).items() if value is not None}
