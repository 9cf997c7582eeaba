from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from reference_impl.app import create_app
from reference_impl.routes import CONTRACT, STATE_HOOKS
from reference_impl.routes.operations import CONTRACT_VERSION

if TYPE_CHECKING:
    from anyio.from_thread import BlockingPortal
    from sqlalchemy import Engine
    from starlette.types import Message

    from reference_impl.routes.endpoint import Endpoint
    from reference_impl.runtime import Runtime

CONTRACTS = Path(__file__).parents[2] / "contracts"
METHODS = {"get", "head", "post", "put", "patch", "delete"}


@pytest.mark.parametrize(("file", "endpoints"), [("openapi.yaml", CONTRACT), ("states.yaml", STATE_HOOKS)])
def test_paths_and_methods_are_those_of_the_contract(file: str, endpoints: tuple[type[Endpoint], ...]) -> None:
    document = yaml.safe_load((CONTRACTS / file).read_text("utf-8"))
    promised = {path: METHODS & item.keys() for path, item in document["paths"].items()}
    # HEAD comes with every GET, whether the contract speaks of it or not.
    promised = {path: methods - {"head"} for path, methods in promised.items()}
    served = {each.path: {method for method in METHODS if method in vars(each)} for each in endpoints}
    assert {path: methods for path, methods in served.items() if not re.search(":path}", path)} == promised


def test_the_version_is_that_of_the_contract() -> None:
    document = yaml.safe_load((CONTRACTS / "openapi.yaml").read_text("utf-8"))
    assert document["info"]["version"] == CONTRACT_VERSION


def test_the_database_is_let_go_of_at_shutdown(
    runtime: Runtime, engine: Engine, portal: BlockingPortal, monkeypatch: pytest.MonkeyPatch
) -> None:
    disposed: list[bool] = []
    monkeypatch.setattr(engine, "dispose", lambda: disposed.append(True))
    messages = iter([{"type": "lifespan.startup"}, {"type": "lifespan.shutdown"}])
    sent: list[str] = []

    async def receive() -> Message:
        return next(messages)

    async def send(message: Message) -> None:
        sent.append(message["type"])

    portal.call(create_app(runtime, engine), {"type": "lifespan", "asgi": {"version": "3.0"}}, receive, send)
    assert sent == ["lifespan.startup.complete", "lifespan.shutdown.complete"]
    assert disposed == [True]
