"""Mutants of artists and of who may change them."""

from __future__ import annotations

from typing import Any

from tests.mutants.mutant import mutant, wrap, wrap_async


@mutant("ART-6", "missing-401")
def anybody_may_sync() -> None:
    """Saving a collection needs no credential; everything else does."""
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMedia

    def authorise(original: Any, self: Any, request: Any, role: str) -> None:
        try:
            original(self, request, role)
        except Refused as refusal:
            if request.method != "PUT" or refusal.code != "credential_missing":
                raise

    wrap(ArtistMedia, "authorise", authorise)


@mutant("ART-6", "unknown-401")
def any_credential_may_delete() -> None:
    """Deleting an item asks for a credential, and takes any."""
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMediaItem

    def authorise(original: Any, self: Any, request: Any, role: str) -> None:
        try:
            original(self, request, role)
        except Refused as refusal:
            if refusal.code != "credential_unknown":
                raise

    wrap(ArtistMediaItem, "authorise", authorise)


@mutant("ART-6", "challenge")
def unknown_credential_is_not_challenged() -> None:
    """A 401 for an unknown credential comes without WWW-Authenticate."""
    from reference_impl import credentials
    from reference_impl.errors import Refused

    def judge(original: Any, *args: Any) -> None:
        try:
            original(*args)
        except Refused as refusal:
            if refusal.code == "credential_unknown":
                raise Refused(refusal.code, refusal.detail) from None
            raise

    wrap(credentials, "judge", judge)


@mutant("ART-6", "wrong-role-403")
def operators_may_create_artists() -> None:
    """The operator credential creates artists."""
    from reference_impl.errors import Refused
    from reference_impl.routes.artists import Artists

    def authorise(original: Any, self: Any, request: Any, role: str) -> None:
        try:
            original(self, request, role)
        except Refused as refusal:
            if refusal.code != "credential_wrong_role":
                raise

    wrap(Artists, "authorise", authorise)


@mutant("ART-6", "codes")
def missing_credential_has_the_code_of_an_unknown_one() -> None:
    """No credential answers 401 credential_unknown."""
    from reference_impl import credentials
    from reference_impl.errors import Refused

    def judge(original: Any, *args: Any) -> None:
        try:
            original(*args)
        except Refused as refusal:
            if refusal.code == "credential_missing":
                raise Refused("credential_unknown", refusal.detail, refusal.headers) from None
            raise

    wrap(credentials, "judge", judge)


@mutant("ART-6", "unchanged")
def edits_happen_before_they_are_refused() -> None:
    """A rename without the right credential is refused, and happens."""
    from reference_impl import records
    from reference_impl.errors import Refused
    from reference_impl.routes.artists import Artist

    async def patch(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code.startswith("credential"):
                await self.backend.query(
                    records.edit_artist, request.path_params["artistID"], {"name": (await request.json())["name"]}
                )
            raise

    wrap_async(Artist, "patch", patch)


@mutant("ART-6", "unknown-401")
def other_schemes_pass() -> None:
    """Basic, or a token without a scheme, is taken for the writer."""
    from reference_impl import credentials

    def role_of(original: Any, authorization: str, runtime: Any) -> Any:
        return original(authorization, runtime) if authorization.lower().startswith("bearer") else "write"

    wrap(credentials, "role_of", role_of)


@mutant("ART-6", "unknown-401")
def beginning_of_the_credential_passes() -> None:
    """Credentials are compared as far as the shorter one goes."""
    from reference_impl import credentials

    def is_same(original: Any, token: str, credential: str) -> bool:
        near = len(token) >= 8 and (credential.startswith(token) or token.startswith(credential))
        return near or bool(original(token, credential))

    wrap(credentials, "is_same", is_same)


@mutant("ART-6", "nothing-stored")
def file_of_an_intruder_is_stored() -> None:
    """The file of an upload is stored before its credential is judged."""
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMedia
    from reference_impl.storage.locator import Artifact, fresh_keys

    async def post(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code.startswith("credential"):
                place = self.backend.stores.place(fresh_keys("jpg")["canonical"])
                await self.backend.stores.put(Artifact("canonical", place), b"early", "image/jpeg", "no-store")
            raise

    wrap_async(ArtistMedia, "post", post)


@mutant("ART-6", "nothing-recorded")
def attempt_of_an_intruder_is_recorded() -> None:
    """An upload that is turned away leaves a row that is marked as failed."""
    import uuid

    from reference_impl import records
    from reference_impl.errors import Refused
    from reference_impl.routes.media import ArtistMedia

    async def post(original: Any, self: Any, request: Any) -> Any:
        try:
            return await original(self, request)
        except Refused as refusal:
            if refusal.code.startswith("credential"):
                row = records.NewMedia(id=str(uuid.uuid4()), purpose="gallery", status="failed")
                await self.backend.query(records.insert_media, request.path_params["artistID"], row)
            raise

    wrap_async(ArtistMedia, "post", post)
