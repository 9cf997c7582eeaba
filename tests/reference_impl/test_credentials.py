from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from reference_impl import credentials
from reference_impl.errors import Refused
from tests.reference_impl.settings import OPERATOR, WRITE

if TYPE_CHECKING:
    from reference_impl.credentials import Role
    from reference_impl.runtime import Runtime


@pytest.mark.parametrize(
    ("authorization", "role"),
    [(f"Bearer {WRITE}", "write"), (f"bearer {WRITE}", "write"), (f"Bearer {OPERATOR}", "operator")],
)
def test_the_credential_of_the_role_passes(runtime: Runtime, authorization: str, role: Role) -> None:
    credentials.judge(authorization, role, runtime)


@pytest.mark.parametrize(
    ("authorization", "code"),
    [
        (None, "credential_missing"),
        ("", "credential_unknown"),
        ("Bearer", "credential_unknown"),
        (WRITE, "credential_unknown"),
        (f"Basic {WRITE}", "credential_unknown"),
        (f"Bearer {WRITE}x", "credential_unknown"),
        (f"Bearer {WRITE[:-1]}", "credential_unknown"),
        ("Bearer \xe9\xff", "credential_unknown"),
        (f"Bearer {OPERATOR}", "credential_wrong_role"),
    ],
)
def test_any_other_is_refused(runtime: Runtime, authorization: str | None, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        credentials.judge(authorization, "write", runtime)
    assert refusal.value.code == code
    challenged = refusal.value.headers.get("www-authenticate", "").startswith("Bearer")
    assert challenged == (code != "credential_wrong_role")


def test_the_write_credential_is_not_the_operators(runtime: Runtime) -> None:
    with pytest.raises(Refused) as refusal:
        credentials.judge(f"Bearer {WRITE}", "operator", runtime)
    assert refusal.value.code == "credential_wrong_role"
