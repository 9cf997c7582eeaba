"""Who may do what: one write credential, one operator credential, as bearer tokens (RFC 6750)."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Literal

from reference_impl.errors import Refused

if TYPE_CHECKING:
    from reference_impl.runtime import Runtime

Role = Literal["write", "operator"]


def judge(authorization: str | None, role: Role, runtime: Runtime) -> None:
    """Lets a request with the credential of the role pass.

    Raises Refused: credential_missing, credential_unknown, credential_wrong_role.
    """
    if authorization is None:
        raise Refused("credential_missing", "This operation needs a credential.", {"www-authenticate": "Bearer"})
    held = role_of(authorization, runtime)
    if held is None:
        challenge = {"www-authenticate": 'Bearer error="invalid_token"'}
        raise Refused("credential_unknown", "The credential is not known.", challenge)
    if held != role:
        raise Refused("credential_wrong_role", f"This operation needs the {role} credential.")


def role_of(authorization: str, runtime: Runtime) -> Role | None:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        return None
    if is_same(token, runtime.write_credential):
        return "write"
    if is_same(token, runtime.operator_credential):
        return "operator"
    return None


def is_same(token: str, credential: str) -> bool:
    """Compares in a time that tells nothing of where the two differ."""
    return hmac.compare_digest(token.strip().encode(), credential.encode())
