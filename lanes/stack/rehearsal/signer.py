"""Signs what the edge asks of the bucket, by an identity that may read objects and nothing else.

A program of its own, started by path: it imports nothing of the suite, and is there at once. An edge without the means to sign
(Signature Version 4, AWS IAM User Guide) asks it for /KEY, and gets the object, or the status of a refusal without a word of
the store. Its settings are environment variables: PORT, ENDPOINT, BUCKET, REGION, AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, web
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from yarl import URL

# What is asked of S3, and what is told of its answer (Amazon S3 API Reference, GetObject). All else stays here.
ASKED = ("Range", "If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since", "If-Range")
TOLD = (
    "Content-Type",
    "Content-Length",
    "Content-Range",
    "Content-Encoding",
    "Content-Disposition",
    "Accept-Ranges",
    "ETag",
    "Last-Modified",
    "Cache-Control",
)
_PIECE = 256 * 1024  # bytes
_PATIENCE = ClientTimeout(total=None, connect=5, sock_read=30)


class Signer:
    """Asks for objects of one bucket in the name of one identity."""

    def __init__(self, settings: Mapping[str, str]) -> None:
        self._base = f"{settings['ENDPOINT']}/{settings['BUCKET']}"
        credentials = Credentials(settings["AWS_ACCESS_KEY_ID"], settings["AWS_SECRET_ACCESS_KEY"])
        self._auth = S3SigV4Auth(credentials, "s3", settings["REGION"])
        self.session: ClientSession

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """GET is passed on; nothing else is."""
        if request.method != "GET":
            return web.Response(status=405, headers={"Allow": "GET"})
        path = request.raw_path.partition("?")[0]
        try:
            async with self.session.get(
                URL(self._base + path, encoded=True), headers=self._signed(path, request), allow_redirects=False
            ) as answer:
                return await self._told(request, answer)
        except (ClientError, OSError, TimeoutError):
            return web.Response(status=502)

    def _signed(self, path: str, request: web.BaseRequest) -> dict[str, str]:
        asked = {name: request.headers[name] for name in ASKED if name in request.headers}
        # Without Accept-Encoding of its own: what is stored is what is served.
        signed = AWSRequest("GET", self._base + path, headers=asked | {"Accept-Encoding": "identity"})
        self._auth.add_auth(signed)
        return dict(signed.headers)

    async def _told(self, request: web.BaseRequest, answer: ClientResponse) -> web.StreamResponse:
        told = {name: answer.headers[name] for name in TOLD if name in answer.headers}
        if answer.status not in {200, 206, 304}:
            told = {name: value for name, value in told.items() if name == "Content-Range"}
            return web.Response(status=answer.status, headers=told)
        relayed = web.StreamResponse(status=answer.status, headers=told)
        await relayed.prepare(request)
        async for piece in answer.content.iter_chunked(_PIECE):
            await relayed.write(piece)
        await relayed.write_eof()
        return relayed


async def serve(settings: Mapping[str, str]) -> None:
    """Serves until the process is ended."""
    signer = Signer(settings)
    async with ClientSession(cookie_jar=DummyCookieJar(), auto_decompress=False, timeout=_PATIENCE) as signer.session:
        runner = web.ServerRunner(web.Server(signer.handle, access_log=None))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", int(settings["PORT"])).start()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(serve(os.environ))
