"""What any layer may raise to end a request: a code of the contract and a sentence for people."""

from __future__ import annotations


class Refused(Exception):
    """A request that cannot be served.

    `code` is one of the problem codes of the contract. `detail` is shown to the client, so it names no path, query,
    bucket, credential or text that the client sent.
    """

    def __init__(self, code: str, detail: str, headers: dict[str, str] | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = headers or {}
